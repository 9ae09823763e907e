"""What Binder builds: postBuild runs in a clean copy, and in little memory."""

import os
import re
import shutil
import stat
import subprocess
import sys
from urllib.parse import unquote

import nbformat
import pytest
from rnn_gradients.explorers.clipping import START
from rnn_gradients.site import QUESTION

from .browser import open_notebook
from .conftest import NOTEBOOK, ROOT, serve_lab
from .readers import assert_accessible, explorers, read_notebook, wait_for_figures
from .readers.clipping import assert_plots_the_engine, control

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
BADGES = {
    label: unquote(path)
    for label, path in re.findall(
        r"\[!\[([^]]*)\]\([^)]*\)\]\(https://mybinder.org/[^)]*urlpath=([^)]*)\)",
        (ROOT / "README.md").read_text(),
    )
}

# From a small process: Linux counts, too, what the process held that a new one is forked from, here pytest.
MEASURED = """
import pathlib, resource, subprocess
subprocess.run(["./postBuild"], check=True)
pathlib.Path("kilobytes").write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


@pytest.fixture(scope="module")
def postbuild(tmp_path_factory):
    """Run postBuild in a copy of what git tracks; gives where, and the memory of its largest process in kB.

    The package goes into a folder of its own.
    """
    folder = tmp_path_factory.mktemp("binder")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        (folder / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "clone" / name)
    environment = {
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
        "PIP_TARGET": str(folder / "site"),
        "PYTHONPATH": str(folder / "site"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "HOME": str(folder),
    }
    subprocess.run(
        [sys.executable, "-c", MEASURED], cwd=folder / "clone", env=os.environ | environment, check=True
    )
    return folder, int((folder / "clone" / "kilobytes").read_text())


@pytest.fixture(scope="module")
def built(postbuild):
    return postbuild[0]


def test_postbuild_is_a_script_that_stops_at_the_first_fault():
    path = ROOT / "postBuild"
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text().startswith("#!/bin/bash\n") and "set -euo pipefail" in path.read_text()
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists()


def test_the_package_was_installed_whole_and_no_process_took_a_gigabyte(built, postbuild):
    assert (built / "site" / "rnn_gradients" / "results.npz").exists()
    assert (built / "site" / "share/jupyter/voila/templates/rnn_gradients/index.html.j2").exists()
    assert postbuild[1] < 1_000_000


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_hold_their_widgets(built, name):
    notebook = nbformat.read(built / "clone" / "notebooks" / name, as_version=4)
    assert notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    shown = [cell for cell in notebook.cells if cell.cell_type == "code" and "import explore" in cell.source]
    assert shown and all(cell.outputs for cell in shown)


@pytest.fixture(scope="module")
def binder(built, tmp_path_factory):
    known = {"JUPYTER_DATA_DIR": built / "data", "JUPYTER_PATH": built / "site" / "share" / "jupyter"}
    environment = {name: str(path) for name, path in known.items()}
    with serve_lab(tmp_path_factory.mktemp("lab"), built / "clone", **environment) as lab:
        yield lab


def test_the_badges_are_these():
    assert list(BADGES) == ["Open the notebook", "Just the page"]
    assert all(path.endswith(f"/notebooks/{NOTEBOOK}") for path in BADGES.values())


def behind(label, lab, name):
    """Where a badge leads, or would if it were another notebook's."""
    return f"{lab.address}/{BADGES[label].replace(NOTEBOOK, name)}?reset"


def wait_for_title(page, built, name):
    notebook = nbformat.read(built / "clone" / "notebooks" / name, as_version=4)
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    page.get_by_role("heading", name=title).wait_for(timeout=60_000)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_open_alive_with_no_cell_run_and_no_kernel_left(built, binder, open_page, name):
    """JupyterLab's widget manager asks a kernel what it holds before it shows what a notebook has stored.

    So there is one while the page opens. It is asked to run nothing, and is gone before the sliders move.
    """
    page, sent = open_page(), []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(bytes(data))))
    open_notebook(page, behind("Open the notebook", binder, name))
    wait_for_title(page, built, name)
    wait_for_figures(page)
    assert any(b"comm_info_request" in data for data in sent)
    assert not any(b"execute_request" in data for data in sent)
    for words in ("/api/", "kernel", "Kernel", "Comm"):  # JupyterLab on what has ended
        open_page.forgive(words)
    binder.end_kernels()
    read_notebook(page, name, whole=False)
    assert not binder.kernels()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_just_the_page_is_alive(built, binder, open_page, name):
    page = open_page()
    page.goto(behind("Just the page", binder, name), timeout=120_000)
    wait_for_title(page, built, name)
    read_notebook(page, name, whole=False)
    assert page.locator("mjx-container").count() > 5  # mathematics, typeset
    assert not page.locator(".jp-CodeCell .jp-Editor, .highlight").count()
    assert_accessible(page, ".widget-vbox", ".lookup-figure", ".lookup-share")
    binder.end_kernels()


def test_a_link_opens_just_the_page_where_it_was(binder, open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    link = f"{binder.address}/{BADGES['Just the page']}?token=secret"
    page.goto(f"{link}#eigenvalue=4.5&activation=sigmoid&length=x", timeout=120_000)
    wait_for_figures(page)
    explorer = explorers(page).first
    explorer.get_by_text("Not in this figure: length=x").wait_for()
    position = assert_plots_the_engine(explorer, ["chain", "weights"], QUESTION, START)
    assert (position["eigenvalue"], position["activation"]) == (4.5, "sigmoid")
    control(explorer, "eigenvalue").press("ArrowRight")
    explorer.get_by_role("button", name="Copy link").click()
    explorer.get_by_text("Copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "token" not in link and "token" not in page.url  # it would open the reader's own server
    assert "/voila/render/notebooks/01-" in link and "eigenvalue=4.6" in link and "activation=sigmoid" in link
    binder.end_kernels()
