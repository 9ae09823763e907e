"""What the figures say: the fate of the error in plain words, for every position."""

import numpy as np
import xarray as xr

from ..style import amount
from ..values import CHAOTIC, in_words
from .table import SEQUENCES

__all__ = ["says_growth", "says_point", "says_rate", "says_rounding", "says_starts"]

BACK = SEQUENCES[-1] - 1
STEADY = 0.002
"""Growth a step, in log10, below which an error keeps its size: half a percent."""


def _factor(rate: float) -> str:
    return f"{float(f'{10**rate:.3g}'):g}" if rate > -3 else "0"


def says_rate(rate: xr.DataArray, bound: xr.DataArray) -> xr.DataArray:
    """Say what a step back does on average in five networks, beside the most that it could do."""

    def fate(size):
        return "dies" if size < -STEADY else "explodes" if size > STEADY else "keeps its size"

    def say(low, middle, high, most):
        what = fate(middle) + ("" if fate(low) == fate(high) else " in the median network")
        lowest, highest = _factor(low), _factor(high)
        spread = f" (five networks: {lowest} to {highest})" if lowest != highest else ""
        return (
            f"The error {what}: a step back multiplies it by {_factor(middle)} on average{spread}. "
            f"No step can multiply it by more than {_factor(most)}."
        )

    return in_words(say, rate.min("seed"), rate.median("seed"), rate.max("seed"), bound)


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

    return in_words(say, last.min("seed"), last.median("seed"), last.max("seed"))


def says_point(first: xr.DataArray) -> xr.DataArray:
    """Say how large the error is at the first step of a sequence."""

    def say(size, length):
        return (
            f"Over a sequence of {length:g} steps, an error of 1 at the last is {amount(size)} at the first."
        )

    return in_words(say, first, first.length + 0 * first)


def says_rounding(first: xr.DataArray, bounded: xr.DataArray) -> xr.DataArray:
    """Say where errors of rounding have grown, in any network, over this length or a shorter one.

    Another rounding is another trajectory there; but for units without bounds, whose slopes stay the same.
    """
    largest = first.max("seed")
    so_far = np.maximum.accumulate(largest.values, axis=largest.get_axis_num("length"))
    chaotic = (bounded & (largest.copy(data=so_far) > CHAOTIC)).astype("i2")
    words = [
        "",
        "Errors of rounding have grown as well: exact numbers may differ from one computer to another.",
    ]
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
