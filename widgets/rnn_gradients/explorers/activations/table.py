"""The table behind the explorer of activations: networks of all kinds, run and measured at every position."""

from functools import cache, partial
from itertools import product

import numpy as np
import xarray as xr

from ...engine import recurrent_matrix
from ...engine.activations import ACTIVATIONS
from ...engine.growth import Drive, bound_log10, first_gradients, gradients, journey
from ...engine.networks import UNITS
from ...results import STARTS, load_results

__all__ = [
    "FEW",
    "LEADING",
    "SEEDS",
    "SEQUENCES",
    "STEPS",
    "WAYS",
    "activations_table",
    "drive_of",
    "sigmoid_table",
    "starts_table",
]

SIZE, SEEDS = 32, range(5)
LEADING = (
    *(0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.2),
    *(2.4, 2.6, 2.8, 3.0, 3.2, 3.5, 3.8, 4.0, 4.2, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 10.0),
)
"""About evenly spread by their logarithms."""
FEW = (0.5, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0)
"""Those at which every unit is shown at every step."""
SEQUENCES = (1, *range(5, 101, 5))
STEPS = 40
"""Of the sequence that is shown step by step."""
ACTIVATION_NAMES = ("sigmoid", "tanh", "relu")
KIND_NAMES = ("orthogonal", "gaussian", "symmetric", "identity")
SCALES = (0.01, 0.1, 0.3, 1.0, 3.0)
WAYS = {
    "sigmoid-held": ("sigmoid", "orthogonal", "small"),
    "sigmoid": ("sigmoid", "orthogonal", "ordinary"),
    "tanh-small": ("tanh", "orthogonal", "small"),
    "tanh": ("tanh", "orthogonal", "ordinary"),
    "tanh-gaussian": ("tanh", "gaussian", "small"),
    "tanh-symmetric": ("tanh", "symmetric", "small"),
    "relu": ("relu", "orthogonal", "ordinary"),
    "relu-open": ("relu", "identity", "ordinary"),
}
"""Activation, kind of W and inputs, as one choice."""


@cache
def activations_table() -> xr.Dataset:
    """Measure how far an error of size 1 grows, and follow some networks step by step.

    Returns
    -------
    xarray.Dataset
        =============  =====================================================================================
        first          log10 of the gradient at the first step, by `seed` and sequence `length`
        on_way         the same of the longest sequence alone, ``length - 1`` steps back from the loss
        bound          log10 of the most by which a step back can multiply the error, for any of the seeds
        preactivation, of the first seed and a sequence of `STEPS` steps, as of `engine.growth.journey`
        state,
        gradient,
        damping
        =============  =====================================================================================
    """
    outer = {"activation": list(ACTIVATION_NAMES), "kind": list(KIND_NAMES), "units": list(UNITS)}
    coords = outer | {
        "seed": list(SEEDS),
        "eigenvalue": list(LEADING),
        "length": list(SEQUENCES),
        "step": range(1, STEPS + 1),
        "scale": list(SCALES),
        "held": [False, True],
        "way": list(WAYS),
    }
    table = xr.Dataset(coords=coords)
    for name in ("first", "on_way"):
        measure = partial(_of_gradients, name)
        table[name] = _stacked(outer | {"seed": list(SEEDS)}, measure, ("eigenvalue", "length"))
    by_seed = {name: values for name, values in outer.items() if name != "units"} | {"seed": list(SEEDS)}
    table["bound"] = _stacked(by_seed, _bound, ("eigenvalue",)).max("seed")
    for name in ("preactivation", "state", "gradient", "damping"):
        dims = ("eigenvalue", "step", "unit") if name == "preactivation" else ("eigenvalue", "step")
        table[name] = _stacked(outer, lambda *at, name=name: _journey(*at)[name], dims)
    return table


@cache
def sigmoid_table() -> xr.Dataset:
    """Move sigmoid units along their curve, by the size of their inputs and a bias that holds them or not.

    Returns
    -------
    xarray.Dataset
        ``rate``, log10 of what a step back multiplies the error by, on average, by `seed`; and
        ``preactivation`` of the first seed at the last step.
    """
    outer = {"scale": list(SCALES), "held": [False, True]}
    rates = _stacked(outer | {"seed": list(SEEDS)}, _sigmoid_rate, ("eigenvalue",))
    units = _stacked(outer, _sigmoid_units, ("eigenvalue", "unit"))
    return xr.Dataset({"rate": rates, "preactivation": units}, outer | {"eigenvalue": list(LEADING)})


def _sigmoid_rate(scale: float, held: bool, seed: int) -> np.ndarray:
    M, last = _matrix("orthogonal", seed), SEQUENCES[-1]
    sizes = first_gradients(M, np.array(LEADING), "sigmoid", [last], Drive(scale, held, seed))
    return sizes[:, 0] / (last - 1)


def _sigmoid_units(scale: float, held: bool) -> np.ndarray:
    M, last = _matrix("orthogonal", 0), SEQUENCES[-1]
    return journey(M, np.array(LEADING), "sigmoid", last, Drive(scale, held))["preactivation"][:, -1]


@cache
def starts_table() -> xr.Dataset:
    """Measure matrices drawn with torch's initialisers as the table measures its own.

    Returns
    -------
    xarray.Dataset
        ``radius``, the size of the largest eigenvalue, and ``first``, as in the table, by `initialiser`
        and `seed`.
    """
    W = load_results(STARTS)["starts"].W
    outer = {"way": list(WAYS), "initialiser": W.initialiser.values.tolist(), "seed": list(SEEDS)}

    def measure(way: str, initialiser: str, seed: int) -> np.ndarray:
        activation, kind, units = WAYS[way]
        drawn, drive = W.sel(initialiser=initialiser, seed=seed), drive_of(activation, kind, units, seed)
        return first_gradients(drawn.values.astype(float), np.ones(1), activation, SEQUENCES, drive)[0]

    radius = np.abs(np.linalg.eigvals(W.values.astype(float))).max(-1)
    table = xr.Dataset({"radius": (("initialiser", "seed"), radius)}, outer | {"length": list(SEQUENCES)})
    table["first"] = _stacked(outer, measure, ("length",))
    return table


def _stacked(outer: dict[str, list], measure, dims: tuple[str, ...]) -> xr.DataArray:
    """Measure at all positions along the outer dimensions."""
    found = np.stack([measure(*at) for at in product(*outer.values())])
    return xr.DataArray(found.reshape(*map(len, outer.values()), *found.shape[1:]), dims=(*outer, *dims))


def _matrix(kind: str, seed: int) -> np.ndarray:
    return recurrent_matrix(SIZE, 1.0, kind, seed)


def drive_of(activation: str, kind: str, units: str, seed: int = 0) -> Drive:
    """Give what drives a network; that of an identity matrix by positive inputs, so that its states are."""
    return Drive.of(units, seed, positive=kind == "identity")


def _of_gradients(name: str, *at) -> np.ndarray:
    return _gradients(*at)[name]


@cache
def _gradients(activation: str, kind: str, units: str, seed: int) -> dict[str, np.ndarray]:
    if ACTIVATIONS[activation].scale_free and units != "small":
        return _gradients(activation, kind, "small", seed)
    drive = drive_of(activation, kind, units, seed)
    return gradients(_matrix(kind, seed), np.array(LEADING), activation, SEQUENCES, drive)


def _bound(activation: str, kind: str, seed: int) -> np.ndarray:
    return bound_log10(_matrix(kind, seed), np.array(LEADING), activation)


@cache
def _journey(activation: str, kind: str, units: str) -> dict[str, np.ndarray]:
    drive = drive_of(activation, kind, units)
    return journey(_matrix(kind, 0), np.array(LEADING), activation, STEPS, drive)
