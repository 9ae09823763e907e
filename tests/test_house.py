"""The house: imports run one way, and no name means two things."""

import ast
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(__file__).parent.parent / "widgets" / "rnn_gradients"
ARROWS = {
    "engine": set(),
    "lookup": set(),
    "files": set(),
    "results": {"engine", "files"},
    "training": {"engine", "results"},
    "explorers": {"engine", "lookup", "results"},
    "desk": {"engine", "explorers", "lookup", "training"},
    "pages": {"files"},
    "site": {"explorers", "pages"},  # where the list of explorers is handed to the pages
    "__init__": {"engine", "explorers", "pages"},
}
"""Each room of the house, and the rooms that it may import."""
WITHIN_EXPLORERS = {path.parent.name for path in (PACKAGE / "explorers").glob("*/__init__.py")}


def rooms(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    """All that a module imports, as dotted names from the package on: ``engine.rnn``; others as they are."""
    here = ["rnn_gradients", *path.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_arrow_runs_one_way(path):
    room = rooms(path)
    ours = [name.split(".")[1] for name in imported(path) if name.startswith("rnn_gradients.")]
    assert set(ours) - {room} <= ARROWS[room]
    others = {name.split(".")[0] for name in imported(path)}
    if room not in ("training", "desk"):
        assert "torch" not in others
    if room == "engine":
        assert not others & {"ipywidgets", "anywidget", "plotly"}


def test_explorers_do_not_know_each_other():
    for path in (PACKAGE / "explorers").rglob("*.py"):
        parts = path.relative_to(PACKAGE / "explorers").parts
        known = {
            name.split(".")[2]
            for name in imported(path)
            if name.startswith("rnn_gradients.explorers.") and name.split(".")[2] in WITHIN_EXPLORERS
        }
        if parts != ("__init__.py",):
            assert known <= {parts[0]}, path


def test_no_module_hides_behind_a_function_of_its_name():
    for path in PACKAGE.rglob("*.py"):
        package = PACKAGE if path.parent == PACKAGE else path.parent
        if path.name != "__init__.py" and package != PACKAGE / "explorers":
            names = {name.split(".")[-1] for name in imported(package / "__init__.py")}
            assert path.stem not in names, path


def test_names_have_one_meaning():
    """No two modules define one public name; but each explorer has its own CONTROLS, PRESETS and so on."""
    defined = {}
    for path in MODULES:
        explorer = path.parent.name in (*WITHIN_EXPLORERS, "desk")
        room = "explorer" if explorer else str(path.relative_to(PACKAGE))
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            else:
                names = []
            for name in names:
                if not name.startswith("_"):
                    defined.setdefault(name, set()).add(room)
    twice = {name: rooms for name, rooms in defined.items() if len(rooms) > 1}
    assert set(twice) <= {"main", "refuse"}, twice  # lookup knows nothing of ours, so it refuses by itself


def test_torch_is_imported_by_training_alone():
    code = "import sys, rnn_gradients; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
