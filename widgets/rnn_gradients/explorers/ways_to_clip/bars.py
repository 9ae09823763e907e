"""What is left of each layer's step, rule by rule."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..panels import Mark, Panel
from ..style import BLUE, ROW_AXIS, VERMILLION, amount
from ..values import in_words
from .arrows import RULE_WORDS

__all__ = ["steps"]

BARS = {"hidden": ("hidden layer", VERMILLION, "", 0.06), "output": ("output layer", BLUE, "/", 0.34)}
"""Of the layers: name, colour, pattern, and how far below the middle of its row the bar stands."""


def steps() -> Panel:
    """Show what share of each layer's step is left under each rule."""
    marks = []
    for layer, (name, colour, pattern, _) in BARS.items():
        bar = go.Bar(
            name=f"{name}'s step",
            orientation="h",
            width=0.27,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 6, "solidity": 0.35}},
            texttemplate="%{customdata}",
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertemplate="%{x:.1f} % is left<extra></extra>",
        )
        at = {"x": f"{layer}_left", "y": f"{layer}_row", "customdata": f"{layer}_step"}
        marks.append(Mark(bar, at, along="rule"))
    name = {"x": 0, "xanchor": "left", "yanchor": "middle", "font": {"size": 12}}
    shares = [0, 25, 50, 75, 100]
    return Panel(
        "What is left of each layer's step (at the bars: its size)",
        tuple(marks),
        x={"range": [0, 122], "tickvals": shares, "ticktext": [f"{each} %" for each in shares]},
        y={"range": [len(RULE_WORDS) - 0.45, -0.5], **ROW_AXIS},
        width=260,
        height=400,
        data=_steps_data,
        words=("says_steps",),
        notes=tuple(name | {"text": words, "y": row - 0.27} for row, words in enumerate(RULE_WORDS.values())),
    )


def _steps_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    row = xr.DataArray(np.arange(table.sizes["rule"]), {"rule": table.rule})
    data = {}
    for layer, (*_, off) in BARS.items():
        before = table.before.sel(layer=layer, drop=True)
        after = table.after.sel(layer=layer, drop=True)
        data[f"{layer}_left"] = (100 * after / before).assign_attrs(resolution=0.05)
        data[f"{layer}_step"] = np.log10(after).assign_attrs(units="log10")
        data[f"{layer}_row"] = row + off
    sizes = [table.before.sel(layer=layer, drop=True) for layer in BARS]

    def say(hidden, output):
        return (
            f"Before clipping, the hidden layer's step is {amount(np.log10(hidden))} long, "
            f"and the output layer's {amount(np.log10(output))} (times the learning rate)."
        )

    return data | {"says_steps": in_words(say, *sizes)}
