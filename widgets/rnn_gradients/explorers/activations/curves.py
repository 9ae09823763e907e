"""Where the units run on the curve of their activation, and what its slopes leave of the error."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREEN, GREY, PURPLE, VERMILLION, amount, powers
from ..values import applied, fact, in_words
from .table import FEW, SEQUENCES, STEPS, sigmoid_table

__all__ = ["curve", "damping", "held_curve", "product", "slopes"]

ENDS = 6.0
"""Of the piece of an activation that is drawn."""
BEYOND = 30.0
"""Where a unit is cut that runs far beyond it."""
LARGEST = 1.5
"""Input of the largest of units that have no scale, so that all are seen."""
TOP, BOTTOM = 13.0, -15.0
"""Powers of ten at which a size is marked that lies beyond."""
BINS = np.linspace(0, 1, 21)
"""Of the histogram of slopes: the middle of each."""
STEP = {"title": {"text": "step t", "standoff": 4}, "range": [0, STEPS + 1]}
SILENT = {"hoverinfo": "skip"}
BACKWARD = (FRAMES, 0)


def curve() -> Panel:
    """Show the activation and its slope, and on both the units at one step."""
    title = "Where the 32 units run, at step t"
    y = {"range": [-1.15, 1.6], "dtick": 0.5}
    names = ("activation", "a unit", "its slope", "slope of a unit")
    x = f"input a of a unit (of ReLU: the largest is {LARGEST:g})"
    return _curve("curve", title, names, x, y, _curve_data, {"eigenvalue": FEW})


def held_curve() -> Panel:
    """Show the sigmoid and its slope, and on both the units at the last step."""
    title = f"Where the 32 units run, at step {SEQUENCES[-1]}"
    y = {"range": [-0.08, 1.13], "dtick": 0.25}
    names = ("sigmoid", "a sigmoid unit", "slope of the sigmoid", "slope of a sigmoid unit")
    return _curve("held_curve", title, names, "input a of a unit", y, _held_data, {})


def _curve(
    key: str, title: str, names: tuple[str, ...], x: str, y: dict, data: Callable, reach: dict
) -> Panel:
    ring = {"size": 9, "line": {"width": 2}}
    marks = []
    for name, unit, shape, at_units, symbol, look in (
        (*names[2:], "slope", "slopes", "diamond-open", {"color": PURPLE, "width": 3, "dash": "dash"}),
        (*names[:2], "phi", "states", "circle-open", {"color": GREEN, "width": 3}),
    ):
        trace = go.Scatter(name=name, mode="lines", **SILENT, line=look)
        marker = {"symbol": symbol, "color": look["color"], **ring}
        units = go.Scatter(name=unit, mode="markers", **SILENT, marker=marker)
        marks.append(Mark(trace, {"y": f"{key}_{shape}"}, along="input"))
        at = {"x": f"{key}_inputs", "y": f"{key}_{at_units}"}
        marks.append(Mark(units, at, along="unit", edge=shape == "phi"))
    return Panel(
        title,
        tuple(marks),
        x={"title": {"text": x, "standoff": 4}, "range": [-ENDS, ENDS], "dtick": 2},
        y=y | {"title": {"text": "output, slope", "standoff": 2}},
        width=250,
        height=230,
        data=data,
        reach=reach,
    )


def _curve_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    a = table.preactivation
    share = LARGEST / np.abs(a).max("unit")
    return _on_curve("curve", table.activation, xr.where(fact("scale_free", table.activation), a * share, a))


def _held_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    units = sigmoid_table().preactivation.expand_dims(activation=["sigmoid"])
    shown = _on_curve("held_curve", units.activation, units)
    return {name: values.sel(activation="sigmoid", drop=True) for name, values in shown.items()}


def _on_curve(name: str, activation: xr.DataArray, a: xr.DataArray) -> dict[str, xr.DataArray]:
    """The curve and its slope, and where units of these inputs are on both."""
    piece = np.sort([*np.linspace(-ENDS, ENDS, 121), 1e-6])  # on both sides of where a slope can jump
    x, a = xr.DataArray(piece, dims="input", coords={"input": piece}), a.clip(-BEYOND, BEYOND)
    fine, coarse = {"resolution": 0.001}, {"resolution": 0.01}
    return {
        f"{name}_phi": applied("phi", activation, x).assign_attrs(fine),
        f"{name}_slope": applied("slope", activation, x).assign_attrs(fine),
        f"{name}_inputs": a.assign_attrs(coarse),
        f"{name}_states": applied("phi", activation, a).assign_attrs(coarse),
        f"{name}_slopes": applied("slope", activation, a).assign_attrs(coarse),
    }


def slopes() -> Panel:
    """Count the units by their slope, at one step."""
    bar = go.Bar(
        name="units by slope",
        width=0.9 * BINS[1],
        showlegend=False,
        marker={"color": PURPLE},
        hovertemplate="%{y} units<extra></extra>",
    )
    mean = go.Scatter(
        name="mean slope",
        mode="lines+text",
        **SILENT,
        showlegend=False,
        y=[0, 33],
        textposition="top center",
        cliponaxis=False,
        line={"color": GREY, "width": 2, "dash": "dot"},
    )
    return Panel(
        "How many units have which slope",
        (
            Mark(bar, {"y": "count"}, along="bin"),
            Mark(mean, {"x": ["mean_slope", "mean_slope"], "text": ["no_word", "says_mean"]}),
        ),
        x={"title": {"text": "slope of a unit", "standoff": 4}, "range": [-0.04, 1.06], "dtick": 0.25},
        y={"range": [0, 33], "dtick": 8, "title": {"text": "units", "standoff": 2}},
        width=200,
        height=230,
        grows=0.7,
        data=_slopes_data,
        words=("says_step", "says_slopes"),
        legend=False,
        headroom=18,
        reach={"eigenvalue": FEW},
    )


def _slopes_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    slope = applied("slope", table.activation, table.preactivation)
    nearest = np.rint(slope / BINS[1])
    bins = xr.DataArray(np.arange(BINS.size), {"bin": BINS})
    mean = np.round(slope.mean("unit"), 2)
    hundredths = np.rint(100 * mean).astype("i2")
    return {
        "count": (nearest == bins).sum("unit").assign_attrs(resolution=1),
        "mean_slope": mean.assign_attrs(resolution=0.01),
        "no_word": xr.DataArray(""),
        "says_mean": hundredths.assign_attrs(categories=[f"mean {k / 100:g}" for k in range(101)]),
        "says_slopes": hundredths.assign_attrs(
            categories=[f"the mean slope of the 32 units is {k / 100:g}." for k in range(101)]
        ),
        "says_step": ("step", [f"At step {t}" for t in table.step.values]),
    }


def damping() -> Panel:
    """Show for each step what the slopes leave of the error that passes them there."""
    line = go.Scatter(
        name="what is left",
        mode="lines+markers",
        line={"color": PURPLE, "width": 2},
        marker={"size": 6, "symbol": "diamond"},
        hovertemplate="step %{x}: %{y:.2f} of the error is left<extra></extra>",
    )
    ceiling = go.Scatter(
        name="γ, the steepest slope", mode="lines", **SILENT, line={"color": GREY, "width": 2, "dash": "dash"}
    )
    return Panel(
        "What the slopes of a step leave of the error",
        (
            Mark(ceiling, {"y": "gamma"}, along="step"),
            Mark(line, {"y": "damping"}, along="step", reveal=BACKWARD),
        ),
        x=STEP,
        y={"range": [-0.04, 1.1], "dtick": 0.25, "title": {"text": "part left", "standoff": 2}},
        width=250,
        height=200,
        data=lambda table: {
            "gamma": fact("steepest", table.activation) + 0.0 * table.step,
            "damping": table.damping.assign_attrs(resolution=0.005),
        },
        waits=True,
        reach={"eigenvalue": FEW},
    )


def product() -> Panel:
    """Multiply up, from the last step back, what the slopes leave, the error itself, and its bound."""
    written = {"hovertemplate": "step %{x}: %{customdata}<extra></extra>", "mode": "lines"}
    slopes_alone = go.Scatter(
        name="slopes alone", **written, line={"color": PURPLE, "width": 3, "dash": "dash"}
    )
    error = go.Scatter(name="the error", **written, line={"color": VERMILLION, "width": 3})
    most = go.Scatter(name="its bound", **written, line={"color": GREY, "width": 2, "dash": "dash"})
    return Panel(
        "Multiplied up, from the loss back to step t",
        (
            Mark(most, {"y": "most", "customdata": "most"}, along="step", reveal=BACKWARD),
            *_written_up(slopes_alone, "product", "bottom right"),
            *_written_up(error, "error", "top right"),
        ),
        x=STEP,
        y=powers(BOTTOM - 1.5, TOP + 0.5) | {"title": {"text": "size", "standoff": 2}},
        width=250,
        height=200,
        data=_product_data,
        words=("says_product",),
        waits=True,
        reach={"eigenvalue": FEW},
        headroom=14,
    )


def _written_up(trace: go.Scatter, size: str, place: str) -> list[Mark]:
    """Draw a line back from the loss, with its number where it has come to, or where it leaves the axes."""
    front = go.Scatter(
        name=f"{trace.name}, here",
        mode="markers+text",
        **SILENT,
        showlegend=False,
        textposition=place,
        texttemplate="<b>%{text}</b>",
        textfont={"size": 13},
        cliponaxis=False,
        marker={"size": 9, "color": trace.line.color},
    )
    along = {"along": "step", "reveal": BACKWARD}
    here = {"y": f"{size}_within", "text": size, "marker.symbol": f"{size}_symbol"}
    return [Mark(trace, {"y": size, "customdata": size}, **along), Mark(front, here, latest=1, **along)]


def _within(name: str, size: xr.DataArray) -> dict[str, xr.DataArray]:
    """Where on the axes a size is shown, and by which symbol: a triangle if it lies beyond them."""
    symbol = ((size > TOP) + 2 * (size < BOTTOM)).astype("i2")
    return {
        f"{name}_within": size.clip(BOTTOM, TOP).drop_attrs().assign_attrs(resolution=0.01),
        f"{name}_symbol": symbol.assign_attrs(categories=["circle", "triangle-up", "triangle-down"]),
    }


def _product_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    attrs = {"units": "log10"}
    with np.errstate(divide="ignore"):
        left = np.maximum(np.log10(table.damping), -20)
    # what has come to step t has passed the slopes of all steps behind it
    passed = left.isel(step=slice(None, None, -1)).cumsum("step").isel(step=slice(None, None, -1)) - left
    back = STEPS - table.step
    product = np.maximum(passed, -320)
    return {
        "product": product.assign_attrs(attrs),
        "most": (table.bound * back).assign_attrs(attrs),
        "error": table.gradient.assign_attrs(attrs),
        **_within("product", product),
        **_within("error", table.gradient),
        "says_product": _says_product(product, table.gradient),
    }


def _says_product(product: xr.DataArray, error: xr.DataArray) -> xr.DataArray:
    def say(left, size):
        back = f"{STEPS - 1} steps back make {amount(size)} of an error of 1"
        return f"{back}; the slopes alone leave {amount(left)} of it."

    return in_words(say, *(each.isel(step=0, drop=True) for each in (product, error)))
