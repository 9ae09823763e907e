"""The output fed back: then the output layer is part of the loop, and its gradient explodes as well."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine.backpropagation import Gradients, backpropagate
from ...engine.clipping import HIDDEN, OUTPUT
from ...engine.loops import backpropagate_fed_back
from ...engine.networks import network
from ...engine.norms import norm
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
SIZE = {"units": "log10", "resolution": 0.01}
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
        picks=("length",),
        reach={name: (value,) for name, value in PLACE.items()} | {"eigenvalue": LOOPED},
    )


def _fed_back_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    here = {name: table[name] for name in ("fed_back", "eigenvalue")}
    return dict(_loops().reindex(here, fill_value={"says_fed_back": ""}))


@cache
def _loops() -> xr.Dataset:
    lengths, dims = list(LENGTHS), ("fed_back", "eigenvalue", "length")
    found = np.empty((len(FED_BACK), len(LOOPED), len(lengths), len(STYLES)))
    for nth, eigenvalue in enumerate(LOOPED):
        rnn, inputs = network(eigenvalue, PLACE["activation"], PLACE["units"], max(lengths))
        for at, length in enumerate(lengths):
            for way, gradients_of in enumerate((backpropagate, backpropagate_fed_back)):
                found[way, nth, at] = _sizes(gradients_of(rnn, inputs[:length]))
    coords = {"fed_back": list(FED_BACK), "eigenvalue": list(LOOPED), "length": lengths}
    sizes = [xr.DataArray(np.log10(found[..., nth]), coords, dims, attrs=SIZE) for nth in range(len(STYLES))]
    said = in_words(_say, *(size.sel(length=SAID, drop=True) for size in sizes))
    return xr.Dataset(
        {f"{layer}_in_loop": size for layer, size in zip(STYLES, sizes, strict=True)}
        | {"says_fed_back": said}
    )


def _sizes(gradients: Gradients) -> list[float]:
    return [norm(*(getattr(gradients, name) for name in names)) for names in (HIDDEN, OUTPUT)]


def _say(hidden: float, output: float) -> str:
    return (
        f"Over {SAID} steps the hidden layer gets a gradient of size {amount(hidden)}, "
        f"and the output layer one of {amount(output)}."
    )
