"""`train` and what it gives; runs in chunks; curves thinned out; bad input named."""

import array
import copy
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rnn_gradients.training import Forecast, Parity, Run, Task, TemporalOrder, curves, train
from rnn_gradients.training.ensemble import RULES, Ensemble
from rnn_gradients.training.runs import one_thread

SMALL = {"length": 10, "hidden_size": 6, "batch_size": 4, "steps": 30, "seeds": 2}


class InterruptedOrder(TemporalOrder):
    """Interrupted where a test says so."""

    interrupted: ClassVar[set] = set()

    def sample(self, *arguments):
        return self._unless("sample", *arguments)

    def loss(self, *arguments):
        return self._unless("loss", *arguments)

    def correct(self, *arguments):
        return self._unless("correct", *arguments)

    def _unless(self, stage, *arguments):
        if stage in self.interrupted:
            raise KeyboardInterrupt
        return getattr(TemporalOrder, stage)(self, *arguments)


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
    threads, others = torch.get_num_threads(), threading.active_count()
    task = InterruptedOrder()
    for stage in ("sample", "loss", "correct"):
        run = Run(task, **SMALL)
        run.advance(5)
        expected = run.history()
        task.interrupted.add(stage)
        with pytest.raises(KeyboardInterrupt):
            run.advance(25)
        task.interrupted.clear()
        assert torch.get_num_threads() == threads and threading.active_count() == others
        data = run.dataset()
        assert run.done == data.sizes["step"] >= 5
        assert data.isel(step=slice(0, 5)).drop_vars(["test_accuracy", "solved"]).equals(expected)
        with pytest.raises(RuntimeError, match="interrupted in the middle"):
            run.advance(1)


def threads_of_a_new_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture
def three_threads():
    """Torch set to three threads, here and in threads to come."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


class Person:
    """A thread that does what it is told, one thing after the other."""

    def __init__(self):
        self._pool, self._inside = ThreadPoolExecutor(1), []

    def do(self, act):
        return self._pool.submit(act).result(30)

    def count(self):
        return self.do(torch.get_num_threads)

    def enter(self):
        self._inside.append(one_thread())
        self.do(self._inside[-1].__enter__)

    def leave(self):
        self.do(lambda: self._inside.pop().__exit__(None, None, None))

    def close(self):
        while self._inside:
            self.leave()
        assert self.count() == 3
        self._pool.shutdown()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("abc"), max_size=12), st.data())
def test_every_thread_keeps_its_own_number_of_threads(three_threads, steps, data):
    people = {}
    for name in steps:
        person = people.setdefault(name, Person())  # some begin while others are inside
        if person._inside and data.draw(st.booleans()):
            person.leave()
        else:
            person.enter()
        for each in people.values():
            assert each.count() == (1 if each._inside else 3)
        assert torch.get_num_threads() == threads_of_a_new_thread() == 3
    for person in people.values():
        person.close()
    assert torch.get_num_threads() == threads_of_a_new_thread() == 3


def test_data_read_in_a_training_leave_the_number_of_threads(three_threads):
    task, reading, read = TemporalOrder(), threading.Event(), threading.Event()
    run = Run(task, **SMALL)

    def train_on():
        run.advance(5)
        with one_thread():  # in the middle of an update
            reading.set()
            assert read.wait(30)
        run.advance(25)
        return torch.get_num_threads()

    with ThreadPoolExecutor(1) as pool:
        trainer = pool.submit(train_on)
        assert reading.wait(30)
        assert run.dataset().sizes["step"] == 5 and torch.get_num_threads() == 3
        read.set()
        assert trainer.result(30) == torch.get_num_threads() == threads_of_a_new_thread() == 3


def test_a_run_can_be_read_while_another_thread_trains_it():
    run = Run("temporal-order", **SMALL | {"steps": 300})
    trainer = threading.Thread(target=run.advance, args=(300,))
    trainer.start()
    while trainer.is_alive():
        time.sleep(0.01)  # or the other thread would hardly get its turn
        assert np.isfinite(run.history().get("loss", np.array(0.0))).all()
    trainer.join()
    run.rest()
    assert run.history().sizes["step"] == 300


class LonelyOrder(TemporalOrder):
    """Bears no two threads at a time, and lets others have their turn meanwhile."""

    def loss(self, *arguments):
        return self._alone(super().loss, *arguments)

    def fresh(self, *arguments):
        return self._alone(super().fresh, *arguments)

    def _alone(self, act, *arguments, inside=threading.Lock()):  # noqa: B008
        assert inside.acquire(blocking=False), "two threads at a time"
        time.sleep(0.001)
        inside.release()
        return act(*arguments)


def test_threads_that_share_a_run_take_turns():
    alone, run = train(**SMALL), Run(LonelyOrder(), **SMALL)
    with ThreadPoolExecutor(4) as pool:
        trainers = [pool.submit(run.advance, 14) for _ in range(3)]  # 12 more than there are, together
        reads = [pool.submit(read) for read in (run.dataset, run.rest, run.dataset)]
        for each in trainers + reads:
            each.result(60)
    assert run.done == 30
    xr.testing.assert_equal(run.dataset(), alone)


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
        {"optimizer": "lion"}, {"readout": -1}, {"clip": None}, {"clip": np.array("all")}, {"clip": b"none"},
        {"seeds": []}, {"seeds": np.array(0)}, {"threshold": 1e-60}, {"threshold": np.array(-1.0)},
        {"learning_rate": 1e300}, {"eigenvalue": 1e300}, {"task": Task()}, {"progress": 5},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_named(bad):
    name = next(iter(bad))
    with pytest.raises(ValueError, match=rf"^{name} is .*allowed"):
        train(**SMALL | bad)


def test_sunspots_have_an_end():
    with pytest.raises(ValueError, match="length is 3000; allowed: at most 2411"):
        train("sunspots", **SMALL | {"length": 3000})


def test_numpy_numbers_are_numbers():
    small = {name: np.int8(value) for name, value in SMALL.items()}
    given = train(**small, threshold=np.array(1.0), clip=np.array("none"), learning_rate=np.float32(0.1))
    assert given.loss.dims == ("clip", "seed", "step")
    assert np.array_equal(given.loss, train(**SMALL, clip="none", learning_rate=float(np.float32(0.1))).loss)


@pytest.mark.parametrize(
    "big",
    [
        {"length": 10**13}, {"batch_size": 10**12}, {"hidden_size": 10**9}, {"readout": 10**10},
        {"steps": 10**11}, {"steps": 10**8}, {"task": Parity(10**6), "batch_size": 100},
        {"task": Parity(3, training_set=10**12)}, {"readout": 3 * 10**6, "hidden_size": 100},
    ],
    ids=str,
)  # fmt: skip
def test_what_needs_too_much_memory_is_refused(big, no_training):
    with pytest.raises(ValueError, match=r"hidden_size and 10 networks need .* GB; allowed: 16"):
        train(**SMALL | big)


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"cell": "lstm"}, {"task": Parity(30, 1000)}, {"readout": 300, "optimizer": "adam"},
        {"task": "adding", "steps": 2000, "length": 6}, {"task": "sunspots", "hidden_size": 200},
    ],
    ids=str,
)  # fmt: skip
def test_the_memory_that_is_counted_is_that_which_is_held(settings, monkeypatch):
    counted = {}
    monkeypatch.setattr("rnn_gradients.engine.checks.MOST_MEMORY", 0)
    settings = {"length": 20, "hidden_size": 50, "batch_size": 32, "steps": 30, "seeds": 4} | settings
    with pytest.raises(ValueError) as refused:
        train(**settings)
    counted = 1e9 * float(re.search("need (.*) GB", str(refused.value))[1])
    monkeypatch.undo()
    run = Run(settings.pop("task", "temporal-order"), **settings)
    run.advance(2)
    held = {}
    for made in (run, run._ensemble, run._ensemble._layer, *run._ensemble._examples):
        collect(vars(made), held)
    assert sum(held.values()) / 2 < counted < 12 * sum(held.values())


def collect(value, held):
    """Note the memory of all tensors and arrays in a value, by their address: views count once."""
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
    elif isinstance(value, np.ndarray):
        while value.base is not None:
            value = value.base
        held[id(value)] = value.nbytes
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            collect(each, held)


@pytest.mark.parametrize("answer", [False, np.False_, 0])
def test_progress_may_say_no_in_many_ways(answer):
    assert train(**SMALL | {"steps": 60}, progress=lambda run: answer).sizes["step"] == 50


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda run: run.advance(0.5), "updates is 0.5; allowed"),
        (lambda run: run.advance(-1), "updates is -1; allowed"),
        (lambda run: curves(run.history(), 0), "steps is 0; allowed"),
        (lambda run: curves(run.history(), 5, points=0), "points is 0; allowed"),
        (lambda run: curves(run.history(), 5), "history has no update"),
        (lambda run: curves([1, 2], 5), "history is .1, 2.; allowed"),
        (lambda run: run.advance(3) or curves(run.history(), 2), "steps is 2; allowed: from 3"),
        (lambda run: run.advance(3) or curves(run.history(), 10**300), "steps is 1000.*; allowed: from 3"),
        (
            lambda run: run.advance(3) or curves(run.history(), 10**400),
            "steps is 1000.*; allowed: an integer",
        ),
        (lambda run: run.advance(3) or curves(run.history(), 5, points=10**12), "points is 10+; allowed"),
    ],
)
def test_bad_calls_on_a_run_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act(Run("temporal-order", **SMALL))


# --- one or several -----------------------------------------------------------------------------------------

KINDS = {
    "tuple": tuple,
    "iterator": iter,
    "generator": lambda values: (value for value in values),
    "map": lambda values: map(copy.copy, values),
    "reversed": lambda values: (backward := values[::-1]) and reversed(backward),
    "keys by hand": lambda values: iter(dict.fromkeys(values)),
    "array of objects": lambda values: np.array(values, object),
    "array": np.array,
    "masked array": np.ma.array,
    "arrays without dimensions": lambda values: [np.array(value) for value in values],
    "Series": pd.Series,
    "Index": pd.Index,
    "DataArray": lambda values: xr.DataArray(values, dims="seed"),
    "DataArrays without dimensions": lambda values: [xr.DataArray(value) for value in values],
}
NUMBERS = {
    "array of the library": lambda values: array.array("q" if isinstance(values[0], int) else "d", values),
    "tensor": lambda values: torch.from_numpy(np.array(values)),
    "tensors": lambda values: map(torch.from_numpy, map(np.array, values)),
    "learned": lambda values: torch.from_numpy(np.array(values)).requires_grad_(isinstance(values[0], float)),
}
rates = st.floats(1e-30, 1e30)
SEVERAL = {
    "clip": st.sampled_from(RULES),
    "threshold": rates,
    "learning_rate": rates,
    "seeds": st.integers(0, 2**63 - 1),
}


def coordinates(**arguments):
    return Run("temporal-order", **SMALL | {"clip": "none"} | arguments)._coordinates


def is_dimension(name, given):
    history = Run("temporal-order", **SMALL | {name: given}).history()
    return {"seeds": "seed"}.get(name, name) in history.dims


@given(st.data())
def test_any_iterable_is_as_the_list_of_its_values(data):
    name = data.draw(st.sampled_from(list(SEVERAL)))
    values = data.draw(st.lists(SEVERAL[name], min_size=1, max_size=4, unique=True))
    kinds = KINDS if name == "clip" else KINDS | NUMBERS
    kind = kinds[data.draw(st.sampled_from(list(kinds)))]
    expected, found = coordinates(**{name: values}), coordinates(**{name: kind(values)})
    assert found == expected and found["seed" if name == "seeds" else name] == values
    assert [type(value) for value in found["seed"]] == [int] * len(found["seed"])
    assert is_dimension(name, kind(values))


@pytest.mark.parametrize(
    "one",
    [np.array, np.float32, xr.DataArray, torch.tensor, torch.nn.Parameter],
    ids=lambda pack: pack.__name__,
)
def test_one_value_in_whatever_it_is_packed_is_no_dimension(one):
    for name in ("threshold", "learning_rate"):
        value = torch.tensor(0.5) if one is torch.nn.Parameter else 0.5
        assert coordinates(**{name: one(value)}) == coordinates(**{name: 0.5})
        assert not is_dimension(name, one(value)) and is_dimension(name, [one(value)])
    assert coordinates(clip=np.array("both"))["clip"] == ["both"]
    if one is not torch.nn.Parameter and one is not np.float32:
        assert coordinates(seeds=one(3))["seed"] == [0, 1, 2]
        assert coordinates(seeds=[one(3)])["seed"] == [3]


def test_seeds_are_those_that_were_given():
    assert coordinates(seeds=(seed for seed in [7]))["seed"] == [7]
    assert coordinates(seeds=map(int, "31"))["seed"] == [3, 1]
    assert coordinates(seeds=range(4, 0, -2))["seed"] == [4, 2]
    data = train(**SMALL | {"seeds": (seed for seed in [7, 2])}, threshold=(t for t in (1.0, 0.5)))
    assert data.seed.values.tolist() == [7, 2] and data.threshold.values.tolist() == [1.0, 0.5]


def endless(value):
    while True:
        yield value


@pytest.fixture
def no_training(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("trained before all was checked")

    monkeypatch.setattr(Ensemble, "update", fail)
    monkeypatch.setattr(Ensemble, "__init__", fail)


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize(
    "bad",
    [
        lambda value: {value},
        lambda value: frozenset([value]),
        lambda value: {value: value},
        lambda value: {value: value}.keys(),
        lambda value: {value: value}.values(),
        lambda value: {value: value}.items(),
        lambda value: pd.DataFrame({value: [value]}),
        lambda value: xr.Dataset({"a": ("b", [value])}),
        lambda value: np.array([[value]]),
        lambda value: [[value]],
        lambda value: np.ma.array([value], mask=[True]),
        lambda value: np.ma.array(value, mask=True),
        lambda value: [value, value],
        lambda value: iter([]),
        lambda value: endless(value),
        lambda value: [value, None],
        lambda value: str(value).encode(),
        lambda value: bytearray([3]),
    ],
)
def test_what_has_no_order_or_no_value_is_named(name, bad, no_training):
    with pytest.raises(ValueError, match=rf"^{name} is [\s\S]*; allowed"):
        train(**SMALL | {name: bad({"clip": "none", "seeds": 3}.get(name, 0.5))})


JUNK = [
    None, True, np.True_, 1j, np.complex64(1), b"1", "1", object(), float("nan"), float("inf"), -1, 0.5,
    10**400, -(10**400), 10**15, np.float32(0.5), np.array([1, 2]), [1, 2], torch.tensor(1), {}, pd.NA,
    np.datetime64("2000"),
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "task", "cell", "activation", "length", "eigenvalue", "hidden_size", "batch_size", "steps",
        "progress", "optimizer", "readout",
    ],
)  # fmt: skip
def test_junk_is_named_before_anything_is_trained(name, no_training):
    taken = {"eigenvalue": ["-1", "0.5", "np.float32(0.5)"], "progress": ["None"]}.get(name, ())
    named = rf"^({name} is [\s\S]*; allowed|task, .*{name}.* GB; allowed: 16)"
    for junk in JUNK:
        if repr(junk) not in taken:
            with pytest.raises(ValueError, match=named):
                train(**SMALL | {name: junk})


@pytest.mark.parametrize("seed", [2**63, 10**400, 0.5, True, -1, None, 1j])
def test_a_bad_seed_is_named(seed, no_training):
    for seeds in ([seed], [0, seed], iter([seed])):
        with pytest.raises(ValueError, match=r"^seeds is .*allowed"):
            train(**SMALL | {"seeds": seeds})


@pytest.mark.parametrize("seeds", [10**9, 10**400, range(10**12)], ids=["many", "very many", "range"])
def test_more_seeds_than_can_be_trained_are_named(seeds, no_training):
    with pytest.raises(ValueError, match=r"^seeds is .*allowed"):
        train(**SMALL | {"seeds": seeds})
