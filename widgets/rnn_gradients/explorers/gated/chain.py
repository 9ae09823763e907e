"""The chain with two roads: how large the error is on each, at every step, and at the last eight."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.networks import GATED
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import AT_ONE, BLUE, GREY, ORANGE, VERMILLION, powers
from ..values import in_words
from .table import WHOLE_LENGTH
from .words import size_in_words

__all__ = ["BACKWARD", "RESOLUTION", "SIZE", "STEP", "at_first", "close_up", "kind_of", "two_roads"]

STEP = {
    "title": {"text": "step t", "standoff": 4},
    "range": [-0.6, WHOLE_LENGTH + 1.6],
    "tickvals": [1, *range(10, WHOLE_LENGTH + 1, 10)],
}
SIZE = powers(-12.5, 9.5) | {"title": {"text": "size of the error", "standoff": 2}}
BACKWARD = (FRAMES, 0)
EXIT = 4
"""From the last cell to the error that enters at the output, in steps."""
SILENT = {"hoverinfo": "skip", "showlegend": False}
RESOLUTION = {"units": "log10", "resolution": 0.01}
FINE = RESOLUTION | {"resolution": 4e-4}
"""Of sizes that are written in three digits."""


def two_roads() -> Panel:
    """String the cells of the chain at the height of the error that reaches them on each road."""
    error = go.Scatter(
        name="the error enters",
        mode="lines+markers+text",
        **SILENT,
        line={"color": BLUE, "width": 4},
        marker={"symbol": "square", "size": [0, 14], "color": BLUE, "opacity": 1, "line": {"width": 0}},
        text=["", "error"],
        textposition="top center",
        cliponaxis=False,
    )
    return Panel(
        "The error that reaches each step",
        (
            _string("a plain network", GREY, "circle", "dot", "plain"),
            _string("through W", VERMILLION, "circle", "solid", "by_W"),
            _string("around W, past a gate", ORANGE, "square", "solid", "by_gate"),
            Mark(error, {"x": ["last_cell", "exit"], "y": ["entered", "first_size"]}),
        ),
        x=STEP | {"range": [-0.6, WHOLE_LENGTH + EXIT + 4]},
        y=SIZE,
        width=260,
        height=250,
        data=_roads_data,
        words=("says_roads",),
        waits=True,
        shapes=(AT_ONE,),
    )


def _string(name: str, colour: str, symbol: str, dash: str, size: str) -> Mark:
    """Hollow cells on a line."""
    string = go.Scatter(
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": dash},
        marker={"symbol": symbol, "size": 7, "color": "white", "line": {"color": colour, "width": 1.5}},
        hovertemplate="step %{x}: %{customdata}<extra></extra>",
    )
    return Mark(string, {"y": size, "customdata": size}, along="step", reveal=BACKWARD, edge=True)


def _roads_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def say(kind, gated, plain):
        return (
            f"At step 1 an error of 1 is {size_in_words(gated)} in the {kind}, on both roads together, and "
            f"{size_in_words(plain)} in a plain network."
        )

    ends = table.length.astype(float)
    return {
        "by_gate": table.around.assign_attrs(RESOLUTION),
        "by_W": table.through.assign_attrs(RESOLUTION),
        "plain": table.plain_state.assign_attrs(RESOLUTION),
        "last_cell": ends,
        "exit": ends + EXIT,
        "entered": _at_the_end(table.state).assign_attrs(resolution=0.01),
        "first_size": xr.DataArray(0.0),
        "says_roads": in_words(say, kind_of(table), at_first(table.state), at_first(table.plain_state)),
    }


def _at_the_end(sizes: xr.DataArray) -> xr.DataArray:
    """Give the sizes at the last step of each length."""
    return xr.concat([sizes.sel(length=T, step=T, drop=True) for T in sizes.length.values], sizes.length)


def kind_of(table: xr.Dataset) -> xr.DataArray:
    """Give the names of the networks, for sentences."""
    return xr.DataArray(table.network.values, {"network": table.network})


def at_first(sizes: xr.DataArray) -> xr.DataArray:
    """Give the sizes at the first step."""
    return sizes.sel(step=1, drop=True)


# --- the last eight steps, with their numbers ---------------------------------------------------------------

LAST_EIGHT = np.arange(WHOLE_LENGTH - 7, WHOLE_LENGTH + 1)
UPPER, LOWER = 1.0, 0.0
ROAD = '<span style="color:{}"><b>{}</b></span>'
MULTIPLIED_BY = ROAD.format("{}", "×{}")


def close_up() -> Panel:
    """Draw both roads through the last eight cells, and write on each what comes along it."""
    end = LAST_EIGHT[-1] + 1.3
    rungs = go.Scatter(
        name="from road to road",
        mode="lines",
        **SILENT,
        x=np.repeat(LAST_EIGHT, 3),
        y=[UPPER, LOWER, None] * len(LAST_EIGHT),
        line={"color": GREY, "width": 1, "dash": "dot"},
    )
    way = go.Scatter(
        name="the error enters here",
        mode="lines+markers+text",
        **SILENT,
        x=[LAST_EIGHT[-1], end],
        y=[LOWER, LOWER],
        line={"color": BLUE, "width": 4},
        marker={"symbol": "square", "size": [0, 18], "color": BLUE, "opacity": 1},
        text=["", "error 1"],
        textposition="top center",
        textfont={"size": 13},
    )
    bare = {"showgrid": False, "ticks": "", "showline": False}
    name = {"x": LAST_EIGHT[-1] + 0.4, "xanchor": "left", "yanchor": "middle"}
    names = {ROAD.format(ORANGE, "around W"): UPPER, ROAD.format(VERMILLION, "through W"): LOWER - 0.27}
    return Panel(
        "The last eight steps, on both roads",
        (
            Mark(rungs),
            Mark(way),
            *_lane("around W", UPPER, 1, ORANGE, "square", "close_gate"),
            *_lane("through W, of eight", LOWER, -1, VERMILLION, "circle", "close_W"),
        ),
        x={"range": [LAST_EIGHT[0] - 0.9, end + 0.9], "tickvals": LAST_EIGHT.tolist()}
        | {"title": {"text": "step t", "standoff": 4}}
        | bare,
        y={"range": [-0.8, 1.8], "showticklabels": False} | bare,
        width=300,
        height=250,
        data=_close_data,
        legend=False,
        picks=("length",),
        waits=True,
        notes=tuple(name | {"text": text, "y": y} for text, y in names.items()),
    )


def _lane(of: str, y: float, side: int, colour: str, symbol: str, size: str) -> list[Mark]:
    """Draw the cells of one road, what each step multiplies by, and the size of the error on it."""
    marks, passes = [], (FRAMES * len(LAST_EIGHT) // WHOLE_LENGTH, 0)
    for name, shade, reveal in ((f"waiting, {of}", GREY, None), (f"passed, {of}", colour, passes)):
        rim = {"color": shade, "width": 2.5}
        cells = go.Scatter(
            name=name,
            mode="lines+markers",
            **SILENT,
            x=LAST_EIGHT,
            y=np.full(len(LAST_EIGHT), y),
            line=rim,
            marker={"symbol": symbol, "size": 17, "color": "white", "line": rim},
        )
        marks.append(Mark(cells, reveal=reveal))
    words = {"mode": "text", **SILENT}
    numbers = go.Scatter(
        name=f"numbers, {of}",
        **words,
        x=LAST_EIGHT,
        y=y + side * np.resize([0.35, 0.6], len(LAST_EIGHT)),  # on two lines, for long numbers on a phone
        texttemplate="<b>%{text}</b>",
        textfont={"size": 13},
    )
    factors = go.Scatter(
        name=f"factors, {of}",
        **words,
        x=LAST_EIGHT[:-1] + 0.5,
        y=np.full(len(LAST_EIGHT) - 1, y - side * 0.21),
    )
    passed = {"text": [f"{size}_factor"] * (len(LAST_EIGHT) - 1)}
    return [*marks, Mark(numbers, {"text": size}, along="cell", reveal=passes), Mark(factors, passed)]


def _close_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    here = table.sel(length=WHOLE_LENGTH, step=LAST_EIGHT, drop=True).rename(step="cell").drop_vars("cell")
    gates = [MULTIPLIED_BY.format(ORANGE, GATED[kind][1]) for kind in table.network.values.tolist()]
    return {
        "close_gate": here.around.assign_attrs(FINE),
        "close_W": here.through.assign_attrs(FINE),
        "close_gate_factor": xr.DataArray(gates, {"network": table.network}),
        "close_W_factor": xr.DataArray(MULTIPLIED_BY.format(VERMILLION, "W")),
    }
