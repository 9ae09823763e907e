"""What the figures say: the fate of the error in plain words, for every position."""

import numpy as np
import xarray as xr

from ...engine.passes import FLOOR
from ..style import amount
from ..values import CHAOTIC, in_words
from .table import SEQUENCES

__all__ = ["is_chaotic", "said_of_point", "says_growth", "says_point", "says_rate", "says_starts"]

BACK = SEQUENCES[-1] - 1
STEADY = 0.002
"""Growth a step, in log10, below which an error keeps its size: half a percent."""
RATE_OF_NONE = FLOOR / BACK
"""Growth a step of an error of which exactly 0 is left: that of ReLU units can be."""


def _factor(rate: float) -> str:
    if rate == RATE_OF_NONE:
        return "exactly 0"
    return f"{float(f'{10**rate:.3g}'):g}" if rate > -3 else amount(rate)


def _size(log10: float) -> str:
    if log10 == FLOOR:
        return "exactly 0"
    return amount(log10) if log10 > -300 else "less than 10⁻³⁰⁰"


def _about(chaotic: bool) -> str:
    """Say of a number that another computer may find another."""
    return "about " if chaotic else ""


def says_rate(rate: xr.DataArray, bound: xr.DataArray, chaotic: xr.DataArray | bool = False) -> xr.DataArray:
    """Say what a step back does on average in five networks, beside the most that it could do."""

    def fate(size):
        return "dies" if size < -STEADY else "explodes" if size > STEADY else "keeps its size"

    def say(low, middle, high, most, chaotic):
        agree, lowest, highest = fate(low) == fate(high), _factor(low), _factor(high)
        what = f"The error {fate(middle)}" + ("" if agree else " in the median network")
        spread = f"five{' networks' if agree else ''}: {lowest} to {highest}"
        spread = spread if lowest != highest else "alike in all five networks"
        return f"{what}: × {_about(chaotic)}{_factor(middle)} a step ({spread}; at most × {_factor(most)})."

    return in_words(
        say, rate.min("seed"), rate.median("seed"), rate.max("seed"), bound, xr.DataArray(chaotic)
    )


def says_growth(last: xr.DataArray, slope: xr.DataArray, chaotic: xr.DataArray) -> xr.DataArray:
    """Say how far the error has come after all steps back, and how steep the line is, beside the loss."""

    def say(size, slope, chaotic):
        steep = f"{slope:+.3f}".replace("-", "−") if abs(slope) >= 0.0005 else "0"
        return (
            f"{BACK} steps back make {_about(chaotic)}{_size(size)} of an error of 1. "
            f"The slope of the dashed line is {steep}."
        )

    return in_words(say, last.median("seed"), slope, chaotic)


def said_of_point(first: xr.DataArray) -> xr.DataArray:
    """Round the gradients of the map to hundredths of a decade, in which they are drawn and told."""
    return first.median("seed").round(2)


def says_point(first: xr.DataArray, chaotic: xr.DataArray) -> xr.DataArray:
    """Say how large the error is at the first step of a sequence, as is written on the map."""

    def say(size, length, chaotic):
        if length == 1:
            return "The one step is first and last: the error there is 1."
        told = f"{float(f'{10**size:.2g}'):,.6g}" if -3 <= size < 6 else _size(size)
        return f"Over {length:g} steps, an error of 1 at the last is {_about(chaotic)}{told} at the first."

    return in_words(say, first, first.length + 0 * first, chaotic)


def is_chaotic(first: xr.DataArray, bounded: xr.DataArray) -> xr.DataArray:
    """Tell where errors of rounding have grown, in any network, over this length or a shorter one.

    Another rounding is another trajectory there; but for units without bounds, whose slopes stay the same.
    """
    largest = first.max("seed")
    so_far = np.maximum.accumulate(largest.values, axis=largest.get_axis_num("length"))
    return bounded & (largest.copy(data=so_far) > CHAOTIC)


def says_starts(starts: xr.Dataset, named: dict[str, str]) -> xr.DataArray:
    """Say what a step back does in networks that start from each initialiser's matrices."""
    rate = starts["first"].sel(length=BACK + 1).median("seed") / BACK
    words = []
    for way in starts.way.values:
        told = [
            f"{_factor(float(rate.sel(way=way, initialiser=name)))} ({label})"
            for name, label in named.items()
        ]
        words.append(f"A step back multiplies the error by {', '.join(told)}: medians of five.")
    return xr.DataArray(words, dims="way", coords={"way": starts.way})
