"""Under SGD and under Adam: by which rules networks learned, and how many of their updates were cut."""

from functools import cache, partial

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ...results import load_results
from ..panels import Mark, Panel
from ..rules import RULE_NAMES, RULE_STYLES, by_rule
from ..style import GREY, VERMILLION, amount
from ..values import in_words
from .tight import AXIS, CLIPPED, FORWARD, PICKS, TRIED

__all__ = ["longer", "under"]

OPTIMIZERS = {"sgd": ("SGD", "solid"), "adam": ("Adam", "dash")}
"""Their names, and the dashes of their lines."""
NETWORKS = 10
"""To each rule, and the length of a whole bar."""


@cache
def _runs() -> xr.Dataset:
    """The finished runs, along ``optimizer`` and ``tried``, the length."""
    return load_results()["rules"].rename(length="tried")


def _reach() -> dict:
    return {"tried": tuple(_runs().tried.values.tolist())}


def _at_all_lengths(values: xr.DataArray) -> xr.DataArray:
    """Fill up, with nothing, the lengths of other runs, at which these panels are not shown."""
    return values.reindex(tried=TRIED, fill_value="" if values.dtype.kind == "U" else np.nan)


def under(optimizer: str) -> Panel:
    """Show of how many networks each rule let learn the task."""
    name, _ = OPTIMIZERS[optimizer]
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
        y={"range": [len(RULE_NAMES) - 0.55, -0.65], "showgrid": False, "showticklabels": False, "ticks": ""},
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
    solved = _runs().solved.sel(optimizer=optimizer, clip=list(RULE_NAMES), drop=True).sum("seed")
    learned = solved.rename(clip="ruled").drop_vars("ruled")
    name, _ = OPTIMIZERS[optimizer]

    def say(*counts):
        told = {rule: f"{count:.0f}" for rule, count in zip(RULE_NAMES, counts, strict=True)}
        return f"Under {name}, of {NETWORKS} networks learned the task: {by_rule(told)}."

    words = in_words(say, *(learned.isel(ruled=k) for k in range(len(RULE_NAMES))))
    return {
        f"{optimizer}_learned": _at_all_lengths(learned),
        "rule_row": xr.DataArray(np.arange(len(RULE_NAMES)), dims="ruled"),
        f"says_{optimizer}": _at_all_lengths(words),
    }


def longer() -> Panel:
    """Show how many updates had a gradient of the hidden layer longer than a threshold, every update counted."""
    marks = []
    for optimizer, (name, dash) in OPTIMIZERS.items():
        curve = go.Scatter(
            name=f"under {name}",
            mode="lines",
            line={"color": VERMILLION, "width": 3, "dash": dash},
            hovertemplate="%{y:.1f} % of the updates<extra></extra>",
        )
        show = {"x": "counted_place", "y": f"{optimizer}_longer"}
        marks.append(Mark(curve, show, along="level", reveal=FORWARD))
    here = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "domain"}
    return Panel(
        "Updates with a longer hidden gradient",
        tuple(marks),
        x=AXIS,
        y={"range": [-5, 105], "dtick": 25, "ticksuffix": " %", "title": {"text": "updates", "standoff": 2}},
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
    runs = _runs().sel(clip=CLIPPED, drop=True)
    updates = runs.sizes["seed"] * int(runs["update"][-1])
    share = 100 * runs.hidden_above.sum("seed") / updates
    average = np.log10((10**runs.hidden_average).mean("seed"))

    def say(*found):
        (sgd, adam), (usual, other) = found[:2], found[2:]
        return (
            f"Where the hidden layer alone is clipped, at 1, this cuts {_percent(sgd)} of the updates under "
            f"SGD and {_percent(adam)} under Adam. Before clipping, its gradient is {amount(usual)} long on "
            f"average under SGD, and {amount(other)} under Adam."
        )

    at = [share.sel(level=0.0, drop=True), average]
    words = in_words(say, *(each.sel(optimizer=name, drop=True) for each in at for name in OPTIMIZERS))
    shares = {
        f"{name}_longer": _at_all_lengths(share.sel(optimizer=name, drop=True).drop_vars("level"))
        for name in OPTIMIZERS
    }
    return {name: values.assign_attrs(resolution=0.05) for name, values in shares.items()} | {
        "counted_place": xr.DataArray(runs.level.values, dims="level"),
        "says_longer": _at_all_lengths(words),
    }


def _percent(share: float) -> str:
    return f"{share:.2g} %" if share < 10 else f"{share:.0f} %"
