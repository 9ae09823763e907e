"""The real time series: monthly mean sunspot numbers, made ready for a network."""

import csv
import pathlib
from functools import cache

import numpy as np

__all__ = ["MEAN", "SPLIT", "SPREAD", "standardised", "sunspots", "unseen_windows"]

SPLIT = np.datetime64("1950-01")
"""Networks are trained on the months before it, and tested on those from it on."""


@cache
def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Monthly mean sunspot numbers, January 1749 to December 2008; source and licence stand in the file.

    Returns
    -------
    months : numpy.ndarray of datetime64[M]
    numbers : numpy.ndarray of float
    """
    with open(pathlib.Path(__file__).with_name("sunspots.csv"), newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    months = np.array([row["month"] for row in rows], "datetime64[M]")
    return months, np.array([float(row["sunspots"]) for row in rows])


def _past(months):
    return months < SPLIT


MEAN = sunspots()[1][_past(sunspots()[0])].mean()
SPREAD = sunspots()[1][_past(sunspots()[0])].std()
"""Mean and standard deviation of the months before `SPLIT`, in sunspots."""


def standardised() -> np.ndarray:
    """The months before `SPLIT`, less their mean, over their standard deviation."""
    months, numbers = sunspots()
    return (numbers[_past(months)] - MEAN) / SPREAD


def unseen_windows(length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every month from `SPLIT` on with the `length` months before it, standardised.

    Returns
    -------
    windows : numpy.ndarray, shape (months, length)
    targets : numpy.ndarray, shape (months,)
    months : numpy.ndarray of datetime64[M], shape (months,)
    """
    months, numbers = sunspots()
    numbers = (numbers - MEAN) / SPREAD
    first = int(_past(months).sum())
    windows = np.lib.stride_tricks.sliding_window_view(numbers, length)[first - length : -1]
    return windows, numbers[first:], months[first:]
