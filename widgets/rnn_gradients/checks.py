"""Bad input is refused by a ValueError that names the argument, what was given and what is allowed."""

import numbers
from collections.abc import Iterable

import numpy as np

__all__ = ["array", "choice", "flag", "number", "several", "whole", "within"]


def refuse(name: str, value: object, allowed: str) -> ValueError:
    return ValueError(f"{name} is {value!r}; allowed: {allowed}")


def number(name: str, value: object, positive: bool = False) -> float:
    """Return a finite real number (above 0 if `positive`) as a float."""
    allowed = "a finite number" + " above 0" * positive
    if not isinstance(value, numbers.Real | np.floating | np.integer) or isinstance(value, bool | np.bool_):
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


def whole(name: str, value: object, least: int = 1) -> int:
    """Return an integer of at least `least`."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise refuse(name, value, f"an integer of at least {least}")
    return int(value)


def flag(name: str, value: object) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool | np.bool_):
        raise refuse(name, value, "True, False")
    return bool(value)


def choice(name: str, value: object, allowed) -> str:
    """Return one of some strings."""
    if not isinstance(value, str) or value not in allowed:
        raise refuse(name, value, ", ".join(allowed))
    return str(value)


def array(name: str, value: object, dimensions: int) -> np.ndarray:
    """Return finite real numbers as a new array of float64 that is not empty."""
    try:
        given = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is ragged; allowed: rows of one length") from None
    if given.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds {given.dtype}; allowed: real numbers")
    if given.ndim != dimensions:
        raise ValueError(f"{name} has {given.ndim} dimensions; here it must have {dimensions}")
    if given.size == 0:
        raise ValueError(f"{name} has shape {given.shape}; allowed: at least one number")
    if not np.isfinite(given).all():
        raise ValueError(f"{name} holds NaN or infinity; allowed: finite numbers")
    return given.astype(float)
