"""The cliff against torch, a closed form and what a grid of points sees of it; and the walks down it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients.engine.cliff import cliff_gradient, cliff_walks


def loss_in_torch(w, b):
    x = torch.full_like(w, 0.5)
    for _ in range(50):
        x = w * torch.sigmoid(x) + b
    return (torch.sigmoid(x) - 0.7) ** 2


def by_autograd(w, b):
    w, b = (torch.tensor(values, requires_grad=True) for values in (w, b))
    loss = loss_in_torch(w, b)
    loss.sum().backward()
    return loss.detach().numpy(), w.grad.numpy(), b.grad.numpy()


points = st.tuples(st.floats(-8, 8), st.floats(-6, 6))


@given(st.lists(points, min_size=1, max_size=20))
def test_the_gradient_is_autograds(chosen):
    w, b = np.array(chosen).T
    for found, expected in zip(cliff_gradient(w, b), by_autograd(w, b), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("w", [-2.0, 1.0, 4.0, 4.69, 5.0, 7.0])
def test_on_the_edge_the_gradient_is_a_geometric_series(w):
    state = 1 / (1 + np.exp(-0.5))
    r = w * state * (1 - state)
    loss, dw, db = cliff_gradient(w, 0.5 - state * w)
    assert loss == pytest.approx((state - 0.7) ** 2)
    assert db == pytest.approx(2 * (state - 0.7) * state * (1 - state) * (r**50 - 1) / (r - 1))
    assert dw == pytest.approx(state * db)


def test_the_edge_is_a_cliff_from_where_each_step_multiplies_by_more_than_1():
    state = 1 / (1 + np.exp(-0.5))
    w = np.array([3.0, 4.0, 5.0, 6.0])
    assert 1 / (state * (1 - state)) == pytest.approx(4.26, abs=0.005)
    below, above = (cliff_gradient(w, 0.5 - state * w + side)[0] for side in (-1e-4, 1e-4))
    np.testing.assert_allclose(below[:2], above[:2], atol=0.002)
    assert (below[2:] > 0.3).all() and (above[2:] < 0.05).all()


def test_the_steepest_point_of_a_grid():
    w, b = np.meshgrid(np.linspace(4, 7, 301), np.linspace(-4, -1, 301))
    size = np.hypot(*cliff_gradient(w, b)[1:])
    steepest = size.argmax()
    assert size.max() == pytest.approx(440, abs=0.5) and np.median(size) == pytest.approx(0.04, abs=0.005)
    assert (w.flat[steepest], b.flat[steepest]) == pytest.approx((4.69, -2.42))
    finer = np.hypot(*cliff_gradient(6.0, 0.5 - 6 / (1 + np.exp(-0.5)))[1:])
    assert finer > 1e6  # where no point of the grid is


@pytest.mark.parametrize("threshold", [None, 0.1])
def test_a_walk_is_torchs(threshold):
    """Torch's SGD and ``clip_grad_norm_``: each joint norm is that of w and b."""
    w, b, loss = cliff_walks(4.7, -1.7, 0.5, 30, threshold)
    parameters = [torch.nn.Parameter(torch.tensor(start, dtype=torch.float64)) for start in (4.7, -1.7)]
    sgd = torch.optim.SGD(parameters, lr=0.5)
    for k in range(31):
        expected = loss_in_torch(*parameters)
        at = [each.item() for each in (*parameters, expected)]
        assert (w[k], b[k], loss[k]) == pytest.approx(at, abs=1e-6)
        sgd.zero_grad()
        expected.backward()
        if threshold is not None:
            torch.nn.utils.clip_grad_norm_(parameters, threshold)
        sgd.step()


def test_every_combination_of_settings_is_a_walk_of_its_own():
    starts, rates, thresholds = np.array([4.5, 5.0]), np.array([[0.1], [0.5], [1.0]]), np.full((4, 1, 1), 0.1)
    found = cliff_walks(starts, -2.0, rates, 20, thresholds)
    assert all(each.shape == (21, 4, 3, 2) for each in found)
    alone = cliff_walks(5.0, -2.0, 0.5, 20, 0.1)
    for all_walks, walk in zip(found, alone, strict=True):
        np.testing.assert_allclose(all_walks[:, 2, 1, 1], walk, rtol=1e-12)


def test_the_unclipped_walk_is_thrown_off_the_cliff_and_the_clipped_one_steps_down():
    """From (4.7, -1.7), with a learning rate of 0.5."""
    w, b, loss = cliff_walks(4.7, -1.7, 0.5, 100)
    step = np.hypot(np.diff(w), np.diff(b))
    assert (
        step[:15].max() < 0.07 and loss[14] < 0.005
    )  # 14 updates go down a gentle slope; one passes the edge
    assert step[15] == pytest.approx(6.48, abs=0.01) and step[16:].max() < 1e-4  # and one ends it all
    assert (w[-1], b[-1]) == pytest.approx((7.40, 3.50), abs=0.005)
    assert loss[-1] == pytest.approx(0.09, abs=0.0005) and loss[-1] > loss[0]

    thresholds = np.array([0.03, 0.1, 0.3, 1.0])
    w, b, loss = cliff_walks(4.7, -1.7, 0.5, 100, thresholds)
    step = np.hypot(np.diff(w, axis=0), np.diff(b, axis=0))
    assert (step <= 0.5 * thresholds).all()
    assert (loss[-1] < 0.01).all()
    assert loss[-1, 1] < 0.002 and np.hypot(w[-1, 1] - 4.7, b[-1, 1] + 1.7) < 1


def test_wherever_it_starts_the_clipped_walk_comes_down_and_half_of_the_unclipped_do_not():
    w, b = np.meshgrid(np.linspace(4.3, 6.5, 23), np.linspace(-3.6, -1.4, 23))
    unclipped, clipped = (cliff_walks(w, b, 1.0, 200, threshold)[2][-1] for threshold in (None, 0.1))
    assert (clipped < 0.01).all()
    assert 0.4 < (unclipped > 0.05).mean() < 0.6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"w": np.nan}, "^w holds NaN or infinity"),
        ({"b": "-2"}, "^b holds .*; allowed: real numbers"),
        (
            {"w": [4.0, 5.0], "b": [1.0, 2.0, 3.0]},
            r"^w has shape \(2,\), b has shape \(3,\).*; allowed: shapes that fit",
        ),
        ({"learning_rate": 0}, "^learning_rate is 0.0; allowed: numbers above 0"),
        ({"learning_rate": [0.1, -0.1]}, "^learning_rate is -0.1; allowed: numbers above 0"),
        ({"threshold": 0}, "^threshold is 0.0; allowed: numbers above 0"),
        ({"threshold": np.inf}, "^threshold holds NaN or infinity"),
        ({"updates": 0}, "^updates is 0; allowed: an integer of at least 1"),
        ({"updates": 10**10}, "^walks of this many updates need 240 GB; allowed: 16"),
    ],
)
def test_bad_settings_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        cliff_walks(**{"w": 5.0, "b": -2.0, "learning_rate": 0.1, "updates": 3} | arguments)
    if "w" in arguments or "b" in arguments:
        with pytest.raises(ValueError, match=message.split(", learning_rate")[0]):
            cliff_gradient(**{"w": 5.0, "b": -2.0} | arguments)


def test_more_points_than_there_is_memory_are_refused_at_once():
    row = np.ones(10**5)
    with pytest.raises(ValueError, match=r"^points of this shape need .* GB; allowed: 16"):
        cliff_gradient(row, row[:, None])


def test_what_float64_cannot_hold_is_an_error_and_what_it_can_is_none():
    with np.errstate(all="raise"):
        with pytest.raises(OverflowError, match="leaves the range of float64"):
            cliff_gradient(1e308, 1e308)
        with pytest.raises(OverflowError, match="leaves the range of float64"):
            cliff_walks(4.283, -2.177, 1e308, 10)
        for walk in (cliff_walks(4.283, -2.177, 1e300, 20), cliff_walks(4.7, -1.7, 1e300, 20, 1e-300)):
            assert np.isfinite(walk).all()
