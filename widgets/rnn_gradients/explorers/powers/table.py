"""The table behind the explorer of powers: every slider position of the linear recurrence."""

from functools import cache

import numpy as np
import xarray as xr

from ...engine.backpropagation import backpropagate
from ...engine.matrices import KINDS, recurrent_matrix, sheared, turning, with_eigenvectors
from ...engine.powers import power_norms, trajectory
from ...engine.rnn import RNN
from ...engine.sweeps import FLOOR

__all__ = ["ABOVE_0", "ANGLES", "LINES", "PAIRS", "STEPS", "TICKS", "TIMES", "UNITS_MANY", "powers_table"]

FACTORS = [round(x / 100, 2) for x in range(80, 126)]
LEADING = [round(x / 100, 2) for x in (*range(-120, -79, 5), *range(50, 121, 5), *range(130, 201, 10))]
ABOVE_0 = {"eigenvalue": [each for each in LEADING if each > 0]}
"""Where panels can be shown in which a sign would change nothing."""
SHEARS = [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0]
ANGLES = list(range(0, 360, 15))
SIZES = [2, 4, 8, 16, 32]
UNITS_MANY = SIZES[-1]
"""Of the networks whose passes are shown."""
ACTIVATIONS_SHOWN = ["linear", "tanh", "relu"]
"""Those that leave a state of 0 alone, so that what is fed in once is all there is."""
TIMES, TICKS, STEPS = 60, 30, 100
"""Multiplications: of a number and in a network, of an arrow, of a matrix."""

LINES = {
    "1.2 and 0.8": (30.0, 105.0),
    "0.9 and 0.6": (30.0, 105.0),
    "-1.1 and 0.7": (30.0, 105.0),
    "1.2 at ±25°": (np.nan, np.nan),
    "0.9 at ±25°": (np.nan, np.nan),
    "0.7 twice": (0.0, np.nan),
}
"""Of each pair of eigenvalues: the angles of the lines along which no arrow turns, in degrees."""
PAIRS = {
    name: with_eigenvectors(tuple(map(float, name.split(" and "))), lines)
    for name, lines in LINES.items()
    if " and " in name
} | {"1.2 at ±25°": turning(1.2, 25.0), "0.9 at ±25°": turning(0.9, 25.0), "0.7 twice": sheared(0.7, 5.0)}
"""The matrices with these eigenvalues."""


@cache
def powers_table() -> xr.Dataset:
    """Compute all positions; sizes are log10.

    Returns
    -------
    xarray.Dataset
        =====================  ========================================================================
        variable               what
        =====================  ========================================================================
        norm, stretch          of W for an eigenvalue of 1: ||W^k||, and its largest and smallest singular
                               value
        real, imaginary        not a log10: its eigenvalues, NaN where there are no more
        sheared_norm           ||W^k|| of ``[[eigenvalue, shear], [0, eigenvalue]]``
        length, bearing        of the arrow, W^k times the first one; and (no log10) its angle in degrees
        part                   lengths of the arrow's parts along the two lines of `LINES`
        forward, backward      norms of h_k and of dL/dh_{T-k}, each beside that of k = 0
        along, whole           of the gradient of a linear network after k steps back: its part along the
                               leading eigenvector, beside that of k = 0, and the norm of all of it
        turned                 whether `along` is below 0
        =====================  ========================================================================
    """
    table = xr.Dataset(
        coords={
            "factor": FACTORS,
            "pair": list(LINES),
            "angle": ANGLES,
            "kind": list(KINDS),
            "size": SIZES,
            "eigenvalue": LEADING,
            "shear": SHEARS,
            "activation": ACTIVATIONS_SHOWN,
            "times": np.arange(TIMES + 1),
            "tick": np.arange(TICKS + 1),
            "power": np.arange(STEPS + 1),
            "end": ["largest", "smallest"],
            "mode": np.arange(UNITS_MANY),
            "line": [0, 1],
        }
    )
    _add_matrices(table)
    _add_arrows(table)
    _add_passes(table)
    _add_turning(table)
    for name in ("norm", "sheared_norm", "length", "part", "forward", "backward", "along", "whole"):
        table[name].attrs = {"units": "log10", "resolution": 0.01}
    return table


def _add_matrices(table: xr.Dataset) -> None:
    shape = (len(KINDS), len(SIZES))
    norm, stretch = np.empty((*shape, STEPS + 1)), np.empty((*shape, 2))
    modes = np.full((*shape, UNITS_MANY), complex(np.nan, np.nan))
    for i, kind in enumerate(KINDS):
        for j, size in enumerate(SIZES):
            W = recurrent_matrix(size, 1.0, kind)
            norm[i, j], stretch[i, j] = power_norms(W, STEPS), np.linalg.svd(W, compute_uv=False)[[0, -1]]
            modes[i, j, :size] = np.linalg.eigvals(W)
    table["norm"] = ("kind", "size", "power"), norm
    table["stretch"] = ("kind", "size", "end"), stretch
    table["real"], table["imaginary"] = (
        (("kind", "size", "mode"), each) for each in (modes.real.copy(), modes.imag.copy())
    )
    table["sheared_norm"] = (
        ("eigenvalue", "shear", "power"),
        [[power_norms(sheared(x, c), STEPS) for c in SHEARS] for x in LEADING],
    )


def _add_arrows(table: xr.Dataset) -> None:
    shape = (len(LINES), len(ANGLES), TICKS + 1)
    length, bearing = np.empty((2, *shape))
    part = np.full((*shape, 2), np.nan)
    for i, (pair, lines) in enumerate(LINES.items()):
        for j, angle in enumerate(ANGLES):
            start = _unit(angle)
            directions, length[i, j] = trajectory(PAIRS[pair], start, TICKS)
            bearing[i, j] = np.degrees(np.arctan2(directions[:, 1], directions[:, 0]))
            if np.isfinite(lines).all():
                along = np.abs(np.linalg.solve(_unit(np.array(lines)), start))
                rates = np.abs([float(each) for each in pair.split(" and ")])
                part[i, j] = _log10(along) + np.arange(TICKS + 1)[:, None] * np.log10(rates)
    table["length"], table["bearing"] = ((("pair", "angle", "tick"), each) for each in (length, bearing))
    table["part"] = ("pair", "angle", "tick", "line"), part


def _unit(degrees) -> np.ndarray:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def _log10(sizes: np.ndarray) -> np.ndarray:
    """NaN where rounding alone keeps a size from being 0."""
    return np.log10(np.where(sizes > 1e-12, sizes, np.nan))


def _add_passes(table: xr.Dataset) -> None:
    """Feed a vector in at the first step and nothing later, and an error at the last."""
    dims = ("kind", "activation", "eigenvalue")
    shape = [table.sizes[name] for name in dims]
    forward, backward = np.empty((2, *shape, TIMES + 1))
    for at in np.ndindex(*shape):
        kind, activation, eigenvalue = (table[name].values[i] for name, i in zip(dims, at, strict=True))
        W = recurrent_matrix(UNITS_MANY, float(eigenvalue), str(kind))
        gradients = backpropagate(*_one_pulse(W, str(activation)))
        forward[at] = _beside_first(np.linalg.norm(gradients.h, axis=1))
        backward[at] = _beside_first(np.linalg.norm(gradients.dh[::-1], axis=1))
    table["forward"], table["backward"] = (((*dims, "times"), each) for each in (forward, backward))


def _one_pulse(W: np.ndarray, activation: str) -> tuple[RNN, np.ndarray]:
    """Make a network of these recurrent weights that is fed once, and whose error enters once."""
    n = len(W)
    pulse, out = np.random.default_rng(1).standard_normal((2, n))
    rnn = RNN(
        W,
        pulse[:, None] / np.linalg.norm(pulse),
        out[None] / np.linalg.norm(out),
        np.zeros(n),
        np.zeros(1),
        activation,
    )
    return rnn, (np.arange(TIMES + 1) == 0)[:, None].astype(float)


def _beside_first(sizes: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):  # ReLU units may all be shut
        return np.maximum(np.log10(sizes / sizes[0]), FLOOR)


def _add_turning(table: xr.Dataset) -> None:
    """Send an error back through linear units, and take its part along the leading eigenvector of W."""
    shape = (len(KINDS), len(LEADING), TICKS + 1)
    along, whole = np.empty((2, *shape))
    turned = np.empty(shape, bool)
    other = np.random.default_rng(2).standard_normal(UNITS_MANY)
    for i, kind in enumerate(KINDS):
        values, vectors = np.linalg.eig(recurrent_matrix(UNITS_MANY, 1.0, kind))
        leading = vectors[:, np.argmin(np.abs(values - 1))].real
        leading *= np.sign(leading @ other)  # LAPACK gives it either sign
        error = leading + other / np.linalg.norm(other)
        for j, eigenvalue in enumerate(LEADING):
            W = recurrent_matrix(UNITS_MANY, eigenvalue, kind)
            directions, sizes = trajectory(W.T, error, TICKS)
            part = directions @ leading / (directions[0] @ leading)
            along[i, j] = np.log10(np.abs(part)) + sizes - sizes[0]
            whole[i, j] = sizes - sizes[0] - np.log10(np.abs(directions[0] @ leading))
            turned[i, j] = part < 0
    for name, values in {"along": along, "whole": whole, "turned": turned}.items():
        table[name] = ("kind", "eigenvalue", "tick"), values
