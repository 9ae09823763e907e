"""Many networks with gates at once: each is what `backpropagate` finds, and what closed forms say."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import GRU, LSTM, RNN, backpropagate, network
from rnn_gradients.engine.networks import gated_network
from rnn_gradients.engine.roads import roads_back
from rnn_gradients.explorers.gated.table import gated_table
from scipy.special import expit

from .readers.gated import layer

ROWS = {LSTM: 4, GRU: 3, RNN: 1}


@st.composite
def cases(draw):
    """Some networks of one kind, inputs, and the lengths of some of their beginnings."""
    kind, (n, d, E) = draw(st.sampled_from([*ROWS])), (draw(st.integers(1, 4)) for _ in range(3))
    T = draw(st.integers(1, 12))
    lengths = sorted(draw(st.sets(st.integers(1, T), min_size=1, max_size=4)))
    rng, scale = np.random.default_rng(draw(st.integers(0, 2**32))), draw(st.floats(0.01, 3))
    shapes = {"W": (ROWS[kind] * n, n), "U": (ROWS[kind] * n, d), "V": (1, n), "b": (ROWS[kind] * n,)}
    shapes |= {"c": (1,)} | ({"b_hidden": shapes["b"]} if kind is GRU else {})
    more = {"activation": "tanh"} if kind is RNN else {}
    drawn = [
        kind(**{name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}, **more)
        for _ in range(E)
    ]
    return drawn, rng.standard_normal((T, d)), lengths


def expected(rnn, inputs):
    """The same of one network and one length."""
    g = backpropagate(rnn, inputs)
    errors, around, through = g.dh, 0 * g.dh, g.dh
    forget = 0 * g.dh
    if isinstance(rnn, LSTM):
        passes = g.gates[:, 3] * (1 - np.tanh(g.cell) ** 2)
        errors, around, through, forget = g.dcell, g.around_W, passes * g.through_W, g.gates[:, 1]
    if isinstance(rnn, GRU):
        around, through, forget = g.around_W, g.through_W, g.gates[:, 1]
    alone = [errors[-1]]
    for gate in forget[:0:-1]:
        alone.append(gate * alone[-1])
    around, through = np.vstack([around[:-1], errors[-1:]]), np.vstack([through[:-1], np.nan * errors[-1:]])
    vectors = {"state": errors, "alone": alone[::-1], "around": around, "through": through}
    found = {name: np.linalg.norm(each, axis=-1) for name, each in vectors.items()}
    return found | {"hidden": layer(g, "hidden"), "output": layer(g, "output")}, forget


@given(cases())
def test_each_network_and_length_is_what_backpropagate_finds(case):
    drawn, inputs, lengths = case
    found = roads_back(drawn, inputs, lengths)
    for e, rnn in enumerate(drawn):
        for l, length in enumerate(lengths):  # noqa: E741
            sizes, forget = expected(rnn, inputs[:length])
            for name, size in sizes.items():
                here, after = np.split(found[name][e, l, ..., None].ravel(), [np.size(size)])
                np.testing.assert_allclose(10**here, np.ravel(size), rtol=1e-9, atol=1e-300, err_msg=name)
                assert np.isnan(after).all(), name
            np.testing.assert_allclose(found["forget"][e, :length], forget, rtol=1e-12)


X = np.zeros((5, 2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], X, [5]), TypeError, "networks are not all of one kind; allowed: LSTM, GRU, RNN"),
        (
            ([network(1.0, "tanh")[0], gated_network("GRU", 1.0, 1.0)[0]], X, [5]),
            TypeError,
            "networks are not all of one kind",
        ),
        (([network(1.0, "relu")[0]], X, [5]), ValueError, "activation is 'relu'; allowed: tanh"),
        (([network(1.0, "tanh")[0]], X, [5, 3]), ValueError, r"lengths is \[5, 3\]; allowed: at least one"),
        (([network(1.0, "tanh")[0]], X, [6]), ValueError, r"lengths is \[6\]; allowed: .* none above 5"),
        (([network(1.0, "tanh")[0]], X, []), ValueError, r"lengths is \[\]; allowed: at least one"),
        (([network(1.0, "tanh")[0]], X[0], [1]), ValueError, "inputs has 1 dimensions"),
    ],
)
def test_bad_arguments_of_roads_are_refused(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        roads_back(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lstm", 1.0, 1.0), "kind is 'lstm'; allowed: LSTM, GRU"),
        (("LSTM", np.inf, 1.0), "forget_bias is inf; allowed: a finite number"),
        (("LSTM", 1.0, "1"), "eigenvalue is '1'; allowed: a finite number"),
        (("LSTM", 1.0, 1.0, "tiny"), "units is 'tiny'; allowed: small, ordinary"),
    ],
)
def test_bad_arguments_of_a_gated_network_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        gated_network(*arguments)


@pytest.mark.parametrize(("kind", "block", "keeps"), [("LSTM", 2, 1), ("GRU", 2, 1)])
def test_gates_are_put_around_the_plain_network(kind, block, keeps):
    gated, inputs = gated_network(kind, 1.5, 2.0, "small", 7, 8, 3)
    plain, theirs = network(2.0, "tanh", "small", 7, size=8, seed=3)
    rows = np.s_[8 * block : 8 * (block + 1)]
    for ours, its in (
        (gated.W[rows], plain.W),
        (gated.U[rows], plain.U),
        (gated.V, plain.V),
        (inputs, theirs),
    ):
        np.testing.assert_array_equal(ours, its)
    np.testing.assert_array_equal(gated.b.reshape(-1, 8).any(1), np.arange(len(gated.b) // 8) == keeps)
    assert (gated.b[8 * keeps : 8 * (keeps + 1)] == 1.5).all()
    blocks = gated.W.reshape(-1, 8, 8)
    for each in blocks:
        np.testing.assert_allclose(each @ each.T, 4 * np.eye(8), atol=1e-12)
    assert len({each.tobytes() for each in blocks}) == len(blocks)


# --- closed forms -------------------------------------------------------------------------------------------


@functools.cache
def at_rest(kind, forget_bias, scale):
    """What a step back does on average to an error along the leading eigenvector; there are no inputs."""
    gated, inputs = gated_network(kind, forget_bias, scale, length=40)
    values, vectors = np.linalg.eig(gated.W[64:96])
    leading = vectors[:, np.argmin(np.abs(values - scale))].real
    still = type(gated)(**vars(gated) | {"V": leading[None]})
    sizes = roads_back([still], 0 * inputs, [40])["state"][0, 0]
    return 10 ** ((sizes[0] - sizes[-1]) / 39)


@pytest.mark.parametrize("forget_bias", [-2.0, 0.0, 1.0, 5.0])
@pytest.mark.parametrize("scale", [0.25, 1.0, 2.0, 8.0])
def test_units_at_rest_multiply_the_error_by_what_both_roads_add_up_to(forget_bias, scale):
    f = expit(forget_bias)
    assert at_rest("LSTM", forget_bias, scale) == pytest.approx(f + scale / 4)
    assert at_rest("GRU", forget_bias, scale) == pytest.approx(f + (1 - f) * scale / 2)
    if forget_bias == 0:
        assert at_rest("LSTM", 0.0, scale) == pytest.approx(at_rest("GRU", 0.0, scale))


def test_the_borders_that_are_drawn_are_those_of_units_at_rest():
    for bias in (-2.0, 1.0, 5.0):
        assert at_rest("LSTM", bias, 4 * expit(-bias)) == pytest.approx(1)
        assert at_rest("GRU", bias, 2.0) == pytest.approx(1)


# --- the table ----------------------------------------------------------------------------------------------


def test_the_table_is_small_and_whole():
    table = gated_table()
    assert table.nbytes < 20e6
    for name in ("state", "around", "through", "alone", "plain_state"):
        there = table[name].notnull()
        last = table.length - (name == "through")  # nothing has come back through W to where the error enters
        assert (there == (table.step <= last)).all(), name
        assert (
            np.isfinite(table[name]).where(there, True).all()
            and (table[name] > -300).where(there, True).all()
        )
    assert all(
        np.isfinite(table[f"{what}{name}"]).all() for what in ("", "plain_") for name in ("hidden", "output")
    )


def test_no_output_layer_gets_more_than_its_states_allow():
    """No unit of an LSTM or a GRU is beyond 1: h is what a gate leaves of a tanh, or a mean of them."""
    assert (10 ** gated_table().output <= np.sqrt(33)).all()


def test_what_is_left_of_clipping():
    table = gated_table()
    for name in ("hidden", "output"):
        clips, least = {f"clip_{name}": True}, np.minimum(10 ** table[name], 10)
        np.testing.assert_array_equal(table[f"{name}_step"].sel({f"clip_{name}": False}), table[name])
        np.testing.assert_allclose(10 ** table[f"{name}_step"].sel(clips), least, rtol=1e-6)
