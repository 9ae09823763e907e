"""Explore finished runs: who solves the task, who forecasts well, and how they got there."""

from functools import cache

import ipywidgets
import numpy as np
import xarray as xr

from ..figures import NARROW, RULE_NAMES, across, by_rule, forecast_figure, success_figure
from ..lookup import LookupFigure
from ..results import load_results
from .explorer import Explorer, assemble, choice

__all__ = ["COLUMNS", "COLUMNS_ALONG", "column_table", "explore_forecasts", "explore_training", "wilson"]

COLUMNS = {
    ("error, each network", "x"): "networks_x",
    ("error, each network", "y"): "networks",
    ("error, median", "x"): "columns_x",
    ("error, median", "y"): "error_median",
    ("error, median", "text"): "columns_update",
    ("threshold", "x"): "columns_x",
    ("threshold", "y"): "threshold_log10",
    **{
        (f"{layer} layer{what}", attribute): variable
        for layer in ("hidden", "output")
        for what, attribute, variable in (
            ("", "x", "columns_x"),
            ("", "y", f"{layer}_median"),
            ("", "text", "columns_update"),
            (", largest", "x", "columns_x"),
            (", largest", "y", f"{layer}_largest"),
        )
    },
}
"""What the columns of a training figure show, of a `column_table`."""
COLUMNS_ALONG = {
    "error, each network": "network_point",
    **dict.fromkeys(("error, median", "threshold"), "column_point"),
    **{
        f"{layer} layer{what}": "column_point" for layer in ("hidden", "output") for what in ("", ", largest")
    },
}


def column_table(curves: xr.Dataset, steps: int, threshold: xr.DataArray) -> xr.Dataset:
    """Bring learning curves into the form in which the columns of a training figure are drawn.

    Parameters
    ----------
    curves : xarray.Dataset
        Along clip, seed, update and perhaps more: ``error``, ``hidden``, ``output`` (see `training.curves`).
    steps : int
        Updates from end to end.
    threshold : xarray.DataArray
        Of clipping; along any of the further dimensions.

    Returns
    -------
    xarray.Dataset
        Along ``network_point`` or ``column_point``: one curve after the other, each followed by a gap.
    """
    places = across(curves["update"].values, steps, curves.sizes["clip"])
    x = xr.DataArray(places, dims=("clip", "update"))
    table = xr.Dataset(
        {
            "columns_x": _strung(x, "column_point", "clip"),
            "columns_update": _strung(0 * x + curves["update"].values, "column_point", "clip"),
            "networks_x": _strung(x.expand_dims(seed=curves.sizes["seed"]), "network_point", "clip", "seed"),
        }
    )
    curved = {"networks": _strung(curves["error"], "network_point", "clip", "seed")}
    median = {name: curves[name].median("seed", skipna=False) for name in ("error", "hidden", "output")}
    curved |= {f"{name}_median": _strung(values, "column_point", "clip") for name, values in median.items()}
    for layer in ("hidden", "output"):
        largest = curves[layer].max("seed", skipna=False)
        curved[f"{layer}_largest"] = _strung(largest, "column_point", "clip")
    for name, values in curved.items():
        table[name] = values.assign_attrs(resolution=0.01)
    table["threshold_log10"] = np.log10(threshold) + 0 * table["columns_x"]
    return table


def _strung(curves: xr.DataArray, dimension: str, *kinds: str) -> xr.DataArray:
    """String curves along ``update`` together along one dimension, the last of all, with a gap after each."""
    others = [dim for dim in curves.dims if dim not in (*kinds, "update")]
    values = curves.transpose(*others, *kinds, "update").values
    gaps = np.full((*values.shape[:-1], 1), np.nan)
    values = np.concatenate([values, gaps], axis=-1).reshape(*values.shape[: len(others)], -1)
    return xr.DataArray(values, {dim: curves[dim] for dim in others}, (*others, dimension))


def _dots(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Set the networks of each rule side by side: values and places along the dimension ``dot``."""
    places = np.arange(values.sizes["clip"])[:, None] + np.linspace(-0.3, 0.3, values.sizes["seed"])
    dots = values.stack(dot=("clip", "seed"), create_index=False).drop_vars(["clip", "seed"]).drop_attrs()
    return dots, xr.DataArray(places.ravel(), dims="dot")


def explore_forecasts(case: str = "squared error", clip: str = "hidden") -> Explorer:
    """Explore how well LSTMs forecast sunspots: with which loss, on which data, what being clipped.

    Parameters
    ----------
    case : str
        ``"squared error"``, ``"squared error, outliers"``, ``"squared error, unscaled"``, ``"learned
        spread"`` or ``"learned spread, outliers"``.
    clip : {"none", "hidden", "output", "both", "joint"}
        Whose forecasts are drawn.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a control has no such position.
    """
    table, rules, steps = _forecast_table()
    show = COLUMNS | {
        ("lowest forecast", "y"): "lowest",
        ("all networks", "y"): "highest",
        ("median forecast", "y"): "middle",
        ("observed", "y"): "observed",
        ("each network", "x"): "dots_x",
        ("each network", "y"): "dots",
        ("this month's number again", "y"): "naive",
    }
    series = ("lowest forecast", "all networks", "median forecast", "observed")
    along = (
        COLUMNS_ALONG
        | dict.fromkeys(series, "month")
        | {"each network": "dot", "this month's number again": "end"}
    )
    figure = LookupFigure(
        forecast_figure(rules, steps),
        table,
        show,
        along=along,
        start={"case": case, "clip": clip},
        caption=["sentence"],
        edges=("error, median", "hidden layer, largest", "output layer, largest", "each network"),
        narrow=NARROW,
    )
    controls = {
        "case": choice(ipywidgets.Dropdown, figure, "case", "Loss and data", 330),
        "clip": choice(ipywidgets.Dropdown, figure, "clip", "Forecasts of networks clipped", 330, RULE_NAMES),
    }
    return assemble(figure, controls, [("case", "clip")], explore_forecasts, prefix="forecasts.")


@cache
def _forecast_table() -> tuple[xr.Dataset, list[str], int]:
    runs = load_results()["sunspots"]
    rules, steps = runs["clip"].values.tolist(), int(runs["update"][-1])
    table = column_table(runs, steps, xr.DataArray(1.0))
    forecast, observed = runs["forecast"], runs["observed"].isel(case=0)
    # a network that diverged forecasts nothing: it leaves a gap, and counts as infinitely far off
    table["lowest"], table["highest"] = forecast.min("seed", skipna=False), forecast.max("seed", skipna=False)
    table["middle"], table["observed"] = forecast.median("seed", skipna=False), observed
    for name in ("lowest", "highest", "middle", "observed"):
        table[name].attrs["resolution"] = 0.1
    errors = np.abs(forecast - observed).median("month", skipna=False).fillna(np.inf)
    table["dots"], table["dots_x"] = _dots(np.log10(errors).clip(max=38.5))
    naive = float(np.abs(observed.diff("month")).median())
    table["naive"] = ("end", [np.log10(naive)] * 2)
    medians, months = errors.median("seed"), runs.sizes["month"]
    table["sentence"] = (
        "case",
        [
            f"Median error over {months} months not trained on, and {runs.sizes['seed']} networks: "
            + by_rule({rule: f"{float(medians.sel(case=case, clip=rule)):.1f}" for rule in rules})
            + f" sunspots. To say this month's number again: {naive:.1f}."
            for case in runs["case"].values
        ],
    )
    return table, rules, steps


def wilson(successes: np.ndarray, trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the 95 % confidence interval of a rate (Wilson, *JASA* 22, 1927).

    Parameters
    ----------
    successes : array of int
    trials : int

    Returns
    -------
    low, high : arrays
    """
    z, rate = 1.959964, np.asarray(successes) / trials
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    return middle - half, middle + half


def explore_training(length: int = 50, threshold: float = 1.0) -> Explorer:
    """Explore finished runs of the temporal order task: what is clipped, how long the sequences are, where.

    Parameters
    ----------
    length : int
        Steps of a sequence; see the slider for those that were tried.
    threshold : float
        Of clipping; likewise.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a control has no such position.
    """
    table, rules, steps = _success_table()
    show = COLUMNS | {("each network", "x"): "dots_x", ("each network", "y"): "dots", ("now", "x"): "now"}
    along = COLUMNS_ALONG | {"each network": "dot", "now": "end"}
    for rule in rules:
        name = RULE_NAMES[rule]
        show[name, "x"], show[name, "y"] = f"{rule}_x", f"{rule}_rate"
        show[name, "error_y.array"], show[name, "error_y.arrayminus"] = f"{rule}_above", f"{rule}_below"
        along[name] = "tried"
    figure = LookupFigure(
        success_figure(rules, steps),
        table,
        show,
        along=along,
        start={"length": length, "threshold": threshold},
        caption=["sentence"],
        edges=("error, median", "hidden layer, largest"),
        narrow=NARROW,
    )
    slider = ipywidgets.SelectionSlider
    controls = {
        "length": choice(slider, figure, "length", "Sequence length", 360),
        "threshold": choice(slider, figure, "threshold", "Clip threshold", 270),
    }
    return assemble(figure, controls, [("length", "threshold")], explore_training, prefix="training.")


@cache
def _success_table() -> tuple[xr.Dataset, list[str], int]:
    runs = load_results()["temporal-order"]
    rules, steps = runs["clip"].values.tolist(), int(runs["update"][-1])
    table = column_table(runs, steps, runs["threshold"])
    trials = runs.sizes["seed"]
    solved = runs["solved"].sum("seed").rename(length="tried").drop_vars("tried")
    for place, rule in enumerate(rules):
        low, high = wilson(solved.sel(clip=rule, drop=True), trials)
        rate = solved.sel(clip=rule, drop=True) / trials
        table[f"{rule}_x"] = ("tried", runs["length"].values + 0.5 * (place - (len(rules) - 1) / 2))
        table[f"{rule}_rate"], table[f"{rule}_above"], table[f"{rule}_below"] = rate, high - rate, rate - low
    table["sentence"] = (
        ("tried", "threshold"),
        [
            [
                f"Of {trials} networks, these solve the task: "
                + by_rule({rule: str(int(solved.sel(clip=rule)[i, j])) for rule in rules})
                + "."
                for j in range(solved.sizes["threshold"])
            ]
            for i in range(solved.sizes["tried"])
        ],
    )
    table["sentence"] = table["sentence"].rename(tried="length")
    table["now"] = 1.0 * table["length"] * xr.DataArray([1, 1], dims="end")
    table["dots"], table["dots_x"] = _dots(runs["test_accuracy"])
    return table, rules, steps
