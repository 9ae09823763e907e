"""The table behind the explorer of gated networks: what came back on each road, at every position."""

from functools import cache

import numpy as np
import xarray as xr

from ...engine import network
from ...engine.clipping import clip_factor_log10
from ...engine.networks import GATED, UNITS, gated_network
from ...engine.roads import roads_back

__all__ = ["LENGTHS_SHOWN", "SCALES_OF_W", "THRESHOLD", "WHOLE_LENGTH", "gated_table"]

FORGET_BIASES = (-2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
SCALES_OF_W = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
LENGTHS_SHOWN = (5, 10, 20, 30, 40, 50, 60)
WHOLE_LENGTH = LENGTHS_SHOWN[-1]
THRESHOLD = 10.0
"""Of clipping."""
OF_STEPS, OF_LENGTHS = ("state", "around", "through", "alone"), ("hidden", "output")
DIMS = dict.fromkeys(OF_STEPS, ("scale", "length", "step"))
DIMS |= dict.fromkeys(OF_LENGTHS, ("scale", "length")) | {"forget": ("scale", "step", "unit")}


@cache
def gated_table() -> xr.Dataset:
    """Send an error of size 1 back through LSTMs, GRUs and plain networks of the same size.

    Returns
    -------
    xarray.Dataset
        Each variable of `engine.roads.roads_back`, along `network`, `units` (of the inputs), `forget_bias`,
        `scale` (of W) and its own dimensions, and ``plain_`` with ``state``, ``hidden`` and ``output`` of
        the plain network. ``hidden_step`` and ``output_step`` are what is left of the layers' gradients
        where they are clipped at `THRESHOLD` or not.
    """
    coords = {
        "network": list(GATED),
        "units": list(UNITS)[::-1],
        "forget_bias": list(FORGET_BIASES),
        "scale": list(SCALES_OF_W),
        "length": list(LENGTHS_SHOWN),
        "step": range(1, WHOLE_LENGTH + 1),
        "clip_hidden": [False, True],
        "clip_output": [False, True],
    }
    table = xr.Dataset(coords=coords)
    for name in DIMS:
        each = [
            [[_gated(kind, units, bias)[name] for bias in FORGET_BIASES] for units in coords["units"]]
            for kind in GATED
        ]
        table[name] = (("network", "units", "forget_bias", *DIMS[name]), np.array(each))
    for name in ("state", *OF_LENGTHS):
        table[f"plain_{name}"] = (
            ("units", *DIMS[name]),
            np.array([_plain(units)[name] for units in coords["units"]]),
        )
    for name in OF_LENGTHS:
        clips = table[f"clip_{name}"]
        factor = clip_factor_log10(table[name].values, THRESHOLD)
        table[f"{name}_step"] = table[name] + xr.where(clips, table[name].copy(data=factor), 0)
    return table


@cache
def _gated(kind: str, units: str, forget_bias: float) -> dict[str, np.ndarray]:
    made = [gated_network(kind, forget_bias, scale, units, WHOLE_LENGTH) for scale in SCALES_OF_W]
    return _sent_back(made)


@cache
def _plain(units: str) -> dict[str, np.ndarray]:
    return _sent_back([network(scale, "tanh", units, WHOLE_LENGTH) for scale in SCALES_OF_W])


def _sent_back(made: list) -> dict[str, np.ndarray]:
    return roads_back([each for each, _ in made], made[0][1], LENGTHS_SHOWN)
