"""What is stored: it comes back, it is small, it says how it was made, and it is what the code gives."""

import os
import stat
import subprocess
import sys

import distributed
import joblib
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rnn_gradients.results import RESULTS, load_results, save_results
from rnn_gradients.training import make_results, train

FORECAST = make_results.SMALL_LSTM | {"task": "sunspots", "steps": 3, "hidden_size": 4}
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
        {(("case", "plain"),): make_results.SMALL_LSTM | {"task": "sunspots", "steps": 3, "hidden_size": 4}},
    ),
    "parity": (1, {(): {"task": "parity", "steps": 3, "length": 7, "hidden_size": 4}}),
    "optimizers": (
        1,
        {(("optimizer", "adam"),): {"optimizer": "adam", "steps": 9, "length": 10, "hidden_size": 4}},
    ),
}


names = st.text(max_size=4) | st.sampled_from(["header", "a/b", "a", "b", "..", "/", "file", "dict"])
hashables = names | st.integers() | st.tuples(names, st.integers(0, 9))
numbers = st.booleans() | st.integers() | st.floats()
attributes = st.recursive(
    st.none() | numbers | st.text() | numbers.map(lambda value: np.array(value)[()]).filter(np.isreal),
    lambda some: st.lists(some) | st.lists(some).map(tuple) | st.dictionaries(hashables, some),
    max_leaves=4,
).filter(lambda value: not getattr(value, "dtype", np.dtype(int)).hasobject)
dtypes = (
    st.sampled_from(["f2", "f4", "f8", ">f4", ">f8", "i1", "i8", ">i4", "u2", "u8", "?", "c8", "U3", "S3"])
    | st.sampled_from(["M8[ns]", "M8[s]", "m8[ns]", "m8[s]"])
    | st.just("O")
)
of_indexes = st.sampled_from(["f4", "f8", "i1", "i8", "u2", "?", "U3", "M8[ns]", "m8[s]", "O"])  # of pandas


@st.composite
def datasets(draw):
    """Draw a dataset: any names, sizes from 0, coordinates with and without dimensions."""
    sizes = draw(st.dictionaries(names, st.integers(0, 3), max_size=2))

    def variable(dims, dtypes=dtypes):
        dtype, shape = draw(dtypes), tuple(sizes[dim] for dim in dims)
        elements = st.text(max_size=4) | st.none() | numbers if dtype == "O" else None
        values = draw(hnp.arrays(dtype, shape, elements=elements))
        return xr.Variable(dims, values, draw(st.dictionaries(hashables, attributes, max_size=2)))

    subsets = st.lists(st.sampled_from(list(sizes)), unique=True) if sizes else st.just([])
    others = draw(st.lists(hashables.filter(lambda name: name not in sizes), max_size=3, unique=True))
    coordinates = [dim for dim in sizes if draw(st.booleans())]
    data = xr.Dataset({name: variable(draw(subsets)) for name in others})
    data = data.assign_coords({dim: variable([dim], of_indexes) for dim in coordinates})
    data.attrs = draw(st.dictionaries(names, attributes, max_size=2))
    return data.set_coords([name for name in others if draw(st.booleans())])


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


def test_updates_are_counted_whose_gradient_is_longer(tiny):
    data = train(seeds=1, optimizer="adam", steps=9, length=10, hidden_size=4)
    counted = tiny["optimizers"].sel(optimizer="adam")
    for layer in ("hidden", "output"):
        norms = 10.0 ** data[f"log10_{layer}_norm"].values
        for level in (-2.0, -1.5, -0.8, 0.0, 1.3):
            found = counted[f"{layer}_above"].sel(level=level)
            np.testing.assert_array_equal(found, (norms > 10**level).sum(-1))
        np.testing.assert_allclose(10 ** counted[f"{layer}_average"], norms.mean(-1), rtol=1e-6)
    assert 0 < counted.hidden_above.sel(level=-1.5).mean() < 9


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


@given(st.dictionaries(hashables, datasets(), max_size=2), st.dictionaries(names, attributes, max_size=2))
def test_any_dataset_comes_back(tmp_path_factory, groups, about):
    file = tmp_path_factory.getbasetemp() / "any"
    about = {key: value for key, value in about.items() if key not in ("path", "groups")}
    save_results(file, groups, **about)
    back = load_results(file)
    assert list(back) == list(groups)
    for group, data in groups.items():
        found, expected = back[group], data.assign_attrs(about)
        xr.testing.assert_identical(found, expected)
        assert list(found.variables) == list(data.variables) and {*found.coords} == {*data.coords}
        assert repr(_bare(found.attrs)) == repr(_bare(expected.attrs))  # a tuple is no list
        for name, variable in data.variables.items():
            assert found[name].dtype == variable.dtype
            assert repr(_bare(found[name].attrs)) == repr(_bare(variable.attrs))


def test_slashes_in_names_are_nothing_special(tmp_path):
    groups = {"a/b": xr.Dataset({"c": 1}), "a": xr.Dataset({"b/c": 2})}
    save_results(tmp_path / "a.npz", groups)
    back = load_results(tmp_path / "a.npz")
    assert back["a/b"]["c"] == 1 and back["a"]["b/c"] == 2


def _bare(value):
    """Turn numpy's scalars into Python's, as deep as they lie."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_bare, value))
    return value.item() if isinstance(value, np.generic) else value


@given(
    hnp.arrays(
        float,
        hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4),
        elements=st.floats(-32767, 32767) | st.just(np.nan),
    ),
    st.sampled_from(["f4", "f8", ">f8", "i4"]),
    st.sampled_from([0.01, 0.1, np.float32(0.25), np.int64(3), 100]),
)
def test_numbers_come_back_within_half_their_resolution(tmp_path_factory, multiples, dtype, resolution):
    file = tmp_path_factory.getbasetemp() / "resolution"
    values = np.asarray((np.nan_to_num(multiples) if dtype == "i4" else multiples) * resolution).astype(dtype)
    data = xr.Dataset({"v": (("a", "b")[: values.ndim], values, {"resolution": resolution})})
    save_results(file, {"group": data})
    found = load_results(file)["group"]["v"]
    assert found.attrs == data["v"].attrs and found.dtype == float
    np.testing.assert_allclose(found, values, rtol=1e-12, atol=float(resolution) * (0.5 + 1e-9))


ITSELF = [1]
ITSELF += [{"a": (ITSELF,)}]
DAYS = pd.date_range("2000", periods=2, tz="Europe/Paris")
LEVELS = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["l", "m"])
KINDS = {  # of pandas
    "categories": pd.Categorical(["a", "b"]),
    "Int64": pd.array([1, 2], dtype="Int64"),
    "Int64 with a gap": pd.array([1, None], dtype="Int64"),
    "boolean": pd.array([True, None], dtype="boolean"),
    "days of a zone": DAYS,
    "periods": pd.period_range("2000", periods=2, freq="Y"),
    "intervals": pd.interval_range(0, 2),
}


@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS)
def test_what_only_pandas_knows_is_refused_by_name(tmp_path, values):
    for data in (xr.Dataset({"v": ("x", values)}), xr.Dataset(coords={"v": pd.Index(values)})):
        with pytest.raises(ValueError, match=r"^'v' is of dtype .*; allowed: those of numpy$"):
            save_results(tmp_path / "a", {"g": data})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["string", "str", object])
def test_strings_of_pandas_come_back(tmp_path, dtype):
    words = pd.array(["a", "b"], dtype=dtype)
    data = xr.Dataset({"v": ("x", words)}, coords={"x": pd.Index(words)})
    save_results(tmp_path / "a", {"g": data})
    xr.testing.assert_identical(load_results(tmp_path / "a")["g"], data)


def test_a_coordinate_without_an_index_stays_one(tmp_path):
    data = xr.Dataset(coords={"x": [1, 2], "y": [3, 4], "z": ("x", [5, 6])}).drop_indexes("x")
    save_results(tmp_path / "a", {"g": data})
    found = load_results(tmp_path / "a")["g"]
    xr.testing.assert_identical(found, data)
    assert list(found.xindexes) == ["y"]


ROWS = np.array([(1, "a")], [("n", int), ("o", object)])


@pytest.mark.parametrize(
    ("groups", "about", "message"),
    [
        (
            {"g": xr.Dataset(attrs={"note": object})},
            {},
            r"attrs\['g'\]\['note'\] is <class 'object'>; allowed",
        ),
        ({"g": xr.Dataset(attrs={"note": 1j})}, {}, r"attrs\['g'\]\['note'\] is 1j; allowed"),
        ({"g": xr.Dataset(attrs={"n": np.datetime64(5, "ns")})}, {}, r"attrs\['g'\]\['n'\] is np.datetime64"),
        (
            {"g": xr.Dataset(attrs={"n": [1, {2: {3}}]})},
            {},
            r"attrs\['g'\]\['n'\]\[1\]\[2\] is \{3\}; allowed",
        ),
        (
            {"g": xr.Dataset({"v": ((), 1, {"note": {3}})})},
            {},
            r"\['v'\]\['attrs'\]\['note'\] is \{3\}; allowed",
        ),
        ({"g": xr.Dataset()}, {"by": {3}}, r"about\['by'\] is \{3\}; allowed"),
        ({frozenset(): xr.Dataset()}, {}, r"key of attrs is frozenset\(\); allowed"),
        ({"g": xr.Dataset({frozenset(): 1})}, {}, r"key of groups\['g'\] is frozenset\(\); allowed"),
        ({"g": xr.Dataset({"v": ("x", [{3}])})}, {}, r"\['v'\]\['objects'\]\[0\] is \{3\}; allowed"),
        ({"g": xr.Dataset({"v": ("x", ROWS)})}, {}, r"'v' is of dtype \[\('n'"),
        ({"g": xr.Dataset({"v": ((), 1.0, {"resolution": 0})})}, {}, "'v': resolution is 0; allowed"),
        ({"g": xr.Dataset({"v": ((), 1.0, {"resolution": "a"})})}, {}, "'v': resolution is 'a'; allowed"),
        *[
            (
                {"g": xr.Dataset(attrs={"n": [bad]})},
                {},
                r"attrs\['g'\]\['n'\]\[0\] is .*; allowed: integers of at",
            )
            for bad in (10**5000, -(10**5000), 10**4000)
        ],
        (
            {"g": xr.Dataset(attrs={"n": {10**5000: 1}})},
            {},
            r"key of attrs\['g'\]\['n'\] is .*; allowed: integers of",
        ),
        (
            {"g": xr.Dataset(attrs={"n": ITSELF})},
            {},
            r"attrs\['g'\]\['n'\]\[1\].* is nested too deep, or holds",
        ),
        (
            {"g": xr.Dataset()},
            {"by": ITSELF},
            r"about\['by'\]\[1\].* is nested too deep, or holds itself; allo",
        ),
        (
            {"g": xr.Dataset(coords=xr.Coordinates.from_pandas_multiindex(LEVELS, "x"))},
            {},
            "'x' has a PandasMultiIndex; allowed: one index of each dimension's name",
        ),
        (
            {"g": xr.Dataset(coords={"x": [1, 2], "y": ("x", [3, 4])}).set_xindex("y")},
            {},
            "'y' has a PandasIndex; allowed: one index of each dimension's name",
        ),
        ({"g": xr.Dataset({"v": ((), np.inf, {"resolution": 1})})}, {}, "'v': resolution is 1.0; allowed"),
        (
            {"g": xr.Dataset({"v": ((), "a", {"resolution": 1})})},
            {},
            "'v' is of dtype <U1; allowed with a res",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_file_stays(tmp_path, groups, about, message):
    file = tmp_path / "a.npz"
    save_results(file, {"before": xr.Dataset({"a": 1})})
    before = file.read_bytes()
    with pytest.raises(ValueError, match=message):
        save_results(file, groups, **about)
    assert file.read_bytes() == before and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "groups", [xr.Dataset({"a": 1}), {"g": xr.DataArray(1)}, {"g": None}, [xr.Dataset()], None]
)
def test_what_is_no_dict_of_datasets_is_refused(tmp_path, groups):
    with pytest.raises(TypeError, match=r"(?s)groups.* is .*; allowed: .*xarray\.Dataset"):
        save_results(tmp_path / "a.npz", groups)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("name", ["numpy.savez_compressed", "os.replace"])
def test_a_file_stays_whole_when_the_next_is_not(tmp_path, monkeypatch, name, error):
    file = tmp_path / "a.npz"
    save_results(file, {"before": xr.Dataset({"a": 1})})
    before = file.read_bytes()

    def fail(file, *_, **__):
        if hasattr(file, "write"):
            file.write(b"half")
        raise error

    monkeypatch.setattr(name, fail)
    with pytest.raises(type(error)):
        save_results(file, {"after": xr.Dataset({"a": 2})})
    assert file.read_bytes() == before and list(tmp_path.iterdir()) == [file]


def test_a_file_is_replaced_with_its_permissions_and_through_links(tmp_path):
    fresh, file, link = tmp_path / "fresh", tmp_path / "file", tmp_path / "link"
    fresh.touch()
    file.touch()
    file.chmod(0o640)
    link.symlink_to(file)
    for path in (link, tmp_path / "new"):
        save_results(path, {"a": xr.Dataset({"a": 1})})
    assert link.is_symlink() and list(load_results(file)) == ["a"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert (tmp_path / "new").stat().st_mode == fresh.stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["file", "fresh", "link", "new"]


def test_what_is_no_place_for_a_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "around").symlink_to(tmp_path / "around")
    for bad in ("pipe", "/dev/null", ".", "nowhere/a", "around", "a" * 300, "a\0b", "\ud800"):
        with pytest.raises(ValueError, match=r"^path is .*; allowed: a file, in a folder that is there$"):
            save_results(tmp_path / bad, {})
    with pytest.raises(TypeError, match=r"^path is 3; allowed: a string, or another path$"):
        save_results(3, {})
    assert sorted(os.listdir(tmp_path)) == ["around", "pipe"]


def test_integers_and_lists_come_back_up_to_the_last_that_can(tmp_path):
    deep = 1
    for _ in range(55):
        deep = [deep]
    data = xr.Dataset(attrs={"most": 10**4000 - 1, "least": 1 - 10**4000, "deep": deep})
    save_results(tmp_path / "a", {"g": data})
    assert load_results(tmp_path / "a")["g"].attrs == data.attrs


def test_what_is_no_such_file_is_refused_by_name(tmp_path):
    file = tmp_path / "a.npz"
    save_results(file, {"g": xr.Dataset({"a": ("x", np.arange(100.0))})})
    whole = file.read_bytes()
    np.savez(tmp_path / "other.npz", a=1)
    np.save(tmp_path / "array.npy", 1)
    other = [(tmp_path / name).read_bytes() for name in ("other.npz", "array.npy")]
    bent = bytearray(whole)
    bent[len(whole) // 2] ^= 255
    for content in (
        b"",
        b"text",
        b"PK\3\4",
        bytes(bent),
        *other,
        *(whole[:n] for n in range(1, len(whole), 97)),
    ):
        file.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"path is '.*a\.npz'; allowed: a whole file that save_results wrote"
        ):
            load_results(file)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_results(tmp_path / "nowhere")


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


def test_counts_of_updates_agree_with_the_largest_norm_of_each_stretch():
    runs, stretch = load_results()["optimizers"], 60
    above = runs.hidden_above.astype(int)
    assert (above.diff("level") <= 0).all() and above.max() <= runs["update"][-1]
    surely, perhaps = ((runs.hidden > runs.level + off).sum("update") for off in (0.005, -0.005))
    assert (surely <= above).all() and (above <= stretch * perhaps).all()  # for they are rounded
    assert (runs.hidden_average <= runs.hidden.max("update") + 0.005).all()


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
    assert back["temporal-order"].attrs["date"] == "once" != back["parity"].attrs["date"]


def test_results_are_read_without_torch():
    code = "import sys, rnn_gradients.results as r; r.load_results(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
