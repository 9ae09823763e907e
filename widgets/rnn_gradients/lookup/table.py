"""An xarray.Dataset in the form in which it travels to the browser."""

import gzip
import json

import numpy as np
import pandas as pd
import xarray as xr

from .plan import listed, refuse

__all__ = ["MISSING", "pack", "unpack"]

MISSING = -(2**15)
"""Stands for NaN among 16-bit integers."""


def pack(variable: xr.DataArray) -> dict:
    """Describe a variable, with its values as gzipped bytes.

    Numbers whose attribute ``resolution`` is set travel as 16-bit multiples of it; strings, and codes whose
    attribute ``categories`` lists the strings they stand for, as 16-bit codes; other numbers as 32-bit
    floats. Integers travel as differences, interleaved by sign (0, -1, 1, -2 .. as 0, 1, 2, 3 ..), all low
    bytes before all high ones: a third of the size of the plain values, where neighbours are alike. So the
    last dimension is best the smoothest. The differences are those along the last dimension; or, where that
    makes them smaller, those from ``left + above - above left`` in the plane of the last two (the Lorenzo
    predictor of Ibarria et al. 2003, Computer Graphics Forum 22).

    Parameters
    ----------
    variable : xarray.DataArray
        Numbers, truth values or strings.

    Returns
    -------
    dict
        ``dims``, ``shape``, ``resolution`` (None for floats), ``categories`` (gzipped JSON; None for
        numbers), ``is_flat`` (whether the differences are those from a plane), ``is_log10`` (whether its
        attribute ``units`` is ``"log10"``) and ``values`` (gzipped).

    Raises
    ------
    ValueError
        If the values are of another kind, infinite, or too large for 16 bits (without a resolution: for 32),
        a code has no category, or the resolution is not above 0.
    """
    packed = {"dims": list(variable.dims), "shape": list(variable.shape), "categories": None}
    values, resolution = variable.values, variable.attrs.get("resolution")
    categories = variable.attrs.get("categories")
    if values.dtype.kind in "OUST":
        codes, categories = pd.factorize(values.ravel())
        if (codes < 0).any():
            raise ValueError(f"variable {variable.name!r} holds objects; allowed: strings, numbers")
        values = codes.reshape(values.shape)
    packed["is_log10"] = categories is None and variable.attrs.get("units") == "log10"
    if categories is not None:
        categories = listed(f"categories of {variable.name!r}", categories, "a list of strings")
        if not all(isinstance(category, str) for category in categories):
            raise ValueError(f"variable {variable.name!r} holds objects; allowed: strings, numbers")
        if not np.isin(values, np.arange(len(categories))).all():
            raise ValueError(f"variable {variable.name!r} has a code without a category")
        try:
            packed["categories"] = _gzip(json.dumps(categories, ensure_ascii=False).encode())
        except UnicodeEncodeError:
            raise ValueError(f"variable {variable.name!r} holds half a character; allowed: text") from None
        resolution = 1
    elif values.dtype.kind not in "biuf":
        raise ValueError(f"variable {variable.name!r} is of dtype {values.dtype}; allowed: numbers, strings")
    elif np.isinf(values).any():
        raise ValueError(f"variable {variable.name!r} holds infinity; allowed: finite numbers, NaN")
    if resolution is None:
        if np.abs(values).max(initial=0, where=~np.isnan(values)) > np.finfo("f4").max:
            raise ValueError(f"variable {variable.name!r} holds numbers beyond 32 bits; give it in log10")
        floats = _gzip(values.astype("<f4").tobytes())
        return packed | {"resolution": None, "is_flat": False, "values": floats}
    packed["resolution"] = resolution = _above_0(f"resolution of {variable.name!r}", resolution)
    is_flat, integers = _integers(variable.name, values, resolution)
    return packed | {"is_flat": is_flat, "values": _gzip(integers)}


def _above_0(name: str, given: object) -> float:
    try:
        number = float(given)
    except (OverflowError, TypeError, ValueError):
        number = np.nan
    if not 0 < number < np.inf:
        raise refuse(name, given, "above 0")
    return number


def _integers(name, values: np.ndarray, resolution: float) -> tuple[bool, bytes]:
    multiples = np.asarray(values.astype(float) / resolution)
    np.rint(multiples, out=multiples)
    ends = [end.reduce(multiples, axis=None, initial=0) for end in (np.fmin, np.fmax)]  # of all but NaN
    if max(map(abs, ends)) > -MISSING - 1:
        raise ValueError(
            f"variable {name!r} has values beyond {-MISSING - 1} times its resolution {resolution}"
        )
    multiples[np.isnan(multiples)] = MISSING
    integers = multiples.astype("<i2")
    steps = np.diff(integers.ravel(), prepend=np.int16(0))  # wraps around, and so does their sum
    is_flat = False
    if integers.ndim > 1 and integers.size:
        across = np.diff(integers, axis=-1, prepend=integers.dtype.type(0))
        both = np.diff(across, axis=-2, prepend=integers.dtype.type(0)).ravel()
        is_flat = bool(_bits(both) < _bits(steps))
        steps = both if is_flat else steps
    interleaved = ((steps << 1) ^ (steps >> 15)).astype("<u2")
    return is_flat, interleaved.view("u1").reshape(-1, 2).T.tobytes()


def _bits(steps: np.ndarray) -> float:
    """Estimate how much is left to be said: the mean number of digits, in base 2."""
    sample = steps[:: steps.size // 2**16 | 1]  # all, unless they are more than that twice
    return np.log2(1 + np.abs(sample, dtype="f4")).mean()


def unpack(packed: dict) -> np.ndarray:
    """Undo `pack`, as the browser does; numbers come back to within half their resolution."""
    raw = np.frombuffer(gzip.decompress(packed["values"]), "u1")
    if packed["resolution"] is None:
        return raw.view("<f4").reshape(packed["shape"])
    interleaved = np.ascontiguousarray(raw.reshape(2, -1).T).view("<u2").ravel()
    steps = (interleaved >> 1).astype("i2") ^ -(interleaved & 1).astype("i2")
    if packed["is_flat"]:
        integers = steps.reshape(packed["shape"]).cumsum(-2, dtype="i2").cumsum(-1, dtype="i2")
    else:
        integers = np.cumsum(steps, dtype="i2").reshape(packed["shape"])
    if packed["categories"] is not None:
        return np.array(json.loads(gzip.decompress(packed["categories"])))[integers]
    return np.where(integers == MISSING, np.nan, integers * packed["resolution"])


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 8, mtime=0)
