"""An arrow, multiplied by a matrix again and again: in the plane, and its parts along the eigenvectors."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREEN, GREY, ORANGE, PURPLE, VERMILLION, amount, powers
from ..values import in_words
from .table import LINES, TICKS

__all__ = ["arrow", "flips", "parts"]

CENTRE = -3
"""Log10 of the length that is at the centre of the rings; what is shorter lies there, too."""
RINGS = range(CENTRE + 1, 3)
"""Log10 of the lengths that are drawn as rings."""
FRAME = 5.7
"""From the centre to the edge, in rings."""
LINE_ENDS = {"_back": -FRAME + 0.7, "": FRAME - 0.7, "_beyond": FRAME - 0.25}
"""Of the lines: both of them, and where their factor is written."""
FORWARD = (0, FRAMES)
STYLES = {0: (ORANGE, "dash"), 1: (PURPLE, "dot")}
"""Of the lines of the two eigenvectors."""
DASHES = {"dash": "dashed", "dot": "dotted"}
HEAD, SHORTEST_HEAD = 19, 7
"""Of an arrow that reaches the first ring, and of one that is all but a point; in pixels."""
SILENT = {"hoverinfo": "skip", "showlegend": False}


def rings(log10, centre=CENTRE):
    """Say how far from the centre a length lies: each ring is ten times the one inside."""
    return np.maximum(log10 - centre, 0)


def arrow() -> Panel:
    """Show the arrow in its true direction; the rings tell its length."""
    rays = go.Scatter(name="arrows", mode="lines", **SILENT, line={"color": GREEN, "width": 1}, opacity=0.25)
    shaft = go.Scatter(
        name="shaft of the arrow now", mode="lines", **SILENT, line={"color": GREEN, "width": 4}
    )
    tips = go.Scatter(
        name="tips",
        mode="lines+markers",
        showlegend=False,
        line={"color": GREEN, "width": 1},
        marker={"color": GREEN, "size": 4},
        opacity=0.6,
        hovertemplate="length %{customdata}<extra></extra>",
    )
    head = {"symbol": "arrow", "color": GREEN, "line": {"width": 0}}
    now = go.Scatter(name="the arrow now", mode="markers", **SILENT, marker=head)
    bare = {
        "range": [-FRAME, FRAME],
        "showgrid": False,
        "showline": False,
        "showticklabels": False,
        "ticks": "",
    }
    return Panel(
        "The arrow (each ring: ten times the length)",
        (
            *_lines(),
            Mark(rays, {"x": "ray_x", "y": "ray_y"}, along="ray", reveal=FORWARD),
            Mark(tips, {"x": "tip_x", "y": "tip_y", "customdata": "length"}, along="tick", reveal=FORWARD),
            Mark(shaft, {"x": "ray_x", "y": "ray_y"}, along="ray", reveal=FORWARD, latest=2),
            Mark(
                now,
                {"x": "tip_x", "y": "tip_y", "marker.angle": "turned_by", "marker.size": "head"},
                along="tick",
                reveal=FORWARD,
                latest=1,
            ),
        ),
        x=bare | {"constrain": "domain"},
        y=bare | {"constrain": "domain"},
        width=260,
        height=290,
        grows=0.6,
        data=_arrow_data,
        words=("says_arrow",),
        legend=False,
        waits=True,
        square=True,
        notes=tuple(_ring_label(each) for each in RINGS),
        shapes=tuple(_ring(each) for each in RINGS),
    )


def _lines() -> list[Mark]:
    """Draw the lines along which no arrow turns, with the factor at their ends."""
    marks = []
    for nth, (colour, dash) in STYLES.items():
        line = go.Scatter(
            name=f"line of eigenvalue {nth + 1}",
            mode="lines+text",
            **SILENT,
            line={"color": colour, "width": 2.5, "dash": dash},
            textfont={"size": 13},
            textposition="middle center",
            cliponaxis=False,
        )
        show = {axis: [f"line_{nth}_{axis}{end}" for end in LINE_ENDS] for axis in "xy"}
        marks.append(Mark(line, show | {"text": ["unnamed", "unnamed", f"line_{nth}_name"]}))
    return marks


def _ring(log10: int) -> dict:
    r, line = float(rings(log10)), {"color": GREY, "width": 2 if log10 == 0 else 0.7}
    return {"type": "circle", "x0": -r, "x1": r, "y0": -r, "y1": r, "line": line, "layer": "below"}


def _ring_label(log10: int) -> dict:
    place = rings(log10) * np.sqrt(0.5)
    return {
        "x": float(place),
        "y": -float(place),
        "text": f"{10.0**log10:g}",
        "font": {"size": 10, "color": GREY},
        "xanchor": "left",
        "yanchor": "top",
    }


def _arrow_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    angle, out = np.radians(table.bearing), rings(table.length)
    tip = {"x": out * np.cos(angle), "y": out * np.sin(angle)}
    data = {f"tip_{axis}": place.assign_attrs(resolution=0.01) for axis, place in tip.items()}
    for axis, place in tip.items():  # from each tip to the centre, and on to the next
        ray = xr.concat([0 * place, place], "side").stack(ray=("tick", "side"), create_index=False)
        data[f"ray_{axis}"] = ray.drop_vars(["tick", "side"], errors="ignore").assign_attrs(resolution=0.01)
    data["turned_by"] = (90 - table.bearing).assign_attrs(resolution=0.1)
    data["head"] = np.clip(HEAD * out, SHORTEST_HEAD, HEAD).assign_attrs(resolution=0.5)  # no longer than it
    pairs = table["pair"].values.tolist()
    for nth in STYLES:
        angles = np.radians([LINES[pair][nth] for pair in pairs])
        for axis, along in {"x": np.cos(angles), "y": np.sin(angles)}.items():
            for end, far in LINE_ENDS.items():
                data[f"line_{nth}_{axis}{end}"] = ("pair", far * along)
        data[f"line_{nth}_name"] = ("pair", [_name(pair, nth) for pair in pairs])
    data["unnamed"] = xr.DataArray("")
    data["says_arrow"] = _says_arrow(table)
    return data


def _name(pair: str, nth: int) -> str:
    if np.isnan(LINES[pair][nth]):
        return ""
    return f"<b>×{_eigenvalue(pair, nth)}</b>"


def _eigenvalue(pair: str, nth: int) -> str:
    names = pair.split(" and ") if " and " in pair else [pair.split()[0]]
    return names[nth].replace("-", "−")


def _says_arrow(table: xr.Dataset) -> xr.DataArray:
    """Say how long the arrow is in the end, and how far from the line that is nearest."""
    lengths = table.length.transpose("pair", "angle", "tick")
    bearings = table.bearing.isel(tick=-1, drop=True).transpose("pair", "angle")
    words = [
        [
            _says_length(sizes) + _says_direction(pair, bearing)
            for sizes, bearing in zip(of_pair, at_end, strict=True)
        ]
        for pair, of_pair, at_end in zip(
            table["pair"].values.tolist(), lengths.values, bearings.values, strict=True
        )
    ]
    return bearings.copy(data=np.array(words))


def _says_length(sizes: np.ndarray) -> str:
    peak = sizes.max()
    on_its_way = f" (on its way it was {amount(peak)})" if peak > max(0, sizes[-1]) + 0.1 else ""
    return f"After {TICKS} multiplications the arrow is {amount(sizes[-1])} long{on_its_way}"


def _says_direction(pair: str, bearing: float) -> str:
    off = [abs((bearing - line + 90) % 180 - 90) for line in LINES[pair]]
    if np.isnan(off).all():
        return "; there is no line on which it would stay."
    nth = int(np.nanargmin(off))
    where = "on" if off[nth] < 1e-6 else "less than 1° off" if off[nth] < 1 else f"{off[nth]:.0f}° off"
    return f", {where} the line ×{_eigenvalue(pair, nth)}."


def parts() -> Panel:
    """Show the length, and the parts of which the arrow is made."""
    line = {"mode": "lines", "hovertemplate": "after %{x}: %{customdata}"}
    length = go.Scatter(name="length of the arrow", **line, line={"color": GREEN, "width": 3})
    marks = [_along_ticks(length, "length")]
    for nth, (colour, dash) in STYLES.items():
        name = f"part along the {DASHES[dash]} line"
        part = go.Scatter(name=name, **line, line={"color": colour, "width": 2.5, "dash": dash})
        marks.append(_along_ticks(part, f"part_{nth}"))
    return Panel(
        "How long it is, and its parts",
        tuple(marks),
        x={"title": {"text": "multiplications", "standoff": 4}, "range": [-0.5, TICKS + 0.5], "dtick": 5},
        y=powers(CENTRE, CENTRE + FRAME, 1) | {"title": {"text": "length", "standoff": 2}},
        width=260,
        height=250,
        data=_parts_data,
        words=("says_arrow",),
        waits=True,
    )


def _along_ticks(trace: go.Scatter, sizes: str) -> Mark:
    return Mark(trace, {"y": sizes, "customdata": sizes}, along="tick", reveal=FORWARD, edge=True)


def _parts_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    parts = {f"part_{nth}": table.part.isel(line=nth, drop=True) for nth in STYLES}
    return parts | {"says_arrow": _says_arrow(table)}


# --- a gradient, and its part along one eigenvector ---------------------------------------------------------


MIDDLE = -1
"""Log10 of what is at the middle of an axis that is logarithmic both ways; what is smaller is there, too."""


def flips() -> Panel:
    """Show the signed part of the gradient along the leading eigenvector, and the size of all of it."""
    bar = go.Bar(
        name="its part along the eigenvector",
        marker={"color": VERMILLION, "line": {"width": 0}},
        width=0.6,
        hovertemplate="%{x} steps back: %{text}%{customdata}<extra></extra>",
        textposition="none",
    )
    whole = go.Scatter(
        name="size of the whole gradient",
        mode="lines",
        line={"color": GREY, "width": 2, "dash": "dot"},
        hovertemplate="%{x} steps back: %{customdata}<extra></extra>",
    )
    ticks = [sign * rings(log10, MIDDLE) for sign in (-1, 1) for log10 in range(3)]
    labels = [f"{sign}{10**log10}" for sign in ("−", "") for log10 in range(3)]
    return Panel(
        "The gradient on its way back",
        (
            Mark(
                bar,
                {"y": "signed", "customdata": "along", "text": "minus"},
                along="tick",
                reveal=FORWARD,
                edge=True,
            ),
            Mark(whole, {"y": "whole_place", "customdata": "whole"}, along="tick", reveal=FORWARD, edge=True),
        ),
        x={"title": {"text": "steps back", "standoff": 4}, "range": [-0.8, TICKS + 0.8], "dtick": 5},
        y={
            "range": [-rings(3, MIDDLE), rings(3, MIDDLE)],
            "tickvals": [0.0, *ticks],
            "ticktext": ["0", *labels],
            "title": {"text": "size, with its sign", "standoff": 2},
        },
        width=260,
        height=250,
        data=_flips_data,
        words=("says_flips",),
        waits=True,
    )


def _flips_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    sign = xr.where(table.turned, -1, 1)
    first, last = (table[["along", "whole"]].isel(tick=at, drop=True) for at in (0, -1))
    grown = last - first
    return {
        "signed": (sign * rings(table.along, MIDDLE)).assign_attrs(resolution=0.01),
        "minus": table.turned.astype("i2").assign_attrs(categories=["", "−"]),
        "whole_place": rings(table.whole, MIDDLE).assign_attrs(resolution=0.01),
        "says_flips": in_words(_says_flips, table.eigenvalue, grown.along, grown.whole),
    }


def _says_flips(eigenvalue: float, part: float, whole: float) -> str:
    turned = "turns round and " if eigenvalue < 0 else ""
    size = abs(eigenvalue)
    change = "keeps its size" if size == 1 else "grows" if size > 1 else "shrinks"
    return (
        f"At each step back the part along the eigenvector {turned}{change}. After {TICKS} steps it is "
        f"{amount(part)} times as large as at first, and the whole gradient {amount(whole)} times."
    )
