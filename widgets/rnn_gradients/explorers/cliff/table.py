"""The table behind the explorer of the cliff: walks of gradient descent on it, and the loss around them."""

from functools import cache
from typing import NamedTuple

import numpy as np
import xarray as xr

from ...engine.cliff import cliff_gradient, cliff_walks
from .cameras import CAMERAS

__all__ = ["FAR", "NEAR", "START", "UPDATES", "Frame", "cliff_table", "edge", "loss_over"]

START = (4.7, -1.7)
"""w and b where all walks begin: above the edge, in sight of it."""
UPDATES = 60
RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
LIMITS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)


class Frame(NamedTuple):
    """A part of the plane, and from how many points of it the loss is drawn.

    Attributes
    ----------
    w, b : (float, float)
    points : (int, int)
        Along w and along b.
    """

    w: tuple[float, float]
    b: tuple[float, float]
    points: tuple[int, int]


FAR = Frame((3.0, 8.0), (-5.0, 4.0), (151, 181))
"""All that walks may come to, or most."""
NEAR = Frame((4.0, 4.8), (-2.55, -1.6), (161, 191))
"""The edge, where they come upon it."""


@cache
def cliff_table() -> xr.Dataset:
    """Walk at all learning rates, without clipping and clipped to all thresholds.

    Returns
    -------
    xarray.Dataset
        ``w``, ``b`` and ``loss`` along ``update``, by ``rate``, for the unclipped walks; ``w_clipped`` and
        so on, by ``threshold`` too, for those clipped by norm. Along ``camera`` nothing of this changes.
    """
    rates, thresholds = np.array(RATES), np.array(LIMITS)
    plain = cliff_walks(*START, rates, UPDATES)
    clipped = cliff_walks(*START, rates[:, None], UPDATES, thresholds)
    names = ("w", "b", "loss")
    found = {name: (("update", "rate"), values) for name, values in zip(names, plain, strict=True)}
    found |= {
        f"{name}_clipped": (("update", "rate", "threshold"), values)
        for name, values in zip(names, clipped, strict=True)
    }
    coords = {"rate": list(RATES), "threshold": list(LIMITS), "update": np.arange(UPDATES + 1)}
    return xr.Dataset(found, coords | {"camera": list(CAMERAS)})


@cache
def loss_over(frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give w, b, and the loss at each pair of them, a row for each b."""
    w, b = np.linspace(*frame.w, frame.points[0]), np.linspace(*frame.b, frame.points[1])
    return w, b, cliff_gradient(w, b[:, None])[0]


def edge(w: np.ndarray) -> np.ndarray:
    """Give b on the edge of the cliff, where every x_t is 1/2: see `engine.cliff`."""
    return 0.5 - w / (1 + np.exp(-0.5))
