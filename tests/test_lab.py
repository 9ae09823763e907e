"""What `make lab` makes of a clean clone: notebooks that open alive, and a git that sees none of it."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import nbformat
import pytest

from .browser import open_notebook, run_all
from .conftest import ROOT, serve_lab
from .readers import wait_for_figures
from .readers.clipping import assert_plots_the_engine, control, dashboard
from .readers.desk import RECORDING, assert_plays

NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))[:2]  # others: tests/test_binder.py
MAKE = (
    "make",
    "-o",
    ".venv/lab",
    f"BIN={pathlib.Path(sys.executable).parent}",  # with the tools of these tests
    f"ALIVE={' '.join(f'.venv/alive/{name}' for name in NAMES)}",
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("make-lab") / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
    (folder / ".venv").mkdir()  # for make's stamps
    return folder


@pytest.fixture(scope="module")
def surroundings(clone):
    """The environment: all that Jupyter remembers goes beside the clone, and we are in no make."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    return kept | {"HOME": str(clone.parent), "JUPYTER_DATA_DIR": str(clone.parent / "data")}


@pytest.fixture(scope="module")
def run(clone, surroundings):
    """Return a function that runs a command in the clone, and gives its exit code and what it said."""

    def run_one(*command):
        done = subprocess.run(command, cwd=clone, env=surroundings, stdout=subprocess.PIPE, text=True)
        return done.returncode, done.stdout

    return run_one


@pytest.fixture(scope="module")
def alive(clone, run):
    """The clone's notebooks, run in place."""
    paths = [clone / "notebooks" / name for name in NAMES]
    for path in paths:
        path.touch()  # git looks into them again
    # where make has set no filter up, as on Binder, its name does no harm
    assert run("git", "status", "--porcelain") == (0, "")
    assert run(*MAKE, "alive")[0] == 0
    return paths


@pytest.fixture(scope="module")
def lab(alive, clone, surroundings, tmp_path_factory):
    command = (*MAKE, "lab", "BROWSER=none", "PORT={port}")
    with serve_lab(tmp_path_factory.mktemp("lab"), clone, command, **surroundings) as lab:
        yield lab


@pytest.fixture
def save(alive, lab, run):
    """Return a function that saves a notebook as JupyterLab does; all are as they were afterwards."""

    def save_one(path, notebook):
        url = f"{lab.address}/api/contents/notebooks/{path.name}"
        data = json.dumps({"type": "notebook", "format": "json", "content": notebook}).encode()
        kind = {"Content-Type": "application/json"}  # or the server takes it for a form, of so many fields
        urllib.request.urlopen(urllib.request.Request(url, data, kind, method="PUT")).close()

    before = {path: nbformat.read(path, as_version=4) for path in alive}
    run("git", "status")  # from now on git knows how large they are
    yield save_one
    for path, notebook in before.items():
        save_one(path, notebook)


def test_notebooks_are_run_and_git_sees_nothing(alive, run):
    for path in alive:
        notebook = nbformat.read(path, as_version=4)
        assert notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert outputs and not any(output.output_type == "error" for output in outputs)
    assert run("git", "status", "--porcelain") == (0, "")


def test_only_what_has_changed_is_run_again(alive, run):
    assert run(*MAKE, "-q", "alive")[0] == 0
    before = alive[0].stat()
    alive[0].touch()
    code, told = run(*MAKE, "-n", "alive")
    assert code == 0 and [path.name in told for path in alive] == [path is alive[0] for path in alive]
    os.utime(alive[0], ns=(before.st_atime_ns, before.st_mtime_ns))


def test_git_sees_nothing_of_how_a_notebook_looks(alive, save, run):
    """What JupyterLab writes when outputs or sections are folded, and another kernel of itself."""
    for path in alive:
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.language_info = {"name": "python", "version": "3.99", "new": True}
        for number, cell in enumerate(notebook.cells):
            cell.metadata |= {"collapsed": True, "scrolled": False, "jp-MarkdownHeadingCollapsed": True}
            cell.metadata |= {"jupyter": {"outputs_hidden": True, "source_hidden": True}}
            cell.metadata |= {"execution": {"iopub.execute_input": "2030-01-01T00:00:00Z"}}
            if cell.cell_type == "code":
                cell.execution_count = number
        save(path, notebook)
    assert run("git", "status", "--porcelain") == (0, "")


def test_git_sees_what_was_written(alive, save, run):
    for path in alive:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].source += "\n\nA sentence."
        save(path, notebook)
    seen = "".join(f" M notebooks/{path.name}\n" for path in alive)
    assert run("git", "status", "--porcelain") == (0, seen)


def test_notebook_01_opens_alive_and_may_be_run_and_saved(alive, lab, open_page, run):
    page = open_page()
    open_notebook(page, lab.address)
    for run_first in (False, True):
        if run_first:
            run_all(page, figures=2)
        wait_for_figures(page)
        explorer = dashboard(page)
        control(explorer, "eigenvalue").press("ArrowRight")
        assert assert_plots_the_engine(explorer)["eigenvalue"] == 2.1
        with page.expect_response(lambda answer: answer.request.method == "PUT" and "ipynb" in answer.url):
            page.keyboard.press("Control+s")
        assert run("git", "status", "--porcelain") == (0, "")
    lab.end_kernels()


def test_the_desk_of_notebook_02_opens_with_a_recording(alive, lab, open_page):
    page = open_page()
    open_notebook(page, f"{lab.address}/lab/tree/notebooks/{alive[1].name}?reset")
    page.locator(".training-status").scroll_into_view_if_needed()
    page.get_by_text(f"{RECORDING}run this cell.").wait_for()
    assert_plays(page)
    lab.end_kernels()


def test_make_clean_leaves_what_was_cloned(alive, clone, run):
    assert run(*MAKE, "clean")[0] == 0
    assert run("git", "config", "filter.nbstripout.clean") == (1, "")
    assert run("git", "status", "--porcelain") == (0, "") and not (clone / ".venv").exists()
