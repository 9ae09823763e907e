"""Where the error dies and where it explodes: over the forget bias and the scale of the recurrent weights."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..grids import FATE_SCALE, SCALE_HIGH, fate_marks
from ..panels import Mark, Panel
from ..style import AT_ONE, GREY, ORANGE, SKY, VERMILLION, powers
from ..values import in_words
from .table import SCALES_OF_W, WHOLE_LENGTH
from .words import size_in_words

__all__ = ["across", "fates"]

TICKS = (0.25, 0.5, 1, 2, 4, 8)
SCALE = {
    "title": {"text": "scale of W", "standoff": 4},
    "range": [np.log10(SCALES_OF_W[0] / 1.12), np.log10(SCALES_OF_W[-1] * 1.12)],
    "tickvals": np.log10(TICKS).tolist(),
    "ticktext": [f"{x:g}" for x in TICKS],
}
RESOLUTION = {"units": "log10", "resolution": 0.02}
FROM_SMALL = (0, FRAMES)
"""From the smallest scale of W to the largest."""


def fates() -> Panel:
    """Show the gradient at the first step over the forget bias and the scale of W."""
    cells = fate_marks(
        "forget bias by scale",
        ("forget_bias", "scale"),
        {"z": "fate", "customdata": "fate", "text": "scale_name"},
        {"x": "scale_place"},
        "fate",
        "scale %{text}, forget bias %{y}: %{customdata}<extra></extra>",
        reveal=FROM_SMALL,
    )
    rest = go.Scatter(
        name="border of a unit at rest",
        mode="lines",
        hoverinfo="skip",
        line={"color": SKY, "width": 3, "dash": "dash"},
    )
    row = go.Scatter(
        name="the chosen forget bias",
        mode="lines+markers",
        hoverinfo="skip",
        x=SCALE["range"],
        line={"color": ORANGE, "width": 2},
        marker={"symbol": ["triangle-right", "triangle-left"], "size": 13, "color": ORANGE, "opacity": 1},
        cliponaxis=False,
    )
    return Panel(
        "Gradient at the first step",
        (
            *cells,
            Mark(rest, {"x": "rest_place", "y": "bias_place"}, along="forget_bias", reveal=FROM_SMALL[::-1]),
            Mark(row, {"y": ["bias_place", "bias_place"]}),
        ),
        x=SCALE | {"showgrid": False},
        y={"range": [-2.4, 5.4], "showgrid": False, "dtick": 1}
        | {"title": {"text": "forget bias", "standoff": 2}},
        width=290,
        height=270,
        grows=1.2,
        data=_fates_data,
        picks=("length",),
        legend=False,
        waits=True,
        headroom=SCALE_HIGH,
        notes=(FATE_SCALE,),
    )


def _at_first(sizes: xr.DataArray) -> xr.DataArray:
    return sizes.sel(length=WHOLE_LENGTH, step=1, drop=True)


def _fates_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    scales = table.scale.values
    cells = xr.DataArray(np.arange(len(scales)), {"scale": table.scale}) + 0 * table.forget_bias
    return {
        "fate": _at_first(table.state).assign_attrs(RESOLUTION),
        "scale_place": ("scale", np.log10(scales)),
        "scale_name": cells.astype("i2").assign_attrs(categories=[f"{x:g}" for x in scales]),
        "rest_place": _at_rest(table),
        "bias_place": 1.0 * table.forget_bias,
    }


def _at_rest(table: xr.Dataset) -> xr.DataArray:
    """Find the scale (its log10) at which a unit whose state is 0 multiplies the error by 1.

    By the forget gate f and W at scale w, a step back multiplies it by f + w/4 in an LSTM and by
    f + (1 - f) w/2 in a GRU, along the leading eigenvector.
    """
    f = 1 / (1 + np.exp(-table.forget_bias))
    each = {"LSTM": 4 * (1 - f), "GRU": 2 + 0 * f}
    kinds = table.network.values.tolist()
    rests = xr.concat([np.log10(each[kind]) for kind in kinds], table.network)
    return rests.where(table.units == "small")


def across() -> Panel:
    """Show one row of the map, and the plain network's."""
    line = {"mode": "lines+markers", "hovertemplate": "scale %{text}: %{customdata}<extra></extra>"}
    plain = go.Scatter(
        name="plain network, by scale", **line, line={"color": GREY, "width": 2.5, "dash": "dot"}
    )
    gated = go.Scatter(name="with gates", **line, line={"color": VERMILLION, "width": 3})
    return Panel(
        "Along the chosen forget bias",
        (_over_scales(plain, "plain_across"), _over_scales(gated, "gated_across")),
        x=SCALE,
        y=powers(-12.5, 12.5) | {"title": {"text": "gradient at the first step", "standoff": 2}},
        width=260,
        height=270,
        data=_across_data,
        words=("says_across",),
        picks=("length",),
        waits=True,
        shapes=(AT_ONE,),
    )


def _over_scales(trace: go.Scatter, size: str) -> Mark:
    show = {"x": "scale_at", "y": size, "customdata": size, "text": "name_at"}
    return Mark(trace, show, along="scale", reveal=FROM_SMALL, edge=True)


def _across_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def say(*sizes):
        low, high, plain_low, plain_high = map(size_in_words, sizes)
        scales = f"From scale {SCALES_OF_W[0]:g} to {SCALES_OF_W[-1]:g}"
        return (
            f"{scales} the gradient at step 1 lies between {low} and {high}, "
            f"and in the plain network between {plain_low} and {plain_high}."
        )

    gated, plain = _at_first(table.state), _at_first(table.plain_state)
    ends = [end for each in (gated, plain) for end in (each.min("scale"), each.max("scale"))]
    scales = table.scale.values
    return {
        "gated_across": gated.assign_attrs(RESOLUTION),
        "plain_across": plain.assign_attrs(RESOLUTION),
        "scale_at": ("scale", np.log10(scales)),
        "name_at": ("scale", [f"{x:g}" for x in scales]),
        "says_across": in_words(say, *ends),
    }
