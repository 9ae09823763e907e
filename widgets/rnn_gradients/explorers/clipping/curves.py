"""The panels of the clipping explorer."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.activations import ACTIVATIONS
from ...engine.matrices import recurrent_matrix
from ..panels import Mark, Panel
from ..style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, powers
from .words import FATE, LAYERS

__all__ = ["FRAMES", "PANELS", "SPEEDS"]

FRAMES = 120  # of Play: a multiple of every speed, so that the last frame is reached
SPEEDS = range(1, 7)
STYLES = {"hidden": (VERMILLION, "circle"), "output": (BLUE, "square")}


def _through_time() -> Panel:
    words = {"hovertemplate": "step %{x}: 10<sup>%{y:.1f}</sup>"}
    line = {"mode": "lines", **words}
    grey = {"color": GREY, "width": 1.5}
    return Panel(
        "Through time (×: opposite sign)",
        (
            Mark(
                go.Scatter(name="linear", **line, line=grey | {"dash": "dot"}),
                {"y": ("linear", "error_log10")},
                along="step",
            ),
            Mark(
                go.Scatter(name="bound", **line, line=grey | {"dash": "dash"}),
                {"y": ("linear", "damping", "error_log10")},
                along="step",
            ),
            Mark(
                go.Scatter(name="forward |h|", **line, line={"color": GREEN, "width": 3}),
                {"y": ("state", "within")},
                along="step",
                reveal=(0, 40),
                edge=True,
            ),
            Mark(
                go.Scatter(
                    name="backward |dL/dh|",
                    mode="lines+markers",
                    **words,
                    line={"color": VERMILLION, "width": 2},
                    marker={"size": 6, "colorscale": [[0, VERMILLION], [1, SKY]], "cmin": 0, "cmax": 4},
                ),
                {"y": ("gradient", "error_log10"), "marker.symbol": "symbol", "marker.color": "symbol"},
                along="step",
                reveal=(FRAMES - max(SPEEDS), 40),
                edge=True,
            ),
        ),
        x={"title": {"text": "step t", "standoff": 4}, "range": [0, 101]},
        y=powers(-12, 12),
        width=360,
        height=358,
        grows=1.3,
        data=_through_time_data,
        words=FATE,
    )


def _through_time_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    return {
        "within": xr.where(table.step <= table.length, 0.0, np.nan),
        # plotly's cross and circle
        "symbol": xr.where(table.sign < 0, 4, 0).assign_attrs(resolution=4),
        "damping": (table.bound - table.linear).assign_attrs(resolution=0.01),
    }


def _per_length() -> Panel:
    words = {"hovertemplate": "length %{x}: 10<sup>%{y:.1f}</sup>"}
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
        ring = {"symbol": f"{symbol}-open", "size": 17, "color": colour, "line": {"width": 2}}
        now = go.Scatter(name=f"{layer}, now", mode="markers", **words, showlegend=False, marker=ring)
        clipped = f"{layer}_clipped"
        marks += [
            Mark(before, {"y": (layer, "error_log10")}, along="length", edge=True),
            Mark(after, {"y": clipped}, along="length", edge=True),
            Mark(now, {"x": "steps", "y": clipped}, edge=True),
        ]
    threshold = go.Scatter(
        name="threshold", mode="lines", hoverinfo="skip", line={"color": GREY, "width": 1.5, "dash": "dash"}
    )
    return Panel(
        "Each layer's gradient (thin: before clipping)",
        (*marks, Mark(threshold, {"y": "threshold_log10"}, along="length")),
        x={"title": {"text": "sequence length T", "standoff": 4}, "range": [0, 103]},
        y=powers(-4, 12, 2),
        width=310,
        height=358,
        data=lambda table: {
            "threshold_log10": np.log10(table.threshold) + 0 * table.length,
            "steps": table.length.astype(float),
        },
        words=LAYERS,
    )


def _eigenvalues() -> Panel:
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
                go.Scatter(name="1/γ", **circle, line={"color": ORANGE, "width": 2, "dash": "dash"}),
                {"x": "critical_x", "y": "critical_y"},
                along="angle",
            ),
            Mark(
                go.Scatter(name="eigenvalues", **points, showlegend=False, marker={"color": SKY, "size": 5}),
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
    radius = xr.DataArray(
        [1 / ACTIVATIONS[name].steepest for name in table.activation.values], dims="activation"
    )
    angle = xr.DataArray(np.linspace(0, 2 * np.pi, 73), dims="angle")
    return {
        "real": table.eigenvalue * xr.DataArray(modes.real, dims="mode"),
        "imaginary": table.eigenvalue * xr.DataArray(modes.imag, dims="mode"),
        "leading": 1.0 * table.eigenvalue,
        "critical_x": radius * np.cos(angle),
        "critical_y": radius * np.sin(angle),
    }


def _steps() -> Panel:
    marks = []
    for layer, (colour, symbol) in STYLES.items():
        trace = go.Scatter(
            name=f"{layer} step",
            y=[layer, layer],
            mode="lines+markers",
            showlegend=False,
            line={"color": colour, "width": 2},
            text=["before", "after"],
            marker={
                "color": colour,
                "size": [10, 13],
                "symbol": [f"{symbol}-open", symbol],
                "opacity": 1,
                "line": {"width": 0},
            },
            hovertemplate="%{text} clipping: 10<sup>%{x:.1f}</sup>",
        )
        marks.append(Mark(trace, {"x": [(layer, "error_log10"), f"{layer}_clipped"]}, edge=True))
    return Panel(
        "Step sizes (open: before)",
        tuple(marks),
        x=powers(-4, 12, 4),
        y={"range": [1.6, -0.6]},
        width=190,
        height=54,
        grows=0.4,
        words=LAYERS,
        legend=False,
    )


def _share() -> Panel:
    bar = {"y": [0], "orientation": "h", "showlegend": False, "hoverinfo": "skip"}
    label = {"mode": "text", "texttemplate": "%{x:.0f} %", "textposition": "top center", "cliponaxis": False}
    place = {"y": [0.4], "showlegend": False, "hoverinfo": "skip"}
    return Panel(
        "Output layer's share, in %",
        (
            Mark(go.Bar(name="whole step", **bar, x=[100], marker={"color": VERMILLION, "opacity": 0.35})),
            Mark(go.Bar(name="output's share", **bar, marker={"color": BLUE}), {"x": "share"}),
            Mark(go.Scatter(name="output's share, in words", **label, **place), {"x": "share"}),
        ),
        x={"range": [0, 100], "tickvals": [0, 50, 100]},
        y={"range": [-0.5, 0.5], "showticklabels": False, "showgrid": False},
        width=190,
        height=22,
        grows=0.4,
        data=lambda table: {"share": (100 * 10**table.output_share).assign_attrs(resolution=1)},
        words=LAYERS,
        legend=False,
        headroom=16,
    )


PANELS = {
    "time": _through_time,
    "length": _per_length,
    "eigenvalues": _eigenvalues,
    "steps": _steps,
    "share": _share,
}
