"""What notebook 01 says in numbers is what the engine finds."""

import numpy as np
import pytest
import torch
from rnn_gradients import backpropagate, clip, network
from rnn_gradients.engine import norm
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT
from rnn_gradients.engine.loops import backpropagate_fed_back

from .conftest import NOTEBOOK
from .prose import filled, power, text_of
from .readers.engine import group

TEXT = text_of(NOTEBOOK)


def passed(eigenvalue=2.0, activation="tanh", units="small", length=60, **loss):
    """Return the gradients, and what a step back does to the error on average."""
    g = backpropagate(*network(eigenvalue, activation, units, length), **loss)
    return g, (norm(g.dh[0]) / norm(g.dh[-1])) ** (1 / max(length - 1, 1))


def layers(g):
    return norm(*group(g, HIDDEN)), norm(*group(g, OUTPUT))


def told(number):
    return f"{number:,.0f}" if number > 1000 else f"{number:.3g}"


def looped(eigenvalue=2.0, length=60):
    return backpropagate_fed_back(*network(eigenvalue, "tanh", "small", length))


def in_thousands(number):
    return told(round(number, -3))


def numbers():
    """{name: the words in the notebook}."""
    g, rate = passed()
    hidden, output = layers(g)
    grown, shrunk = (norm(passed(x, "linear")[0].dh[0]) for x in (1.1, 0.9))
    return {
        "hidden": in_thousands(hidden),
        "output": told(output),
        "largest": told(norm(passed(2.0, "linear", length=8)[0].dh[0])),
        "hidden at 20": told(layers(passed(length=20)[0])[0]),
        "grown": f"{float(f'{grown:.1g}'):g}",
        "shrunk": f"{float(f'{1 / shrunk:.1g}'):g}",
        "tanh": f"{rate:.3g}",
        "looped": power(layers(looped())[1]),
        "sigmoid past 4": f"{passed(6.0, 'sigmoid')[1]:.3g}",
    }


CLAIMS = """
The hidden layer's weights get a gradient of size <<hidden>>, those of the output layer one of <<output>>.
again and again: 1, 2, 4, … <<largest>>.
at <<output>> the output layer's is not long enough to be cut
At 1.1 it grows by a factor of about <<grown>> in 59 steps, at 0.9 it shrinks by one of about <<shrunk>>
of the factor of 2, <<tanh>> is left
At 6 it does, by <<sigmoid past 4>> a step and not by 6/4
falls from <<hidden>> to <<hidden at 20>> at 20 steps
the output layer's gradient is now $<<looped>>$ long, in place of <<output>>
""".strip().splitlines()


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_number_in_the_text_is_the_engines(claim):
    assert filled(claim, numbers()) in TEXT


def test_what_is_said_of_clipping():
    g, _ = passed()
    hidden, output = layers(g)
    assert layers(clip(g, 10.0)) == pytest.approx((10, output))  # hidden only
    assert layers(clip(g, 10.0, output=True)) == pytest.approx((10, output))  # both: nothing else moves
    assert layers(clip(g, 10.0, hidden=False, output=True)) == pytest.approx((hidden, output))
    assert layers(clip(g, 10.0, joint=True))[1] < 1e-4  # all but vanishes
    assert layers(clip(g, 1.0, output=True)) == pytest.approx((1, 1))


def test_what_is_said_of_the_sum():
    """Which steps contribute the most."""

    def parts(eigenvalue, activation):
        rnn, inputs = network(eigenvalue, activation, "small", 20)
        g = backpropagate(rnn, inputs)
        earlier = np.vstack([0 * g.h[:1], g.h[:-1]])
        a = earlier @ rnn.W.T + inputs @ rnn.U.T + rnn.b
        slopes = ACTIVATIONS[activation].slope(a)
        sizes = np.array([norm(np.outer(*each)) for each in zip(g.dh * slopes, earlier, strict=True)])
        return sizes / sizes.sum()

    assert parts(6.0, "tanh")[0] == 0 and parts(6.0, "tanh")[:10].sum() > 0.95
    assert parts(2.0, "sigmoid")[-5:].sum() > 0.95


def test_what_is_said_of_where_the_answer_ends():
    lengths = (10, 20, 40, 60, 80, 100)
    tanh = [layers(passed(length=T)[0])[1] for T in lengths]
    assert all(round(each) == 4 for each in tanh)
    relu = [layers(passed(activation="relu", length=T)[0])[1] for T in lengths]
    assert relu == sorted(relu) and relu[-1] > 1e10
    assert all(layers(passed(length=T, error=[100.0])[0])[1] > 10 for T in (1, 2, 5, *lengths))
    every = [layers(passed(length=T, loss_at="every")[0])[1] for T in lengths]
    assert every == sorted(every) and max(each / T for each, T in zip(every, lengths, strict=True)) < 1.4


def test_minus_two_turns_the_error_round_and_without_an_activation_does_nothing_else():
    for activation, alike in (("linear", True), ("tanh", False)):
        sizes = [norm(passed(eigenvalue, activation)[0].dh[0]) for eigenvalue in (2.0, -2.0)]
        assert (abs(np.log(sizes[0] / sizes[1])) < 1e-9) == alike


def test_clipping_cannot_save_an_infinite_gradient():
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    for weight, gradient in zip(weights, (torch.inf, 1.0), strict=True):
        weight.grad = torch.tensor([gradient])
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    assert weights[0].grad.isnan() and weights[1].grad == 0
    with pytest.raises(RuntimeError, match="non-finite"):
        torch.nn.utils.clip_grad_norm_(weights, 1.0, error_if_nonfinite=True)


def test_what_is_said_of_an_output_that_is_fed_back():
    g, given, column = looped(), passed()[0], network(2.0, "tanh")[0].U[:, :1]
    np.testing.assert_allclose(g.dV, g.h[-1:] + column.T @ g.dW, rtol=1e-9)  # an error of 1 comes in
    lengths = (5, 10, 20, 40, 60, 100)
    both = np.log10([layers(looped(length=T)) for T in lengths])
    assert (np.diff(both, axis=0)[1:] > 0).all() and (both[2:, 0] - both[2:, 1] < 1).all()  # climb together
    at_1 = [layers(looped(1.0, T)) for T in lengths] + [layers(passed(1.0, length=T)[0]) for T in lengths]
    assert np.max(at_1) < 25 and max(layers(given)) > 1e5


def test_what_is_said_of_the_activations():
    assert passed(2.0, "sigmoid")[1] == pytest.approx(0.5, abs=0.01)  # half is left
    assert passed(3.9, "sigmoid")[1] < 1 < passed(4.2, "sigmoid")[1]
    assert passed(1.1)[1] > 1 > passed(1.1, units="ordinary")[1]
    assert passed(1.3, "relu")[1] < 1 < passed(1.5, "relu")[1]  # the root of 2
