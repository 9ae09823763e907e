"""Sizes as curves: through time, over the length of the sequence, along the activation."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.matrices import recurrent_matrix
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREEN, GREY, VERMILLION, powers
from ..values import applied, fact, in_words
from .bars import STYLES
from .words import FATE, LAYERS

__all__ = ["curve", "eigenvalues", "growth_linear", "growth_log", "per_length", "through_time"]

RINGS = {"hidden": 19, "output": 13}
"""Of two sizes, so that both are seen where they coincide."""
T = 60
"""The length of the sequence where only the steps back are counted."""


def through_time() -> Panel:
    """Show the state on its way forward, the error on its way back, and what powers alone would do to it."""
    line = {"mode": "lines", "hovertemplate": "step %{x}: %{customdata}"}
    grey = {"color": GREY, "width": 1.5}
    backward = go.Scatter(name="backward |dL/dh|", **line, line={"color": VERMILLION, "width": 2})
    signs = go.Scatter(  # apart from the line: a legend that follows its first symbol would be drawn anew
        name="signs", **line | {"mode": "markers"}, showlegend=False, marker={"size": 6, "color": VERMILLION}
    )
    error = ("gradient", "error_log10")
    return Panel(
        "Through time (×: turned round)",
        (
            _log10(go.Scatter(name="linear", **line, line=grey | {"dash": "dot"}), ("linear", "error_log10")),
            _log10(
                go.Scatter(name="bound", **line, line=grey | {"dash": "dash"}),
                ("linear", "damping", "error_log10"),
            ),
            _log10(
                go.Scatter(name="forward |h|", **line, line={"color": GREEN, "width": 3}),
                ("state", "within"),
                reveal=(0, 40),
                edge=True,
            ),
            _log10(backward, error, reveal=(FRAMES, 40), edge=True),
            _log10(signs, error, {"marker.symbol": "symbol"}, reveal=(FRAMES, 40)),
        ),
        x={"title": {"text": "step t", "standoff": 4}, "range": [0, 101]},
        y=powers(-12, 12) | {"title": {"text": "size", "standoff": 2}},
        width=340,
        height=358,
        grows=1.3,
        data=_through_time_data,
        words=FATE,
    )


def _log10(
    trace: go.Scatter, sizes: tuple[str, ...] | str, more: dict | None = None, along="step", **options
) -> Mark:
    """Draw sizes at their log10, and write them as numbers where the reader points at them."""
    return Mark(trace, {"y": sizes, "customdata": sizes, **(more or {})}, along=along, **options)


def _through_time_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    return {
        "within": xr.where(table.step <= table.length, 0.0, np.nan),
        # plotly's cross and circle
        "symbol": xr.where(table.sign < 0, 4, 0).assign_attrs(resolution=4),
        "damping": (table.bound - table.linear).assign_attrs(resolution=0.01),
    }


def per_length() -> Panel:
    """Show each layer's gradient over the length of the sequence, before and after clipping."""
    words = {"hovertemplate": "length %{x}: %{customdata}"}
    marks = []
    for layer, (colour, symbol) in STYLES.items():
        before = go.Scatter(
            name=f"{layer}, before",
            mode="lines",
            **words,
            showlegend=False,
            line={"color": colour, "width": 1},
        )
        after = go.Scatter(
            name=f"{layer} layer",
            mode="lines+markers",
            **words,
            line={"color": colour, "width": 4},
            marker={"symbol": symbol, "size": 7},
        )
        ring = {"symbol": f"{symbol}-open", "size": RINGS[layer], "color": colour, "line": {"width": 2}}
        now = go.Scatter(name=f"{layer}, now", mode="markers", **words, showlegend=False, marker=ring)
        clipped = f"{layer}_clipped"
        marks += [
            _log10(before, (layer, "error_log10"), along="length", edge=True),
            _log10(after, clipped, along="length", edge=True),
            _log10(now, clipped, {"x": "steps"}, along=None, edge=True),
        ]
    threshold = go.Scatter(
        name="threshold", mode="lines", hoverinfo="skip", line={"color": GREY, "width": 1.5, "dash": "dash"}
    )
    return Panel(
        "Each layer's gradient (thin: before clipping)",
        (*marks, Mark(threshold, {"y": "threshold_log10"}, along="length")),
        x={"title": {"text": "sequence length T", "standoff": 4}, "range": [0, 103]},
        y=powers(-4, 12, 2) | {"title": {"text": "size of the gradient", "standoff": 2}},
        width=290,
        height=358,
        data=lambda table: {
            "threshold_log10": np.log10(table.threshold) + 0 * table.length,
            "steps": table.length.astype(float),
        },
        words=LAYERS,
    )


def eigenvalues() -> Panel:
    """Show the eigenvalues of W in the plane, and the circles that matter to them."""
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = {"mode": "lines", "hoverinfo": "skip"}
    points = {"mode": "markers", "hovertemplate": "%{x:.2f} + %{y:.2f} i"}
    plane = {"range": [-6.6, 6.6], "dtick": 3, "constrain": "domain"}
    return Panel(
        "Eigenvalues of W",
        (
            Mark(
                go.Scatter(
                    name="|λ| = 1",
                    x=np.cos(angle),
                    y=np.sin(angle),
                    **circle,
                    line={"color": GREY, "width": 1.5},
                )
            ),
            Mark(
                go.Scatter(name="1/γ", **circle, line={"color": GREY, "width": 2, "dash": "dash"}),
                {"x": "critical_x", "y": "critical_y"},
                along="angle",
            ),
            Mark(
                go.Scatter(name="eigenvalues", **points, showlegend=False, marker={"color": GREY, "size": 5}),
                {"x": "real", "y": "imaginary"},
                along="mode",
            ),
            Mark(
                go.Scatter(
                    name="leading",
                    **points,
                    y=[0],
                    marker={"color": VERMILLION, "size": 11, "symbol": "diamond"},
                ),
                {"x": "leading"},
            ),
        ),
        x=plane,
        y=plane,
        width=190,
        height=150,
        grows=0.4,
        data=_eigenvalues_data,
        words=FATE,
        square=True,
    )


def _eigenvalues_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    modes = np.linalg.eigvals(recurrent_matrix(eigenvalue=1.0, **table.attrs))
    radius = 1 / fact("steepest", table.activation)
    angle = xr.DataArray(np.linspace(0, 2 * np.pi, 73), dims="angle")
    return {
        "real": table.eigenvalue * xr.DataArray(modes.real, dims="mode"),
        "imaginary": table.eigenvalue * xr.DataArray(modes.imag, dims="mode"),
        "leading": 1.0 * table.eigenvalue,
        "critical_x": radius * np.cos(angle),
        "critical_y": radius * np.sin(angle),
    }


# --- over the steps back from the loss, where growth climbs to the right ------------------------------------


def growth_linear() -> Panel:
    """Show the error over the steps back from the loss, on a linear axis."""
    y = {"range": [0, 20.5], "title": {"text": "size of the error", "standoff": 2}}
    return _growth("on a linear axis", "linear growth", "error_back_linear", y, one=1)


def growth_log() -> Panel:
    """Show the same on a logarithmic axis, on which powers are straight lines."""
    y = powers(-6, 6, 2) | {"title": {"text": "size of the error", "standoff": 2}}
    return _growth("on a logarithmic axis", "growth", "error_back", y, one=0)


def _growth(where: str, name: str, variable: str, y: dict, one: float) -> Panel:
    """Draw the error against the steps back; `one` is where a size of 1 lies on the axis."""
    line = go.Scatter(
        name=name,
        mode="lines+markers",
        showlegend=False,
        line={"color": VERMILLION, "width": 3},
        marker={"size": 5},
        hovertemplate="%{x} steps back: %{customdata}<extra></extra>",
    )
    dotted = {"color": GREY, "width": 1, "dash": "dot"}
    return Panel(
        f"The error, {where}",
        (Mark(line, {"y": variable, "customdata": "error_back"}, along="back", edge=True),),
        x={"title": {"text": "steps back from the loss", "standoff": 4}, "range": [-1, T]},
        y=y,
        width=230,
        height=230,
        data=_growth_data,
        words=FATE,
        legend=False,
        picks=("length", "loss_at"),
        reach={"length": (T,), "loss_at": ("last",)},
        shapes=({"type": "line", "x0": -1, "x1": T, "y0": one, "y1": one, "line": dotted},),
    )


def _growth_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    error = table.gradient.sel(length=T, loss_at="last", step=range(T, 0, -1), drop=True).rename(step="back")
    error = error.assign_coords(back=range(T)).assign_attrs(units="log10", resolution=0.01)
    linear = (10 ** np.minimum(error, 2)).assign_attrs(resolution=0.01)
    return {"error_back": error, "error_back_linear": linear}


# --- along the activation -----------------------------------------------------------------------------------

ENDS = 6.0
"""Of the piece of an activation that is drawn."""


def curve() -> Panel:
    """Show the activation, its slope, and on it the units where they run at the last step."""
    line = {"mode": "lines", "hoverinfo": "skip"}
    phi = go.Scatter(name="activation", **line, line={"color": GREEN, "width": 3})
    slope = go.Scatter(name="its slope", **line, line={"color": GREY, "width": 2, "dash": "dash"})
    dot = {"symbol": "circle-open", "size": 9, "color": GREEN, "line": {"width": 2}}
    units = go.Scatter(name="the 32 units", mode="markers", marker=dot, hoverinfo="skip")
    return Panel(
        f"Where the units run, at step {T}",
        (
            Mark(slope, {"y": "slope"}, along="input"),
            Mark(phi, {"y": "phi"}, along="input"),
            Mark(units, {"x": "inputs", "y": "states"}, along="unit", edge=True),
        ),
        x={"title": {"text": "input a of a unit", "standoff": 4}, "range": [-ENDS, ENDS], "dtick": 2},
        y={"range": [-1.15, 1.6], "dtick": 0.5, "title": {"text": "output, slope", "standoff": 2}},
        width=230,
        height=230,
        data=_curve_data,
        words=("says_slope",),
        picks=("length", "loss_at"),
        reach={"length": (T,), "loss_at": ("last",)},
    )


def _curve_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    piece = np.linspace(-ENDS, ENDS, 121)
    a = xr.DataArray(piece, dims="input", coords={"input": piece})
    inputs = table.preactivation.sel(step=T, drop=True).clip(-300, 300)
    return {
        "phi": applied("phi", table.activation, a).assign_attrs(resolution=0.001),
        "slope": applied("slope", table.activation, a).assign_attrs(resolution=0.001),
        "inputs": inputs.assign_attrs(resolution=0.01),
        "states": applied("phi", table.activation, inputs).assign_attrs(resolution=0.01),
        "says_slope": _says_slope(table),
    }


def _says_slope(table: xr.Dataset) -> xr.DataArray:
    """Split what a step back does to the error in two: W, and the slopes; both as the mean of all steps.

    W is orthogonal times the eigenvalue, so it multiplies every error by the size of that.
    """
    error = table.gradient.sel(length=T, loss_at="last", drop=True)
    left = (error.sel(step=1, drop=True) - error.sel(step=T, drop=True)) / (T - 1)

    def say(rest, size):
        if not size:
            return "W is 0: no error passes it."
        return (
            f"Each step back multiplies the error by {size:g} (W) and by {rest / size:.3g} "
            f"(the slopes, on average): by {rest:.3g} in all."
        )

    return in_words(say, 10**left, np.abs(table.eigenvalue))
