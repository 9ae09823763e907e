"""The gates that the error meets around W, and what they alone would leave of it."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..grids import OPEN_SCALE, SCALE_HIGH, UNITS_UP, units_by_steps
from ..panels import Mark, Panel
from ..style import AT_ONE, BLUE, GREY, ORANGE, VERMILLION
from ..values import in_words
from .chain import BACKWARD, RESOLUTION, SIZE, STEP, at_first, kind_of
from .words import size_in_words

__all__ = ["forget_gates", "product"]

KEEPS = {"LSTM": "forget", "GRU": "update"}
"""What the gates around W are called."""


def forget_gates() -> Panel:
    """Show the gate of every unit at every step, by which its state is multiplied."""
    gates = units_by_steps("forget gate of each unit", "gate")
    enters = go.Scatter(
        name="the error enters behind the gates",
        mode="lines",
        hoverinfo="skip",
        y=UNITS_UP["range"],
        line={"color": BLUE, "width": 4},
    )
    return Panel(
        "The gates around W, unit by unit",
        (
            Mark(gates, {"z": "gate_of"}, along=("unit", "step"), reveal=BACKWARD),
            Mark(enters, {"x": ["behind_the_gates", "behind_the_gates"]}),
        ),
        x=STEP | {"showgrid": False},
        y=UNITS_UP,
        width=260,
        height=200,
        data=_gates_data,
        words=("says_gates",),
        waits=True,
        legend=False,
        headroom=SCALE_HIGH,
        notes=(OPEN_SCALE,),
    )


def _gates_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    here = table.forget.where(table.step <= table.length)

    def say(mean, kind):
        return f"The mean of all {KEEPS[kind]} gates is {mean:.2f}."

    return {
        "gate_of": here.assign_coords(unit=np.arange(here.sizes["unit"])).assign_attrs(resolution=0.05),
        "behind_the_gates": table.length + 1.0,
        "says_gates": in_words(say, here.mean(("unit", "step")), kind_of(table)),
    }


def product() -> Panel:
    """Show what the forget gates alone would leave of the error, beside what comes back in truth."""
    line = {"mode": "lines", "hovertemplate": "step %{x}: %{customdata}<extra></extra>"}
    plain = go.Scatter(name="plain network", **line, line={"color": GREY, "width": 2.5, "dash": "dot"})
    gates = go.Scatter(name="these gates alone", **line, line={"color": ORANGE, "width": 3, "dash": "dash"})
    truth = go.Scatter(name="true gradient", **line, line={"color": VERMILLION, "width": 3})
    sizes = {"plain_left": plain, "gates_left": gates, "true_left": truth}
    return Panel(
        "What is left of the error",
        tuple(
            Mark(trace, {"y": size, "customdata": size}, along="step", reveal=BACKWARD, edge=True)
            for size, trace in sizes.items()
        ),
        x=STEP,
        y=SIZE,
        width=260,
        height=200,
        data=_product_data,
        words=("says_product",),
        waits=True,
        shapes=(AT_ONE,),
    )


def _product_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    def say(alone, gated, plain):
        return (
            f"At step 1 the gates alone would leave {size_in_words(alone)} of an error of 1. "
            f"In truth it is {size_in_words(gated)}, and in a plain network {size_in_words(plain)}."
        )

    sizes = {"gates_left": table.alone, "true_left": table.state, "plain_left": table.plain_state}
    said = in_words(say, *map(at_first, sizes.values()))
    return {name: each.assign_attrs(RESOLUTION) for name, each in sizes.items()} | {"says_product": said}
