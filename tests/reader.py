"""What a reader does on a page, whichever door led there, and what must then be plotted."""

import ast
import functools
import pathlib

import nbformat
import numpy as np
from rnn_gradients.explorers.clipping import CLIPPING, DASHBOARD, START
from rnn_gradients.explorers.controls import BOX, LIST, SLIDER
from rnn_gradients.explorers.finished_runs import FINISHED_RUNS
from rnn_gradients.explorers.forecasts import FORECASTS
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.results import load_results

from .browser import NODE_MODULES, arrive, plotted, two_frames
from .engine import expected_traces

ROOT = pathlib.Path(__file__).parent.parent
CONTROLS = CLIPPING.dimensions
SLIDERS, DROPDOWNS, TOGGLES = (
    [name for name in START if CONTROLS[name].kind is kind] for kind in (SLIDER, LIST, BOX)
)
VALUES = {name: CLIPPING.table()[name].values.tolist() for name in [*DROPDOWNS, "rule"]}


def wait_for_figures(page):
    """Wait until each figure of the page is drawn, the first of them at least."""
    page.locator(".lookup-plot:has(.main-svg)").first.wait_for(timeout=60_000)
    for place in page.locator(".lookup-plot:visible").all():  # of a desk's two figures, one is not
        arrive(place)  # out of sight, none is drawn


def explorers(page):
    return page.locator(".widget-vbox:has(> .lookup-figure):not(:has(button:text-is('Train')))")


def dashboard(page):
    """The explorer with everything, in sight; on a page of many it is not the first."""
    found = explorers(page).filter(has=page.get_by_role("button", name="Start", exact=True))
    arrive(found.locator(".lookup-plot"))
    return found


def assert_accessible(page, *ours):
    """Axe-core finds no serious or critical fault in a page, or in those parts that are `ours`.

    Plotly's drawing is left out: it stands for an image, and has its text.
    """
    page.add_script_tag(path=NODE_MODULES / "axe-core" / "axe.min.js")
    where = {"include": list(ours) or ["html"], "exclude": [".main-svg"]}
    found = page.evaluate("where => axe.run(where).then(({violations}) => violations)", where)
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert not serious, [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in serious]


def read_notebook(page, name):
    """Move every control of a notebook's explorers, and compare what is plotted."""
    wait_for_figures(page)
    checks = read_second() if name.startswith("02") else story(name)
    assert explorers(page).count() == len(checks)
    for nth, check in enumerate(checks):
        arrive(explorers(page).nth(nth).locator(".lookup-plot"))
        check(explorers(page).nth(nth))


def story(name):
    """Give a reader for each figure of a notebook, who knows of it what its cell says."""
    notebook, checks, said = (
        nbformat.read(ROOT / "notebooks" / f"{name.removesuffix('.ipynb')}.ipynb", 4),
        [],
        {},
    )
    for cell in notebook.cells:
        for node in ast.walk(ast.parse(cell.source if cell.cell_type == "code" else "")):
            match node:
                case ast.Assign(targets=[ast.Name(id)], value=ast.List()):
                    said[id] = ast.literal_eval(node.value)
                case ast.Call(func=ast.Name("explore_clipping")):
                    panels = [each.value for each in node.args]
                    options = {
                        each.arg: said[each.value.id]
                        if isinstance(each.value, ast.Name)
                        else ast.literal_eval(each.value)
                        for each in node.keywords
                    }
                    checks.append(functools.partial(read_clipping, **options, panels=panels or DASHBOARD))
    return checks


# --- the clipping explorer ----------------------------------------------------------------------------------


ROLES = {SLIDER: "slider", LIST: "combobox", BOX: "checkbox"}


def control(scope, name):
    return scope.get_by_role(ROLES[CONTROLS[name].kind], name=CONTROLS[name].label, exact=True)


def shown_position(scope, names=tuple(START), fixed=None):
    """Read the position off the controls of these names, as the reader does; there are no others."""
    position = dict(fixed or {})
    for name, each in CONTROLS.items():
        if name not in names:
            assert not control(scope, name).count()
        elif each.kind is SLIDER:
            position[name] = type(START[name])(control(scope, name).get_attribute("aria-valuetext"))
        elif each.kind is BOX:
            position[name] = control(scope, name).is_checked()
        else:
            position[name] = VALUES[name][control(scope, name).evaluate("select => select.selectedIndex")]
    return position


TOLERANCES = {"output's share": 0.51, "linear growth": 0.06}  # others: of a log10


def assert_plots_the_engine(scope, panels=DASHBOARD, names=tuple(START), fixed=None):
    """What is plotted is what the engine finds for the position that the controls show.

    All traces of the panels are there, and no others.
    """
    two_frames(scope)
    position, traces = shown_position(scope, names, fixed), plotted(scope)
    drawn = {mark.trace.name for panel in panels for mark in CLIPPING.panels[panel]().marks}
    assert {name for name in traces if "beyond the axes" not in name} == drawn
    for name, (attribute, expected) in expected_traces(position).items():
        if name not in drawn:
            continue
        found = [value for value in traces[name][attribute] if value is not None]
        assert len(found) == len(expected), (name, position)
        tiny = np.array(expected) < -250  # beyond float64, which the engine computes in
        tolerance = TOLERANCES.get(name, 0.0201)
        np.testing.assert_allclose(
            np.array(found)[~tiny], np.array(expected)[~tiny], atol=tolerance, err_msg=f"{name} {position}"
        )
        assert (np.array(found)[tiny] < -240).all()
    return position


KEYS = {SLIDER: "ArrowLeft", BOX: "Space", LIST: "ArrowDown"}


def read_clipping(scope, panels=DASHBOARD, controls=tuple(START), **position):
    """Start where it should; move every control by one key; choose all that lists hold."""
    start = START | {"rule": "none"} | position if position or panels != DASHBOARD else START
    how = {"panels": panels, "names": [name for name in controls if name != "play"], "fixed": start}
    here = assert_plots_the_engine(scope, **how)
    assert here == start
    for name in how["names"]:
        first = CONTROLS[name].kind is LIST and here[name] == VALUES[name][-1]
        control(scope, name).press("ArrowUp" if first else KEYS[CONTROLS[name].kind])
        moved = assert_plots_the_engine(scope, **how)
        assert {each for each in moved if moved[each] != here[each]} == {name}
        here = moved
    for name in how["names"]:
        for index, value in enumerate(VALUES.get(name, ())):
            control(scope, name).select_option(index=index)
            assert assert_plots_the_engine(scope, **how)[name] == value
    if "play" in controls:
        scrubber = scope.get_by_role("slider", name="Play through time", exact=True)
        scrubber.press("Home")
        scrubber.press("End")
        assert_plots_the_engine(scope, **how)


# --- finished runs ------------------------------------------------------------------------------------------


RUNS = load_results()


def read_second():
    """Give what reads each figure of notebook 02, in their order."""
    by_case = functools.partial(read_forecasts, controls=["case"])
    by_spread = functools.partial(by_case, case="learned spread")
    forecasts = [
        functools.partial(read_forecasts, controls=["clip"]),
        *[by_case] * 3,
        by_spread,
        read_forecasts,
    ]
    by_length = functools.partial(read_training, controls=["length"], length=10)
    by_threshold = functools.partial(read_training, controls=["threshold"], length=60)
    return [*forecasts, by_length, by_threshold, read_training]


def numbers(values):
    return [value for value in values if value is not None]


def assert_columns(traces, runs):
    for name, variable, how in (
        ("error, median", "error", "median"),
        ("hidden layer", "hidden", "median"),
        ("output layer, largest", "output", "max"),
    ):
        if name in traces:
            expected = getattr(runs[variable], how)("seed").values.ravel()
            np.testing.assert_allclose(numbers(traces[name]["y"]), expected, atol=0.011, err_msg=name)
    if "error, each network" in traces:
        assert len(numbers(traces["error, each network"]["y"])) == runs["error"].size


def positions_read(scope, explorable, controls, start):
    """Move each control through all that it holds, one after the other; yields each position."""
    names = list(explorable.dimensions)
    here = explorable.start | start
    coordinates = {name: explorable.table()[name].values.tolist() for name in names}
    for name, each in explorable.dimensions.items():
        widget = scope.get_by_role(ROLES[each.kind], name=each.label, exact=True)
        if name not in (names if controls is None else controls):
            assert not widget.count()
            continue
        if each.kind is SLIDER:
            assert widget.get_attribute("aria-valuetext") == each.said(here[name])
            widget.press("Home")
        for index, coordinate in enumerate(coordinates[name]):
            if each.kind is LIST:
                widget.select_option(index=index)
            elif index:
                widget.press("ArrowRight")
            here[name] = coordinate
            two_frames(scope)
            yield here


def read_training(scope, controls=None, **start):
    """What is plotted are the stored runs of each length and threshold."""
    runs, seen = RUNS["temporal-order"], 0
    for at in positions_read(scope, FINISHED_RUNS, controls, start):
        here, traces = runs.sel(at), plotted(scope)
        for rule, name in RULE_NAMES.items():
            rate = runs.solved.sel(clip=rule, threshold=at["threshold"]).mean("seed")
            np.testing.assert_allclose(traces[name]["y"], rate, atol=1e-6)
            solved = int(here.solved.sel(clip=rule).sum())
            assert f" {solved} ({name})" in scope.locator(".lookup-caption").text_content()
        np.testing.assert_allclose(traces["each network"]["y"], here.test_accuracy.values.ravel(), atol=1e-6)
        assert set(traces["now"]["x"]) == {at["length"]}
        assert_columns(traces, here)
        seen += 1
    assert seen >= 3


def read_forecasts(scope, controls=None, **start):
    """What is plotted are the stored forecasts of each case and rule."""
    runs, seen = RUNS["sunspots"], 0
    for at in positions_read(scope, FORECASTS, controls, start):
        traces, here = plotted(scope), runs.sel(case=at["case"])
        if "observed" in traces:
            np.testing.assert_allclose(traces["observed"]["y"], here.observed, atol=0.06)
            forecast = here.forecast.sel(clip=at["clip"])
            for trace, how in (
                ("median forecast", "median"),
                ("lowest forecast", "min"),
                ("all networks", "max"),
            ):
                np.testing.assert_allclose(traces[trace]["y"], getattr(forecast, how)("seed"), atol=0.06)
        errors = np.abs(here.forecast - here.observed).median("month").values.ravel()
        np.testing.assert_allclose(traces["each network"]["y"], errors, rtol=1e-5)
        assert_columns(traces, here)
        seen += 1
    assert seen >= 5


# --- the desk, without a kernel -----------------------------------------------------------------------------


RECORDING = "This is a recording: Train plays it again. To train anew, "


def assert_plays(page):
    """The recording is shown in place of the empty figure; Train runs through it, to the end."""
    page.locator(".training-recording").wait_for()
    assert not page.locator(".training-live").is_visible()
    recording = page.locator(".training-recording")
    recording.scroll_into_view_if_needed()
    recording.locator(".lookup-plot:has(.main-svg)").wait_for()
    count = """() => document.querySelector(".training-recording .lookup-plot").data
      .find(({ name }) => name === "error, median").y.filter(Number.isFinite).length"""
    whole = page.evaluate(count)
    assert whole == 5 * 33 and "after 1,980 updates" in recording.locator(".lookup-caption").text_content()
    page.get_by_role("button", name="Train").click()
    page.wait_for_function(f"({count})() === 5")
    page.wait_for_function(f"({count})() > 50")
    page.get_by_role("button", name="Train").click()
    page.wait_for_function(f"({count})() === 5")  # from the beginning
    page.wait_for_function(f"({count})() === {whole}")
