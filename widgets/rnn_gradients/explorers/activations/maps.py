"""Heat maps: the slope of every unit at every step, and the gradient over eigenvalue and sequence length."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.passes import FLOOR
from ..controls import FRAMES
from ..grids import FATE_SCALE, OPEN_SCALE, SCALE_HIGH, UNITS_UP, fate_marks, units_by_steps
from ..panels import Mark, Panel
from ..style import GREEN, GREY, ORANGE, ROW_AXIS, ROW_LINE, ROW_NAME, VERMILLION, amount, powers
from ..values import applied, in_words
from .curves import STEP
from .fates import EIGENVALUE, by_way, chosen
from .table import FEW, SEEDS, SEQUENCES, STEPS, WAYS, starts_table
from .words import said_of_point, says_starts

__all__ = ["STARTED", "fate_map", "passes", "starts", "starts_factors", "strip"]

PICKS = ("activation", "kind", "units", "length")
SHUT_FROM = 21
"""The step from which on a unit is shut that is told of."""


def strip() -> Panel:
    """Show the slope of every unit at every step: through which units the error passes."""
    slopes = units_by_steps("slope of each unit", "slope")
    return Panel(
        "Slopes, unit by unit",
        (Mark(slopes, {"z": "slope_of"}, along=("unit", "step"), reveal=(0, FRAMES // 2)),),
        x=STEP | {"showgrid": False},
        y=UNITS_UP,
        width=300,
        height=230,
        data=_strip_data,
        words=("says_open", "says_shut"),
        picks=("step",),
        legend=False,
        waits=True,
        reach={"eigenvalue": FEW},
        headroom=SCALE_HIGH,
        notes=(OPEN_SCALE,),
    )


def _strip_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    slope = applied("slope", table.activation, table.preactivation)

    def say_open(share, activation):
        if activation == "relu":
            return f"{share:.0f} % of the squares are filled (open)."
        return f"The mean of all slopes is {round(share) / 100:g}."

    shut = (slope.sel(step=slice(SHUT_FROM, None)) == 0).all("step").sum("unit").astype("i2")
    of_shut = [
        f"{k or 'None'} of 32 units {'is' if k < 2 else 'are'} shut from step {SHUT_FROM} on."
        for k in range(33)
    ]
    is_relu = table.activation == "relu"
    return {
        "slope_of": slope.assign_coords(unit=np.arange(32)).assign_attrs(resolution=0.05),
        "says_open": in_words(say_open, 100 * slope.mean(("unit", "step")), table.activation),
        "says_shut": xr.where(is_relu, shut, 33).assign_attrs(categories=[*of_shut, ""]),
    }


def passes() -> Panel:
    """Show the state on its way forward and the error on its way back."""
    line = {"mode": "lines", "hovertemplate": "step %{x}: %{customdata}<extra></extra>"}
    forward = go.Scatter(name="forward: the state", **line, line={"color": GREEN, "width": 3})
    backward = go.Scatter(
        name="backward: the error", **line, line={"color": VERMILLION, "width": 3, "dash": "dash"}
    )
    return Panel(
        "Forward and backward",
        (
            Mark(
                forward,
                {"y": "state_size", "customdata": "state_size"},
                along="step",
                reveal=(0, FRAMES // 2),
                edge=True,
            ),
            Mark(
                backward,
                {"y": "error_size", "customdata": "error_size"},
                along="step",
                reveal=(FRAMES, FRAMES // 2),
                edge=True,
            ),
        ),
        x=STEP,
        y=powers(-12.5, 12.5) | {"title": {"text": "size", "standoff": 2}},
        width=250,
        height=230,
        grows=0.8,
        data=_passes_data,
        words=("says_passes",),
        picks=("step",),
        waits=True,
        reach={"eigenvalue": FEW},
    )


def _passes_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def becomes(log10):
        return "keeps its size" if amount(log10) == "1" else f"becomes {amount(log10)} times as large"

    def say(first, last, error):
        forward, back = becomes(last - first), becomes(error)
        return f"Over {STEPS} steps the state {forward}; on its way back the error {back}."

    state, error = (
        each.assign_attrs(units="log10", resolution=0.01) for each in (table.state, table.gradient)
    )
    ends = [state.isel(step=0, drop=True), state.isel(step=-1, drop=True), error.isel(step=0, drop=True)]
    return {"state_size": state, "error_size": error, "says_passes": in_words(say, *ends)}


# --- eigenvalue by sequence length --------------------------------------------------------------------------


def fate_map() -> Panel:
    """Show the gradient at the first step over eigenvalue and length; a click goes to a point."""
    cells = fate_marks(
        "map",
        ("length", "eigenvalue"),
        {"z": "fate", "customdata": "fate", "text": "fate_name"},
        {"x": "place"},
        "fate_line",
        "eigenvalue %{text}, %{y} steps: %{customdata}<extra></extra>",
        clicks=True,
    )
    return Panel(
        "Gradient at the first step",
        (*cells, _point()),
        x=EIGENVALUE | {"showgrid": False},
        y={"range": [-1, 102.5], "showgrid": False, "title": {"text": "sequence length T", "standoff": 2}}
        | {"tickvals": [1, 20, 40, 60, 80, 100]},
        width=330,
        height=240,
        grows=1.3,
        data=_map_data,
        picks=PICKS,
        legend=False,
        headroom=SCALE_HIGH,
        notes=(FATE_SCALE,),
    )


def _map_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    fate = said_of_point(by_way(table["first"]))
    places, names = np.arange(table.sizes["eigenvalue"]), [f"{x:g}" for x in table.eigenvalue.values]
    cells = xr.DataArray(places, {"eigenvalue": table.eigenvalue}) + 0 * table.length
    return {
        "place": ("eigenvalue", np.log10(table.eigenvalue.values)),
        "fate": fate.assign_attrs(units="log10", resolution=0.01),
        "fate_line": fate.where(fate.length > 1).assign_attrs(resolution=0.02),
        "fate_name": cells.assign_attrs(categories=names),
        "point_length": 1.0 * table.length,
    }


def _point() -> Mark:
    return Mark(chosen("on the map").update(cliponaxis=False), {"x": ["place"], "y": ["point_length"]})


# --- where networks start -----------------------------------------------------------------------------------

STARTS_NAMED = {
    "default": "torch's default",
    "glorot": "Glorot",
    "orthogonal": "orthogonal",
    "identity": "identity",
}
STARTED = {"way": [way for way, (_, kind, _) in WAYS.items() if kind in ("orthogonal", "identity")]}
"""Networks that differ by their units and inputs: an initialiser has a W of its own."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
PLACES = range(len(STARTS_NAMED), 0, -1)
"""In which the initialisers stand, from the top down."""


def starts() -> Panel:
    """Show the largest eigenvalue of the matrices that each initialiser draws, five of each."""
    return _rows("start", "Largest eigenvalue of W", "size of the eigenvalue", _starts_data, ())


def starts_factors() -> Panel:
    """Show what a step back does in networks that start from these matrices, along the same axis."""
    title = "Factor of a step back, on average"
    return _rows("factor", title, "factor a step", _factors_data, ("says_starts",))


def _rows(key: str, title: str, across: str, data: Callable, words: tuple[str, ...]) -> Panel:
    marks, notes = [], []
    for (name, label), symbol, row in zip(STARTS_NAMED.items(), SYMBOLS, PLACES, strict=True):
        dots = go.Scatter(
            name=f"{key}, {name}",
            mode="markers",
            y=[row] * len(SEEDS),
            marker={"symbol": f"{symbol}-open", "size": 12, "color": ORANGE, "line": {"width": 2.5}},
            hovertemplate="%{customdata}<extra></extra>",
        )
        shown = f"{key}_{name}"
        marks.append(Mark(dots, {"x": shown, "customdata": shown}, along="seed", edge=True))
        above = {"y": row, "yanchor": "bottom", "yshift": 7}
        notes.append(ROW_NAME | above | {"text": label, "font": {"size": 13}})
    at_one = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "domain"}
    ticks = (0.1, 0.2, 0.5, 1)
    return Panel(
        title,
        tuple(marks),
        x={"range": [np.log10(0.08), np.log10(1.5)], "title": {"text": across, "standoff": 4}}
        | {"tickvals": np.log10(ticks).tolist(), "ticktext": [f"{x:g}" for x in ticks]},
        y={"range": [0.5, len(PLACES) + 0.7], **ROW_AXIS},
        width=260,
        height=200,
        data=data,
        words=words,
        legend=False,
        reach=STARTED,
        notes=tuple(notes),
        shapes=(
            *(ROW_LINE | {"y0": row, "y1": row} for row in PLACES),
            at_one | {"line": {"color": GREY, "width": 3}},
        ),
    )


def _factors_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rate = starts_table()["first"].sel(length=SEQUENCES[-1], drop=True) / (SEQUENCES[-1] - 1)
    rate = rate.where(rate > -3, FLOOR).assign_attrs(units="log10")  # of nothing left, written as 0
    data = {f"factor_{name}": rate.sel(initialiser=name, drop=True) for name in STARTS_NAMED}
    return data | {"says_starts": says_starts(starts_table(), STARTS_NAMED)}


def _starts_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    radius = np.log10(starts_table().radius).assign_attrs(units="log10")
    return {f"start_{name}": radius.sel(initialiser=name, drop=True) for name in STARTS_NAMED}
