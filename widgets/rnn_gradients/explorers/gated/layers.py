"""What the weights of each layer get, by the length of the sequence, clipped or not."""

import plotly.graph_objects as go
import xarray as xr

from ..controls import FRAMES
from ..panels import Mark, Panel
from ..style import BLUE, GREY, VERMILLION, powers
from ..values import in_words
from .table import LENGTHS_SHOWN, THRESHOLD, WHOLE_LENGTH
from .words import size_in_words

__all__ = ["layer_gradients"]

STYLES = {"hidden": (VERMILLION, "circle", "solid"), "output": (BLUE, "square", "dash")}
ROUNDED = 1e-6
"""A difference in log10 below which nothing was cut."""
RESOLUTION = {"units": "log10", "resolution": 0.01}


def layer_gradients() -> Panel:
    """Show the gradient of each layer, before and after clipping, over the length of the sequence."""
    line = {"color": GREY, "width": 2, "dash": "dot"}
    plain = go.Scatter(name="the plain network's", mode="lines", hoverinfo="skip", line=line)
    marks = [Mark(plain, {"y": "plain_layer"}, along="length", reveal=(0, FRAMES), edge=True)]
    for layer, (colour, symbol, dash) in STYLES.items():
        before = go.Scatter(
            name=f"{layer} layer before clipping",
            mode="markers",
            showlegend=False,
            marker={"symbol": f"{symbol}-open", "color": colour, "size": 10, "line": {"width": 1.5}},
            hovertemplate="%{x} steps, before clipping: %{customdata}<extra></extra>",
        )
        after = go.Scatter(
            name=f"{layer} layer",
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            hovertemplate="%{x} steps: %{customdata}<extra></extra>",
        )
        for trace, size in ((before, f"{layer}_cut"), (after, f"{layer}_left")):
            show = {"y": size, "customdata": size}
            marks.append(Mark(trace, show, along="length", reveal=(0, FRAMES), edge=True))
    threshold = {"type": "line", "x0": 0, "x1": 1, "xref": "domain", "y0": 1, "y1": 1}
    note = {"text": f"threshold {THRESHOLD:g}", "x": 0.99, "xref": "domain", "xanchor": "right", "y": 1}
    return Panel(
        "Gradient of each layer (open: before clipping)",
        tuple(marks),
        x={"range": [0, WHOLE_LENGTH + 3], "tickvals": list(LENGTHS_SHOWN)}
        | {"title": {"text": "sequence length T", "standoff": 4}},
        y=powers(-1.5, 9.5, 1) | {"title": {"text": "size of the gradient", "standoff": 2}},
        width=260,
        height=270,
        data=_layers_data,
        words=("says_layers",),
        picks=("length",),
        waits=True,
        notes=(note | {"yanchor": "bottom", "yshift": 4, "font": {"size": 11}},),
        shapes=(threshold | {"line": {"color": GREY, "width": 3, "dash": "dash"}},),
    )


def _layers_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def say(*sizes):
        (hidden, left), (output, output_left) = sizes[:2], sizes[2:]
        return (
            f"Over {WHOLE_LENGTH} steps {_told('the hidden layer gets', hidden, left)}, "
            f"and {_told('the output layer', output, output_left)}."
        )

    shown, longest = {"plain_layer": table.plain_hidden}, []
    for layer in STYLES:
        before, left = table[layer], table[f"{layer}_step"]
        shown |= {f"{layer}_left": left, f"{layer}_cut": before.where(before > left + ROUNDED)}
        longest += [each.sel(length=WHOLE_LENGTH, drop=True) for each in (before, left)]
    said = {"says_layers": in_words(say, *longest)}
    return {name: each.assign_attrs(RESOLUTION) for name, each in shown.items()} | said


def _told(who: str, before: float, after: float) -> str:
    """Say a gradient, and what it was before it was cut."""
    cut = f" (cut from {size_in_words(before)})" if before - after > ROUNDED else ""
    return f"{who} a gradient of size {size_in_words(after)}{cut}"
