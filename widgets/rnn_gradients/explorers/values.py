"""What panels make of a table's values, wherever they stand: activations applied, bars cut off, sentences."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from ..engine.activations import ACTIVATIONS

__all__ = ["CHAOTIC", "applied", "fact", "in_words", "linear"]

CHAOTIC = 9.0
"""Growth in log10 from which an error of rounding, in double precision, can show in the numbers told."""


def applied(what: str, activation: xr.DataArray, a: xr.DataArray) -> xr.DataArray:
    """Apply each activation to its own part of `a`, or to all of it where there are no parts.

    Parameters
    ----------
    what : {"phi", "slope"}
        What of the activation.
    activation : xarray.DataArray
        Its names, along ``activation``.
    a : xarray.DataArray
        Inputs of units.
    """
    each = []
    for name in activation.values.tolist():
        own = a.sel(activation=name, drop=True) if "activation" in a.dims else a
        each.append(own.copy(data=getattr(ACTIVATIONS[name], what)(own.values)))
    return xr.concat(each, activation)


def fact(what: str, activation: xr.DataArray) -> xr.DataArray:
    """Give what `Activation` says of each activation: ``steepest``, ``bounded`` or ``scale_free``."""
    said = [getattr(ACTIVATIONS[name], what) for name in activation.values.tolist()]
    return xr.DataArray(said, {"activation": activation}, "activation")


def linear(log10: xr.DataArray, most: float, resolution: float) -> xr.DataArray:
    """Give sizes themselves, of their log10, for an axis that ends at `most`."""
    return (10 ** np.minimum(log10, np.log10(most))).assign_attrs(resolution=resolution)


def in_words(say: Callable[..., str], *sizes: xr.DataArray) -> xr.DataArray:
    """Say a sentence of some sizes, given as plain numbers, at each of their positions."""
    sizes = xr.broadcast(*sizes)
    words = [say(*each) for each in zip(*(size.values.ravel().tolist() for size in sizes), strict=True)]
    return sizes[0].copy(data=np.array(words).reshape(sizes[0].shape)).drop_attrs()
