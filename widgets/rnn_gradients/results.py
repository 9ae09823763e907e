"""What was trained, in one file: small, readable without torch, and with the command that made it."""

import json
import pathlib
from collections.abc import Mapping

import numpy as np
import xarray as xr

from .engine import checks
from .files import destination, replacing

__all__ = ["RESULTS", "STARTS", "load_results", "save_results"]

RESULTS = pathlib.Path(__file__).with_name("results.npz")
"""The finished runs that come with the package; made by ``make results``."""
STARTS = RESULTS.with_name("starts.npz")
"""Matrices with which networks start; made by ``python -m rnn_gradients.training.make_starts``."""
GAP = -(2**15)
"""Stands for NaN among 16-bit integers."""
MOST_DIGITS = 4000
"""Of an integer; Python reads no more than 4,300."""


def save_results(path, groups: Mapping[str, xr.Dataset], **about: str) -> None:
    """Write datasets into one compressed file of numpy's.

    Numbers with an attribute ``resolution`` are kept as 16-bit multiples of it, and come back as float64. All
    else comes back as it was. A file of this name is replaced once the new one is whole; until then it stays.

    Parameters
    ----------
    path : path-like
    groups : dict of xarray.Dataset
    **about
        How they came to be: added to the attributes of each dataset, in place of those of the same name.

    Raises
    ------
    ValueError
        If a value, name, index or attribute is of a kind that the file cannot keep, a resolution does
        not fit, or no file can be at `path`.
    TypeError
        If the groups are no dict of datasets, or `path` is no path.
    """
    if not isinstance(groups, Mapping):
        raise TypeError(f"groups is {groups!r}; allowed: a dict of xarray.Dataset")
    path = destination(path)
    header, arrays = {"about": about, "attrs": {}, "groups": {}}, {}
    for group, data in groups.items():
        if not isinstance(data, xr.Dataset):
            raise TypeError(f"groups[{group!r}] is {data!r}; allowed: xarray.Dataset")
        header["attrs"][group] = data.attrs
        header["groups"][group] = {
            name: _describe(name, variable, arrays)
            | {"coordinate": name in data.coords, "index": _is_index(name, data)}
            for name, variable in data.variables.items()
        }
    written = json.dumps({key: _tagged(key, value) for key, value in header.items()})
    with replacing(path) as part, open(part, "xb") as file:  # given a name, numpy would append to it
        np.savez_compressed(file, header=written, **arrays)


def load_results(path=RESULTS) -> dict[str, xr.Dataset]:
    """Read what `save_results` wrote.

    Parameters
    ----------
    path : path-like
        By default the runs that come with the package.

    Returns
    -------
    dict of xarray.Dataset
        Of the package's own runs: ``temporal-order``, ``sunspots``, ``sines`` and ``parity``, of notebook
        02, and ``optimizers`` and ``smaller-rates``, of notebook 05. Each has, along ``clip``, ``seed`` and
        what else differs, the learning curves ``error``, ``hidden`` and ``output`` (see `training.curves`),
        ``test_accuracy``, and for some tasks ``solved``. In ``optimizers``, ``hidden_above`` and
        ``output_above`` count the updates in which a gradient, before clipping, was longer than 10 to the
        power of ``level``, and ``hidden_average`` and ``output_average`` are log10 of the average norm.

    Raises
    ------
    ValueError
        If the file is another, or damaged.
    """
    with open(path, "rb") as file:
        try:
            return _read(file)
        except (
            Exception
        ) as error:  # numpy, zipfile, zlib and json each have their own for what is no such file
            raise ValueError(
                f"path is {str(path)!r}; allowed: a whole file that save_results wrote"
            ) from error


def _read(file) -> dict[str, xr.Dataset]:
    groups = {}
    with np.load(file) as arrays:
        header = {key: _untagged(value) for key, value in json.loads(str(arrays["header"])).items()}
        for group, variables in header["groups"].items():
            attrs = header.get("attrs", {}).get(group, {}) | header["about"]
            read = {
                name: xr.Variable(about["dims"], _values(f"{group}/{name}", about, arrays), about["attrs"])
                for name, about in variables.items()
            }
            coordinates = [name for name, about in variables.items() if about["coordinate"]]
            without = [name for name, about in variables.items() if about.get("index") is False]
            data = xr.Dataset(read, attrs=attrs).set_coords(coordinates)
            groups[group] = data.drop_indexes(without, errors="ignore")
    return groups


def _describe(name, variable: xr.Variable, arrays: dict) -> dict:
    """Say what a variable is; its numbers go into `arrays`."""
    if not isinstance(variable.dtype, np.dtype):
        raise ValueError(f"{name!r} is of dtype {variable.dtype}; allowed: those of numpy")
    about, values = {"dims": variable.dims, "attrs": variable.attrs}, variable.values
    if "resolution" in variable.attrs:
        values = _to_integers(name, values, variable.attrs["resolution"])
    if values.dtype.kind in "OT":  # numpy would keep these as pickles, which are not safe to read
        return about | {"objects": values.astype(object).ravel().tolist(), "shape": values.shape}
    if values.dtype.hasobject:
        raise ValueError(f"{name!r} is of dtype {values.dtype}; allowed: one without objects")
    key = str(len(arrays))  # not its name: any is allowed, and zip files do not keep every name
    arrays[key] = values
    return about | {"array": key}


def _is_index(name, data: xr.Dataset) -> bool:
    """Tell whether a variable is an index, of the one kind that the file keeps."""
    index = data.xindexes.get(name)
    if index is not None and not (type(index) is xr.indexes.PandasIndex and name in data.dims):
        raise ValueError(
            f"{name!r} has a {type(index).__name__}; allowed: one index of each dimension's name"
        )
    return index is not None


def _values(name: str, about: dict, arrays) -> np.ndarray:
    """Undo `_describe`; the first files named each array after its group and variable."""
    if "objects" in about:
        return np.fromiter(about["objects"], object, len(about["objects"])).reshape(about["shape"])
    values = arrays[about.get("array", name)]
    if "resolution" not in about["attrs"]:
        return values
    return np.where(values == GAP, np.nan, values * float(about["attrs"]["resolution"]))


def _to_integers(name, values: np.ndarray, resolution) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name!r} is of dtype {values.dtype}; allowed with a resolution: numbers")
    resolution = checks.number(f"{name!r}: resolution", resolution, positive=True)
    with np.errstate(over="ignore"):
        multiples = np.asarray(np.rint(values / resolution))
    if np.abs(multiples).max(initial=0, where=~np.isnan(multiples)) >= -GAP:
        raise ValueError(f"{name!r}: resolution is {resolution}; allowed: one that fits 16 bits")
    return np.where(np.isnan(multiples), GAP, multiples).astype("<i2")


def _tagged(name: str, value: object, depth: int = 0) -> object:
    """Bring a value into JSON from which it comes back as it is: tuples and dicts are marked as such."""
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        value = value.item()
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise checks.refuse(name, value, f"integers of at most {MOST_DIGITS:,} digits")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if depth == checks.DEEPEST:
        raise ValueError(f"{name[:60]}... is nested too deep, or holds itself; allowed: {depth} levels")
    if isinstance(value, list | tuple):
        items = [_tagged(f"{name}[{i}]", each, depth + 1) for i, each in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, Mapping):
        pairs = ((key, each, f"{name}[{checks.shown(key)}]") for key, each in value.items())
        return {
            "dict": [
                [_tagged(f"key of {name}", key, depth + 1), _tagged(where, each, depth + 1)]
                for key, each, where in pairs
            ]
        }
    allowed = "None, truth values, real numbers and strings, and lists, tuples and dicts of these"
    raise checks.refuse(name, value, allowed)


def _untagged(value: object) -> object:
    match value:
        case list():
            return [_untagged(each) for each in value]
        case {"tuple": list(items)}:
            return tuple(_untagged(items))
        case {"dict": list(items)}:
            return dict(_untagged(items))
        case _:
            return value
