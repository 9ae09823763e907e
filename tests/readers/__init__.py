"""What a reader does on a page, whichever door led there, and what must then be plotted.

Here stands what all figures have in common. Each explorer has a module of its own beside it, with its
``EXPLORABLE``, and ``read(scope, panels, controls, whole, **position)``, whose arguments are those with
which a notebook opens a figure, and whether to go through all that its controls hold, or move each once.
"""

import ast
import functools
import importlib
import pathlib
import pkgutil

import nbformat
from rnn_gradients.explorers import EXPLORERS
from rnn_gradients.explorers.controls import BOX, LIST, SLIDER

from ..browser import NODE_MODULES, arrive, seen, two_frames

ROOT = pathlib.Path(__file__).parents[2]


# Goes to each plot until it is drawn, for out of sight none is; what is drawn or typeset on the way moves it
# out of sight again. Gives how many are not.
VISIT = """async plots => {
  const frames = async count => {
    while (count--) await new Promise(requestAnimationFrame);
  };
  let late = 0;
  for (const plot of plots) {
    for (let times = 0; times < 600 && !(times && plot.querySelector(".main-svg")); times++) {
      plot.scrollIntoView({ block: "center" });
      await frames(3);
    }
    late += !plot.querySelector(".main-svg");
  }
  return late;
}"""


def wait_for_figures(page):
    """Wait until each figure of the page is drawn, the first of them at least."""
    page.locator(".lookup-plot:has(.main-svg)").first.wait_for(timeout=60_000)
    late = page.locator(".lookup-plot:visible").evaluate_all(VISIT)  # of a desk's two figures, one is not
    assert not late, "a figure in sight is not drawn"


def explorers(page):
    return page.locator(".widget-vbox:has(> .lookup-figure):not(:has(button:text-is('Train')))")


def assert_accessible(page, *ours):
    """Axe-core finds no serious or critical fault in a page, or in those parts that are `ours`.

    Plotly's drawing is left out: it stands for an image, and has its text.
    """
    page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
    where = {"include": list(ours) or ["html"], "exclude": [".main-svg"]}
    found = page.evaluate("where => axe.run(where).then(({violations}) => violations)", where)
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert not serious, [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in serious]


def figures(notebook):
    """Give the explorers that a notebook opens: of each its function, its panels, and all that is set."""
    opened, said = [], {}
    for cell in nbformat.read(ROOT / "notebooks" / notebook, 4).cells:
        for node in ast.walk(ast.parse(cell.source if cell.cell_type == "code" else "")):
            match node:
                case ast.Assign(targets=[ast.Name(name)], value=ast.List()):
                    said[name] = ast.literal_eval(node.value)
                case ast.Call(func=ast.Name(function)) if function.startswith("explore_"):
                    options = {each.arg: _value(each.value, said) for each in node.keywords}
                    opened.append((function, [each.value for each in node.args], options))
    return opened


def _value(node, said):
    return said[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)


def read_notebook(page, notebook, whole=True):
    """Move every control of a notebook's explorers, and compare what is plotted.

    If not `whole`, those of the first and of the last: the others are drawn, of the same table.
    """
    wait_for_figures(page)
    opened, found = figures(notebook), readers()
    assert explorers(page).count() == len(opened)
    for nth, (function, panels, options) in enumerate(opened):
        if not whole and 0 < nth < len(opened) - 1:
            continue
        arrive(explorers(page).nth(nth).locator(".lookup-plot"))
        found[function](explorers(page).nth(nth), panels, whole=whole, **options)


def readers():
    """``{name of an explorer's function: what reads it}``; all have one."""
    modules = [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    readers = {each.EXPLORABLE.name: each.read for each in modules if hasattr(each, "EXPLORABLE")}
    assert {*readers} == {each.__name__ for each in EXPLORERS}
    return readers


ROLES = {SLIDER: "slider", LIST: "combobox", BOX: "checkbox"}


def widget(scope, control):
    """Find a `Control` as a reader does: by what it is and what is written beside it."""
    return scope.get_by_role(ROLES[control.kind], name=control.label, exact=True)


def position_of(explorable, controls, names, fixed):
    """Give the position that the controls of these names say, as `seen` finds them; there are no others."""
    names = [name for name in names if name != "play"]  # which moves along no dimension
    position, dimensions = dict(fixed), explorable.dimensions
    assert controls.keys() - {"Play through time"} == {dimensions[name].label for name in names}
    for name in names:
        each, said = dimensions[name], controls[dimensions[name].label]
        coordinates = explorable.table()[name].values.tolist()
        if each.kind is SLIDER:
            said = [each.said(coordinate) for coordinate in coordinates].index(said)
        position[name] = coordinates[said]
    return position


KEYS = {SLIDER: ("ArrowLeft", "ArrowRight"), LIST: ("ArrowUp", "ArrowDown"), BOX: ("Space", "Space")}


def move_each(scope, explorable, names, whole, look):
    """Move each control of an explorer by one key; if `whole`, choose all that lists hold.

    ``look()`` holds what is plotted against the position that the controls show, and gives the position.
    """
    here, dimensions = look(), explorable.dimensions
    coordinates = {name: explorable.table()[name].values.tolist() for name in names}
    for name in names:
        back, on = KEYS[dimensions[name].kind]
        widget(scope, dimensions[name]).press(on if here[name] == coordinates[name][0] else back)
        moved = look()
        assert {each for each in moved if moved[each] != here[each]} == {name}
        here = moved
    for name in names if whole else ():
        for index, value in enumerate(coordinates[name] if dimensions[name].kind is LIST else ()):
            widget(scope, dimensions[name]).select_option(index=index)
            assert look()[name] == value


def look_at(scope, explorable, panels, names, fixed):
    """Give the position that the controls show, and what is plotted: the panels' traces, and no others."""
    controls, traces = seen(scope)
    drawn = {mark.trace.name for panel in panels for mark in explorable.panels[panel]().marks}
    assert {name for name in traces if "beyond the axes" not in name} == drawn
    position = position_of(explorable, controls, names, fixed)
    return position, {name: traces[name] for name in drawn}


def play_to_the_end(scope):
    scrubber = scope.get_by_role("slider", name="Play through time", exact=True)
    scrubber.press("Home")
    scrubber.press("End")


def read_explorer(scope, explorable, assert_plots, panels, controls, whole, position):
    """Play to the end; move every control by one key; if `whole`, choose all that lists hold.

    ``assert_plots(scope, panels, names, fixed)`` is as `look` of `move_each`.
    """
    panels = panels or explorable.dashboard or (*explorable.panels,)
    shown = tuple(explorable._panel(name) for name in panels)
    movable = [each.name for each in explorable.controls if explorable._moves(each, shown)]
    controls = movable if controls is None else controls
    names = [name for name in controls if name != "play"]
    start = explorable.start | position
    if "play" in controls:
        play_to_the_end(scope)
    look = functools.partial(assert_plots, scope, panels, names, start)
    assert look() == start
    move_each(scope, explorable, names, whole, look)


def positions_read(scope, explorable, controls, start, whole=True):
    """Move each control through all that it holds, or once, one after the other; yields each position.

    There is none but these controls.
    """
    names = list(explorable.dimensions)
    here = explorable.start | start
    coordinates = {name: explorable.table()[name].values.tolist() for name in names}
    for name, each in explorable.dimensions.items():
        found = widget(scope, each)
        if name not in (names if controls is None else controls):
            assert not found.count()
            continue
        if each.kind is SLIDER:
            assert found.get_attribute("aria-valuetext") == each.said(here[name])
            found.press("Home")
        for index, coordinate in enumerate(coordinates[name] if whole else coordinates[name][:2]):
            if each.kind is LIST:
                found.select_option(index=index)
            elif index:
                found.press("ArrowRight")
            here[name] = coordinate
            two_frames(scope)
            yield here


def numbers(values):
    return [value for value in values if value is not None]
