"""The clipping explorer: what is plotted is what the engine finds."""

import numpy as np
from rnn_gradients.explorers.clipping import CLIPPING, DASHBOARD, START
from rnn_gradients.explorers.controls import BOX, LIST, SLIDER

from ..browser import arrive, seen
from . import explorers, widget
from .engine import expected_traces

EXPLORABLE = CLIPPING
CONTROLS = CLIPPING.dimensions
SLIDERS, DROPDOWNS, TOGGLES = (
    [name for name in START if CONTROLS[name].kind is kind] for kind in (SLIDER, LIST, BOX)
)
VALUES = {name: CLIPPING.table()[name].values.tolist() for name in [*DROPDOWNS, "rule"]}


def dashboard(page):
    """The explorer with everything, in sight; on a page of many it is not the first."""
    found = explorers(page).filter(has=page.get_by_role("button", name="Start", exact=True))
    arrive(found.locator(".lookup-plot"))
    return found


def control(scope, name):
    return widget(scope, CONTROLS[name])


def shown_position(scope):
    """Read the position off the controls of the dashboard, as the reader does."""
    return position_of(seen(scope)[0])


def position_of(controls, names=tuple(START), fixed=None):
    """Give the position that the controls of these names say; there are no others."""
    names = [name for name in names if name != "play"]  # which moves along no dimension
    assert controls.keys() - {"Play through time"} == {CONTROLS[name].label for name in names}
    position = dict(fixed or {})
    for name in names:
        said = controls[CONTROLS[name].label]
        kind = CONTROLS[name].kind
        position[name] = VALUES[name][said] if kind is LIST else type(START[name])(said)
    return position


TOLERANCES = {"output's share": 0.51, "linear growth": 0.06}  # others: of a log10


def assert_plots_the_engine(scope, panels=DASHBOARD, names=tuple(START), fixed=None):
    """What is plotted is what the engine finds for the position that the controls show.

    All traces of the panels are there, and no others.
    """
    controls, traces = seen(scope)
    position = position_of(controls, names, fixed)
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


def read(scope, panels=(), controls=tuple(START), whole=True, **position):
    """Start where it should; move every control by one key; if `whole`, choose all that lists hold."""
    start = START | {"rule": "none"} | position if position or panels else START
    how = {
        "panels": panels or DASHBOARD,
        "names": [name for name in controls if name != "play"],
        "fixed": start,
    }
    here = assert_plots_the_engine(scope, **how)
    assert here == start
    for name in how["names"]:
        first = CONTROLS[name].kind is LIST and here[name] == VALUES[name][-1]
        control(scope, name).press("ArrowUp" if first else KEYS[CONTROLS[name].kind])
        moved = assert_plots_the_engine(scope, **how)
        assert {each for each in moved if moved[each] != here[each]} == {name}
        here = moved
    for name in how["names"] if whole else ():
        for index, value in enumerate(VALUES.get(name, ())):
            control(scope, name).select_option(index=index)
            assert assert_plots_the_engine(scope, **how)[name] == value
    if "play" in controls:
        scrubber = scope.get_by_role("slider", name="Play through time", exact=True)
        scrubber.press("Home")
        scrubber.press("End")
        assert_plots_the_engine(scope, **how)
