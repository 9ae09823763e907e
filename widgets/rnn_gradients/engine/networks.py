"""The networks that stand behind positions of the sliders."""

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .backpropagation import Network
from .gated import GRU, LSTM
from .matrices import recurrent_matrix
from .rnn import RNN

__all__ = ["GATED", "UNITS", "driven", "gated_network", "network"]

DRIVES = {"small": (0.01, True), "ordinary": (1.0, False)}
"""How units run: the size of their inputs, and whether a bias holds them at the steepest point."""
UNITS = tuple(DRIVES)
GATED = {"LSTM": (LSTM, "f", "g"), "GRU": (GRU, "z", "n")}
"""Networks with gates; the gate that keeps the state, and the block that is the plain network."""
SEEDS_APART = 1000
"""From the seed of the plain network's W to that of the first gate's, and so on."""
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


def gated_network(
    kind: str,
    forget_bias: float,
    scale: float,
    units: str = "ordinary",
    length: int = 60,
    size: int = 32,
    seed: int = 0,
) -> tuple[Network, np.ndarray]:
    """Put gates around a plain network, that of `network` with tanh and an orthogonal W.

    Parameters
    ----------
    kind : {"LSTM", "GRU"}
    forget_bias : float
        The bias of the forget gates, or of the update gates z of a GRU, which keep its state. All other
        biases are 0.
    scale : float
        Of the recurrent weights: each gate's block of W is this times an orthogonal matrix of its own, and
        that of g (of a GRU: n) is the plain network's W.
    units, length, size, seed
        As for `network`. The plain network's U, V and inputs are used here as well; each gate has a U of its
        own, drawn likewise.

    Returns
    -------
    network : LSTM or GRU
    inputs : numpy.ndarray, shape (length, 2)

    Raises
    ------
    ValueError
        If an argument is unknown or out of range.
    """
    make, keeps, plain_block = GATED[checks.choice("kind", kind, GATED)]
    forget_bias = checks.number("forget_bias", forget_bias)
    plain, inputs = network(scale, "tanh", units, length, "orthogonal", size, seed)
    rng, names = np.random.default_rng([seed, 2]), list(make.GATES)
    W, U, b = [], [], np.zeros((len(names), size))
    for nth, name in enumerate(names):
        is_plain, drawn = name == plain_block, rng.standard_normal(size)
        W.append(plain.W if is_plain else recurrent_matrix(size, scale, seed=seed + SEEDS_APART * (nth + 1)))
        U.append(plain.U if is_plain else np.column_stack([drawn, np.zeros(size)]))
    b[names.index(keeps)] = forget_bias
    biases = {"b_hidden": np.zeros(b.size)} if make is GRU else {}
    return make(np.vstack(W), np.vstack(U), plain.V, b.ravel(), c=plain.c, **biases), inputs
