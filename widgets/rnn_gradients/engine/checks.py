"""Bad input is refused by a ValueError that names the argument, what was given and what is allowed."""

import numbers
from collections.abc import Iterable, Mapping, MappingView, Set
from decimal import Decimal
from itertools import islice

import numpy as np

__all__ = [
    "array",
    "choice",
    "flag",
    "instance",
    "memory",
    "number",
    "refuse",
    "several",
    "shape",
    "shown",
    "square",
    "whole",
    "within",
]

MOST_MEMORY = 16  # gigabytes
MANY = 1_000_000  # values, at most, that one argument may have
MOST_WHOLE = 1e308  # of integers: what a float can hold
NO_NUMBERS = bool | np.bool_ | np.timedelta64  # though Python or numpy counts them among the integers
LONGEST = 200  # characters of what was given that are told
DEEPEST = 64  # lists within each other, as in numpy
BYTES = bytes | bytearray | memoryview  # numpy would take them for numbers


def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Return the error to be raised."""
    return ValueError(f"{name} is {shown(value)}; allowed: {allowed}")


def shown(value: object) -> str:
    """Return what was given as it is told: on one line, and cut off where it is long."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an integer of more than 4,300 digits, lists too deep, or a __repr__ that fails
        return f"of type {type(value).__name__}, and cannot be shown"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def instance(name: str, value: object, kind: type, allowed: str | None = None) -> None:
    """Check that an object is of a kind, known to whoever gave it as `allowed`; raises TypeError."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {shown(value)}; allowed: {allowed or kind.__name__}")


def memory(names: str, count: int) -> None:
    """Check that arguments do not ask for more bytes than there is memory for."""
    gigabytes = Decimal(count).scaleb(-9)  # a float could be too small for it
    if gigabytes > MOST_MEMORY:
        raise ValueError(f"{names} need {gigabytes:.3g} GB; allowed: {MOST_MEMORY}")


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


def several(name: str, value: object) -> tuple[list, bool]:
    """Return a list of what may be one thing or any iterable of things in order, and whether it was one.

    Here alone the iterable is gone through: another look at a generator would find nothing.
    """
    if isinstance(value, Mapping | MappingView | Set):
        raise refuse(name, value, "what has an order, say a list")
    if getattr(value, "ndim", 0) > 1:
        raise refuse(name, value, "one value, or values in one dimension")
    try:
        values = None if isinstance(value, str | BYTES) else iter(value)
    except TypeError:
        values = None
    if values is None:
        return [_unwrapped(value)], True
    values = [_unwrapped(each) for each in islice(values, MANY + 1)]
    if len(values) > MANY:
        raise refuse(name, value, f"at most {MANY:,} values")
    return values, False


def _unwrapped(value):
    """Take a value out of an array without dimensions: of numpy, or of xarray; or of torch."""
    if isinstance(value, np.generic) or getattr(value, "ndim", None) != 0:
        return value
    return value.item() if hasattr(value, "detach") else np.asanyarray(value)[()]


def sequence(name: str, values: object) -> list:
    """Return a list of things that have an order, taken once."""
    found, alone = several(name, values)
    if alone:
        raise refuse(name, values, "a sequence of at least one")
    return found


def whole(name: str, value: object, least: int = 1) -> int:
    """Return an integer of at least `least`."""
    if not isinstance(value, int | np.integer) or isinstance(value, NO_NUMBERS) or value < least:
        raise refuse(name, value, f"an integer of at least {least}")
    if value > MOST_WHOLE:
        raise refuse(name, value, f"an integer of at most {MOST_WHOLE:g}")
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
    with np.errstate(over="ignore", under="ignore"):  # of numbers beyond float64
        converted = given.astype(float)
    if not np.isfinite(converted).all():
        raise ValueError(f"{name} holds NaN or infinity; allowed: finite numbers")
    return converted


def shape(name: str, value: np.ndarray, wanted: tuple[int, ...]) -> None:
    """Check that an array has the shape that others ask for."""
    if value.shape != wanted:
        raise ValueError(f"{name} has shape {value.shape}; here it must be {wanted}")


def square(name: str, value: object) -> np.ndarray:
    """Return a matrix of as many rows as columns, as `array` does."""
    matrix = array(name, value, 2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} has shape {matrix.shape}; allowed: (n, n)")
    return matrix


def _as_array(name: str, value: object) -> np.ndarray:
    if type(value) is not np.ndarray:
        _check_contents(name, value)
    try:
        if hasattr(value, "detach"):  # torch makes no array of a tensor that requires a gradient
            value = value.detach()
        given = np.asarray(value)
    except Exception as error:  # whatever the object's own __array__ raises
        what = "is ragged" if "inhomogeneous" in str(error) else f"is no array ({error})"
        raise ValueError(f"{name} {what}; allowed: rows of one length, of real numbers") from None
    if given.dtype.kind == "O":  # a Fraction, say, an integer beyond 64 bits, or no number at all
        given = np.vectorize(lambda each: number(name, each), otypes=[float])(given)
    return given


def _check_contents(name: str, value: object) -> None:
    """Refuse what numpy would take for other numbers, or would never be done with."""
    level = [value]
    for _ in range(DEEPEST):
        if any(each is np.ma.masked or np.ma.is_masked(each) for each in level):
            raise ValueError(f"{name} holds masked values; allowed: finite numbers")
        if any(isinstance(each, BYTES) for each in level):
            raise ValueError(f"{name} holds bytes; allowed: finite numbers")
        lists = {id(each): each for each in level if isinstance(each, list | tuple)}  # each once
        level = [each for some in lists.values() for each in some]
        if not level:
            return
    raise ValueError(f"{name} holds lists more than {DEEPEST} deep, or one that holds itself; allowed: rows")
