"""What W does to an arrow in one step and in many: its eigenvalues, its singular values, its powers."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.matrices import recurrent_matrix, sheared
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import GREY, PURPLE, VERMILLION, amount, powers
from ..values import in_words
from .table import ABOVE_0, STEPS

__all__ = ["ellipse", "norms", "rates", "sheared_ellipse", "sheared_norms", "sheared_rates", "spectrum"]

TURN = np.linspace(0, 2 * np.pi, 145)
RESOLUTION = 0.01
"""Of log10: what is nearer than this is seen as one."""
ENDS = {"longest": "solid", "shortest": "dot"}
"""Of the axes of an ellipse, and how they are drawn."""
REACH = 0.8
"""Of the frame of an ellipse: an axis that is longer ends there, in an arrow head."""
APART = 5
"""In steps: so far apart are marks at the edge of an axis, or they would merge into a line."""


class Image(NamedTuple):
    """What matrices make of the circle of size 1: an ellipse.

    Attributes
    ----------
    curve : xarray.DataArray
        Along ``axis`` (x, y) and ``turn``.
    sizes, directions : xarray.DataArray
        Of the longest half axis and the shortest, along ``end``; the latter along ``axis``, too.
    """

    curve: xr.DataArray
    sizes: xr.DataArray
    directions: xr.DataArray


class Family(NamedTuple):
    """Matrices that are shown in the same way; all have a leading eigenvalue that the reader moves.

    Attributes
    ----------
    prefix : str
        Of the names of their variables.
    norm : callable
        Gives log10 of ||W^k||, along ``power``.
    image : callable
        Gives what it makes of a circle: an `Image`.
    frame : float
        Up to which size linear axes go; axes of ellipses are drawn up to `REACH` of it.
    decades : (int, int, int)
        From where to where logarithmic axes go, and from tick to tick.
    names : tuple of str
        In the legends: of the circle and its image; of the lower bound, the upper, and what is between;
        of the same again, for a single step.
    """

    prefix: str
    norm: Callable[[xr.Dataset], xr.DataArray]
    image: Callable[[xr.Dataset], Image]
    frame: float
    decades: tuple[int, int, int]
    names: tuple[str, ...]


def _image(table: xr.Dataset, dims: tuple[str, str], make: Callable[..., np.ndarray]) -> Image:
    """Find the images of matrices that are made of two coordinates.

    Of two units this is seen as it is; of more, what is seen is the ellipse of the longest and the shortest
    axis, the former across and the latter up.
    """
    coordinates = [table[name].values.tolist() for name in dims]
    ellipses = [_ellipse_of(make(*each)) for each in itertools.product(*coordinates)]
    shape = [len(each) for each in coordinates]
    curve, sizes, directions = (
        np.reshape(each, (*shape, *each[0].shape)) for each in zip(*ellipses, strict=True)
    )
    return Image(
        *(
            xr.DataArray(values, dict(zip(dims, coordinates, strict=True)), (*dims, *own))
            for values, own in ((curve, ("axis", "turn")), (sizes, ("end",)), (directions, ("axis", "end")))
        )
    )


def _ellipse_of(W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left, sizes, _ = np.linalg.svd(W)
    directions = left if len(W) == 2 else np.eye(2)
    sizes = sizes[[0, -1]]
    return directions * sizes @ np.array([np.cos(TURN), np.sin(TURN)]), sizes, directions


def _image_of_kinds(table: xr.Dataset) -> Image:
    image = _image(table, ("kind", "size"), lambda kind, size: recurrent_matrix(size, 1.0, kind))
    stretched = np.abs(table.eigenvalue)
    return Image(image.curve * stretched, image.sizes * stretched, image.directions)


def _image_of_sheared(table: xr.Dataset) -> Image:
    return _image(table, ("eigenvalue", "shear"), sheared)


KINDS_OF_W = Family(
    "",
    lambda table: table.norm + np.log10(np.abs(table.eigenvalue)) * table.power,
    _image_of_kinds,
    2.9,
    (-6, 12, 3),
    ("length 1", "after one step", "|eigenvalue|ᵏ", "s₁ᵏ", "‖Wᵏ‖", "|eigenvalue|", "s₁", "on average"),
)
SHEARED = Family(
    "sheared_",
    lambda table: table.sheared_norm,
    _image_of_sheared,
    7.2,
    (-6, 4, 2),
    ("before", "after", "eigenvalueᵏ", "(s₁)ᵏ", "norm of Wᵏ", "eigenvalue", "(s₁)", "average"),
)


def spectrum() -> Panel:
    """Show the eigenvalues of W in the plane, and the circle of size 1."""
    plane = {"range": [-2.15, 2.15], "dtick": 1, "constrain": "domain"}
    points = {"mode": "markers", "hovertemplate": "%{x:.2f} + %{y:.2f} i<extra></extra>"}
    leading = {"color": VERMILLION, "size": 11, "symbol": "diamond"}
    return Panel(
        "Eigenvalues of W",
        (
            Mark(_circle("size 1")),
            Mark(
                go.Scatter(name="all", **points, marker={"color": GREY, "size": 6}),
                {"x": "eigen_x", "y": "eigen_y"},
                along="mode",
            ),
            Mark(go.Scatter(name="leading", **points, y=[0], marker=leading), {"x": "leading"}),
        ),
        x=plane,
        y=plane,
        width=200,
        height=200,
        grows=0.5,
        data=_spectrum_data,
        words=("says_norms",),
        reach=ABOVE_0,
        square=True,
    )


def _circle(name: str) -> go.Scatter:
    line, x, y = {"color": GREY, "width": 1.5}, np.cos(TURN), np.sin(TURN)
    return go.Scatter(name=name, mode="lines", hoverinfo="skip", x=x, y=y, line=line)


def _spectrum_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    plane = {"eigen_x": table.eigenvalue * table["real"], "eigen_y": table.eigenvalue * table["imaginary"]}
    shown = {name: values.assign_attrs(resolution=0.001) for name, values in plane.items()}
    return shown | {"leading": 1.0 * table.eigenvalue, "says_norms": _says(KINDS_OF_W, table)}


def ellipse() -> Panel:
    """Show what W makes of a circle: of two units all of it, of more the longest axis and the shortest."""
    return _ellipse(KINDS_OF_W)


def sheared_ellipse() -> Panel:
    """Show what a sheared W makes of a circle."""
    return _ellipse(SHEARED)


def norms() -> Panel:
    """Show the norms of the powers, between the two bounds."""
    return _norms(KINDS_OF_W)


def sheared_norms() -> Panel:
    """Show the same of a sheared W."""
    return _norms(SHEARED)


def rates() -> Panel:
    """Show by how much each multiplication stretches, on average over the first k."""
    return _rates(KINDS_OF_W)


def sheared_rates() -> Panel:
    """Show the same of a sheared W."""
    return _rates(SHEARED)


# --- one step -----------------------------------------------------------------------------------------------


def _ellipse(family: Family) -> Panel:
    prefix, frame, (before, after, *_) = family.prefix, family.frame, family.names
    plane = {"range": [-frame, frame], "dtick": 1 if frame < 4 else 2, "constrain": "domain"}
    image = {"color": PURPLE, "width": 3}
    marks = [
        Mark(_circle(before)),
        Mark(
            go.Scatter(name=after, mode="lines", hoverinfo="skip", line=image),
            {"x": f"{prefix}image_x", "y": f"{prefix}image_y"},
            along="turn",
        ),
    ]
    for which, dash in ENDS.items():
        drawn = {"showlegend": False, "hoverinfo": "skip"}
        line = {"color": PURPLE, "width": 2, "dash": dash}
        head = {"color": PURPLE, "symbol": "arrow", "line": {"width": 0}}
        axis = go.Scatter(
            name=f"{which} axis, {after}", mode="lines+markers", **drawn, line=line, marker=head
        )
        number = go.Scatter(
            name=f"{which} axis in numbers, {after}", mode="text", **drawn, textfont={"size": 13}
        )
        at = f"{prefix}{which}"
        end = {"x": "x", "y": "y", "marker.size": "head", "marker.angle": "angle"}
        marks += [
            Mark(axis, {each: ["centre", f"{at}_{name}"] for each, name in end.items()}),
            Mark(number, {"x": f"{at}_beside_x", "y": f"{at}_beside_y", "text": f"{at}_told"}),
        ]
    return Panel(
        "What one step does to a circle",
        tuple(marks),
        x=plane,
        y=plane,
        width=200,
        height=200,
        grows=0.5,
        data=lambda table: _ellipse_data(family, table),
        words=(f"{prefix}says_norms",),
        reach=ABOVE_0,
        square=True,
    )


def _ellipse_data(family: Family, table: xr.Dataset) -> dict[str, xr.DataArray]:
    prefix, image = family.prefix, family.image(table)
    data = {"centre": xr.DataArray(0.0), f"{prefix}says_norms": _says(family, table)}
    within = image.curve.where(np.sqrt((image.curve**2).sum("axis")) <= REACH * family.frame)
    for axis, each in enumerate("xy"):
        data[f"{prefix}image_{each}"] = _length(within.isel(axis=axis))
    for end, which in enumerate(ENDS):
        found = _axis(image.sizes.isel(end=end), image.directions.isel(end=end), family.frame)
        data |= {f"{prefix}{which}_{name}": values for name, values in found.items()}
    return data


def _axis(size: xr.DataArray, direction: xr.DataArray, frame: float) -> dict[str, xr.DataArray]:
    """Lay out an axis of an ellipse with its number: beyond its end, or beside it where the frame cuts it."""
    across, up = (direction.isel(axis=axis, drop=True) for axis in range(2))
    cut = size > REACH * frame
    length, number = np.minimum(size, REACH * frame), np.minimum(size + 0.14 * frame, 0.88 * frame)
    number = xr.where(cut, 0.6 * frame, number)
    return {
        "x": _length(length * across),
        "y": _length(length * up),
        "head": 16.0 * cut,
        "angle": (90 - np.degrees(np.arctan2(up, across))).assign_attrs(resolution=0.1),
        "beside_x": _length(number * across - xr.where(cut, 0.22 * frame * up, 0)),
        "beside_y": _length(number * up + xr.where(cut, 0.15 * frame * across, 0)),
        "told": in_words(_told, size),
    }


def _told(size: float) -> str:
    """Write the length of an axis; a short one that is not 0 is not called so."""
    return f"<b>{size:.2f}</b>" if size >= 0.1 else f"<b>{size:.2g}</b>" if size >= 0.001 else "<b>≈ 0</b>"


def _length(values: xr.DataArray) -> xr.DataArray:
    return values.assign_attrs(resolution=0.001)


# --- many ---------------------------------------------------------------------------------------------------


def _norms(family: Family) -> Panel:
    prefix, (least, most, norm) = family.prefix, family.names[2:5]
    line = {"mode": "lines", "hovertemplate": "k = %{x}: %{customdata}"}
    grey = {"color": GREY, "width": 1.5}
    traces = {
        "least": go.Scatter(name=least, **line, line=grey | {"dash": "dot"}),
        "most": go.Scatter(
            name=most,
            **line,
            line=grey | {"dash": "dash"},
            fill="tonexty",
            fillcolor="rgba(136, 136, 136, 0.12)",
        ),
        "norm": go.Scatter(name=norm, **line, line={"color": VERMILLION, "width": 3}),
    }
    return Panel(
        "How far k steps stretch an arrow, at most",
        tuple(
            Mark(
                trace,
                {"y": f"{prefix}{which}_power", "customdata": f"{prefix}{which}_power"},
                along="power",
                reveal=(0, FRAMES) if which == "norm" else None,
                edge=which == "norm",
            )
            for which, trace in traces.items()
        ),
        x={"title": {"text": "steps k", "standoff": 4}, "range": [-1, STEPS + 1], "dtick": 20},
        y=powers(*family.decades) | {"title": {"text": "times as long", "standoff": 2}},
        width=230,
        height=240,
        data=lambda table: _norms_data(family, table),
        words=(f"{prefix}says_norms",),
        reach=ABOVE_0,
    )


def _norms_data(family: Family, table: xr.Dataset) -> dict[str, xr.DataArray]:
    norm = family.norm(table)
    sizes = {
        "least": np.log10(np.abs(table.eigenvalue)) * table.power,
        "most": norm.isel(power=1, drop=True) * table.power,
        "norm": _marked_apart(norm, "power", *family.decades[:2]),
    }
    data = {
        f"{family.prefix}{which}_power": values.assign_attrs(units="log10", resolution=RESOLUTION)
        for which, values in sizes.items()
    }
    return data | {f"{family.prefix}says_norms": _says(family, table)}


def _rates(family: Family) -> Panel:
    prefix, (least, most, norm) = family.prefix, family.names[5:]
    line = {"mode": "lines", "hovertemplate": "k = %{x}: %{y:.3f}"}
    grey = {"color": GREY, "width": 1.5}
    traces = {
        "least": go.Scatter(name=least, **line, line=grey | {"dash": "dot"}),
        "most": go.Scatter(name=most, **line, line=grey | {"dash": "dash"}),
        "norm": go.Scatter(name=norm, **line, line={"color": VERMILLION, "width": 3}),
    }
    return Panel(
        "The same per step, on average",
        tuple(
            Mark(
                trace,
                {"y": f"{prefix}{which}_rate"},
                along="later",
                reveal=(0, FRAMES) if which == "norm" else None,
                edge=which == "norm",
            )
            for which, trace in traces.items()
        ),
        x={"title": {"text": "steps k", "standoff": 4}, "range": [-1, STEPS + 1], "dtick": 20},
        y={"range": [0, family.frame], "dtick": 1, "title": {"text": "times as long a step", "standoff": 2}},
        width=175,
        height=240,
        data=lambda table: _rates_data(family, table),
        words=(f"{prefix}says_norms",),
        reach=ABOVE_0,
    )


def _rates_data(family: Family, table: xr.Dataset) -> dict[str, xr.DataArray]:
    norm = family.norm(table)
    later = norm.isel(power=slice(1, None)).rename(power="later")
    rates = {
        "least": np.abs(table.eigenvalue) + 0 * later.later,
        "most": 10 ** norm.isel(power=1, drop=True) + 0 * later.later,
        "norm": _marked_apart(10 ** (later / later.later), "later", 0, family.frame),
    }
    data = {f"{family.prefix}{which}_rate": _length(values) for which, values in rates.items()}
    return data | {f"{family.prefix}says_norms": _says(family, table)}


def _marked_apart(values: xr.DataArray, steps: str, low: float, high: float) -> xr.DataArray:
    """Leave out most of what lies beyond an axis, but not where a line leaves it or comes back."""
    within = (values >= low) & (values <= high)
    beside = within | within.shift({steps: 1}, fill_value=False) | within.shift({steps: -1}, fill_value=False)
    return values.where(beside | (values[steps] % APART == 0))


# --- words --------------------------------------------------------------------------------------------------


def _says(family: Family, table: xr.Dataset) -> xr.DataArray:
    """Tell both bounds of a step, and what becomes of the powers."""
    norm = family.norm(table)
    norm = norm.transpose(..., "power")
    first = norm.isel(power=1, drop=True)
    eigenvalue = table.eigenvalue + 0 * first
    places = zip(*(each.transpose(*first.dims).values.ravel() for each in (eigenvalue, first)), strict=True)
    words = [
        f"Leading eigenvalue {leading:g}, largest singular value {10**largest:.3g}. {_says_powers(sizes)}"
        for (leading, largest), sizes in zip(places, norm.values.reshape(-1, STEPS + 1), strict=True)
    ]
    return first.copy(data=np.reshape(words, first.shape)).drop_attrs()


def _says_powers(sizes: np.ndarray) -> str:
    peak, last = int(sizes.argmax()), amount(sizes[-1])
    if sizes[peak] > max(0, sizes[-1]) + RESOLUTION:  # no peak is where rounding alone puts one
        most = f"{amount(sizes[peak])} times as long over {peak} step{'s' * (peak > 1)}"
        return f"An arrow becomes at most {most}; over {STEPS} steps the most is {last} times."
    if abs(sizes[-1]) < RESOLUTION / 10:
        return f"Over {STEPS} steps no arrow becomes longer than it was."
    return f"Over {STEPS} steps an arrow becomes at most {last} times as long."
