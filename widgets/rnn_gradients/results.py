"""What was trained, in one file: small, readable without torch, and with the command that made it."""

import json
import pathlib
from collections.abc import Mapping

import numpy as np
import xarray as xr

from .lookup.table import MISSING

__all__ = ["RESULTS", "load_results", "save_results"]

RESULTS = pathlib.Path(__file__).with_name("results.npz")
"""The finished runs that come with the package; made by ``make results``."""


def save_results(path, groups: Mapping[str, xr.Dataset], **about: str) -> None:
    """Write datasets into one compressed file of numpy's.

    Numbers with an attribute ``resolution`` are kept as 16-bit multiples of it.

    Parameters
    ----------
    path : path-like
    groups : dict of xarray.Dataset
    **about
        How they came to be; the attributes of each dataset when it is read, in place of its own.
    """
    header, arrays = {"about": about, "groups": {}}, {}
    for group, data in groups.items():
        header["groups"][group] = {
            name: {"dims": variable.dims, "attrs": variable.attrs, "coordinate": name in data.coords}
            for name, variable in data.variables.items()
        }
        for name, variable in data.variables.items():
            arrays[f"{group}/{name}"] = _to_integers(variable)
    with open(path, "wb") as file:  # given a name, numpy would append to it
        np.savez_compressed(file, header=json.dumps(header), **arrays)


def load_results(path=RESULTS) -> dict[str, xr.Dataset]:
    """Read what `save_results` wrote.

    Parameters
    ----------
    path : path-like
        By default the runs that come with the package.

    Returns
    -------
    dict of xarray.Dataset
    """
    groups = {}
    with np.load(path) as arrays:
        header = json.loads(str(arrays["header"]))
        for group, variables in header["groups"].items():
            data = xr.Dataset(attrs=header["about"])
            for name, about in variables.items():
                values = _from_integers(arrays[f"{group}/{name}"], about["attrs"])
                data[name] = (about["dims"], values, about["attrs"])
            groups[group] = data.set_coords(
                [name for name, about in variables.items() if about["coordinate"]]
            )
    return groups


def _to_integers(variable: xr.Variable) -> np.ndarray:
    if "resolution" not in variable.attrs:
        return variable.values
    multiples = np.rint(variable.values / variable.attrs["resolution"])
    if np.nanmax(np.abs(multiples), initial=0) >= -MISSING:
        raise ValueError(f"resolution is {variable.attrs['resolution']}; allowed: one that fits 16 bits")
    return np.where(np.isnan(multiples), MISSING, multiples).astype("<i2")


def _from_integers(values, attrs):
    if "resolution" not in attrs:
        return values
    return np.where(values == MISSING, np.nan, values * attrs["resolution"])
