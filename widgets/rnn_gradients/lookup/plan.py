"""What a LookupFigure is told: checked, and brought into the form in which it travels to the browser."""

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from numbers import Integral

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from _plotly_utils.basevalidators import CompoundArrayValidator, CompoundValidator
from plotly.basedatatypes import BaseFigure, BasePlotlyType, BaseTraceType
from plotly.io.json import to_json_plotly

__all__ = [
    "absent",
    "axes_of",
    "check",
    "check_kinds",
    "find",
    "listed",
    "pairs",
    "plain",
    "read_clicks",
    "read_plan",
    "refuse",
    "spec",
]

NO_COORDINATES = complex | np.complexfloating | np.ma.core.MaskedConstant | type(pd.NA)
"""What equals a coordinate by chance, or answers neither yes nor no. Nor has an array a place."""
POINTS = ("scatter", "scattergl", "bar")
"""Types of traces that draw one point for each x and y."""
GRIDS = ("heatmap", "contour", "surface")
"""Types of traces that draw a z for each x and each y."""
MAPS = (
    *("scattergeo", "choropleth", "scattermap", "choroplethmap", "densitymap"),
    *("scattermapbox", "choroplethmapbox", "densitymapbox"),
)
"""Types of traces that ask some other place for maps."""
DAY = re.compile(r"\d{4}(-\d\d(-\d\d(T[\d:.]+)?)?)?")
"""A date as a string; numpy also reads words, say "today"."""
TIMES = datetime.date | datetime.timedelta | np.datetime64 | np.timedelta64
LAYOUT = "layout"
"""Stands in `show` for the layout, where no trace has this name."""
USUAL = {"eye": (1.25, 1.25, 1.25), "center": (0, 0, 0), "up": (0, 0, 1)}
"""Plotly's own camera."""
MOST_TOLD = 200
"""Characters of what was given that an error tells."""
LAST = 2**53 - 1
"""The last integer to which JavaScript counts exactly."""


def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Return the error that says what was given and what is allowed."""
    try:
        shown = repr(value)
    except Exception:  # an integer of more than 4,300 digits, say
        shown = f"of type {type(value).__name__}, and cannot be shown"
    shown = shown if len(shown) <= MOST_TOLD else f"{shown[:MOST_TOLD]}..."
    return ValueError(f"{name} is {shown}; allowed: {allowed}")


def absent(kind: str, value: object, allowed: Iterable) -> ValueError:
    """Return the error of a value that is not among `allowed`."""
    allowed = list(allowed)
    some = [*map(repr, allowed if len(allowed) <= 30 else allowed[:3])]
    some += ["...", *map(repr, allowed[-3:])] if len(allowed) > 30 else []
    return refuse(kind, value, ", ".join(some) or "none here")


def check(kind: str, given: Iterable, allowed: Iterable) -> None:
    """Raise a ValueError for the first of `given` that is not among `allowed`."""
    for value in given:
        if value not in list(allowed):
            raise absent(kind, value, allowed)


def pairs(name: str, value: object) -> dict:
    """Return a dict of a dict, or of an iterable of pairs."""
    try:
        return dict(value)
    except (TypeError, ValueError):
        raise refuse(name, value, "a dict") from None


def listed(name: str, value: object, allowed: str = "a list, or another iterable with an order") -> list:
    """Return what an iterable holds; a string is not taken for its letters."""
    if isinstance(value, str | bytes | set | frozenset | Mapping) or not isinstance(value, Iterable):
        raise refuse(name, value, allowed)
    return list(value)


def is_whole(value: object, least: int, most: int = LAST) -> bool:
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


def find(values: list | np.ndarray, coordinate: object) -> int | None:
    """Return the first place of a coordinate; of NaN too, which equals nothing."""
    if getattr(coordinate, "ndim", 0) or isinstance(coordinate, NO_COORDINATES):
        return None
    if isinstance(values, np.ndarray):
        coordinate = _as_time(coordinate, values.dtype) if values.dtype.kind in "mM" else coordinate
        values = plain(values)
    flags = [isinstance(each, bool | np.bool_) for each in (coordinate, *values)]
    if flags[0] and not any(flags[1:]):  # Python takes True for 1
        return None
    if hasattr(coordinate, "ndim"):
        coordinate = plain(coordinate)
    nan = coordinate != coordinate
    return next(
        (i for i, value in enumerate(values) if value == coordinate or (nan and value != value)), None
    )


def _as_time(given: object, dtype: np.dtype) -> object:
    """Write a moment or a duration of any kind as `plain` writes it, if the dtype holds it exactly."""
    if getattr(given, "tzinfo", None):
        return given
    if hasattr(given, "to_numpy"):  # of pandas or xarray: no nanosecond is lost
        given = given.to_numpy()[()]
    if not (isinstance(given, TIMES) or (isinstance(given, str) and DAY.fullmatch(given))):
        return given
    try:
        time = np.array(given, f"{dtype.kind}8")
        exact = time.astype(dtype)
        return plain(exact) if np.isnat(time) or exact.astype(time.dtype) == time else given
    except (OverflowError, TypeError, ValueError):  # a duration for a date, say
        return given


def axes_of(along: object) -> dict[str, str]:
    """Return the axes along which what is drawn along one or two dimensions runs: ``{axis: dimension}``."""
    if isinstance(along, list | tuple):
        return dict(zip("yx", along, strict=True))
    return {} if along is None else {"x": along}


def spec(figure: BaseFigure, data: xr.Dataset, lists: Mapping[str, object]) -> dict:
    """Turn a figure into JSON, in which the traces of `lists` have x and y that the view can read.

    Plotly itself writes arrays as base64. The x of a trace without one is the coordinate of its dimension;
    so is the y of one with two.
    """
    try:
        written = json.loads(figure.to_json())
    except (TypeError, ValueError) as error:
        raise ValueError(f"figure holds what can't travel: {error}; allowed: what JSON has") from None
    styles = written["layout"].get("template", {}).get("data", {})
    for unused in styles.keys() - {trace.type for trace in figure.data} - {"scatter"}:  # edges are scatter
        del styles[unused]
    for trace, about in zip(figure.data, written["data"], strict=True):
        if trace.name in lists:
            given = {axis: getattr(trace, axis, None) for axis in "xy"}
            for axis, dimension in axes_of(lists[trace.name]).items():
                if given[axis] is None:
                    given[axis] = data[dimension].values
            # numpy would make strings of all that a list holds besides strings
            lists_of = {axis: plain(v) if isinstance(v, np.ndarray) else v for axis, v in given.items()}
            about |= {axis: _json(values) for axis, values in lists_of.items() if values is not None}
    return written


def read_plan(
    figure, data, show, along, caption, edges, reveal, reveal_frames, latest, narrow, cameras
) -> dict:
    """Check what a LookupFigure is given (see there), and return its plan but for the positions.

    Raises
    ------
    ValueError, TypeError
        If it could not be drawn.
    """
    traces = _named(figure)
    for trace in figure.data:
        if trace.type in MAPS:
            raise refuse(f"type of {trace.name!r}", trace.type, "what needs no maps of another place")
    if not isinstance(data, xr.Dataset):
        raise TypeError(f"data is {data!r}; allowed: xarray.Dataset")
    parts = {**traces, LAYOUT: traces.get(LAYOUT, figure.layout)}
    for key in show:
        if not isinstance(key, tuple) or len(key) != 2:
            raise refuse("a key of show", key, "(trace name, attribute)")
    check("trace", [*(part for part, _ in show), *along], parts)
    check("trace", [*reveal, *edges], traces)
    check("latest", latest, reveal)
    for trace, count in latest.items():
        if not is_whole(count, 1):
            raise refuse(f"latest[{trace!r}]", count, "an integer from 1 on: points")
    along = {part: _drawn(part, dims, parts[part], data) for part, dims in along.items()}
    points = {key: _points(key, parts[key[0]], variables) for key, variables in show.items()}
    check("variable", [name for each in points.values() for names in each for name in names], data.data_vars)
    check("variable", caption, data.data_vars)
    if not is_whole(reveal_frames, 1):
        raise refuse("reveal_frames", reveal_frames, f"an integer from 1 to {LAST}")
    places = {name: place for place, name in enumerate(traces)}
    plan = {
        "show": [
            {
                "trace": places.get(part),
                "attribute": attribute,
                "points": value,
                "along": _dimension(attribute, along.get(part)),
                "single": not _is_list(part, parts[part], attribute, show[part, attribute]),
            }
            for (part, attribute), value in points.items()
        ],
        "cameras": read_cameras(cameras),
        "scenes": _scenes(figure) if cameras else [],
        "caption": caption,
        "reveal": [[places[trace], *_frames(trace, each, reveal_frames)] for trace, each in reveal.items()],
        "reveal_frames": int(reveal_frames),
        "latest": {str(places[trace]): int(count) for trace, count in latest.items()},
        "edges": [*dict.fromkeys(places[trace] for trace in edges)],
        "narrow": _layouts(narrow),
    }
    if cameras and not plan["scenes"]:
        raise refuse("cameras", cameras, "none, for no trace of the figure is in three dimensions")
    check_kinds(data, plan)
    _check_points(figure, points, along, data, edges, reveal)
    for place, trace in enumerate(figure.data):
        if trace.type in GRIDS:
            shown = {each["attribute"]: each for each in plan["show"] if each["trace"] == place}
            _check_grid(trace, shown, along.get(trace.name), data)
    for (part, attribute), shown in zip(points, plan["show"], strict=True):
        _check_single(part, shown, data)
        if shown["trace"] is None:
            _check_narrow(attribute, plan["narrow"])
    return plan


def read_clicks(clicks: list, figure: BaseFigure, along: Mapping, dimensions: list[str]) -> list[list]:
    """Return the place of each trace that can be clicked on, and the dimensions along which a click moves."""
    kinds = {trace.name: trace.type for trace in figure.data}
    allowed, found = [name for name in kinds if name in along and kinds[name] != "surface"], []
    for name in clicks:
        if not isinstance(name, str):
            raise absent("clicks", name, allowed)
    check("clicks", clicks, allowed)
    for name in dict.fromkeys(clicks):
        drawn = [*axes_of(along[name]).values()]
        for dimension in drawn:
            if dimension not in dimensions:
                movable = ", ".join(map(repr, dimensions))
                told = (
                    f"traces along {movable}, for these can be moved"
                    if movable
                    else "none, for nothing moves"
                )
                raise ValueError(f"clicks has {name!r}, drawn along {dimension!r}; allowed: {told}")
        found.append([[*kinds].index(name), drawn])
    return found


def _scenes(figure: BaseFigure) -> list[str]:
    """Return where the traces of three dimensions are drawn."""
    return sorted({trace.scene or "scene" for trace in figure.data if "scene" in trace})


def read_cameras(cameras: Mapping) -> list[dict]:
    """Return cameras as plotly has them."""
    found = []
    for name, camera in cameras.items():
        if not isinstance(name, str) or not name:
            raise refuse("a name of cameras", name, "a string")
        allowed = 'a camera of plotly\'s, say {"eye": {"x": 1, "y": 1, "z": 1}}'
        try:
            read = go.layout.scene.Camera(**pairs("", camera)).to_plotly_json()
        except (ValueError, TypeError):
            raise refuse(f"cameras[{name!r}]", camera, allowed) from None
        eye, center, up = (
            [read.get(part, {}).get(axis, at) for axis, at in zip("xyz", usual, strict=True)]
            for part, usual in USUAL.items()
        )
        if not np.isfinite([eye, center, up]).all() or eye == center or not any(up):
            raise refuse(f"cameras[{name!r}]", camera, allowed)
        found.append(read)
    return found


def _drawn(part: str, dims: object, target: object, data: xr.Dataset) -> str | list[str]:
    """Return the dimension along which a part is drawn, or the two of a grid."""
    grid = getattr(target, "type", None) in GRIDS
    pair = isinstance(dims, tuple | list)
    if pair and not (grid and len({*dims}) == len(dims) == 2):
        raise refuse(f"along[{part!r}]", dims, f"a dimension, or two of a trace of type {', '.join(GRIDS)}")
    if grid and not pair:
        raise refuse(f"along[{part!r}]", dims, f"two dimensions for a {target.type}, that of y and that of x")
    check("dimension", dims if pair else [dims], data.sizes)
    return list(dims) if pair else dims


def dimensions_of(along: object) -> list[str]:
    """Return the dimensions along which something is drawn."""
    return along if isinstance(along, list) else [] if along is None else [along]


def _dimension(attribute: str, along: str | list[str] | None) -> str | list[str] | None:
    """Return what one attribute is drawn along: of a grid, y the first dimension, and x the second."""
    return axes_of(along).get(attribute, along) if isinstance(along, list) else along


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


def _points(key: tuple[str, object], part: BasePlotlyType, variables: object) -> list[list[str]]:
    """Bring what `show` allows into one form: for each point, the variables that are added."""
    name, attribute = key
    if not isinstance(attribute, str) or not _holder(part, attribute):
        kind = f"a {part.type} trace" if isinstance(part, BaseTraceType) else "the layout"
        example = "y" if isinstance(part, BaseTraceType) else "annotations[0].text"
        raise refuse("attribute", attribute, f'one of {kind}, say "{example}" or "marker.size"')
    points = variables if isinstance(variables, list) else [variables]
    points = [[point] if isinstance(point, str) else point for point in points]
    if not points or not all(point and isinstance(point, list | tuple) for point in points):
        raise refuse(f"show[{name!r}, {attribute!r}]", variables, "names of variables")
    return [list(point) for point in points]


def _holder(part: object, attribute: str) -> tuple[BasePlotlyType, str] | None:
    """Find what an attribute stands in, and its name there: ``size`` in the marker for ``"marker.size"``."""
    *path, last = attribute.split(".")
    for step in path:
        name, index = re.fullmatch(r"(.*?)(?:\[(\d+)\])?", step, re.S).groups()
        if not isinstance(part, BasePlotlyType) or name not in list(part):
            return None
        part = part[name]
        if index is not None:
            part = part[int(index)] if isinstance(part, tuple) and int(index) < len(part) else None
    if not isinstance(part, BasePlotlyType) or last not in list(part) or last == "type":
        return None
    has_parts = isinstance(part._get_validator(last), CompoundValidator | CompoundArrayValidator)
    return None if has_parts else (part, last)


def _is_list(name: str, part: BasePlotlyType, attribute: str, variables: object) -> bool:
    """Tell whether an attribute takes a value for each point, or else one value."""
    holder, last = _holder(part, attribute)
    validator = holder._get_validator(last)
    if getattr(validator, "array_ok", False):
        return True
    if isinstance(variables, list):
        try:
            validator.validate_coerce([0] * len(variables))  # as the two ends of a range
        except ValueError:
            raise refuse(f"show[{name!r}, {attribute!r}]", variables, "the name of one variable") from None
    return isinstance(variables, list)


def _check_single(name: str, shown: Mapping, data: xr.Dataset) -> None:
    """Refuse several values, or a truth value, for an attribute that takes one word or number."""
    for variable in shown["points"][0] if shown["single"] else ():
        if {*dimensions_of(shown["along"])} & {*data[variable].dims} or data[variable].dtype.kind == "b":
            allowed = "a variable with one word or number for each position"
            raise refuse(f"show[{name!r}, {shown['attribute']!r}]", variable, allowed)


def _check_narrow(attribute: str, narrow: list) -> None:
    """Refuse changes for narrow screens that have not the part of a list that is looked up."""
    name, bracket, _ = attribute.partition("[")
    for width, *changes in narrow:
        is_changed = bracket and any(name in each for each in changes)
        if is_changed and not _holder(go.Layout({name: changes[-1].get(name)}), attribute):
            raise ValueError(f"narrow has for widths below {width} no {attribute}; allowed: what show has")


def _frames(trace: str, given: object, last: int) -> list[int]:
    name, allowed = f"reveal[{trace!r}]", f"two different frames from 0 to {last}"
    frames = listed(name, given, allowed)
    if len({*frames}) != 2 or len(frames) != 2 or not all(is_whole(frame, 0, last) for frame in frames):
        raise refuse(name, given, allowed)
    return [int(frame) for frame in frames]


def _layouts(narrow: object) -> list[list]:
    """Return widths and changes, as given (None takes away) and, if it is other, as plotly reads them."""
    found, widest = [], 0
    for each in listed("narrow", narrow):
        match each:
            case (width, Mapping() as changes) if is_whole(width, widest + 1):
                try:
                    given, read = _json(changes), _json(go.Layout(dict(changes)))
                except (RecursionError, TypeError, ValueError) as error:
                    reason = " ".join(str(error).split("\n\n")[0].split())
                    raise ValueError(f"narrow has for widths below {width}: {reason}") from None
                found.append([int(width), given, *([read] if read != given else [])])
                widest = width
            case _:
                raise refuse("narrow", each, "(width in pixels, dict of a layout), from small to large")
    return found


def _check_points(
    figure: BaseFigure, points: Mapping, along: Mapping, data, edges: list, reveal: Mapping
) -> None:
    """Refuse traces whose points the view could not find, or would draw in part."""
    for trace in figure.data:
        name, is_grid = trace.name, trace.type in GRIDS
        dims = axes_of(along.get(name))
        x, y = (
            None if is_grid else _count(axis, trace, points.get((name, axis)), dims.get("x"), data)
            for axis in "xy"
        )
        stacked = trace.type == "bar" and figure.layout.barmode in ("stack", "relative")
        stacked |= trace.type == "scatter" and trace.stackgroup is not None
        stacked |= trace.type == "bar" and (trace.base is not None or (name, "base") in points)
        if name in edges and (trace.type not in POINTS or stacked or None in (x, y)):
            kinds = f"unstacked traces of type {', '.join(POINTS)}"
            allowed = f"{kinds}, with an x and a y for each point, and bars without a base"
            raise ValueError(f"edges has {name!r}; allowed: {allowed}")
        if name in reveal and y is None and not is_grid:
            raise ValueError(f"reveal has {name!r}; allowed: traces with a y for each point, or a grid")
        _check_even(trace, dims, points, along)
        shown = {(name, "x"), (name, "y")} & points.keys()
        if shown and trace.type in POINTS and None not in (x, y) and x != y:
            raise ValueError(f"{name!r} has {x} x and {y} y; allowed: as many of each")


def _check_even(trace: BaseTraceType, dims: Mapping, points: Mapping, along: Mapping) -> None:
    """Refuse a first place and a distance (x0, dx) where the coordinate of a dimension is x."""
    for axis in dims:
        even = [name for name in (f"{axis}0", f"d{axis}") if name in trace]
        given = [name for name in even if trace[name] is not None or (trace.name, name) in points]
        if given and trace[axis] is None and (trace.name, axis) not in points:
            allowed = f"traces without {' and '.join(given)}, for the coordinate is their {axis}"
            raise refuse(f"along[{trace.name!r}]", along[trace.name], allowed)


def _check_grid(trace: BaseTraceType, shown: Mapping, along: list[str] | None, data: xr.Dataset) -> None:
    """Refuse a z, or what else has rows and columns, that is not of its two dimensions; and such x and y."""
    if along is None:
        if "z" in shown:
            allowed = f"two dimensions for a {trace.type}, that of y and that of x"
            raise refuse(f"along[{trace.name!r}]", None, allowed)
        return
    shape = tuple(data.sizes[dim] for dim in along)
    for attribute, each in shown.items():
        has = {dim for name in each["points"][0] for dim in data[name].dims}
        whole = len(each["points"]) == 1 and {*along} <= has
        if not (attribute in ("x", "y") or each["single"] or whole):
            allowed = f"variables with dimensions {along[0]!r} and {along[1]!r}"
            raise refuse(f"show[{trace.name!r}, {attribute!r}]", each["points"], allowed)
    if "z" not in shown and trace.z is not None and np.shape(trace.z) != shape:
        raise ValueError(f"{trace.name!r} has a z of shape {np.shape(trace.z)}; allowed: {shape}")
    for axis, dimension in axes_of(along).items():
        points = shown[axis]["points"] if axis in shown else None
        given, size = getattr(trace, axis), data.sizes[dimension]
        count = _count(axis, trace, points, dimension, data)
        right = (
            np.shape(given) == shape if count is None else count in (size, size + (trace.type == "heatmap"))
        )
        if not right:
            raise ValueError(f"{trace.name!r} has {count or np.shape(given)} {axis}; allowed: {size}")


def _count(axis: str, trace: BaseTraceType, points: list | None, dimension: str | None, data) -> int | None:
    """Say how many x or y a trace has; None where it has none, or several for each point."""
    if points is not None:
        drawn = [any(dimension in data[name].dims for name in names) for names in points]
        return sum(data.sizes[dimension] if each else 1 for each in drawn)
    values = getattr(trace, axis, None)
    if values is None:
        follows = dimension and (axis == "x" or trace.type in GRIDS)
        return data.sizes[dimension] if follows else None
    return len(values) if np.ndim(values[:1]) == 1 else None
