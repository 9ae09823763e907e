"""What is packed for the browser comes back as it was."""

import gzip
import re

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rnn_gradients.lookup.table import MISSING, pack, unpack

shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=6)
resolutions = st.sampled_from([1e-6, 0.01, 0.02, 0.1, 0.5, 1.0, 3.0, 100.0])
multiples = hnp.arrays(
    float,
    shapes,
    elements=st.floats(-32767, 32767) | st.sampled_from([np.nan, 0.0, 0.5, -32767.0, 32767.0, -32700.0]),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


def variable(values, **attributes):
    return xr.DataArray(values, name="v", attrs=attributes)


def there_and_back(values, **attributes):
    packed = pack(variable(values, **attributes))
    assert packed["shape"] == list(np.shape(values)) and len(packed["dims"]) == np.ndim(values)
    found = unpack(packed)
    assert found.shape == np.shape(values)
    return found


def assert_within_half(found, values, resolution):
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    np.testing.assert_allclose(found, values, rtol=1e-12, atol=resolution * (0.5 + 1e-9))


@given(multiples, resolutions)
def test_numbers_come_back_within_half_their_resolution(values, resolution):
    assert_within_half(
        there_and_back(values * resolution, resolution=resolution), values * resolution, resolution
    )


@given(multiples, resolutions)
def test_what_came_back_comes_back_the_same(values, resolution):
    once = there_and_back(values * resolution, resolution=resolution)
    np.testing.assert_array_equal(there_and_back(once, resolution=resolution), once)


@pytest.mark.parametrize(
    "values",
    [
        [-327.0, 327.0, -327.0],
        [327.67, -327.67, np.nan, 327.67, np.nan],
        [[np.nan, 327.0], [-327.0, np.nan]],
        [np.nan, np.nan],
        [[[0.0]]],
        -327.67,
        np.zeros((0, 3)),
    ],
)
def test_differences_that_wrap_around_and_odd_shapes(values):
    assert_within_half(there_and_back(values, resolution=0.01), values, 0.01)


@pytest.mark.parametrize("dtype", ["f4", ">f4", ">f8", "i1", "u1", "i2", "i8", ">i4"])
def test_every_type_of_number_comes_back(dtype):
    values = np.array([[0, 1, 100], [7, 7, 2]], dtype)
    np.testing.assert_array_equal(there_and_back(values), values)
    assert_within_half(there_and_back(values, resolution=0.01), values, 0.01)


def test_the_order_in_memory_does_not_matter():
    values = np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1)
    for attributes in ({}, {"resolution": 1.0}):
        assert pack(variable(values, **attributes)) == pack(variable(values.copy("C"), **attributes))


@given(hnp.arrays(float, shapes, elements=st.floats(-1e38, 1e38) | st.just(np.nan)))
def test_numbers_without_a_resolution_come_back_exactly_in_single_precision(values):
    found = there_and_back(values)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, values.astype("f4"))


@given(hnp.arrays(bool, shapes))
def test_truth_values_come_back_as_0_and_1(values):
    np.testing.assert_array_equal(there_and_back(values), values)
    np.testing.assert_array_equal(there_and_back(values, resolution=1), values)


@given(hnp.arrays(object, shapes, elements=texts), st.booleans())
def test_strings_come_back(values, as_objects):
    values = values if as_objects else values.astype(str)
    np.testing.assert_array_equal(there_and_back(values), values)


@pytest.mark.parametrize(
    ("value", "attributes"), [(2.5, {}), (2.5, {"resolution": 0.1}), ("a", {}), (True, {})]
)
def test_a_single_value_comes_back(value, attributes):
    np.testing.assert_array_equal(there_and_back(np.array(value), **attributes), value)


def test_strings_that_look_like_something_else_come_back():
    values = np.array([["nan", "", "None"], ["null", '"', "\\u0061"]])
    np.testing.assert_array_equal(there_and_back(values), values)


@given(
    st.data(), st.lists(texts, min_size=1, max_size=5, unique=True), st.sampled_from([list, tuple, np.array])
)
def test_codes_come_back_as_their_categories(data, categories, kind):
    codes = data.draw(hnp.arrays(int, shapes, elements=st.integers(0, len(categories) - 1)))
    found = there_and_back(codes, categories=kind(categories))
    np.testing.assert_array_equal(found, np.array(categories)[codes])


def test_as_many_strings_as_there_are_codes():
    values = [str(number) for number in range(2**15)]
    assert there_and_back(values).tolist() == values
    with pytest.raises(ValueError, match="variable 'v' has values beyond 32767"):
        pack(variable([*values, "one more"]))


def test_the_bytes_are_differences_interleaved_by_sign_low_bytes_first():
    packed = pack(variable([0, -1, 0, -2, 254], resolution=1))  # differences 0, -1, 1, -2, 256
    assert gzip.decompress(packed["values"]) == bytes([0, 1, 2, 3, 0, 0, 0, 0, 0, 2])
    missing = pack(variable([np.nan], resolution=1))
    assert MISSING == -32768 and gzip.decompress(missing["values"]) == bytes([255, 255])


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
@pytest.mark.parametrize("attributes", [{}, {"resolution": 0.01}])
def test_infinity_is_refused(bad, attributes):
    with pytest.raises(ValueError, match="variable 'v' holds infinity; allowed: finite numbers, NaN"):
        pack(variable([0, bad, np.nan], **attributes))


@pytest.mark.parametrize("bad", [327.68, -327.68, 1e6, -1e300])
def test_numbers_beyond_16_bits_are_refused(bad):
    with pytest.raises(ValueError, match=r"variable 'v' has values beyond 32767 times its resolution 0\.01"):
        pack(variable([np.nan, bad, 0], resolution=0.01))


@pytest.mark.parametrize(
    "values",
    [
        np.array(["2000-01-01"], "datetime64[ns]"),
        np.array([1], "timedelta64[ns]"),
        np.array([1j]),
        np.zeros(2, "V3"),
    ],
)
def test_other_types_are_refused_by_name(values):
    for attributes in ({}, {"resolution": 1.0}):
        with pytest.raises(
            ValueError, match=rf"variable 'v' is of dtype {re.escape(str(values.dtype))}; allowed: "
        ):
            pack(variable(values, **attributes))


@pytest.mark.parametrize(
    "values",
    [
        np.array(["a", None], object),
        np.array(["a", np.nan], object),
        np.array(["a", 1], object),
        np.array([1, 2], object),
        np.array([("a",), ("b", "c"), None], object)[:2],
        np.array([None, None], object),
        np.array([b"a"]),
    ],
)
def test_objects_that_are_not_strings_are_refused(values):
    with pytest.raises(ValueError, match="variable 'v' holds objects; allowed: strings, numbers"):
        pack(variable(values))


@pytest.mark.parametrize(("codes", "categories"), [([0, 1], [1, 2]), ([0], [None])])
def test_categories_that_are_not_strings_are_refused(codes, categories):
    with pytest.raises(ValueError, match="variable 'v' holds objects; allowed: strings, numbers"):
        pack(variable(codes, categories=categories))


@pytest.mark.parametrize("codes", [[-1, 0], [0, 2], [0, np.nan], [0, 0.6]])
def test_codes_without_a_category_are_refused(codes):
    with pytest.raises(ValueError, match="variable 'v' has a code without a category"):
        pack(variable(codes, categories=["a", "b"]))


@pytest.mark.parametrize("resolution", [0, -1.0, np.nan, np.inf])
def test_a_bad_resolution_is_refused(resolution):
    with pytest.raises(ValueError, match=r"resolution of 'v' is .*; allowed: above 0"):
        pack(variable([1.0], resolution=resolution))


def test_numbers_beyond_32_bits_are_refused():
    with pytest.raises(ValueError, match="variable 'v' holds numbers beyond 32 bits"):
        pack(variable([1e300]))


def test_an_integer_resolution_does_not_overflow():
    assert unpack(pack(variable([40000.0], resolution=100))).tolist() == [40000.0]


def test_a_single_nan_is_a_nan():
    assert np.isnan(unpack(pack(xr.DataArray(np.nan, attrs={"resolution": 0.1}))))


@pytest.mark.parametrize(
    ("values", "attributes"),
    [([1.0, 2.5, np.nan], {}), ([1.0, 2.5, np.nan], {"resolution": 0.5}), (["b", "a", "b"], {})],
)
def test_the_bytes_are_the_same_at_any_time(monkeypatch, values, attributes):
    packed = []
    for now in (1e9, 1.5e9):
        monkeypatch.setattr("time.time", lambda now=now: now)
        packed.append(pack(variable(values, **attributes)))
    assert packed[0] == packed[1]


def test_smooth_numbers_travel_as_far_fewer_bytes():
    x, y = np.linspace(0, 3, 100)[:, None], np.linspace(0, 6, 500)
    values = 100 * np.sin(x + y)
    assert len(pack(variable(values, resolution=0.01))["values"]) < values.astype("f4").nbytes / 6
    assert len(pack(variable(values, resolution=1.0))["values"]) < values.astype("f4").nbytes / 25


def test_packing_leaves_the_variable_alone():
    values = variable(np.array([1.0, np.nan]), resolution=0.5)
    before = values.copy(deep=True)
    pack(values)
    xr.testing.assert_identical(values, before)
