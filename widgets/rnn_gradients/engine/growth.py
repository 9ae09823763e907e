"""How gradients grow through an activation: for any recurrent matrix, of any size, and step by step.

The networks are those of `networks`; ``M`` is W for an eigenvalue of 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .networks import DRIVES, driven
from .passes import FLOOR, forward_all, log10, row_norms

__all__ = ["Drive", "bound_log10", "first_gradients", "gradients", "journey"]

AT_ONCE = 5
"""Steps back after which sizes are brought back to 1: what they grow or shrink meanwhile fits float64."""


@dataclass(frozen=True)
class Drive:
    """What drives a network, as for `networks.driven`.

    Attributes
    ----------
    scale : float
    balanced : bool
    seed : int
    positive : bool
    """

    scale: float
    balanced: bool
    seed: int = 0
    positive: bool = False

    @classmethod
    def of(cls, units: str, seed: int = 0, positive: bool = False) -> "Drive":
        """Give what drives units that run ``small`` or ``ordinary``, as for `network`."""
        return cls(*DRIVES[checks.choice("units", units, DRIVES)], seed, positive)


def bound_log10(M: np.ndarray, eigenvalues: np.ndarray, activation: str) -> np.ndarray:
    """Log10 of the most by which one step back can multiply an error: gamma times the largest singular value.

    Pascanu, Mikolov and Bengio, ICML 2013, section 2.1. Below 0, the gradient must vanish.
    """
    return log10(ACTIVATIONS[activation].steepest * np.linalg.norm(M, 2) * np.abs(eigenvalues))


def first_gradients(
    M: np.ndarray, eigenvalues: np.ndarray, activation: str, lengths: Sequence[int], drive: Drive
) -> np.ndarray:
    """Give the ``first`` of `gradients` alone, shape (E, L)."""
    return gradients(M, eigenvalues, activation, lengths, drive)["first"]


@np.errstate(under="ignore")
def gradients(
    M: np.ndarray, eigenvalues: np.ndarray, activation: str, lengths: Sequence[int], drive: Drive
) -> dict[str, np.ndarray]:
    """Send an error of size 1 back from the last step of sequences of many lengths to the first.

    Parameters
    ----------
    M : numpy.ndarray, shape (n, n)
    eigenvalues : numpy.ndarray, shape (E,)
    activation : str
    lengths : sequence of int
        Increasing.
    drive : Drive

    Returns
    -------
    dict
        =======  ======  ===================================================================================
        first    (E, L)  log10 of the norm of dL/dh_1, in sequences of each length
        on_way   (E, L)  log10 of the norm of dL/dh_{T-k}, in the longest of them, at k = length - 1
        =======  ======  ===================================================================================

        Both may be smaller than float64 can hold; `FLOOR` stands for an error of exactly 0.

    Raises
    ------
    ValueError
        If an argument is unknown or out of range, or NaN.
    """
    lengths = [checks.whole("a length", each) for each in checks.sequence("lengths", lengths)]
    if not lengths or lengths != sorted({*lengths}):
        raise checks.refuse("lengths", lengths, "at least one, and each above the one before it")
    slopes, _, V = _run(M, eigenvalues, activation, lengths[-1], drive)
    sizes, on_way = np.zeros((2, len(lengths), len(eigenvalues)))
    dh = np.tile(V, (*sizes.shape, 1))
    ends, factors = np.asarray(lengths), np.asarray(eigenvalues)[:, None]
    for t in range(lengths[-1], 1, -1):
        on = np.searchsorted(ends, t)  # those that are as long as that
        dh[on:] = (slopes[:, t - 1] * factors * dh[on:]) @ M
        gone = lengths[-1] - t + 2  # of the longest, the step that is reached with it
        if gone % AT_ONCE == 0 or gone in lengths or t == 2:
            size = row_norms(dh[on:])
            sizes[on:] += log10(size)
            dh[on:] /= np.where(size > 0, size, 1)[..., None]
            on_way[ends == gone] = sizes[-1]
    return {
        name: np.where(np.isneginf(each), FLOOR, each).T
        for name, each in {"first": sizes, "on_way": on_way}.items()
    }


@np.errstate(under="ignore")
def journey(
    M: np.ndarray, eigenvalues: np.ndarray, activation: str, length: int, drive: Drive
) -> dict[str, np.ndarray]:
    """Follow the units forward and an error of size 1 backward, step by step.

    Returns
    -------
    dict
        =============  =========  ==========================================================================
        preactivation  (E, T, n)  a_t of each unit
        state          (E, T)     log10 of the norm of h_t
        gradient       (E, T)     log10 of the norm of dL/dh_t, the error entering at the last step
        damping        (E, T)     what the slopes leave of the error at step t: the norm of
                                  ``phi'(a_t) * dL/dh_t`` over that of ``dL/dh_t``
        =============  =========  ==========================================================================
    """
    slopes, (a, h, scale), V = _run(M, eigenvalues, activation, length, drive)
    gradient, damping = np.empty((2, len(eigenvalues), length))
    dh, size = np.tile(V, (len(eigenvalues), 1)), np.zeros(len(eigenvalues))
    for t in reversed(range(length)):
        gradient[:, t] = size
        passed = slopes[:, t] * dh
        damping[:, t] = row_norms(passed)
        dh = (passed * np.asarray(eigenvalues)[:, None]) @ M
        grown = row_norms(dh)
        size = size + log10(grown)
        dh /= np.where(grown > 0, grown, 1)[:, None]
    return {
        "preactivation": a * 10.0 ** np.minimum(scale[:, :-1, None], 99),
        "state": np.maximum((log10(row_norms(h)) + scale)[:, 1:], FLOOR),
        "gradient": np.maximum(gradient, FLOOR),
        "damping": damping,
    }


def _run(M, eigenvalues, activation: str, length: int, drive: Drive):
    """Run the networks of all eigenvalues; gives their slopes (E, T, n), the pass, and V."""
    activation = checks.choice("activation", activation, ACTIVATIONS)
    W = checks.array("eigenvalues", eigenvalues, 1)[:, None, None] * checks.array("M", M, 2)
    is_held = drive.balanced and ACTIVATIONS[activation].phi(np.zeros(())) != 0
    own = list(W) if is_held else [M]  # this bias depends on W; what else drives a network does not
    networks = [
        driven(each, activation, drive.scale, drive.balanced, length, drive.seed, drive.positive)
        for each in own
    ]
    driving = np.stack([inputs @ rnn.U.T + rnn.b for rnn, inputs in networks])
    passed = forward_all(W, np.broadcast_to(driving, (len(W), *driving.shape[1:])), activation)
    return ACTIVATIONS[activation].slope(passed[0]), passed, networks[0][0].V[0]
