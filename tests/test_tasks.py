"""The tasks are those of their papers: what is drawn, what is right, what is lost."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients.training import TASKS, Adding, Forecast, Parity, TemporalOrder
from rnn_gradients.training.sunspots import MEAN, SPREAD, sunspots, unseen_windows

lengths, seeds = st.integers(10, 60), st.integers(0, 2**16)


def drawn(task, length, seed, examples=40):
    return task.sample(np.random.default_rng(seed), examples, length)


@pytest.mark.parametrize("name", TASKS)
def test_shapes_and_determinism(name):
    task = TASKS[name]
    inputs, targets = drawn(task, 12, 0)
    assert inputs.shape == (40, 12, task.inputs)
    assert targets.shape == ((40, 12) if task.every_step else (40,))
    again = drawn(task, 12, 0)
    assert np.array_equal(inputs, again[0]) and np.array_equal(targets, again[1])
    assert not np.array_equal(inputs, drawn(task, 12, 1)[0])
    outputs = torch.zeros(*targets.shape, task.outputs)
    targets = torch.as_tensor(targets)
    assert task.loss(outputs, targets).shape == task.correct(outputs, targets).shape == targets.shape
    fresh, answers = task.fresh(12)
    assert len(fresh) == len(answers) >= 700


@given(lengths, seeds)
def test_temporal_order(length, seed):
    inputs, targets = drawn(TemporalOrder(), length, seed)
    assert (inputs.sum(-1) == 1).all()
    symbols = inputs.argmax(-1)
    tenth = length // 10
    for row, target in zip(symbols, targets, strict=True):
        first, second = np.flatnonzero(row < 2)
        assert tenth <= first < 2 * tenth and length // 2 <= second < length // 2 + tenth
        assert target == 2 * row[first] + row[second]


@given(lengths, seeds)
def test_adding(length, seed):
    inputs, targets = drawn(Adding(), length, seed)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    assert (np.abs(numbers) <= 1).all()
    exact = 0.5 + (numbers * (marks == 1)).sum(1) / 4
    assert Adding().correct(torch.as_tensor(exact[:, None]), torch.as_tensor(targets)).all()
    for row, mark, target in zip(numbers, marks, targets, strict=True):
        marked = np.flatnonzero(mark == 1)
        assert len(marked) == 2 and marked.max() < length // 2 and marked.min() < 10
        assert mark[-1] == -1 and (mark[0] == -1 or 0 in marked)
        assert target == pytest.approx(0.5 + sum(row[marked]) / 4, abs=1e-6)


@given(st.integers(2, 8), st.integers(1, 30), seeds, st.sampled_from([0, 50]))
def test_parity(symbols, length, seed, training_set):
    task = Parity(symbols, training_set)
    inputs, targets = drawn(task, length, seed)
    numbers = inputs[..., 0] if symbols == 2 else inputs.argmax(-1)
    assert np.array_equal(targets, np.cumsum(numbers, 1) % 2)


def test_parity_of_many_symbols_takes_no_more_memory_than_its_numbers():
    inputs, targets = drawn(Parity(10**6), 2, 0, 2)
    numbers = inputs.argmax(-1)
    assert (inputs.sum(-1) == 1).all() and np.array_equal(targets, np.cumsum(numbers, 1) % 2)


def test_parity_of_a_training_set_repeats_itself_and_is_tested_on_others():
    task = Parity(30, training_set=20)
    rows = {row.tobytes() for row in drawn(task, 50, 0, 500)[0]}
    assert len(rows) == 20
    assert not rows & {row.tobytes() for row in task.fresh(50)[0]}


@given(seeds, st.sampled_from(["sunspots", "sines"]), st.sampled_from([1.0, 40.0]))
def test_forecast_scale_and_outliers(seed, series, scale):
    plain = np.concatenate(drawn(Forecast(series), 20, seed)[:1], axis=1)[..., 0]
    scaled = drawn(Forecast(series, scale=scale), 20, seed)[0][..., 0]
    np.testing.assert_allclose(scaled, scale * plain, rtol=1e-5, atol=1e-5)
    off = drawn(Forecast(series, outliers=0.1), 20, seed)[0][..., 0] - plain
    assert set(np.abs(off).round(3).ravel()) == {0.0, 5.0}
    assert 0.05 < (off != 0).mean() < 0.16


def test_gaussian_likelihood_is_that_of_torch():
    task = Forecast("sines", "gaussian")
    outputs, targets = torch.randn(6, 2), torch.randn(6)
    normal = torch.distributions.Normal(outputs[:, 0], outputs[:, 1].exp())
    expected = -normal.log_prob(targets) - np.log(2 * np.pi) / 2
    torch.testing.assert_close(task.loss(outputs, targets), expected)


def test_what_counts_as_solved():
    assert TASKS["temporal-order"].solved_at > 0.99  # fewer than 100 of 10,000 wrong: under 1 %
    outputs, targets = torch.tensor([[0.5], [0.5]]), torch.tensor([0.539, 0.541])
    assert Adding().correct(outputs, targets).tolist() == [True, False]


def test_sunspots_are_whole():
    months, numbers = sunspots()
    assert len(numbers) == 260 * 12 and (np.diff(months).astype(int) == 1).all()
    assert months[numbers.argmax()] == np.datetime64("1957-10") and numbers.max() == 253.8
    windows, targets, unseen = unseen_windows(30)
    assert unseen[0] == np.datetime64("1950-01") and len(targets) == len(windows) == 59 * 12
    at = np.flatnonzero(months == unseen[100])[0]
    np.testing.assert_allclose(SPREAD * windows[100] + MEAN, numbers[at - 30 : at])
    assert SPREAD * targets[100] + MEAN == pytest.approx(numbers[at])


def test_training_never_sees_the_months_it_is_tested_on():
    inputs, targets = drawn(Forecast(), 30, 0, 5000)
    past = (sunspots()[1][sunspots()[0] < np.datetime64("1950-01")] - MEAN) / SPREAD
    known = np.lib.stride_tricks.sliding_window_view(past, 31).astype("f4")
    rows = np.concatenate([inputs[..., 0], targets[:, None]], axis=1)
    assert {row.tobytes() for row in rows} <= {row.tobytes() for row in known}


@pytest.mark.parametrize(
    "make, name",
    [
        (lambda: Parity(1), "symbols"),
        (lambda: Parity(2.5), "symbols"),
        (lambda: Parity(10**400), "symbols"),
        (lambda: Parity(10**7), "symbols"),
        (lambda: Parity(2, -1), "training_set"),
        (lambda: Forecast("moon"), "series"),
        (lambda: Forecast(likelihood="poisson"), "likelihood"),
        (lambda: Forecast(outliers=1.0), "outliers"),
        (lambda: Forecast(outliers=float("nan")), "outliers"),
        (lambda: Forecast(scale=0), "scale"),
        (lambda: Forecast(scale=1e300), "scale"),
        (lambda: Forecast(scale=1e-300), "scale"),
        (lambda: Forecast(scale=1j), "scale"),
        (lambda: Forecast(outliers=True), "outliers"),
        (lambda: Forecast(["sines"]), "series"),
    ],
)
def test_bad_tasks_are_named(make, name):
    with pytest.raises(ValueError, match=f"^{name} is"):
        make()
