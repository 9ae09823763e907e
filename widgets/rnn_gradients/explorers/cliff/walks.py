"""Gradient descent on the cliff: where it goes, and the loss on its way."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, SKY, amount
from ..values import in_words
from .table import FAR, NEAR, START, UPDATES, Frame, edge, loss_over

__all__ = ["FORWARD", "HIGHEST", "WALKS", "far", "losses", "map_data", "near", "walk_words"]

FORWARD = (0, FRAMES)
HIGHEST = 0.5
"""The loss at which the colour is full."""
LANDSCAPE = [[0, "rgba(86, 180, 233, 0)"], [1, SKY]]
WALKS = {
    "": ("not clipped", GREY, {"width": 2, "dash": "dot"}, "x"),
    "_clipped": ("clipped by norm", ORANGE, {"width": 2.5}, "circle"),
}
"""Of the two walks: name, colour, line and symbol."""
SILENT = {"hoverinfo": "skip", "showlegend": False}


def far() -> Panel:
    """Show the walks on a map of the loss, wide enough for the one that is thrown off."""
    return _map("far", "The loss over w and b (the fuller, the higher)", FAR)


def near() -> Panel:
    """Show the same around the foot of the cliff."""
    return _map("near", "The same, at the foot of the cliff", NEAR)


def _map(key: str, title: str, frame: Frame) -> Panel:
    cells = go.Heatmap(
        name=f"loss, {key}",
        colorscale=LANDSCAPE,
        zmin=0,
        zmax=HIGHEST,
        showscale=False,
        hovertemplate="w %{x:.2f}, b %{y:.2f}: loss %{z:.3f}<extra></extra>",
    )
    line = go.Scatter(name=f"edge, {key}", mode="lines", **SILENT, line={"color": GREY, "width": 1.5})
    start = go.Scatter(
        name=f"start, {key}",
        mode="markers+text",
        x=START[:1],
        y=START[1:],
        text=["<b>start</b>"],
        textposition="top center",
        **SILENT,
        marker={"symbol": "circle-open", "size": 13, "color": ORANGE, "line": {"width": 2.5}},
    )
    marks = [
        Mark(cells, {"z": f"loss_{key}"}, along=(f"b_{key}", f"w_{key}")),
        Mark(line, {"x": f"edge_w_{key}", "y": f"edge_b_{key}"}, along="end"),
        Mark(start),
    ]
    for which, (name, colour, dash, symbol) in WALKS.items():
        walk = go.Scatter(
            name=f"{name}, {key}",
            mode="lines+markers",
            showlegend=False,
            line={"color": colour, **dash},
            marker={"symbol": symbol, "size": 7 if key == "near" else 4, "color": colour},
            hovertemplate="w %{x:.2f}, b %{y:.2f}<extra></extra>",
        )
        at = {"x": f"w{which}", "y": f"b{which}"}
        marks.append(Mark(walk, at, along="update", reveal=FORWARD, edge=True))
    return Panel(
        title,
        tuple(marks),
        x={"range": list(frame.w), "showgrid": False, "title": {"text": "w", "standoff": 4}},
        y={"range": list(frame.b), "showgrid": False, "title": {"text": "b", "standoff": 2}},
        width=260,
        height=270,
        data=lambda table: map_data(key, frame) | walk_words(table),
        words=("says_cliff",),
        legend=False,
        waits=True,
    )


def map_data(key: str, frame: Frame) -> dict[str, xr.DataArray]:
    """Give the loss in a frame, and the edge across it."""
    w, b, loss = loss_over(frame)
    coords = {f"b_{key}": b, f"w_{key}": w}
    ends = np.array(frame.w)
    return {
        f"loss_{key}": xr.DataArray(loss, coords, tuple(coords)).assign_attrs(resolution=0.002),
        f"edge_w_{key}": xr.DataArray(ends, dims="end"),
        f"edge_b_{key}": xr.DataArray(edge(ends), dims="end"),
    }


def losses() -> Panel:
    """Show the loss over the updates."""
    marks = []
    for which, (name, colour, dash, symbol) in WALKS.items():
        line = go.Scatter(
            name=name,
            mode="lines+markers",
            line={"color": colour, **dash},
            marker={"symbol": symbol, "size": 6},
            hovertemplate="update %{x}: loss %{y:.3f}<extra></extra>",
        )
        marks.append(Mark(line, {"y": f"loss{which}"}, along="update", reveal=FORWARD, edge=True))
    return Panel(
        "The loss on the way",
        tuple(marks),
        x={"range": [-1, UPDATES + 1], "title": {"text": "updates", "standoff": 4}},
        y={"range": [-0.012, 0.32], "dtick": 0.1, "title": {"text": "loss", "standoff": 2}},
        width=260,
        height=270,
        grows=0.8,
        data=walk_words,
        words=("says_cliff",),
        waits=True,
    )


def walk_words(table: xr.Dataset) -> dict[str, xr.DataArray]:
    """Say where the walks go."""

    def step(which: str) -> xr.DataArray:
        return np.hypot(table[f"w{which}"].diff("update"), table[f"b{which}"].diff("update"))

    def say(longest, at, w, b, loss, clipped, threshold, loss_clipped):
        place = f"w = {w:.2f}, b = {b:.2f}".replace("-", "−")
        return (
            f"Without clipping, the longest step is {_size(longest)}: update {at:g} ends at {place}. "
            f"After {UPDATES} updates the loss is {_size(loss)}. Clipped at {threshold:g}, no step is longer "
            f"than {_size(clipped)}, and the loss is {_size(loss_clipped)}."
        )

    plain = step("")
    at = plain.idxmax("update").fillna(1).astype(int)
    there = [table[name].sel(update=at, drop=True) for name in ("w", "b")]
    last = table.isel(update=-1, drop=True)
    told = [plain.max("update"), 1.0 * at, *there, last.loss, step("_clipped").max("update")]
    limit = table.threshold + 0.0 * last.loss_clipped
    return {"says_cliff": in_words(say, *told, limit, last.loss_clipped)}


def _size(number: float) -> str:
    return amount(np.log10(number)) if number > 0 else "0"
