"""The LSTM and the GRU against torch's own, and against closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import GRU, LSTM, backpropagate
from rnn_gradients.engine.stacks import backpropagate_stack
from scipy.special import expit

KINDS = {"LSTM": LSTM, "GRU": GRU}
GATES = {"LSTM": 4, "GRU": 3}
OF_TORCH = {"W": "weight_hh", "U": "weight_ih", "b": "bias_ih", "b_hidden": "bias_hh"}

each_kind = pytest.mark.parametrize("kind", KINDS)


def weights(kind, n=2, d=1, m=1, fill=np.ones):
    rows = GATES[kind] * n
    shapes = {"W": (rows, n), "U": (rows, d), "V": (m, n), "b": (rows,), "c": (m,)}
    shapes |= {"b_hidden": (rows,)} if kind == "GRU" else {}
    return {name: fill(shape) for name, shape in shapes.items()}


@st.composite
def cases(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    n, d, m, T = (draw(st.integers(1, high)) for high in (6, 3, 3, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(st.floats(0.01, 2))  # beyond it torch rounds the slopes of saturated units
    drawn = weights(kind, n, d, m, lambda shape: scale * rng.standard_normal(shape))
    loss_at = draw(st.sampled_from(["last", "every"]))
    return kind, drawn, rng.standard_normal((T, d)), loss_at, rng.standard_normal(m)


def made_by_torch(name, given, ending=""):
    """A layer of torch, and its weights by our names; of two biases where we have one, the second is 0."""
    made = getattr(torch.nn, name)(given["U"].shape[1], given["V"].shape[1], dtype=torch.float64)
    ours = {name: getattr(made, theirs + ending) for name, theirs in OF_TORCH.items() if name in given}
    torch.nn.init.zeros_(getattr(made, "bias_hh" + ending))
    with torch.no_grad():
        for name, parameter in ours.items():
            parameter.copy_(torch.tensor(given[name]))
    return made, ours


def loss_of(h, given, loss_at, error):
    """The loss whose gradient at the outputs is `error`, and the weights of the output layer."""
    V, c = (torch.tensor(given[name], requires_grad=True) for name in ("V", "c"))
    losses = (h @ V.T + c) @ torch.tensor(error)
    return losses.sum() if loss_at == "every" else losses[-1], {"V": V, "c": c}


def by_layer(kind, given, inputs, loss_at, error):
    layer, ours = made_by_torch(kind, given, "_l0")
    ours["inputs"] = torch.tensor(inputs, requires_grad=True)
    h, _ = layer(ours["inputs"])
    loss, outer = loss_of(h, given, loss_at, error)
    loss.backward()
    return {"h": h.detach()} | {f"d{name}": weight.grad for name, weight in (ours | outer).items()}


def by_cells(kind, given, inputs, loss_at, error, clip_dh=None):
    """The states and all gradients; of the copies that the next step takes, those by that step alone."""
    cell, ours = made_by_torch(f"{kind}Cell", given)
    names = ("h", "cell") if kind == "LSTM" else ("h",)
    made, taken = [], [[torch.zeros(1, given["V"].shape[1], dtype=torch.float64) for _ in names]]
    for x in torch.tensor(inputs):
        made.append([*cell(x[None], tuple(taken[-1]))] if kind == "LSTM" else [cell(x[None], *taken[-1])])
        if clip_dh is not None:
            made[-1][0].register_hook(lambda dh: dh * min(1, clip_dh / dh.norm()))
        taken.append([state.clone() for state in made[-1]])
        for state in made[-1] + taken[-1]:
            state.retain_grad()
    loss, outer = loss_of(torch.cat([states[0] for states in made]), given, loss_at, error)
    loss.backward()

    def gradients(states):  # the last copies are taken by no step
        return torch.cat([torch.zeros_like(each) if each.grad is None else each.grad for each in states])

    found = {f"d{name}": weight.grad for name, weight in (ours | outer).items()}
    for name, states, copies in zip(
        names, zip(*made, strict=True), zip(*taken[1:], strict=True), strict=True
    ):
        found[name] = torch.cat(states).detach()
        found[f"d{name}"], found[f"back to {name}"] = gradients(states), gradients(copies)
    return found


def gates_of(kind, given, inputs, h):
    """The gates by their definition, from the states."""
    before = np.vstack([0 * h[:1], h[:-1]])
    from_x = np.split(inputs @ given["U"].T + given["b"], GATES[kind], axis=1)
    from_h = np.split(before @ given["W"].T + given.get("b_hidden", 0), GATES[kind], axis=1)
    gates = [expit(x + h) for x, h in zip(from_x, from_h, strict=True)]
    gates[2] = np.tanh(from_x[2] + from_h[2] * (gates[0] if kind == "GRU" else 1))
    return np.stack(gates, axis=1)


def assert_close(found, expected, name):
    assert found.shape == expected.shape, name
    expected = np.asarray(expected)
    assert np.linalg.norm(found - expected) <= 1e-9 * np.linalg.norm(expected), name


@given(cases())
def test_every_gradient_is_torchs(case):
    kind, drawn, *arguments = case
    found = backpropagate(KINDS[kind](**drawn), *arguments)
    for name, expected in by_layer(*case).items():
        assert_close(getattr(found, name), expected, name)


@given(cases(), st.integers(0, 2**32))
def test_every_gradient_of_a_stack_is_torchs(case, seed):
    kind, lower, inputs, loss_at, error = case
    (m, n), rng = lower["V"].shape, np.random.default_rng(seed)
    upper = weights(kind, n, n, m, lambda shape: rng.standard_normal(shape) / np.sqrt(n))
    two = getattr(torch.nn, kind)(inputs.shape[1], n, num_layers=2, dtype=torch.float64)
    with torch.no_grad():
        for parameter in two.parameters():
            parameter.zero_()
        for nth, given_weights in enumerate((lower, upper)):
            for name in OF_TORCH.keys() & given_weights.keys():
                getattr(two, f"{OF_TORCH[name]}_l{nth}").copy_(torch.tensor(given_weights[name]))
    loss, outer = loss_of(two(torch.tensor(inputs))[0], upper, loss_at, error)
    loss.backward()
    found = backpropagate_stack(KINDS[kind](**lower), KINDS[kind](**upper), inputs, loss_at, error)
    for nth, (each, given_weights) in enumerate(zip(found, (lower, upper), strict=True)):
        for name in OF_TORCH.keys() & given_weights.keys():
            expected = getattr(two, f"{OF_TORCH[name]}_l{nth}").grad
            assert_close(getattr(each, f"d{name}"), expected, (name, nth))
    for name, weight in outer.items():
        assert_close(getattr(found[1], f"d{name}"), weight.grad, name)


def assert_all_is_torchs_cells(case, clip_dh=None):
    kind, drawn, inputs, *arguments = case
    found = backpropagate(KINDS[kind](**drawn), inputs, *arguments, clip_dh)
    expected = by_cells(*case, clip_dh)
    expected["gates"] = gates_of(kind, drawn, inputs, expected["h"].numpy())
    if kind == "LSTM":
        expected |= {"through_W": expected.pop("back to h"), "around_W": expected.pop("back to cell")}
    else:
        z, dh = expected["gates"][:, 1], expected["dh"].numpy()
        expected["around_W"] = np.vstack([(z * dh)[1:], 0 * dh[:1]])
        assert_close(found.through_W + found.around_W, expected.pop("back to h"), "both roads")
    for name, value in expected.items():
        assert_close(getattr(found, name), value, name)
    return found


@given(cases())
def test_states_gates_and_both_roads_are_those_of_torchs_cells(case):
    assert_all_is_torchs_cells(case)


@given(cases(), st.floats(-3, 1).map(lambda x: 10.0**x))
def test_clipped_on_the_way_back_every_gradient_is_torchs_with_hooks(case, clip_dh):
    found = assert_all_is_torchs_cells(case, clip_dh)
    assert (np.linalg.norm(found.dh, axis=1) <= clip_dh * (1 + 1e-12)).all()


def held(kind, gate, bias, **changed):
    """One unit whose gates are held by their biases alone; one of them by a bias of its own."""
    b = np.where(np.arange(GATES[kind]) == gate, bias, 0.5)
    return KINDS[kind](**weights(kind, n=1) | {"W": np.zeros((GATES[kind], 1)), "b": b} | changed)


@pytest.mark.parametrize("bias", [-40.0, -1.0, 0.0, 5.0])
@each_kind
def test_around_W_the_error_is_multiplied_by_one_gate_alone(kind, bias):
    """The constant error carousel; and a gate that is all but shut keeps its precision."""
    none = {"b_hidden": np.zeros(3)} if kind == "GRU" else {}
    g = backpropagate(held(kind, 1, bias, **none), np.zeros((6, 1)))
    gradient = g.dcell if kind == "LSTM" else g.dh
    expected = gradient[-1] * expit(bias) ** np.arange(5.0, -1, -1)[:, None]
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)
    np.testing.assert_allclose(g.around_W[:-1], expected[:-1], rtol=1e-12)
    assert not g.through_W.any()


def test_a_state_that_hardly_moves_keeps_its_precision():
    """Where z is 1 to the last bit, what is left of n is not 0."""
    g = backpropagate(held("GRU", 1, 40.0, b_hidden=np.zeros(3)), np.zeros((1, 1)))
    np.testing.assert_allclose(g.h, expit(-40) * np.tanh(0.5), rtol=1e-12)
    np.testing.assert_allclose(g.db[2], expit(-40) / np.cosh(0.5) ** 2, rtol=1e-12)


def at_rest(kind, w):
    """One unit whose states are 0, and whose gates are half open."""
    zeros = weights(kind, n=1, fill=np.zeros)
    zeros["W"][2] = w
    return KINDS[kind](**zeros | {"V": [[1.0]]})


@pytest.mark.parametrize("w", [-4.0, 0.0, 1.0, 2.0, 4.0])
@each_kind
def test_a_unit_at_rest_vanishes_or_explodes_by_its_recurrent_weight(kind, w):
    """Both roads of a step add up to 1/2 + w/4: a weight of 2 holds the error, a larger one explodes."""
    g = backpropagate(at_rest(kind, w), np.zeros((40, 1)))
    gradient = 2 * g.dcell if kind == "LSTM" else g.dh
    np.testing.assert_allclose(gradient[:, 0], (0.5 + w / 4) ** np.arange(39.0, -1, -1), rtol=1e-12)


@each_kind
def test_what_float64_cannot_hold_is_an_error(kind):
    with pytest.raises(OverflowError, match="over 100 steps leave the range of float64"):
        backpropagate(at_rest(kind, 1e5), np.zeros((100, 1)))


@pytest.mark.parametrize("clip_dh", [0.5, 1e-300])
@each_kind
def test_clipped_on_the_way_back_no_gradient_explodes(kind, clip_dh):
    """An LSTM's dL/dc_t, not clipped themselves, are half of dL/dh_t and half of dL/dc_{t+1}."""
    g = backpropagate(at_rest(kind, 1e5), np.zeros((100, 1)), clip_dh=clip_dh)
    np.testing.assert_allclose(g.dh, clip_dh)
    if kind == "LSTM":
        np.testing.assert_allclose(g.dcell[:, 0], clip_dh * (1 - 0.5 ** np.arange(100, 0, -1)))


@each_kind
def test_saturated_gates_are_no_error_whatever_numpy_is_set_to(kind):
    with np.errstate(all="raise"):
        g = backpropagate(KINDS[kind](**weights(kind)), [[1e308], [-1e308], [900.0], [-900.0]])
    assert set(np.unique(g.gates)) <= {-1.0, 0.0, 1.0}


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("LSTM", {"W": np.ones((2, 2))}, r"W has shape \(2, 2\); here it must be \(8, 2\)"),
        ("LSTM", {"W": np.ones((6, 2))}, r"W has shape \(6, 2\); here it must be \(8, 2\)"),
        ("LSTM", {"W": np.ones((2, 8))}, r"W has shape \(2, 8\); here it must be \(8, 2\)"),
        ("LSTM", {"U": np.ones((2, 1))}, r"U has shape \(2, 1\); here it must be \(8, 1\)"),
        ("LSTM", {"V": np.ones((1, 8))}, r"V has shape \(1, 8\); here it must be \(1, 2\)"),
        ("LSTM", {"b": np.ones(2)}, r"b has shape \(2,\); here it must be \(8,\)"),
        ("LSTM", {"c": np.ones(2)}, r"c has shape \(2,\); here it must be \(1,\)"),
        ("GRU", {"W": np.ones((8, 2))}, r"W has shape \(8, 2\); here it must be \(6, 2\)"),
        ("GRU", {"U": np.ones((8, 1))}, r"U has shape \(8, 1\); here it must be \(6, 1\)"),
        ("GRU", {"b_hidden": np.ones(2)}, r"b_hidden has shape \(2,\); here it must be \(6,\)"),
        ("GRU", {"b_hidden": np.ones((6, 1))}, "b_hidden has 2 dimensions; here it must have 1"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused_by_name(kind, changed, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        KINDS[kind](**weights(kind) | changed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((3, 2)),), r"inputs has shape \(3, 2\); allowed: \(T, 1\)"),
        ((np.ones((3, 1)), "first"), "loss_at is 'first'; allowed: last, every"),
        ((np.ones((3, 1)), "last", [1.0, 2.0]), r"error has shape \(2,\); here it must be \(1,\)"),
        ((np.ones((3, 1)), "last", np.ones((3, 1))), r"error has shape \(3, 1\); here it must be \(1,\)"),
        ((np.ones((3, 1)), "every", np.ones((2, 1))), r"error has shape \(2, 1\); here it must be \(3, 1\)"),
    ],
)
@each_kind
def test_bad_arguments_are_refused_by_name(kind, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        backpropagate(KINDS[kind](**weights(kind)), *arguments)
