"""The project's own promises: notebooks run and are clean, and what is told twice is told alike."""

import re
import subprocess
import sys
import tomllib

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

from .conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def specs(requirements):
    """{name: version spec} of pip's requirements."""
    return {re.split(r"[<>=!~]", line)[0]: re.sub(r"^[\w.-]+", "", line) for line in requirements}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": path.parent}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_clean_and_told_in_prose(path):
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
            assert len([line for line in cell.source.splitlines() if line.strip()]) <= 8
    assert notebook.cells[0].cell_type == "markdown"


def test_conda_and_pip_ask_for_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    assert all(" " not in line for line in conda)
    asked = {re.split(r"[<>=]", line)[0]: re.sub(r"^[\w.-]+", "", line) for line in conda}
    extras = PROJECT["optional-dependencies"]
    wanted = specs(PROJECT["dependencies"]) | specs(extras["lab"])
    training = specs(extras["training"])
    wanted |= {"pytorch": training.pop("torch") + "=cpu*", **training}
    assert {name: asked[name] for name in wanted} == wanted
    assert set(asked) - set(wanted) == {"python", "pip"}
    python = asked["python"].removeprefix("=")
    assert tuple(map(int, python.split("."))) >= (3, 11)


def test_the_package_imports_no_torch():
    code = "import sys, rnn_gradients as r; r.explore_training(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_lookup_knows_nothing_of_networks():
    for path in (ROOT / "widgets/rnn_gradients/lookup").glob("*.py"):
        assert not re.search(
            r"^\s*(from \.\.|import rnn_gradients|from rnn_gradients)", path.read_text(), re.M
        )
