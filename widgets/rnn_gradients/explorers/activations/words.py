"""What the figures say: the fate of the error in plain words, for every position."""

import numpy as np
import xarray as xr

from ..style import amount
from .table import SEQUENCES

__all__ = ["says_growth", "says_point", "says_rate", "says_rounding", "says_starts"]

BACK = SEQUENCES[-1] - 1
DECIDES = 13.0
"""Growth in log10 that brings an error of rounding, in double precision, to the size of a state."""
STEADY = 0.002
"""Growth a step, in log10, below which an error keeps its size: half a percent."""


def _in_words(say, *sizes: xr.DataArray) -> xr.DataArray:
    """Say a sentence for each position of some sizes, rounded so that equal sentences are one."""
    sizes = xr.broadcast(*sizes)
    words = [say(*each) for each in zip(*(size.values.ravel().tolist() for size in sizes), strict=True)]
    return sizes[0].copy(data=np.array(words).reshape(sizes[0].shape)).drop_attrs()


def _factor(rate: float) -> str:
    return f"{float(f'{10**rate:.3g}'):g}" if rate > -3 else "0"


def says_rate(rate: xr.DataArray, bound: xr.DataArray) -> xr.DataArray:
    """Say what a step back does on average in five networks, beside the most that it could do."""

    def say(low, middle, high, most):
        fate = "dies" if middle < -STEADY else "explodes" if middle > STEADY else "keeps its size"
        lowest, highest = _factor(low), _factor(high)
        spread = f" (five networks: {lowest} to {highest})" if lowest != highest else ""
        return (
            f"The error {fate}: a step back multiplies it by {_factor(middle)} on average{spread}. "
            f"No step can multiply it by more than {_factor(most)}."
        )

    return _in_words(say, rate.min("seed"), rate.median("seed"), rate.max("seed"), bound)


def says_growth(last: xr.DataArray) -> xr.DataArray:
    """Say how far the error has come after all steps back, and the slope of its line."""

    def say(low, middle, high):
        rate = middle / BACK
        slope = f"{rate:+.3f}".replace("-", "−") if abs(rate) >= 0.0005 else "0"
        return (
            f"After {BACK} steps back an error of 1 has become {amount(middle)} "
            f"(five networks: {amount(low)} to {amount(high)}). "
            f"That is a factor of {_factor(rate)} a step: the slope of the line is {slope}."
        )

    return _in_words(say, last.min("seed"), last.median("seed"), last.max("seed"))


def says_point(first: xr.DataArray) -> xr.DataArray:
    """Say how large the error is at the first step of a sequence."""

    def say(size, length):
        return (
            f"Over a sequence of {length:g} steps, an error of 1 at the last is {amount(size)} at the first."
        )

    return _in_words(say, first, first.length + 0 * first)


def says_rounding(first: xr.DataArray, bounded: xr.DataArray) -> xr.DataArray:
    """Say where an error of rounding has grown into another trajectory; states without bounds have none."""
    chaotic = (bounded & (first > DECIDES)).astype("i2")
    words = ["", "Errors of rounding have grown as well: the exact number differs between machines."]
    return chaotic.assign_attrs(categories=words)


def says_starts(starts: xr.Dataset, named: dict[str, str]) -> xr.DataArray:
    """Say where the matrices of each initialiser are, and what a step back does in networks that start so."""
    radius, rate = starts.radius.median("seed"), starts["first"].sel(length=BACK + 1).median("seed") / BACK
    words = []
    for way in starts.way.values:
        told = []
        for name, label in named.items():
            factor = _factor(float(rate.sel(way=way, initialiser=name)))
            told.append(f"{factor} ({label}, largest eigenvalue {float(radius.sel(initialiser=name)):.2g})")
        words.append(f"A step back multiplies the error by {', '.join(told)}: medians of five matrices.")
    return xr.DataArray(words, dims="way", coords={"way": starts.way})
