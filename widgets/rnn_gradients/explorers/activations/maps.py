"""Heat maps: the slope of every unit at every step, and the gradient over eigenvalue and sequence length."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..grids import UNITS_UP, fate_marks, units_by_steps
from ..panels import Mark, Panel
from ..style import GREEN, GREY, ORANGE, VERMILLION, amount, powers
from ..values import applied, in_words
from .curves import STEP
from .fates import EIGENVALUE, by_way, chosen
from .table import FEW, SEEDS, SEQUENCES, STEPS, WAYS, starts_table
from .words import says_starts

__all__ = ["STARTED", "fate_map", "passes", "starts", "starts_factors", "strip"]

PICKS = ("activation", "kind", "units", "length")
SHUT_FROM = 21
"""The step from which on a unit is shut that is told of."""


def strip() -> Panel:
    """Show the slope of every unit at every step: through which units the error passes."""
    slopes = units_by_steps("slope of each unit", "slope")
    return Panel(
        "Slopes, unit by unit (filled: 1)",
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
    )


def _strip_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    slope = applied("slope", table.activation, table.preactivation)

    def say_open(share, activation):
        if activation == "relu":
            return f"{share:.0f} % of the squares are filled: there the unit is open."
        return f"The mean of all slopes is {round(share) / 100:g}."

    shut = (slope.sel(step=slice(SHUT_FROM, None)) == 0).all("step").sum("unit").astype("i2")
    of_shut = [
        f"Of the 32 units {k or 'none'} {'is' if k < 2 else 'are'} shut from step {SHUT_FROM} on."
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
    def say(first, last, error):
        grown = f"From step 1 to step {STEPS} the state becomes {amount(last - first)} times as large"
        return f"{grown}; on its way back the error becomes {amount(error)} times as large."

    state, error = (
        each.assign_attrs(units="log10", resolution=0.01) for each in (table.state, table.gradient)
    )
    ends = [state.isel(step=0, drop=True), state.isel(step=-1, drop=True), error.isel(step=0, drop=True)]
    return {"state_size": state, "error_size": error, "says_passes": in_words(say, *ends)}


# --- eigenvalue by sequence length --------------------------------------------------------------------------


def fate_map() -> Panel:
    """Show the gradient at the first step over eigenvalue and length; a click goes to a point."""
    return _map("map", "Gradient at the first step: 10 to the power of …", (_point(),), _map_data, (), {})


def starts() -> Panel:
    """Show the same map, and on it the matrices that initialisers draw."""
    marks = tuple(_start(name, nth) for nth, name in enumerate(STARTS_NAMED))
    title = "The same map, and where networks start"
    return _map("starts map", title, marks, _starts_data, ("says_starts",), STARTED)


def _map(
    key: str, title: str, marks: tuple[Mark, ...], data: Callable, words: tuple[str, ...], reach: dict
) -> Panel:
    cells = fate_marks(
        key,
        ("length", "eigenvalue"),
        {"z": "fate", "customdata": "fate", "text": "fate_name"},
        {"x": "place"},
        "fate_line",
        "eigenvalue %{text}, %{y} steps: %{customdata}<extra></extra>",
        opacity=1 if key == "map" else 0.4,  # paler where marks with names lie on it
        clicks=key == "map",
    )
    return Panel(
        title,
        (*cells, *marks),
        x=EIGENVALUE | {"showgrid": False},
        y={"range": [2.5, 102.5], "showgrid": False, "title": {"text": "sequence length T", "standoff": 2}}
        | {"tickvals": [5, 20, 40, 60, 80, 100]},
        width=330,
        height=260,
        grows=1.3,
        data=data,
        words=words,
        picks=PICKS,
        legend=False,
        reach=reach,
    )


def _map_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    fate = by_way(table["first"]).median("seed")
    places, names = np.arange(table.sizes["eigenvalue"]), [f"{x:g}" for x in table.eigenvalue.values]
    cells = xr.DataArray(places, {"eigenvalue": table.eigenvalue}) + 0 * table.length
    return {
        "place": ("eigenvalue", np.log10(table.eigenvalue.values)),
        "fate": fate.assign_attrs(units="log10", resolution=0.02),
        "fate_line": fate.where(fate.length > 1).assign_attrs(resolution=0.02),
        "fate_name": cells.assign_attrs(categories=names),
        "point_length": 1.0 * table.length,
    }


def _point() -> Mark:
    return Mark(chosen("on the map"), {"x": ["place"], "y": ["point_length"]})


# --- where networks start -----------------------------------------------------------------------------------

STARTS_NAMED = {
    "default": "torch's default",
    "glorot": "Glorot",
    "orthogonal": "orthogonal",
    "identity": "identity",
}
STARTED = {"way": [way for way, (_, kind, _) in WAYS.items() if kind in ("orthogonal", "identity")]}
"""Networks that differ by their units and inputs: an initialiser has a W of its own."""
HEIGHTS = (90, 65, 40, 15)
"""At which the marks stand, for each to have a row: sequence lengths on the map, all on the line of one W."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def _start(name: str, nth: int) -> Mark:
    mark = go.Scatter(
        name=f"start, {name}",
        mode="markers+text",
        text=[STARTS_NAMED[name]],
        textposition="middle right",
        textfont={"size": 13},
        marker={
            "symbol": SYMBOLS[nth],
            "size": 13,
            "color": ORANGE,
            "line": {"width": 1.5, "color": "white"},
        },
        hovertemplate="%{customdata} at the first step<extra></extra>",
        y=[HEIGHTS[nth]],
    )
    return Mark(mark, {"x": [f"start_{name}"], "customdata": [f"start_{name}_size"]})


def starts_factors() -> Panel:
    """Show what a step back does in networks that start from each initialiser's matrices, five of each."""
    marks, notes = [], []
    for nth, (name, label) in enumerate(STARTS_NAMED.items()):
        dots = go.Scatter(
            name=f"factor, {name}",
            mode="markers",
            y=[HEIGHTS[nth]] * len(SEEDS),
            marker={"symbol": f"{SYMBOLS[nth]}-open", "size": 12, "color": ORANGE, "line": {"width": 2.5}},
            hovertemplate="× %{customdata}<extra></extra>",
        )
        factor = f"{name}_factor"
        marks.append(Mark(dots, {"x": factor, "customdata": factor}, along="seed", edge=True))
        words = {"text": label, "font": {"size": 13}, "x": 0.01, "xref": "domain", "xanchor": "left"}
        notes.append(words | {"y": HEIGHTS[nth], "yanchor": "bottom", "yshift": 7})
    kept = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "domain"}
    row = {"type": "line", "x0": 0, "x1": 1, "xref": "domain", "line": {"color": GREY, "width": 0.5}}
    rows = [row | {"y0": height, "y1": height} for height in HEIGHTS]
    ticks = (0.1, 0.2, 0.5, 1)
    return Panel(
        "Measured, in five networks each",
        tuple(marks),
        x={"range": [np.log10(0.08), np.log10(1.5)], "title": {"text": "factor a step", "standoff": 4}}
        | {"tickvals": np.log10(ticks).tolist(), "ticktext": [f"{x:g}" for x in ticks]},
        y={"range": [2.5, 102.5], "showgrid": False, "showticklabels": False, "ticks": ""},
        width=260,
        height=260,
        data=_factors_data,
        words=("says_starts",),
        legend=False,
        reach=STARTED,
        notes=tuple(notes),
        shapes=(*rows, kept | {"line": {"color": GREY, "width": 3}}),
    )


def _factors_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rate = starts_table()["first"].sel(length=SEQUENCES[-1], drop=True) / (SEQUENCES[-1] - 1)
    rate = rate.where(rate > -3, -320).assign_attrs(units="log10")  # of nothing left, written as 0
    data = {f"{name}_factor": rate.sel(initialiser=name, drop=True) for name in STARTS_NAMED}
    return data | {"says_starts": says_starts(starts_table(), STARTS_NAMED)}


def _starts_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    starts = starts_table()
    radius, first = np.log10(starts.radius.median("seed")), starts["first"].median("seed")
    data = _map_data(table)
    for nth, name in enumerate(STARTS_NAMED):
        here = first.sel(initialiser=name, length=HEIGHTS[nth], drop=True)
        data[f"start_{name}"] = radius.sel(initialiser=name, drop=True)
        data[f"start_{name}_size"] = here.assign_attrs(units="log10", resolution=0.01)
    return data | {"says_starts": says_starts(starts, STARTS_NAMED)}
