"""How training looks: a column for each rule of clipping, in which errors and gradients run on."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, powers, title

__all__ = ["RULE_NAMES", "TRAINING_NARROW", "across", "forecast_figure", "success_figure", "training_figure"]

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


def across(updates: np.ndarray, steps: int, rules: int) -> np.ndarray:
    """Place updates in the columns of rules; shape (rules, updates)."""
    return np.arange(rules)[:, None] + WIDTH * np.asarray(updates) / steps


def training_figure(rules: Sequence[str], steps: int, top: float = 1.0) -> go.Figure:
    """Make the columns: errors above (axes x, y), gradient norms below (x2, y2).

    Parameters
    ----------
    rules : sequence of str
    steps : int
        Updates from end to end of a column.
    top : float
        Where the upper panel ends, as a fraction of the figure's height.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    words = {"hovertemplate": "update %{text}: 10<sup>%{y:.1f}</sup>"}
    thin = {"mode": "lines", "line": {"width": 1}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(name="error, each network", **thin, line_color=GREEN, opacity=0.7)
    figure.add_scatter(
        name="error, median", mode="lines", **words, showlegend=False, line={"color": GREEN, "width": 3.5}
    )
    for layer, colour, dash in (("hidden", VERMILLION, "solid"), ("output", BLUE, "dash")):
        place = {"xaxis": "x2", "yaxis": "y2", "legend": "legend2"}
        line = {"color": colour, "width": 2.5, "dash": dash}
        figure.add_scatter(name=f"{layer} layer, median", mode="lines", **words, **place, line=line)
        figure.add_scatter(name=f"{layer} layer, largest", **thin, **place, line_color=colour)
    figure.add_scatter(
        name="threshold",
        mode="lines",
        xaxis="x2",
        yaxis="y2",
        legend="legend2",
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
    )
    middle = {"y": (0.52 * top, top), "y2": (0.0, 0.36 * top)}
    _columns(figure, rules, steps, middle)
    title(figure, "", "Error of each network (thick: their median)", 22)
    title(figure, "2", "Gradient norms before clipping (thin: the largest)", 4)
    figure.update_layout(
        template="none",
        height=470,
        margin={"l": 46, "r": 14, "t": 44, "b": 36},
        font_size=12,
        hovermode="closest",
        legend2=_legend(0.36 * top),
    )
    return figure


def _columns(figure, rules, steps, domains):
    places = across(np.array([0, steps / 2, steps]), steps, len(rules))
    words = ["0", f"{steps // 2:,}", f"{steps:,}"]
    for axis, (y, limits) in {"x": ("y", (-3.3, 1.3)), "x2": ("y2", (-4.3, 5.3))}.items():
        name, y_name = axis.replace("x", "xaxis"), y.replace("y", "yaxis")
        figure.update_layout(
            {
                name: {
                    "range": [-0.06, len(rules) - 1 + WIDTH + 0.06],
                    "tickvals": places[:, [0, 2]].ravel().tolist(),
                    "ticktext": [words[0], words[2]] * len(rules),
                    "anchor": y,
                    "fixedrange": True,
                    "zeroline": False,
                    "showgrid": False,
                    "tickfont": {"size": 10},
                },
                y_name: powers(*limits, step=1 if axis == "x" else 2)
                | {"domain": domains[y], "anchor": axis, "fixedrange": True, "zeroline": False},
            }
        )
        for column in range(1, len(rules)):
            at = column - (1 - WIDTH) / 2
            line = {"color": GREY, "width": 0.5}
            figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, xref=axis, yref=f"{y} domain", line=line)
    for rule, (_, middle, _) in zip(rules, places, strict=True):
        figure.add_annotation(
            text=f"clipped: <b>{RULE_NAMES[rule]}</b>", x=middle, xref="x", y=1, yref="y domain",
            yanchor="bottom", showarrow=False,
        )  # fmt: skip


def _legend(y):
    return {
        "orientation": "h", "x": 1, "xanchor": "right", "y": y, "yanchor": "bottom",
        "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11}, "itemwidth": 30,
    }  # fmt: skip


TOP, WIDE_HEIGHT = 0.53, 800  # of the figures with panels above the columns
LEFT, RIGHT = (0.0, 0.62), (0.70, 1.0)
ABOVE = (0.68, 0.965)


def success_figure(rules: Sequence[str], steps: int) -> go.Figure:
    """Make the map of finished runs: success by length (x3, y3), accuracies (x4, y4), the columns."""
    figure = training_figure(rules, steps, TOP)
    for rule in rules:
        colour, symbol, dash = STYLES[rule]
        figure.add_scatter(
            name=RULE_NAMES[rule],
            mode="lines+markers",
            xaxis="x3",
            yaxis="y3",
            legend="legend3",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            error_y={"type": "data", "symmetric": False, "thickness": 1.2, "width": 3, "color": colour},
            hovertemplate="%{y:.0%} of the networks",
        )
    figure.add_scatter(
        name="now",
        mode="lines",
        xaxis="x3",
        yaxis="y3",
        y=[0, 1],
        showlegend=False,
        hoverinfo="skip",
        line={"color": GREY, "width": 9},
        opacity=0.25,
    )
    _dots(figure, rules, "accuracy %{y:.1%}")
    title(figure, "3", "Networks that solve the task, and 95 % intervals", 22)
    title(figure, "4", "Accuracy of each network", 22)
    percent = {"range": [-0.05, 1.08], "tickformat": ".0%", "anchor": "x3"}
    figure.update_layout(
        height=WIDE_HEIGHT,
        xaxis3=_axis(LEFT, "y3", title={"text": "sequence length T", "standoff": 4}, range=[5, 105]),
        yaxis3=_axis(ABOVE, **percent),
        yaxis4=_axis(ABOVE, **percent | {"anchor": "x4"}),
        xaxis4=_rule_axis(rules),
        legend3=_legend(ABOVE[1]) | {"x": LEFT[0], "xanchor": "left"},
    )
    return figure


def forecast_figure(rules: Sequence[str], steps: int) -> go.Figure:
    """Make the forecasts: the series and its forecast (x3, y3), errors (x4, y4), the columns."""
    figure = training_figure(rules, steps, TOP)
    place = {"xaxis": "x3", "yaxis": "y3", "legend": "legend3"}
    edge = {"mode": "lines", **place, "hoverinfo": "skip", "line": {"width": 0}, "showlegend": False}
    figure.add_scatter(name="lowest forecast", **edge)
    figure.add_scatter(
        name="all networks",
        **edge | {"showlegend": True},
        fill="tonexty",
        fillcolor="rgba(86, 180, 233, 0.45)",
    )
    figure.add_scatter(
        name="observed",
        mode="markers",
        **place,
        marker={"color": GREY, "size": 4},
        hovertemplate="%{x|%B %Y}: %{y:.0f}",
    )
    figure.add_scatter(
        name="median forecast",
        mode="lines",
        **place,
        line={"color": BLUE, "width": 1.5},
        hovertemplate="%{x|%B %Y}: %{y:.0f}",
    )
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
    title(figure, "3", "Next month's sunspots, forecast with", 22)
    title(figure, "4", "Median error of each network", 22)
    figure.update_layout(
        height=WIDE_HEIGHT,
        xaxis3=_axis(LEFT, "y3", type="date"),
        yaxis3=_axis(ABOVE, "x3", range=[-30, 290], dtick=100),
        xaxis4=_rule_axis(rules),
        yaxis4=_axis(ABOVE, "x4", **powers(0.9, 2.1, 1))
        | {"tickvals": [1, 1.301, 1.699, 2], "ticktext": [10, 20, 50, 100]},
        legend3=_legend(ABOVE[1]) | {"x": LEFT[0], "xanchor": "left"},
        legend4=_legend(ABOVE[1]),
    )
    return figure


def _dots(figure, rules, words):
    figure.add_scatter(
        name="each network",
        mode="markers",
        xaxis="x4",
        yaxis="y4",
        showlegend=False,
        marker={"color": SKY, "size": 7, "line": {"color": BLUE, "width": 1}, "opacity": 0.8},
        hovertemplate=words,
    )


def _axis(domain, anchor, **more):
    return {"domain": domain, "anchor": anchor, "fixedrange": True, "zeroline": False} | more


def _rule_axis(rules):
    ticks = {
        "tickvals": list(range(len(rules))),
        "ticktext": [RULE_NAMES[rule].replace(" ", "<br>") for rule in rules],
    }
    return _axis(RIGHT, "y4", range=[-0.5, len(rules) - 0.5], showgrid=False, **ticks)


TRAINING_NARROW = (760, {})
