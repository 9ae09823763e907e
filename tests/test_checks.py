"""Bad input is refused by name, whatever it is and whichever function it is given to, before any work."""

import enum
import functools
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
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
    recurrent_matrix,
    sweep,
)
from rnn_gradients.engine.cliff import cliff_walks
from rnn_gradients.engine.rnn import forward

WEIGHTS = {"W": np.eye(2), "U": np.ones((2, 1)), "V": np.ones((1, 2)), "b": np.zeros(2), "c": np.zeros(1)}
NET = RNN(**WEIGHTS, activation="tanh")
OF_LSTM = WEIGHTS | {"W": np.ones((8, 2)), "U": np.ones((8, 1)), "b": np.zeros(8)}
OF_GRU = WEIGHTS | {"W": np.ones((6, 2)), "U": np.ones((6, 1)), "b": np.zeros(6), "b_hidden": np.zeros(6)}
NETS = (NET, LSTM(**OF_LSTM), GRU(**OF_GRU))
INPUTS = np.ones((3, 1))
BOUNDS = {
    "threshold": (clip, clip_per_tensor, clip_by_value),
    "hidden_threshold": (lambda g, given: clip_per_layer(g, given, 1.0),),
    "output_threshold": (lambda g, given: clip_per_layer(g, 1.0, given),),
    "ratio": (lambda g, given: clip_adaptively(g, NET, given),),
    "clip_dh": (lambda _, given: backpropagate(NET, INPUTS, clip_dh=given),),
}
"""Arguments that say how large a gradient may be, and what takes them."""


class Choice(enum.StrEnum):
    TANH = "tanh"
    SMALL = "small"


class OldChoice(str, enum.Enum):  # noqa: UP042
    """Of a kind whose ``str`` is not its value."""

    TANH = "tanh"
    LAST = "last"


def masked(shape):
    values = np.ma.ones(shape)
    values[0] = np.ma.masked
    return values


class NoArray:
    def __array__(self, *_, **__):
        raise KeyError("no array")


class Nameless:
    def __repr__(self):
        raise RuntimeError("no name")


ITSELF, DEEP = [1.0], [1.0]
ITSELF += [ITSELF, ITSELF]  # numpy would look at each of 2 to the power of 64 lists
for _ in range(5000):
    DEEP = [DEEP]

NO_ARRAYS = {
    "strings": [["a", "b"]],
    "ragged": [[1.0, 2.0], [3.0]],
    "a generator": ([1.0] for _ in range(3)),
    "beyond float64": [[10**400]],
    "longer than Python writes": [[10**5000]],
    "complex": np.ones((3, 1), complex),
    "complex in a list": [[1j]],
    "None": None,
    "None inside": [[None]],
    "masked": masked((3, 1)),
    "masked in a list": [masked(1), [2.0]],
    "the masked constant": [[np.ma.masked]],
    "NaN": [[np.nan]],
    "infinite": [[np.inf]],
    "longdouble beyond float64": np.array([["1e400"]], np.longdouble),
    "timedelta": np.ones((3, 1), "m8[s]"),
    "dates": np.ones((3, 1), "M8[s]"),
    "truth values": [[True]],
    "a dictionary": {0: 1.0},
    "a set": {1.0, 2.0},
    "objects": [[object()]],
    "nothing": [],
    "a network": NET,
    "a list that holds itself": ITSELF,
    "lists too deep": DEEP,
    "what makes no array": NoArray(),
    "what makes no array, in a list": [[NoArray()]],
    "what can't be shown": [[Nameless()]],
    "bytes": bytearray(b"12"),
    "bytes in a list": [bytearray(b"1"), memoryview(b"2")],
}


@pytest.mark.parametrize("given", NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_what_is_no_array_of_numbers_is_refused_by_name(given):
    for name in WEIGHTS:
        with pytest.raises(ValueError, match=rf"^{name} .*; (allowed|here)"):
            RNN(**WEIGHTS | {name: given}, activation="tanh")
    for kind, weights in ((LSTM, OF_LSTM), (GRU, OF_GRU)):
        for name in weights:
            with pytest.raises(ValueError, match=rf"^{name} .*; (allowed|here)"):
                kind(**weights | {name: given})
    with pytest.raises(ValueError, match=r"^inputs .*; (allowed|here)"):
        forward(NET, given)
    for net in NETS:
        with pytest.raises(ValueError, match=r"^inputs .*; (allowed|here)"):
            backpropagate(net, given)
        if given is not None:
            with pytest.raises(ValueError, match=r"^error .*; (allowed|here)"):
                backpropagate(net, INPUTS, error=given)
    for name in ("w", "b", "learning_rate", *(["threshold"] if given is not None else [])):
        with pytest.raises(ValueError, match=rf"^{name} .*; allowed"):
            cliff_walks(**{"w": 5.0, "b": -2.0, "learning_rate": 0.1, "updates": 1} | {name: given})


@pytest.mark.parametrize("given", [None, INPUTS, "tanh", {"W": 1}, RNN])
def test_what_is_no_network_is_refused_by_name(given):
    any_kind = "RNN, LSTM, GRU"
    adaptively = functools.partial(clip_adaptively, backpropagate(NET, INPUTS))
    for function, rest, allowed in (
        (backpropagate, INPUTS, any_kind),
        (adaptively, 0.01, any_kind),
        (forward, INPUTS, "RNN"),
    ):
        with pytest.raises(TypeError, match=rf"^rnn is .*; allowed: {allowed}$"):
            function(given, rest)


ONES = {
    "a list": [[1], [1], [1]],
    "a list of arrays": [np.ones(1)] * 3,
    "integers": np.ones((3, 1), "i1"),
    "unsigned": np.ones((3, 1), "u8"),
    "half precision": np.ones((3, 1), "f2"),
    "longdouble": np.ones((3, 1), np.longdouble),
    "fractions": [[Fraction(1)], [Fraction(2, 2)], [1]],
    "masked nowhere": np.ma.ones((3, 1)),
    "pandas": pd.DataFrame({"x": [1, 1, 1]}),
    "xarray": xr.DataArray(np.ones((3, 1))),
    "torch": torch.ones(3, 1),
    "a parameter of torch": torch.nn.Parameter(torch.ones(3, 1)),
}


@pytest.mark.parametrize("given", ONES.values(), ids=ONES)
def test_every_kind_of_array_gives_the_same_gradients(given):
    for net in NETS:
        np.testing.assert_array_equal(backpropagate(net, given).dW, backpropagate(net, INPUTS).dW)


def test_an_integer_beyond_64_bits_is_a_number():
    assert RNN(**WEIGHTS | {"c": [10**30]}, activation="tanh").c == [1e30]


@pytest.mark.parametrize("given", [Choice.TANH, OldChoice.TANH, np.str_("tanh")])
def test_a_string_of_any_kind_chooses(given):
    found = backpropagate(RNN(**WEIGHTS, activation=given), INPUTS, OldChoice.LAST)
    np.testing.assert_array_equal(found.dW, backpropagate(NET, INPUTS).dW)
    assert network(1.0, given, Choice.SMALL)[0].activation == "tanh"
    table = sweep([1.0], [given], [2], [Choice.SMALL], [OldChoice.LAST], [1.0], [1.0], size=2)
    assert table.activation.values.tolist() == ["tanh"] and table.loss_at.values.tolist() == ["last"]


@pytest.mark.parametrize(
    "given",
    [
        np.timedelta64(2),
        np.datetime64(2, "s"),
        10**400,
        10**5000,
        np.longdouble("1e400"),
        2j,
        True,
        np.True_,
        "2",
        None,
        [2.0],
        np.ma.masked,
        torch.ones(1),
        Fraction(10) ** 400,
        ITSELF,
        DEEP,
        NoArray(),
        Nameless(),
        bytearray(b"2"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_is_no_number_is_refused_by_name(given):
    with pytest.raises(ValueError, match=r"^eigenvalue is .*; allowed: a finite number"):
        recurrent_matrix(2, given)
    for name, function in ((name, function) for name, functions in BOUNDS.items() for function in functions):
        if name != "clip_dh" or given is not None:
            with pytest.raises(ValueError, match=rf"^{name} is .*; allowed: a finite number above 0"):
                function(backpropagate(NET, INPUTS), given)
    if not isinstance(given, int) or isinstance(given, bool):
        with pytest.raises(ValueError, match=r"^size is .*; allowed: an integer"):
            recurrent_matrix(given, 1.0)


TINY = {"activations": ["tanh"], "units": ["small"], "loss_at": ["last"], "errors": [1.0], "size": 3}


@pytest.mark.parametrize(
    "lengths",
    [
        np.array([3, 250, 255], "u1"),
        pd.Series([3, 250, 255], index=[7, 8, 9]),
        pd.Index([3, 250, 255]),
        xr.DataArray([3, 250, 255], dims="x"),
        (3, 250, 255),
        iter([3, 250, 255]),
    ],
    ids=["unsigned", "series", "index", "xarray", "tuple", "iterator"],
)
def test_sliders_take_any_sequence(lengths):
    table = sweep(eigenvalues=iter([0.5, 2.0]), lengths=lengths, thresholds=[1.0], **TINY)
    assert table.length.values.tolist() == [3, 250, 255] and table.sizes["step"] == 255
    assert table.hidden.isel(length=0).equals(
        sweep([0.5, 2.0], lengths=[3], thresholds=[1.0], **TINY).hidden[..., 0, :]
    )


@pytest.mark.parametrize(
    "given",
    [{1.0, 2.0}, {1.0: 2.0}.keys(), frozenset({1.0}), {1.0: "x"}, "12", 1.0, None, np.eye(2), np.array(1.0)],
)
def test_sliders_refuse_what_has_no_order(given):
    with pytest.raises(ValueError, match=r"^eigenvalues (is|holds) .*; allowed: "):
        sweep(eigenvalues=given, **TINY)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: recurrent_matrix(10**6, 1.0), "size"),
        (lambda: recurrent_matrix(10**200, 1.0), "size"),
        (lambda: network(1.0, "tanh", size=10**6), "size"),
        (lambda: network(1.0, "tanh", length=10**12), "length"),
        (lambda: sweep(lengths=[10**9]), "1000000000 steps"),
        (lambda: sweep(lengths=[10**300]), "steps"),
        (lambda: sweep(size=10**5), "100000 units"),
        (lambda: sweep(eigenvalues=np.linspace(1, 2, 10**5)), "100000 eigenvalues"),
        (lambda: sweep(thresholds=np.linspace(1, 2, 10**5)), "thresholds"),
    ],
)
def test_more_memory_than_there_is_is_refused_at_once(call, words):
    with pytest.raises(ValueError, match=f"{words}.* need .* GB; allowed: 16"):
        call()


@pytest.mark.parametrize("size", [10**400, 10**5000], ids=["10**400", "10**5000"])
def test_an_integer_beyond_all_sizes_is_refused_by_name(size):
    for call, name in (
        (lambda: recurrent_matrix(size, 1.0), "size"),
        (lambda: network(1.0, "tanh", length=size), "length"),
        (lambda: sweep(lengths=[size]), "lengths"),
        (lambda: sweep(size=size), "size"),
    ):
        with pytest.raises(
            ValueError, match=rf"^{name} is .*; allowed: an integer of at most 1e\+308$"
        ) as error:
            call()
        assert len(str(error.value)) < 300


@pytest.mark.parametrize("eigenvalue", [1e-100, 0.1, 6.0])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_numbers_too_small_are_zero_whatever_numpy_is_set_to(eigenvalue, activation):
    def everything():
        rnn, inputs = network(eigenvalue, activation, length=200)
        forward(rnn, inputs)
        found = [backpropagate(rnn, inputs)]
        for size in (1e-300, 1.0, 1e300):
            found += [
                backpropagate(rnn, inputs, clip_dh=size),
                clip(found[0], size, joint=True),
                clip_per_layer(found[0], size, size),
                clip_adaptively(found[0], rnn, size, output=True),
                *(rule(found[0], size, output=True) for rule in (clip_per_tensor, clip_by_value)),
            ]
        return [values for each in found for values in vars(each).values()], cosine(found[0], found[-1])

    with np.errstate(all="raise"):
        found, angle = everything()
        table = sweep([eigenvalue], [activation], [200])
    expected, expected_angle = everything()
    for values, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(values, wanted)
    assert angle == expected_angle
    xr.testing.assert_identical(table, sweep([eigenvalue], [activation], [200]))
