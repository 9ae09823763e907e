"""Bad input is refused by a ValueError that names the argument, what was given and what is allowed."""

import numbers
from collections.abc import Iterable, Mapping, Set
from decimal import Decimal

import numpy as np

__all__ = ["array", "choice", "flag", "instance", "memory", "number", "refuse", "several", "whole", "within"]

MOST_MEMORY = 16  # gigabytes
NO_NUMBERS = bool | np.bool_ | np.timedelta64  # though Python or numpy counts them among the integers
LONGEST = 200  # characters of what was given that are told


def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Return the error to be raised."""
    return ValueError(f"{name} is {_shown(value)}; allowed: {allowed}")


def _shown(value: object) -> str:
    try:
        shown = " ".join(repr(value).split())
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return f"an {type(value).__name__} too long to be shown"
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."


def instance(name: str, value: object, kind: type) -> None:
    """Check that an object is of a kind; raises TypeError."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {_shown(value)}; allowed: {kind.__name__}")


def memory(names: str, count: int) -> None:
    """Check that arguments do not ask for more numbers of 64 bits than there is memory for."""
    gigabytes = Decimal(8 * count) / 10**9
    if gigabytes > MOST_MEMORY:
        raise ValueError(f"{names}: {gigabytes:.3g} GB of memory needed; allowed: {MOST_MEMORY}")


def number(name: str, value: object, positive: bool = False) -> float:
    """Return a finite real number (above 0 if `positive`) as a float."""
    allowed = "a finite number" + " above 0" * positive
    if not isinstance(value, numbers.Real | np.floating | np.integer) or isinstance(value, NO_NUMBERS):
        raise refuse(name, value, allowed)
    try:
        as_float = float(value)
    except OverflowError:
        raise refuse(name, value, allowed) from None
    if not np.isfinite(as_float) or (positive and as_float <= 0):
        raise refuse(name, value, allowed)
    return as_float


def within(name: str, value: object, low: float, high: float) -> float:
    """Return a real number from `low` to `high` as a float."""
    as_float = number(name, value)
    if not low <= as_float <= high:
        raise refuse(name, value, f"a number from {low:g} to {high:g}")
    return as_float


def several(value: object) -> list:
    """Return a list of what may be one thing or many."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return [value[()]]
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else [value]


def sequence(name: str, values: object) -> list:
    """Return a list of things that have an order, taken once."""
    if hasattr(values, "__array__"):  # of pandas, say, which iterates over its own types
        values = np.asarray(values)
    ordered = isinstance(values, Iterable) and not isinstance(values, str | bytes | Set | Mapping)
    if not ordered or getattr(values, "ndim", 1) != 1:
        raise refuse(name, values, "a sequence of at least one")
    return list(values)


def whole(name: str, value: object, least: int = 1) -> int:
    """Return an integer of at least `least`."""
    if not isinstance(value, int | np.integer) or isinstance(value, NO_NUMBERS) or value < least:
        raise refuse(name, value, f"an integer of at least {least}")
    return int(value)


def flag(name: str, value: object) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool | np.bool_):
        raise refuse(name, value, "True, False")
    return bool(value)


def choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return the one of some strings that was chosen: the plain string, whatever kind of string was given."""
    found = next((each for each in allowed if isinstance(value, str) and each == value), None)
    if found is None:
        raise refuse(name, value, ", ".join(allowed))
    return found


def array(name: str, value: object, dimensions: int | None = None) -> np.ndarray:
    """Return finite real numbers as a new array of float64 that is not empty, of any number of dimensions."""
    given = _as_array(name, value)
    if given.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds {given.dtype}; allowed: real numbers")
    if dimensions is not None and given.ndim != dimensions:
        raise ValueError(f"{name} has {given.ndim} dimensions; here it must have {dimensions}")
    if given.size == 0:
        raise ValueError(f"{name} has shape {given.shape}; allowed: at least one number")
    with np.errstate(over="ignore"):  # of numbers beyond float64
        converted = given.astype(float)
    if not np.isfinite(converted).all():
        raise ValueError(f"{name} holds NaN or infinity; allowed: finite numbers")
    return converted


def _as_array(name: str, value: object) -> np.ndarray:
    if _is_masked(value):
        raise ValueError(f"{name} holds masked values; allowed: finite numbers")
    if hasattr(value, "detach"):  # torch makes no array of a tensor that requires a gradient
        value = value.detach()
    try:
        given = np.asarray(value)
    except (RuntimeError, TypeError, ValueError) as error:
        what = "is ragged" if "inhomogeneous" in str(error) else f"is no array ({error})"
        raise ValueError(f"{name} {what}; allowed: rows of one length, of real numbers") from None
    if given.dtype.kind == "O":  # a Fraction, say, an integer beyond 64 bits, or no number at all
        given = np.vectorize(lambda each: number(name, each), otypes=[float])(given)
    return given


def _is_masked(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_masked, value))
    return value is np.ma.masked or np.ma.is_masked(value)
