"""Exact backpropagation through time: what is the same for every kind of recurrent network.

Each kind, in `rnn` and `gated`, brings the equations of its own forward and backward pass.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from . import checks
from .norms import rescaled

__all__ = [
    "ANY_NETWORK",
    "LOSSES",
    "Gradients",
    "Network",
    "backpropagate",
    "earlier",
    "fitting_inputs",
    "output_errors",
    "passed_on",
    "weight_gradients",
]

ANY_NETWORK = "RNN, LSTM, GRU"
"""The kinds of `Network`, as told to whoever gave something else."""
LOSSES = ("last", "every")
WEIGHTS = {"W": "rn", "U": "rd", "V": "mn", "b": "r", "b_hidden": "r", "c": "m"}
"""The weights that a network may have, and their shapes: n units, d inputs, m outputs, r rows."""


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
    dinputs : numpy.ndarray, shape (T, d)
        dL/dx_t: of a stack, what the layer below gets as its error.
    """

    h: np.ndarray
    dh: np.ndarray
    dW: np.ndarray
    dU: np.ndarray
    db: np.ndarray
    dV: np.ndarray
    dc: np.ndarray
    dinputs: np.ndarray


class Network(ABC):
    """A recurrent network: a hidden layer (W, U, b) and an output layer (V, c).

    The kinds are dataclasses whose weights are checked here. W, U and b have `blocks` blocks of n rows, one
    for each pre-activation of a unit.
    """

    blocks: ClassVar[int] = 1

    def __post_init__(self):
        weights = {field.name: WEIGHTS[field.name] for field in fields(self) if field.name in WEIGHTS}
        for name, shape in weights.items():
            object.__setattr__(self, name, checks.array(name, getattr(self, name), len(shape)))
        n = min(self.W.shape)  # W may have come transposed
        sizes = {"r": self.blocks * n, "n": n, "d": self.U.shape[1], "m": len(self.V)}
        for name, shape in weights.items():
            checks.shape(name, getattr(self, name), tuple(sizes[letter] for letter in shape))

    @abstractmethod
    def _forward(self, inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run from ``h_0 = 0``; gives all that `_backward` needs to know of the steps, T rows each."""

    @abstractmethod
    def _backward(
        self, inputs: np.ndarray, errors: np.ndarray, *steps: np.ndarray, clip_dh: float | None = None
    ) -> Gradients:
        """Send the errors dL/do_t, shape (T, m), back through the steps that `_forward` gave."""


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def backpropagate(
    rnn: Network,
    inputs: np.ndarray,
    loss_at: str = "last",
    error: np.ndarray | None = None,
    clip_dh: float | None = None,
) -> Gradients:
    """Exact gradients of a loss through time (Goodfellow et al. 2016, equations 10.17 to 10.28).

    Parameters
    ----------
    rnn : RNN, LSTM or GRU
    inputs : array_like, shape (T, d)
    loss_at : {"last", "every"}
        Whether the error enters at the last step only or at each one (the losses of the steps add up).
    error : array_like, shape (m,) or (T, m), optional
        dL/do where the loss is: the same at every step, or a row for each. By default the unit vector
        ``(1, ..., 1) / sqrt(m)``, which shows how an error of size 1 travels.
    clip_dh : float, optional
        Above 0: rescale each dL/dh_t to a norm of at most this before it travels on to h_{t-1}. What comes
        out is no longer the gradient of the loss, nor of anything else (see the notes). By default nothing is
        clipped on the way; the rules of clipping, `clip` and others, come afterwards.

    Returns
    -------
    Gradients
        Of an LSTM `engine.gated.LSTMGradients` and of a GRU `engine.gated.GRUGradients`, which hold the gates
        as well, and what came back on each of two roads.

    Raises
    ------
    TypeError
        If `rnn` is none of the three.
    ValueError
        If an argument does not fit, is unknown, or is not finite.
    OverflowError
        If the gradients grow beyond float64 (below it they become 0); `sweep` carries such sizes of an `RNN`
        as logarithms.

    Notes
    -----
    Exact means: the derivative of the trajectory h_1..h_T that float64 computes. Where a network is chaotic,
    a rounding error grows into another trajectory, and the gradient along that one can differ by orders of
    magnitude. For tanh, eigenvalue 6 and 100 steps of `network`, the norm of dL/dh_1 is anything from
    about 10^19 to 10^25 along the trajectory that 60 digits find, by the last bit of the weights, which is
    not the same on all machines; float64 finds another of these numbers, as it happens to add up. All of them
    pass through networks that nobody can tell apart.

    With `clip_dh`, dh holds what has passed each step: ``min(1, clip_dh / norm)`` times what came there, as
    with ``h.register_hook`` in torch. An LSTM's dL/dc_t are not clipped, and cannot explode: at each step
    they get no more than the clipped dL/dh_t, and are multiplied by a forget gate, which is at most 1.

    A gradient that is clipped by one norm afterwards keeps its direction. One that is clipped on the way does
    not, and in general there is no function whose gradient it follows, whatever its length. (Three weights
    are enough to see it: if a field v in three dimensions is the gradient of a function times any factor,
    ``v . curl v`` is 0. Here it is not.)
    """
    checks.instance("rnn", rnn, Network, ANY_NETWORK)
    inputs = fitting_inputs(rnn, inputs)
    loss_at = checks.choice("loss_at", loss_at, LOSSES)
    m = len(rnn.V)
    error = np.full(m, m**-0.5) if error is None else checks.array("error", error)
    checks.shape("error", error, (len(inputs), m) if loss_at == "every" and error.ndim == 2 else (m,))
    if clip_dh is not None:
        clip_dh = checks.number("clip_dh", clip_dh, positive=True)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = rnn._forward(inputs)
        errors = error if error.ndim == 2 else output_errors(error, loss_at, len(inputs))
        gradients = rnn._backward(inputs, errors, *steps, clip_dh=clip_dh)
    if not all(np.isfinite(part).all() for part in vars(gradients).values()):
        raise OverflowError(f"the gradients over {len(inputs)} steps leave the range of float64")
    return gradients


def fitting_inputs(rnn: Network, inputs: object) -> np.ndarray:
    """Return a sequence of inputs as an array, where a network can take them."""
    inputs = checks.array("inputs", inputs, 2)
    if inputs.shape[1] != rnn.U.shape[1]:
        raise ValueError(f"inputs has shape {inputs.shape}; allowed: (T, {rnn.U.shape[1]})")
    return inputs


def output_errors(error: np.ndarray, loss_at: str, steps: int) -> np.ndarray:
    """Return dL/do_t for t = 1..T, shape (T, m)."""
    errors = np.tile(error, (steps, 1))
    if loss_at == "last":
        errors[:-1] = 0
    return errors


def passed_on(dh: np.ndarray, clip_dh: float | None) -> np.ndarray:
    """Return what of dL/dh_t travels on: all of it, or what clipping to a norm of `clip_dh` leaves."""
    return dh if clip_dh is None else rescaled([dh], clip_dh)[0]


def weight_gradients(
    inputs: np.ndarray,
    h: np.ndarray,
    errors: np.ndarray,
    delta: np.ndarray,
    delta_hidden: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Add up over the steps what each weight gets.

    `errors` are dL/do_t; `delta` is the gradient of ``b + U x_t``, and `delta_hidden` that of ``W h_{t-1}``
    where it is another.
    """
    return {
        "dW": (delta if delta_hidden is None else delta_hidden).T @ earlier(h),
        "dU": delta.T @ inputs,
        "db": delta.sum(0),
        "dV": errors.T @ h,
        "dc": errors.sum(0),
    }


def earlier(states: np.ndarray) -> np.ndarray:
    """Return the state before each step: 0 before the first."""
    return np.vstack([np.zeros_like(states[:1]), states[:-1]])
