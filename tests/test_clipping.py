"""The clipping rules against torch's own, and against their definitions in 50 digits."""

import dataclasses
import functools
import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import (
    GRU,
    LSTM,
    RNN,
    backpropagate,
    clip,
    clip_adaptively,
    clip_by_value,
    clip_per_layer,
    clip_per_tensor,
    cosine,
    network,
)
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT, clip_factor_log10, norm

GROUPS = HIDDEN + OUTPUT
KINDS = {"RNN": functools.partial(RNN, activation="tanh"), "LSTM": LSTM, "GRU": GRU}
BLOCKS = {"RNN": 1, "LSTM": 4, "GRU": 3}
HIDDEN_OF = {"RNN": HIDDEN, "LSTM": HIDDEN, "GRU": (*HIDDEN, "db_hidden")}
LAYERS = {"none": (False, False), "hidden": (True, False), "output": (False, True), "both": (True, True)}

every_kind = pytest.mark.parametrize("kind", KINDS)


def names_of(kind, hidden=True, output=True):
    return HIDDEN_OF[kind] * hidden + OUTPUT * output


def weights(seed=0, size=1.0, kind="RNN"):
    """A network of three units."""
    rows, rng = 3 * BLOCKS[kind], np.random.default_rng(seed + 1)
    shapes = {"dW": (rows, 3), "dU": (rows, 2), "dV": (2, 3), "dc": (2,)}
    drawn = {name[1:]: size * rng.standard_normal(shapes.get(name, rows)) for name in names_of(kind)}
    return KINDS[kind](**drawn)


def gradients(seed=0, hidden_size=1.0, output_size=1.0, kind="RNN"):
    """Of such a network, but those of its weights are drawn, and so of any size."""
    g, rng = backpropagate(weights(seed, kind=kind), np.ones((5, 2))), np.random.default_rng(seed)
    sizes = dict.fromkeys(HIDDEN_OF[kind], hidden_size) | dict.fromkeys(OUTPUT, output_size)
    drawn = {name: size * rng.standard_normal(getattr(g, name).shape) for name, size in sizes.items()}
    return dataclasses.replace(g, **drawn)


def network_of(g):
    kind = type(g).__name__.removesuffix("Gradients")
    return weights(kind=kind if kind in KINDS else "RNN")


def clipped_by_torch(names, g, threshold, clip_grad_=torch.nn.utils.clip_grad_norm_):
    parameters = [
        torch.nn.Parameter(torch.zeros(getattr(g, name).shape, dtype=torch.float64)) for name in names
    ]
    for parameter, name in zip(parameters, names, strict=True):
        parameter.grad = torch.tensor(getattr(g, name))
    clip_grad_(parameters, threshold)
    return {name: p.grad.numpy() for name, p in zip(names, parameters, strict=True)}


def assert_are(found, expected, **tolerance):
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, **{"rtol": 1e-12} | tolerance)


kinds = st.sampled_from(list(KINDS))
sizes = st.floats(-8, 8).map(lambda x: 10.0**x)


@given(kinds, st.integers(0, 1000), sizes, sizes, sizes, sizes, st.booleans(), st.booleans(), st.booleans())
def test_what_torch_clips_too_is_torchs(
    kind, seed, threshold, another, hidden_size, output_size, hidden, output, joint
):
    g, inner = gradients(seed, hidden_size, output_size, kind), HIDDEN_OF[kind]
    expected = dict(vars(g))
    for names in [inner + OUTPUT] if joint else [inner] * hidden + [OUTPUT] * output:
        expected |= clipped_by_torch(names, g, threshold)
    assert_are(clip(g, threshold, hidden, output, joint), expected)
    each = clipped_by_torch(inner, g, threshold) | clipped_by_torch(OUTPUT, g, another)
    assert_are(clip_per_layer(g, threshold, another), vars(g) | each)
    if names := names_of(kind, hidden, output):  # torch fails without any
        by_value = clipped_by_torch(names, g, threshold, torch.nn.utils.clip_grad_value_)
        assert_are(clip_by_value(g, threshold, hidden, output), vars(g) | by_value)


in_50_digits = mpmath.workdps(50)


@in_50_digits
def exactly(values):
    return [mpmath.mpf(float(x)) for x in np.ravel(values)]


@in_50_digits
def norm_of(values):
    return mpmath.sqrt(mpmath.fsum(x**2 for x in exactly(values)))


@in_50_digits
def rescaled(values, limit, size):
    """Multiply by ``min(1, limit / size)``, with no largest and no smallest number."""
    found = [float(x * limit / max(size, limit)) for x in exactly(values)]
    return np.reshape(found, np.shape(values))


@in_50_digits
def by_one_norm(names, g, threshold):
    """Pascanu, Mikolov and Bengio (2013), algorithm 1, with the epsilon of torch."""
    size = norm_of(np.concatenate([getattr(g, name).ravel() for name in names])) + mpmath.mpf(1e-6)
    return {name: rescaled(getattr(g, name), mpmath.mpf(threshold), size) for name in names}


def by_each_norm(names, g, threshold):
    """Keras: ``values * clipnorm / max(norm, clipnorm)``."""
    parts = {name: getattr(g, name) for name in names}
    return {name: rescaled(part, mpmath.mpf(threshold), norm_of(part)) for name, part in parts.items()}


def by_each_value(names, g, threshold):
    parts = {name: getattr(g, name) for name in names}
    return {name: np.sign(part) * np.minimum(abs(part), threshold) for name, part in parts.items()}


@in_50_digits
def by_each_unit(names, g, rnn, ratio):
    """Brock et al. (2021), equation 3; a bias is one unit, as in their code."""
    found = {}
    for name in names:
        part, its_weights = getattr(g, name), getattr(rnn, name[1:])
        rows = zip(part, its_weights, strict=True) if part.ndim == 2 else [(part, its_weights)]
        units = [rescaled(unit, ratio * max(norm_of(w), mpmath.mpf(1e-3)), norm_of(unit)) for unit, w in rows]
        found[name] = np.reshape(units, part.shape)
    return found


powers = st.floats(-320, 307).map(lambda x: 10.0**x)
some_layers = st.sampled_from(["hidden", "output", "both"])


@given(kinds, st.integers(0, 1000), powers, powers, powers, powers, powers, some_layers)
def test_every_rule_holds_to_both_ends_of_float64(
    kind, seed, threshold, another, hidden_size, output_size, weights_size, over
):
    g, rnn = gradients(seed, hidden_size, output_size, kind), weights(seed, weights_size, kind)
    layers, names = LAYERS[over], names_of(kind, *LAYERS[over])
    for found, expected in (
        (clip(g, threshold, *layers, joint=over == "both"), by_one_norm(names, g, threshold)),
        (
            clip_per_layer(g, threshold, another),
            by_one_norm(HIDDEN_OF[kind], g, threshold) | by_one_norm(OUTPUT, g, another),
        ),
        (clip_per_tensor(g, threshold, *layers), by_each_norm(names, g, threshold)),
        (clip_by_value(g, threshold, *layers), by_each_value(names, g, threshold)),
        (clip_adaptively(g, rnn, threshold, *layers), by_each_unit(names, g, rnn, mpmath.mpf(threshold))),
    ):
        assert_are(found, expected, atol=1e-323)


@pytest.mark.parametrize("length", [100, 1000, 1022])
def test_an_exploded_gradient_is_clipped_to_the_threshold(length):
    g = backpropagate(*network(2.0, "linear", length=length))
    clipped = clip(g, 1.0)
    assert norm(*(getattr(clipped, name) for name in HIDDEN)) == pytest.approx(1)
    assert length < 1022 or math.isinf(norm(g.dW, g.dU, g.db))


RULES = {
    "clip": clip,
    "clip jointly": functools.partial(clip, joint=True),
    "clip_per_layer": lambda g, threshold: clip_per_layer(g, threshold, threshold),
    "clip_per_tensor": clip_per_tensor,
    "clip_by_value": clip_by_value,
    "clip_adaptively": lambda g, threshold, **layers: clip_adaptively(g, network_of(g), threshold, **layers),
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
every_layered_rule = pytest.mark.parametrize(
    "rule", [RULES[name] for name in RULES if name not in ("clip jointly", "clip_per_layer")]
)


@every_layered_rule
@every_kind
@pytest.mark.parametrize("over", LAYERS)
def test_what_is_not_clipped_is_left_alone(rule, kind, over):
    g = gradients(hidden_size=100, output_size=100, kind=kind)
    before = {name: values.copy() for name, values in vars(g).items()}
    hidden, output = LAYERS[over]
    found, names = rule(g, 1.0, hidden=hidden, output=output), names_of(kind, hidden, output)
    assert type(found) is type(g)
    assert all(getattr(found, name) is getattr(g, name) for name in vars(g).keys() - {*names})
    assert all(norm(getattr(found, name)) < norm(getattr(g, name)) for name in names)
    assert_are(g, before, rtol=0)  # nor are the gradients that were given


@every_rule
def test_the_hidden_layer_alone_is_clipped_unless_asked(rule):
    g = gradients(hidden_size=100, output_size=100)
    both = rule in (RULES["clip jointly"], RULES["clip_per_layer"])
    assert (rule(g, 1.0).dV is g.dV) == (not both) and norm(rule(g, 1.0).dW) < 4


@every_rule
def test_a_gradient_of_nothing_but_zeros_stays(rule):
    g = gradients(hidden_size=0, output_size=0)
    assert all((getattr(rule(g, 1e-320), name) == 0).all() for name in GROUPS)


@every_rule
def test_what_is_within_its_bound_stays_as_it_is(rule):
    g = gradients(hidden_size=1e-5, output_size=1e-5)
    assert_are(rule(g, 1.0), {name: getattr(g, name) for name in GROUPS}, rtol=0)


@every_kind
def test_what_each_rule_holds_to(kind):
    g, rnn, names = gradients(1, 1e3, 1e3, kind), weights(2, kind=kind), names_of(kind)
    layers = {"hidden": True, "output": True}
    found = clip_per_layer(g, 2.0, 3.0)
    assert norm(*(getattr(found, name) for name in HIDDEN_OF[kind])) == pytest.approx(2)
    assert norm(found.dV, found.dc) == pytest.approx(3)
    found = clip_per_tensor(g, 2.0, **layers)  # Keras has no epsilon: all of 2
    assert [norm(getattr(found, name)) for name in names] == pytest.approx([2] * len(names), rel=1e-15)
    found = clip_by_value(g, 2.0, **layers)
    assert all(abs(getattr(found, name)).max() == 2 for name in names)
    found = clip_adaptively(g, rnn, 0.01, **layers)
    for name in names:  # the norm of each row, be it a unit's or one of its gates'; a bias has one
        held, bound = (
            np.linalg.norm(np.atleast_2d(x), axis=1) for x in (getattr(found, name), getattr(rnn, name[1:]))
        )
        np.testing.assert_allclose(held, 0.01 * bound, err_msg=name)


def test_which_rules_keep_which_direction():
    """As their docstrings say."""
    g, rnn = gradients(1, 1e3, 1.0), weights(2)
    layers = {"hidden": True, "output": True}
    found = {
        "joint": clip(g, 1.0, joint=True),
        "layer": clip_per_layer(g, 1.0, 10.0),
        "tensor": clip_per_tensor(g, 1.0, **layers),
        "unit": clip_adaptively(g, rnn, 0.01, **layers),
        "value": clip_by_value(g, 1.0, **layers),
    }
    kept_by = {
        "whole": lambda g: np.concatenate([getattr(g, name).ravel() for name in GROUPS]),
        "layer": lambda g: np.concatenate([getattr(g, name).ravel() for name in HIDDEN]),
        "tensor": lambda g: g.dW.ravel(),
        "unit": lambda g: g.dW[0],
    }
    for kept, (piece, vector) in enumerate(kept_by.items(), start=1):
        before, after = vector(g), [vector(each) for each in found.values()]
        turned = [1 - before @ each / np.linalg.norm(before) / np.linalg.norm(each) for each in after]
        assert np.allclose(turned[:kept], 0, atol=1e-12) and min(turned[kept:]) > 1e-3, piece


# --- cosine -------------------------------------------------------------------------------------------------


@given(kinds, st.integers(0, 1000), powers, powers, powers, some_layers)
def test_the_cosine_is_that_of_all_numbers_as_one_vector(
    kind, seed, hidden_size, output_size, other_size, over
):
    first = gradients(seed, hidden_size, output_size, kind)
    second = gradients(seed + 1, other_size, other_size, kind)
    names = names_of(kind, *LAYERS[over])
    a, b = (np.concatenate([getattr(g, name).ravel() for name in names]) for g in (first, second))
    with mpmath.workdps(50):
        expected = float(mpmath.fdot(exactly(a), exactly(b)) / norm_of(a) / norm_of(b))
    assert cosine(first, second, over) == pytest.approx(expected, abs=1e-12)
    assert cosine(first, second, over) == cosine(second, first, over)


def test_the_cosine_never_leaves_its_range():
    for seed in range(100):
        g = gradients(seed)
        opposite = dataclasses.replace(g, **{name: -getattr(g, name) for name in GROUPS})
        assert cosine(g, g) == pytest.approx(1) and -1 <= cosine(g, opposite) <= cosine(g, g) <= 1
    largest, smallest = (
        dataclasses.replace(g, **{name: np.full_like(getattr(g, name), size) for name in GROUPS})
        for size in (1.7e308, 5e-324)
    )
    assert cosine(largest, smallest) == pytest.approx(1)


def test_what_has_no_cosine_is_refused_by_name():
    g, nothing = gradients(), gradients(output_size=0)
    assert cosine(g, nothing) < 1
    with pytest.raises(ValueError, match=r"^second: dV, dc are all 0; allowed: .* direction"):
        cosine(g, nothing, "output")
    with pytest.raises(ValueError, match=r"^over is 'joint'; allowed: both, hidden, output"):
        cosine(g, g, "joint")
    with pytest.raises(ValueError, match=r"^second: dU has shape \(3, 1\); here it must be \(3, 2\)"):
        cosine(g, dataclasses.replace(g, dU=np.ones((3, 1))))
    with pytest.raises(ValueError, match=r"^second has dW, .*db_hidden.*; here it must have dW, dU, db"):
        cosine(g, gradients(kind="GRU"))
    for arguments, name in (((g, None), "second"), ((None, g), "first")):
        with pytest.raises(TypeError, match=rf"^{name} is None; allowed: Gradients"):
            cosine(*arguments)


# --- logarithms, and bad input ------------------------------------------------------------------------------


@given(sizes, sizes)
def test_the_factor_in_log10_is_the_factor(size, threshold):
    expected = np.log10(min(1.0, threshold / (size + 1e-6)))
    np.testing.assert_allclose(clip_factor_log10(np.log10(size), threshold), expected, atol=1e-12)


@pytest.mark.parametrize("exponent", [-200, 0, 200])
def test_the_norm_does_not_overflow(exponent):
    assert norm(np.array([3.0]) * 10.0**exponent, np.array([[4.0]]) * 10.0**exponent) == pytest.approx(
        5 * 10.0**exponent
    )


@every_rule
@pytest.mark.parametrize("bound", [0, -1.0, np.nan, np.inf])
def test_a_bad_bound_is_refused(rule, bound):
    with pytest.raises(ValueError, match=r"(threshold|ratio) is .*; allowed: a finite number above 0"):
        rule(gradients(), bound)


@every_rule
@every_kind
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_are_refused(rule, kind, bad):
    g, name = gradients(kind=kind), HIDDEN_OF[kind][-1]
    g = dataclasses.replace(g, **{name: np.array([0, bad, 0])})
    with pytest.raises(ValueError, match=f"gradients: {name} holds NaN or infinity"):
        rule(g, 1.0)


@every_rule
@pytest.mark.parametrize("given", [None, 10.0, {"dW": np.eye(2)}, gradients])
def test_what_is_no_gradients_is_refused(rule, given):
    with pytest.raises(TypeError, match=r"gradients is .*; allowed: Gradients"):
        rule(given, 1.0)


@pytest.mark.parametrize("value", [1, 1.0, None, "False", np.array([True, False])])
def test_a_choice_of_layers_that_is_not_a_truth_value_is_refused(value):
    for rule in (clip, clip_per_tensor, clip_by_value, RULES["clip_adaptively"]):
        for name in ("hidden", "output", "joint")[: 3 if rule is clip else 2]:
            with pytest.raises(ValueError, match=rf"{name} is .*; allowed: True, False"):
                rule(gradients(), 1.0, **{name: value})


def test_the_network_of_adaptive_clipping_is_that_of_the_gradients():
    with pytest.raises(TypeError, match=r"^rnn is 0\.01; allowed: RNN, LSTM, GRU$"):
        clip_adaptively(gradients(), 0.01, weights())
    with pytest.raises(ValueError, match=r"^rnn: W has shape \(32, 32\); here it must be \(3, 3\)"):
        clip_adaptively(gradients(), network(1.0, "tanh")[0], 0.01)
    for kind, rows in (("RNN", 3), ("LSTM", 12)):  # which have no b_hidden
        with pytest.raises(ValueError, match=rf"^rnn: W has shape \({rows}, 3\); here it must be \(9, 3\)"):
            clip_adaptively(gradients(kind="GRU"), weights(kind=kind), 0.01)
