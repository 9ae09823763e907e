"""What Binder builds: postBuild runs in a clean copy, and in little memory."""

import os
import resource
import shutil
import stat
import subprocess
import sys

import nbformat
import pytest

from .conftest import ROOT

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of what git tracks, after postBuild; the package goes into a folder of its own."""
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
    subprocess.run(["./postBuild"], cwd=folder / "clone", env=os.environ | environment, check=True)
    return folder


def test_postbuild_is_a_script_that_stops_at_the_first_fault():
    path = ROOT / "postBuild"
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text().startswith("#!/bin/bash\n") and "set -euo pipefail" in path.read_text()
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists()


def test_the_package_was_installed_whole_and_no_process_took_a_gigabyte(built):
    assert (built / "site" / "rnn_gradients" / "results.npz").exists()
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_000_000  # kB


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_hold_their_widgets(built, name):
    notebook = nbformat.read(built / "clone" / "notebooks" / name, as_version=4)
    assert notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    shown = [cell for cell in notebook.cells if cell.cell_type == "code" and "import explore" in cell.source]
    assert shown and all(cell.outputs for cell in shown)
