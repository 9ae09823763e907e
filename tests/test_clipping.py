"""The clipping rules against torch's own."""

import dataclasses
import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import Gradients, backpropagate, clip, network
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT, clip_factor_log10, norm

GROUPS = HIDDEN + OUTPUT


def gradients(seed=0, hidden_size=1.0, output_size=1.0):
    rng = np.random.default_rng(seed)
    shapes = {"h": (5, 3), "dh": (5, 3), "dW": (3, 3), "dU": (3, 2), "db": (3,), "dV": (2, 3), "dc": (2,)}
    sizes = dict.fromkeys(HIDDEN, hidden_size) | dict.fromkeys(OUTPUT, output_size)
    return Gradients(**{k: sizes.get(k, 1.0) * rng.standard_normal(shape) for k, shape in shapes.items()})


def clipped_by_torch(names, g, threshold):
    parameters = [
        torch.nn.Parameter(torch.zeros(getattr(g, name).shape, dtype=torch.float64)) for name in names
    ]
    for parameter, name in zip(parameters, names, strict=True):
        parameter.grad = torch.tensor(getattr(g, name))
    torch.nn.utils.clip_grad_norm_(parameters, threshold)
    return {name: p.grad.numpy() for name, p in zip(names, parameters, strict=True)}


sizes = st.floats(-8, 8).map(lambda x: 10.0**x)


@given(st.integers(0, 1000), sizes, sizes, sizes, st.booleans(), st.booleans(), st.booleans())
def test_clip_is_torchs(seed, threshold, hidden_size, output_size, hidden, output, joint):
    g = gradients(seed, hidden_size, output_size)
    expected = {name: getattr(g, name) for name in GROUPS}
    for names in [GROUPS] if joint else [HIDDEN] * hidden + [OUTPUT] * output:
        expected |= clipped_by_torch(names, g, threshold)
    found = clip(g, threshold, hidden, output, joint)
    for name in GROUPS:
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=1e-12)


def clipped_by_definition(names, g, threshold):
    """In 50 digits, and with no largest or smallest number."""
    with mpmath.workdps(50):
        values = {name: [mpmath.mpf(float(x)) for x in getattr(g, name).ravel()] for name in names}
        size = mpmath.sqrt(mpmath.fsum(x**2 for some in values.values() for x in some))
        factor = min(mpmath.mpf(1), mpmath.mpf(threshold) / (size + mpmath.mpf(1e-6)))
        return {name: [float(factor * x) for x in some] for name, some in values.items()}


powers = st.floats(-320, 307).map(lambda x: 10.0**x)


@given(st.integers(0, 1000), powers, powers, powers, st.sampled_from([HIDDEN, OUTPUT, GROUPS]))
def test_clip_holds_to_both_ends_of_float64(seed, threshold, hidden_size, output_size, names):
    g = gradients(seed, hidden_size, output_size)
    found = clip(g, threshold, hidden=names == HIDDEN, output=names == OUTPUT, joint=names == GROUPS)
    for name, expected in clipped_by_definition(names, g, threshold).items():
        np.testing.assert_allclose(getattr(found, name).ravel(), expected, rtol=1e-12, atol=1e-323)


@pytest.mark.parametrize("length", [100, 1000, 1022])
def test_an_exploded_gradient_is_clipped_to_the_threshold(length):
    g = backpropagate(*network(2.0, "linear", length=length))
    clipped = clip(g, 1.0)
    assert norm(*(getattr(clipped, name) for name in HIDDEN)) == pytest.approx(1)
    assert length < 1022 or math.isinf(norm(g.dW, g.dU, g.db))


def test_what_is_not_clipped_is_left_alone():
    g = gradients(hidden_size=100)
    found = clip(g, 1.0)
    assert all(getattr(found, name) is getattr(g, name) for name in ("h", "dh", "dV", "dc"))
    assert norm(*(getattr(found, name) for name in HIDDEN)) == pytest.approx(1, abs=1e-6)


@given(sizes, sizes)
def test_the_factor_in_log10_is_the_factor(size, threshold):
    expected = np.log10(min(1.0, threshold / (size + 1e-6)))
    np.testing.assert_allclose(clip_factor_log10(np.log10(size), threshold), expected, atol=1e-12)


@pytest.mark.parametrize("exponent", [-200, 0, 200])
def test_the_norm_does_not_overflow(exponent):
    assert norm(np.array([3.0]) * 10.0**exponent, np.array([[4.0]]) * 10.0**exponent) == pytest.approx(
        5 * 10.0**exponent
    )


@pytest.mark.parametrize("threshold", [0, -1.0, np.nan, np.inf, [1.0], "1", True, 10**400, None])
def test_a_bad_threshold_is_refused(threshold):
    with pytest.raises(ValueError, match=r"threshold is .*; allowed: a finite number above 0"):
        clip(gradients(), threshold)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_are_refused(bad):
    g = dataclasses.replace(gradients(), db=np.array([0, bad, 0]))
    with pytest.raises(ValueError, match="gradients: db holds NaN or infinity"):
        clip(g, 1.0)


@pytest.mark.parametrize("given", [None, 10.0, {"dW": np.eye(2)}, gradients])
def test_what_is_no_gradients_is_refused(given):
    with pytest.raises(TypeError, match=r"gradients is .*; allowed: Gradients"):
        clip(given, 1.0)


@pytest.mark.parametrize("rule", ["hidden", "output", "joint"])
@pytest.mark.parametrize("value", [1, 1.0, None, "False", np.array([True, False])])
def test_a_rule_that_is_not_a_truth_value_is_refused(rule, value):
    with pytest.raises(ValueError, match=rf"{rule} is .*; allowed: True, False"):
        clip(gradients(), 1.0, **{rule: value})
