"""Clipped before the update, after it, or inside the backward pass: what becomes of the gradient."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, PURPLE, ROW_AXIS, ROW_NAME, VERMILLION, amount, powers
from ..values import in_words
from .table import RADIUS, START, STEPS, inside_table, walk_table

__all__ = ["moments", "passing", "round_trip", "voices"]

BACK = {"title": {"text": "steps back from the loss", "standoff": 4}, "range": [-0.8, STEPS - 0.2]}
BACKWARD = (0, FRAMES)
"""Steps back from the loss are in the order in which the error comes by."""
TRUE = {"color": GREY, "width": 2.5, "dash": "dash"}
CLIPPED = {"color": VERMILLION, "width": 3}
PICKS = ("rule", "threshold", "error", "eigenvalue", "inside")


def passing() -> Panel:
    """Show the size of the error on its way back, as it is and clipped at every step."""
    told = {"mode": "lines", "hovertemplate": "%{x} steps back: %{customdata}<extra></extra>"}
    true = go.Scatter(name="as it is", **told, line=TRUE)
    clipped = go.Scatter(name="clipped inside", **told, line=CLIPPED)
    limit = go.Scatter(
        name="threshold", mode="lines", hoverinfo="skip", line={"color": GREY, "width": 1.5, "dash": "dot"}
    )
    return Panel(
        "The error on its way back",
        (
            Mark(limit, {"x": "limit_x", "y": "limit"}, along="end"),
            _along_back(true, "size"),
            _along_back(clipped, "size_inside"),
        ),
        x=BACK,
        y=powers(-2.4, 5.4, 2) | {"title": {"text": "size of the error", "standoff": 2}},
        width=260,
        height=230,
        data=_inside_data,
        words=("says_inside",),
        picks=PICKS,
        waits=True,
    )


def _along_back(trace: go.Scatter, sizes: str) -> Mark:
    return Mark(trace, {"y": sizes, "customdata": sizes}, along="back", reveal=BACKWARD, edge=True)


def voices() -> Panel:
    """Show how much each step adds to the gradient of W, as it is and clipped at every step."""
    told = {"mode": "lines+markers", "hovertemplate": "%{x} steps back: %{y:.1f} %<extra></extra>"}
    true = go.Scatter(name="as it is, of W", **told, line=TRUE, marker={"symbol": "circle-open", "size": 7})
    clipped = go.Scatter(name="clipped inside, of W", **told, line=CLIPPED, marker={"size": 6})
    return Panel(
        "What each step adds to the gradient of W",
        (
            Mark(true, {"y": "share"}, along="back", reveal=BACKWARD, edge=True),
            Mark(clipped, {"y": "share_inside"}, along="back", reveal=BACKWARD, edge=True),
        ),
        x=BACK,
        y={"range": [-1, 33], "dtick": 10, "ticksuffix": " %", "title": {"text": "share", "standoff": 2}},
        width=260,
        height=230,
        data=_inside_data,
        words=("says_inside",),
        picks=PICKS,
        waits=True,
    )


def _inside_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    found = inside_table()

    def say(hidden, inside, cosine):
        if cosine > 1 - 1e-9 and hidden == inside:
            return "No error is above the threshold: the gradient stays as it is."
        degrees = np.degrees(np.arccos(min(1.0, cosine)))
        way = (
            "in the same direction" if degrees < 0.5 else f"{degrees:.0f}° away from it (cosine {cosine:.3g})"
        )
        return (
            f"The hidden layer's gradient is {amount(np.log10(hidden))} long; clipped inside, "
            f"it is {amount(np.log10(inside))} long, and points {way}."
        )

    sizes = {
        name: found[name].assign_attrs(units="log10", resolution=0.01) for name in ("size", "size_inside")
    }
    shares = {name: (100 * found[name]).assign_attrs(resolution=0.02) for name in ("share", "share_inside")}
    ends = xr.DataArray([-0.8, STEPS - 0.2], dims="end")
    return (
        sizes
        | shares
        | {
            "limit_x": ends,
            "limit": np.log10(1.0 * found.inside) + 0 * ends,
            "says_inside": in_words(say, found.hidden, found.hidden_inside, found.turned),
        }
    )


# --- the three moments --------------------------------------------------------------------------------------

MOMENTS = {
    "as it is, or clipped after the update": (GREY, "x"),
    "clipped before the update": (PURPLE, "diamond"),
    "clipped inside": (VERMILLION, "circle"),
}
"""Of each: the colour and the symbol of its step."""


def moments() -> Panel:
    """Show how long the hidden layer's step is, and how far it is turned, by when it is clipped."""
    colours, symbols = zip(*MOMENTS.values(), strict=True)
    points = go.Scatter(
        name="step, by when it is clipped",
        mode="markers+text",
        marker={"color": colours, "symbol": symbols, "size": 12},
        texttemplate="<b>%{customdata}</b>%{text}",
        textposition="bottom right",
        cliponaxis=False,
        hovertemplate="%{customdata}%{text}<extra></extra>",
    )
    limit = go.Scatter(
        name="threshold of the step",
        mode="lines",
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
    )
    name = ROW_NAME | {"yanchor": "middle", "font": {"size": 12}}
    shown = {"x": "moment_step", "y": "moment_row", "customdata": "moment_step", "text": "moment_turned"}
    return Panel(
        "The hidden layer's step",
        (
            Mark(limit, {"x": "moment_limit", "y": "moment_pieces"}, along="piece"),
            Mark(points, shown, along="moment", reveal=BACKWARD),
        ),
        x=powers(-1.8, 7.0, 2)
        | {"title": {"text": "how long it is (times the learning rate)", "standoff": 4}},
        y={"range": [len(MOMENTS) - 0.45, -0.55], **ROW_AXIS},
        width=260,
        height=230,
        data=_moments_data,
        words=("says_moments",),
        picks=PICKS,
        waits=True,
        legend=False,
        notes=tuple(name | {"text": told, "y": row - 0.32} for row, told in enumerate(MOMENTS)),
    )


def _moments_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    found = inside_table()
    limit, kept = 1.0 * found.inside, xr.ones_like(found.turned)
    before = np.minimum(found.hidden, limit)  # by norm
    steps = xr.concat(xr.broadcast(found.hidden, before, found.hidden_inside), "moment")
    cosines = xr.concat([kept, kept, found.turned], "moment")

    def turned(cosine):
        degrees = np.degrees(np.arccos(min(1.0, cosine)))
        return f", {degrees:.0f}° away" if degrees >= 0.5 else ""

    def say(own, cut):
        if own == cut:
            return "The step is no longer than the threshold, and clipping it changes nothing."
        return (
            f"Clipped before the update, the step is {amount(np.log10(cut))} long and keeps its direction; "
            f"clipped after it, it was {amount(np.log10(own))} long when it was taken."
        )

    rows = np.arange(len(MOMENTS))
    beside = rows[:, None] + [-0.18, 0.42, np.nan]  # each step, and not across the words above it
    pieces = xr.DataArray(beside.ravel(), dims="piece")
    return {
        "moment_step": np.log10(steps).assign_attrs(units="log10"),
        "moment_row": xr.DataArray(rows, dims="moment"),
        "moment_turned": in_words(turned, cosines),
        "moment_pieces": pieces,
        "moment_limit": np.log10(limit) + 0 * pieces,
        "says_moments": in_words(say, found.hidden, before),
    }


# --- the gradient of nothing --------------------------------------------------------------------------------


def round_trip() -> Panel:
    """Show the third weight while the other two go round a circle, at right angles to the gradient."""
    told = {"hovertemplate": "%{x}°: b = %{y:.3f}<extra></extra>", "mode": "lines"}
    level = go.Scatter(name="as it is, or clipped before the update", **told, line=TRUE)
    astray = go.Scatter(name="clipped inside, at every step", **told, line={"color": ORANGE, "width": 3})
    ring = {"size": 12, "line": {"width": 3}, "symbol": "circle-open"}
    ends = [
        go.Scatter(
            name=f"now, {each}",
            mode="markers",
            showlegend=False,
            hoverinfo="skip",
            marker=ring | {"color": colour},
        )
        for each, colour in (("level", GREY), ("astray", ORANGE))
    ]
    start = {"type": "line", "x0": -10, "x1": 370, "y0": START, "y1": START}
    return Panel(
        "Once round, always at right angles to the gradient",
        (
            Mark(level, {"y": "b_level"}, along="turn", reveal=BACKWARD),
            Mark(astray, {"y": "b_astray"}, along="turn", reveal=BACKWARD),
            Mark(ends[0], {"x": "turned_to", "y": "b_level"}, along="turn", reveal=BACKWARD, latest=1),
            Mark(ends[1], {"x": "turned_to", "y": "b_astray"}, along="turn", reveal=BACKWARD, latest=1),
        ),
        x={"range": [-10, 370], "tickvals": [0, 90, 180, 270, 360], "ticksuffix": "°"}
        | {"title": {"text": f"w and u go round a circle of radius {RADIUS:g}", "standoff": 4}},
        y={"range": [-0.38, 0.5], "dtick": 0.2, "title": {"text": "third weight, b", "standoff": 2}},
        width=260,
        height=240,
        data=_round_data,
        words=("says_round",),
        waits=True,
        picks=PICKS,
        shapes=({**start, "line": {"color": GREY, "width": 1, "dash": "dot"}},),
    )


def _round_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    walks = walk_table()

    def say(level, astray):
        return (
            f"After a full turn b is {_off(level)} with the gradient as it is, "
            f"and {_off(astray)} with the one clipped inside."
        )

    away = [walks[name].isel(turn=-1, drop=True) - START for name in ("level", "astray")]
    return {
        "b_level": walks.level.assign_attrs(resolution=0.0001),
        "b_astray": walks.astray.assign_attrs(resolution=0.0001),
        "turned_to": 1.0 * walks.turn,
        "says_round": in_words(say, *away),
    }


def _off(away: float) -> str:
    if abs(away) < 0.0005:
        return "back where it began"
    return f"{abs(away):.2f} {'below' if away < 0 else 'above'} where it began"
