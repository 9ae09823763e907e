"""Forward and backward passes of many networks side by side, with sizes carried as logarithms.

Axes: l (losses), e (networks), t (steps), n (units). Arrays that can outgrow float64 come with the log10 of
their scale. The products are those of `rnn.forward`, so equal to the last bit: where a network is chaotic, a
rounding error would grow into another trajectory.
"""

import numpy as np

from .activations import ACTIVATIONS

__all__ = [
    "FLOOR",
    "LARGEST",
    "SMALLEST",
    "backward_all",
    "departs",
    "forward_all",
    "log10",
    "norm_of_sum",
    "row_norms",
]

FLOOR = -320.0
"""Stands for log10 of 0, and of anything smaller than float64 can hold."""
LARGEST, SMALLEST = 1e100, 1e-100
"""Sizes of eigenvalues between which one step neither leaves float64 nor loses a square."""
ROUNDING = 1e-14
"""A share of two numbers below which it is rounding alone that tells one from the other."""
DEPARTED = 5e-3
"""A network is chaotic where a unit of the same network in float32 gets so far away from float64's."""


def log10(sizes: np.ndarray) -> np.ndarray:
    """Log10 of sizes, which may be 0."""
    with np.errstate(divide="ignore"):  # its log10 is -inf
        return np.log10(sizes)


def forward_all(
    W: np.ndarray, drive: np.ndarray, activation: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run networks W (e, n, n), each driven by its ``U x_t + b`` (e, t, n).

    Returns a_1..a_T (e, t, n), h_0..h_T (e, t, n) and its scale (e, t), in the precision of W and drive.

    Only unbounded states outgrow float64, and at such sizes slopes no longer depend on the size.
    """
    phi, (E, T, n) = ACTIVATIONS[activation].phi, drive.shape
    a, h = np.empty_like(drive), np.zeros((E, T + 1, n), drive.dtype)
    scale = np.zeros(h.shape[:2])
    for t in range(T):
        a[:, t] = (W @ h[:, t, :, None])[..., 0] + drive[:, t] * 10.0 ** -scale[:, t, None]
        h[:, t + 1] = phi(a[:, t])
        largest = np.abs(h[:, t + 1]).max(-1)
        excess = np.where(largest > LARGEST, np.ceil(log10(largest)), 0)
        h[:, t + 1] *= 10.0 ** -excess[:, None]
        scale[:, t + 1] = scale[:, t] + excess
    return a, h, scale


def departs(W: np.ndarray, drive: np.ndarray, activation: str, h: np.ndarray) -> np.ndarray:
    """Tell where the states h_0..h_T (e, t, n) are others in float32; those of linear or ReLU units stay."""
    if not ACTIVATIONS[activation].bounded:
        return np.zeros(h.shape[:2], dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):  # an eigenvalue beyond float32
        rounded = forward_all(W.astype("f4"), drive.astype("f4"), activation)[1]
    return ~(np.abs(rounded - h).max(-1) <= DEPARTED)


def backward_all(eigenvalues, M, leading, slopes, V, has_loss) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Send errors of size 1 back through W = eigenvalue * M.

    Returns dL/da_t (l, e, t, n), in units of the norm of dL/dh_t; log10 of that norm (l, e, t); and the
    component of dL/dh_t along the leading eigenvector (l, e, t), in the same units.
    """
    E, T, n = slopes.shape
    delta, (sizes, along) = np.empty((len(has_loss), E, T, n)), np.empty((2, len(has_loss), E, T))
    later, scale = np.zeros((len(has_loss), E, n)), np.full((len(has_loss), E), -np.inf)
    for t in reversed(range(T)):
        loss = has_loss[:, t, None]
        common = np.where(loss, np.maximum(scale, 0), scale)
        shrunk = np.subtract(scale, common, out=np.zeros_like(scale), where=np.isfinite(common))
        later *= 10.0 ** shrunk[..., None]
        entering = V * np.where(loss, 10.0 ** -np.maximum(scale, 0), 0)[..., None]
        dh = later + entering
        dh[np.abs(dh) <= ROUNDING * (np.abs(later) + np.abs(entering))] = 0  # the two cancel
        size = row_norms(dh)
        scale = sizes[..., t] = log10(size) + common
        dh /= np.where(size > 0, size, 1)[..., None]
        along[..., t] = dh @ leading
        delta[:, :, t] = dh = slopes[:, t] * dh
        later = eigenvalues[:, None] * (dh @ M)
    return delta, sizes, along


def norm_of_sum(left, left_scale, right, right_scale) -> np.ndarray:
    """Log10 of the norm of sum_t left_t right_t^T, for left (l, e, t, n) and right (e, t, k)."""
    scale = left_scale + right_scale
    largest = scale.max(axis=-1)
    total = (left * 10.0 ** (scale - largest[..., None])[..., None]).swapaxes(-1, -2) @ right
    return log10(row_norms(total.reshape(*largest.shape, -1))) + largest


def row_norms(vectors: np.ndarray) -> np.ndarray:
    """Norms along the last axis, also where squares leave the range of float64."""
    with np.errstate(over="ignore", under="ignore"):
        squares = np.asarray(np.einsum("...i,...i", vectors, vectors))
    extreme = ~((squares > 1e-280) & (squares < 1e280))
    sizes = np.sqrt(squares)
    if extreme.any():
        some = vectors[extreme]
        largest = np.abs(some).max(-1, keepdims=True)
        some = np.divide(some, largest, out=np.zeros_like(some), where=largest > 0)
        sizes[extreme] = largest[..., 0] * np.sqrt(np.einsum("...i,...i", some, some))
    return sizes
