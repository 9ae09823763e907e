"""The project's own promises: notebooks are clean, and what is told twice is told alike."""

import re
import subprocess
import sys
import textwrap
import tomllib
from importlib.metadata import version

import nbformat
import pytest
import yaml
from packaging.specifiers import SpecifierSet
from PIL import Image
from rattler import MatchSpec

from .conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)
PYTHON = [textwrap.dedent(code) for code in BLOCKS if "dask" not in code]  # a cluster is not at hand
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def specs(requirements):
    """{name: version spec} of pip's requirements."""
    return {re.split(r"[<>=!~]", line)[0]: re.sub(r"^[\w.-]+", "", line) for line in requirements}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_clean_and_told_in_prose(path):
    index = subprocess.run(
        ["git", "show", f":notebooks/{path.name}"], cwd=ROOT, check=True, capture_output=True
    )
    notebook = nbformat.reads(
        index.stdout.decode(), as_version=4
    )  # `make lab` has run those of the work tree
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
            assert len([line for line in cell.source.splitlines() if line.strip()]) <= 8
    assert notebook.cells[0].cell_type == "markdown"


def test_conda_and_pip_ask_for_the_same():
    assert all(isinstance(line, str) and " " not in line for line in ENVIRONMENT)
    asked = {re.split(r"[<>=]", line)[0]: re.sub(r"^[\w.-]+", "", line) for line in ENVIRONMENT}
    extras = PROJECT["optional-dependencies"]
    wanted = specs(PROJECT["dependencies"]) | specs(extras["lab"])
    training = specs(extras["training"])
    wanted |= {"pytorch": training.pop("torch") + "=cpu*", **training}
    assert {name: asked[name] for name in wanted} == wanted
    assert set(asked) - set(wanted) == {"python", "pip"}
    python = asked["python"].removeprefix("=")
    assert tuple(map(int, python.split("."))) >= (3, 11)


def test_environment_allows_what_was_tested():
    """Conda's own grammar, and the versions that this very run has."""
    for line in ENVIRONMENT:
        spec = MatchSpec(line)
        name, allowed = spec.name.normalized, str(spec.version or "")
        if name == "python":
            assert SpecifierSet(PROJECT["requires-python"]).contains(allowed.removesuffix(".*"))
        else:
            installed = version({"pytorch": "torch"}.get(name, name))
            assert SpecifierSet(allowed).contains(installed), (line, installed)


def test_the_site_is_published_only_after_the_tests():
    workflow = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text())
    jobs = workflow["jobs"]
    run = [step["run"] for step in jobs["test"]["steps"] if "run" in step]
    assert run == [".ci/run", "make site"] and set(jobs["publish"]["needs"]) == {"test", "binder"}
    assert workflow["permissions"] == {"contents": "read"}
    assert {"run": "./postBuild"} in jobs["binder"]["steps"]


def test_what_the_readme_names_is_there():
    for target in re.findall(r'\]\(([^):]+)\)|src="([^"]+)" width="\d', README):
        assert (ROOT / next(filter(None, target))).exists() or "clipping.html" in target
    for name in re.findall(r"`make (\w+)", README):
        assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.M), name
    assert f"version = {{{PROJECT['version']}}}" in README
    moving = ROOT / "pictures" / "explorer.gif"
    with Image.open(moving) as frames:
        assert moving.stat().st_size < 2_000_000 and frames.n_frames > 30


@pytest.mark.parametrize("code", PYTHON, ids=lambda code: code.splitlines()[0])
def test_the_readmes_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_the_package_imports_no_torch():
    code = "import sys, rnn_gradients as r; r.explore_training(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_lookup_knows_nothing_of_networks():
    for path in (ROOT / "widgets/rnn_gradients/lookup").glob("*.py"):
        assert not re.search(
            r"^\s*(from \.\.|import rnn_gradients|from rnn_gradients)", path.read_text(), re.M
        )
