"""Explore how well LSTMs forecast sunspots: with which loss, on which data, what being clipped."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...results import load_results
from ..controls import LIST, Control
from ..explorer import Explorable
from ..panels import Mark, Panel
from ..rules import (
    HEIGHT,
    RULE_NAMES,
    by_rule,
    column_table,
    dots_mark,
    dots_of,
    errors_panel,
    gradients_panel,
    rule_ticks,
)
from ..style import GREY, ORANGE

__all__ = ["FORECASTS", "explore_forecasts"]


@cache
def _runs() -> xr.Dataset:
    return load_results()["sunspots"]


def _rules() -> list[str]:
    return _runs()["clip"].values.tolist()


def _steps() -> int:
    return int(_runs()["update"][-1])


def _errors() -> xr.DataArray:
    """Say how far off each network is; one that diverged forecasts nothing, and counts as infinitely far."""
    runs = _runs()
    off = np.abs(runs["forecast"] - runs["observed"].isel(case=0))
    return off.median("month", skipna=False).fillna(np.inf)


def _naive() -> float:
    """The median error of saying this month's number again."""
    return float(np.abs(_runs()["observed"].isel(case=0).diff("month")).median())


@cache
def _table() -> xr.Dataset:
    runs, medians = _runs(), _errors().median("seed")
    table = column_table(runs, _steps(), xr.DataArray(1.0)).assign_coords(clip=_rules())
    counted = f"{runs.sizes['month']} months not trained on, and {runs.sizes['seed']} networks"
    table["sentence"] = (
        "case",
        [
            f"Median error over {counted}: "
            + by_rule({rule: f"{float(medians.sel(case=case, clip=rule)):.1f}" for rule in _rules()})
            + f" sunspots. Saying this month's number again is off by {_naive():.1f}."
            for case in runs["case"].values
        ],
    )
    return table


def _forecast() -> Panel:
    words = {"hovertemplate": "%{x|%B %Y}: %{y:.0f}"}
    edge = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}}
    band = {"name": "all networks", "fill": "tonexty", "fillcolor": "rgba(230, 159, 0, 0.35)"}
    traces = {
        "lowest": go.Scatter(name="lowest forecast", **edge, showlegend=False),
        "highest": go.Scatter(**edge, **band),
        "observed": go.Scatter(name="observed", mode="markers", **words, marker={"color": GREY, "size": 4}),
        "middle": go.Scatter(
            name="median forecast", mode="lines", **words, line={"color": ORANGE, "width": 1.8}
        ),
    }
    return Panel(
        "Next month's sunspots, forecast",
        tuple(Mark(trace, {"y": variable}, along="month") for variable, trace in traces.items()),
        x={"type": "date"},
        y={"range": [-30, 290], "dtick": 100, "title": {"text": "sunspots", "standoff": 2}},
        width=420,
        height=HEIGHT,
        grows=2.0,
        data=_forecast_data,
        words=("sentence",),
    )


def _forecast_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    # a network that diverged leaves a gap
    forecast = _runs()["forecast"]
    made = {
        "lowest": forecast.min("seed", skipna=False),
        "highest": forecast.max("seed", skipna=False),
        "middle": forecast.median("seed", skipna=False),
        "observed": _runs()["observed"].isel(case=0, drop=True),
    }
    return {name: values.assign_attrs(resolution=0.1) for name, values in made.items()}


def _networks() -> Panel:
    rules = _rules()
    again = go.Scatter(
        name="this month's number again",
        mode="lines",
        x=[-0.5, len(rules) - 0.5],
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
    )
    dots = dots_mark("off by %{y:.1f} sunspots", rules, _runs().sizes["seed"], edge=True)
    ticks = {"type": "log", "range": [0.9, 2.1], "tickvals": [10, 20, 50, 100]}
    return Panel(
        "How far off each network is",
        (dots, Mark(again, {"y": "naive"}, along="end")),
        x=rule_ticks(rules),
        y=ticks | {"title": {"text": "median error (sunspots)", "standoff": 2}},
        width=240,
        footroom=14,
        height=HEIGHT,
        data=lambda table: (
            dots_of(_errors().clip(max=1e38)) | {"naive": xr.DataArray([_naive()] * 2, dims="end")}
        ),
        words=("sentence",),
    )


CONTROLS = (
    Control(
        "case",
        "Loss and data",
        LIST,
        "squared error",
        "``squared error``, ``squared error, outliers``, ``squared error, unscaled``, ``learned spread`` or "
        "``learned spread, outliers``.",
        width=330,
    ),
    Control(
        "clip",
        "Forecasts of networks clipped",
        LIST,
        "hidden",
        "``none``, ``hidden``, ``output``, ``both`` or ``joint``: whose forecasts are drawn.",
        width=330,
        words=RULE_NAMES,
    ),
)


FORECASTS = Explorable(
    "explore_forecasts",
    "Forecasts of LSTMs, by what is clipped",
    "Explore how well LSTMs forecast sunspots: with which loss, on which data, what being clipped.",
    CONTROLS,
    {
        "forecast": _forecast,
        "networks": _networks,
        "errors": lambda: errors_panel(_rules(), _steps(), (-1.2, 1.3, 1)),
        "gradients": lambda: gradients_panel(_rules(), _steps()),
    },
    _table,
    order=("case", "clip", ...),
    prefix="forecasts.",
)
explore_forecasts = FORECASTS.function()
