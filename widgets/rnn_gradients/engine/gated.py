"""Networks with gates, the LSTM and the GRU: their weights, their forward and their backward passes.

The equations and the order of the gates are those of ``torch.nn.LSTM`` and ``torch.nn.GRU`` with one layer:
W is torch's ``weight_hh_l0``, U its ``weight_ih_l0``. The states begin at 0, the outputs are
``o_t = c + V h_t``, and ``*`` multiplies unit by unit.

Two roads lead back from step t+1 to step t: one through W, as in any recurrent network, and one around it, on
which the error meets nothing but a gate.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from .activations import ACTIVATIONS, Activation
from .backpropagation import Gradients, Network, earlier, passed_on, weight_gradients

__all__ = ["GRU", "LSTM", "GRUGradients", "LSTMGradients"]


def _sigmoid(a: np.ndarray) -> np.ndarray:
    """Keep the precision of a gate that is nearly shut, for the error meets it again at every step."""
    decay = np.exp(-np.abs(a))
    return np.where(a < 0, decay, 1) / (1 + decay)


TANH, SIGMOID = ACTIVATIONS["tanh"], replace(ACTIVATIONS["sigmoid"], phi=_sigmoid)


class _Gated(Network):
    """What both share: a block of W, U and b for each gate."""

    GATES: ClassVar[dict[str, Activation]]
    """The activation of each gate, in torch's order."""

    def _drive(self, inputs: np.ndarray) -> np.ndarray:
        """Return ``b + U x_t``, shape (T, gates, n)."""
        return (inputs @ self.U.T + self.b).reshape(len(inputs), self.blocks, -1)

    def _gates(self, a: np.ndarray, what: str = "phi") -> np.ndarray:
        """Return the gates, or their slopes, of pre-activations of shape (..., gates, n)."""
        each = [getattr(kind, what)(a[..., k, :]) for k, kind in enumerate(self.GATES.values())]
        return np.stack(each, axis=-2)


@dataclass(frozen=True, eq=False)
class LSTM(_Gated):
    """A long short-term memory (W, U, b) and an output layer (V, c).

    ``b + W h_{t-1} + U x_t`` has four blocks of n rows. A sigmoid makes ``i_t``, ``f_t`` and ``o_t`` of the
    first, second and fourth, and tanh makes ``g_t`` of the third. The cell is
    ``c_t = f_t * c_{t-1} + i_t * g_t``, and ``h_t = o_t * tanh(c_t)``.

    Parameters
    ----------
    W : array_like, shape (4 n, n)
        Hidden to hidden, applied at every step: n rows each for i, f, g and o.
    U : array_like, shape (4 n, d)
        Input to hidden.
    V : array_like, shape (m, n)
        Hidden to output, applied once for each loss.
    b : array_like, shape (4 n,)
        Bias of the hidden layer: the sum of torch's ``bias_ih_l0`` and ``bias_hh_l0``, each of which gets the
        gradient db.
    c : array_like, shape (m,)
        Bias of the output layer.

    Raises
    ------
    ValueError
        If a shape does not fit, or a weight is not finite.

    Notes
    -----
    Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
    """

    GATES: ClassVar = {"i": SIGMOID, "f": SIGMOID, "g": TANH, "o": SIGMOID}
    blocks: ClassVar = len(GATES)

    W: np.ndarray
    U: np.ndarray
    V: np.ndarray
    b: np.ndarray
    c: np.ndarray

    def _forward(self, inputs):
        drive = self._drive(inputs)
        a, (cell, h) = np.empty_like(drive), np.zeros((2, len(drive) + 1, drive.shape[-1]))
        for t in range(len(drive)):
            a[t] = (self.W @ h[t]).reshape(4, -1) + drive[t]
            i, f, g, o = self._gates(a[t])
            cell[t + 1] = f * cell[t] + i * g
            h[t + 1] = o * np.tanh(cell[t + 1])
        return a, cell[1:], h[1:]

    def _backward(self, inputs, errors, a, cell, h, clip_dh=None):
        gates, slopes = self._gates(a), self._gates(a, "slope")
        (i, f, g, o), before, squashed = np.moveaxis(gates, 1, 0), earlier(cell), np.tanh(cell)
        dh, dcell, delta = np.empty_like(h), np.empty_like(h), np.empty_like(a)  # delta: dL/da_t
        through, around = np.zeros((2, len(h) + 1, h.shape[1]))  # what each step sends back
        for t in reversed(range(len(h))):
            dh[t] = passed_on(self.V.T @ errors[t] + through[t + 1], clip_dh)
            dcell[t] = o[t] * TANH.slope(cell[t]) * dh[t] + around[t + 1]
            delta[t] = g[t] * dcell[t], before[t] * dcell[t], i[t] * dcell[t], squashed[t] * dh[t]
            delta[t] *= slopes[t]
            through[t], around[t] = self.W.T @ delta[t].ravel(), f[t] * dcell[t]
        delta = delta.reshape(len(h), -1)
        return LSTMGradients(
            **weight_gradients(inputs, h, errors, delta),
            dinputs=delta @ self.U,
            h=h,
            dh=dh,
            cell=cell,
            dcell=dcell,
            gates=gates,
            through_W=through[1:],
            around_W=around[1:],
        )


@dataclass(frozen=True, eq=False)
class GRU(_Gated):
    """A gated recurrent unit (W, U, b, b_hidden) and an output layer (V, c).

    ``b + U x_t`` and ``b_hidden + W h_{t-1}`` have three blocks of n rows each. A sigmoid makes ``r_t`` of
    the sum of the two first blocks, and ``z_t`` of the sum of the two second ones. Of the third blocks, that
    of ``b_hidden + W h_{t-1}`` is multiplied by ``r_t`` before the two are added up, and tanh makes ``n_t``
    of the sum. The state is ``h_t = (1 - z_t) * n_t + z_t * h_{t-1}``.

    Parameters
    ----------
    W : array_like, shape (3 n, n)
        Hidden to hidden, applied at every step: n rows each for r, z and n.
    U : array_like, shape (3 n, d)
        Input to hidden.
    V : array_like, shape (m, n)
        Hidden to output, applied once for each loss.
    b : array_like, shape (3 n,)
        Bias of what comes from the input, torch's ``bias_ih_l0``.
    b_hidden : array_like, shape (3 n,)
        Bias of what comes from the hidden state, torch's ``bias_hh_l0``.
    c : array_like, shape (m,)
        Bias of the output layer.

    Raises
    ------
    ValueError
        If a shape does not fit, or a weight is not finite.

    Notes
    -----
    Cho et al. (2014), but with the reset gate after the product with W, as in torch.
    """

    GATES: ClassVar = {"r": SIGMOID, "z": SIGMOID, "n": TANH}
    blocks: ClassVar = len(GATES)

    W: np.ndarray
    U: np.ndarray
    V: np.ndarray
    b: np.ndarray
    b_hidden: np.ndarray
    c: np.ndarray

    def _forward(self, inputs):
        drive = self._drive(inputs)
        a, recalled = np.empty_like(drive), np.empty_like(drive[:, 2])
        h = np.zeros((len(drive) + 1, drive.shape[-1]))
        for t in range(len(drive)):
            from_h = (self.W @ h[t] + self.b_hidden).reshape(3, -1)
            recalled[t] = from_h[2]
            a[t, :2] = drive[t, :2] + from_h[:2]
            a[t, 2] = drive[t, 2] + SIGMOID.phi(a[t, 0]) * recalled[t]
            _, z, n = self._gates(a[t])
            h[t + 1] = SIGMOID.phi(-a[t, 1]) * n + z * h[t]
        return a, recalled, h[1:]

    def _backward(self, inputs, errors, a, recalled, h, clip_dh=None):
        gates, slopes = self._gates(a), self._gates(a, "slope")
        (r, z, n), before, opened = np.moveaxis(gates, 1, 0), earlier(h), SIGMOID.phi(-a[:, 1])  # 1 - z
        # delta: dL/d(b + U x_t); delta_hidden: dL/d(b_hidden + W h_{t-1})
        dh, delta, delta_hidden = np.empty_like(h), np.empty_like(a), np.empty_like(a)
        through, around = np.zeros((2, len(h) + 1, h.shape[1]))  # what each step sends back
        for t in reversed(range(len(h))):
            dh[t] = passed_on(self.V.T @ errors[t] + through[t + 1] + around[t + 1], clip_dh)
            dn = opened[t] * slopes[t, 2] * dh[t]
            delta[t] = recalled[t] * dn, (before[t] - n[t]) * dh[t], dn
            delta[t, :2] *= slopes[t, :2]
            delta_hidden[t] = *delta[t, :2], r[t] * dn
            through[t], around[t] = self.W.T @ delta_hidden[t].ravel(), z[t] * dh[t]
        delta, delta_hidden = (each.reshape(len(h), -1) for each in (delta, delta_hidden))
        return GRUGradients(
            **weight_gradients(inputs, h, errors, delta, delta_hidden),
            db_hidden=delta_hidden.sum(0),
            dinputs=delta @ self.U,
            h=h,
            dh=dh,
            gates=gates,
            through_W=through[1:],
            around_W=around[1:],
        )


@dataclass(frozen=True, eq=False)
class LSTMGradients(Gradients):
    """What one backward pass through an LSTM found.

    Attributes
    ----------
    h, dh, dW, dU, db, dV, dc, dinputs : numpy.ndarray
        As in `Gradients`.
    cell : numpy.ndarray, shape (T, n)
        Cell states c_1..c_T.
    dcell : numpy.ndarray, shape (T, n)
        dL/dc_t, by all paths.
    gates : numpy.ndarray, shape (T, 4, n)
        i_t, f_t, g_t and o_t.
    through_W : numpy.ndarray, shape (T, n)
        What step t+1 sends back through W, to h_t; 0 at the last step. Together with the error that enters at
        step t it is ``dh_t = through_W_t + V^T dL/do_t``, before that is clipped, if it is.
    around_W : numpy.ndarray, shape (T, n)
        What step t+1 sends back along the cell, to c_t: ``f_{t+1} * dcell_{t+1}``; 0 at the last step.
        Together with what comes from h_t it is ``dcell_t = around_W_t + o_t * (1 - tanh(c_t)^2) * dh_t``.
    """

    cell: np.ndarray
    dcell: np.ndarray
    gates: np.ndarray
    through_W: np.ndarray
    around_W: np.ndarray


@dataclass(frozen=True, eq=False)
class GRUGradients(Gradients):
    """What one backward pass through a GRU found.

    Attributes
    ----------
    h, dh, dW, dU, db, dV, dc, dinputs : numpy.ndarray
        As in `Gradients`.
    db_hidden : numpy.ndarray, shape (3 n,)
        dL/db_hidden.
    gates : numpy.ndarray, shape (T, 3, n)
        r_t, z_t and n_t.
    through_W : numpy.ndarray, shape (T, n)
        What step t+1 sends back through W, to h_t; 0 at the last step.
    around_W : numpy.ndarray, shape (T, n)
        What step t+1 sends back along the state itself, to h_t too: ``z_{t+1} * dh_{t+1}``; 0 at the last
        step. Together with the error that enters at step t, the two roads are
        ``dh_t = through_W_t + around_W_t + V^T dL/do_t``, before that is clipped, if it is.
    """

    db_hidden: np.ndarray
    gates: np.ndarray
    through_W: np.ndarray
    around_W: np.ndarray
