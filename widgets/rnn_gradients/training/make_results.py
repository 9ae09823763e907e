"""Train all that notebooks 02 and 05 show: ``python -m rnn_gradients.training.make_results``.

The jobs run through joblib, on as many processes as there are processors. They run elsewhere inside
``joblib.parallel_config``: see `compute`.
"""

import argparse
import datetime
import importlib.metadata
import platform
from collections.abc import Mapping, Sequence

import joblib
import numpy as np
import torch
import xarray as xr

from ..results import RESULTS, load_results, save_results
from .runs import curves, train
from .tasks import Forecast, Parity

__all__ = ["PLAN", "compute", "main"]

SEEDS_A_JOB = 5
CASES = {
    "squared error": {},
    "squared error, outliers": {"outliers": 0.02},
    "squared error, unscaled": {"scale": 40.0},
    "learned spread": {"likelihood": "gaussian"},
    "learned spread, outliers": {"likelihood": "gaussian", "outliers": 0.02},
}
SMALL_LSTM = {"cell": "lstm", "length": 30, "hidden_size": 32, "batch_size": 16, "learning_rate": 0.05}
NPFL138 = {
    "task": Parity(symbols=30, training_set=10_000),
    "cell": "lstm",
    "length": 50,
    "hidden_size": 30,
    "readout": 75,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "batch_size": 16,
    "steps": 5 * 10_000 // 16,
    "eigenvalue": 1.0,
}
COUNTED_AT = np.linspace(-2, 4, 61).round(1)
"""Log10 of the norms for which it is counted how many updates had a longer gradient."""
COUNTED = ("optimizers",)
"""The groups in which that is done."""
# group: (how many seeds, and one setting of `train` for each position along the group's own dimensions)
PLAN = {
    "temporal-order": (
        20,
        {
            (("length", length), ("threshold", threshold)): {
                "task": "temporal-order",
                "length": length,
                "threshold": threshold,
                "steps": 3000,
            }
            for length in (10, 15, 20, 25, 30, 40, 50, 60, 80, 100)
            for threshold in (0.1, 1.0, 10.0)
        },
    ),
    **{
        series: (
            10,
            {
                (("case", case),): SMALL_LSTM | {"task": Forecast(series, **options), "steps": 3000}
                for case, options in CASES.items()
            },
        )
        for series in ("sunspots", "sines")
    },
    "parity": (10, {(): NPFL138}),
    "optimizers": (
        10,
        {
            (("optimizer", optimizer), ("length", length)): {
                "task": "temporal-order",
                "optimizer": optimizer,
                "learning_rate": rate,
                "length": length,
                "threshold": 1.0,
                "steps": 3000,
            }
            for optimizer, rate in {"sgd": 0.1, "adam": 0.001}.items()  # Adam's is torch's default
            for length in (20, 40, 60)
        },
    ),
    "smaller-rates": (
        10,
        {
            (("rate", rate),): {
                "task": "temporal-order",
                "learning_rate": rate,
                "length": 60,
                "clip": "none",
                "steps": 3000,
            }
            for rate in (0.03, 0.01, 0.003)
        },
    ),
}


def compute(plan: Mapping = PLAN, verbose: int = 0) -> dict[str, xr.Dataset]:
    """Train all that is planned.

    Parameters
    ----------
    plan : dict
        ``{group: (seeds, {((dimension, coordinate), ...): settings of train})}``.
    verbose : int
        Of ``joblib.Parallel``.

    Returns
    -------
    dict of xarray.Dataset

    Raises
    ------
    ValueError
        If a group has settings that differ in their number of updates.

    Examples
    --------
    On a Dask cluster:

    >>> client = distributed.Client("tcp://scheduler:8786")
    >>> with joblib.parallel_config(backend="dask"):
    ...     groups = compute()
    """
    for group, (_, positions) in plan.items():
        steps = {settings["steps"] for settings in positions.values()}
        if len(steps) > 1:  # better now than when all is trained
            raise ValueError(f"steps in {group!r} are {sorted(steps)}; allowed: one number in a group")
    jobs = [
        (group, position, range(first, min(first + SEEDS_A_JOB, count)), settings)
        for group, (count, positions) in plan.items()
        for position, settings in positions.items()
        for first in range(0, count, SEEDS_A_JOB)
    ]
    jobs.sort(key=lambda job: -job[3].get("length", 0))  # the longest first, so that all end together
    found = joblib.Parallel(verbose=verbose)(
        joblib.delayed(_train)(seeds, settings, group in COUNTED) for group, _, seeds, settings in jobs
    )
    groups = {group: [] for group in plan}
    for (group, position, *_), result in zip(jobs, found, strict=True):
        dimensions = [name for name, _ in position]
        groups[group].append(result.assign_coords(dict(position)).expand_dims(dimensions))
    return {group: _combine(parts, plan[group][1]) for group, parts in groups.items()}


def _train(seeds: Sequence[int], settings: Mapping, counted: bool = False) -> xr.Dataset:
    """Train one job's networks, and keep what is drawn; every update's norms, too, if they are `counted`."""
    data = train(**settings, seeds=seeds)
    kept = curves(data, settings["steps"])
    for name in kept:
        kept[name].attrs["resolution"] = 0.01
    for name in ("test_accuracy", "solved", "test_error"):
        if name in data:
            kept[name] = data[name]
    kept["diverged"] = data.diverged.any("step")
    if "absolute_error" in data:
        kept["training_error"] = data.absolute_error.isel(step=slice(-100, None)).median("step", skipna=False)
    if "forecast" in data:
        kept["forecast"] = data.forecast.clip(-3200, 3200).assign_attrs(resolution=0.1)
        kept["observed"] = data.observed.assign_attrs(resolution=0.1)
    if counted:
        kept = kept.assign(_counts(data))
    return kept.drop_vars(["threshold", "learning_rate"], errors="ignore")


def _counts(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Count the updates in which each layer's norm was above each level, and give its average in log10."""
    level, found = xr.DataArray(COUNTED_AT, {"level": COUNTED_AT}, "level"), {}
    for layer in ("hidden", "output"):
        norms = data[f"log10_{layer}_norm"].astype(float)
        found[f"{layer}_above"] = (norms > level).sum("step").astype("u2")
        found[f"{layer}_average"] = np.log10((10**norms).mean("step"))
    return found


def _combine(parts: Sequence[xr.Dataset], positions: Mapping) -> xr.Dataset:
    """Put a group together, in the order of its plan."""
    with xr.set_options(keep_attrs=True, use_new_combine_kwarg_defaults=True):
        combined = xr.combine_by_coords(parts, combine_attrs="override")
    order = {name: [] for position in positions for name, _ in position}
    for position in positions:
        for name, coordinate in position:
            if coordinate not in order[name]:
                order[name].append(coordinate)
    return combined.sel(order)


def about() -> dict[str, str]:
    """Say when, by which command and with which versions results are made."""
    return {
        "command": "python -m rnn_gradients.training.make_results",
        "date": datetime.date.today().isoformat(),
        "rnn-gradients": importlib.metadata.version("rnn-gradients"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def main() -> None:
    """Train all, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default=RESULTS, help="the file to write")
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one for each processor")
    parser.add_argument("--only", nargs="+", choices=PLAN, help="groups to train again; others are kept")
    arguments = parser.parse_args()
    kept = load_results(arguments.output) if arguments.only else {}
    plan = {group: PLAN[group] for group in arguments.only or PLAN}
    with joblib.parallel_config(n_jobs=arguments.jobs):
        made = compute(plan, verbose=10)
    found = kept | {group: data.assign_attrs(about()) for group, data in made.items()}
    save_results(arguments.output, {group: found[group] for group in PLAN})  # what is kept keeps its date


if __name__ == "__main__":
    main()
