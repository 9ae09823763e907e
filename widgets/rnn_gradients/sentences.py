"""The figure read aloud: short phrases in plain words for every slider position, made from a sweep."""

import numpy as np
import xarray as xr

__all__ = ["add_sentences"]

STEADY = 0.005
"""Growth a step, in log10, below which a gradient counts as steady: about threefold in 100 steps."""


def add_sentences(table: xr.Dataset) -> list[str]:
    """Add the phrases of the sentence to a sweep.

    Parameters
    ----------
    table : xarray.Dataset
        From `sweep`; gets the variables ``says_fate``, ``says_growth``, ``says_state``,
        ``says_hidden`` and ``says_output``: codes, whose attribute ``categories`` lists the phrases that
        they stand for.

    Returns
    -------
    list of str
        Their names, in the order in which they are read.
    """
    table["says_fate"], table["says_growth"] = _fate(table)
    table["says_state"] = _say(
        (table.state.sel(step=table.length, drop=True) > 2, "The forward pass explodes too."), (True, "")
    )
    table["says_hidden"], table["says_output"] = _hidden(table), _output(table)
    return ["says_fate", "says_growth", "says_state", "says_hidden", "says_output"]


_FACTORS = [1, 1.1, 1.2, 1.4, 1.7, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 200, 300, 500, 700]
_ORDERS = range(3, 400)
_LADDER = np.concatenate([np.log10(_FACTORS), _ORDERS])
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = [f"{x:g}-fold" for x in _FACTORS] + [f"10{str(k).translate(_SUPERSCRIPTS)}-fold" for k in _ORDERS]


def _fate(table: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    first = table.gradient.isel(step=0, drop=True)
    growth = first - table.gradient.sel(step=table.length, drop=True)
    steps = table.length - 1
    rate = growth / np.maximum(steps, 1)
    fates = {"Vanishing": rate < -STEADY, "Exploding": rate > STEADY, "Steady": True}
    fate = _say(
        (steps == 0, "One step:"),
        *(
            (condition & (steps == k), f"{word}: over {k} step{'s' * (k > 1)} back")
            for k in steps.values.tolist()
            if k > 0
            for word, condition in fates.items()
        ),
    )
    return fate, _say(
        (steps == 0, "nothing is multiplied yet."),
        (first < -300, "the gradient falls to nothing."),
        (np.abs(growth) < 0.02, "the gradient keeps its size."),
        (growth > 0, "the gradient grows {}.", growth),
        (True, "the gradient shrinks {}.", -growth),
    )


def _hidden(table: xr.Dataset) -> xr.DataArray:
    before, threshold = table.hidden + table.error_log10, np.log10(table.threshold)
    cut = before - table.hidden_clipped
    return _say(
        (table.clip_joint & (cut > 0), "Clipping jointly cuts both layers' gradients {}.", cut),
        (table.clip_joint, "Together, both layers' gradients stay below the threshold."),
        (before <= threshold, "The hidden layer's gradient stays below the threshold."),
        (table.clip_hidden, "The hidden layer's gradient is cut {}, to the threshold.", cut),
        (
            True,
            "The hidden layer's gradient exceeds the threshold {}, and nothing holds it.",
            before - threshold,
        ),
    )


def _output(table: xr.Dataset) -> xr.DataArray:
    before, threshold = table.output + table.error_log10, np.log10(table.threshold)
    cut = before - table.output_clipped
    return _say(
        (
            table.clip_joint & (before <= threshold) & (cut > 0),
            "The output layer's had stayed below the threshold alone: it pays for the hidden layer's.",
        ),
        (table.clip_joint, ""),
        (before <= threshold, "The output layer's stays below it: nothing to clip there."),
        (table.clip_output, "The output layer's is cut {}, to the threshold.", cut),
        (True, "The output layer's exceeds it {}.", before - threshold),
    )


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
