"""Ensembles against torch: every member follows the path that it follows alone in ordinary torch code."""

import numpy as np
import pytest
import torch
from rnn_gradients.training.ensemble import RULES, Ensemble, Examples, Member, initial_weights, members
from rnn_gradients.training.layers import NONLINEARITIES
from rnn_gradients.training.tasks import TASKS, Forecast, Parity

from .alone import Alone

SIZES = {"length": 12, "hidden_size": 10, "batch_size": 8}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def double():
    """64-bit numbers: a network that explodes soon turns a rounding error into another path."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def assert_same_path(task, cell="rnn", activation="tanh", threshold=0.05, rate=0.1, updates=100, **options):
    everyone = members(RULES, [threshold], [rate], [0, 3])
    readout, optimizer = options.get("readout", 0), options.get("optimizer", "sgd")
    ensemble = Ensemble(task, everyone, cell=cell, activation=activation, **SIZES | options)
    alone, examples = [], []
    for member in everyone:
        weights = initial_weights(task, cell, SIZES["hidden_size"], 0.95, readout, member.seed)
        alone.append(Alone(task, weights, cell, activation, member, optimizer))
        rng = np.random.default_rng([member.seed, 2])
        examples.append(Examples(task, rng, SIZES["batch_size"], SIZES["length"]))
    clipped = np.zeros(len(everyone))
    for _ in range(updates):
        record = ensemble.update()
        losses = [one.update(*drawn.draw()) for one, drawn in zip(alone, examples, strict=True)]
        np.testing.assert_allclose(record["loss"], losses, rtol=1e-5, atol=1e-5)
        clipped += (torch.maximum(record["hidden_norm"], record["output_norm"]) > threshold).numpy()
    assert (clipped > updates / 20).all()  # or the rules would not have been tried
    for k, one in enumerate(alone):
        pairs = [("W", one.recurrent.weight_hh_l0, None), ("U", one.recurrent.weight_ih_l0, -1)]
        pairs.append(("V", one.output[-1].weight, -1))
        for name, weight, stop in pairs:
            np.testing.assert_allclose(
                ensemble.weights[name][k][:, :stop],
                weight.detach(),
                rtol=0,
                atol=1e-5,
                err_msg=f"{one.member} {name}",
            )


@pytest.mark.parametrize("activation", NONLINEARITIES)
def test_a_member_trains_as_it_does_alone(activation, double):
    assert_same_path(TASKS["temporal-order"], activation=activation, threshold=0.01)


@pytest.mark.parametrize(
    "task", [Forecast("sines"), Forecast("sines", "gaussian", 0.1), TASKS["adding"], Parity(3)]
)
def test_an_lstm_trains_as_it_does_alone(task):
    assert_same_path(task, cell="lstm")


def test_with_adam(double):
    assert_same_path(TASKS["temporal-order"], threshold=0.01, optimizer="adam", rate=0.001)


def test_with_a_readout_and_adam(double):
    assert_same_path(Parity(2), cell="lstm", readout=7, optimizer="adam", rate=0.01)


def test_one_that_overflows_is_marked_and_disturbs_no_other():
    task, options = TASKS["adding"], {"activation": "relu", **SIZES}
    wild, tame = Member("none", 1.0, 1e4, 0), Member("hidden", 1e-3, 1e-3, 0)
    together, alone = Ensemble(task, [wild, tame], **options), Ensemble(task, [tame], **options)
    marks = []
    for _ in range(60):
        record, expected = together.update(), alone.update()
        marks.append(record["diverged"].tolist())
        for name in record:
            torch.testing.assert_close(record[name][1], expected[name][0], rtol=1e-5, atol=1e-6)
        finite = record["loss"][0].isfinite() and together.weights["V"][0].isfinite().all()
        assert finite or marks[-1][0]
    first = [mark for mark, _ in marks].index(True)
    assert first > 0 and all(mark for mark, _ in marks[first:])
    assert not any(mark for _, mark in marks)


def test_an_infinite_norm_does_what_it_does_in_torch():
    parameter = torch.nn.Parameter(torch.zeros(2, 3))
    parameter.grad = torch.full((2, 3), 1e25)
    torch.nn.utils.clip_grad_norm_([parameter], 1.0)
    ensemble = Ensemble(TASKS["adding"], [Member("hidden", 1.0, 0.1, 0)], **SIZES)
    gradients = {name: torch.full_like(weight, 1e25) for name, weight in ensemble.weights.items()}
    norms = ensemble._clip(gradients)
    assert norms["hidden_norm"].isinf()
    assert not parameter.grad.any() and not gradients["W"].any()
    assert (gradients["V"] == 1e25).all()


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_first_weights_are_as_told(cell):
    weights = initial_weights(TASKS["temporal-order"], cell, 20, -0.9, 0, seed=4)
    gates = np.split(weights["W"], len(weights["W"]) // 20)
    assert len(gates) == {"rnn": 1, "lstm": 4}[cell]
    for gate in gates:
        np.testing.assert_allclose(gate @ gate.T, 0.81 * np.eye(20), atol=1e-12)
        assert np.abs(np.linalg.eigvals(gate) + 0.9).min() < 1e-8
    biases = weights["U"][:, -1]
    assert biases.sum() == {"rnn": 0, "lstm": 20}[cell] and (cell == "rnn" or (biases[20:40] == 1).all())
