"""What a LookupFigure is told: checked, and brought into the form in which it travels to the browser."""

import json
from collections.abc import Iterable, Mapping
from numbers import Integral

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from plotly.basedatatypes import BaseFigure, BasePlotlyType, BaseTraceType
from plotly.io.json import to_json_plotly

__all__ = [
    "absent",
    "check",
    "check_kinds",
    "find",
    "listed",
    "pairs",
    "plain",
    "read_plan",
    "refuse",
    "spec",
]

NO_COORDINATES = complex | np.complexfloating | np.ma.core.MaskedConstant | type(pd.NA)
"""What equals a coordinate by chance, or answers neither yes nor no. Nor has an array a place."""
POINTS = ("scatter", "scattergl", "bar")
"""Types of traces that draw one point for each x and y."""


def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Return the error that says what was given and what is allowed."""
    return ValueError(f"{name} is {value!r}; allowed: {allowed}")


def absent(kind: str, value: object, allowed: Iterable) -> ValueError:
    """Return the error of a value that is not among `allowed`."""
    allowed = list(allowed)
    some = allowed if len(allowed) <= 30 else [*allowed[:3], "...", *allowed[-3:]]
    return refuse(kind, value, ", ".join(map(repr, some)))


def check(kind: str, given: Iterable, allowed: Iterable) -> None:
    """Raise a ValueError for the first of `given` that is not among `allowed`."""
    for value in given:
        if value not in list(allowed):
            raise absent(kind, value, allowed)


def pairs(name: str, value: object) -> dict:
    """Return a dict of a dict, or of an iterable of pairs."""
    try:
        return dict(() if value is None else value)
    except (TypeError, ValueError):
        raise refuse(name, value, "a dict") from None


def listed(name: str, value: object, allowed: str = "a list, or another iterable with an order") -> list:
    """Return what an iterable holds; a string is not taken for its letters."""
    if isinstance(value, str | bytes | set | frozenset) or not isinstance(value, Iterable):
        raise refuse(name, value, allowed)
    return list(value)


def is_whole(value: object, least: int, most: float = np.inf) -> bool:
    """Say whether a value is an integer within bounds."""
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= value <= most


def _json(value: object) -> object:
    """Return what is left of a value once it has travelled: null for NaN and infinity, as plotly has it."""
    return json.loads(to_json_plotly(value))


def plain(values: object) -> object:
    """Turn an array into a list, a scalar into Python's; dates become strings, and NaT becomes None."""
    array = np.asarray(values)
    if array.dtype.kind in "mM":
        array = np.where(np.isnat(array), None, array.astype(str))
    return array.tolist()


def find(values: list, coordinate: object) -> int | None:
    """Return the first place of a coordinate; of NaN too, which equals nothing."""
    if getattr(coordinate, "ndim", 0) or isinstance(coordinate, NO_COORDINATES):
        return None
    flags = [isinstance(each, bool | np.bool_) for each in (coordinate, *values)]
    if flags[0] and not any(flags[1:]):  # Python takes True for 1
        return None
    if hasattr(coordinate, "ndim"):
        coordinate = plain(coordinate)
    nan = coordinate != coordinate
    return next(
        (i for i, value in enumerate(values) if value == coordinate or (nan and value != value)), None
    )


def spec(figure: BaseFigure, data: xr.Dataset, lists: Mapping[str, str | None]) -> dict:
    """Turn a figure into JSON, in which the traces of `lists` have x and y that the view can read.

    Plotly itself writes arrays as base64. The x of a trace without one is the coordinate of its dimension.
    """
    written = json.loads(figure.to_json())
    for trace, about in zip(figure.data, written["data"], strict=True):
        if trace.name in lists:
            dimension = lists[trace.name]
            given = {axis: getattr(trace, axis, None) for axis in "xy"}
            if dimension and given["x"] is None:
                given["x"] = data[dimension].values
            # numpy would make strings of all that a list holds besides strings
            lists_of = {axis: plain(v) if isinstance(v, np.ndarray) else v for axis, v in given.items()}
            about |= {axis: _json(values) for axis, values in lists_of.items() if values is not None}
    return written


def read_plan(figure, data, show, along, caption, edges, reveal, reveal_frames, narrow) -> dict:
    """Check what a LookupFigure is given (see there), and return its plan but for the positions.

    Raises
    ------
    ValueError, TypeError
        If it could not be drawn.
    """
    traces = _named(figure)
    if not isinstance(data, xr.Dataset):
        raise TypeError(f"data is {data!r}; allowed: xarray.Dataset")
    show, along, reveal = pairs("show", show), pairs("along", along), pairs("reveal", reveal)
    caption, edges = listed("caption", caption), listed("edges", edges)
    for key in show:
        if not isinstance(key, tuple) or len(key) != 2:
            raise refuse("a key of show", key, "(trace name, attribute)")
    check("trace", [*(trace for trace, _ in show), *along, *reveal, *edges], traces)
    check("dimension", along.values(), data.sizes)
    points = {key: _points(traces[key[0]], key[1], variables) for key, variables in show.items()}
    check("variable", [name for each in points.values() for names in each for name in names], data.data_vars)
    check("variable", caption, data.data_vars)
    if not is_whole(reveal_frames, 1):
        raise refuse("reveal_frames", reveal_frames, "an integer of at least 1")
    places = {name: place for place, name in enumerate(traces)}
    plan = {
        "show": [
            {"trace": places[trace], "attribute": attribute, "points": value, "along": along.get(trace)}
            for (trace, attribute), value in points.items()
        ],
        "caption": caption,
        "reveal": [[places[trace], *_frames(trace, each, reveal_frames)] for trace, each in reveal.items()],
        "reveal_frames": int(reveal_frames),
        "edges": [places[trace] for trace in edges],
        "narrow": _layouts(narrow),
    }
    check_kinds(data, plan)
    _check_points(figure, points, along, data, edges, reveal)
    return plan


def check_kinds(data: xr.Dataset, plan: Mapping) -> None:
    """Refuse what JavaScript would add, but nobody means: numbers and strings."""

    def is_text(name):
        return data[name].dtype.kind in "OUST" or "categories" in data[name].attrs

    for names in (names for shown in plan["show"] for names in shown["points"]):
        if len({*map(is_text, names)}) > 1:
            raise refuse("a sum", names, "variables of numbers, or of strings")
    for name in plan["caption"]:
        if not is_text(name):
            raise refuse("caption", name, "variables of strings")


def _named(figure: object) -> dict[str, BaseTraceType]:
    if not isinstance(figure, BaseFigure):
        raise TypeError(f"figure is {figure!r}; allowed: a plotly figure")
    traces = {trace.name: trace for trace in figure.data}
    if len(traces) < len(figure.data):
        raise ValueError("figure has two traces of one name, or without one; allowed: a name for each")
    return traces


def _points(trace: BaseTraceType, attribute: object, variables: object) -> list[list[str]]:
    """Bring what `show` allows into one form: for each point, the variables that are added."""
    if not isinstance(attribute, str) or not _has(trace, attribute):
        raise refuse("attribute", attribute, f'one of a {trace.type} trace, say "y" or "marker.size"')
    points = variables if isinstance(variables, list) else [variables]
    points = [[point] if isinstance(point, str) else point for point in points]
    if not points or not all(point and isinstance(point, list | tuple) for point in points):
        raise refuse(f"show[{trace.name!r}, {attribute!r}]", variables, "names of variables")
    return [list(point) for point in points]


def _has(part: object, attribute: str) -> bool:
    name, _, rest = attribute.partition(".")
    if not isinstance(part, BasePlotlyType) or name not in list(part):
        return False
    return _has(part[name], rest) if rest else not isinstance(part[name], BasePlotlyType)


def _frames(trace: str, given: object, last: int) -> list[int]:
    name, allowed = f"reveal[{trace!r}]", f"two different frames from 0 to {last}"
    frames = listed(name, given, allowed)
    if len({*frames}) != 2 or len(frames) != 2 or not all(is_whole(frame, 0, last) for frame in frames):
        raise refuse(name, given, allowed)
    return [int(frame) for frame in frames]


def _layouts(narrow: object) -> list[list]:
    """Return widths and changes, as given (None takes away) and as plotly reads them (``xaxis_title``)."""
    found, widest = [], 0
    for each in listed("narrow", narrow):
        match each:
            case (width, Mapping() as changes) if is_whole(width, widest + 1):
                try:
                    read = go.Layout(dict(changes))
                except ValueError as error:
                    reason = " ".join(str(error).split("\n\n")[0].split())
                    raise ValueError(f"narrow has for widths below {width}: {reason}") from None
                found.append([int(width), _json(changes), _json(read)])
                widest = width
            case _:
                raise refuse("narrow", each, "(width in pixels, dict of a layout), from small to large")
    return found


def _check_points(
    figure: BaseFigure, points: Mapping, along: Mapping, data, edges: list, reveal: Mapping
) -> None:
    """Refuse traces whose points the view could not find, or would draw in part."""
    for trace in figure.data:
        name, dimension = trace.name, along.get(trace.name)
        x, y = (_count(axis, trace, points.get((name, axis)), dimension, data) for axis in "xy")
        stacked = trace.type == "bar" and figure.layout.barmode in ("stack", "relative")
        stacked |= trace.type == "scatter" and trace.stackgroup is not None
        if name in edges and (trace.type not in POINTS or stacked or None in (x, y)):
            allowed = f"unstacked traces of type {', '.join(POINTS)}, with an x and a y for each point"
            raise ValueError(f"edges has {name!r}; allowed: {allowed}")
        if name in reveal and y is None:
            raise ValueError(f"reveal has {name!r}; allowed: traces with a y for each point")
        shown = {(name, "x"), (name, "y")} & points.keys()
        if shown and trace.type in POINTS and None not in (x, y) and x != y:
            raise ValueError(f"{name!r} has {x} x and {y} y; allowed: as many of each")


def _count(axis: str, trace: BaseTraceType, points: list | None, dimension: str | None, data) -> int | None:
    """Say how many x or y a trace has; None where it has none, or several for each point."""
    if points is not None:
        drawn = [any(dimension in data[name].dims for name in names) for names in points]
        return sum(data.sizes[dimension] if each else 1 for each in drawn)
    values = getattr(trace, axis, None)
    if values is None:
        return data.sizes[dimension] if axis == "x" and dimension else None
    return len(values) if np.ndim(values[:1]) == 1 else None
