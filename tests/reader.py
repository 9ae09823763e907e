"""What a reader does on a page, whichever door led there, and what must then be plotted."""

import re

import numpy as np
from rnn_gradients.explorers.clipping import CLIPPING, START
from rnn_gradients.explorers.controls import BOX, LIST, SLIDER
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.results import load_results

from .browser import NODE_MODULES, plotted, two_frames
from .engine import expected_traces

CONTROLS = CLIPPING.dimensions
SLIDERS, DROPDOWNS, TOGGLES = (
    [name for name, each in CONTROLS.items() if each.kind is kind] for kind in (SLIDER, LIST, BOX)
)
VALUES = {name: CLIPPING.table()[name].values.tolist() for name in DROPDOWNS}


def wait_for_figures(page):
    """Wait until each figure of the page is drawn, the first of them at least."""
    page.locator(".lookup-plot:has(.main-svg)").first.wait_for(timeout=60_000)
    for place in page.locator(".lookup-figure").all():
        place.scroll_into_view_if_needed()  # out of sight, none is drawn
        place.locator(".lookup-plot:has(.main-svg)").wait_for()


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


def read_notebook(page, name):
    """Move every control of a notebook's explorers, and compare what is plotted."""
    wait_for_figures(page)
    number = re.match(r"\d+", name).group()
    checks = {"01": [read_clipping, read_own_figure], "02": [read_forecasts, read_training]}[number]
    assert explorers(page).count() == len(checks)
    for nth, check in enumerate(checks):
        explorers(page).nth(nth).scroll_into_view_if_needed()  # out of sight, it is not drawn
        check(explorers(page).nth(nth))


# --- the clipping explorer ----------------------------------------------------------------------------------


ROLES = {SLIDER: "slider", LIST: "combobox", BOX: "checkbox"}


def control(scope, name):
    return scope.get_by_role(ROLES[CONTROLS[name].kind], name=CONTROLS[name].label, exact=True)


def shown_position(scope, fixed=None):
    """Read the position off the controls, as the reader does; what has none is `fixed`."""
    position = dict(fixed or {})
    for name in CONTROLS:
        if name in position:
            assert not control(scope, name).count()
        elif name in SLIDERS:
            position[name] = type(START[name])(control(scope, name).get_attribute("aria-valuetext"))
        elif name in TOGGLES:
            position[name] = control(scope, name).is_checked()
        else:
            position[name] = VALUES[name][control(scope, name).evaluate("select => select.selectedIndex")]
    return position


def assert_plots_the_engine(scope, fixed=None, traces_shown=None):
    """What is plotted is what the engine finds for the position that the controls show.

    All traces of the whole explorer are there, or those of `traces_shown`.
    """
    two_frames(scope)
    position, traces = shown_position(scope, fixed), plotted(scope)
    for name, (attribute, expected) in expected_traces(position).items():
        if traces_shown is not None and name not in traces_shown:
            assert name not in traces
            continue
        found = [value for value in traces[name][attribute] if value is not None]
        assert len(found) == len(expected), (name, position)
        tiny = np.array(expected) < -250  # beyond float64, which the engine computes in
        tolerance = 0.51 if name == "output's share" else 0.0201
        np.testing.assert_allclose(
            np.array(found)[~tiny], np.array(expected)[~tiny], atol=tolerance, err_msg=f"{name} {position}"
        )
        assert (np.array(found)[tiny] < -240).all()
    return position


def read_clipping(scope):
    """Start at the start; move every control by one key; choose all that lists hold."""
    position = assert_plots_the_engine(scope)
    assert position == START
    for name, key in {
        **dict.fromkeys(SLIDERS, "ArrowLeft"),
        **dict.fromkeys(TOGGLES, "Space"),
        **dict.fromkeys(DROPDOWNS, "ArrowDown"),
    }.items():
        control(scope, name).press("ArrowUp" if (name, position[name]) == ("activation", "linear") else key)
        moved = assert_plots_the_engine(scope)
        assert {each for each in moved if moved[each] != position[each]} == {name}
        position = moved
    for name, values in VALUES.items():
        for index in range(len(values)):
            control(scope, name).select_option(index=index)
            assert assert_plots_the_engine(scope)[name] == values[index]


def read_own_figure(scope):
    """The figure that notebook 01 puts together: two panels, two controls, ReLU."""
    fixed = {name: at for name, at in START.items() if name not in ("eigenvalue", "length")}
    fixed |= {"activation": "relu", "clip_hidden": False}
    panels = ["time", "length"]
    traces = [mark.trace.name for name in panels for mark in CLIPPING.panels[name]().marks]
    start = assert_plots_the_engine(scope, fixed, traces)
    assert start == START | fixed
    for name in ("eigenvalue", "length"):
        control(scope, name).press("ArrowLeft")
        moved = assert_plots_the_engine(scope, fixed, traces)
        assert {each for each in moved if moved[each] != start[each]} == {name}
        start = moved


# --- finished runs ------------------------------------------------------------------------------------------


def numbers(values):
    return [value for value in values if value is not None]


def assert_columns(traces, runs):
    for name, variable, how in (
        ("error, median", "error", "median"),
        ("hidden layer", "hidden", "median"),
        ("output layer, largest", "output", "max"),
    ):
        expected = getattr(runs[variable], how)("seed").values.ravel()
        np.testing.assert_allclose(numbers(traces[name]["y"]), expected, atol=0.011, err_msg=name)
    assert len(numbers(traces["error, each network"]["y"])) == runs["error"].size


def read_training(scope):
    """Move both sliders; what is plotted are the stored runs of that length and threshold."""
    runs = load_results()["temporal-order"]
    length, threshold = (scope.get_by_role("slider", name=n) for n in ("Sequence length", "Clip threshold"))
    for slider, key in (
        (length, "ArrowRight"),
        (threshold, "ArrowLeft"),
        (length, "Home"),
        (threshold, "End"),
    ):
        slider.press(key)
        two_frames(scope)
        at = {"length": int(length.get_attribute("aria-valuetext"))}
        at["threshold"] = float(threshold.get_attribute("aria-valuetext"))
        here, traces = runs.sel(at), plotted(scope)
        for rule, name in RULE_NAMES.items():
            rate = runs.solved.sel(clip=rule, threshold=at["threshold"]).mean("seed")
            np.testing.assert_allclose(traces[name]["y"], rate, atol=1e-6)
            solved = int(here.solved.sel(clip=rule).sum())
            assert f" {solved} ({name})" in scope.locator(".lookup-caption").text_content()
        np.testing.assert_allclose(traces["each network"]["y"], here.test_accuracy.values.ravel(), atol=1e-6)
        assert set(traces["now"]["x"]) == {at["length"]}
        assert_columns(traces, here)
    assert (at["length"], at["threshold"]) == (runs.length[0], runs.threshold[-1])


def read_forecasts(scope):
    """Choose every case and rule; what is plotted are the stored forecasts."""
    runs = load_results()["sunspots"]
    case, clip = (
        scope.get_by_role("combobox", name=n) for n in ("Loss and data", "Forecasts of networks clipped")
    )
    for number, (name, rule) in enumerate(zip(runs["case"].values, runs["clip"].values, strict=True)):
        case.select_option(index=number)
        clip.select_option(index=number)
        two_frames(scope)
        traces, here = plotted(scope), runs.sel(case=name)
        np.testing.assert_allclose(traces["observed"]["y"], here.observed, atol=0.06)
        forecast = here.forecast.sel(clip=rule)
        for trace, how in (
            ("median forecast", "median"),
            ("lowest forecast", "min"),
            ("all networks", "max"),
        ):
            np.testing.assert_allclose(traces[trace]["y"], getattr(forecast, how)("seed"), atol=0.06)
        errors = np.abs(here.forecast - here.observed).median("month").values.ravel()
        np.testing.assert_allclose(10 ** np.array(traces["each network"]["y"]), errors, rtol=1e-5)
        assert_columns(traces, here)
