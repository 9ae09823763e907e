"""A number, multiplied by itself again and again: on a linear axis, and on a logarithmic one."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, VERMILLION, amount, powers
from ..values import linear
from .table import TIMES

__all__ = ["number_linear", "number_log"]

HIGHEST = 5.0
"""Where the linear axis ends."""
FORWARD = (0, FRAMES)


def number_linear() -> Panel:
    """Show the powers on a linear axis, on which their size is felt."""
    y = {"range": [0, HIGHEST + 0.6], "dtick": 1, "title": {"text": "size", "standoff": 2}}
    return _number("On a linear axis", "_linear", y, one=1)


def number_log() -> Panel:
    """Show the powers on a logarithmic axis, on which they are straight lines."""
    y = powers(-6, 6, 2) | {"title": {"text": "size", "standoff": 2}}
    return _number("On a logarithmic axis", "_log10", y, one=0)


def _number(title: str, which: str, y: dict, one: float) -> Panel:
    """Draw the powers; `one` is where a size of 1 lies on the axis."""
    name = title.lower()
    told = {"showlegend": False, "hovertemplate": "after %{x:.3g}: %{customdata}<extra></extra>"}
    line = {"color": VERMILLION, "width": 2.5}
    curve = go.Scatter(name=name, mode="lines+markers", **told, line=line, marker={"size": 4})
    diamond = {"symbol": "diamond", "color": "white", "opacity": 1, "line": {"color": ORANGE, "width": 2}}
    marks = go.Scatter(name=f"halved or doubled, {name}", mode="markers", **told, marker=diamond)
    now = go.Scatter(
        name=f"now, {name}",
        mode="markers+text",
        showlegend=False,
        hoverinfo="skip",
        marker={"color": VERMILLION, "size": 9, "symbol": "circle"},
        texttemplate="<b>%{customdata}</b>",
        textposition=["top right"] * 10 + ["top center"] * (TIMES - 19) + ["top left"] * 10,
        textfont={"size": 15},
        cliponaxis=False,
    )
    size = {"y": f"number{which}", "customdata": "number_log10"}
    dotted = {"color": GREY, "width": 1, "dash": "dot"}
    return Panel(
        f"{title} (◇: halved or doubled)",
        (
            Mark(curve, size, along="times", reveal=FORWARD, edge=which == "_log10"),
            Mark(
                marks,
                {
                    "x": "mark_at",
                    "y": f"mark{which}",
                    "customdata": "mark_log10",
                    "marker.size": f"mark_size{which}",
                },
                along="times",
                reveal=FORWARD,
            ),
            Mark(
                now,
                size | {"y": f"now{which}", "marker.symbol": f"now_symbol{which}"},
                along="times",
                reveal=FORWARD,
                latest=1,
            ),
        ),
        x={"title": {"text": "multiplications", "standoff": 4}, "range": [-1, TIMES + 1], "dtick": 10},
        y=y,
        width=230,
        height=230,
        data=_number_data,
        words=("says_number",),
        legend=False,
        waits=True,
        shapes=({"type": "line", "x0": -1, "x1": TIMES + 1, "y0": one, "y1": one, "line": dotted},),
    )


def _number_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rate = np.log10(table.factor)
    size = rate * table.times
    counted = np.floor(np.abs(size) / np.log10(2) + 1e-9)  # how often it has halved, or doubled
    again = counted > counted.shift(times=1, fill_value=0)
    at = xr.where(again, counted * np.log10(2) / np.abs(rate.where(rate != 0)), table.times)
    marked = xr.where(again, np.sign(rate) * counted * np.log10(2), size)
    beyond = {"_linear": size > np.log10(HIGHEST), "_log10": size > 9}
    data = {
        "number_log10": size.assign_attrs(units="log10"),
        "number_linear": linear(size, 30, 0.001),
        "now_log10": size.assign_attrs(resolution=0.01),
        "now_linear": linear(size, HIGHEST + 0.25, 0.001),
        "mark_at": at.assign_attrs(resolution=0.01),
        "mark_log10": marked.assign_attrs(units="log10"),
        "mark_linear": linear(marked, 30, 0.001),
        "says_number": ("factor", [_says(each) for each in table.factor.values.tolist()]),
    }
    for which, is_beyond in beyond.items():  # plotly's triangle, and circle
        data[f"now_symbol{which}"] = xr.where(is_beyond, 5, 0).assign_attrs(resolution=1)
        data[f"mark_size{which}"] = xr.where(again & ~is_beyond, 9, 0).assign_attrs(resolution=1)
    return data


def _says(factor: float) -> str:
    rate = np.log10(factor)
    if rate == 0:
        return "Multiplied by 1 again and again, 1 stays 1."
    steps, verb = np.log10(2) / abs(rate), "halves" if rate < 0 else "doubles"
    end = amount(TIMES * rate)
    left = f"{end} is left of 1" if rate < 0 else f"1 has become {end}"
    return f"Multiplied by {factor:g}, it {verb} every {steps:.1f} multiplications. After {TIMES}, {left}."
