"""The tasks that networks are trained on: what is sampled, what the loss is, and when one counts as solved.

Shapes: ``inputs`` (examples, T, d) and ``targets`` (examples,) with a loss at the last step, or (examples, T)
with one at every step. ``outputs`` has the shape of the targets plus a last axis of size m; both may have
leading axes.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torch.nn import functional

from ..engine import checks
from .sunspots import standardised, unseen_windows

__all__ = ["TASKS", "Adding", "Forecast", "Parity", "Task", "TemporalOrder"]


@dataclass(frozen=True)
class Task:
    """What all tasks share.

    Attributes
    ----------
    name : str
    inputs, outputs : int
        Numbers read at each step, d, and put out for each prediction, m.
    every_step : bool
        Whether there is a prediction, and so a loss, at every step or at the last alone.
    shortest : int
        The shortest sequence that the task can be set for.
    longest : int or None
        The longest, where there is one.
    solved_at : float or None
        The accuracy on fresh sequences from which on a run counts as solved; None if no paper says.
    fresh_examples : int
        How many fresh sequences tell whether it does.
    training_set : int
        From how many sequences all batches are drawn; 0: every batch is fresh.
    """

    name = "task"
    inputs = 1
    outputs = 1
    every_step = False
    shortest = 2
    longest = None
    solved_at = None
    fresh_examples = 1_000
    training_set = 0

    def sample(self, rng: np.random.Generator, examples: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw examples; gives inputs and targets."""
        raise NotImplementedError

    def fresh(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return examples to test with, the same ones for every network."""
        return self.sample(np.random.default_rng([0, 3]), self.fresh_examples, length)

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Loss of each prediction, in the shape of the targets."""
        raise NotImplementedError

    def correct(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Tell for each prediction whether it counts as correct."""
        raise NotImplementedError


@dataclass(frozen=True)
class TemporalOrder(Task):
    """Which of A and B came first, which second? Two symbols to be remembered among distractors.

    The first stands in the second tenth of the sequence, the second in the sixth; all other steps show one of
    four distractors. Four classes (AA, AB, BA, BB), told at the last step: softmax and cross-entropy. Task
    6a of Hochreiter and Schmidhuber (*Neural Computation* 9, 1997), in the form of Pascanu, Mikolov and
    Bengio (ICML 2013, section 4.1.1): solved when under 1 % of 10,000 fresh sequences are misclassified. The
    places are those of Pascanu's code; below length 20 they are always the same.
    """

    name = "temporal-order"
    inputs = 6
    outputs = 4
    shortest = 10
    solved_at = 0.9901  # of 10,000, fewer than 100 misclassified
    fresh_examples = 10_000

    def sample(self, rng, examples, length):
        symbols = rng.integers(2, 6, (examples, length))
        marks = rng.integers(0, 2, (examples, 2))
        row, tenth = np.arange(examples), length // 10
        symbols[row, length // 10 + rng.integers(0, tenth, examples)] = marks[:, 0]
        symbols[row, length // 2 + rng.integers(0, tenth, examples)] = marks[:, 1]
        return np.eye(6, dtype="f4")[symbols], marks @ [2, 1]

    def loss(self, outputs, targets):
        return functional.cross_entropy(outputs.flatten(0, -2), targets.flatten(), reduction="none").view(
            targets.shape
        )

    def correct(self, outputs, targets):
        return outputs.argmax(-1) == targets


@dataclass(frozen=True)
class Adding(Task):
    """Add two marked numbers of a long sequence.

    The first is one of the first ten, the second one of the first half; numbers are uniform in [-1, 1] (0 at
    the first step if that is marked), the mark is 1, elsewhere 0, at the two ends -1; the target is ``0.5 +
    (X1 + X2) / 4`` (Hochreiter and Schmidhuber 1997, experiment 4). There the length varies by a tenth; here
    it is fixed. Squared error. Correct within 0.04; solved when 2,000 fresh sequences all are. (There: the
    2,000 most recent ones, and an average training error below 0.01.)
    """

    name = "adding"
    inputs = 2
    shortest = 6
    solved_at = 1.0
    fresh_examples = 2_000

    def sample(self, rng, examples, length):
        numbers = rng.uniform(-1, 1, (examples, length))
        marks = np.zeros((examples, length))
        marks[:, [0, -1]] = -1
        row, half = np.arange(examples), length // 2
        first = rng.integers(0, min(10, half - 1), examples)
        second = rng.integers(0, half - 1, examples)
        second += second >= first  # any of the first half but the one already marked
        numbers[:, 0] *= (first > 0) & (second > 0)  # a marked number of the first pair is 0, as in the paper
        sums = numbers[row, first] + numbers[row, second]
        marks[row, first] = marks[row, second] = 1
        inputs = np.stack([numbers, marks], axis=-1).astype("f4")
        return inputs, (0.5 + sums / 4).astype("f4")

    def loss(self, outputs, targets):
        return (outputs[..., 0] - targets) ** 2

    def correct(self, outputs, targets):
        return (outputs[..., 0] - targets).abs() < 0.04


@dataclass(frozen=True)
class Parity(Task):
    """Is the sum of all numbers so far odd? Told at every step: sigmoid and cross-entropy.

    The numbers are drawn from 0 .. `symbols` - 1, and one-hot if there are more than two kinds: the practical
    *sequence_classification* of the course NPFL138, Charles University. Correct is counted by step, as there.

    Attributes
    ----------
    symbols : int
        How many kinds of numbers there are, 2 to a million.
    training_set : int
        From how many sequences all batches are drawn; 0: every batch is fresh.
    """

    symbols: int = 2
    training_set: int = 0

    name = "parity"
    every_step = True
    shortest = 1

    def __post_init__(self):
        if checks.whole("symbols", self.symbols, least=2) > checks.MANY:
            raise checks.refuse("symbols", self.symbols, f"an integer from 2 to {checks.MANY}")
        checks.whole("training_set", self.training_set, least=0)

    @property
    def inputs(self):
        return 1 if self.symbols == 2 else self.symbols

    def sample(self, rng, examples, length):
        if self.training_set:
            known = _known_numbers(self.symbols, self.training_set, length)
            return self._shown(known[rng.integers(0, self.training_set, examples)])
        return self._shown(rng.integers(0, self.symbols, (examples, length)))

    def fresh(self, length):
        return replace(self, training_set=0).sample(np.random.default_rng(1), self.fresh_examples, length)

    def _shown(self, numbers):
        shown = numbers[..., None] == (1 if self.symbols == 2 else np.arange(self.symbols))
        return shown.astype("f4"), (numbers.cumsum(1) % 2).astype("f4")

    def loss(self, outputs, targets):
        return functional.binary_cross_entropy_with_logits(outputs[..., 0], targets, reduction="none")

    def correct(self, outputs, targets):
        return (outputs[..., 0] > 0) == (targets > 0.5)


@lru_cache(maxsize=1)
def _known_numbers(symbols, sequences, length):
    return np.random.default_rng(0).integers(0, symbols, (sequences, length))


@dataclass(frozen=True)
class Forecast(Task):
    """Say the next value of a time series, from the last T.

    Attributes
    ----------
    series : {"sunspots", "sines"}
        Monthly sunspot numbers, windows of the months before 1950, tested on all months from then on; or
        sine waves of random phase and of a period of 10 to 30 steps, with normal noise of standard deviation
        0.05. Both have mean 0 and, but for the noise, the sunspots standard deviation 1 and the sines
        amplitude 1.
    likelihood : {"squared", "gaussian"}
        Squared error; or the negative log likelihood of a normal distribution whose mean and log standard
        deviation are both put out, less the constant ``log(2 pi) / 2``: a mixture density (Graves,
        arXiv:1308.0850, 2013, section 3) of one component.
    outliers : float
        The share of values, inputs and targets alike, that are off by 5 in a random direction; none are where
        networks are tested.
    scale : float
        What all values are multiplied by, 1e-30 to 1e30: a series left unscaled.
    """

    series: str = "sunspots"
    likelihood: str = "squared"
    outliers: float = 0.0
    scale: float = 1.0

    name = "forecast"
    outlier = 5.0

    def __post_init__(self):
        checks.choice("series", self.series, ("sunspots", "sines"))
        checks.choice("likelihood", self.likelihood, ("squared", "gaussian"))
        checks.within("scale", self.scale, 1e-30, 1e30)
        if not 0 <= checks.number("outliers", self.outliers) < 1:
            raise checks.refuse("outliers", self.outliers, "a share from 0 to below 1")

    @property
    def outputs(self):
        return 1 if self.likelihood == "squared" else 2

    @property
    def longest(self):
        return len(standardised()) - 1 if self.series == "sunspots" else None

    def sample(self, rng, examples, length):
        if self.series == "sunspots":
            windows = np.lib.stride_tricks.sliding_window_view(standardised(), length + 1)
            values = windows[rng.integers(0, len(windows), examples)]
        else:
            turns = np.arange(length + 1) / rng.uniform(10, 30, (examples, 1))
            values = np.sin(2 * np.pi * (turns + rng.uniform(0, 1, (examples, 1))))
            values = values + rng.normal(0, 0.05, values.shape)
        if self.outliers:
            signs = rng.choice([-self.outlier, self.outlier], values.shape)
            values = values + signs * (rng.uniform(size=values.shape) < self.outliers)
        values = (self.scale * values).astype("f4")
        return values[:, :-1, None], values[:, -1]

    def fresh(self, length):
        if self.series == "sines":
            return Task.fresh(replace(self, outliers=0.0), length)
        windows, targets, _ = unseen_windows(length)
        return (self.scale * windows[..., None]).astype("f4"), (self.scale * targets).astype("f4")

    def loss(self, outputs, targets):
        error = targets - outputs[..., 0]
        if self.likelihood == "squared":
            return error**2
        log_spread = outputs[..., 1]
        return log_spread + (error * torch.exp(-log_spread)) ** 2 / 2

    def error(self, outputs, targets):
        """Absolute error of each forecast, in units of the series before scaling."""
        return (outputs[..., 0] - targets).abs() / self.scale

    def correct(self, outputs, targets):
        """Within a quarter of a standard deviation: a measure of ours, so there is no `solved_at`."""
        return self.error(outputs, targets) < 0.25


TASKS = {
    "temporal-order": TemporalOrder(),
    "adding": Adding(),
    "parity": Parity(),
    "sunspots": Forecast(),
    "sunspots, unscaled": Forecast(scale=40.0),
    "sunspots, outliers": Forecast(outliers=0.02),
    "sunspots, learned spread": Forecast(likelihood="gaussian"),
    "sunspots, learned spread, outliers": Forecast(likelihood="gaussian", outliers=0.02),
}
"""The tasks by name, as `train` and the training desk know them."""
