"""A network that reads its own output: what it says at one step comes in at the next."""

from dataclasses import replace

import numpy as np

from . import checks
from .backpropagation import Gradients, backpropagate, fitting_inputs
from .rnn import RNN

__all__ = ["backpropagate_fed_back"]


def backpropagate_fed_back(
    rnn: RNN, inputs: np.ndarray, loss_at: str = "last", error: np.ndarray | None = None
) -> Gradients:
    """Exact gradients through time where the first m inputs are the m outputs of the step before.

    From the second step on ``x_t = (o_{t-1}, ...)``. With U_o for the columns of U that read it, W + U_o V
    takes the place of W, so the output layer is passed at every step (the recurrence from the output of
    Goodfellow et al. 2016, section 10.2.1, beside that of the state).

    Parameters
    ----------
    rnn : RNN
        With at least as many inputs as outputs.
    inputs : array_like, shape (T, d)
        After the first row, the first m columns are not read.
    loss_at, error
        As of `backpropagate`.

    Returns
    -------
    Gradients
        ``dinputs`` is what a change of an input, as it is read, would change.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As of `backpropagate`; ValueError, too, if there are fewer inputs than outputs.
    """
    checks.instance("rnn", rnn, RNN)
    inputs, m = fitting_inputs(rnn, inputs).copy(), len(rnn.V)
    if inputs.shape[1] < m:
        raise ValueError(f"inputs has shape {inputs.shape}; allowed: (T, {m} or more), one for each output")
    reads = rnn.U[:, :m]
    inputs[1:, :m] = rnn.c  # the rest of o is V h, which the loop's own W reads
    g = backpropagate(replace(rnn, W=rnn.W + reads @ rnn.V), inputs, loss_at, error)
    dU = g.dU.copy()
    dU[:, :m] += g.dW @ rnn.V.T
    return replace(g, dU=dU, dV=g.dV + reads.T @ g.dW, dc=g.dc + g.dinputs[1:, :m].sum(0))
