"""Forward and backward: the state and the error pass the same W, and so grow by the same power of it."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREEN, GREY, VERMILLION, amount, powers
from ..values import in_words
from .table import ABOVE_0, TIMES, UNITS_MANY

__all__ = ["passes", "there_and_back"]

LINE = {"mode": "lines", "hovertemplate": "%{x}: %{customdata}"}


def there_and_back() -> Panel:
    """Show the state on its way forward, and the error on its way back, at each step."""
    forward = go.Scatter(name="state, forward", **LINE, line={"color": GREEN, "width": 3})
    backward = go.Scatter(name="error, backward", **LINE, line={"color": VERMILLION, "width": 3})
    return _both(
        "At each step",
        (_sizes(forward, "forward", (0, FRAMES // 2)), _sizes(backward, "returning", (FRAMES, FRAMES // 2))),
        "step t",
    )


def passes() -> Panel:
    """Show both over the steps that were taken."""
    grey = {"color": GREY, "width": 1.5, "dash": "dash"}
    dashed = {"color": VERMILLION, "width": 2.5, "dash": "dash"}
    ceiling = go.Scatter(name="linear: ‖Wᵏ‖", **LINE, line=grey)
    forward = go.Scatter(name="state after k", **LINE, line={"color": GREEN, "width": 6})
    backward = go.Scatter(name="error after k", **LINE, line=dashed)
    return _both(
        "After k steps, one over the other",
        (
            _sizes(ceiling, "ceiling", (0, FRAMES // 2)),
            _sizes(forward, "forward", (0, FRAMES // 2)),
            _sizes(backward, "backward", (FRAMES // 2, FRAMES)),
        ),
        "steps k",
    )


def _both(title: str, marks: tuple[Mark, ...], steps: str) -> Panel:
    return Panel(
        title,
        marks,
        x={"title": {"text": steps, "standoff": 4}, "range": [-1, TIMES + 1], "dtick": 10},
        y=powers(-6, 18) | {"title": {"text": "times as large", "standoff": 2}},
        width=250,
        height=250,
        data=_passes_data,
        words=("says_passes",),
        picks=("size",),
        waits=True,
        reach=ABOVE_0,
    )


def _sizes(trace: go.Scatter, variable: str, reveal: tuple[int, int]) -> Mark:
    return Mark(trace, {"y": variable, "customdata": variable}, along="times", reveal=reveal, edge=True)


def _passes_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    norm = table.norm.sel(size=UNITS_MANY, power=table.times.values, drop=True).rename(power="times")
    ceiling = norm + np.log10(np.abs(table.eigenvalue)) * table.times
    ends = [table[name].isel(times=-1, drop=True) for name in ("forward", "backward")]

    def say(state, error):
        return (
            f"After {TIMES} steps forward the state is {amount(state)} times as large as at first; after "
            f"{TIMES} steps back the error is {amount(error)} times as large."
        )

    return {
        "returning": table.backward.isel(times=slice(None, None, -1)).assign_coords(times=table.times),
        "ceiling": ceiling.assign_attrs(table.norm.attrs),
        "says_passes": in_words(say, *ends),
    }
