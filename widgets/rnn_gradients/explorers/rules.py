"""What the explorers of trained networks share: a column, or a group of dots, for each rule of clipping."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from .panels import Mark, Panel
from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, power_of_ten, powers

__all__ = [
    "RULE_NAMES",
    "RULE_STYLES",
    "by_rule",
    "column_table",
    "dots_mark",
    "dots_of",
    "errors_panel",
    "gradients_panel",
    "rule_ticks",
    "written",
]

RULE_NAMES = {
    "none": "nothing",
    "hidden": "hidden only",
    "output": "output only",
    "both": "both, each",
    "joint": "joint",
}
"""What is clipped, in words."""
RULE_STYLES = {
    "none": (GREY, "x", "dot"),
    "hidden": (VERMILLION, "circle", "solid"),
    "output": (BLUE, "square", "dash"),
    "both": (PURPLE, "diamond", "solid"),
    "joint": (ORANGE, "triangle-up", "solid"),
}
"""Of each rule: its colour, the symbol of its points and the dash of its lines."""
HEIGHT = 202
"""Of a panel, in pixels."""
SHARE = 0.9  # of the distance from one column to the next: how wide a column is
COLUMNS = 440  # pixels that all five columns need
UNNAMED = {"showlegend": False, "hoverinfo": "skip"}
HOVER = {"hovertemplate": "%{text}"}


def by_rule(said: Mapping[str, str]) -> str:
    """Put what is said of each rule into one list: ``"3 (nothing), 5 (hidden only)"``."""
    return ", ".join(f"{words} ({RULE_NAMES[rule]})" for rule, words in said.items())


def written(log10: xr.DataArray) -> xr.DataArray:
    """Write numbers as people do, with two digits or as a power of ten: 0.04, 1.3, 690,000, 10⁹.

    Parameters
    ----------
    log10 : xarray.DataArray
        Their logarithms; NaN is written as nothing.

    Returns
    -------
    xarray.DataArray
        Codes of the strings that its attribute ``categories`` lists.
    """
    rounded, codes = np.unique(np.round(log10.values, 2), return_inverse=True)
    words = [_word(each) for each in rounded.tolist()]
    return xr.DataArray(codes.reshape(log10.shape), log10.coords, log10.dims, attrs={"categories": words})


def _word(log10: float) -> str:
    if np.isnan(log10):
        return ""
    if -4 <= log10 < 6:
        return f"{float(f'{10**log10:.2g}'):,g}"
    return power_of_ten(round(log10))


# --- columns: how networks learn ----------------------------------------------------------------------------


def errors_panel(rules: Sequence[str], steps: int, errors: tuple[float, float, int]) -> Panel:
    """Make the panel in which the errors of a `column_table` are drawn.

    Parameters
    ----------
    rules : sequence of str
    steps : int
        Updates from end to end of a column.
    errors : (float, float, int)
        The axis in log10: lowest, highest, and from one tick to the next.
    """
    each = go.Scatter(
        name="error, each network", mode="lines", **UNNAMED, line={"width": 1, "color": GREEN}, opacity=0.7
    )
    median = go.Scatter(
        name="error, median", mode="lines", showlegend=False, **HOVER, line={"color": GREEN, "width": 3.5}
    )
    return _columns_panel(
        "Training error (thick: the median network)",
        (
            Mark(each, {"x": "networks_x", "y": "networks"}, along="network_point"),
            Mark(median, _of_columns("error_median"), along="column_point", edge=True),
        ),
        powers(*errors) | {"title": {"text": "error", "standoff": 2}},
        rules,
        steps,
    )


def gradients_panel(rules: Sequence[str], steps: int) -> Panel:
    """Make the panel in which the gradient norms of a `column_table` are drawn.

    Parameters
    ----------
    rules, steps
        As for `errors_panel`.
    """
    marks = []
    for layer, colour, dash in (("hidden", VERMILLION, "solid"), ("output", BLUE, "dash")):
        line = {"color": colour, "width": 2.5, "dash": dash}
        median = go.Scatter(name=f"{layer} layer", mode="lines", **HOVER, line=line)
        thin = {"width": 1, "color": colour}
        largest = go.Scatter(name=f"{layer} layer, largest", mode="lines", **UNNAMED, line=thin)
        at_largest = {"x": "columns_x", "y": f"{layer}_largest"}
        marks += [
            Mark(median, _of_columns(f"{layer}_median"), along="column_point"),
            Mark(largest, at_largest, along="column_point", edge=True),
        ]
    line = {"color": GREY, "width": 1.5, "dash": "dot"}
    threshold = go.Scatter(name="threshold", mode="lines", hoverinfo="skip", line=line)
    at_threshold = {"x": "columns_x", "y": "threshold_log10"}
    return _columns_panel(
        "Gradients before clipping (thin: the largest)",
        (*marks, Mark(threshold, at_threshold, along="column_point")),
        powers(-4.3, 5.3, 2) | {"title": {"text": "norm", "standoff": 2}},
        rules,
        steps,
    )


def _of_columns(variable: str) -> dict:
    return {"x": "columns_x", "y": variable, "text": ("columns_update", f"{variable}_written")}


def _columns_panel(
    title: str, marks: tuple[Mark, ...], y: Mapping, rules: Sequence[str], steps: int
) -> Panel:
    axis, middles, shapes = _columns(len(rules), steps)
    note = {"y": 1, "yanchor": "bottom", "yref": "domain", "font": {"size": 11}}
    return Panel(
        title,
        marks,
        x=axis | {"title": {"text": "updates", "standoff": 4}},
        y=y,
        width=COLUMNS,
        height=HEIGHT,
        words=("sentence",),
        headroom=32,
        notes=tuple(
            note | {"text": f"<b>{_broken(rule)}</b>", "x": middle}
            for rule, middle in zip(rules, middles, strict=True)
        ),
        shapes=shapes,
    )


def _columns(count: int, steps: int) -> tuple[dict, np.ndarray, tuple[dict, ...]]:
    """The axis of the columns, their middles, and the lines between them."""
    ends = _across(np.array([0, steps]), steps, count)
    axis = {
        "tickvals": ends.ravel().tolist(),
        "ticktext": ["0", *[f"{steps:,}", ""] * count][:-1],
        "tickfont": {"size": 10},
        "tickangle": 0,
        "showgrid": False,
        "range": [-0.06, count - 1 + SHARE + 0.06],
    }
    line = {"type": "line", "y0": 0, "y1": 1, "yref": "domain", "line": {"color": GREY, "width": 0.5}}
    edges = (ends[1:, 0] - (1 - SHARE) / 2).tolist()
    return axis, ends.mean(1), tuple(line | {"x0": edge, "x1": edge} for edge in edges)


def _across(updates: np.ndarray, steps: int, rules: int) -> np.ndarray:
    """Place updates in the columns of rules; shape (rules, updates)."""
    return np.arange(rules)[:, None] + SHARE * np.asarray(updates) / steps


def column_table(curves: xr.Dataset, steps: int, threshold: xr.DataArray) -> xr.Dataset:
    """Bring learning curves into the form in which `errors_panel` and `gradients_panel` draw them.

    Parameters
    ----------
    curves : xarray.Dataset
        Along clip, seed, update and perhaps more: ``error``, ``hidden``, ``output`` (see `training.curves`).
    steps : int
        Updates from end to end.
    threshold : xarray.DataArray
        Of clipping; it may differ along any of the further dimensions.

    Returns
    -------
    xarray.Dataset
        Along ``network_point`` or ``column_point``: one curve after the other, each followed by a gap.
    """
    places = _across(curves["update"].values, steps, curves.sizes["clip"])
    x = xr.DataArray(places, dims=("clip", "update"))
    columns_x = _strung(x, "column_point", "clip")
    told = [f"update {update:,}: " for update in curves["update"].values.tolist()]
    table = xr.Dataset(
        {
            "columns_x": columns_x,
            "columns_update": ("column_point", [*told, ""] * curves.sizes["clip"]),
            "networks_x": _strung(x.expand_dims(seed=curves.sizes["seed"]), "network_point", "clip", "seed"),
        }
    )
    curved = {"networks": _strung(curves["error"], "network_point", "clip", "seed")}
    median = {name: curves[name].median("seed", skipna=False) for name in ("error", "hidden", "output")}
    medians = {f"{name}_median": _strung(values, "column_point", "clip") for name, values in median.items()}
    curved |= medians
    for layer in ("hidden", "output"):
        largest = curves[layer].max("seed", skipna=False)
        curved[f"{layer}_largest"] = _strung(largest, "column_point", "clip")
    for name, values in curved.items():
        table[name] = values.assign_attrs(resolution=0.01)
    for name, values in medians.items():
        table[f"{name}_written"] = written(values)
    table["threshold_log10"] = np.log10(threshold) + 0 * columns_x
    return table


def _strung(curves: xr.DataArray, dimension: str, *kinds: str) -> xr.DataArray:
    """String curves along ``update`` together along one dimension, the last of all, with a gap after each."""
    others = [dim for dim in curves.dims if dim not in (*kinds, "update")]
    values = curves.transpose(*others, *kinds, "update").values
    gaps = np.full((*values.shape[:-1], 1), np.nan)
    values = np.concatenate([values, gaps], axis=-1).reshape(*values.shape[: len(others)], -1)
    return xr.DataArray(values, {dim: curves[dim] for dim in others}, (*others, dimension))


# --- dots: a network each -----------------------------------------------------------------------------------


def dots_mark(words: str, rules: Sequence[str], networks: int, edge: bool = False) -> Mark:
    """Make the mark that shows each network of each rule as a dot: the variables of `dots_of`.

    Parameters
    ----------
    words : str
        What hovering over a dot tells: plotly's template.
    rules : sequence of str
    networks : int
        To each rule.
    edge : bool
        As of a `Mark`.
    """
    colours, symbols, _ = zip(*(RULE_STYLES[rule] for rule in rules for _ in range(networks)), strict=True)
    marker = {"color": colours, "symbol": symbols, "size": 7, "opacity": 0.75}
    trace = go.Scatter(
        name="each network", mode="markers", showlegend=False, marker=marker, hovertemplate=words
    )
    return Mark(trace, {"x": "dots_x", "y": "dots"}, along="dot", edge=edge)


def dots_of(values: xr.DataArray) -> dict[str, xr.DataArray]:
    """Set the networks of each rule side by side along the dimension ``dot``."""
    places = np.arange(values.sizes["clip"])[:, None] + np.linspace(-0.3, 0.3, values.sizes["seed"])
    dots = values.stack(dot=("clip", "seed"), create_index=False).drop_vars(["clip", "seed"]).drop_attrs()
    return {"dots": dots, "dots_x": xr.DataArray(places.ravel(), dims="dot")}


def rule_ticks(rules: Sequence[str]) -> dict:
    """Describe an axis along which the rules stand."""
    ticks = {"tickvals": list(range(len(rules))), "ticktext": [_broken(rule) for rule in rules]}
    return {"range": [-0.5, len(rules) - 0.5], "showgrid": False, **ticks}


def _broken(rule: str) -> str:
    return RULE_NAMES[rule].replace(" ", "<br>")
