"""How an error comes back through networks with gates, and through plain ones: many of them side by side.

Axes: e (networks), l (lengths), t (steps), n (units). The equations and the names are those of `gated` and
`rnn`; sizes stay within float64.
"""

from collections.abc import Sequence

import numpy as np

from . import checks
from .backpropagation import Network
from .gated import GRU, LSTM, SIGMOID, TANH
from .passes import FLOOR, log10, row_norms
from .rnn import RNN

__all__ = ["roads_back"]


@np.errstate(under="ignore")
def roads_back(
    networks: Sequence[Network], inputs: np.ndarray, lengths: Sequence[int]
) -> dict[str, np.ndarray]:
    """Send an error of size 1 back from the last step of sequences of many lengths.

    Parameters
    ----------
    networks : sequence of LSTM, of GRU, or of RNN with tanh units
        All of one kind and of one size, with one output.
    inputs : array_like, shape (T, d)
        The longest sequence; the others are its beginnings.
    lengths : sequence of int
        Increasing, none above T.

    Returns
    -------
    dict
        Sizes in log10, at least `FLOOR`; beyond a length NaN. The state at a step is an LSTM's cell, and h of
        the others.

        =======  =========  =================================================================================
        state    (e, l, t)  norm of dL/d(state at step t), by all paths
        around   (e, l, t)  of what came back around W from the step after; at the last step, of all that
                            entered there
        through  (e, l, t)  of what came back through W from the step after; at the last step NaN
        alone    (e, l, t)  what the norm would be if the error went around W only: what entered, multiplied
                            by one forget gate after the other
        hidden   (e, l)     norm of the gradient of all weights of the hidden layer
        output   (e, l)     norm of the gradient of V and c
        forget   (e, t, n)  the forget gates of an LSTM, the update gates z of a GRU; 0 in a plain network
        =======  =========  =================================================================================

    Raises
    ------
    TypeError
        If the networks are not all of one of these kinds.
    ValueError
        If the lengths do not increase, or one is above T; or if the units of a plain network are not tanh.
    """
    ran = _ran(networks)
    inputs = checks.array("inputs", inputs, 2)
    lengths = [checks.whole("a length", each) for each in checks.sequence("lengths", lengths)]
    if not lengths or lengths != sorted({*lengths}) or lengths[-1] > len(inputs):
        allowed = f"at least one, each above the one before it, and none above {len(inputs)}"
        raise checks.refuse("lengths", lengths, allowed)
    V, inputs = np.stack([each.V[0] for each in networks]), inputs[: lengths[-1]]
    steps = ran(networks, inputs)
    delta, delta_hidden, sizes = _sent_back(steps, V, lengths)
    h, ends = steps.h[:, None], steps.h[:, lengths]
    biases = [each.sum(2) for each in (delta, delta_hidden)[: steps.biases]]
    by_weight = delta_hidden.swapaxes(-1, -2) @ h[:, :, :-1], delta.swapaxes(-1, -2) @ inputs, *biases
    sizes["hidden"] = row_norms(np.concatenate([_flat(each) for each in by_weight], axis=-1))
    sizes["output"] = row_norms(np.concatenate([ends, np.ones_like(ends[..., :1])], axis=-1))
    return {name: np.maximum(log10(each), FLOOR) for name, each in sizes.items()} | {"forget": steps.forget}


def _flat(each: np.ndarray) -> np.ndarray:
    return each.reshape(*each.shape[:2], -1)


def _sent_back(steps: "_Steps", V: np.ndarray, lengths: list[int]):
    """Give dL/d(b + U x_t) and dL/d(W h_{t-1}), both (e, l, t, rows), and the sizes of what came back."""
    (E, T, n), L = steps.forget.shape, len(lengths)
    delta, delta_hidden = np.zeros((2, E, L, T, steps.W.shape[1]))
    sizes = {name: np.full((E, L, T), np.nan) for name in ("state", "around", "through", "alone")}
    dh, around, alone = np.zeros((3, E, L, n))
    ends = np.asarray(lengths)
    for t in reversed(range(T)):
        on, first = np.s_[:, np.searchsorted(ends, t + 1) :], np.flatnonzero(ends == t + 1)
        dh[:, first] = V[:, None]
        through = steps.to_state(t, dh[on])
        state = through + around[on]
        around[:, first] = alone[:, first] = steps.to_state(t, dh[:, first])
        found = {"state": state, "around": around[on], "through": through, "alone": alone[on]}
        for name, each in found.items():
            sizes[name][(*on, t)] = row_norms(each)
        sizes["through"][:, first, t] = np.nan
        back = steps.to_gates(t, dh[on], state)
        delta[(*on, t)], delta_hidden[(*on, t)] = back
        dh[on] = back[1] @ steps.W
        around[on] = steps.forget[:, t, None] * state
        alone[on] *= steps.forget[:, t, None]
    return delta, delta_hidden, sizes


class _Steps:
    """What a forward pass of many networks left behind: W (e, rows, n), h_0..h_T, and the forget gates."""

    biases = 1

    def __init__(self, networks: Sequence[Network], inputs: np.ndarray):
        self.W = np.stack([each.W for each in networks])
        drive = np.stack([inputs @ each.U.T + each.b for each in networks])
        E, T, n = *drive.shape[:2], self.W.shape[-1]
        self.h, self.forget = np.zeros((E, T + 1, n)), np.zeros((E, T, n))
        self.run(drive, [getattr(each, "b_hidden", 0) for each in networks])

    def recall(self, t: int) -> np.ndarray:
        """Return ``W h_{t-1}``; steps count from 0 here."""
        return (self.W @ self.h[:, t, :, None])[..., 0]


class _Plain(_Steps):
    def run(self, drive, _):
        self.a = np.empty_like(drive)
        for t in range(drive.shape[1]):
            self.a[:, t] = self.recall(t) + drive[:, t]
            self.h[:, t + 1] = np.tanh(self.a[:, t])

    def to_state(self, t, dh):
        return dh

    def to_gates(self, t, dh, state):
        delta = TANH.slope(self.a[:, t, None]) * state
        return delta, delta


class _LSTMs(_Steps):
    def run(self, drive, _):
        E, T, n = self.forget.shape
        self.a, self.cell = np.empty((E, T, 4, n)), np.zeros((E, T + 1, n))
        for t in range(T):
            self.a[:, t] = (self.recall(t) + drive[:, t]).reshape(E, 4, n)
            i, f, g, o = _gates(LSTM, self.a[:, t])
            self.forget[:, t], self.cell[:, t + 1] = f, f * self.cell[:, t] + i * g
            self.h[:, t + 1] = o * np.tanh(self.cell[:, t + 1])
        self.gates, self.slopes = _gates(LSTM, self.a), _gates(LSTM, self.a, "slope")

    def to_state(self, t, dh):
        return (self.gates[3][:, t] * TANH.slope(self.cell[:, t + 1]))[:, None] * dh

    def to_gates(self, t, dh, state):
        (i, _, g, _), before, now = self.gates[:, :, t], self.cell[:, t], self.cell[:, t + 1]
        ways = np.stack([g, before, i, np.tanh(now)]) * self.slopes[:, :, t]
        delta = np.concatenate(
            [each[:, None] * state for each in ways[:3]] + [ways[3][:, None] * dh], axis=-1
        )
        return delta, delta


class _GRUs(_Steps):
    biases = 2

    def run(self, drive, b_hidden):
        E, T, n = self.forget.shape
        self.a, self.recalled, b_hidden = np.empty((E, T, 3, n)), np.empty((E, T, n)), np.stack(b_hidden)
        for t in range(T):
            from_x, from_h = drive[:, t].reshape(E, 3, n), (self.recall(t) + b_hidden).reshape(E, 3, n)
            self.recalled[:, t] = from_h[:, 2]
            self.a[:, t, :2] = from_x[:, :2] + from_h[:, :2]
            self.a[:, t, 2] = from_x[:, 2] + SIGMOID.phi(self.a[:, t, 0]) * from_h[:, 2]
            _, z, candidate = _gates(GRU, self.a[:, t])
            self.forget[:, t] = z
            self.h[:, t + 1] = SIGMOID.phi(-self.a[:, t, 1]) * candidate + z * self.h[:, t]
        self.gates, self.slopes = _gates(GRU, self.a), _gates(GRU, self.a, "slope")

    def to_state(self, t, dh):
        return dh

    def to_gates(self, t, dh, state):
        (r, _, candidate), before, opened = self.gates[:, :, t], self.h[:, t], SIGMOID.phi(-self.a[:, t, 1])
        to_n = opened * self.slopes[2][:, t]
        to_z = (before - candidate) * self.slopes[1][:, t]
        to_r = self.recalled[:, t] * to_n * self.slopes[0][:, t]
        delta, hidden = (
            np.concatenate([each[:, None] * state for each in (to_r, to_z, last)], axis=-1)
            for last in (to_n, r * to_n)
        )
        return delta, hidden


def _gates(kind: type, a: np.ndarray, what: str = "phi") -> np.ndarray:
    """Return the gates, or their slopes, of pre-activations (e, ..., gates, n); the gates come first."""
    return np.stack([getattr(each, what)(a[..., k, :]) for k, each in enumerate(kind.GATES.values())])


def _ran(networks: Sequence[Network]) -> type[_Steps]:
    kinds = {LSTM: _LSTMs, GRU: _GRUs, RNN: _Plain}
    kind = {type(each) for each in networks}
    if len(kind) != 1 or not kind <= {*kinds}:
        raise TypeError("networks are not all of one kind; allowed: LSTM, GRU, RNN")
    if kind == {RNN}:
        for each in networks:
            checks.choice("activation", each.activation, ["tanh"])
    return kinds[kind.pop()]
