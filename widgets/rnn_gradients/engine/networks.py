"""The network that stands behind one position of the sliders."""

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .matrices import recurrent_matrix
from .rnn import RNN

__all__ = ["UNITS", "driven", "network"]

DRIVES = {"small": (0.01, True), "ordinary": (1.0, False)}
"""How units run: the size of their inputs, and whether a bias holds them at the steepest point."""
UNITS = tuple(DRIVES)
ARRAYS = 8  # of the length of the sequence, held at once, at most


def network(
    eigenvalue: float,
    activation: str,
    units: str = "small",
    length: int = 100,
    kind: str = "orthogonal",
    size: int = 32,
    seed: int = 0,
) -> tuple[RNN, np.ndarray]:
    """Make the network of one slider position, and its input sequence.

    Parameters
    ----------
    eigenvalue : float
        The leading eigenvalue of W.
    activation : {"linear", "sigmoid", "tanh", "relu"}
    units : {"small", "ordinary"}
        Inputs of size 0.01, so that every unit starts near its steepest point, or of size 1. (Where the
        state itself grows, it leaves that point again.) The steepest point is 0, where a sigmoid's
        ``h = 1/2``: a bias ``-W 1/2`` balances it there, and a second input, 1 at the first step only,
        makes up for ``h_0 = 0``. The gradients of linear and ReLU units do not depend on this size.
    length : int
        Steps of the input sequence; a shorter sequence is the beginning of a longer one.
    kind, size, seed
        As for `recurrent_matrix`.

    Returns
    -------
    rnn : RNN
        With one output, whose weights V have norm 1.
    inputs : numpy.ndarray, shape (length, 2)

    Raises
    ------
    ValueError
        If an argument is unknown or out of range.
    """
    units, activation = (
        checks.choice("units", units, UNITS),
        checks.choice("activation", activation, ACTIVATIONS),
    )
    length = checks.whole("length", length)
    checks.memory("sequences of this length", 8 * ARRAYS * length)
    return driven(recurrent_matrix(size, eigenvalue, kind, seed), activation, *DRIVES[units], length, seed)


def driven(
    W: np.ndarray,
    activation: str,
    scale: float,
    balanced: bool,
    length: int,
    seed: int = 0,
    positive: bool = False,
) -> tuple[RNN, np.ndarray]:
    """Make a network of any recurrent matrix, and the input sequence that drives it.

    Parameters
    ----------
    W : numpy.ndarray, shape (n, n)
    activation : {"linear", "sigmoid", "tanh", "relu"}
    scale : float
        Size of the inputs.
    balanced : bool
        Whether a bias holds the units at their steepest point, as for `network`.
    length : int
        Steps of the input sequence.
    seed : int
        Of U, V and the inputs.
    positive : bool
        Whether the inputs and their weights are made positive: then no state is below 0 where W has no
        negative entry, and every ReLU unit is open.

    Returns
    -------
    rnn, inputs
        As of `network`.

    Raises
    ------
    ValueError
        If an argument is unknown or out of range, or NaN.
    """
    W, activation = checks.square("W", W), checks.choice("activation", activation, ACTIVATIONS)
    scale, length, seed = (
        checks.number("scale", scale),
        checks.whole("length", length),
        checks.whole("seed", seed, 0),
    )
    balanced, positive = checks.flag("balanced", balanced), checks.flag("positive", positive)
    size, rng = len(W), np.random.default_rng([seed, 1])
    U, V = rng.standard_normal((size, 2)), rng.standard_normal((1, size))
    x = rng.standard_normal(length) * scale
    if positive:
        U, x = np.abs(U), np.abs(x)
    middle = float(ACTIVATIONS[activation].phi(np.zeros(()))) * balanced
    to_middle = W @ np.full(size, middle)
    U[:, 1] = to_middle
    inputs = np.column_stack([x, np.arange(length) == 0])
    return RNN(W, U, V / np.linalg.norm(V), -to_middle, np.zeros(1), activation), inputs
