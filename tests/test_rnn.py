"""Backpropagation through time against torch's autograd and closed forms."""

import dataclasses

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from rnn_gradients import RNN, backpropagate, clip, cosine, network
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.backpropagation import output_errors
from rnn_gradients.engine.loops import backpropagate_fed_back
from rnn_gradients.engine.norms import norm
from rnn_gradients.engine.rnn import forward

PHI = {"linear": lambda a: a, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
WEIGHTS = ("W", "U", "V", "b", "c")


@st.composite
def cases(draw):
    n, d, m, T = (draw(st.integers(1, high)) for high in (6, 3, 3, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(st.floats(0.01, 3))
    shapes = {"W": (n, n), "U": (n, d), "V": (m, n), "b": (n,), "c": (m,)}
    weights = {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}
    activation = draw(st.sampled_from(sorted(ACTIVATIONS)))
    loss_at = draw(st.sampled_from(["last", "every"]))
    return weights, activation, rng.standard_normal((T, d)), loss_at, rng.standard_normal(m)


def by_autograd(weights, activation, inputs, loss_at, error, clip_dh=None, fed_back=False):
    given = weights | {"inputs": inputs}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in given.items()}
    h, o, states, read, loss = torch.zeros(len(weights["W"]), dtype=torch.float64), None, [], [], 0.0
    for t, x in enumerate(tensors["inputs"]):
        if fed_back:
            x = x.clone() if o is None else torch.cat([o, x[len(o) :]])
            x.retain_grad()
            read.append(x)
        h = PHI[activation](tensors["b"] + tensors["W"] @ h + tensors["U"] @ x)
        if clip_dh is not None:
            h.register_hook(lambda dh: dh * min(1, clip_dh / dh.norm()))
        h.retain_grad()
        states.append(h)
        o = tensors["c"] + tensors["V"] @ h
        if loss_at == "every" or t == len(inputs) - 1:
            loss = loss + torch.tensor(error) @ o
    loss.backward()
    found = {f"d{name}": tensor.grad for name, tensor in tensors.items()}
    found |= {"h": torch.stack(states).detach(), "dh": torch.stack([h.grad for h in states])}
    found |= {"dinputs": torch.stack([x.grad for x in read])} if fed_back else {}
    return {name: value.numpy() for name, value in found.items()}


@given(cases())
def test_every_gradient_is_autograds(case):
    weights, activation, inputs, loss_at, error = case
    found = backpropagate(RNN(**weights, activation=activation), inputs, loss_at, error)
    for name, expected in by_autograd(*case).items():
        difference = np.linalg.norm(getattr(found, name) - expected)
        assert difference <= 1e-9 * np.linalg.norm(expected), name


@given(cases())
def test_every_gradient_is_autograds_where_the_output_is_fed_back(case):
    weights, activation, inputs, loss_at, error = case
    weights = {name: 0.5 * weight for name, weight in weights.items()}  # for there are two ways to grow
    assume(inputs.shape[1] >= len(error))
    rnn = RNN(**weights, activation=activation)
    found = backpropagate_fed_back(rnn, inputs, loss_at, error)
    for name, expected in by_autograd(weights, *case[1:], fed_back=True).items():
        difference = np.linalg.norm(getattr(found, name) - expected)
        assert difference <= 1e-7 * np.linalg.norm(expected), name
    unread = inputs.copy()
    unread[1:, : len(error)] += 1
    np.testing.assert_array_equal(backpropagate_fed_back(rnn, unread, loss_at, error).dV, found.dV)


def test_an_output_without_an_input_to_come_in_at_is_refused():
    rnn = RNN(np.eye(2), np.ones((2, 1)), np.ones((2, 2)), np.zeros(2), np.zeros(2), "tanh")
    with pytest.raises(ValueError, match=r"inputs has shape \(3, 1\); allowed: \(T, 2 or more\)"):
        backpropagate_fed_back(rnn, np.ones((3, 1)))


@given(cases(), st.floats(-3, 1).map(lambda x: 10.0**x))
def test_clipped_on_the_way_back_every_gradient_is_autograds_with_hooks(case, clip_dh):
    weights, activation, inputs, loss_at, error = case
    found = backpropagate(RNN(**weights, activation=activation), inputs, loss_at, error, clip_dh)
    for name, expected in by_autograd(*case, clip_dh).items():
        difference = np.linalg.norm(getattr(found, name) - expected)
        assert difference <= 1e-9 * np.linalg.norm(expected), name
    assert (np.linalg.norm(found.dh, axis=1) <= clip_dh * (1 + 1e-12)).all()


EXPLODING = network(2.0, "tanh", length=8, size=4, seed=1)  # |dL/dh_t| reaches 94


def fields_of_three_weights(clip_dh=None, **clipped):
    """The loss, and what goes into three of W's weights, as functions of these."""
    rnn, inputs = EXPLODING
    at = ([0, 1, 2], [1, 2, 0])

    def moved(weights):
        W = rnn.W.copy()
        W[at] = weights
        return dataclasses.replace(rnn, W=W)

    def loss(weights):
        return forward(moved(weights), inputs)[1][-1] @ rnn.V[0] + rnn.c[0]  # whose dL/do is 1

    def field(weights):
        found = backpropagate(moved(weights), inputs, clip_dh=clip_dh)
        return (clip(found, **clipped) if clipped else found).dW[at]

    return loss, field, rnn.W[at]


def differences(function, point, step=1e-5):
    """Jacobian by central differences; row i is the derivative along the i-th weight."""
    return np.array([(function(point + e) - function(point - e)) / (2 * step) for e in step * np.eye(3)])


def helicity(field, point):
    """``v . curl v``: 0 where v is the gradient of something, times any factor."""
    J = differences(field, point)
    curl = np.array([J[1, 2] - J[2, 1], J[2, 0] - J[0, 2], J[0, 1] - J[1, 0]])
    v = field(point)
    return abs(v @ curl) / np.linalg.norm(v) / np.linalg.norm(J)


def test_a_gradient_clipped_on_the_way_back_is_the_gradient_of_nothing():
    """Finite differences agree with the gradient, and in direction with the clipped one, but not with it."""
    loss, true, point = fields_of_three_weights()
    _, after, _ = fields_of_three_weights(threshold=1.0)
    _, on_the_way, _ = fields_of_three_weights(clip_dh=1.0)
    finite = differences(loss, point)
    np.testing.assert_allclose(true(point) / finite, 1, rtol=1e-6)
    hidden = backpropagate(*EXPLODING)
    factor = 1 / (norm(hidden.dW, hidden.dU, hidden.db) + 1e-6)
    np.testing.assert_allclose(after(point) / finite, factor, rtol=1e-6)
    assert np.sign(on_the_way(point) / finite).tolist() == [-1, 1, 1]  # one weight of three is moved uphill
    assert helicity(true, point) < 1e-6 and helicity(after, point) < 1e-6
    assert helicity(on_the_way, point) > 0.5


def test_clipping_on_the_way_back_turns_the_hidden_layers_gradient_alone():
    true, found = (backpropagate(*EXPLODING, clip_dh=bound) for bound in (None, 1.0))
    assert cosine(true, found, "hidden") < 0.83 and cosine(true, found, "output") == pytest.approx(1)
    np.testing.assert_array_equal(found.dV, true.dV)
    most = np.linalg.norm(true.dh, axis=1).max()
    np.testing.assert_array_equal(backpropagate(*EXPLODING, clip_dh=1.01 * most).dW, true.dW)


def test_with_no_error_given_a_unit_vector_enters():
    rnn = RNN(np.eye(2), np.eye(2), np.ones((4, 2)), np.zeros(2), np.zeros(4), "tanh")
    assert np.linalg.norm(backpropagate(rnn, np.ones((3, 2))).dc) == pytest.approx(1)


@pytest.mark.parametrize("w", [-1.5, -1.0, 0.5, 1.0, 2.0])
def test_one_linear_unit_multiplies_by_w_at_every_step(w):
    rnn = RNN([[w]], [[1]], [[1]], [0], [0], "linear")
    g = backpropagate(rnn, np.eye(1, 30).T)
    np.testing.assert_allclose(g.h[:, 0], w ** np.arange(30))
    np.testing.assert_allclose(g.dh[:, 0], w ** np.arange(29.0, -1, -1))
    np.testing.assert_allclose(g.dW, 29 * w**28)
    np.testing.assert_allclose(g.dV, w**29)


def test_a_sigmoid_damps_four_times_a_step_on_its_steepest_point():
    rnn = RNN([[1.0]], [[0.5]], [[1.0]], [-0.5], [0], "sigmoid")
    g = backpropagate(rnn, np.eye(1, 10).T)  # h_t = 1/2 throughout
    np.testing.assert_allclose(g.dh[:, 0], 0.25 ** np.arange(9.0, -1, -1))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_without_a_scale_has_the_slope_of_any_argument_of_that_sign(name):
    activation, a = ACTIVATIONS[name], np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    same = np.array_equal(activation.slope(3 * a), activation.slope(a))
    assert same == np.array_equal(activation.phi(3 * a), 3 * activation.phi(a)) == activation.scale_free


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_a_saturated_slope_keeps_its_precision(activation):
    slope = ACTIVATIONS[activation].slope(np.array([-40.0, 40.0]))
    expected = 4 * np.exp(-80) if activation == "tanh" else np.exp(-40)
    np.testing.assert_allclose(slope, expected, rtol=1e-9)


def test_forward_gives_states_and_what_they_are_made_of():
    a, h = forward(RNN([[2.0]], [[1.0]], [[1.0]], [0.5], [0.0], "tanh"), [[1.0], [0.0]])
    np.testing.assert_allclose(a[:, 0], [1.5, 2 * np.tanh(1.5) + 0.5])
    np.testing.assert_allclose(h, np.tanh(a))


def weights(**changed):
    shapes = {"W": (2, 2), "U": (2, 1), "V": (1, 2), "b": (2,), "c": (1,)}
    return {name: np.ones(shape) for name, shape in shapes.items()} | {"activation": "tanh"} | changed


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"activation": "softmax"}, "activation is 'softmax'; allowed: linear, sigmoid, tanh, relu"),
        ({"W": np.ones((2, 3))}, r"W has shape \(2, 3\); here it must be \(2, 2\)"),
        ({"U": np.ones((3, 1))}, r"U has shape \(3, 1\); here it must be \(2, 1\)"),
        ({"V": np.ones((1, 3))}, r"V has shape \(1, 3\)"),
        ({"V": np.ones(2)}, "V has 1 dimensions; here it must have 2"),
        ({"b": np.ones(3)}, r"b has shape \(3,\)"),
        ({"c": np.ones(2)}, r"c has shape \(2,\)"),
        ({"W": np.full((2, 2), np.nan)}, "W holds NaN or infinity"),
        ({"W": "abc"}, "W holds <U3; allowed: real numbers"),
        ({"W": [[1, 2], [3]]}, "W is ragged"),
        ({"W": np.ones((2, 2), complex)}, "W holds complex128; allowed: real numbers"),
        ({"V": np.ones((0, 2)), "c": []}, r"V has shape \(0, 2\); allowed: at least one number"),
        ({"activation": ["tanh"]}, r"activation is \['tanh'\]; allowed"),
    ],
)
def test_a_bad_network_is_refused_by_name(changed, message):
    with pytest.raises(ValueError, match=message):
        RNN(**weights(**changed))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((3, 2)),), r"inputs has shape \(3, 2\); allowed: \(T, 1\)"),
        ((np.ones((0, 1)),), r"inputs has shape \(0, 1\)"),
        (([[np.inf]],), "inputs holds NaN or infinity"),
        ((np.ones((3, 1)), "first"), "loss_at is 'first'; allowed: last, every"),
        ((np.ones((3, 1)), "last", [1.0, 2.0]), r"error has shape \(2,\); here it must be \(1,\)"),
        ((np.ones((3, 1)), "last", [np.nan]), "error holds NaN or infinity"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        backpropagate(RNN(**weights()), *arguments)


def test_what_float64_cannot_hold_is_an_error():
    rnn = RNN([[1e3]], [[1]], [[1]], [0], [0], "linear")
    for clip_dh in (None, 1.0, 1e308):  # the states explode as well
        with pytest.raises(OverflowError, match="over 200 steps leave the range of float64"):
            backpropagate(rnn, np.ones((200, 1)), clip_dh=clip_dh)


def test_clipped_on_the_way_back_no_gradient_explodes():
    rnn = RNN([[1e3]], [[1]], [[1]], [0], [0], "linear")
    np.testing.assert_allclose(backpropagate(rnn, np.zeros((200, 1)), clip_dh=0.5).dh, 0.5)
    np.testing.assert_allclose(backpropagate(rnn, np.zeros((200, 1)), clip_dh=1e-300).dh, 1e-300)


def along_the_true_trajectory(rnn, inputs):
    """The gradient of the states that 60 digits find; the backward pass itself is stable in float64."""
    with mpmath.workdps(60):
        W, U, b = (mpmath.matrix(weights.tolist()) for weights in (rnn.W, rnn.U, rnn.b))
        a, h = [], [mpmath.matrix(len(rnn.W), 1)]
        for x in inputs.tolist():
            a.append(W * h[-1] + U * mpmath.matrix(x) + b)
            h.append(a[-1].apply(mpmath.tanh))
        a, h = (np.array([[float(x) for x in each] for each in some]) for some in (a, h[1:]))
    return rnn._backward(inputs, output_errors([1.0], "last", len(inputs)), a, h)


def sizes(eigenvalue, length, nudges):
    """The log10 of |dL/dh_1| along the true trajectory, and float64's; the last bit of weights is nudged."""
    rnn, inputs = network(eigenvalue, "tanh", length=length)
    last = np.spacing(rnn.W) * np.random.default_rng(0).integers(-1, 2, (nudges, *rnn.W.shape))
    nudged = [dataclasses.replace(rnn, W=rnn.W + each) for each in last]
    found = [(along_the_true_trajectory(each, inputs), backpropagate(each, inputs)) for each in nudged]
    return np.array([[np.log10(np.linalg.norm(each.dh[0])) for each in pair] for pair in found])


def test_exact_means_along_the_trajectory_of_float64():
    """As the docstring of `backpropagate` says: which, where the network is chaotic, is one among many."""
    np.testing.assert_allclose(sizes(2.0, 60, nudges=2), 5.672, atol=0.001)
    chaotic = sizes(6.0, 100, nudges=8)
    assert (np.ptp(chaotic, axis=0) > 1).all() and chaotic.min() > 17 and chaotic.max() < 27
