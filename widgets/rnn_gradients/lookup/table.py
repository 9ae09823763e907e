"""An xarray.Dataset in the form in which it travels to the browser."""

import gzip
import json

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["MISSING", "pack", "unpack"]

MISSING = -(2**15)
"""Stands for NaN among 16-bit integers."""


def pack(variable: xr.DataArray) -> dict:
    """Describe a variable, with its values as gzipped bytes.

    Numbers whose attribute ``resolution`` is set travel as 16-bit multiples of it; strings, and codes whose
    attribute ``categories`` lists the strings they stand for, as 16-bit codes; other numbers as 32-bit
    floats. Integers travel as the differences along the last
    dimension, interleaved by sign (0, -1, 1, -2 .. as 0, 1, 2, 3 ..), all low bytes before all high ones:
    a third of the size of the plain values, where neighbours are alike. So the last dimension is best the
    smoothest.

    Parameters
    ----------
    variable : xarray.DataArray
        Numbers, truth values or strings.

    Returns
    -------
    dict
        ``dims``, ``shape``, ``resolution`` (None for floats), ``categories`` (gzipped JSON; None for
        numbers) and ``values`` (gzipped).

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
    if categories is not None:
        if not all(isinstance(category, str) for category in categories):
            raise ValueError(f"variable {variable.name!r} holds objects; allowed: strings, numbers")
        if not np.isin(values, np.arange(len(categories))).all():
            raise ValueError(f"variable {variable.name!r} has a code without a category")
        packed["categories"] = _gzip(json.dumps(list(categories), ensure_ascii=False).encode())
        resolution = 1
    elif values.dtype.kind not in "biuf":
        raise ValueError(f"variable {variable.name!r} is of dtype {values.dtype}; allowed: numbers, strings")
    elif np.isinf(values).any():
        raise ValueError(f"variable {variable.name!r} holds infinity; allowed: finite numbers, NaN")
    if resolution is None:
        if np.abs(values).max(initial=0, where=~np.isnan(values)) > np.finfo("f4").max:
            raise ValueError(f"variable {variable.name!r} holds numbers beyond 32 bits; give it in log10")
        return packed | {"resolution": None, "values": _gzip(values.astype("<f4").tobytes())}
    packed["resolution"] = resolution = float(resolution)
    if not 0 < resolution < np.inf:
        raise ValueError(f"resolution of {variable.name!r} is {resolution}; allowed: above 0")
    return packed | {"values": _gzip(_integers(variable.name, values, resolution))}


def _integers(name, values: np.ndarray, resolution: float) -> bytes:
    multiples = np.asarray(np.rint(values.astype(float) / resolution))
    if np.abs(multiples).max(initial=0, where=~np.isnan(multiples)) > -MISSING - 1:
        raise ValueError(
            f"variable {name!r} has values beyond {-MISSING - 1} times its resolution {resolution}"
        )
    flat = np.where(np.isnan(multiples), MISSING, multiples).astype("<i2").ravel()
    steps = np.diff(flat, prepend=np.int16(0))  # wraps around, and so does their sum
    interleaved = ((steps << 1) ^ (steps >> 15)).astype("<u2")
    return interleaved.view("u1").reshape(-1, 2).T.tobytes()


def unpack(packed: dict) -> np.ndarray:
    """Undo `pack`, as the browser does; numbers come back to within half their resolution."""
    raw = np.frombuffer(gzip.decompress(packed["values"]), "u1")
    if packed["resolution"] is None:
        return raw.view("<f4").reshape(packed["shape"])
    interleaved = np.ascontiguousarray(raw.reshape(2, -1).T).view("<u2").ravel()
    steps = (interleaved >> 1).astype("i2") ^ -(interleaved & 1).astype("i2")
    flat = np.cumsum(steps, dtype="i2")
    if packed["categories"] is not None:
        return np.array(json.loads(gzip.decompress(packed["categories"])))[flat].reshape(packed["shape"])
    return np.where(flat == MISSING, np.nan, flat * packed["resolution"]).reshape(packed["shape"])


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 8, mtime=0)
