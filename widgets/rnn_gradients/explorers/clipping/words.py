"""The figure read aloud: short phrases in plain words for every slider position, made from a sweep."""

import numpy as np
import xarray as xr

from ...engine.clipping import joint_norm_log10
from ..style import power_of_ten
from ..values import fact

__all__ = ["FATE", "LAYERS", "add_words"]

STEADY = float(np.log10(2))
"""Growth from the last step to the first, in log10, below which a gradient counts as steady."""
NEAR = 0.02
"""Excess over the threshold, in log10, that counts as just reaching it: 5 %."""


FATE = ("says_fate", "says_growth", "says_state")
"""What becomes of the error on its way back, and of the state on the way there."""
LAYERS = ("says_hidden", "says_output")
"""What clipping does to each layer's gradient."""


def add_words(table: xr.Dataset) -> None:
    """Add the phrases of the sentence to a sweep: the variables of `FATE` and `LAYERS`.

    They hold codes, whose attribute ``categories`` lists the phrases that they stand for.

    Parameters
    ----------
    table : xarray.Dataset
        From `sweep`.
    """
    for name, codes in zip(FATE + LAYERS, _through_time(table) + _layers(table), strict=True):
        table[name] = codes


_FACTORS = [1, 1.1, 1.2, 1.4, 1.7, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 200, 300, 500, 700]
_FACTORS += [first * 10**k for k in (3, 4, 5) for first in (1, 2, 3, 5, 7)]
_ORDERS = range(6, 400)
_LADDER = np.concatenate([np.log10(_FACTORS), _ORDERS])
_WORDS = [f"{x:,g}" if x < 1e3 else f"{x:,}" for x in _FACTORS] + [power_of_ten(k) for k in _ORDERS]


def _through_time(table: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """What becomes of one error, fed in at the last step, and of the state on the way there."""
    gradient = table.gradient.sel(loss_at="last", drop=True)
    first = gradient.isel(step=0, drop=True)
    growth = first - gradient.sel(step=table.length, drop=True)
    steps = table.length - 1
    fates = {"Vanishing": growth <= -STEADY, "Exploding": growth >= STEADY, "Steady": True}
    fate = _say(
        (steps == 0, "One step:"),
        *(
            (condition & (steps == k), f"{word}: over {k} step{'s' * (k > 1)} back")
            for k in steps.values.tolist()
            if k > 0
            for word, condition in fates.items()
        ),
    )
    amount = _say(
        (steps == 0, "nothing is multiplied yet."),
        (first < -300, "the error of the last step falls to nothing."),
        (
            table.chaotic,
            "the error of the last step grows by orders of magnitude; the precision of the arithmetic "
            "decides by how many, for the network is chaotic.",
        ),
        (growth >= STEADY, "the error of the last step grows by a factor of about {}.", growth),
        (growth <= -STEADY, "the error of the last step shrinks by a factor of about {}.", -growth),
        (True, "the error of the last step stays within a factor of 2."),
    )
    unbounded = ~fact("bounded", table.activation)
    grown = table.state.sel(step=table.length, drop=True) - table.state.isel(step=0, drop=True) > 2
    state = _say(
        (unbounded & grown & (growth >= STEADY), "The forward pass explodes too."),
        (unbounded & grown, "The forward pass explodes."),
        (True, ""),
    )
    return fate, amount, state


def _layers(table: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """What clipping does to the hidden layer's gradient, and to the output layer's."""
    threshold = np.log10(table.threshold)
    hidden, output = (layer + table.error_log10 - threshold for layer in (table.hidden, table.output))
    both = joint_norm_log10(hidden, output)  # like the others, above the threshold
    jointly = table.clip_joint & (both > NEAR)
    says_hidden = _say(
        (
            jointly & table.chaotic,
            "Clipping jointly cuts both layers' gradients, by a factor that the precision decides.",
        ),
        (jointly, "Clipping jointly cuts both layers' gradients by a factor of about {}.", both),
        (table.clip_joint, "Together, both layers' gradients stay within the threshold."),
        (hidden <= 0, "The hidden layer's gradient stays below the threshold."),
        (hidden <= NEAR, "The hidden layer's gradient just reaches the threshold."),
        (
            table.clip_hidden & table.chaotic,
            "The hidden layer's gradient is cut to the threshold, by a factor that the precision decides.",
        ),
        (
            table.clip_hidden,
            "The hidden layer's gradient is cut by a factor of about {}, to the threshold.",
            hidden,
        ),
        (
            table.chaotic,
            "The hidden layer's gradient is beyond the threshold, by a factor that the precision decides, "
            "and it is not clipped.",
        ),
        (True, "The hidden layer's gradient is about {} times the threshold, and it is not clipped.", hidden),
    )
    pays = "On its own, the {} layer's would have stayed below the threshold: it pays for the {} layer's."
    says_output = _say(
        (jointly & (output <= 0) & (hidden > 0), pays.format("output", "hidden")),
        (jointly & (hidden <= 0) & (output > 0), pays.format("hidden", "output")),
        (table.clip_joint, ""),
        (output <= 0, "The output layer's stays below the threshold: nothing to clip there."),
        (output <= NEAR, "The output layer's just reaches the threshold."),
        (table.clip_output & table.chaotic, "The output layer's is cut to the threshold."),
        (table.clip_output, "The output layer's is cut to the threshold, by a factor of about {}.", output),
        (table.chaotic, "The output layer's is beyond the threshold, too."),
        (True, "The output layer's is about {} times the threshold.", output),
    )
    return says_hidden, says_output


def _say(*cases: tuple) -> xr.DataArray:
    """The words of the first case that holds, at every position.

    A case is a condition, its words, and the log10 of the factor that is told in place of their ``{}``.
    """
    words, codes = [], xr.DataArray(0)
    for _, text, *factor in cases:
        words += [text.format(word) for word in _WORDS] if factor else [text]
    end = len(words)
    for condition, _, *factor in reversed(cases):
        end -= len(_WORDS) if factor else 1
        code = end + _nearest(factor[0]) if factor else end
        codes = xr.where(condition, code, codes)
    return codes.astype("i2").assign_attrs(categories=words)


def _nearest(log10: xr.DataArray) -> xr.DataArray:
    return log10.copy(data=np.searchsorted((_LADDER[1:] + _LADDER[:-1]) / 2, log10.values).astype("i2"))
