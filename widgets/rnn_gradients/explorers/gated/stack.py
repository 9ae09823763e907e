"""Which weights are the hidden layer: what each weight of two stacked LSTMs gets, by sequence length."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...engine import norm
from ...engine.stacks import backpropagate_stack, stack_of
from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import BLUE, ROW_AXIS, ROW_LINE, ROW_NAME, VERMILLION, powers
from ..values import in_words
from .table import LENGTHS_SHOWN
from .words import size_in_words

__all__ = ["STACKED", "stacked"]

STACKED = {"kind": "LSTM", "forget_bias": 1.0, "scale": 8.0, "units": "ordinary"}
"""What both layers are, as of `gated_network`: those of the figure of layers, whose weights have grown."""
SEEDS = range(5)
SHORTEST = LENGTHS_SHOWN[0]
NAMES = {
    "output": {"V": "weight", "c": "bias"},
    "upper": {"W": "weight_hh_l1", "U": "weight_ih_l1", "b": "bias_hh_l1, bias_ih_l1"},
    "lower": {"W": "weight_hh_l0", "U": "weight_ih_l0", "b": "bias_hh_l0, bias_ih_l0"},
}
"""The weights of each layer in the order in which the error reaches them, and what torch calls them."""
TITLES = {"output": "output layer", "upper": "upper LSTM", "lower": "lower LSTM"}
STYLES = {"output": (BLUE, "square"), "upper": (VERMILLION, "diamond"), "lower": (VERMILLION, "circle")}
REVEALS = {
    "output": (0, FRAMES // 4),
    "upper": (FRAMES // 4, 5 * FRAMES // 8),
    "lower": (5 * FRAMES // 8, FRAMES),
}
TITLE_ROWS = 0.9
"""What the title of a layer takes, in rows."""


def _places() -> dict[str, tuple[float, list[float]]]:
    """Where the title of each layer stands, and its rows: from 0 down."""
    places, y = {}, 0.0
    for layer, names in NAMES.items():
        rows = y - TITLE_ROWS - 0.6 - np.arange(len(names))
        places[layer], y = (y - 0.5, rows.tolist()), rows[-1] - 0.5
    return places


def stacked() -> Panel:
    """Show the gradient of every weight of two LSTMs, one on the other, and of the output layer."""
    marks, notes, shapes = [], [], []
    for layer, (title, rows) in _places().items():
        colour, symbol = STYLES[layer]
        words = f'<span style="color:{colour}"><b>{TITLES[layer]}</b></span>'
        notes.append(ROW_NAME | {"text": words, "y": title, "yanchor": "middle", "font": {"size": 13}})
        for y, name in zip(rows, NAMES[layer].values(), strict=True):
            above = {"y": y, "yanchor": "bottom", "yshift": 5}
            notes.append(ROW_NAME | above | {"text": name, "font": {"size": 11}})
            shapes.append(ROW_LINE | {"y0": y, "y1": y})
        for when, variable, look in (
            (f"{SHORTEST} steps", "short", {"symbol": f"{symbol}-open", "size": 11, "line": {"width": 1.5}}),
            ("all steps", "long", {"symbol": symbol, "size": 11}),
        ):
            dots = go.Scatter(
                name=f"{TITLES[layer]}, {when}",
                mode="markers",
                y=rows,
                marker={"color": colour, "opacity": 1} | look,
                hovertemplate="%{customdata}<extra></extra>",
            )
            size = f"{layer}_{variable}"
            show = {"x": size, "customdata": size}
            marks.append(Mark(dots, show, along=f"{layer}_weight", reveal=REVEALS[layer]))
    lowest = _places()["lower"][1][-1]
    return Panel(
        f"Gradient of each weight (open: over {SHORTEST} steps)",
        tuple(marks),
        x=powers(-1.2, 6.2, 1) | {"title": {"text": "size of the gradient", "standoff": 4}},
        y={"range": [lowest - 0.6, 0.1], **ROW_AXIS},
        width=260,
        height=330,
        data=_stacked_data,
        words=("says_stacked",),
        legend=False,
        waits=True,
        notes=tuple(notes),
        shapes=tuple(shapes),
    )


@cache
def _sizes() -> xr.Dataset:
    """Find the norm (its log10) of what each weight gets, at each length: the median of the networks."""
    sizes = {layer: [] for layer in NAMES}
    for seed in SEEDS:
        lower, upper, inputs = stack_of(**STACKED, length=LENGTHS_SHOWN[-1], seed=seed)
        for length in LENGTHS_SHOWN:
            of_lower, of_upper = backpropagate_stack(lower, upper, inputs[:length])
            found = {"output": of_upper, "upper": of_upper, "lower": of_lower}
            for layer, names in NAMES.items():
                each = [norm(getattr(found[layer], f"d{name}")) for name in names]
                sizes[layer].append(np.log10(each))
    table = xr.Dataset(coords={"length": list(LENGTHS_SHOWN)})
    for layer, each in sizes.items():
        medians = np.median(np.reshape(each, (len(SEEDS), len(LENGTHS_SHOWN), -1)), axis=0)
        table[layer] = (("length", f"{layer}_weight"), medians)
    return table


def _stacked_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def say(length, output, *hidden):
        return (
            f"Over {length} steps the gradients of the LSTMs' weights are {size_in_words(min(hidden))} to "
            f"{size_in_words(max(hidden))} in size, and those of the output layer's at most "
            f"{size_in_words(output)} (medians of {len(SEEDS)} networks)."
        )

    sizes, shown = _sizes(), {}
    for layer in NAMES:
        each = sizes[layer].assign_attrs(units="log10", resolution=0.01)
        shown |= {f"{layer}_long": each.sel(length=table.length)}
        shown |= {f"{layer}_short": each.sel(length=SHORTEST, drop=True)}
    hidden = [weight for layer in ("upper", "lower") for weight in shown[f"{layer}_long"].T]
    output = shown["output_long"].max("output_weight")
    return shown | {"says_stacked": in_words(say, table.length, output, *hidden)}
