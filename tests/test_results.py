"""What is stored: it comes back, it is small, it says how it was made, and it is what the code gives."""

import subprocess
import sys

import distributed
import joblib
import numpy as np
import pytest
import xarray as xr
from rnn_gradients.results import RESULTS, load_results, save_results
from rnn_gradients.training import make_results

FORECAST = make_results.LSTM | {"task": "sunspots", "steps": 3, "hidden_size": 4}
TINY = {
    "temporal-order": (
        6,
        {
            (("length", length), ("threshold", threshold)): {
                "task": "temporal-order",
                "length": length,
                "threshold": threshold,
                "steps": 4,
                "hidden_size": 5,
            }
            for length in (20, 10)
            for threshold in (1.0, 0.1)
        },
    ),
    "sunspots": (
        2,
        {(("case", "plain"),): make_results.LSTM | {"task": "sunspots", "steps": 3, "hidden_size": 4}},
    ),
    "parity": (1, {(): {"task": "parity", "steps": 3, "length": 7, "hidden_size": 4}}),
}


@pytest.fixture(scope="module")
def tiny():
    return make_results.compute(TINY)


def test_groups_have_their_dimensions_in_the_order_of_the_plan(tiny):
    orders = tiny["temporal-order"]
    assert dict(orders.solved.sizes) == {"length": 2, "threshold": 2, "clip": 5, "seed": 6}
    assert orders.length.values.tolist() == [20, 10] and orders.threshold.values.tolist() == [1.0, 0.1]
    assert orders.seed.values.tolist() == list(range(6))
    assert tiny["sunspots"].forecast.dims == ("case", "clip", "seed", "month")
    assert tiny["parity"].test_accuracy.dims == ("clip", "seed")


def test_what_is_saved_comes_back(tiny, tmp_path):
    save_results(tmp_path / "a.npz", tiny, command="make", date="today")
    back = load_results(tmp_path / "a.npz")
    assert list(back) == list(tiny)
    for group, data in tiny.items():
        assert back[group].attrs == {"command": "make", "date": "today"}
        assert {*back[group].coords} == {*data.coords} and {*back[group].data_vars} == {*data.data_vars}
        for name, values in data.variables.items():
            assert back[group][name].dims == values.dims
            if values.dtype.kind == "f":
                off = values.attrs.get("resolution", 0) / 2 + 1e-9
                np.testing.assert_allclose(back[group][name], values, atol=off, rtol=0)
            else:
                assert np.array_equal(back[group][name], values)


def test_numbers_too_large_for_their_resolution_are_refused(tmp_path):
    data = xr.Dataset({"a": ("x", [1.0, 400.0], {"resolution": 0.01})})
    with pytest.raises(ValueError, match=r"resolution is 0.01; allowed"):
        save_results(tmp_path / "a.npz", {"group": data})


def test_a_dask_cluster_gives_the_same_file(tiny, tmp_path):
    with (
        distributed.Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client,
        joblib.parallel_config(backend="dask"),
    ):
        there = make_results.compute(TINY)
        assert client.status == "running"
    for name, groups in (("here", tiny), ("there", there)):
        save_results(tmp_path / name, groups, date="today")
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_the_stored_file_is_small_and_says_how_it_was_made():
    assert RESULTS.stat().st_size < 2_000_000
    for data in load_results().values():
        assert data.attrs["command"] == "python -m rnn_gradients.training.make_results"
        assert {"date", "torch", "numpy", "python", "rnn-gradients"} < {*data.attrs}


def test_the_stored_file_holds_the_whole_plan():
    stored = load_results()
    assert list(stored) == list(make_results.PLAN)
    for group, (seeds, positions) in make_results.PLAN.items():
        assert stored[group].sizes["seed"] == seeds
        for position in positions:
            stored[group].sel(dict(position))
    assert all(stored["temporal-order"][name].notnull().all() for name in ("error", "hidden", "solved"))


@pytest.mark.parametrize("group", make_results.PLAN)
def test_the_stored_file_is_what_the_code_gives(group):
    """Trained anew for the first stretch of updates; later, rounding alone leads elsewhere."""
    position, settings = next(iter(make_results.PLAN[group][1].items()))
    stored = load_results()[group].sel(dict(position)).isel(update=0, seed=slice(0, 2))
    anew = make_results._train([0, 1], settings | {"steps": int(stored["update"])})
    np.testing.assert_allclose(stored.error, np.log10((10**anew.error).mean("update")), atol=0.011)
    np.testing.assert_allclose(stored.hidden, anew.hidden.max("update"), atol=0.011)


def test_who_solved_the_task_is_what_the_code_gives():
    """One short position to its end, where the outcome does not hang by a rounding error."""
    position, settings = next(iter(make_results.PLAN["temporal-order"][1].items()))
    stored = load_results()["temporal-order"].sel(dict(position)).sel(clip=["hidden"], seed=[0, 1])
    anew = make_results._train([0, 1], settings | {"clip": "hidden"})
    assert anew.solved.all() and np.array_equal(stored.solved, anew.solved)
    np.testing.assert_allclose(stored.test_accuracy, anew.test_accuracy, atol=0.005)


def test_a_group_of_unequal_runs_is_refused_before_any_is_trained():
    plan = {"odd": (1, {(("a", steps),): {"task": "parity", "steps": steps} for steps in (3, 10**9)})}
    with pytest.raises(ValueError, match="steps in 'odd' are"):
        make_results.compute(plan)


def test_one_group_can_be_trained_again(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(make_results, "PLAN", TINY)
    file = tmp_path / "runs"
    save_results(file, {**tiny, "parity": 0 * tiny["parity"]}, date="once")
    monkeypatch.setattr(
        sys, "argv", ["make_results", "--output", str(file), "--jobs", "1", "--only", "parity"]
    )
    make_results.main()
    back = load_results(file)
    assert list(back) == list(TINY) and np.array_equal(back["parity"].error, tiny["parity"].error.round(2))
    assert np.array_equal(back["temporal-order"].solved, tiny["temporal-order"].solved)


def test_results_are_read_without_torch():
    code = "import sys, rnn_gradients.results as r; r.load_results(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
