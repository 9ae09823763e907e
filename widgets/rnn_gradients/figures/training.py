"""How training looks: a column for each rule of clipping, in which errors and gradients run on."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, legend, powers, title

__all__ = [
    "NARROW",
    "RULE_NAMES",
    "across",
    "by_rule",
    "forecast_figure",
    "success_figure",
    "training_figure",
]

RULE_NAMES = {
    "none": "nothing",
    "hidden": "hidden only",
    "output": "output only",
    "both": "both, each",
    "joint": "joint",
}
"""What is clipped, in words."""
STYLES = {
    "none": (GREY, "x", "dot"),
    "hidden": (VERMILLION, "circle", "solid"),
    "output": (BLUE, "square", "dash"),
    "both": (PURPLE, "diamond", "solid"),
    "joint": (ORANGE, "triangle-up", "solid"),
}
WIDTH = 0.9  # of a column, of the distance to the next
# panels: across and up, as fractions of the figure; "" and "2" are the columns, "3" and "4" are above them
COLUMNS_WIDE = {"": ((0, 1), (0.53, 0.93)), "2": ((0, 1), (0, 0.34))}
MAP_WIDE = {"": ((0, 1), (0.28, 0.51)), "2": ((0, 1), (0, 0.18))}
MAP_WIDE |= {"3": ((0, 0.62), (0.66, 0.965)), "4": ((0.7, 1), (0.66, 0.965))}
MAP_NARROW = {"": ((0, 1), (0.19, 0.35)), "2": ((0, 1), (0, 0.12))}
MAP_NARROW |= {"3": ((0, 1), (0.73, 0.96)), "4": ((0, 1), (0.45, 0.62))}


def across(updates: np.ndarray, steps: int, rules: int) -> np.ndarray:
    """Place updates in the columns of rules; shape (rules, updates)."""
    return np.arange(rules)[:, None] + WIDTH * np.asarray(updates) / steps


def by_rule(said: Mapping[str, str]) -> str:
    """Put what is said of each rule into one list: ``"3 (nothing), 5 (hidden only)"``."""
    return ", ".join(f"{words} ({RULE_NAMES[rule]})" for rule, words in said.items())


def training_figure(rules: Sequence[str], steps: int) -> go.Figure:
    """Make the columns: errors above (axes x, y), gradient norms below (x2, y2).

    Parameters
    ----------
    rules : sequence of str
    steps : int
        Updates from end to end of a column.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    words = {"hovertemplate": "update %{text}: 10<sup>%{y:.1f}</sup>"}
    thin = {"mode": "lines", "line": {"width": 1}, "showlegend": False, "hoverinfo": "skip"}
    thick = {"mode": "lines", "showlegend": False, **words}
    figure.add_scatter(name="error, each network", **thin, line_color=GREEN, opacity=0.7)
    figure.add_scatter(name="error, median", **thick, line={"color": GREEN, "width": 3.5})
    place = {"xaxis": "x2", "yaxis": "y2", "legend": "legend2"}
    for layer, colour, dash in (("hidden", VERMILLION, "solid"), ("output", BLUE, "dash")):
        line = {"color": colour, "width": 2.5, "dash": dash}
        median = {"name": f"{layer} layer", **thick, **place, "line": line, "showlegend": True}
        figure.add_scatter(**median)
        figure.add_scatter(name=f"{layer} layer, largest", **thin, **place, line_color=colour)
    line = {"color": GREY, "width": 1.5, "dash": "dot"}
    figure.add_scatter(name="threshold", mode="lines", **place, hoverinfo="skip", line=line)
    _columns(figure, rules, steps)
    title(figure, "", "Training error, by what is clipped", 34)
    title(figure, "2", "Gradient norms before clipping (thin: the largest)", 22)
    figure.update_layout(
        template="none",
        height=500,
        margin={"l": 46, "r": 14, "t": 26, "b": 44},
        font_size=12,
        hovermode="closest",
    )
    return figure.update_layout(_arrangement(COLUMNS_WIDE))


def _columns(figure, rules, steps):
    ends = across(np.array([0, steps]), steps, len(rules))
    ticks = {"tickvals": ends.ravel().tolist(), "ticktext": ["0", *[f"{steps:,}", ""] * len(rules)][:-1]}
    ticks |= {
        "tickfont": {"size": 10},
        "tickangle": 0,
        "showgrid": False,
        "range": [-0.06, len(rules) - 1 + WIDTH + 0.06],
    }
    figure.update_layout(
        xaxis=ticks,
        yaxis=powers(-3.3, 1.3, 1),
        xaxis2=ticks | {"title": {"text": "updates", "standoff": 4}},
        yaxis2=powers(-4.3, 5.3, 2),
    )
    edges = ends[1:, 0] - (1 - WIDTH) / 2
    for panel in ("", "2"):
        for edge in edges:
            line = {"color": GREY, "width": 0.5}
            place = {"xref": f"x{panel}", "yref": f"y{panel} domain", "line": line}
            figure.add_shape(type="line", x0=edge, x1=edge, y0=0, y1=1, **place)
    for rule, middle in zip(rules, ends.mean(1), strict=True):
        place = {"xref": "x", "yref": "y domain", "yanchor": "bottom", "showarrow": False}
        figure.add_annotation(text=f"<b>{_broken(rule)}</b>", x=middle, y=1, font_size=11, **place)


def success_figure(rules: Sequence[str], steps: int) -> go.Figure:
    """Make the map of finished runs: success by length (x3, y3), accuracies (x4, y4), the columns."""
    figure = training_figure(rules, steps)
    place = {"xaxis": "x3", "yaxis": "y3", "legend": "legend3"}
    for rule in rules:
        colour, symbol, dash = STYLES[rule]
        figure.add_scatter(
            name=RULE_NAMES[rule],
            mode="lines+markers",
            **place,
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            error_y={"type": "data", "symmetric": False, "thickness": 1.2, "width": 3, "color": colour},
            hovertemplate="%{y:.0%} of the networks",
        )
    now = {"y": [0, 1], "showlegend": False, "hoverinfo": "skip", "opacity": 0.25}
    figure.add_scatter(name="now", mode="lines", **place, **now, line={"color": GREY, "width": 9})
    _dots(figure, rules, "accuracy %{y:.1%}")
    title(figure, "3", "Networks that solve the task, with 95 % intervals", 22)
    title(figure, "4", "Accuracy of each network", 4)
    percent = {"range": [-0.05, 1.08], "tickformat": ".0%"}
    figure.update_layout(
        height=800,
        xaxis3={"title": {"text": "sequence length T", "standoff": 4}, "range": [5, 105]},
        yaxis3=percent,
        yaxis4=percent,
    )
    return figure.update_layout(_arrangement(MAP_WIDE))


def forecast_figure(rules: Sequence[str], steps: int) -> go.Figure:
    """Make the forecasts: the series and its forecast (x3, y3), errors (x4, y4), the columns."""
    figure = training_figure(rules, steps)
    place = {"xaxis": "x3", "yaxis": "y3", "legend": "legend3"}
    words = {"hovertemplate": "%{x|%B %Y}: %{y:.0f}"}
    edge = {"mode": "lines", **place, "hoverinfo": "skip", "line": {"width": 0}}
    figure.add_scatter(name="lowest forecast", **edge, showlegend=False)
    figure.add_scatter(name="all networks", **edge, fill="tonexty", fillcolor="rgba(86, 180, 233, 0.45)")
    figure.add_scatter(name="observed", mode="markers", **place, **words, marker={"color": GREY, "size": 4})
    line = {"color": ORANGE, "width": 1.8}
    figure.add_scatter(name="median forecast", mode="lines", **place, **words, line=line)
    _dots(figure, rules, "off by 10<sup>%{y:.2f}</sup>")
    figure.add_scatter(
        name="this month's number again",
        mode="lines",
        xaxis="x4",
        yaxis="y4",
        legend="legend4",
        x=[-0.5, len(rules) - 0.5],
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
    )
    title(figure, "3", "Next month's sunspots, forecast", 22)
    title(figure, "4", "Median error of each network, in sunspots", 22)
    figure.update_layout(
        height=800,
        xaxis3={"type": "date"},
        yaxis=powers(-1.2, 1.3, 1),
        yaxis3={"range": [-30, 290], "dtick": 100},
        yaxis4={"range": [0.9, 2.1], "tickvals": np.log10([10, 20, 50, 100]), "ticktext": [10, 20, 50, 100]},
    )
    return figure.update_layout(_arrangement(MAP_WIDE))


def _dots(figure, rules, words):
    marker = {"color": SKY, "size": 7, "line": {"color": BLUE, "width": 1}, "opacity": 0.8}
    place = {"xaxis": "x4", "yaxis": "y4", "showlegend": False}
    figure.add_scatter(name="each network", mode="markers", **place, marker=marker, hovertemplate=words)
    ticks = {"tickvals": list(range(len(rules))), "ticktext": [_broken(rule) for rule in rules]}
    figure.update_layout(xaxis4={"range": [-0.5, len(rules) - 0.5], "showgrid": False, **ticks})


def _broken(rule):
    return RULE_NAMES[rule].replace(" ", "<br>")


def _arrangement(panels: dict) -> dict:
    """Set panels and legends in their places."""
    layout = {}
    for panel, (across_figure, up) in panels.items():
        fixed = {"fixedrange": True, "zeroline": False}
        layout[f"xaxis{panel}"] = {"domain": across_figure, "anchor": f"y{panel}", **fixed}
        layout[f"yaxis{panel}"] = {"domain": up, "anchor": f"x{panel}", **fixed}
        layout[f"legend{panel}"] = legend(across_figure[0], up[1])
    return layout


LEGEND_BELOW = {"legend3": _arrangement(MAP_NARROW)["legend3"] | {"y": 0.697, "yanchor": "top"}}
NARROW = ((760, {"height": 1250} | _arrangement(MAP_NARROW) | LEGEND_BELOW),)
"""Widths below which panels are set otherwise, and how."""
