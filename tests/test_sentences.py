"""The sentence says what the engine finds, at any position."""

import functools
import re

import numpy as np
from hypothesis import given
from rnn_gradients import sweep
from rnn_gradients.clipping import HIDDEN, OUTPUT, norm
from rnn_gradients.sentences import NEAR, STEADY, add_sentences

from .engine import gradients_at, group, log10
from .test_sweep import positions, rules


@functools.cache
def told():
    table = sweep()
    return table, add_sentences(table)


def sentence(position):
    table, names = told()
    codes = [int(table[name].sel({dim: position[dim] for dim in table[name].dims})) for name in names]
    return [table[name].attrs["categories"][code] for name, code in zip(names, codes, strict=True)]


def factor(words):
    """Log10 of the factor that a phrase tells, or None."""
    found = re.search(r"(?:factor of|is) ([\d.]+)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)", words)
    if found is None:
        return None
    exponent = found[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return float(exponent) if exponent else np.log10(float(found[1]))


def assert_tells(words, size):
    assert abs(factor(words) - size) < (0.51 if size > 2.9 else 0.16), words


@given(positions, rules)
def test_it_is_true(position, rule):
    fate, growth, state, hidden_words, output_words = sentence(position | rule)
    g = gradients_at(position | {"loss_at": "last"})
    first, last = (log10(norm(g.dh[k])) for k in (0, -1))
    size = first - last
    if position["length"] == 1:
        assert fate == "One step:"
    elif abs(abs(size) - STEADY) > 0.01 and first > -250:
        word = "Steady" if abs(size) < STEADY else "Exploding" if size > 0 else "Vanishing"
        assert fate.startswith(f"{word}: over {position['length'] - 1} step")
        assert {"Steady": "within", "Exploding": "grows", "Vanishing": "shrinks"}[word] in growth
        if word != "Steady":
            assert_tells(growth, abs(size))
    explodes = position["activation"] in ("linear", "relu") and norm(g.h[-1]) > 101 * norm(g.h[0])
    assert not explodes or "forward pass explodes" in state
    assert position["activation"] in ("linear", "relu") or not state

    g = gradients_at(position | rule)
    excess = [log10(norm(*group(g, names))) - np.log10(rule["threshold"]) for names in (HIDDEN, OUTPUT)]
    together = log10(norm(*group(g, HIDDEN + OUTPUT))) - np.log10(rule["threshold"])
    if any(min(abs(x), abs(x - NEAR)) < 0.002 for x in (*excess, together)):
        return  # on a border, where rounding decides
    if rule["clip_joint"]:
        assert ("cuts both" in hidden_words) == (together > NEAR)
        if together > NEAR:
            assert_tells(hidden_words, together)
        assert ("pays for the hidden" in output_words) == (together > NEAR and excess[0] > 0 >= excess[1])
        assert ("pays for the output" in output_words) == (together > NEAR and excess[1] > 0 >= excess[0])
        return
    for words, over, toggle in zip(
        (hidden_words, output_words), excess, (rule["clip_hidden"], rule["clip_output"]), strict=True
    ):
        assert ("stays below" in words) == (over <= 0)
        assert ("is cut" in words) == (over > NEAR and toggle)
        assert ("times the threshold" in words) == (over > NEAR and not toggle)
        if over > NEAR:
            assert_tells(words, over)
