"""The chain of cells that the error passes on its way back: W again and again, V once."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.sweeps import FLOOR
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import BLUE, GREY, VERMILLION, powers
from .words import FATE

__all__ = ["chain", "contributions", "product"]

ROOM = 60
"""Steps for which there is room."""
REACH = {"length": range(1, ROOM + 1), "step": range(1, ROOM + 1)}
TICKS = [1, *range(10, ROOM + 1, 10)]
EXIT = 3.4
"""From the last cell to the error that enters at the output, in steps."""
BACKWARD, AT_ONCE = (FRAMES, 0), (4, 0)
"""What is drawn step by step from the last to the first, and what is there as soon as Play begins."""
W_TIMES = f'Passed: <span style="color:{VERMILLION}"><b>W {{}}</b></span>, '
BLUE_INK = f"color-mix(in srgb, {BLUE}, currentColor 30%)"
"""For words, which on a dark page must be lighter."""
V_ONCE = f'<span style="color:{BLUE_INK}"><b>V once</b></span>'
SILENT = {"hoverinfo": "skip", "showlegend": False}


def chain() -> Panel:
    """Show the size of the error at each step: it grows out of the cells, up or down from 1."""
    bar = go.Bar(
        name="error at a step",
        marker={"color": VERMILLION, "line": {"width": 0}},
        width=0.62,
        showlegend=False,
        hovertemplate="step %{x}: %{customdata}<extra></extra>",
    )
    size = ("gradient", "error_log10")
    counter = go.Scatter(
        name="counter",
        **SILENT,
        mode="markers+text",
        marker={"size": 6, "opacity": 0},  # keeps the words off the triangles at the edge
        textposition="top right",
        textfont={"size": 14},
        cliponaxis=False,
    )
    return Panel(
        "How large the error is when it reaches each step",
        (
            Mark(bar, {"y": size, "customdata": size}, along="step", reveal=BACKWARD, edge=True),
            *_cells(9, "of the chain"),
            _exit("of the chain"),
            Mark(
                counter,
                {"x": "counter_place", "y": "counter_height", "text": "counter"},
                along="step",
                reveal=BACKWARD,
                latest=1,
            ),
        ),
        x={"title": {"text": "step t", "standoff": 4}, "range": [-0.6, ROOM + 8], "tickvals": TICKS},
        y=powers(-8.4, 8.4, 2) | {"title": {"text": "size of the error", "standoff": 2}},
        width=230,
        height=250,
        low=130,
        grows=2.2,
        data=_chain_data,
        words=FATE,
        reach=REACH | {"loss_at": ("last",)},
        legend=False,
        headroom=22,
    )


def _chain_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    back = (table.length - table.step).values
    words = np.where(back < 0, "", [[W_TIMES.format(_times(k)) + V_ONCE for k in row] for row in back])
    places = _places(table)
    return places | {
        "counter_place": 0 * table.step + 0.4,
        "counter_height": (places["cells"] + 8.4).assign_attrs(resolution=0.1),
        "counter": (("length", "step"), words),
    }


def _places(table: xr.Dataset) -> dict[str, xr.DataArray]:
    """Say where the cells are, and where the chain ends."""
    return {
        "cells": xr.where(table.step <= table.length, 0.0, np.nan).assign_attrs(resolution=1),
        "last_cell": table.length.astype(float),
        "middle_of_V": table.length + EXIT / 2,
        "exit": table.length + EXIT,
    }


def _times(count: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(int(count), f"{count} times")


def _cells(size: int, of: str, y: str = "cells") -> tuple[Mark, ...]:
    waiting = _string(f"cells {of}", GREY, size, 1.5, 1.5)
    passed = _string(f"cells passed {of}", VERMILLION, size, 2, 1.5)
    return (Mark(waiting, {"y": y}, along="step"), Mark(passed, {"y": y}, along="step", reveal=BACKWARD))


def _string(name: str, colour: str, size: int, width: float, rim: float, **points) -> go.Scatter:
    """Hollow cells on a line."""
    marker = {"size": size, "color": "white", "line": {"color": colour, "width": rim}}
    line = {"color": colour, "width": width}
    return go.Scatter(name=name, mode="lines+markers", **SILENT, line=line, marker=marker, **points)


def _exit(of: str, y: float = 0) -> Mark:
    """V, and the error at its end."""
    trace = go.Scatter(
        name=f"V {of}",
        mode="lines+markers+text",
        **SILENT,
        y=[y, y, y],
        line={"color": BLUE, "width": 4},
        marker={"symbol": "square", "size": [0, 0, 14], "color": BLUE, "opacity": 1, "line": {"width": 0}},
        text=["", "V", "error"],
        textposition=["top center", "top center", "bottom center"],
        textfont={"size": [12, 14, 12]},
    )
    return Mark(trace, {"x": ["last_cell", "middle_of_V", "exit"]})


# --- eight cells, with their numbers ------------------------------------------------------------------------

EIGHT = np.arange(1, 9)
PASSED_W = f'×<span style="color:{VERMILLION}"><b>W</b></span>'
PASSED_V = f'×<span style="color:{BLUE_INK}"><b>V</b></span>'


def product() -> Panel:
    """Write the error's size on each of eight cells: every step back is one multiplication."""
    last, end = EIGHT[-1], EIGHT[-1] + 1.3
    waiting = _string("eight cells", GREY, 22, 1.5, 1.5, x=EIGHT, y=0 * EIGHT)
    passed = _string("eight cells passed", VERMILLION, 22, 3, 3, x=EIGHT, y=0 * EIGHT)
    words = {"mode": "text", **SILENT}
    numbers = go.Scatter(
        name="numbers",
        **words,
        x=EIGHT,
        y=[0.5, 0.95] * (len(EIGHT) // 2),  # on two lines, for long numbers on a phone
        texttemplate="<b>%{text}%{customdata}</b>",
        textfont={"size": 14},
    )
    by_W = go.Scatter(name="times W", **words, x=EIGHT[:-1] + 0.5, y=[-0.5] * 7, text=[PASSED_W] * 7)
    by_V = go.Scatter(name="times V", **words, x=[last + 0.65], y=[-0.5], text=[PASSED_V])
    way = go.Scatter(
        name="V, once", mode="lines", **SILENT, x=[last, end], y=[0, 0], line={"color": BLUE, "width": 4}
    )
    error = go.Scatter(
        name="an error of 1",
        mode="markers+text",
        **SILENT,
        x=[end],
        y=[0],
        text=["error 1"],
        textposition="top center",
        textfont={"size": 14},
        marker={"symbol": "square", "size": 20, "color": BLUE},
    )
    bare = {"showgrid": False, "ticks": "", "showline": False}
    return Panel(
        "The error at each of eight steps",
        (
            Mark(way, reveal=AT_ONCE),
            Mark(waiting),
            Mark(passed, reveal=BACKWARD),
            Mark(by_W, reveal=(FRAMES, FRAMES // len(EIGHT))),
            Mark(by_V, reveal=AT_ONCE),
            Mark(error),
            Mark(numbers, {"text": "turned", "customdata": "eight"}, along="cell", reveal=BACKWARD),
        ),
        x={"range": [-0.1, 10.2], "tickvals": EIGHT.tolist(), "title": {"text": "step t", "standoff": 4}}
        | bare,
        y={"range": [-0.9, 1.3], "showticklabels": False} | bare,
        width=300,
        height=124,
        data=_product_data,
        legend=False,
        picks=("loss_at", "length"),
        reach={"loss_at": ("last",), "activation": ("linear",)},
        waits=True,
    )


def _product_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    last = (
        table.sel(loss_at="last", length=len(EIGHT), step=EIGHT, drop=True)
        .rename(step="cell")
        .drop_vars("cell")
    )
    turned = xr.where(last.sign < 0, 1, 0).assign_attrs(categories=["", "−"])
    return {"eight": last.gradient.assign_attrs(resolution=None, units="log10"), "turned": turned}


# --- what each step contributes -----------------------------------------------------------------------------


BELOW = -13
"""Where the chain runs, in percent: under the bars."""
SEEN = 20
"""Steps, so that each contribution is seen on a linear axis."""


def contributions() -> Panel:
    """Show how much each step contributes to each layer's gradient, in percent of all its contributions."""
    bar = {"hovertemplate": "step %{x}: %{y:.2g} %<extra></extra>"}
    hidden = go.Bar(
        name="to the gradient of W: one from each step", marker={"color": VERMILLION}, width=0.62, **bar
    )
    output = go.Bar(name="to the gradient of V: one in all", y=[100], marker={"color": BLUE}, width=0.62)
    output.hovertemplate = "the only one: 100 %<extra></extra>"
    return Panel(
        "What each step contributes, in %",
        (
            Mark(hidden, {"y": "part"}, along="step", reveal=BACKWARD),
            Mark(output, {"x": "exit"}, reveal=AT_ONCE),
            *_cells(9, "of the sum", "cells_below"),
            _exit("of the sum", BELOW),
        ),
        x={
            "title": {"text": "step t", "standoff": 4},
            "range": [0.2, SEEN + EXIT + 2],
            "tickvals": [1, *range(5, SEEN + 1, 5)],
        },
        y={
            "range": [-26, 105],
            "tickvals": [0, 25, 50, 75, 100],
            "title": {"text": "share of all, in %", "standoff": 2},
        },
        width=250,
        height=200,
        grows=2.2,
        data=_contributions_data,
        picks=("loss_at",),
        reach={"length": range(1, SEEN + 1), "step": range(1, SEEN + 1), "loss_at": ("last",)},
    )


def _contributions_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    size = table.contribution.sel(loss_at="last", drop=True)
    part = xr.where(size > FLOOR, 10 ** (size - size.max("step")), xr.where(size.isnull(), np.nan, 0.0))
    places = _places(table)
    return places | {
        "part": (100 * part / np.maximum(part.sum("step"), 1e-9)).assign_attrs(resolution=0.01),
        "cells_below": (places["cells"] + BELOW).assign_attrs(resolution=1),
    }
