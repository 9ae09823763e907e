"""The sentence says what the engine finds, at any position."""

import functools
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import RNN, backpropagate, sweep
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.backpropagation import output_errors
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT, norm
from rnn_gradients.explorers.clipping.words import FATE, LAYERS, NEAR, STEADY, add_words

from .readers.engine import gradients_at, group, log10
from .test_sweep import positions, rules


@functools.cache
def told():
    table = sweep()
    add_words(table)
    return table


def sentence(position):
    table, names = told(), FATE + LAYERS
    codes = [int(table[name].sel({dim: position[dim] for dim in table[name].dims})) for name in names]
    return [table[name].attrs["categories"][code] for name, code in zip(names, codes, strict=True)]


def factor(words):
    """Log10 of the factor that a phrase tells, or None."""
    found = re.search(r"(?:factor of|is) about ([\d,]+(?:\.\d+)?)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)", words)
    if found is None:
        return None
    exponent = found[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return float(exponent) if exponent else np.log10(float(found[1].replace(",", "")))


SAID_OF_CHAOS = (
    "The output layer's is cut to the threshold.",
    "The output layer's is beyond the threshold, too.",
)


def assert_tells(words, size, doubt=0.0):
    """A phrase tells a factor, to as many digits as it has, or that rounding decides it."""
    if "precision" in words or words in SAID_OF_CHAOS:
        assert size > (0 if words in SAID_OF_CHAOS else 0.3), words
    else:
        assert abs(factor(words) - size) < (0.51 if size > 2.9 else 0.16) + doubt, words


@given(positions, rules)
def test_it_is_true(position, rule):
    assert_true(position, rule, backpropagate)


@given(positions, rules)
def test_it_is_true_however_the_sums_are_rounded(position, rule):
    """No digit is told that is another in single precision, or when sums are added up in another order."""
    assert_true(position, rule, reordered, doubt=0.2)
    if ACTIVATIONS[position["activation"]].bounded:  # or float32 could not hold the states
        assert_true(position, rule, in_float32, doubt=0.2)


CHAOTIC = {"activation": "tanh", "units": "small", "loss_at": "last", "length": 100}


@given(st.sampled_from([2.0, 2.5, 3.0, -4.0, 4.0, 5.0, -6.0, 6.0]), rules)
def test_it_is_true_of_chaotic_networks_too(eigenvalue, rule):
    assert "precision of the arithmetic decides" in sentence(CHAOTIC | {"eigenvalue": eigenvalue} | rule)[1]
    for gradients_of in (backpropagate, reordered, in_float32):
        assert_true(CHAOTIC | {"eigenvalue": eigenvalue}, rule, gradients_of, doubt=0.2)


def reordered(rnn, inputs, loss_at, error):
    """The same network, its units in another order."""
    order = np.random.default_rng(0).permutation(len(rnn.W))
    W, U, V, b = rnn.W[np.ix_(order, order)], rnn.U[order], rnn.V[:, order], rnn.b[order]
    return backpropagate(RNN(W, U, V, b, rnn.c, rnn.activation), inputs, loss_at, error)


def in_float32(rnn, inputs, loss_at, error):
    """The gradient along the trajectory that single precision finds."""
    W, drive = np.float32(rnn.W), np.float32(inputs @ rnn.U.T + rnn.b)
    a, h = np.empty_like(drive), np.zeros((len(inputs) + 1, len(W)), np.float32)
    for t in range(len(inputs)):
        a[t] = W @ h[t] + drive[t]
        h[t + 1] = ACTIVATIONS[rnn.activation].phi(a[t])
    errors = output_errors(error, loss_at, len(inputs))
    return rnn._backward(inputs, errors, a.astype(float), h[1:].astype(float))


def assert_true(position, rule, gradients_of, doubt=0.0):
    """Hold each phrase against the gradients of one way to compute them; `doubt` in log10."""
    fate, growth, state, hidden_words, output_words = sentence(position | rule)
    border = max(0.01, doubt)
    g = gradients_at(position | {"loss_at": "last"}, gradients_of=gradients_of)
    first, last = (log10(norm(g.dh[k])) for k in (0, -1))
    size = first - last
    if position["length"] == 1:
        assert fate == "One step:"
    elif abs(abs(size) - STEADY) > border and first > -250:
        word = "Steady" if abs(size) < STEADY else "Exploding" if size > 0 else "Vanishing"
        assert fate.startswith(f"{word}: over {position['length'] - 1} step")
        assert {"Steady": "within", "Exploding": "grows", "Vanishing": "shrinks"}[word] in growth
        if word != "Steady":
            assert_tells(growth, abs(size), doubt)
    explodes = position["activation"] in ("linear", "relu") and norm(g.h[-1]) > 101 * norm(g.h[0])
    assert not explodes or "forward pass explodes" in state
    assert position["activation"] in ("linear", "relu") or not state

    g = gradients_at(position | rule, gradients_of=gradients_of)
    excess = [log10(norm(*group(g, names))) - np.log10(rule["threshold"]) for names in (HIDDEN, OUTPUT)]
    together = log10(norm(*group(g, HIDDEN + OUTPUT))) - np.log10(rule["threshold"])
    border = max(0.002, doubt)
    if any(min(abs(x), abs(x - NEAR)) < border for x in (*excess, together)):
        return  # on a border, where rounding decides
    if rule["clip_joint"]:
        assert ("cuts both" in hidden_words) == (together > NEAR)
        if together > NEAR:
            assert_tells(hidden_words, together, doubt)
        assert ("pays for the hidden" in output_words) == (together > NEAR and excess[0] > 0 >= excess[1])
        assert ("pays for the output" in output_words) == (together > NEAR and excess[1] > 0 >= excess[0])
        return
    for words, over, toggle in zip(
        (hidden_words, output_words), excess, (rule["clip_hidden"], rule["clip_output"]), strict=True
    ):
        assert ("stays below" in words) == (over <= 0)
        assert ("is cut" in words) == (over > NEAR and toggle)
        loose = any(
            said in words for said in ("times the threshold", "it is not clipped", "beyond the threshold")
        )
        assert loose == (over > NEAR and not toggle)
        if over > NEAR:
            assert_tells(words, over, doubt)
