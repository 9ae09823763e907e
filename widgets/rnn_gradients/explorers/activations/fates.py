"""How fast the error grows or dies, on average a step: over the steps, and against the eigenvalue."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.passes import FLOOR
from ..panels import Mark, Panel
from ..style import AT_ONE, GREY, ORANGE, VERMILLION, powers
from ..values import fact
from .table import LEADING, SEQUENCES, WAYS, sigmoid_table
from .words import is_chaotic, said_of_point, says_growth, says_point, says_rate

__all__ = [
    "EIGENVALUE",
    "border_of",
    "by_way",
    "chosen",
    "critical",
    "growth",
    "growth_here",
    "half_open",
    "rates",
]

TICKS = (0.5, 1, 2, 4, 8)
EIGENVALUE = {
    "title": {"text": "eigenvalue of W", "standoff": 4},
    "range": [np.log10(LEADING[0] / 1.06), np.log10(LEADING[-1] * 1.06)],
    "tickvals": np.log10(TICKS).tolist(),
    "ticktext": [f"{x:g}" for x in TICKS],
}
FACTORS = (0.1, 0.2, 0.5, 1, 2, 5)
BAND = "rgba(213, 94, 0, 0.4)"
FULL = SEQUENCES[-1]
BESIDE = 50
"""The sequence length whose steps back are beside the loss: there the units have long left the middle."""
SILENT = {"hoverinfo": "skip"}
RESOLUTION = {"units": "log10", "resolution": 0.001}


def critical() -> Panel:
    """Show what a step back does to the error of sigmoid units, and the most that it can do."""
    names = ("sigmoid: median", "five networks", "eigenvalue / 4", None)
    return _rates("sigmoid", names, _critical_data, ("says_sigmoid",))


def rates() -> Panel:
    """Show the same for any activation, kind of W and inputs, with what the eigenvalue alone would do."""
    names = ("median of five", "all five", "bound", "eigenvalue")
    return _rates("rate", names, _rates_data, ("says_rate",))


def half_open() -> Panel:
    """Show the same for ReLU units, and what would be left if half of them were open, picked blindly."""
    names = ("ReLU: median", "five ReLU networks", "bound, ReLU", "eigenvalue × √½")
    return _rates("half", names, _half_data, ("says_half",), ("activation", "length"))


def _rates(
    key: str,
    names: tuple[str, str, str, str | None],
    data: Callable,
    words: tuple[str, ...],
    picks: tuple[str, ...] = ("length",),
) -> Panel:
    line = {"mode": "lines", "hovertemplate": "eigenvalue %{text}: × %{customdata}<extra></extra>"}
    edge, grey = {"mode": "lines", **SILENT, "line": {"width": 0}}, {"color": GREY, "width": 2}
    middle, spread, most, alone = names
    traces = {
        "low": go.Scatter(name=f"lowest, {key}", **edge, showlegend=False),
        "high": go.Scatter(name=spread, **edge, fill="tonexty", fillcolor=BAND),
        "bound": go.Scatter(name=most, **line, line={"color": GREY, "width": 7}, opacity=0.4),
        "alone": go.Scatter(name=alone, **line, line=grey | {"dash": "dot"}),
        "mid": go.Scatter(name=middle, **line, line={"color": VERMILLION, "width": 3}),
    }
    ring = {"symbol": "circle-open", "size": 15, "color": ORANGE, "line": {"width": 3}}
    now = go.Scatter(name=f"now, {key}", mode="markers", **SILENT, showlegend=False, marker=ring)
    border = go.Scatter(
        name=f"border, {key}",
        mode="markers+text",
        **SILENT,
        showlegend=False,
        y=[0],
        texttemplate="<b>border: %{text}</b>",
        textposition="top left",
        cliponaxis=False,
        textfont={"size": 13},
        marker={"symbol": "line-ns-open", "size": 22, "color": GREY, "line": {"width": 3}},
    )
    marks = [_along(trace, f"{key}_{what}") for what, trace in traces.items() if trace.name]
    return Panel(
        "Factor of a step back, on average",
        (
            *marks,
            Mark(border, {"x": f"{key}_border", "text": f"{key}_border_name"}),
            Mark(now, {"x": "place", "y": f"{key}_mid"}, edge=True),
        ),
        x=EIGENVALUE,
        y={
            "range": [-1.22, 0.82],
            "tickvals": np.log10(FACTORS).tolist(),
            "ticktext": [f"{x:g}" for x in FACTORS],
            "title": {"text": "factor a step", "standoff": 2},
        },
        width=290,
        height=230,
        data=data,
        words=words,
        picks=picks,
        shapes=(AT_ONE,),
    )


def _along(trace: go.Scatter, variable: str) -> Mark:
    """Draw a line over the eigenvalue; where it is pointed at, it is written."""
    written = {"customdata": variable, "text": "name"} if "hovertemplate" in trace else {}
    return Mark(trace, {"y": variable, "x": "place", **written}, along="eigenvalue")


def border_of(rate: xr.DataArray) -> xr.DataArray:
    """Find the eigenvalue (its log10) beyond which the error grows; NaN where it never does."""
    log10, below = np.log10(rate.eigenvalue), rate <= 0
    place = below.sizes["eigenvalue"] - 1 - below.isel(eigenvalue=slice(None, None, -1)).argmax("eigenvalue")
    after = np.minimum(place + 1, below.sizes["eigenvalue"] - 1)
    y, z = rate.isel(eigenvalue=place), rate.isel(eigenvalue=after)
    share = xr.where(z > y, -y / xr.where(z > y, z - y, 1), np.nan)
    x, ahead = log10.isel(eigenvalue=place), log10.isel(eigenvalue=after)
    found = x + share * (ahead - x)
    return found.where(below.any("eigenvalue")).drop_vars("eigenvalue")


def _spread(key: str, rate: xr.DataArray) -> dict[str, xr.DataArray]:
    """The lowest, highest and median rate of five networks, and where the median passes 1."""
    found = {"low": rate.min("seed"), "high": rate.max("seed"), "mid": rate.median("seed")}
    border = border_of(found["mid"])
    hundredths = np.rint(100 * 10 ** border.fillna(0)).astype("i2")
    return {f"{key}_{name}": values.assign_attrs(RESOLUTION) for name, values in found.items()} | {
        f"{key}_border": border,
        f"{key}_border_name": hundredths.assign_attrs(categories=[f"{k / 100:g}" for k in range(1001)]),
    }


def _axis(table: xr.Dataset) -> dict[str, xr.DataArray]:
    """Where each eigenvalue stands on a logarithmic axis, and how it is written."""
    values = table.eigenvalue.values
    return {"place": ("eigenvalue", np.log10(values)), "name": ("eigenvalue", [f"{x:g}" for x in values])}


def _critical_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rate = sigmoid_table().rate
    bound = np.log10(rate.eigenvalue / 4)
    return (
        _axis(table)
        | _spread("sigmoid", rate)
        | {"sigmoid_bound": bound.assign_attrs(RESOLUTION), "says_sigmoid": says_rate(rate, bound)}
    )


def _rates_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    rate = table["first"].sel(length=FULL, drop=True) / (FULL - 1)
    return (
        _axis(table)
        | _spread("rate", rate)
        | {
            "rate_bound": table.bound.assign_attrs(RESOLUTION),
            "rate_alone": np.log10(table.eigenvalue).assign_attrs(RESOLUTION),
            "says_rate": says_rate(rate, table.bound, _chaotic(table)),
        }
    )


def _half_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    relu = table.sel(activation="relu", drop=True)
    rate, half = relu["first"].sel(length=FULL, drop=True) / (FULL - 1), np.log10(table.eigenvalue / 2**0.5)
    lines = {"half_bound": relu.bound.assign_attrs(RESOLUTION), "half_alone": half.assign_attrs(RESOLUTION)}
    return _axis(table) | _spread("half", rate) | lines | {"says_half": says_rate(rate, relu.bound)}


def _chaotic(table: xr.Dataset) -> xr.DataArray:
    """Whether rounding decides where all steps have been gone back."""
    return is_chaotic(table["first"], fact("bounded", table.activation)).sel(length=FULL, drop=True)


# --- over the steps back ------------------------------------------------------------------------------------


def growth() -> Panel:
    """Show the error over the steps back in five networks, and its mean growth beside the loss."""
    straight = go.Scatter(
        name="growth beside the loss",
        mode="lines",
        **SILENT,
        line={"color": ORANGE, "width": 3, "dash": "dash"},
    )
    mark = Mark(straight, {"x": "back", "y": "growth_straight"}, along="length")
    names = ("each", "median", "at most")
    x = {"title": {"text": "steps back from the loss", "standoff": 4}}
    words = ("says_growth",)
    return _growth(
        "growth", "The error on its way back", names, "back", x, mark, _growth_data, words, ("length",)
    )


def growth_here() -> Panel:
    """Show the column of the map in which the chosen point is: the error against the sequence length."""
    mark = Mark(chosen("here"), {"x": "long", "y": "here_mid"}, edge=True)
    names = ("each of five", "their median", "the most")
    x = {"title": {"text": "sequence length T", "standoff": 4}}
    picks = ("activation", "kind", "units", "length")
    title, words = "Up the column of the chosen point", ("says_here",)
    return _growth("here", title, names, "long", x, mark, _here_data, words, picks)


def chosen(where: str) -> go.Scatter:
    """Make the mark of the point that the reader has chosen."""
    hollow = {"symbol": "circle", "size": 14, "color": "white", "line": {"width": 4, "color": ORANGE}}
    return go.Scatter(name=f"the point, {where}", mode="markers", **SILENT, showlegend=False, marker=hollow)


def _growth(
    key: str,
    title: str,
    names: tuple[str, str, str],
    across: str,
    x: dict,
    mark: Mark,
    data: Callable,
    words: tuple[str, ...],
    picks: tuple[str, ...],
) -> Panel:
    each = go.Scatter(
        name=names[0], mode="lines", **SILENT, line={"color": VERMILLION, "width": 1}, opacity=0.8
    )
    median = go.Scatter(
        name=names[1],
        mode="lines+markers",
        line={"color": VERMILLION, "width": 3},
        marker={"size": 5},
        hovertemplate=f"{x['title']['text']} %{{x}}: %{{customdata}}<extra></extra>",
    )
    bound = go.Scatter(
        name=names[2], mode="lines", **SILENT, line={"color": GREY, "width": 2, "dash": "dash"}
    )
    middle = f"{key}_mid"
    return Panel(
        title,
        (
            Mark(bound, {"x": across, "y": f"{key}_most"}, along="length"),
            Mark(each, {"x": f"{across}_each", "y": f"{key}_each"}, along="point"),
            Mark(median, {"x": across, "y": middle, "customdata": middle}, along="length", edge=True),
            mark,
        ),
        x=x | {"range": [-2, FULL + 2]},
        y=powers(-12.5, 12.5) | {"title": {"text": "size of the error", "standoff": 2}},
        width=270,
        height=230,
        data=data,
        words=words,
        picks=picks,
        shapes=(AT_ONE,),
    )


def _over_lengths(
    key: str, first: xr.DataArray, bound: xr.DataArray, across: str, x: xr.DataArray
) -> dict[str, xr.DataArray]:
    """Five networks, their median, and the most that is possible, at all lengths."""
    attrs = {"units": "log10", "resolution": 0.01}
    first = first.where(first >= FLOOR)  # what is smaller is far below the axes, and would be read as 0
    return {
        across: x,
        f"{across}_each": _one_line(x + 0 * first.seed),
        f"{key}_each": _one_line(first).assign_attrs(attrs),
        f"{key}_mid": first.median("seed").assign_attrs(attrs),
        f"{key}_most": (bound * (first.length - 1.0)).assign_attrs(attrs),
    }


def _one_line(values: xr.DataArray) -> xr.DataArray:
    """Put the lines of all seeds behind each other, with gaps between them."""
    gapped = values.pad(length=(0, 1)).stack(point=("seed", "length"))
    return gapped.drop_vars(["point", "seed", "length"])


def _growth_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    on_way, back = table.on_way, table.length - 1.0
    slope = on_way.median("seed").sel(length=BESIDE, drop=True) / (BESIDE - 1)
    return _over_lengths("growth", on_way, table.bound, "back", back) | {
        "growth_straight": np.maximum(slope * back, FLOOR).assign_attrs(resolution=0.01),
        "says_growth": says_growth(on_way.sel(length=FULL, drop=True), slope, _chaotic(table)),
    }


def _here_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    first = by_way(table["first"])
    chaotic = is_chaotic(first, by_way(fact("bounded", table.activation)))
    return _over_lengths("here", first, by_way(table.bound), "long", 1.0 * table.length) | {
        "says_here": says_point(said_of_point(first), chaotic)
    }


def by_way(variable: xr.DataArray) -> xr.DataArray:
    """What a variable is in each of the ways that networks run, in place of activation, kind and inputs."""
    each = []
    for at in WAYS.values():
        here = dict(zip(("activation", "kind", "units"), at, strict=True))
        each.append(
            variable.sel({name: value for name, value in here.items() if name in variable.dims}, drop=True)
        )
    return xr.concat(each, xr.DataArray(list(WAYS), dims="way", name="way"))
