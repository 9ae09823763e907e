"""Two recurrent layers, one on the other: the upper one reads the states of the lower."""

from dataclasses import replace

import numpy as np

from .backpropagation import Gradients, Network, backpropagate
from .matrices import recurrent_matrix
from .networks import SEEDS_APART, gated_network

__all__ = ["backpropagate_stack", "stack_of"]


def backpropagate_stack(
    lower: Network, upper: Network, inputs: np.ndarray, loss_at: str = "last", error: np.ndarray | None = None
) -> tuple[Gradients, Gradients]:
    """Exact gradients through two layers, as of torch's ``num_layers=2``.

    Parameters
    ----------
    lower, upper : RNN, LSTM or GRU
        The upper one has as many inputs as the lower one has units. The output layer is the upper one's; the
        lower one's is not used.
    inputs, loss_at, error
        As of `backpropagate`.

    Returns
    -------
    lower, upper : Gradients
        The errors that the lower one gets are those at the upper one's inputs: for it, dV and dc are the
        gradients of an output layer that hands on its states as they are.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As of `backpropagate`.
    """
    of_upper = backpropagate(upper, backpropagate(lower, inputs).h, loss_at, error)
    n = lower.V.shape[1]
    handing_on = replace(lower, V=np.eye(n), c=np.zeros(n))
    return backpropagate(handing_on, inputs, "every", of_upper.dinputs), of_upper


def stack_of(
    kind: str, forget_bias: float, scale: float, units: str, length: int, size: int = 32, seed: int = 0
) -> tuple[Network, Network, np.ndarray]:
    """Put a second network with gates, drawn likewise, on that of `gated_network`.

    Each gate of the upper one reads the lower one's states through an orthogonal matrix.

    Parameters
    ----------
    kind, forget_bias, scale, units, length, size, seed
        As of `gated_network`.

    Returns
    -------
    lower, upper : LSTM or GRU
    inputs : numpy.ndarray, shape (length, 2)

    Raises
    ------
    ValueError
        If an argument is unknown or out of range.
    """
    lower, inputs = gated_network(kind, forget_bias, scale, units, length, size, seed)
    other = seed + SEEDS_APART // 2
    upper, _ = gated_network(kind, forget_bias, scale, units, length, size, other)
    first = other + SEEDS_APART * (upper.blocks + 1)
    reads = [recurrent_matrix(size, 1.0, seed=first + SEEDS_APART * nth) for nth in range(upper.blocks)]
    return lower, replace(upper, U=np.vstack(reads)), inputs
