"""Where panels stand: computed from what each of them needs, for any width of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .panels import Panel

__all__ = ["WIDTHS", "arrange", "arrangements", "located", "suffix"]

WIDTHS = (320, 440, 640, 840, 1060)
"""Widths of a figure, in pixels, for which panels are arranged; in between, the next narrower one counts."""
PHONE = 440
"""Up to this width a panel is as high as it is `low`."""
LEFT, RIGHT = 46, 14  # beside a plot: the labels of its ticks, and half of the last one below
TITLE, LEGEND, TICKS = 24, 20, 26  # above a plot: its title and each row of its legend; below: its ticks
AXIS_TITLE = 20
LETTER, SYMBOL = 5.5, 38  # of a legend's entry: how wide a letter is, and all that is none


def arrangements(panels: Sequence[Panel]) -> tuple[dict, list[tuple[int, dict]]]:
    """Arrange panels for all widths.

    Returns
    -------
    layout : dict
        Of the widest figure.
    narrow : list of (int, dict)
        Widths in pixels, from small to large, and what is different below each.
    """
    layouts = [arrange(panels, width) for width in WIDTHS]
    return layouts[-1], list(zip(WIDTHS[1:], layouts[:-1], strict=True))


def arrange(panels: Sequence[Panel], width: int) -> dict:
    """Set panels in rows, in their order; low ones share a column where that makes the figure lower.

    Parameters
    ----------
    panels : sequence of Panel
    width : int
        Of the figure, in pixels.

    Returns
    -------
    dict
        Of plotly's layout: the height, the axes' domains, the legends' places, the titles and notes.
    """
    if width <= PHONE:
        panels = [replace(panel, height=panel.low or panel.height) for panel in panels]
    ways = ([[panel] for panel in panels], _stacked(panels))
    rows = min((_placed_rows(columns, width) for columns in ways), key=_total)
    layout, top = {"height": _total(rows), "annotations": []}, 0
    for row in rows:
        highest = _highest(row)
        for column in row:
            above = top + highest - _above(column.panels[0], column.wide)
            for panel in column.panels:
                _put(layout, suffix(panels.index(panel)), panel, column, above, width)
                above += _cell(panel, column.wide)
        top += _height(row)
    return layout


def suffix(index: int) -> str:
    """Give what plotly puts behind the names of a panel's axes."""
    return str(index + 1) if index else ""


def located(item: dict, axis: str) -> dict:
    """Refer an annotation or a shape to the axes of its panel."""
    refs = {ref: f"{ref[0]}{axis}" for ref in ("xref", "yref")}
    return item | {ref: f"{name} domain" if item.get(ref) == "domain" else name for ref, name in refs.items()}


@dataclass(frozen=True)
class Column:
    """Panels below each other: their plots run from pixel `start` across `wide` pixels."""

    panels: list[Panel]
    start: float
    wide: float


def _put(layout: dict, axis: str, panel: Panel, column: Column, above: float, width: int) -> None:
    height, rows = layout["height"], _legend_rows(panel, column.wide)
    top = 1 - (above + _above(panel, column.wide)) / height
    left = column.start / width
    across, up = (left, left + column.wide / width), (top - panel.height / height, top)
    domain = {"x": [round(x, 4) for x in across], "y": [round(y, 4) for y in up]}
    if panel.scene:
        layout[f"scene{axis}"] = {"domain": domain}
    else:
        layout |= {f"{letter}axis{axis}": {"domain": ends} for letter, ends in domain.items()}
    if panel.legend:
        layout[f"legend{axis}"] = {"x": round(left, 4), "y": round(top + panel.headroom / height, 4)}
    title = {"text": f"<b>{panel.title}</b>", "xanchor": "left", "xref": "paper", "x": domain["x"][0]}
    title |= {"yanchor": "bottom", "yref": "paper", "y": domain["y"][1]}
    title["yshift"] = panel.headroom + LEGEND * rows + 1
    notes = [title, *(located(note, axis) for note in panel.notes)]
    layout["annotations"] += [{"showarrow": False} | note for note in notes]


# --- rows and columns ---------------------------------------------------------------------------------------


def _stacked(panels: Sequence[Panel]) -> list[list[Panel]]:
    """Put each panel below the one before it, as long as the column is no higher than the highest panel."""
    tallest, columns = max(_cell(panel, panel.width) for panel in panels), []
    for panel in panels:
        together = columns and not any(each.alone for each in (*columns[-1], panel))
        if together and sum(_cell(each, each.width) for each in (*columns[-1], panel)) <= tallest:
            columns[-1].append(panel)
        else:
            columns.append([panel])
    return columns


def _placed_rows(columns: list[list[Panel]], width: int) -> list[list[Column]]:
    rows = []
    for column in columns:
        beside = rows and not any(panel.alone for each in (*rows[-1], column) for panel in each)
        if beside and sum(map(_needed, [*rows[-1], column])) <= width:
            rows[-1].append(column)
        else:
            rows.append([column])
    return [_placed(row, width) for row in rows]


def _placed(row: list[list[Panel]], width: int) -> list[Column]:
    """Share out among the columns of a row what width there is to spare."""
    grows = [max(panel.grows for panel in column) for column in row]
    spare, left, placed = width - sum(map(_needed, row)), 0.0, []
    for column, share in zip(row, grows, strict=True):
        wide = _needed(column) + spare * share / sum(grows)
        beside = max(map(_left, column))
        placed.append(Column(column, left + beside, wide - beside - RIGHT))
        left += wide
    return placed


def _needed(column: list[Panel]) -> float:
    return max(map(_left, column)) + max(panel.width for panel in column) + RIGHT


def _left(panel: Panel) -> int:
    return 0 if panel.scene else LEFT + AXIS_TITLE * ("title" in panel.y)


# --- heights ------------------------------------------------------------------------------------------------


def _total(rows: list[list[Column]]) -> float:
    return sum(map(_height, rows))


def _height(row: list[Column]) -> float:
    return max(
        _highest(row)
        - _above(column.panels[0], column.wide)
        + sum(_cell(panel, column.wide) for panel in column.panels)
        for column in row
    )


def _highest(row: list[Column]) -> float:
    """Give the room above the first plots of a row, which begin at one height."""
    return max(_above(column.panels[0], column.wide) for column in row)


def _cell(panel: Panel, wide: float) -> float:
    below = 0 if panel.scene else TICKS + AXIS_TITLE * ("title" in panel.x)
    return _above(panel, wide) + panel.height + panel.footroom + below


def _above(panel: Panel, wide: float) -> float:
    return TITLE + panel.headroom + LEGEND * _legend_rows(panel, wide)


def _legend_rows(panel: Panel, wide: float) -> int:
    """Count the rows of a legend; plotly lets it begin left of the plot, where it needs the room."""
    shown = [mark.trace.name for mark in panel.marks if mark.trace.showlegend is not False]
    if not (panel.legend and shown):
        return 0
    rows, used = 1, 0.0
    for name in shown:
        entry = SYMBOL + LETTER * len(name)
        rows, used = (rows, used + entry) if used + entry <= wide + LEFT else (rows + 1, entry)
    return rows
