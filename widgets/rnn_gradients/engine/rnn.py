"""The recurrent network: its forward pass, and exact backpropagation through time.

The network is the one of Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 10.2:
``h_t = phi(b + W h_{t-1} + U x_t)`` with ``h_0 = 0``, and ``o_t = c + V h_t``, for t = 1..T.
"""

from dataclasses import dataclass

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .norms import rescaled

__all__ = ["LOSSES", "RNN", "Gradients", "backpropagate", "forward"]

LOSSES = ("last", "every")


@dataclass(frozen=True, eq=False)
class RNN:
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
        for name, dimensions in {"W": 2, "U": 2, "V": 2, "b": 1, "c": 1}.items():
            object.__setattr__(self, name, checks.array(name, getattr(self, name), dimensions))
        n, m = len(self.W), len(self.V)
        wanted = {"W": (n, n), "U": (n, self.U.shape[1]), "V": (m, n), "b": (n,), "c": (m,)}
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}; here it must be {shape}")


@dataclass(frozen=True, eq=False)
class Gradients:
    """What one backward pass found.

    Attributes
    ----------
    h : numpy.ndarray, shape (T, n)
        Hidden states h_1..h_T.
    dh : numpy.ndarray, shape (T, n)
        dL/dh_t, by all paths through time; clipped as they passed, if `backpropagate` was told to.
    dW, dU, db, dV, dc : numpy.ndarray
        dL/dW and so on, each of its weight's shape.
    """

    h: np.ndarray
    dh: np.ndarray
    dW: np.ndarray
    dU: np.ndarray
    db: np.ndarray
    dV: np.ndarray
    dc: np.ndarray


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
    return _forward(rnn, _checked_inputs(rnn, inputs))


def _checked_inputs(rnn: RNN, inputs: object) -> np.ndarray:
    checks.instance("rnn", rnn, RNN)
    inputs = checks.array("inputs", inputs, 2)
    if inputs.shape[1] != rnn.U.shape[1]:
        raise ValueError(f"inputs has shape {inputs.shape}; allowed: (T, {rnn.U.shape[1]})")
    return inputs


def _forward(rnn: RNN, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    phi = ACTIVATIONS[rnn.activation].phi
    drive = inputs @ rnn.U.T + rnn.b
    a, h = np.empty_like(drive), np.zeros((len(drive) + 1, len(rnn.W)))
    for t in range(len(drive)):
        a[t] = rnn.W @ h[t] + drive[t]
        h[t + 1] = phi(a[t])
    return a, h[1:]


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def backpropagate(
    rnn: RNN,
    inputs: np.ndarray,
    loss_at: str = "last",
    error: np.ndarray | None = None,
    clip_dh: float | None = None,
) -> Gradients:
    """Exact gradients of a loss through time (Goodfellow et al. 2016, equations 10.17 to 10.28).

    Parameters
    ----------
    rnn : RNN
    inputs : array_like, shape (T, d)
    loss_at : {"last", "every"}
        Whether the error enters at the last step only or at each one (the losses of the steps add up).
    error : array_like, shape (m,), optional
        dL/do where the loss is. By default the unit vector ``(1, ..., 1) / sqrt(m)``, which shows how an
        error of size 1 travels.
    clip_dh : float, optional
        Above 0: rescale each dL/dh_t to a norm of at most this before it travels on to h_{t-1}. What comes
        out is no longer the gradient of the loss, nor of anything else (see the notes). By default nothing is
        clipped on the way; the rules of clipping, `clip` and others, come afterwards.

    Returns
    -------
    Gradients

    Raises
    ------
    TypeError
        If `rnn` is no `RNN`.
    ValueError
        If an argument does not fit, is unknown, or is not finite.
    OverflowError
        If the gradients grow beyond float64 (below it they become 0); `sweep` carries such sizes as
        logarithms.

    Notes
    -----
    Exact means: the derivative of the trajectory h_1..h_T that float64 computes. Where a network is chaotic,
    a rounding error grows into another trajectory, and the gradient along that one can differ by orders of
    magnitude. For tanh, eigenvalue 6 and 100 steps of `network`, the norm of dL/dh_1 is anything from
    about 10^19 to 10^25 along the trajectory that 60 digits find, by the last bit of the weights, which is
    not the same on all machines; float64 finds another of these numbers, as it happens to add up. All of them
    pass through networks that nobody can tell apart.

    With `clip_dh`, dh holds what has passed each step: ``min(1, clip_dh / norm)`` times what came there, as
    with ``h.register_hook`` in torch. A gradient that is clipped by one norm afterwards keeps its direction.
    One that is clipped on the way does not, and in general there is no function whose gradient it follows,
    whatever its length. (Three weights are enough to see it: if a field v in three dimensions is the gradient
    of a function times any factor, ``v . curl v`` is 0. Here it is not.)
    """
    inputs = _checked_inputs(rnn, inputs)
    loss_at = checks.choice("loss_at", loss_at, LOSSES)
    m = len(rnn.V)
    error = np.full(m, m**-0.5) if error is None else checks.array("error", error, 1)
    if error.shape != (m,):
        raise ValueError(f"error has shape {error.shape}; here it must be {(m,)}")
    if clip_dh is not None:
        clip_dh = checks.number("clip_dh", clip_dh, positive=True)
    with np.errstate(over="ignore", invalid="ignore"):
        gradients = _backward(rnn, inputs, *_forward(rnn, inputs), loss_at, error, clip_dh)
    if not all(np.isfinite(part).all() for part in vars(gradients).values()):
        raise OverflowError(f"the gradients over {len(inputs)} steps leave the range of float64")
    return gradients


def _backward(rnn, inputs, a, h, loss_at, error, clip_dh=None) -> Gradients:
    slope = ACTIVATIONS[rnn.activation].slope
    errors = np.tile(error, (len(h), 1))  # dL/do_t
    if loss_at == "last":
        errors[:-1] = 0
    dh, delta = np.empty_like(h), np.empty_like(h)  # delta: dL/da_t
    later = np.zeros(len(rnn.W))
    for t in reversed(range(len(h))):
        dh[t] = rnn.V.T @ errors[t] + later
        if clip_dh is not None:
            (dh[t],) = rescaled([dh[t]], clip_dh)
        delta[t] = slope(a[t]) * dh[t]
        later = rnn.W.T @ delta[t]
    before = np.vstack([np.zeros_like(h[:1]), h[:-1]])  # h_{t-1}
    return Gradients(h, dh, delta.T @ before, delta.T @ inputs, delta.sum(0), errors.T @ h, errors.sum(0))
