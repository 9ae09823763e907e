"""The plain recurrent network: its weights, its forward pass and its backward pass.

The network is the one of Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 10.2:
``h_t = phi(b + W h_{t-1} + U x_t)`` with ``h_0 = 0``, and ``o_t = c + V h_t``, for t = 1..T.
"""

from dataclasses import dataclass

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .backpropagation import Gradients, Network, fitting_inputs, passed_on, weight_gradients

__all__ = ["RNN", "forward"]


@dataclass(frozen=True, eq=False)
class RNN(Network):
    """A recurrent layer (W, U, b) and an output layer (V, c).

    Parameters
    ----------
    W : array_like, shape (n, n)
        Hidden to hidden, applied at every step.
    U : array_like, shape (n, d)
        Input to hidden.
    V : array_like, shape (m, n)
        Hidden to output, applied once for each loss.
    b : array_like, shape (n,)
        Bias of the hidden layer.
    c : array_like, shape (m,)
        Bias of the output layer.
    activation : {"linear", "sigmoid", "tanh", "relu"}

    Raises
    ------
    ValueError
        If a shape does not fit, a weight is not finite, or the activation is unknown.
    """

    W: np.ndarray
    U: np.ndarray
    V: np.ndarray
    b: np.ndarray
    c: np.ndarray
    activation: str

    def __post_init__(self):
        object.__setattr__(self, "activation", checks.choice("activation", self.activation, ACTIVATIONS))
        super().__post_init__()

    def _forward(self, inputs):
        phi = ACTIVATIONS[self.activation].phi
        drive = inputs @ self.U.T + self.b
        a, h = np.empty_like(drive), np.zeros((len(drive) + 1, len(self.W)))
        for t in range(len(drive)):
            a[t] = self.W @ h[t] + drive[t]
            h[t + 1] = phi(a[t])
        return a, h[1:]

    def _backward(self, inputs, errors, a, h, clip_dh=None):
        slope = ACTIVATIONS[self.activation].slope
        dh, delta = np.empty_like(h), np.empty_like(h)  # delta: dL/da_t
        later = np.zeros(len(self.W))
        for t in reversed(range(len(h))):
            dh[t] = passed_on(self.V.T @ errors[t] + later, clip_dh)
            delta[t] = slope(a[t]) * dh[t]
            later = self.W.T @ delta[t]
        found = weight_gradients(inputs, h, errors, delta)
        return Gradients(h=h, dh=dh, dinputs=delta @ self.U, **found)


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def forward(rnn: RNN, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run the network over a sequence, from ``h_0 = 0``.

    Parameters
    ----------
    rnn : RNN
    inputs : array_like, shape (T, d)

    Returns
    -------
    a : numpy.ndarray, shape (T, n)
        Pre-activations ``a_t = b + W h_{t-1} + U x_t``.
    h : numpy.ndarray, shape (T, n)
        Hidden states ``h_t = phi(a_t)``.

    Raises
    ------
    TypeError
        If `rnn` is no `RNN`.
    ValueError
        If the inputs do not fit the network, are empty, or are not finite.
    """
    checks.instance("rnn", rnn, RNN)
    return rnn._forward(fitting_inputs(rnn, inputs))
