"""Heat maps that explorers share: what each unit lets through at each step, and the fate of the error."""

from collections.abc import Mapping

import plotly.graph_objects as go

from .panels import Mark
from .style import GREY, VERMILLION

__all__ = ["FATE_SCALE", "OPEN_SCALE", "SCALE_HIGH", "UNITS_UP", "fate_marks", "units_by_steps"]

ORDERS = 12
"""Of magnitude, up and down, at which the colours of fates end."""
CLEAR = "rgba(128, 128, 128, 0)"
DEAD, GROWN, LET_THROUGH = "110, 110, 110", "213, 94, 0", "204, 121, 167"
DIES, GROWS = [[0, f"rgb({DEAD})"], [0.5, CLEAR]], [[0.5, f"rgba({GROWN}, 0)"], [1, VERMILLION]]
"""Through what the page itself shows, light or dark, where the error keeps its size."""
OPEN = [[0, f"rgba({LET_THROUGH}, 0)"], [1, f"rgb({LET_THROUGH})"]]
UNITS_UP = {"range": [-0.5, 31.5], "showgrid": False, "tickvals": [0, 31], "ticktext": ["1", "32"]} | {
    "title": {"text": "unit", "standoff": 2}
}
"""The axis of 32 units, one above the other."""
SCALE_HIGH = 18
"""Pixels that a scale of colours takes above a map."""
LEVELS = {"start": -ORDERS, "end": ORDERS, "size": 3}


def _scale(low: str, colors: list[str], high: str) -> dict:
    """Make the scale of a map's colours, to stand above it."""
    blocks = "".join(f'<span style="color:{color}">█</span>' for color in colors)
    place = {"x": 0, "xanchor": "left", "xref": "domain", "y": 1, "yanchor": "bottom", "yref": "domain"}
    return {"text": f"{low} {blocks} {high}"} | place


OPEN_SCALE = _scale("0", [f"rgba({LET_THROUGH}, {k / 8})" for k in range(9)], "1")
FATE_SCALE = _scale(
    f"10<sup>−{ORDERS}</sup>",
    [f"rgba({DEAD}, {1 - k / 4})" for k in range(4)] + [f"rgba({GROWN}, {k / 4})" for k in range(5)],
    f"10<sup>{ORDERS}</sup>; lines: powers of ten",
)


def units_by_steps(name: str, what: str) -> go.Heatmap:
    """Make the trace of squares that are the fuller the more each unit lets through at each step, 0 to 1.

    Parameters
    ----------
    name : str
    what : str
        What it is that lets through, for whoever points at a square.
    """
    return go.Heatmap(
        name=name,
        colorscale=OPEN,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=0.5,
        ygap=0.5,
        hovertemplate=f"unit %{{y}}, step %{{x}}: {what} %{{z:.2f}}<extra></extra>",
    )


def fate_marks(
    key: str,
    along: tuple[str, str],
    show: Mapping[str, str],
    at: Mapping[str, str],
    line: str,
    hover: str,
    opacity: float = 1,
    clicks: bool = False,
    reveal: tuple[int, int] | None = None,
) -> tuple[Mark, Mark, Mark]:
    """Make the marks of a map on which the error has grown (vermillion), died (grey) or kept its size.

    Parameters
    ----------
    key : str
        What their names end in.
    along : (str, str)
        The dimensions of the map, that of y first.
    show : dict
        What the cells show: ``z``, log10 of the gradient, and what `hover` asks for.
    at : dict
        Where the columns and rows are: ``x`` and ``y``, if not at the coordinates.
    line : str
        The variable of which lines of equal size are drawn, thin ones, and a thick one where it is 0.
    hover : str
        What is written of a cell that is pointed at: plotly's template.
    opacity : float
        Of the cells.
    clicks : bool
    reveal : (int, int), optional
        As of a `Mark`.
    """
    cells = go.Heatmap(
        name=f"gradient, {key}",
        colorscale=DIES + GROWS,
        opacity=opacity,
        zmin=-ORDERS,
        zmax=ORDERS,
        showscale=False,
        hovertemplate=hover,
    )
    lines = {"showscale": False, "hoverinfo": "skip", "colorscale": [[0, GREY], [1, GREY]]}
    levels = go.Contour(
        name=f"powers of ten, {key}",
        **lines,
        line={"width": 0.75, "color": GREY},
        contours={"coloring": "none", "showlabels": True, "labelfont": {"size": 10, "color": GREY}, **LEVELS},
    )
    border = go.Contour(
        name=f"neither, {key}",
        **lines,
        line={"width": 3, "color": GREY},
        contours={"coloring": "none", "start": 0, "end": 0, "size": 1},
    )
    return (
        Mark(cells, {**show, **at}, along=along, reveal=reveal, clicks=clicks),
        Mark(border, {"z": line, **at}, along=along, reveal=reveal),
        # last, so that its number on the border can be read
        Mark(levels, {"z": line, **at}, along=along, reveal=reveal),
    )
