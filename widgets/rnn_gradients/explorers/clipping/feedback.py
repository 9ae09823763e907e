"""The output fed back: then the output layer is part of the loop, and its gradient explodes as well."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.clipping import layer_norms
from ...engine.loops import backpropagate_fed_back
from ...engine.networks import network
from ...engine.sweeps import LENGTHS
from ..panels import Mark, Panel
from ..style import GREY, amount, powers
from ..values import in_words
from .bars import STYLES

__all__ = ["FED_BACK", "fed_back"]

FED_BACK = (False, True)
LOOPED = tuple(round(0.1 * k, 1) for k in range(5, 23))
"""Eigenvalues of W: beyond, the numbers would hang on the last bit of the arithmetic."""
SAID = 60
"""The length of which the sentence speaks."""
RESOLUTION = {"units": "log10", "resolution": 0.01}
PLACE = {"activation": "tanh", "units": "small", "loss_at": "last"}


def fed_back() -> Panel:
    """Show each layer's gradient over the length of the sequence, the output fed back or not."""
    marks = []
    for layer, (colour, symbol) in STYLES.items():
        line = go.Scatter(
            name=f"the {layer} layer's",
            mode="lines+markers",
            hovertemplate="length %{x}: %{customdata}",
            line={"color": colour, "width": 3},
            marker={"symbol": symbol, "size": 8},
        )
        sizes = f"{layer}_in_loop"
        marks.append(Mark(line, {"y": sizes, "customdata": sizes}, along="length"))
    threshold = go.Scatter(
        name="a threshold of 10",
        mode="lines",
        x=[0, 103],
        y=[1, 1],
        hoverinfo="skip",
        line={"color": GREY, "width": 1.5, "dash": "dash"},
    )
    return Panel(
        "Each layer's gradient, by length",
        (*marks, Mark(threshold)),
        x={"title": {"text": "sequence length T", "standoff": 4}, "range": [0, 103]},
        y=powers(-4, 12, 2) | {"title": {"text": "size of the gradient", "standoff": 2}},
        width=290,
        height=270,
        data=_fed_back_data,
        words=("says_fed_back",),
        picks=("length", *PLACE),
        reach={name: (value,) for name, value in PLACE.items()} | {"eigenvalue": LOOPED},
    )


def _fed_back_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    here, data = [each for each in table.eigenvalue.values.tolist() if each in LOOPED], {}
    for layer in STYLES:
        ways = [whole[layer].sel(eigenvalue=here) for whole in (table.sel(PLACE, drop=True), _loops())]
        sizes = xr.concat(ways, xr.DataArray(list(FED_BACK), dims="fed_back", name="fed_back"))
        data[f"{layer}_in_loop"] = sizes.assign_attrs(RESOLUTION)
    said = in_words(_say, *(sizes.sel(length=SAID, drop=True) for sizes in data.values()))
    return data | {"says_fed_back": said}


@cache
def _loops() -> xr.Dataset:
    """The log10 of each layer's gradient where the output is fed back."""
    found = np.empty((len(STYLES), len(LOOPED), len(LENGTHS)))
    for nth, eigenvalue in enumerate(LOOPED):
        rnn, inputs = network(eigenvalue, PLACE["activation"], PLACE["units"], max(LENGTHS))
        for at, length in enumerate(LENGTHS):
            found[:, nth, at] = layer_norms(backpropagate_fed_back(rnn, inputs[:length], PLACE["loss_at"]))
    coords = {"eigenvalue": list(LOOPED), "length": list(LENGTHS)}
    return xr.Dataset({layer: ((*coords,), np.log10(found[k])) for k, layer in enumerate(STYLES)}, coords)


def _say(hidden: float, output: float) -> str:
    return (
        f"Over {SAID} steps the hidden layer gets a gradient of size {amount(hidden)}, "
        f"and the output layer one of {amount(output)}."
    )
