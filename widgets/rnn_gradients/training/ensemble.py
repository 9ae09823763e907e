"""Many networks trained at once, each exactly as it would be trained alone.

A member is one choice of clip rule, threshold, learning rate and seed. Members of one seed start from the
same weights and see the same examples. Every tensor has a leading axis of members, so a whole comparison is
one program of batched products.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..engine.matrices import recurrent_matrix
from .layers import LSTMLayer, RecurrentLayer
from .tasks import Task

__all__ = ["RULES", "Ensemble", "Member", "initial_weights"]

RULES = ("none", "hidden", "output", "both", "joint")
HIDDEN_WEIGHTS = ("W", "U")
BLOCK = 25  # updates whose examples are drawn together, so that what is drawn does not depend on any chunk


@dataclass(frozen=True)
class Member:
    """What tells one network from another."""

    clip: str
    threshold: float
    learning_rate: float
    seed: int


def initial_weights(
    task: Task, cell: str, hidden_size: int, eigenvalue: float, readout: int, seed: int
) -> dict[str, np.ndarray]:
    """Draw the weights that a seed starts from.

    ``W`` (each gate's own, for an LSTM) is `eigenvalue` times a random orthogonal matrix. In a plain network
    without a readout all other weights are normal with standard deviation 0.01 (as for tanh in Pascanu,
    Mikolov and Bengio, ICML 2013, section 4.1.1). In an LSTM and in a readout they are uniform as in Glorot
    and Bengio (AISTATS 2010, equation 16). Biases are 0, but the LSTM's forget gates' 1 (Jozefowicz, Zaremba
    and Sutskever, ICML 2015).

    Returns
    -------
    dict
        ``W`` (gates n, n), ``U`` (gates n, d + 1) with b as its last column; ``V`` (m, n + 1) with c as its
        last; with a `readout` of k units between them also ``R`` (k, n + 1), and then V is (m, k + 1).
    """
    rng = np.random.default_rng([seed, 1])
    gates = LSTMLayer.gates if cell == "lstm" else 1

    def draw(rows, columns):
        bound = math.sqrt(6 / (rows + columns))
        plain = cell == "rnn" and not readout
        matrix = (
            rng.normal(0, 0.01, (rows, columns)) if plain else rng.uniform(-bound, bound, (rows, columns))
        )
        return np.hstack([matrix, np.zeros((rows, 1))])

    matrices = [recurrent_matrix(hidden_size, eigenvalue, seed=gates * seed + gate) for gate in range(gates)]
    weights = {
        "W": np.vstack(matrices),
        "U": np.vstack([draw(hidden_size, task.inputs) for _ in range(gates)]),
    }
    if cell == "lstm":
        weights["U"][hidden_size : 2 * hidden_size, -1] = 1
    if readout:
        weights["R"] = draw(readout, hidden_size)
    weights["V"] = draw(task.outputs, readout or hidden_size)
    return weights


class Examples:
    """One batch after the other; drawn in blocks, whose size no caller sees."""

    def __init__(self, task: Task, rng: np.random.Generator, batch_size: int, length: int):
        self._sample = lambda: task.sample(rng, BLOCK * batch_size, length)
        self._batches = []

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the inputs and targets of the next batch."""
        if not self._batches:
            inputs, targets = (np.split(values, BLOCK) for values in self._sample())
            self._batches = list(zip(inputs, targets, strict=True))[::-1]
        return self._batches.pop()


class Ensemble:
    """Networks that are trained side by side.

    Each is as torch would train it alone, with ``nn.RNN`` or ``nn.LSTM`` whose second bias is kept at 0
    (torch has two that are always added; two would learn twice as fast as one).

    Parameters
    ----------
    task : Task
    members : sequence of Member
    cell : {"rnn", "lstm"}
    activation : {"tanh", "sigmoid", "relu"}
        Of the plain recurrent network; an LSTM has its own.
    length, hidden_size, batch_size : int
    eigenvalue : float
        Of W at the start.
    readout : int
        Units of a ReLU layer between the hidden layer and the output layer, 0 for none. It belongs to the
        output group: it is applied once for each loss.
    optimizer : {"sgd", "adam"}
        Adam (Kingma and Ba, ICLR 2015) with torch's defaults but the learning rate.

    Attributes
    ----------
    weights : dict of torch.Tensor
        As `initial_weights`, with a leading axis of members.
    diverged : torch.Tensor of bool, shape (members,)
        Whose loss or weights have ceased to be finite.
    """

    def __init__(
        self,
        task: Task,
        members: Sequence[Member],
        *,
        cell: str = "rnn",
        activation: str = "tanh",
        length: int = 20,
        hidden_size: int = 50,
        batch_size: int = 32,
        eigenvalue: float = 0.95,
        readout: int = 0,
        optimizer: str = "sgd",
    ):
        self.task, self.members = task, tuple(members)
        self.cell, self.activation, self.length, self.batch_size = cell, activation, length, batch_size
        self.optimizer = optimizer
        seeds = sorted({member.seed for member in self.members})
        starts = {seed: initial_weights(task, cell, hidden_size, eigenvalue, readout, seed) for seed in seeds}
        number = torch.get_default_dtype()
        self.weights = {
            name: torch.tensor(np.stack([starts[member.seed][name] for member in self.members]), dtype=number)
            for name in starts[seeds[0]]
        }
        self._seed_of = torch.tensor([seeds.index(member.seed) for member in self.members])
        self._rules = {rule: torch.tensor([member.clip == rule for member in self.members]) for rule in RULES}
        self._threshold = torch.tensor([member.threshold for member in self.members], dtype=number)
        self._rate = torch.tensor([member.learning_rate for member in self.members], dtype=number)
        self._layer = None
        self._examples = [
            Examples(task, np.random.default_rng([seed, 2]), batch_size, length) for seed in seeds
        ]
        self._moments = {name: [torch.zeros_like(w), torch.zeros_like(w)] for name, w in self.weights.items()}
        self.updates = 0
        self.diverged = torch.zeros(len(self.members), dtype=torch.bool)

    def _make_layer(self):
        units = self.weights["W"].shape[-1]
        sizes = (len(self.members), units, self.task.inputs, self.batch_size, self.length)
        return LSTMLayer(*sizes) if self.cell == "lstm" else RecurrentLayer(self.activation, *sizes)

    def update(self) -> dict[str, torch.Tensor]:
        """Train every member on one batch.

        Returns
        -------
        dict of torch.Tensor, shape (members,)
            ``loss`` and ``accuracy`` of the batch before the update; ``hidden_norm`` and ``output_norm`` of
            the gradients before clipping; ``diverged``; for forecasts ``absolute_error``, the median.
        """
        if self._layer is None:
            self._layer = self._make_layer()
        inputs, targets = map(np.stack, zip(*(each.draw() for each in self._examples), strict=True))
        inputs, targets = self._to_members(inputs), self._target_of(targets)
        states = self._layer.forward(self.weights["W"], self.weights["U"], inputs)
        states = (states if self.task.every_step else states[-1]).detach().requires_grad_()
        head = {
            name: w.detach().requires_grad_()
            for name, w in self.weights.items()
            if name not in HIDDEN_WEIGHTS
        }
        outputs = _outputs(head, states)
        losses = self.task.loss(outputs, targets).mean(-1)
        dh, *gradients = torch.autograd.grad(losses.sum(), [states, *head.values()])
        gradients = dict(zip(head, gradients, strict=True))
        gradients |= zip(HIDDEN_WEIGHTS, self._layer.backward(dh), strict=True)
        self.updates += 1
        norms = self._clip(gradients)
        self._descend(gradients)
        self.diverged |= ~losses.detach().isfinite()
        for weight in self.weights.values():
            self.diverged |= ~weight.flatten(1).isfinite().all(1)
        outputs = outputs.detach()
        record = {"loss": losses.detach(), **norms, "diverged": self.diverged.clone()}
        record["accuracy"] = self.task.correct(outputs, targets).float().mean(-1)
        if hasattr(self.task, "error"):
            record["absolute_error"] = self.task.error(outputs, targets).quantile(0.5, dim=-1)
        return record

    def test(self, inputs: np.ndarray, targets: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Let every member answer the same examples.

        Parameters
        ----------
        inputs : numpy.ndarray, shape (examples, T, d)
        targets : numpy.ndarray, shape (examples,) or (examples, T)

        Returns
        -------
        outputs : torch.Tensor, shape (members, predictions, m)
        accuracy : torch.Tensor, shape (members,)
        """
        layer, outputs, correct = self._make_layer(), [], []
        for start in range(0, len(inputs), self.batch_size):
            x, y = inputs[start : start + self.batch_size], targets[start : start + self.batch_size]
            count = len(x)
            if count < self.batch_size:  # the layer's memory has one size
                x = np.concatenate([x, np.repeat(x[-1:], self.batch_size - count, axis=0)])
            states = layer.forward(
                self.weights["W"], self.weights["U"], torch.as_tensor(x).transpose(0, 1)[:, None]
            )
            states = states[:, :, :count] if self.task.every_step else states[-1, :, :count]
            outputs.append(_outputs(self.weights, states))
            correct.append(self.task.correct(outputs[-1], torch.as_tensor(y).t().reshape(1, -1)))
        return torch.cat(outputs, 1), torch.cat(correct, 1).double().mean(1)

    def rest(self) -> None:
        """Give back the memory that only training needs; the next update takes it again."""
        self._layer = None

    def _to_members(self, inputs):
        """(seeds, B, T, d) -> (T, members, B, d)."""
        return torch.as_tensor(inputs).permute(2, 0, 1, 3)[:, self._seed_of]

    def _target_of(self, targets):
        """(seeds, B) or (seeds, B, T) -> (members, predictions), by step, then by example."""
        targets = torch.as_tensor(targets)
        if targets.is_floating_point():
            targets = targets.to(self._rate.dtype)
        if self.task.every_step:
            targets = targets.transpose(1, 2)
        return targets.reshape(len(targets), -1)[self._seed_of]

    def _clip(self, gradients):
        """Rescale each group as its member's rule says, by torch's own factor; gives the norms before."""
        groups = {
            "hidden": HIDDEN_WEIGHTS,
            "output": [name for name in gradients if name not in HIDDEN_WEIGHTS],
        }
        norms = {group: _norm([gradients[name] for name in names]) for group, names in groups.items()}
        joint = torch.linalg.vector_norm(torch.stack(list(norms.values())), dim=0)
        for group, names in groups.items():
            measured = torch.where(self._rules["joint"], joint, norms[group])
            factor = (self._threshold / (measured + 1e-6)).clamp(max=1)
            clips = self._rules[group] | self._rules["both"] | self._rules["joint"]
            factors = torch.where(clips, factor, 1.0)[:, None, None]
            for name in names:
                gradients[name] = gradients[name] * factors
        return {f"{group}_norm": norm for group, norm in norms.items()}

    def _descend(self, gradients):
        rate = self._rate[:, None, None]
        for name, gradient in gradients.items():
            if self.optimizer == "sgd":
                self.weights[name] -= rate * gradient
                continue
            mean, square = self._moments[name]
            mean.lerp_(gradient, 1 - 0.9)
            square.mul_(0.999).addcmul_(gradient, gradient, value=1 - 0.999)
            corrected = (square / (1 - 0.999**self.updates)).sqrt() + 1e-8
            self.weights[name] -= rate * mean / (1 - 0.9**self.updates) / corrected


def _outputs(weights, states):
    """(members, B, n) or (T, members, B, n) -> (members, predictions, m)."""
    if states.dim() == 4:
        states = states.transpose(0, 1).flatten(1, 2)
    if "R" in weights:
        states = torch.relu(_affine(weights["R"], states))
    return _affine(weights["V"], states)


def _affine(weights, values):
    """Apply ``V values + c`` for each member, c being the last column of V."""
    return torch.baddbmm(weights[:, None, :, -1], values, weights[..., :-1].transpose(1, 2))


def _norm(parts):
    """Norm over several tensors, of each member; infinite where a square overflows, as in torch."""
    return torch.linalg.vector_norm(
        torch.stack([torch.linalg.vector_norm(part, dim=(1, 2)) for part in parts]), dim=0
    )


def members(
    clip: Sequence[str], threshold: Sequence[float], learning_rate: Sequence[float], seeds: Sequence[int]
) -> list[Member]:
    """Every combination, seeds last."""
    return list(itertools.starmap(Member, itertools.product(clip, threshold, learning_rate, seeds)))
