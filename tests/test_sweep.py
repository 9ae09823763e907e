"""The table of all slider positions agrees with the engine at each of them."""

import functools
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import backpropagate, cosine, network, sweep
from rnn_gradients.engine.activations import ACTIVATIONS, Activation
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT, norm
from rnn_gradients.engine.matrices import recurrent_matrix
from rnn_gradients.engine.networks import UNITS
from rnn_gradients.engine.sweeps import ERRORS, FLOOR, LENGTHS, THRESHOLDS
from rnn_gradients.explorers.clipping.words import FATE, LAYERS, add_words

from .readers.engine import clipped_at, gradients_at, group, log10

default_sweep = functools.cache(sweep)
positions = st.fixed_dictionaries(
    {
        "units": st.sampled_from(UNITS),
        "activation": st.sampled_from(["sigmoid", "tanh", "relu", "linear"]),
        "loss_at": st.sampled_from(["last", "every"]),
        "eigenvalue": st.integers(-60, 60).map(lambda k: k / 10),
        "length": st.sampled_from(LENGTHS),
    }
)
rules = st.fixed_dictionaries(
    {
        "threshold": st.sampled_from(THRESHOLDS),
        "error": st.sampled_from(ERRORS),
        "clip_hidden": st.booleans(),
        "clip_output": st.booleans(),
        "clip_joint": st.booleans(),
    }
)


def assert_same(found, size, tolerance=2e-3):
    expected = np.array([log10(x) for x in np.atleast_1d(size)])
    assert np.shape(found) in {expected.shape, ()}
    floor = expected < -250  # where the engine's own float64 loses what the logarithms keep
    np.testing.assert_allclose(np.atleast_1d(found)[~floor], expected[~floor], atol=tolerance, rtol=1e-6)
    assert (np.atleast_1d(found)[floor] < -240).all()


@given(positions)
def test_sizes_are_the_engines(position):
    here = default_sweep().sel(position)
    g = gradients_at(position)
    T = position["length"]
    assert_same(here.state[:T], np.array([norm(row) for row in g.h]))
    assert_same(here.gradient[:T], np.array([norm(row) for row in g.dh]))
    assert here.gradient[T:].isnull().all() and here.contribution[T:].isnull().all()
    assert_same(here.hidden, norm(*group(g, HIDDEN)))
    assert_same(here.output, norm(*group(g, OUTPUT)))


@given(positions, rules)
def test_clipping_is_the_engines(position, rule):
    here = default_sweep().sel(position | rule)
    g = gradients_at(position | rule)
    clipped = clipped_at(rule, g)
    hidden, output = (group(clipped, names) for names in (HIDDEN, OUTPUT))
    assert_same(here.hidden_clipped, norm(*hidden))
    assert_same(here.output_clipped, norm(*output))
    assert_same(here.output_share, norm(*output) / (norm(*hidden) + norm(*output)))
    assert_same(here.cosine, cosine(g, clipped))


@given(positions)
def test_no_gradient_passes_the_bound(position):
    here = default_sweep().sel(position)
    assert (here.gradient <= here.bound + 1e-4)[: position["length"]].all()


def test_each_steps_contribution_is_its_part_of_the_gradient_of_W():
    position = {"units": "ordinary", "activation": "tanh", "loss_at": "last", "eigenvalue": 1.5, "length": 12}
    g = gradients_at(position)
    rnn, inputs = network(1.5, "tanh", "ordinary", 12)
    a = np.vstack([np.zeros(32), g.h[:-1]]) @ rnn.W.T + inputs @ rnn.U.T + rnn.b
    delta = g.dh / np.cosh(a) ** 2
    parts = [np.outer(delta[t], g.h[t - 1] if t else np.zeros(32)) for t in range(12)]
    np.testing.assert_allclose(sum(parts), g.dW)
    assert_same(default_sweep().sel(position).contribution[:12], np.array([norm(p) for p in parts]))


def test_the_linear_prediction_is_exact_for_a_linear_network_with_an_orthogonal_matrix():
    here = default_sweep().sel(activation="linear", loss_at="last", units="small")
    np.testing.assert_allclose(here.gradient, here.linear, atol=1e-3)


def test_sizes_far_beyond_float64_stay_finite_and_right():
    table = sweep(eigenvalues=[-1000.0, 0.0, 1e-5, 1000.0], lengths=[1, 300], thresholds=[1.0], size=4)
    for name, values in table.data_vars.items():
        beyond = table.step > table.length
        assert np.isfinite(values.where(~beyond, 0) if "step" in values.dims else values).all(), name
    linear = table.sel(activation="linear", loss_at="last", units="small", length=300, eigenvalue=1000.0)
    assert linear.gradient.values[0] == pytest.approx(3 * 299, abs=0.01)
    assert 3 * 299 - 4 < linear.state.values[-1] < 3 * 299 + 2
    assert linear.hidden.item() == pytest.approx(3 * 299, abs=0.5)  # by db: the states are small
    clipped = linear.sel(clip_hidden=True, clip_output=False, clip_joint=False, error=1.0, threshold=1.0)
    assert clipped.hidden_clipped.item() == pytest.approx(0, abs=1e-4)


def test_finite_at_every_position():
    table = default_sweep()
    for name, values in table.data_vars.items():
        missing = ~np.isfinite(values)
        if "step" in values.dims and "length" in values.dims:
            missing = missing & (table.step <= table.length)
        assert not missing.any(), name


def test_more_networks_than_one():
    table = sweep(eigenvalues=[2.0], lengths=[20], kind="gaussian", size=5, seed=3)
    rnn, inputs = network(2.0, "tanh", "ordinary", 20, kind="gaussian", size=5, seed=3)
    np.testing.assert_array_equal(rnn.W, recurrent_matrix(5, 2.0, "gaussian", 3))
    g = backpropagate(rnn, inputs)
    here = table.sel(units="ordinary", activation="tanh", loss_at="last", eigenvalue=2.0, length=20)
    assert_same(here.gradient, np.array([norm(row) for row in g.dh]))


@pytest.mark.parametrize(
    ("argument", "given_value"),
    [
        ("activations", ["softmax"]),
        ("activations", []),
        ("units", ["large"]),
        ("loss_at", ["first"]),
        ("lengths", [1.0, 2.0]),
        ("lengths", 3),
        ("activations", "tanh"),
        ("eigenvalues", [1.0, 1.0]),
        ("eigenvalues", ["1"]),
        ("seed", -1),
        ("lengths", [0, 1]),
        ("lengths", [3, 2]),
        ("lengths", []),
        ("lengths", [1.5]),
        ("eigenvalues", [np.nan]),
        ("eigenvalues", []),
        ("thresholds", [0.0]),
        ("thresholds", [-1.0]),
        ("errors", [np.inf]),
        ("kind", "diagonal"),
        ("size", 0),
    ],
)
def test_bad_sliders_are_refused_by_name(argument, given_value):
    with pytest.raises(ValueError, match=rf"{argument} is .*; allowed: "):
        sweep(**{argument: given_value})


@pytest.mark.parametrize(
    ("argument", "given_value"),
    [("activation", "softmax"), ("units", "large"), ("length", 0), ("eigenvalue", np.inf), ("kind", "x")],
)
def test_a_bad_network_is_refused_by_name(argument, given_value):
    with pytest.raises(ValueError, match=rf"{argument} is .*; allowed: "):
        network(**({"eigenvalue": 1.0, "activation": "tanh"} | {argument: given_value}))


# --- zero is zero -------------------------------------------------------------------------------------------


def passes_beyond_float64(position, size, seed):
    """States and gradients in extended precision, whose range tells zero from what is merely tiny."""
    names = ("eigenvalue", "activation", "units", "length")
    rnn, inputs = network(*(position[name] for name in names), size=size, seed=seed)
    W, U, V, b = (np.longdouble(weights) for weights in (rnn.W, rnn.U, rnn.V, rnn.b))
    a, h = [], [np.zeros(len(W), np.longdouble)]
    for x in inputs:
        a.append(W @ h[-1] + U @ x + b)
        h.append(PHI[position["activation"]](a[-1]))
    dh, parts, later = [], [], 0 * b
    for t in reversed(range(len(a))):
        dh.insert(0, later + V[0] * (position["loss_at"] == "every" or t == len(a) - 1))
        delta = SLOPE[position["activation"]](a[t]) * dh[0]
        parts.insert(0, norm_of(delta) * norm_of(h[t]))
        later = W.T @ delta
    return {
        "state": np.array([norm_of(row) for row in h[1:]]),
        "gradient": np.array([norm_of(row) for row in dh]),
        "contribution": np.array(parts),
    }


def norm_of(row):
    return np.sqrt(np.sum(row**2))


PHI = {
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
}
SLOPE = {
    "linear": np.ones_like,
    "relu": lambda a: (a > 0).astype(np.longdouble),
    "tanh": lambda a: 1 / np.cosh(a) ** 2,
    "sigmoid": lambda a: 1 / (2 + np.exp(a) + np.exp(-a)),
}


@given(positions, st.sampled_from([2, 3, 32]), st.integers(0, 50))
def test_zero_is_the_floor_and_nothing_else_is(position, size, seed):
    """Networks of two or three ReLU units go silent now and then, after their gradient has exploded."""
    here = alone(position, size, seed)
    if here.chaotic:
        return
    with np.errstate(divide="ignore"):
        expected = {
            name: np.maximum(np.log10(sizes), FLOOR).astype(float)
            for name, sizes in passes_beyond_float64(position, size, seed).items()
        }
    steps = np.diff(expected["gradient"][expected["gradient"] > FLOOR])
    if (steps > 12).any():
        return  # one step back cancels all digits that float64 has
    for name, sizes in expected.items():
        np.testing.assert_allclose(here[name].values, sizes, atol=0.02, err_msg=name)
        np.testing.assert_array_equal(here[name].values == FLOOR, sizes == FLOOR, err_msg=name)


def test_some_of_these_networks_do_go_silent():
    sizes = [
        alone(RELU | {"eigenvalue": 6.0}, 2, seed).gradient.values
        for seed in range(51)  # as above
    ]
    assert sum((found == FLOOR).any() and (found > 5).any() for found in sizes) >= 3


RELU = {"activation": "relu", "units": "ordinary", "loss_at": "last", "length": 30}


def alone(position, size=32, seed=0):
    """A sweep of one position."""
    sliders = {"eigenvalues": "eigenvalue", "activations": "activation", "lengths": "length"}
    sliders |= {"units": "units", "loss_at": "loss_at"}
    given_one = {argument: [position[name]] for argument, name in sliders.items()}
    return sweep(**given_one, thresholds=[1.0], errors=[1.0], size=size, seed=seed).squeeze()


@given(positions.filter(lambda position: position["activation"] == "linear"))
def test_the_sign_is_that_of_a_sum_of_powers(position):
    """Of the leading component of a linear network, which is known exactly."""
    rate, T = Fraction(position["eigenvalue"]).limit_denominator(10), position["length"]
    powers = [rate**k for k in range(T)]
    if position["loss_at"] == "every":
        powers = list(itertools.accumulate(powers))
    found = default_sweep().sel(position).sign.values[:T]
    assert found.tolist() == [np.sign(power) for power in powers[::-1]]


@pytest.mark.parametrize("eigenvalue", [-1e100, -1e-100, 1e-100, 1e100])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
def test_the_largest_and_smallest_eigenvalues_are_right_and_one_beyond_is_refused(eigenvalue, activation):
    options = {"activations": [activation], "lengths": [3], "thresholds": [1e-300, 1.0, 1e300], "size": 4}
    table = sweep([eigenvalue], **options, units=["ordinary"]).squeeze()
    assert all(np.isfinite(values).all() for values in table.data_vars.values())
    if activation == "linear":
        np.testing.assert_allclose(
            table.gradient.sel(loss_at="last"),
            [2 * p for p in (100, 50, 0)] if eigenvalue**2 > 1 else [-200, -100, 0],
            atol=0.01,
        )
    for beyond in (10 * eigenvalue, eigenvalue / 10):
        if not 1e-100 <= abs(beyond) <= 1e100:
            with pytest.raises(
                ValueError, match=r"^eigenvalues is .*; allowed: 0, or a number of size 1e-100 to 1e\+100"
            ):
                sweep([beyond], **options)


@given(st.floats(-300, 300), st.floats(-3, 3))
def test_any_threshold_is_held_however_small(exponent, near):
    """Also those that single precision has no number for."""
    table = sweep(
        [0.5], ["tanh"], [5], ["small"], ["last"], [10.0**exponent], [10.0 ** (exponent + near)], size=3
    )
    clipped = table.squeeze().sel(clip_hidden=True, clip_output=True, clip_joint=False)
    size = clipped.hidden + clipped.error_log10
    padded = np.logaddexp(np.log(10) * size, np.log(1e-6)) / np.log(10)
    assert float(clipped.hidden_clipped) == pytest.approx(float(size + min(0, exponent - padded)), abs=1e-3)


def test_a_new_activation_is_one_entry(monkeypatch):
    softsign = Activation(lambda a: a / (1 + np.abs(a)), lambda a: (1 + np.abs(a)) ** -2, 1.0, bounded=True)
    monkeypatch.setitem(ACTIVATIONS, "softsign", softsign)
    position = {"units": "small", "activation": "softsign", "loss_at": "last", "eigenvalue": 1.5, "length": 9}
    here, g = alone(position), gradients_at(position)
    assert_same(here.gradient, np.array([norm(row) for row in g.dh]))
    table = sweep([1.5], ["softsign", "tanh"], [9], ["small"])
    add_words(table)
    assert {*FATE, *LAYERS} <= set(table.data_vars)


@pytest.mark.parametrize("seed", [16, 17, 19])
def test_what_cancels_is_zero(seed):
    """The errors of two steps, sent back by an eigenvalue of -1 through ReLU units that stay open."""
    table = sweep([-1.0], ["relu"], lengths=[8], kind="identity", size=5, seed=seed, units=["ordinary"])
    found = table.squeeze().sel(loss_at="every").contribution.values
    assert ((found == FLOOR) | (found > -10)).all() and (found[1:] == FLOOR).any()
