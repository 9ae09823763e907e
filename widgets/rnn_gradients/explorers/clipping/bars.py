"""What each layer's weights get: their gradient before and after clipping, on a linear axis."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.sweeps import TOGGLES
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import BLUE, GREY, VERMILLION, powers
from ..values import linear
from .words import LAYERS

__all__ = ["STYLES", "UNDER_RULE", "rules", "share", "steps", "weights"]

STYLES = {"hidden": (VERMILLION, "circle"), "output": (BLUE, "square")}
NAMES = {"hidden": "<b>hidden layer</b><br>W, U, b", "output": "<b>output layer</b><br>V, c"}
FRAME = 32.0
"""Where the linear axis ends; what is longer breaks out of it."""
BROKEN_AT = 27.0
"""Where the bar of what breaks out is broken."""
LANDED = {"hidden": (FRAMES - 2, FRAMES), "output": (0, 4)}
"""The frames of Play in which a layer's gradient is known: V's at once, W's at the end of the way back."""
ACROSS = [-0.5, 2.0]
"""Where the two bars stand, at 0 and 1, with room beside them for the threshold's name."""
UNDER_RULE = {  # which of the toggles each sets: jointly, hidden, output
    "none": (False, False, False),
    "hidden": (False, True, False),
    "output": (False, False, True),
    "both": (False, True, True),
    "joint": (True, False, False),
}


def weights() -> Panel:
    """Show two bars: the gradient of each layer, and the threshold."""
    marks = [_threshold("the threshold", {"y": "threshold_size"}, x=ACROSS)]
    for place, layer in enumerate(STYLES):
        marks += _bars(f"{layer} bar", layer, {"x": place}, f"{layer}_step", LANDED[layer])
    marks.append(_breaks("gaps", "y", LANDED["hidden"]))
    return Panel(
        "The gradient that each layer's weights get",
        tuple(marks),
        x={"range": ACROSS, "tickvals": [0, 1], "ticktext": list(NAMES.values()), "showgrid": False},
        y={
            "range": [0, FRAME + 4],
            "tickvals": [0, 10, 20],
            "title": {"text": "size of the gradient", "standoff": 2},
        },
        width=180,
        height=250,
        low=140,
        grows=1,
        data=_weights_data,
        words=LAYERS,
        legend=False,
        headroom=22,
        footroom=12,
        reach={"threshold": (0.01, 0.1, 1.0, 10.0)},
    )


def rules() -> Panel:
    """Show what one of five rules does to each layer: ghosts run through the wall, steps do not."""
    marks = [_threshold("the wall", {"x": "threshold_size"}, y=[-0.5, 1.75])]
    for place, layer in enumerate(STYLES):
        marks += _bars(f"{layer} under a rule", layer, {"y": place}, f"{layer}_ruled")
    marks.append(_breaks("gaps in the rules", "x"))
    return Panel(
        "Each gradient, before (outline) and after",
        tuple(marks),
        x={
            "range": [0, FRAME + 22],
            "tickvals": [0, 10, 20],
            "title": {"text": "size of the gradient", "standoff": 4},
        },
        y={"range": [1.75, -0.6], "tickvals": [0, 1], "ticktext": ["hidden", "output"], "showgrid": False},
        width=250,
        height=150,
        data=_rules_data,
        words=(*(f"rule_{name}" for name in LAYERS), "says_direction"),
        picks=TOGGLES,
        reach={"threshold": (1.0, 10.0)},
        legend=False,
    )


def _threshold(name: str, show: dict, **ends) -> Mark:
    """Draw the threshold, with its name at the right end of a line that lies, and at the top of a wall."""
    line = {"color": GREY, "width": 3, "dash": "dash"}
    lies = "x" in ends
    words = {"textposition": "top left" if lies else "middle right"}
    labels = ["nothing", "threshold_name"] if lies else ["threshold_name", "nothing"]
    trace = go.Scatter(
        name=name, mode="lines+text", **ends, **words, textfont={"size": 12}, line=line, hoverinfo="skip"
    )
    return Mark(trace, {axis: [name, name] for axis, name in show.items()} | {"text": labels})


def _bars(name: str, layer: str, place: dict, step: str, landed: tuple[int, int] | None = None) -> list[Mark]:
    """A layer's gradient before clipping in outline, after it filled, and both in words."""
    colour, _ = STYLES[layer]
    axis, across = ("x", "y") if "y" in place else ("y", "x")
    at = place[across]
    below = 0.4 if axis == "x" else 0  # where bars lie, what is told of before has a line of its own
    bars = go.Bar(
        name=name,
        **{across: [at, at]},
        orientation="h" if axis == "x" else "v",
        width=0.5,
        showlegend=False,
        hovertemplate=f"{layer} layer: %{{customdata}}<extra></extra>",
        marker={"color": ["rgba(0,0,0,0)", colour], "line": {"color": colour, "width": [2, 0]}},
    )
    words = go.Scatter(
        name=f"{name}, in words",
        **{across: [at + below, at]},
        mode="text",
        showlegend=False,
        hoverinfo="skip",
        textposition="top center" if axis == "y" else "middle right",
        texttemplate=["\u2002before: %{text}%{customdata}", "\u2002%{text}%{customdata}"],
        textfont={"size": [12, 15], "weight": ["normal", "bold"]},
    )
    before = f"{layer}_before"
    sizes = [(f"{size}_log10", f"{size}_rest") for size in (before, step)]
    beyond = [f"{layer}_beyond", f"{step}_beyond"]
    return [
        Mark(bars, {axis: [before, step], "customdata": sizes}, reveal=landed),
        Mark(words, {axis: [f"{step}_ghost", step], "text": beyond, "customdata": sizes}, reveal=landed),
    ]


def _breaks(name: str, axis: str, landed: tuple[int, int] | None = None) -> Mark:
    """A gap in what goes on beyond the frame, as white as the page (figure.css sees to it in the dark)."""
    other = {"x": [0, 1]} if axis == "y" else {"y": [0, 1], "orientation": "h"}
    gap = go.Bar(
        name=name,
        **other,
        base=BROKEN_AT,
        width=0.6,
        showlegend=False,
        hoverinfo="skip",
        marker={"color": "white"},
    )
    return Mark(gap, {axis: [f"{layer}_gap" for layer in STYLES]}, reveal=landed)


def _linear(log10: xr.DataArray) -> xr.DataArray:
    """The size itself, cut where the frame ends."""
    return linear(log10, FRAME, 0.01)


def _is_beyond(log10: xr.DataArray) -> xr.DataArray:
    """A sign in words that a size goes on beyond the frame."""
    return (log10 > np.log10(FRAME)).astype("i2").assign_attrs(categories=["", "▲ "])


def _told(name: str, log10: xr.DataArray) -> dict[str, xr.DataArray]:
    """A size to be written in three digits: its log10, to the hundredth, and the rest."""
    coarse = log10.copy(data=np.round(log10.values, 2)).assign_attrs(units="log10", resolution=0.01)
    rest = xr.where((log10 >= -3) & (log10 < 6), log10 - coarse, 0.0)
    return {f"{name}_log10": coarse, f"{name}_rest": rest.assign_attrs(units="log10", resolution=1e-4)}


def _sizes(table: xr.Dataset) -> dict[str, xr.DataArray]:
    """The log10 of each layer's gradient before clipping."""
    return {layer: table[layer] + table.error_log10 for layer in STYLES}


def _before(sizes: dict[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Each layer's gradient before clipping, as a bar and in words; and where its bar is broken."""
    data = {}
    for layer, size in sizes.items():
        gap = xr.where(size > np.log10(FRAME), 1.2, np.nan).assign_attrs(resolution=0.1)
        data |= {f"{layer}_before": _linear(size), f"{layer}_beyond": _is_beyond(size), f"{layer}_gap": gap}
        data |= _told(f"{layer}_before", size)
    return data


def _after(name: str, log10: xr.DataArray, before: xr.DataArray) -> dict[str, xr.DataArray]:
    """A gradient after clipping, as a bar and in words; and where to tell what was cut."""
    ghost = xr.where(before - log10 > 1e-6, _linear(before), np.nan).assign_attrs(resolution=0.01)
    shown = {name: _linear(log10), f"{name}_beyond": _is_beyond(log10), f"{name}_ghost": ghost}
    return shown | _told(name, log10)


def _threshold_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    names = [f"threshold {size:g}" for size in table.threshold.values]
    return {
        "threshold_size": 1.0 * table.threshold,
        "threshold_name": ("threshold", names),
        "nothing": xr.DataArray(""),
    }


def _weights_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    sizes = _sizes(table)
    data = _threshold_data(table) | _before(sizes)
    for layer, size in sizes.items():
        data |= _after(f"{layer}_step", table[f"{layer}_clipped"], size)
    return data


def _rules_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    sizes = _sizes(table)
    data = _threshold_data(table) | _before(sizes)
    for layer, size in sizes.items():
        data |= _after(f"{layer}_ruled", _by_rule(table[f"{layer}_clipped"]), size)
    data |= {f"rule_{name}": _by_rule(table[name]) for name in LAYERS}
    angle = np.degrees(np.arccos(np.minimum(10 ** _by_rule(table.cosine), 1)))
    turned = [f"The update of both layers together turns by {k}°." for k in range(91)]
    turned[0] = "The update of both layers together keeps its direction."
    slightly = (angle > 1e-5) & (angle < 0.5)
    codes = xr.where(slightly, 91, np.rint(angle)).astype("i2")
    data["says_direction"] = codes.assign_attrs(
        categories=[*turned, "Their direction together hardly turns."]
    )
    return data


def _by_rule(variable: xr.DataArray) -> xr.DataArray:
    """What a variable is under each of the five rules, in place of the toggles."""
    each = []
    for settings in UNDER_RULE.values():
        there = dict(zip(TOGGLES, settings, strict=True))
        each.append(
            variable.sel({name: on for name, on in there.items() if name in variable.dims}, drop=True)
        )
    return xr.concat(each, xr.DataArray(list(UNDER_RULE), dims="rule", name="rule")).assign_attrs(
        variable.attrs
    )


# --- on the dashboard ---------------------------------------------------------------------------------------


def steps() -> Panel:
    """Show both layers' steps on a logarithmic axis."""
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


def share() -> Panel:
    """Show the output layer's part of the whole step."""
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
