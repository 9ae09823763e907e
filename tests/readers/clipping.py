"""The clipping explorer: what is plotted is what the engine finds."""

import functools

import numpy as np
from rnn_gradients.explorers.clipping import CLIPPING, DASHBOARD, START

from ..browser import arrive, seen
from . import explorers, look_at, move_each, play_to_the_end, position_of, widget
from .engine import expected_traces

EXPLORABLE = CLIPPING
CONTROLS = CLIPPING.dimensions


def dashboard(page):
    """The explorer with everything, in sight; on a page of many it is not the first."""
    found = explorers(page).filter(has=page.get_by_role("button", name="Start", exact=True))
    arrive(found.locator(".lookup-plot"))
    return found


def control(scope, name):
    return widget(scope, CONTROLS[name])


def shown_position(scope):
    """Read the position off the controls of the dashboard, as the reader does."""
    return position_of(CLIPPING, seen(scope)[0], START, {})


TOLERANCES = {"output's share": 0.51, "linear growth": 0.06}  # others: of a log10


def assert_plots_the_engine(scope, panels=DASHBOARD, names=tuple(START), fixed=None):
    """What is plotted is what the engine finds for the position that the controls show.

    All traces of the panels are there, and no others.
    """
    position, traces = look_at(scope, CLIPPING, panels, names, fixed or {})
    for name, (attribute, expected) in expected_traces(position).items():
        if name not in traces:
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


def read(scope, panels=(), controls=tuple(START), whole=True, **position):
    """Start where it should; move every control by one key; if `whole`, choose all that lists hold."""
    start = START | {"rule": "none", "fed_back": False} | position if position or panels else START
    names = [name for name in controls if name != "play"]
    look = functools.partial(assert_plots_the_engine, scope, panels or DASHBOARD, names, start)
    assert look() == start
    move_each(scope, CLIPPING, names, whole, look)
    if "play" in controls:
        play_to_the_end(scope)
        look()
