"""How the explorers look: plain plotly figures, whose traces wait for their numbers."""

import numpy as np
import plotly.graph_objects as go

__all__ = ["CLIPPING_NARROW", "clipping_figure"]

# Okabe and Ito (2008), Color Universal Design
ORANGE, SKY, GREEN, BLUE, VERMILLION, GREY = "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#888888"
DECADES = list(range(-12, 13, 3))


def _powers(low: float, high: float, step: int = 3) -> dict:
    """An axis of log10 values that is labelled in powers of ten and stays put."""
    ticks = [k for k in range(-99, 100, step) if low <= k <= high]
    labels = ["1" if k == 0 else "10" if k == 1 else f"10<sup>{k}</sup>" for k in ticks]
    return {"range": [low, high], "tickvals": ticks, "ticktext": labels, "zeroline": False}


def clipping_figure() -> go.Figure:
    """Make the four panels of the clipping explorer.

    Returns
    -------
    plotly.graph_objects.Figure
        Through time (x, y), per layer (x2, y2), the update (x3, y3 and x4, y4) and the eigenvalues (x5, y5).
    """
    figure = go.Figure()
    _through_time(figure)
    _per_layer(figure)
    _update(figure)
    _eigenvalues(figure)
    figure.update_layout(
        template="none",
        height=430,
        margin={"l": 45, "r": 10, "t": 8, "b": 42},
        font_size=12,
        hovermode="closest",
        barmode="overlay",
        **_arrangement(WIDE),
    )
    return figure


def _through_time(figure: go.Figure) -> None:
    hover = "step %{x}: 10<sup>%{y:.1f}</sup>"
    line = {"mode": "lines", "hovertemplate": hover, "legend": "legend"}
    figure.add_scatter(name="state", **line, line={"color": GREEN, "width": 3})
    figure.add_scatter(name="linear prediction", **line, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.add_scatter(name="bound", **line, line={"color": GREY, "width": 1.5, "dash": "dash"})
    figure.add_scatter(
        name="gradient", **line | {"mode": "lines+markers"}, line={"color": VERMILLION, "width": 2},
        marker={"size": 5},
    )  # fmt: skip


def _per_layer(figure: go.Figure) -> None:
    for layer, colour, symbol in (("hidden", VERMILLION, "circle"), ("output", BLUE, "square")):
        line = {"xaxis": "x2", "yaxis": "y2", "hovertemplate": "length %{x}: 10<sup>%{y:.1f}</sup>"}
        figure.add_scatter(
            name=f"{layer}, before",
            mode="lines",
            **line,
            showlegend=False,
            line={"color": colour, "width": 1},
        )
        figure.add_scatter(
            name=f"{layer} layer", mode="lines+markers", **line, legend="legend2",
            line={"color": colour, "width": 4}, marker={"symbol": symbol, "size": 7},
        )  # fmt: skip
        figure.add_scatter(
            name=f"now: {layer}", mode="markers", **line, showlegend=False,
            marker={"symbol": f"{symbol}-open", "size": 17, "color": colour, "line": {"width": 2}},
        )  # fmt: skip
    figure.add_scatter(
        name="threshold", mode="lines", xaxis="x2", yaxis="y2", legend="legend2", hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
    )  # fmt: skip


def _update(figure: go.Figure) -> None:
    for layer, colour, symbol in (("hidden", VERMILLION, "circle"), ("output", BLUE, "square")):
        figure.add_scatter(
            name=f"{layer} step", xaxis="x3", yaxis="y3", y=[layer, layer], mode="lines+markers", showlegend=False,
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": [10, 13], "symbol": [f"{symbol}-open", symbol], "opacity": 1},
            text=["before", "after"], hovertemplate="%{text} clipping: 10<sup>%{x:.1f}</sup>",
        )  # fmt: skip
    bar = {
        "xaxis": "x4",
        "yaxis": "y4",
        "y": [""],
        "orientation": "h",
        "showlegend": False,
        "hoverinfo": "skip",
    }
    figure.add_bar(name="whole step", **bar, x=[100], marker={"color": VERMILLION, "pattern": {"shape": "/"}})
    figure.add_bar(name="output's share", **bar, marker={"color": BLUE})


def _eigenvalues(figure: go.Figure) -> None:
    place = {"xaxis": "x5", "yaxis": "y5", "hoverinfo": "skip"}
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = {"mode": "lines", **place, "legend": "legend5"}
    figure.add_scatter(
        name="unit circle", x=np.cos(angle), y=np.sin(angle), **circle, line={"color": GREY, "width": 1.5}
    )
    figure.add_scatter(name="critical circle", **circle, line={"color": ORANGE, "width": 2, "dash": "dash"})
    figure.add_scatter(
        name="eigenvalues", mode="markers", **place, showlegend=False,
        marker={"color": SKY, "size": 5, "symbol": "circle"},
    )  # fmt: skip
    figure.add_scatter(
        name="leading", mode="markers", **place, y=[0], legend="legend5",
        marker={"color": VERMILLION, "size": 11, "symbol": "diamond"},
    )  # fmt: skip


WIDE = {
    "": ([0.0, 0.41], [0.0, 0.80]),
    "2": ([0.47, 0.76], [0.0, 0.80]),
    "3": ([0.83, 1.0], [0.19, 0.40]),
    "4": ([0.83, 1.0], [0.0, 0.06]),
    "5": ([0.80, 1.0], [0.52, 1.0]),
}
NARROW = {
    "": ([0.0, 1.0], [0.78, 0.96]),
    "2": ([0.0, 1.0], [0.5, 0.7]),
    "3": ([0.1, 1.0], [0.33, 0.43]),
    "4": ([0.1, 1.0], [0.27, 0.29]),
    "5": ([0.0, 1.0], [0.0, 0.18]),
}


def _arrangement(panels: dict) -> dict:
    """Axes and legends, given each panel's place as fractions of the figure: across, and up."""
    axes = {
        "": ({"title": "step t", "range": [0, 101]}, _powers(-12, 12)),
        "2": ({"title": "sequence length T", "range": [0, 103]}, _powers(-4, 12, 2)),
        "3": (_powers(-4, 12, 4), {"range": [1.5, -0.5]}),
        "4": ({"range": [0, 100], "ticksuffix": " %", "tickvals": [0, 50, 100]}, {"showticklabels": False}),
        "5": ({"range": [-6.6, 6.6], "dtick": 3}, {"range": [-6.6, 6.6], "dtick": 3, "scaleanchor": "x5"}),
    }
    layout = {}
    for panel, (across, up) in panels.items():
        x, y = axes[panel]
        layout[f"xaxis{panel}"] = x | {"domain": across, "anchor": f"y{panel}"}
        layout[f"yaxis{panel}"] = y | {"domain": up, "anchor": f"x{panel}"}
        layout[f"legend{panel}"] = {
            "orientation": "h", "x": across[0], "xanchor": "left", "y": up[1], "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11},
        }  # fmt: skip
    return {key: value for key, value in layout.items() if key not in ("legend3", "legend4")}


CLIPPING_NARROW = (760, {"height": 1250} | _arrangement(NARROW))
