"""Explore finished runs of the temporal order task: who solves it, and how they got there."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...results import load_results
from ..controls import SLIDER, Control
from ..explorer import Explorable
from ..panels import Mark, Panel
from ..rules import (
    HEIGHT,
    RULE_NAMES,
    RULE_STYLES,
    by_rule,
    column_table,
    dots_mark,
    dots_of,
    errors_panel,
    gradients_panel,
    rule_ticks,
)
from ..style import GREY

__all__ = ["FINISHED_RUNS", "explore_training", "stored_runs", "wilson"]

PERCENT = {"range": [-0.05, 1.08], "tickformat": ".0%"}
APART = 1.035
"""By this factor the points of two rules stand apart, or they would hide each other."""


@cache
def stored_runs() -> xr.Dataset:
    """Return the finished runs of the temporal order task."""
    return load_results()["temporal-order"]


def _rules() -> list[str]:
    return stored_runs()["clip"].values.tolist()


def _steps() -> int:
    return int(stored_runs()["update"][-1])


def _solved() -> xr.DataArray:
    """How many networks solve the task: along clip, tried (the length) and threshold."""
    return stored_runs()["solved"].sum("seed").rename(length="tried").drop_vars("tried")


@cache
def _table() -> xr.Dataset:
    runs, solved = stored_runs(), _solved().rename(tried="length")
    table = column_table(runs, _steps(), runs["threshold"])
    words = [
        [
            f"Of {runs.sizes['seed']} networks, these solve the task: "
            + by_rule({rule: str(int(solved.sel(clip=rule)[i, j])) for rule in _rules()})
            + "."
            for j in range(solved.sizes["threshold"])
        ]
        for i in range(solved.sizes["length"])
    ]
    table["sentence"] = (("length", "threshold"), words)
    return table


def _success() -> Panel:
    marks = []
    for rule in _rules():
        colour, symbol, dash = RULE_STYLES[rule]
        trace = go.Scatter(
            name=RULE_NAMES[rule],
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            error_y={"type": "data", "symmetric": False, "thickness": 1.2, "width": 3, "color": colour},
            hovertemplate="%{y:.0%} of the networks",
        )
        bounds = {"error_y.array": f"{rule}_above", "error_y.arrayminus": f"{rule}_below"}
        marks.append(Mark(trace, {"x": f"{rule}_x", "y": f"{rule}_rate"} | bounds, along="tried"))
    now = go.Scatter(
        name="now",
        mode="lines",
        y=[0, 1],
        showlegend=False,
        hoverinfo="skip",
        opacity=0.25,
        line={"color": GREY, "width": 9},
    )
    return Panel(
        "Networks that solve the task, with 95 % intervals",
        (*marks, Mark(now, {"x": "now"}, along="end")),
        x=_lengths_axis(),
        y=PERCENT | {"title": {"text": "networks", "standoff": 2}},
        width=420,
        height=HEIGHT,
        grows=2.0,
        data=_success_data,
        words=("sentence",),
    )


def _lengths_axis() -> dict:
    lengths = stored_runs()["length"].values.tolist()
    title = {"text": "sequence length T", "standoff": 4}
    return {"type": "log", "title": title, "range": np.log10([8.5, 118]).tolist(), "tickvals": lengths}


def _success_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rules, trials = _rules(), stored_runs().sizes["seed"]
    data = {"now": 1.0 * table["length"] * xr.DataArray([1, 1], dims="end")}
    for place, rule in enumerate(rules):
        solved = _solved().sel(clip=rule, drop=True)
        low, high = wilson(solved, trials)
        data |= {
            f"{rule}_x": xr.DataArray(
                stored_runs()["length"].values * APART ** (place - (len(rules) - 1) / 2), dims="tried"
            ),
            f"{rule}_rate": solved / trials,
            f"{rule}_above": high - solved / trials,
            f"{rule}_below": solved / trials - low,
        }
    return data


def wilson(successes: np.ndarray, trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the 95 % confidence interval of a rate (Wilson, *JASA* 22, 1927).

    Parameters
    ----------
    successes : array of int
    trials : int

    Returns
    -------
    low, high : arrays
    """
    z, rate = 1.959964, np.asarray(successes) / trials
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    return middle - half, middle + half


def _networks() -> Panel:
    return Panel(
        "Accuracy of each network",
        (dots_mark("accuracy %{y:.1%}", _rules(), stored_runs().sizes["seed"]),),
        x=rule_ticks(_rules()),
        y=PERCENT | {"title": {"text": "right answers", "standoff": 2}},
        width=240,
        footroom=14,
        height=HEIGHT,
        data=lambda table: dots_of(stored_runs()["test_accuracy"]),
        words=("sentence",),
        legend=False,
    )


CONTROLS = (
    Control(
        "length",
        "Sequence length",
        SLIDER,
        50,
        "Steps of a sequence; the slider has those that were tried.",
        width=360,
    ),
    Control("threshold", "Clip threshold", SLIDER, 1.0, "Of clipping; 0.1, 1.0 or 10.0.", width=270),
)
FINISHED_RUNS = Explorable(
    "explore_training",
    "Finished runs, by what is clipped",
    "Explore finished runs of the temporal order task: which networks solve it, by what is clipped.",
    CONTROLS,
    {
        "success": _success,
        "networks": _networks,
        "errors": lambda: errors_panel(_rules(), _steps(), (-4.1, 1.3, 1)),
        "gradients": lambda: gradients_panel(_rules(), _steps()),
    },
    _table,
    order=("length", "threshold", ...),
    prefix="training.",
)
explore_training = FINISHED_RUNS.function()
