"""How the clipping explorer looks."""

import numpy as np
import plotly.graph_objects as go

from .style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, legend, powers, title

__all__ = ["CLIPPING_NARROW", "clipping_figure"]

LAYERS = (("hidden", VERMILLION, "circle"), ("output", BLUE, "square"))


def clipping_figure() -> go.Figure:
    """Make the panels of the clipping explorer.

    Returns
    -------
    plotly.graph_objects.Figure
        Through time (axes x, y); per layer (x2, y2); the update (x3, y3) and the output layer's share of it
        (x4, y4); the eigenvalues (x5, y5).
    """
    figure = go.Figure()
    _through_time(figure)
    _per_layer(figure)
    _update(figure)
    _eigenvalues(figure)
    titles = {
        "": ("Through time (×: opposite sign)", -2, "all"),
        "2": ("Each layer's gradient (thin: before clipping)", 20),
        "3": ("Step sizes (open: before)", 2),
        "4": ("Output layer's share, in %", 16),
        "5": ("Eigenvalues of W", 20),
    }
    for panel, (words, *place) in titles.items():
        title(figure, panel, words, *place)
    figure.update_layout(
        template="none",
        height=455,
        margin={"l": 42, "r": 20, "t": 26, "b": 40},
        font_size=12,
        hovermode="closest",
        barmode="overlay",
        **_arrangement(WIDE),
    )
    return figure


def _through_time(figure: go.Figure) -> None:
    line = {"mode": "lines", "hovertemplate": "step %{x}: 10<sup>%{y:.1f}</sup>"}
    figure.add_scatter(name="linear", **line, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.add_scatter(name="bound", **line, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.add_scatter(name="forward |h|", **line, line={"color": GREEN, "width": 3})
    figure.add_scatter(
        name="backward |dL/dh|",
        **line | {"mode": "lines+markers"},
        line={"color": VERMILLION, "width": 2},
        marker={"size": 6, "colorscale": [[0, VERMILLION], [1, SKY]], "cmin": 0, "cmax": 4},
    )


def _per_layer(figure: go.Figure) -> None:
    for layer, colour, symbol in LAYERS:
        line = {"xaxis": "x2", "yaxis": "y2", "hovertemplate": "length %{x}: 10<sup>%{y:.1f}</sup>"}
        figure.add_scatter(
            name=f"{layer}, before",
            mode="lines",
            **line,
            showlegend=False,
            line={"color": colour, "width": 1},
        )
        figure.add_scatter(
            name=f"{layer} layer",
            mode="lines+markers",
            **line,
            legend="legend2",
            line={"color": colour, "width": 4},
            marker={"symbol": symbol, "size": 7},
        )
        figure.add_scatter(
            name=f"{layer}, now",
            mode="markers",
            **line,
            showlegend=False,
            marker={"symbol": f"{symbol}-open", "size": 17, "color": colour, "line": {"width": 2}},
        )
    figure.add_scatter(
        name="threshold",
        mode="lines",
        xaxis="x2",
        yaxis="y2",
        legend="legend2",
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
    )


def _update(figure: go.Figure) -> None:
    for layer, colour, symbol in LAYERS:
        figure.add_scatter(
            name=f"{layer} step",
            xaxis="x3",
            yaxis="y3",
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
    bar = {
        "xaxis": "x4",
        "yaxis": "y4",
        "y": [0],
        "orientation": "h",
        "showlegend": False,
        "hoverinfo": "skip",
    }
    figure.add_bar(name="whole step", **bar, x=[100], marker={"color": VERMILLION, "opacity": 0.35})
    figure.add_bar(name="output's share", **bar, marker={"color": BLUE})
    label = {"mode": "text", "texttemplate": "%{x:.0f} %", "textposition": "top center", "cliponaxis": False}
    place = {"xaxis": "x4", "yaxis": "y4", "y": [0.4], "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(name="output's share, in words", **label, **place)


def _eigenvalues(figure: go.Figure) -> None:
    place = {"xaxis": "x5", "yaxis": "y5", "legend": "legend5"}
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = {"mode": "lines", **place, "hoverinfo": "skip"}
    figure.add_scatter(
        name="|λ| = 1", x=np.cos(angle), y=np.sin(angle), **circle, line={"color": GREY, "width": 1.5}
    )
    figure.add_scatter(name="1/γ", **circle, line={"color": ORANGE, "width": 2, "dash": "dash"})
    points = {"mode": "markers", **place, "hovertemplate": "%{x:.2f} + %{y:.2f} i"}
    figure.add_scatter(name="eigenvalues", **points, showlegend=False, marker={"color": SKY, "size": 5})
    figure.add_scatter(
        name="leading", **points, y=[0], marker={"color": VERMILLION, "size": 11, "symbol": "diamond"}
    )


WIDE = {
    "": ([0.0, 0.4], [0.0, 0.92]),
    "2": ([0.46, 0.765], [0.0, 0.92]),
    "3": ([0.835, 1.0], [0.25, 0.40]),
    "4": ([0.835, 1.0], [0.0, 0.06]),
    "5": ([0.81, 1.0], [0.54, 0.95]),
}
MIDDLE = {
    "": ([0.0, 0.455], [0.42, 0.94]),
    "2": ([0.545, 1.0], [0.42, 0.94]),
    "3": ([0.07, 0.36], [0.09, 0.23]),
    "4": ([0.44, 0.7], [0.13, 0.19]),
    "5": ([0.76, 1.0], [0.0, 0.24]),
}
NARROW = {
    "": ([0.0, 1.0], [0.785, 0.95]),
    "2": ([0.0, 1.0], [0.51, 0.7]),
    "3": ([0.1, 1.0], [0.35, 0.43]),
    "4": ([0.1, 1.0], [0.27, 0.29]),
    "5": ([0.0, 1.0], [0.0, 0.18]),
}


def _arrangement(panels: dict) -> dict:
    """Axes and legends, given each panel's place as fractions of the figure: across, and up."""
    plane = {"range": [-6.6, 6.6], "dtick": 3, "constrain": "domain"}
    axes = {
        "": ({"title": {"text": "step t"}, "range": [0, 101]}, powers(-12, 12)),
        "2": ({"title": {"text": "sequence length T"}, "range": [0, 103]}, powers(-4, 12, 2)),
        "3": (powers(-4, 12, 4), {"range": [1.6, -0.6]}),
        "4": (
            {"range": [0, 100], "tickvals": [0, 50, 100]},
            {"range": [-0.5, 0.5], "showticklabels": False, "showgrid": False},
        ),
        "5": (plane, plane | {"scaleanchor": "x5"}),
    }
    layout = {}
    for panel, (across, up) in panels.items():
        x, y = axes[panel]
        layout[f"xaxis{panel}"] = x | {
            "domain": across,
            "anchor": f"y{panel}",
            "zeroline": False,
            "fixedrange": True,
        }
        layout[f"yaxis{panel}"] = y | {
            "domain": up,
            "anchor": f"x{panel}",
            "zeroline": False,
            "fixedrange": True,
        }
        if panel in ("", "2", "5"):
            layout[f"legend{panel}"] = legend(across[0], up[1])
    return layout


CLIPPING_NARROW = (
    (840, {"height": 1250} | _arrangement(NARROW)),
    (980, {"height": 640} | _arrangement(MIDDLE)),
)
