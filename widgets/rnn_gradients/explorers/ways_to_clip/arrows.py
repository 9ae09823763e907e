"""The gradient as an arrow: across, the size of its hidden part; up, that of its output part."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..panels import Mark, Panel
from ..style import BLUE, GREY, ORANGE, PURPLE, VERMILLION, amount
from ..values import in_words
from .table import LEADING, WIDER

__all__ = ["RULE_WORDS", "arrow", "turned"]

ACROSS, UP = 12.0, 6.4
"""Where the axes of the arrow end."""
SQUARE = {"dtick": 2, "constrain": "domain"}  # and so that title and legend stay at their places:
LEFT, TOP = {"constraintoward": "left"}, {"constraintoward": "top"}
FAR = 1000.0
"""Where a part of it is cut that runs far beyond them."""
KEPT = 0.5
"""Degrees below which an arrow is said to keep its direction."""
SILENT = {"hoverinfo": "skip"}
MUTE = {"showlegend": False, **SILENT}
RULE_WORDS = {
    "none": "nothing",
    "hidden": "hidden only, by norm",
    "layers": "each layer, by norm",
    "wider": "each layer, output wider",
    "joint": "joint, by norm",
    "tensor": "each tensor, by norm",
    "value": "each number, by value",
    "adaptive": "each unit, adaptively",
}
"""What is clipped, and how."""
CORNERS = 25


def arrow() -> Panel:
    """Show the gradient before and after clipping, and where the rule allows it to end."""
    allowed = go.Scatter(
        name="allowed", mode="lines", **MUTE, fill="toself", fillcolor="rgba(128, 128, 128, 0.18)"
    ).update(line={"color": GREY, "width": 1, "dash": "dot"})
    marks = [Mark(allowed, {"x": "allowed_x", "y": "allowed_y"}, along="corner")]
    for layer, colour, axis, other in (("hidden", VERMILLION, "x", "y"), ("output", BLUE, "y", "x")):
        line = {"color": colour, "width": 8}
        part = go.Scatter(name=f"{layer}, after", mode="lines", line=line, **MUTE)
        marks.append(Mark(part, {axis: ["nought", f"{layer}_length"], other: ["nought", "nought"]}))
    for name, when, colour, look in (
        ("before", "before", GREY, {"dash": "dash", "width": 2.5}),
        ("after", "after", PURPLE, {"width": 4}),
    ):
        line = go.Scatter(name=name, mode="lines", **SILENT, line={"color": colour, **look})
        head = {"symbol": "arrow", "size": 17, "color": colour, "line": {"width": 0}}
        tip = go.Scatter(name=f"{name}: its tip", mode="markers", **MUTE, marker=head)
        x, y = f"{when}_x", f"{when}_y"
        marks.append(Mark(line, {"x": ["nought", x], "y": ["nought", y]}))
        marks.append(Mark(tip, {"x": [x], "y": [y], "marker.angle": f"{when}_angle"}))
    return Panel(
        "The gradient as an arrow (shaded: allowed)",
        tuple(marks),
        x=SQUARE | LEFT | {"range": [-0.25, ACROSS], "title": {"text": "hidden layer's part", "standoff": 4}},
        y=SQUARE | TOP | {"range": [-0.25, UP], "title": {"text": "output layer's part", "standoff": 2}},
        width=260,
        height=200,
        data=_arrow_data,
        words=("says_arrow",),
        square=True,
    )


def _arrow_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    before = _parts(table.before)
    after = _parts(table.after)
    data = {"nought": xr.DataArray(0.0)}
    for when, parts in (("before", before), ("after", after)):
        for axis, part in zip("xy", parts, strict=True):
            data[f"{when}_{axis}"] = _cut(part, parts)
        angle = 90 - np.degrees(np.arctan2(parts[1], parts[0]))
        data[f"{when}_angle"] = angle.assign_attrs(resolution=0.1)
    for layer, part in zip(("hidden", "output"), after, strict=True):
        data[f"{layer}_length"] = np.minimum(part, FAR).assign_attrs(resolution=0.05)
    data |= _allowed(table)
    data["says_arrow"] = _says_arrow(table, before, after)
    return data


def _parts(sizes: xr.DataArray) -> list[xr.DataArray]:
    return [sizes.sel(layer=layer, drop=True) for layer in ("hidden", "output")]


def _cut(part: xr.DataArray, parts: list[xr.DataArray]) -> xr.DataArray:
    """Shorten an arrow that runs far beyond the frame; it keeps its direction."""
    longest = np.maximum(*parts)
    return (part * np.minimum(1, FAR / longest)).assign_attrs(resolution=0.04)


def _allowed(table: xr.Dataset) -> dict[str, xr.DataArray]:
    """Draw where the arrow can end: a strip, a rectangle, a quarter of a circle; or nowhere in this plane."""
    turn = np.linspace(0, np.pi / 2, CORNERS - 2)
    quarter = [0, *np.cos(turn), 0], [0, *np.sin(turn), 0]
    # a corner is given many times, so that all shapes have as many
    rectangles = {
        rule: ([0, *[1] * (CORNERS - 3), 0, 0], [0, 0, *[high] * (CORNERS - 3), 0])
        for rule, high in {"hidden": np.inf, "layers": 1, "wider": WIDER}.items()
    }
    shapes = {"joint": quarter} | rectangles
    nowhere = np.full((2, CORNERS), np.nan)
    found = np.array([shapes.get(rule, nowhere) for rule in table.rule.values.tolist()])
    scaled = xr.DataArray(found, {"rule": table.rule}, ("rule", "axis", "corner")) * table.threshold
    within = scaled.clip(max=2 * ACROSS).assign_attrs(resolution=0.01)
    return {f"allowed_{axis}": within.isel(axis=k) for k, axis in enumerate("xy")}


def _says_arrow(table: xr.Dataset, before: list, after: list) -> xr.DataArray:
    def say(hidden, output, hidden_after, output_after, cosine):
        long = amount(np.log10(np.hypot(hidden, output)))
        if (hidden_after, output_after) == (hidden, output):
            return f"The gradient is {long} long, and stays as it is."
        degrees = np.degrees(np.arccos(min(1.0, cosine)))
        turned_by = f"is turned by {degrees:.0f}° (cosine {cosine:.3g})"
        way = "keeps its direction" if degrees < KEPT else turned_by
        now = amount(np.log10(np.hypot(hidden_after, output_after)))
        parts = f"{_went('The hidden', hidden, hidden_after)}; {_went('the output', output, output_after)}"
        return f"The gradient was {long} long; now it is {now} long, and {way}. {parts}."

    return in_words(say, *before, *after, table.cosine.sel(over="both", drop=True))


def _went(layer: str, before: float, after: float) -> str:
    whose = f"{layer} layer's part"
    if before == after:
        return f"{whose} stays at {amount(np.log10(before))}"
    return f"{whose} went from {amount(np.log10(before))} to {amount(np.log10(after))}"


# --- how far it is turned -----------------------------------------------------------------------------------

TURNED = {
    "both": ("whole gradient", PURPLE, "solid"),
    "hidden": ("hidden part", VERMILLION, "dash"),
    "output": ("output part", BLUE, "dot"),
}


def turned() -> Panel:
    """Show the cosine between the gradient before and after clipping, at all eigenvalues."""
    marks = []
    for over, (name, colour, dash) in TURNED.items():
        line = go.Scatter(
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 3 if over == "both" else 2.5, "dash": dash},
            marker={"size": 5},
            hovertemplate="eigenvalue %{x}: cosine %{y:.2f}<extra></extra>",
        )
        at = {"x": "at_eigenvalue", "y": f"cosine_{over}"}
        marks.append(Mark(line, at, along="eigenvalue"))
    ring = {"symbol": "circle-open", "size": 15, "color": ORANGE, "line": {"width": 3}}
    now = go.Scatter(name="now, turned", mode="markers", **MUTE, marker=ring)
    marks.append(Mark(now, {"x": ["at_eigenvalue"], "y": ["cosine_both"]}))
    return Panel(
        "Cosine with the true gradient (1: same direction)",
        tuple(marks),
        x={"range": [LEADING[0] - 0.1, LEADING[-1] + 0.1], "dtick": 1}
        | {"title": {"text": "eigenvalue of W", "standoff": 4}},
        y={"range": [-0.04, 1.08], "dtick": 0.25, "title": {"text": "cosine", "standoff": 2}},
        width=260,
        height=200,
        data=_turned_data,
    )


def _turned_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    cosines = {
        f"cosine_{over}": table.cosine.sel(over=over, drop=True).assign_attrs(resolution=0.001)
        for over in TURNED
    }
    return cosines | {"at_eigenvalue": 1.0 * table.eigenvalue}
