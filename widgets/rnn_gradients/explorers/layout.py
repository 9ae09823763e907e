"""Where panels stand: computed from what each of them needs, for any width of the page."""

from collections.abc import Sequence

from .panels import Panel

__all__ = ["WIDTHS", "arrange", "arrangements"]

WIDTHS = (320, 480, 640, 840, 980, 1180)
"""Widths of a figure, in pixels, for which panels are arranged; in between, the next narrower one counts."""
LEFT, RIGHT = 46, 14  # beside a plot: the labels of its ticks, and half of the last one below
TITLE, LEGEND, TICKS = 24, 20, 26  # above a plot: its title and each row of its legend; below: its ticks
AXIS_TITLE = 18
LETTER, SYMBOL = 6.4, 44  # of a legend's entry: how wide a letter is, and all that is none


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
        Of plotly's layout: the height, the axes' domains, the legends, the titles and notes.
    """
    rows = min(
        (_rows(columns, width) for columns in ([[panel] for panel in panels], _stacked(panels))),
        key=lambda rows: sum(map(_row_height, rows)),
    )
    height = round(sum(map(_row_height, rows)))
    layout, annotations, top = {"height": height}, [], 0.0
    for row in rows:
        spare = width - sum(map(_needed, row))
        left = 0.0
        for column in row:
            wide = _needed(column) + spare * _grows(column) / sum(map(_grows, row))
            start, end = left + max(map(_left, column)), left + wide - RIGHT
            above = top
            for panel in column:
                plot_top = above + _above(panel, end - start)
                place = {
                    "across": (start / width, end / width),
                    "up": (1 - (plot_top + panel.height) / height, 1 - plot_top / height),
                }
                _put(
                    layout, annotations, panels.index(panel), panel, **place, height=height, wide=end - start
                )
                above += _cell_height(panel, end - start)
            left += wide
        top += _row_height(row)
    return layout | {"annotations": annotations}


def suffix(index: int) -> str:
    """Give what plotly puts behind the names of a panel's axes."""
    return str(index + 1) if index else ""


def _put(layout, annotations, index, panel, across, up, height, wide) -> None:
    axis, across, up = suffix(index), *([round(x, 4) for x in each] for each in (across, up))
    layout[f"xaxis{axis}"], layout[f"yaxis{axis}"] = {"domain": across}, {"domain": up}
    if panel.legend:
        layout[f"legend{axis}"] = {"x": across[0], "y": up[1] + panel.headroom / height}
    above = panel.headroom + LEGEND * _legend_rows(panel, wide)
    title = {"text": f"<b>{panel.title}</b>", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    notes = [title | {"yshift": above + 1, "xref": "domain", "yref": "domain"}, *panel.notes]
    annotations += [located(note, axis) for note in notes]


def located(item: dict, axis: str) -> dict:
    """Refer an annotation or a shape to the axes of its panel."""
    refs = {ref: f"{ref[0]}{axis}" for ref in ("xref", "yref")}
    return item | {ref: f"{name} domain" if item.get(ref) == "domain" else name for ref, name in refs.items()}


def _stacked(panels):
    """Put each panel below the one before it, as long as the column is no higher than the highest panel."""
    tallest, columns = max(map(_cell_height, panels)), []
    for panel in panels:
        together = columns and not any(each.alone for each in (*columns[-1], panel))
        if together and sum(map(_cell_height, [*columns[-1], panel])) <= tallest:
            columns[-1].append(panel)
        else:
            columns.append([panel])
    return columns


def _rows(columns, width):
    rows = []
    for column in columns:
        beside = rows and not any(panel.alone for each in (*rows[-1], column) for panel in each)
        if beside and sum(map(_needed, [*rows[-1], column])) <= width:
            rows[-1].append(column)
        else:
            rows.append([column])
    return rows


def _needed(column):
    return max(map(_left, column)) + max(panel.width for panel in column) + RIGHT


def _grows(column):
    return max(panel.grows for panel in column)


def _row_height(row):
    return max(sum(map(_cell_height, column)) for column in row)


def _left(panel):
    return LEFT + AXIS_TITLE * ("title" in panel.y)


def _above(panel, wide):
    return TITLE + panel.headroom + LEGEND * _legend_rows(panel, wide)


def _cell_height(panel, wide=None):
    return _above(panel, wide or panel.width) + panel.height + TICKS + AXIS_TITLE * ("title" in panel.x)


def _legend_rows(panel, wide):
    """Count the rows of a legend, whose entries stand beside each other as far as there is room."""
    shown = [mark.trace.name for mark in panel.marks if mark.trace.showlegend is not False]
    if not (panel.legend and shown):
        return 0
    rows, used = 1, 0.0
    for name in shown:
        entry = SYMBOL + LETTER * len(name)
        rows, used = (rows, used + entry) if used + entry <= wide or not used else (rows + 1, entry)
    return rows
