"""How tight? The threshold against the gradients of finished runs, and what became of these runs."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...results import load_results
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, VERMILLION, amount
from ..values import in_words

__all__ = ["RAN", "TRIED", "became", "cut"]

CLIPPED = "hidden"
"""The rule of the runs that are shown: the hidden layer alone is clipped."""
LEVELS = np.linspace(-2, 4, 61)
"""Log10 of the thresholds at which shares are told."""
THUMB = (0.5, 10)
"""By how many times the average norm Pascanu's rule of thumb begins and ends."""
TICKS = (0.01, 0.1, 1, 10, 100, 1000, 10_000)
AXIS = {
    "range": [-2.1, 4.1],
    "tickvals": np.log10(TICKS).tolist(),
    "ticktext": [f"{x:,g}" for x in TICKS],
    "title": {"text": "threshold", "standoff": 4},
}
PICKS = ("tried", "ran")
FORWARD = (0, FRAMES)


@cache
def _runs() -> xr.Dataset:
    """The finished runs, along ``tried``, the length, and ``ran``, the threshold."""
    runs = load_results()["temporal-order"].sel(clip=CLIPPED, drop=True)[["hidden", "solved"]]
    return runs.rename(length="tried", threshold="ran")


TRIED, RAN = (_runs()[name].values.tolist() for name in PICKS)


def cut() -> Panel:
    """Show in how many stretches of updates a threshold would have cut, and the rule of thumb."""
    curve = go.Scatter(
        name="stretches with a longer gradient",
        mode="lines",
        line={"color": VERMILLION, "width": 3},
        hovertemplate="%{y:.0f} % of the stretches<extra></extra>",
    )
    thumb = go.Scatter(
        name="half to ten times the average",
        mode="lines+markers",
        line={"color": ORANGE, "width": 7},
        marker={"size": 11},
        hoverinfo="skip",
    )
    return Panel(
        "Stretches of 60 updates in which something is cut",
        (
            _here("cut", (0, 100)),
            Mark(curve, {"x": "level_place", "y": "above"}, along="bound", reveal=FORWARD),
            Mark(thumb, {"x": ["thumb_from", "thumb_to"], "y": ["thumb_y", "thumb_y"]}),
        ),
        x=AXIS,
        y={
            "range": [-5, 112],
            "dtick": 25,
            "ticksuffix": " %",
            "title": {"text": "stretches", "standoff": 2},
        },
        width=260,
        height=220,
        data=_cut_data,
        words=("says_cut",),
        picks=PICKS,
        waits=True,
    )


def _here(name: str, ends: tuple[float, float]) -> Mark:
    line = go.Scatter(
        name=f"threshold of these runs, {name}",
        mode="lines",
        showlegend=False,
        hoverinfo="skip",
        y=list(ends),
        line={"color": GREY, "width": 9},
        opacity=0.25,
    )
    return Mark(line, {"x": ["ran_place", "ran_place"]})


def _cut_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    norms = _runs().hidden
    level = xr.DataArray(LEVELS, dims="bound")
    above = (norms > level).mean(("seed", "update"))
    average = np.log10((10**norms).mean(("seed", "update")))
    own = (norms > np.log10(norms.ran)).mean(("seed", "update"))

    def say(share, middle, threshold):
        percent = f"{100 * share:.0f} %"
        return (
            f"Clipped at {threshold:g}, something was cut in {percent} of the stretches of 60 updates. "
            f"The largest norm of a stretch was {amount(middle)} on average."
        )

    return {
        "above": (100 * above).assign_attrs(resolution=0.1),
        "level_place": level,
        "ran_place": _place(norms.ran),
        "thumb_from": average + np.log10(THUMB[0]),
        "thumb_to": average + np.log10(THUMB[1]),
        "thumb_y": xr.DataArray(105.0),
        "says_cut": in_words(say, own, average, norms.ran + 0 * own),
    }


def _place(ran: xr.DataArray) -> xr.DataArray:
    return xr.DataArray(np.log10(ran.values), {"ran": ran}, "ran")


def became() -> Panel:
    """Show how many networks learned the task, at each threshold that was tried."""
    dots = go.Scatter(
        name="networks that learned it, of 20",
        mode="lines+markers+text",
        line={"color": VERMILLION, "width": 2, "dash": "dot"},
        marker={"size": 11},
        texttemplate="<b>%{y}</b>",
        textposition="top center",
        cliponaxis=False,
        hovertemplate="%{y} of 20<extra></extra>",
    )
    return Panel(
        "What became of the runs",
        (
            _here("became", (0, 20)),
            Mark(dots, {"x": "tried_place", "y": "learned"}, along="tried_threshold", reveal=FORWARD),
        ),
        x=AXIS,
        y={"range": [-1, 23.5], "dtick": 5, "title": {"text": "networks of 20", "standoff": 2}},
        width=260,
        height=220,
        data=_became_data,
        words=("says_became",),
        picks=PICKS,
        waits=True,
    )


def _became_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    solved = _runs().solved.sum("seed")
    learned = solved.rename(ran="tried_threshold").drop_vars("tried_threshold")
    places = np.log10(solved.ran.values)

    def say(learned, threshold):
        return f"Of 20 networks clipped at {threshold:g}, {learned:g} learned the task."

    return {
        "learned": learned,
        "tried_place": ("tried_threshold", places),
        "ran_place": _place(solved.ran),
        "says_became": in_words(say, 1.0 * solved, solved.ran + 0.0 * solved),
    }
