"""`train` and what it gives; runs in chunks; curves thinned out; bad input named."""

import threading

import numpy as np
import pytest
import torch
from rnn_gradients.training import Forecast, Run, curves, train
from rnn_gradients.training.ensemble import RULES

SMALL = {"length": 10, "hidden_size": 6, "batch_size": 4, "steps": 30, "seeds": 2}


def test_dimensions_and_variables():
    data = train(**SMALL)
    assert data.loss.dims == ("clip", "seed", "step")
    assert dict(data.sizes) == {"clip": 5, "seed": 2, "step": 30}
    assert data["clip"].values.tolist() == list(RULES) and data.step.values.tolist() == list(range(1, 31))
    for name in ("loss", "accuracy", "log10_hidden_norm", "log10_output_norm", "diverged"):
        assert data[name].dims == ("clip", "seed", "step")
    assert {*data.data_vars} == {
        "loss", "accuracy", "log10_hidden_norm", "log10_output_norm", "diverged", "test_accuracy", "solved",
    }  # fmt: skip
    assert np.isfinite(data.log10_hidden_norm).all() and not data.diverged.any()
    assert data.threshold == 1 and data.learning_rate == 0.1
    assert data.attrs["length"] == "10"


def test_sequences_become_dimensions():
    data = train(**SMALL, clip="hidden", threshold=[0.1, 1], learning_rate=(0.1, 0.2, 0.3))
    assert data.loss.dims == ("clip", "threshold", "learning_rate", "seed", "step")
    one = train(**SMALL, clip=["hidden"], threshold=0.1, learning_rate=0.2)
    position = {"threshold": 0.1, "learning_rate": 0.2}
    np.testing.assert_allclose(data.loss.sel(position), one.loss, rtol=1e-4)


def test_it_is_deterministic_however_it_is_cut():
    first = train(**SMALL)
    assert first.equals(train(**SMALL))
    run = Run("temporal-order", **SMALL)
    for updates in (1, 2, 26, 100):
        run.advance(updates)
    assert run.finished and first.equals(run.dataset())
    assert not np.allclose(first.loss.sel(seed=0), first.loss.sel(seed=1))
    np.testing.assert_allclose(train(**SMALL | {"seeds": [1]}).loss[:, 0], first.loss.sel(seed=1), rtol=1e-4)


def test_progress_sees_each_chunk_and_may_stop():
    seen = []
    data = train(**SMALL | {"steps": 1000}, progress=lambda run: seen.append(run.done) or len(seen) < 3)
    assert seen == [50, 100, 150] and data.sizes["step"] == 150


def test_an_interrupt_is_passed_on_and_leaves_nothing_behind():
    threads = torch.get_num_threads()

    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(**SMALL, progress=interrupt)
    assert torch.get_num_threads() == threads and threading.active_count() == 1


def test_a_real_series_is_forecast_month_by_month():
    data = train(Forecast(), "lstm", **SMALL)
    assert data.forecast.dims == ("clip", "seed", "month") and data.sizes["month"] == 708
    off = np.abs(data.forecast - data.observed).median("month")
    np.testing.assert_allclose(data.test_error * 39.18, off, rtol=0.02)
    assert "absolute_error" in data and "solved" not in data


def test_curves_are_means_and_largest_values():
    run = Run("temporal-order", **SMALL)
    run.advance(17)
    thin = curves(run.history(), 30, points=5)
    history = run.history()
    assert thin["update"].values.tolist() == [6, 12, 18, 24, 30]
    loss = history.loss.isel(step=slice(6, 12)).mean("step")
    np.testing.assert_allclose(thin.error.sel(update=12), np.log10(loss), rtol=1e-5)
    largest = history.log10_hidden_norm[..., 12:17].max("step")
    np.testing.assert_allclose(thin.hidden.sel(update=18), largest)
    assert thin.error.sel(update=[24, 30]).isnull().all()


def test_curves_of_what_diverged_are_at_the_top():
    data = train("adding", activation="relu", eigenvalue=3.0, learning_rate=10.0, clip="none", **SMALL)
    assert data.diverged.isel(step=-1).all()
    thin = curves(data, 30, points=5)
    assert (thin.error.isel(update=-1) == 38.5).all() and np.isfinite(thin.hidden).all()


@pytest.mark.parametrize(
    "bad",
    [
        {"task": "chess"}, {"task": 3}, {"cell": "gru"}, {"activation": "linear"}, {"length": 9},
        {"length": 2.5},
        {"clip": "all"}, {"clip": []}, {"clip": ["none", "none"]}, {"threshold": 0}, {"threshold": "1"},
        {"threshold": [1, -1]}, {"learning_rate": float("inf")}, {"eigenvalue": None}, {"hidden_size": 0},
        {"batch_size": True}, {"steps": 0}, {"seeds": 0}, {"seeds": [1, 1]}, {"seeds": [-1]},
        {"optimizer": "lion"}, {"readout": -1},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_named(bad):
    name = next(iter(bad))
    with pytest.raises(ValueError, match=rf"^({name}|seed) is .*allowed"):
        train(**SMALL | bad)


def test_sunspots_have_an_end():
    with pytest.raises(ValueError, match="length is 3000; allowed: at most 2411"):
        train("sunspots", **SMALL | {"length": 3000})
