"""What the activation does: against torch, closed forms and what has been proved; and in words."""

import re
from itertools import product

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from rnn_gradients import backpropagate, explore_activations, network, recurrent_matrix, save_page
from rnn_gradients.engine import norm
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.growth import Drive, bound_log10, first_gradients, gradients, journey
from rnn_gradients.engine.networks import driven
from rnn_gradients.explorers.activations.fates import border_of
from rnn_gradients.explorers.activations.table import SEQUENCES as LENGTHS
from rnn_gradients.explorers.activations.table import WAYS, activations_table, sigmoid_table, starts_table
from rnn_gradients.explorers.activations.words import is_chaotic, says_growth, says_rate
from rnn_gradients.explorers.style import amount
from rnn_gradients.results import STARTS, load_results
from rnn_gradients.training.make_starts import draw

from .prose import read_number

TABLE = activations_table()
SEQUENCES = np.array(LENGTHS)
LONG = LENGTHS[-1]
RATE = TABLE["first"].sel(length=LONG) / (LONG - 1)

TORCH = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


@st.composite
def networks(draw):
    kind, activation = (
        draw(st.sampled_from(["orthogonal", "symmetric", "non-normal"])),
        st.sampled_from([*TORCH]),
    )
    M = recurrent_matrix(draw(st.integers(1, 6)), 1.0, kind, draw(st.integers(0, 9)))
    scale, seed = draw(st.sampled_from([0.01, 1.0, 3.0])), draw(st.integers(0, 9))
    drive = Drive(scale, draw(st.booleans()), seed, draw(st.booleans()))
    return M, draw(st.sampled_from([-2.0, 0.5, 1.0, 1.5, 4.0])), draw(activation), drive


@given(network=networks())
def test_gradients_are_torchs(network):
    """At every step, and at the first step of sequences of several lengths."""
    (M, eigenvalue, activation, drive), lengths = network, (1, 2, 7, 12)
    at = [eigenvalue]
    found = gradients(M, np.array(at), activation, lengths, drive)
    steps = journey(M, np.array(at), activation, lengths[-1], drive)
    given = drive.scale, drive.balanced, lengths[-1], drive.seed, drive.positive
    rnn, inputs = driven(at[0] * M, activation, *given)
    W, drives = torch.tensor(rnn.W), torch.tensor(inputs @ rnn.U.T + rnn.b)
    for length, first in zip(lengths, found["first"][0], strict=True):
        states, a, h = [], [], torch.zeros(len(W), dtype=torch.float64)
        for t in range(length):
            a.append(W @ h + drives[t])
            h = TORCH[activation](a[-1]).requires_grad_()
            states.append(h)
        torchs = torch.autograd.grad(torch.tensor(rnn.V[0]) @ h, states, allow_unused=True)
        sizes = [0.0 if each is None else float(each.norm()) for each in torchs]
        np.testing.assert_allclose(10.0**first, sizes[0], rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(10.0 ** steps["gradient"][0], sizes, rtol=1e-9, atol=1e-300)
    on_way = [sizes[-length] for length in lengths]
    np.testing.assert_allclose(10.0 ** found["on_way"][0], on_way, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(steps["preactivation"][0], [each.detach().numpy() for each in a], atol=1e-12)
    np.testing.assert_allclose(
        10.0 ** steps["state"][0], [float(each.detach().norm()) for each in states], rtol=1e-9, atol=1e-300
    )


M, SMALL = recurrent_matrix(2, 1.0), Drive(0.01, True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Drive.of("x"), "units is 'x'; allowed: small, ordinary"),
        (lambda: driven(M, "nope", 1.0, True, 5), "activation is 'nope'; allowed: linear, "),
        (lambda: driven(M, "tanh", np.nan, True, 5), "scale is nan; allowed: a finite number"),
        (lambda: driven(M, "tanh", 1.0, 1, 5), "balanced is 1; allowed: True, False"),
        (lambda: driven(np.ones((2, 3)), "tanh", 1.0, True, 5), r"W has shape \(2, 3\); allowed: \(n, n\)"),
        (lambda: first_gradients(M, [np.nan], "tanh", [5], SMALL), "eigenvalues holds NaN"),
        (lambda: first_gradients(M, [1.0], "tanh", [5, 3], SMALL), r"lengths is \[5, 3\]; allowed: "),
        (lambda: journey(M, [1.0], "nope", 5, SMALL), "activation is 'nope'; allowed: linear, "),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("kind", ["orthogonal", "gaussian", "symmetric"])
def test_the_table_is_what_the_engine_finds(kind, activation):
    for seed, eigenvalue, length, units in (
        (0, 0.5, 5, "small"),
        (2, 2.0, 60, "ordinary"),
        (4, 8.0, 30, "small"),  # soon after, rounding decides
    ):
        g = backpropagate(*network(eigenvalue, activation, units, length, kind, seed=seed))
        found = TABLE["first"].sel(
            activation=activation, kind=kind, units=units, seed=seed, eigenvalue=eigenvalue, length=length
        )
        assert found == pytest.approx(np.log10(norm(g.dh[0])), abs=1e-6)


def test_with_an_orthogonal_matrix_a_step_is_the_eigenvalue_times_what_the_slopes_leave():
    here = TABLE.sel(kind="orthogonal", activation=["sigmoid", "tanh"])
    grown = here.gradient - here.gradient.shift(step=-1)
    expected = np.log10(here.eigenvalue * here.damping).shift(step=-1)
    np.testing.assert_allclose((grown - expected).isel(step=slice(None, -1)), 0, atol=1e-9)


# --- what has been proved -----------------------------------------------------------------------------------


def test_the_bound_of_pascanu_mikolov_and_bengio_2013_section_2_1_is_never_broken():
    """No step back multiplies an error by more than gamma times the largest singular value of W.

    So where that is below 1 (the singular value below 1/gamma), every gradient vanishes.
    """
    back, eigenvalues = SEQUENCES - 1, TABLE.eigenvalue.values
    for seed, kind, activation in product(range(5), TABLE.kind.values.tolist(), TORCH):
        M, gamma = recurrent_matrix(32, 1.0, kind, seed), ACTIVATIONS[activation].steepest
        bound = bound_log10(M, eigenvalues, activation)
        np.testing.assert_allclose(10**bound, gamma * np.linalg.svd(M)[1][0] * eigenvalues)
        here = TABLE.sel(kind=kind, activation=activation)
        first = here["first"].sel(seed=seed).transpose("units", "eigenvalue", "length").values
        assert (first <= bound[:, None] * back + 1e-9).all()
        assert (first[:, bound < 0, 1:] < 0).all() and (bound < 0).any()
        assert (bound <= here.bound + 1e-12).all()  # what is drawn
    one_step = TABLE.gradient - TABLE.gradient.shift(step=-1)  # NaN at the last
    assert not (one_step > TABLE.bound + 1e-9).any()
    steepest = TABLE.activation.copy(data=[ACTIVATIONS[name].steepest for name in TORCH])
    assert (TABLE.damping <= steepest + 1e-12).all()
    assert (sigmoid_table().rate <= np.log10(sigmoid_table().eigenvalue / 4) + 1e-9).all()
    s1 = np.linalg.norm(MATRICES.values.astype(float), 2, axis=(-2, -1))[..., None]
    for way, (activation, _, _) in WAYS.items():
        first = starts_table()["first"].sel(way=way).values
        assert (first <= np.log10(ACTIVATIONS[activation].steepest * s1) * back + 1e-9).all()


GROWTH = {  # W, units, activation: {eigenvalue: growth a step, in log10}
    ("orthogonal", "small", "tanh"): {0.9: -0.046, 1.1: 0.013, 1.2: 0.018, 2.0: 0.075, 5.0: 0.212},
    ("orthogonal", "ordinary", "tanh"): {0.9: -0.200, 1.2: -0.112, 1.5: -0.057, 2.0: 0.010, 5.0: 0.188},
    ("gaussian", "small", "tanh"): {1.2: -0.001, 1.5: 0.011, 2.0: 0.048, 5.0: 0.177},
    ("gaussian", "ordinary", "tanh"): {1.5: -0.062, 2.0: -0.003, 3.0: 0.081},
    ("symmetric", "small", "tanh"): {1.2: -0.008, 2.0: -0.016, 5.0: -0.153},
    ("symmetric", "ordinary", "tanh"): {1.2: -0.067, 5.0: -0.123},
    ("orthogonal", "small", "sigmoid"): {3.0: -0.125, 4.0: 0.000, 4.2: 0.012, 5.0: 0.025, 8.0: 0.074},
    ("orthogonal", "ordinary", "sigmoid"): {3.0: -0.293, 5.0: -0.167, 10.0: -0.096},
    ("orthogonal", "small", "relu"): {1.1: -0.119, 1.5: 0.011, 2.0: 0.138},
    ("orthogonal", "ordinary", "relu"): {1.1: -0.119, 1.5: 0.011, 2.0: 0.138},
}
"""Median over the seeds 0 to 4 of the growth over 100 steps of 32 units."""
DECIDED = {("orthogonal", "tanh", 5.0), ("gaussian", "tanh", 5.0)}
"""Where the network is so chaotic that rounding decides, and with it the machine."""


@pytest.mark.parametrize("at", GROWTH, ids=" ".join)
def test_growth_rates(at):
    kind, units, activation = at
    found = RATE.sel(kind=kind, units=units, activation=activation).median("seed")
    for eigenvalue, growth in GROWTH[at].items():
        doubt = 0.02 if (kind, activation, eigenvalue) in DECIDED else 0.001
        assert found.sel(eigenvalue=eigenvalue) == pytest.approx(growth, abs=doubt)


def test_where_the_border_is():
    """The eigenvalue above which the error grows, of the median of five networks."""
    border = 10 ** border_of(RATE.median("seed"))

    def at(**position):
        return border.sel(position).values

    np.testing.assert_allclose(at(kind="identity", activation="relu"), 1)
    np.testing.assert_allclose(at(kind="orthogonal", activation="sigmoid", units="small"), 4, atol=0.01)
    np.testing.assert_allclose(at(kind="orthogonal", activation="tanh", units="small"), 1, atol=0.01)
    np.testing.assert_allclose(at(kind="orthogonal", activation="relu"), np.sqrt(2), atol=0.06)
    assert np.isnan(at(kind="symmetric", activation="tanh")).all()
    assert np.isnan(at(activation="sigmoid", units="ordinary")).all()
    held = 10 ** border_of(sigmoid_table().rate.median("seed")).sel(held=True)
    np.testing.assert_allclose(held, [4.0, 4.2, 4.9, 6.2, 9.1], atol=0.05)


def test_relu_units_have_no_scale_and_open_ones_pass_everything():
    relu = TABLE.sel(activation="relu")
    for seed in (0, 3):
        g = backpropagate(*network(1.5, "relu", "ordinary", 60, seed=seed))
        first = relu["first"].sel(kind="orthogonal", units="small", seed=seed, eigenvalue=1.5, length=60)
        assert first == pytest.approx(np.log10(norm(g.dh[0])), abs=1e-6)
    is_open = relu.sel(kind="identity")
    assert (is_open.preactivation > 0).all() and np.allclose(is_open.damping, 1, atol=1e-12)
    expected = np.log10(is_open.eigenvalue) * (is_open.length - 1)
    np.testing.assert_allclose(is_open["first"] - expected, 0, atol=1e-9)
    back = np.log10(is_open.eigenvalue) * (is_open.step.max() - is_open.step)
    np.testing.assert_allclose(is_open.gradient - back, 0, atol=1e-9)


def swing(kind, eigenvalue, steps=4000, period=2):
    """How far a tanh network without inputs is from where it was a period ago."""
    W = recurrent_matrix(32, eigenvalue, kind, 0)
    h = [np.random.default_rng(1).standard_normal(32)]
    for _ in range(steps):
        h.append(np.tanh(W @ h[-1]))
    return norm(h[-1] - h[-1 - period])


@pytest.mark.parametrize("eigenvalue", [1.2, 2.0, 5.0])
def test_a_symmetric_tanh_network_comes_to_rest_or_swings_between_two_states(eigenvalue):
    """Marcus and Westervelt 1989: nothing else attracts it; a network that turns goes on turning."""
    assert swing("symmetric", eigenvalue) < 1e-9
    assert swing("orthogonal", eigenvalue) > 0.1
    rate = RATE.sel(kind="symmetric", activation="tanh").median("seed")
    assert (rate < np.log10(1.003)).all() and (rate.drop_sel(eigenvalue=1.05) < 0).all()


@pytest.mark.parametrize("eigenvalue", [2.0, 5.0])
def test_the_mean_growth_is_near_the_largest_lyapunov_exponent(eigenvalue):
    """Of 3,000 steps, found by following a small deviation forward; well above the border."""
    rnn, inputs = network(eigenvalue, "tanh", "small", 3000)
    slope, (h, away, total) = ACTIVATIONS["tanh"].slope, (np.zeros(32), np.ones(32) / np.sqrt(32), 0.0)
    for x in inputs:
        a = rnn.W @ h + rnn.U @ x + rnn.b
        h, away = np.tanh(a), slope(a) * (rnn.W @ away)
        total, away = total + np.log10(norm(away)), away / norm(away)
    found = RATE.sel(kind="orthogonal", activation="tanh", units="small", eigenvalue=eigenvalue)
    assert found.min() - 0.02 < total / len(inputs) < found.max() + 0.02
    assert total > 0
    above = RATE.sel(kind="orthogonal", activation="tanh", units="small", eigenvalue=slice(2.0, None))
    assert above.min() > 0.05


# --- where networks start -----------------------------------------------------------------------------------

MATRICES = load_results(STARTS)["starts"].W


def test_the_matrices_are_torchs():
    drawn = draw().W
    assert drawn.initialiser.equals(MATRICES.initialiser) and drawn.seed.equals(MATRICES.seed)
    np.testing.assert_allclose(drawn, MATRICES, rtol=1e-6, atol=1e-7)
    assert np.abs(MATRICES.sel(initialiser="default")).max() <= 1 / np.sqrt(32)
    radius = starts_table().radius
    for name in ("orthogonal", "identity"):
        np.testing.assert_allclose(radius.sel(initialiser=name), 1, atol=1e-6)
    # uniform within 1/sqrt(n), so of variance 1/(3n); Glorot's of variance 1/n
    assert radius.sel(initialiser="default").median() == pytest.approx(np.sqrt(1 / 3), abs=0.06)
    assert radius.sel(initialiser="glorot").median() == pytest.approx(1, abs=0.1)


def test_what_is_measured_of_them_is_what_the_engine_finds():
    for way, (activation, kind, units) in WAYS.items():
        for name in MATRICES.initialiser.values:
            W = MATRICES.sel(initialiser=name, seed=1).values.astype(float)
            drive = Drive.of(units, 1, kind == "identity")
            given = drive.scale, drive.balanced, 40, 1, drive.positive
            size = norm(backpropagate(*driven(W, activation, *given)).dh[0])
            found = starts_table()["first"].sel(way=way, initialiser=name, seed=1, length=40)
            assert 10**found == pytest.approx(size, rel=1e-6, abs=1e-300)


# --- what is said -------------------------------------------------------------------------------------------


def said(*panels, **position):
    explorer = explore_activations(*panels, **position)
    figure = explorer.figure
    words = []
    for name in figure._plan["caption"]:
        variable = figure.data[name]
        value = variable.sel({k: v for k, v in figure.position.items() if k in variable.dims}).item()
        words.append(variable.attrs["categories"][value] if "categories" in variable.attrs else value)
    explorer.close()
    return " ".join(filter(None, words))


@pytest.mark.parametrize("kind", ["orthogonal", "gaussian", "symmetric"])
@pytest.mark.parametrize("units", ["small", "ordinary"])
def test_it_is_said_where_rounding_decides(kind, units):
    """Of the same networks, whose W is nudged by an error of rounding, all that is not so marked is alike."""
    table, drive = TABLE.sel(kind=kind, activation="tanh", units=units), Drive.of(units, 3)
    plain, bits = recurrent_matrix(32, 1.0, kind, 3), np.random.default_rng(0)
    nudged = plain * (1 + np.finfo(float).eps * bits.integers(-1, 2, plain.shape))
    found = first_gradients(nudged, table.eigenvalue.values, "tanh", LENGTHS, drive)
    there = is_chaotic(table["first"], xr.DataArray(True)).transpose("eigenvalue", "length")
    away = np.abs(found - table["first"].sel(seed=3).transpose("eigenvalue", "length"))
    assert away.where(~there).max() < 0.002 and there.any() == (kind != "symmetric")
    full = {"kind": kind, "activation": "tanh", "units": units}
    for eigenvalue in (2.0, 10.0):
        for panel, words in (("rates", "× about "), ("growth", "make about ")):
            told = words in said(panel, eigenvalue=eigenvalue, **full)
            assert told == bool(there.sel(eigenvalue=eigenvalue, length=100))


def test_an_error_keeps_its_size_only_if_it_does_so_in_all_networks():
    def words(*rates):
        rate = xr.DataArray(np.log10(rates), dims="seed")
        return str(says_rate(rate, xr.DataArray(0.0)).item())

    assert words(1.0, 1.0, 1.001).startswith("The error keeps its size: ")
    assert words(0.977, 1.0, 1.04).startswith("The error keeps its size in the median network: ")
    assert words(0.9, 0.95, 1.04).startswith("The error dies in the median network: ")


SAID = [("tanh", 2.0, "small"), ("sigmoid", 5.0, "ordinary"), ("relu", 1.4, "small")]


@pytest.mark.parametrize("kind", ["orthogonal", "gaussian", "symmetric"])
@pytest.mark.parametrize(("activation", "eigenvalue", "units"), SAID)
def test_what_a_step_does_is_said(kind, activation, eigenvalue, units):
    at = {"kind": kind, "activation": activation, "eigenvalue": eigenvalue, "units": units}
    sizes, bounds = [], []
    for seed in range(5):
        rnn, inputs = network(eigenvalue, activation, units, 100, kind, seed=seed)
        sizes.append(np.log10(norm(backpropagate(rnn, inputs).dh[0])))
        bounds.append(np.linalg.norm(rnn.W, 2) * ACTIVATIONS[activation].steepest)
    low, middle, high = (10 ** (f(sizes) / 99) for f in (np.min, np.median, np.max))
    fate, networks = "dies" if middle < 1 else "explodes", " networks"
    if (low < 1) != (high < 1):
        fate, networks = f"{fate} in the median network", ""
    told = (
        f"The error {fate}: × {middle:.3g} a step "
        f"(five{networks}: {low:.3g} to {high:.3g}; at most × {max(bounds):.3g})."
    )
    assert said("rates", **at) == told
    if activation == "relu":
        assert said("half_open", kind=kind, eigenvalue=eigenvalue) == told
    words = re.fullmatch(
        r"99 steps back make (\S+) of an error of 1\. The slope of the dashed line is (\S+)\.",
        said("growth", **at),
    )
    assert words[1] == amount(np.median(sizes))
    beside = [
        norm(backpropagate(*network(eigenvalue, activation, units, 100, kind, seed=s)).dh[50])
        for s in range(5)
    ]
    assert float(words[2].replace("−", "-")) == pytest.approx(np.log10(np.median(beside)) / 49, abs=0.0006)


def test_what_no_float64_can_hold_is_told_as_that_and_a_zero_as_exact():
    """With W = 10 times the identity no unit hears of another: logarithms of its slopes add up."""
    sizes = []
    for seed in range(5):
        rnn, inputs = driven(10 * np.eye(32), "tanh", 1.0, False, 100, seed, positive=True)
        h, left = np.zeros(32), [np.log10(np.abs(rnn.V[0]))]
        for x in inputs[:, :1]:
            a = 10 * h + rnn.U[:, 0] * x
            h, left = np.tanh(a), [*left, 1 + np.log10(ACTIVATIONS["tanh"].slope(a))]
        back = left[0] + np.array([0 * left[0], *left[:1:-1]]).cumsum(0)
        largest = back.max(1)
        sizes.append(largest + np.log10(np.sqrt((10 ** (2 * (back - largest[:, None]))).sum(1))))
    low, middle, high = (amount(f([each[-1] for each in sizes]) / 99) for f in (np.min, np.median, np.max))
    slope = np.median([each[49] for each in sizes]) / 49
    assert middle == "10⁻⁷" and max(each[-1] for each in sizes) < -320
    words = said("rates", "growth", activation="tanh", kind="identity", units="ordinary", eigenvalue=10.0)
    assert words == (
        f"The error dies: × {middle} a step (five networks: {low} to {high}; at most × 10). "
        "99 steps back make less than 10⁻³⁰⁰ of an error of 1. "
        f"The slope of the dashed line is −{-slope:.3f}."
    )
    nothing = xr.DataArray(np.full(5, -320.0), dims="seed")
    told = says_growth(nothing, xr.DataArray(-1.0), xr.DataArray(False)).item()
    assert told.startswith("99 steps back make exactly 0 of an error of 1.")
    assert "exactly 0 (identity)" in said("starts_factors", way="relu")
    relu = starts_table()["first"].sel(way="relu", initialiser="identity", length=LONG)
    assert (relu == -320).all()


def test_the_map_says_one_number_of_a_point():
    """The sentence, what is written where the map is pointed at, and at the point of its column."""
    figure = explore_activations("map", "growth_here", controls=["way", "eigenvalue", "length"]).figure
    data = {
        name: figure.data[name].transpose("way", "eigenvalue", "length")
        for name in ("fate", "here_mid", "says_here")
    }
    shown = [np.rint(data[name] / data[name].attrs["resolution"]) for name in ("fate", "here_mid")]
    assert {data[name].attrs["resolution"] for name in ("fate", "here_mid")} == {0.01} and shown[0].equals(
        shown[1]
    )
    words = data["says_here"].values.ravel()
    for size, sentence in zip(0.01 * shown[0].values.ravel(), words, strict=True):
        told = re.search(r"is (?:about )?(\S+?)\.? ?(?:at the first\.)?$", sentence)[1]
        digits = 2 if -3 <= size < 6 else 1
        assert read_number(told) == pytest.approx(float(f"{10**size:.{digits}g}"), rel=1e-9)


def test_what_the_slopes_do_is_said():
    at = {"activation": "tanh", "units": "small", "eigenvalue": 2.0, "step": 40}
    here = TABLE.sel(at | {"kind": "orthogonal"})
    mean = ACTIVATIONS["tanh"].slope(here.preactivation.values).mean()
    assert said("slopes", **at) == f"At step 40 the mean slope of the 32 units is {mean:.2g}."
    error = float(TABLE.gradient.sel(at | {"kind": "orthogonal", "step": 1}))
    assert said("product", activation="tanh", eigenvalue=2.0) == (
        f"39 steps back make {amount(error)} of an error of 1; "
        f"the slopes alone leave {amount(error - 39 * np.log10(2))} of it."
    )
    relu = TABLE.preactivation.sel(activation="relu", kind="orthogonal", units="small", eigenvalue=1.4) > 0
    shut = int((~relu.sel(step=slice(21, None))).all("step").sum())
    assert said("strip", activation="relu", eigenvalue=1.4) == (
        f"{100 * float(relu.mean()):.0f} % of the squares are filled (open). "
        f"{shut} of 32 units are shut from step 21 on."
    )
    g = backpropagate(*network(1.4, "relu", "small", 40))
    h, dh = (np.linalg.norm(each, axis=1) for each in (g.h, g.dh))
    assert said("passes", activation="relu", eigenvalue=1.4) == (
        f"Over 40 steps the state becomes {amount(np.log10(h[-1] / h[0]))} times as large; "
        f"on its way back the error becomes {amount(np.log10(dh[0]))} times as large."
    )
    assert said("passes", activation="relu", kind="identity", eigenvalue=1.0).endswith(
        "the error keeps its size."
    )


def test_what_is_said_of_a_point_of_the_map():
    sizes = [norm(backpropagate(*network(2.0, "tanh", "small", 60, seed=seed)).dh[0]) for seed in range(5)]
    size = float(f"{np.median(sizes):.2g}")
    assert said("growth_here") == f"Over 60 steps, an error of 1 at the last is {size:,.0f} at the first."
    assert said("growth_here", length=1) == "The one step is first and last: the error there is 1."


# --- what the hand does -------------------------------------------------------------------------------------


def test_a_click_on_the_map_moves_what_has_a_control():
    every = explore_activations("map", "growth_here", controls=["way", "eigenvalue", "length"]).figure
    assert every._plan["clicks"] == [[0, ["length", "eigenvalue"]]]
    assert explore_activations("map", "growth_here", controls=["way", "length"]).figure._plan["clicks"] == []


def test_the_scrubber_plays(open_page, tmp_path):
    explorer = explore_activations("curve", "slopes", controls=["step"], step=30)
    save_page(explorer, tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    slider = page.get_by_role("slider", name="Step t", exact=True)
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "29")
    page.get_by_role("button", name="Step t: play or pause").click()
    expect(slider).to_have_attribute("aria-valuetext", "40", timeout=15_000)
    said = page.locator(".lookup-caption").text_content()
    assert said == "At step 40 the mean slope of the 32 units is 0.48."
