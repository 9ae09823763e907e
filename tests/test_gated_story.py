"""What notebook 06 says in numbers is what the engine finds."""

import functools

import numpy as np
import pytest
import torch
from rnn_gradients import backpropagate, explore_gated, network
from rnn_gradients.engine import norm
from rnn_gradients.engine.networks import gated_network
from rnn_gradients.explorers.gated.table import FORGET_BIASES, SCALES_OF_W
from scipy.special import expit

from .prose import filled, text_of
from .readers.gated import layer, median_stack, stack
from .readers.gated import run as run_of

TEXT = text_of("06-why-lstms-cope.ipynb")
LENGTHS_TOLD = (5, 10, 20, 30, 40, 50, 60)


def run(kind="LSTM", bias=1.0, scale=1.0, units="ordinary", length=60):
    return run_of(kind, bias, scale, units, length)


def first(*args, **options):
    """The error at step 1."""
    return norm(run(*args, **options)[1][0])


def gates_alone(bias, scale):
    g, errors = run("LSTM", bias, scale)
    return norm(np.prod(g.gates[1:, 1], axis=0) * errors[-1])


def border(kind, bias=0.0, units="small"):
    """The scale beyond which the error grows, between two of the slider's."""
    sizes = np.log10([first(kind, bias, scale, units) for scale in SCALES_OF_W])
    place = np.flatnonzero((sizes[:-1] <= 0) & (sizes[1:] > 0))[0]
    x = np.log10(SCALES_OF_W[place : place + 2])
    return 10 ** np.interp(0, sizes[place : place + 2], x)


@functools.cache
def of_seed(seed, kind, bias, scale, length=60):
    if kind == "plain":
        return backpropagate(*network(scale, "tanh", "ordinary", length, seed=seed))
    return backpropagate(*gated_network(kind, bias, scale, "ordinary", length, seed=seed))


def at_1(*at):
    """The error at step 1 of a network of another seed."""
    g = of_seed(*at)
    return norm(getattr(g, "dcell", g.dh)[0])


def power(number):
    mantissa, exponent = f"{number:.0e}".split("e")
    exponent = f"{{{int(exponent)}}}" if int(exponent) < 0 else int(exponent)
    return rf"10^{exponent}" if mantissa == "1" else rf"{mantissa} \times 10^{exponent}"


def told(number, digits=2):
    return f"{float(f'{number:.{digits}g}'):,.10g}"


def arrives(step):
    """At a step of the first figure: around W, and through it."""
    g, _ = run("LSTM", 3.0, 1.0)
    passes = g.gates[:, 3] * (1 - np.tanh(g.cell) ** 2)
    return norm(g.around_W[step - 1]), norm((passes * g.through_W)[step - 1])


def numbers():
    """{name: the words in the notebook}."""
    layers = [
        [layer(run(scale=8.0, length=T)[0], which) for T in LENGTHS_TOLD] for which in ("hidden", "output")
    ]
    up_to_4 = [scale for scale in SCALES_OF_W if scale <= 4]
    others = [at_1(seed, "LSTM", 3.0, scale) for seed in range(1, 5) for scale in up_to_4]
    short, long = median_stack(5), median_stack(60)
    return {
        "plain": power(first("plain")),
        "LSTM": told(first("LSTM", 3.0)),
        "most of other plain": power(max(at_1(seed, "plain", 3.0, 1.0) for seed in range(1, 5))),
        "least of other LSTMs": told(min(at_1(seed, "LSTM", 3.0, 1.0) for seed in range(1, 5))),
        "entered": told(norm(run("LSTM", 3.0)[1][-1])),
        "gates alone, open": told(gates_alone(3.0, 1.0)),
        "around": told(arrives(58)[0], 3),
        "through": told(arrives(58)[1], 3),
        "at 5": f"{first('LSTM', 3.0, 5.0):.0f}",
        "at 8, open": told(first("LSTM", 3.0, 8.0)),
        "GRU": told(first("GRU", 3.0)),
        "gates alone": power(gates_alone(0.0, 1.0)),
        "half open": power(first("LSTM", 0.0)),
        "mean gate": told(run()[0].gates[:, 1].mean()),
        "usual": power(first()),
        "ten steps": told(first(length=10)),
        "gates at 8": power(gates_alone(1.0, 8.0)),
        "at 8": told(first(scale=8.0), 3),
        "ln 59": f"{np.log(59):.1f}",
        "ln 1000": f"{np.log(1000):.1f}",
        "usual gate": told(expit(1.0)),
        "half life": told(np.log(0.5) / np.log(expit(1.0))),
        "border -2": told(border("LSTM", -2.0)),
        "border 0": told(border("LSTM", 0.0)),
        "border 1": told(border("LSTM", 1.0)),
        "border 3": told(border("LSTM", 3.0)),
        "border plain": f"{border('plain'):.1f}",
        "border ordinary": told(border("LSTM", 1.0, "ordinary")),
        "behind": told(first("LSTM", 1.0, 2.0, "small")),
        "behind, plain": told(first("plain", 1.0, 2.0, "small"), 3),
        "least": told(min(first("LSTM", 3.0, scale) for scale in up_to_4)),
        "most": told(max(first("LSTM", 3.0, scale) for scale in up_to_4)),
        "least of others": told(min(others)),
        "most of others": told(max(others), 3),
        "most, plain": power(first("plain", scale=4.0)),
        "least, plain": power(first("plain", scale=SCALES_OF_W[0])),
        "least, usual": power(first("LSTM", 1.0, SCALES_OF_W[0])),
        "hidden at 5": told(layers[0][0]),
        "hidden at 60": told(layers[0][-1], 3),
        "output, least": told(min(layers[1])),
        "output, most": told(max(layers[1])),
        "open, least": told(first("LSTM", 5.0, 0.25, "small"), 1),
        "open, most": told(first("LSTM", 5.0, 8.0, "small")),
        "root": f"{np.sqrt(33):.1f}",
        "short": told(max(map(max, short.values()))),
        "upper, least": told(min(long["upper LSTM"]), 3),
        "upper, most": told(max(long["upper LSTM"]), 3),
        "lower, least": told(min(long["lower LSTM"]), 3),
        "lower, most": told(max(long["lower LSTM"]), 3),
        "output of both": told(max(long["output layer"])),
    }


CLAIMS = r"""
In the plain network (grey) $<<plain>>$ of the error is left at step 1, in the LSTM <<LSTM>>.
at most $<<most of other plain>>$ in the plain network, at least <<least of other LSTMs>> in the LSTM.
past the output gate and a tanh, <<entered>> of it is left at the cell
The gates alone would have left <<gates alone, open>> at step 1.
At step 58, <<around>> arrives around $W$ and <<through>> through it.
in the LSTM it becomes <<at 5>>.
(At 8 it is <<at 8, open>>: a larger
<<GRU>> of the error is left.
the forget gates alone would leave $<<gates alone>>$ of the error
In truth, on both roads, it is $<<half open>>$: **less than in the plain network**
At 1 their mean is <<mean gate>>, and $<<usual>>$ comes back; at 2.5 a tenth does, and at 3 it is <<LSTM>>.
a *Sequence length* of 10, it is <<ten steps>>.
the gates alone would leave $<<gates at 8>>$, and the error explodes to <<at 8>>
For 59 steps that is a bias of <<ln 59>>, for 1,000 steps one of <<ln 1000>>
a gate stands at <<usual gate>>, and half of the error is gone after <<half life>> steps
a scale of <<border -2>> at the bottom (bias −2) through <<border 0>> (bias 0)
and <<border 1>> (bias 1) to <<border 3>> (bias 3)
is at <<border plain>>.
a scale of 2 it becomes <<behind>>, in the plain network <<behind, plain>>
that of the LSTM with a bias of 1 to <<border ordinary>>
stays between <<least>> and <<most>> (in four
other draws of the weights: between <<least of others>> and <<most of others>>)
in the plain network between $<<least, plain>>$ and $<<most, plain>>$. That is
the gradient runs from $<<least, usual>>$ to <<at 8>>.
from <<hidden at 5>> at 5 steps to <<hidden at 60>> at 60.
The output layer's stays between <<output, least>> and <<output, most>>
can't be longer than $\sqrt{33} = <<root>>$
In the plain network: $<<plain>>$ against $<<half open>>$
Over 5 steps (open) no gradient is longer than <<short>>.
in the upper one to between <<upper, least>> and <<upper, most>>
in the lower one to between <<lower, least>> and <<lower, most>>. The output layer's are at most
<<output of both>>. (Medians of five networks.)
at a scale of 0.25 the gradient at step 1 is <<open, least>>, and at one of 8 it is <<open, most>>
""".strip().splitlines()


@pytest.fixture(scope="module")
def found():
    return numbers()


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_number_in_the_text_is_the_engines(claim, found):
    assert filled(claim, found) in TEXT


def test_what_is_said_of_the_first_figure():
    assert first("plain", scale=5.0) > 1e9  # explodes
    assert norm(run("LSTM", 3.0)[0].around_W[0]) > norm(run("LSTM", 3.0)[0].through_W[0])


def test_a_tenth_comes_back_only_with_a_forget_bias_of_two_and_a_half():
    reach = [bias for bias in FORGET_BIASES if first("LSTM", bias) >= 0.095]
    assert min(reach) == 2.5


def test_what_is_said_of_the_gates_and_the_roads():
    """And that a bias of ln k leaves about 1/e after k steps, as Tallec and Ollivier (2018) set it."""
    near, apart = (np.log10(first(scale=scale) / gates_alone(1.0, scale)) for scale in (0.25, 8.0))
    assert near < 0.3 < 10 < apart  # nearly agree; part
    k = np.array([10, 59, 1000])
    np.testing.assert_allclose(expit(np.log(k)) ** k, np.exp(-1), rtol=0.06)
    assert 0.25 < np.median(run("LSTM", 0.0)[0].gates[:, 1]) < 0.75  # half filled
    at_1, at_8 = (run("LSTM", 3.0, scale)[0].gates for scale in (1.0, 8.0))
    for gate in (0, 3):  # a larger W saturates gates, and units
        slopes = [(each[:, gate] * (1 - each[:, gate])).mean() for each in (at_1, at_8)]
        assert slopes[1] < 0.5 * slopes[0]
    assert (1 - at_8[:, 2] ** 2).mean() < 0.5 * (1 - at_1[:, 2] ** 2).mean()


@pytest.mark.parametrize("seed", range(5))
def test_what_is_said_in_general_holds_for_other_networks_too(seed):
    plain = at_1(seed, "plain", 0.0, 1.0)
    assert (
        at_1(seed, "LSTM", 0.0, 1.0) < plain < 1e-4 * at_1(seed, "LSTM", 3.0, 1.0)
    )  # the bias makes it remember
    assert (
        at_1(seed, "LSTM", 0.0, 0.25) < 1e-15 and at_1(seed, "LSTM", 1.0, 8.0) > 1e3
    )  # vanishes, and explodes
    assert at_1(seed, "LSTM", 1.0, 8.0) < 1e-3 * at_1(
        seed, "plain", 1.0, 8.0
    )  # but far less than a plain network
    layers = [
        [layer(of_seed(seed, "LSTM", 1.0, 8.0, T), which) for T in (5, 60)] for which in ("hidden", "output")
    ]
    assert layers[0][1] > 1e3 * layers[0][0] and max(layers[1]) < 4  # one grows, the other does not


def test_the_other_weights_of_the_hidden_layer_explode_as_w_does():
    g = run(scale=8.0)[0]
    assert min(norm(g.dW), norm(g.dU), norm(g.db)) > 1e5


def test_what_is_said_of_the_border_of_a_gru():
    near = [border("GRU", bias) for bias in FORGET_BIASES if bias <= 2]
    assert min(near) > 2 and max(near) < 2.5 < 3 < border("GRU", 5.0)  # near 2; bends away
    for kind in ("LSTM", "GRU", "plain"):
        assert border(kind, 1.0, "ordinary") > border(kind, 1.0)  # they move to the right


def test_the_thick_line_stands_to_the_right_of_the_dashed_one():
    biases = np.array([bias for bias in FORGET_BIASES if bias <= 3])
    assert all(border("LSTM", bias) > 4 * (1 - expit(bias)) for bias in biases)
    assert all(border("GRU", bias) > 2 for bias in FORGET_BIASES)
    told = f"at {border('LSTM', 3.0):.2f} for the LSTM with a bias of 3, where the dashed one is at "
    assert f"{told}{4 * (1 - expit(3)):.2f}" in TEXT


def test_what_is_said_of_a_stack():
    long = median_stack(60)
    assert min(*long["upper LSTM"], *long["lower LSTM"]) > 500 * max(long["output layer"])
    for seed in range(5):
        each = stack(60, seed)
        assert max(each["output layer"]) < 3 and min(each["lower LSTM"]) > 1e3


def test_what_is_said_of_torchs_lstm():
    """How its biases begin, by which gates; and which of its weights there are."""
    made = torch.nn.LSTM(3, 32)
    for biases in (made.bias_ih_l0, made.bias_hh_l0):
        assert 0.1 < biases.detach().abs().max() <= 1 / np.sqrt(32)
    names = {name for name, _ in torch.nn.LSTM(3, 32, num_layers=2, proj_size=4).named_parameters()}
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    assert names == {f"{kind}_l{nth}" for kind in kinds for nth in range(2)}


def said(*panels, **position):
    """The sentence of a figure."""
    explorer = explore_gated(*panels, **position)
    figure, words = explorer.figure, []
    for name in figure._plan["caption"]:
        variable = figure.data[name]
        value = variable.sel({k: v for k, v in figure.position.items() if k in variable.dims}).item()
        words.append(variable.attrs["categories"][value] if "categories" in variable.attrs else value)
    explorer.close()
    return " ".join(words)


def test_sentences():
    assert said("roads", forget_bias=3.0) == (
        "At step 1 an error of 1 is 0.829 in the LSTM, on both roads together, "
        "and 4×10⁻¹⁰ in a plain network."
    )
    assert said("gates", "product", forget_bias=0.0) == (
        "The mean of all forget gates is 0.51. "
        "At step 1 the gates alone would leave 3×10⁻¹⁷ of an error of 1. "
        "In truth it is 3×10⁻¹², and in a plain network 4×10⁻¹⁰."
    )
    assert said("gates", network="GRU").startswith("The mean of all update gates is 0.")
    assert said("across") == (
        "From scale 0.25 to 8 the gradient at step 1 lies between 8×10⁻⁹ and 725,000, "
        "and in the plain network between 10⁻⁴² and more than 10⁹."
    )
    assert said("layers", scale=8.0, clip_hidden=True, clip_output=True) == (
        "Over 60 steps the hidden layer gets a gradient of size 10 (cut from 733,000), "
        "and the output layer a gradient of size 2.5."
    )
