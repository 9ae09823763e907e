"""Under SGD and under Adam: by which rules networks learned, and how many of their updates were cut."""

from functools import cache, partial

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...results import load_results
from ..panels import Mark, Panel
from ..rules import RULE_NAMES, RULE_STYLES, by_rule
from ..style import GREY, ROW_AXIS, VERMILLION, amount
from ..values import in_words
from .tight import AXIS, BOUNDS, CLIPPED, FORWARD, PICKS, TRIED

__all__ = ["longer", "under"]

TRAINED_BY = {"sgd": "SGD", "adam": "Adam"}
DASHES = {"sgd": "dash", "adam": "solid"}
NETWORKS = 10
"""To each rule, and the length of a whole bar."""
THRESHOLD = 1.0
"""At which all these networks are clipped."""


@cache
def _runs(optimizer: str) -> xr.Dataset:
    """The finished runs under an optimizer, along ``tried``, their lengths; both had the same seeds."""
    return load_results()["optimizers"].sel(optimizer=optimizer, drop=True).rename(length="tried")


def _reach() -> dict:
    return {"tried": tuple(_runs("sgd").tried.values.tolist())}  # as under Adam


def _at_all_lengths(values: xr.DataArray) -> xr.DataArray:
    """Fill up, with nothing, the lengths of other runs, at which these panels are not shown."""
    return values.reindex(tried=TRIED, fill_value="" if values.dtype.kind == "U" else np.nan)


def under(optimizer: str) -> Panel:
    """Show of how many networks each rule let learn the task."""
    name = TRAINED_BY[optimizer]
    bars = go.Bar(
        name=f"learned under {name}",
        orientation="h",
        width=0.4,
        marker={"color": [RULE_STYLES[rule][0] for rule in RULE_NAMES]},
        texttemplate="<b>%{x}</b>",
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        hovertemplate=f"%{{x}} of {NETWORKS}<extra></extra>",
    )
    words = {"x": 0, "xanchor": "left", "yanchor": "middle", "font": {"size": 12}}
    return Panel(
        f"Under {name}, by what is clipped",
        (Mark(bars, {"x": f"{optimizer}_learned", "y": "rule_row"}, along="ruled", reveal=FORWARD),),
        x={"range": [0, NETWORKS + 1.2], "dtick": 5}
        | {"title": {"text": f"networks of {NETWORKS} that learned it", "standoff": 4}},
        y={"range": [len(RULE_NAMES) - 0.55, -0.65], **ROW_AXIS},
        width=200,
        height=230,
        data=partial(_learned_data, optimizer),
        words=(f"says_{optimizer}",),
        picks=PICKS,
        reach=_reach(),
        legend=False,
        waits=True,
        notes=tuple(words | {"text": said, "y": row - 0.36} for row, said in enumerate(RULE_NAMES.values())),
    )


def _learned_data(optimizer: str, table: xr.Dataset) -> dict[str, xr.DataArray]:
    solved = _runs(optimizer).solved.sel(clip=list(RULE_NAMES), drop=True).sum("seed")
    learned = solved.rename(clip="ruled").drop_vars("ruled")
    name = TRAINED_BY[optimizer]

    def say(*counts):
        told = {rule: f"{count:.0f}" for rule, count in zip(RULE_NAMES, counts, strict=True)}
        return f"Learned under {name}, of {NETWORKS}: {by_rule(told)}."

    words = in_words(say, *(learned.isel(ruled=k) for k in range(len(RULE_NAMES))))
    return {
        f"{optimizer}_learned": _at_all_lengths(learned),
        "rule_row": xr.DataArray(np.arange(len(RULE_NAMES)), dims="ruled"),
        f"says_{optimizer}": _at_all_lengths(words),
    }


def longer() -> Panel:
    """Show how many updates had a hidden layer's gradient longer than a threshold, under either."""
    marks = []
    for optimizer, dash in DASHES.items():
        curve = go.Scatter(
            name=f"under {TRAINED_BY[optimizer]}",
            mode="lines",
            line={"color": VERMILLION, "width": 3, "dash": dash},
            hovertemplate="%{y:.1f} %<extra></extra>",
        )
        shown = {"x": "level_place", "y": f"{optimizer}_longer"}
        marks.append(Mark(curve, shown, along="bound", reveal=FORWARD))
    here = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "domain"}
    return Panel(
        "Updates with a longer gradient",
        tuple(marks),
        x=AXIS,
        y={"range": [-5, 105], "dtick": 25, "ticksuffix": " %", "title": {"text": "share", "standoff": 2}},
        width=240,
        height=230,
        data=_longer_data,
        words=("says_longer",),
        picks=PICKS,
        reach=_reach(),
        waits=True,
        shapes=({**here, "line": {"color": GREY, "width": 9}, "opacity": 0.25},),
    )


def _longer_data(table: xr.Dataset) -> dict[str, xr.DataArray]:
    at = np.abs(BOUNDS - np.log10(THRESHOLD)).argmin()
    longer, told = {}, []
    for optimizer in TRAINED_BY:
        runs = _runs(optimizer).sel(clip=CLIPPED, drop=True)
        above = runs.hidden_above.rename(level="bound").drop_vars("bound").sum("seed")
        share = 100 * above / (runs.sizes["seed"] * int(runs["update"][-1]))
        longer[f"{optimizer}_longer"] = _at_all_lengths(share).assign_attrs(resolution=0.05)
        average = np.log10((10**runs.hidden_average).mean("seed"))
        largest = np.log10((10**runs.hidden).mean(("seed", "update")))
        told += [share.isel(bound=at), average, largest]

    def say(sgd, sgd_average, sgd_largest, adam, average, largest):
        return (
            f"With the hidden layer alone clipped at {THRESHOLD:g}, something was cut in {_percent(sgd)} of "
            f"the updates under SGD, and in {_percent(adam)} under Adam. Norms were {amount(sgd_average)} "
            f"and {amount(average)} on average; the largest of each 60 updates, {amount(sgd_largest)} and "
            f"{amount(largest)}."
        )

    return longer | {
        "level_place": xr.DataArray(BOUNDS, dims="bound"),
        "says_longer": _at_all_lengths(in_words(say, *told)),
    }


def _percent(share: float) -> str:
    return f"{share:.2g} %" if share < 10 else f"{share:.0f} %"
