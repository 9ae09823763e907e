"""Powers of a matrix: how large they are, and what they make of a vector; sizes as log10."""

import numpy as np

from . import checks
from .norms import norm

__all__ = ["power_norms", "spectral_radius", "trajectory"]


def power_norms(matrix: np.ndarray, steps: int) -> np.ndarray:
    """Measure the powers of a matrix: by how much, at most, they stretch a vector.

    They lie between two bounds: ``spectral_radius(W) ** k <= ||W^k|| <= s1 ** k``, where s1 = ||W|| is the
    largest singular value. The lower one holds since an eigenvector is stretched by its eigenvalue each time;
    the upper one is that of Pascanu, Mikolov and Bengio (ICML 2013, section 2.1) for an activation whose
    slope is at most 1. As k grows, the k-th root of ||W^k|| goes to the spectral radius (Gelfand 1941).

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        W.
    steps : int
        At least 1.

    Returns
    -------
    numpy.ndarray, shape (steps + 1,)
        Log10 of the spectral norms ||W^k||, for k = 0..steps; -inf where a power is 0.

    Raises
    ------
    ValueError
        If the matrix is not square or not finite, there are no steps, or they ask for more memory than there
        is.
    """
    (matrix, largest), steps = _scaled(matrix), checks.whole("steps", steps)
    checks.memory("powers of this matrix", 8 * matrix.size * (steps + 1))
    powers, scales = np.zeros((steps + 1, *matrix.shape)), np.zeros(steps + 1)
    powers[0] = np.eye(len(matrix))
    for k in range(steps):
        powers[k + 1], scale = _scaled(powers[k] @ matrix)
        scales[k + 1] = scales[k] + scale + largest
    with np.errstate(divide="ignore"):
        return np.log10(np.linalg.norm(powers, 2, axis=(1, 2))) + scales


def trajectory(matrix: np.ndarray, start: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Multiply a vector by a matrix again and again: ``W^k x``, for k = 0..steps.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        W.
    start : array_like, shape (n,)
        x; not 0.
    steps : int
        At least 1.

    Returns
    -------
    directions : numpy.ndarray, shape (steps + 1, n)
        Vectors of length 1; 0 once the product is 0.
    sizes : numpy.ndarray, shape (steps + 1,)
        Log10 of the lengths; -inf where the product is 0.

    Raises
    ------
    ValueError
        If the matrix is not square or not finite, the vector does not fit or is 0, there are no steps, or
        they ask for more memory than there is.
    """
    (matrix, largest), steps = _scaled(matrix), checks.whole("steps", steps)
    vector = checks.array("start", start, 1)
    if vector.shape != (len(matrix),) or not vector.any():
        raise checks.refuse("start", vector.tolist(), f"{len(matrix)} numbers, not all 0")
    checks.memory("vectors of this many steps", 8 * (vector.size + 1) * (steps + 1))
    directions, sizes = np.zeros((steps + 1, len(matrix))), np.full(steps + 1, -np.inf)
    longest = np.abs(vector).max()
    vector, scale = vector / longest, np.log10(longest)
    for k in range(steps + 1):
        size = norm(vector)
        if size == 0:
            break
        directions[k], sizes[k] = vector / size, scale + np.log10(size)
        vector, scale = matrix @ directions[k], sizes[k] + largest
    return directions, sizes


def spectral_radius(matrix: np.ndarray) -> float:
    """Give the size of the largest eigenvalue.

    Parameters
    ----------
    matrix : array_like, shape (n, n)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the matrix is not square or not finite, or the eigenvalue is beyond float64.
    """
    matrix = checks.square("matrix", matrix)
    largest = np.abs(matrix).max() or 1.0
    with np.errstate(over="ignore"):
        radius = np.abs(np.linalg.eigvals(matrix / largest)).max() * largest
    if not np.isfinite(radius):
        raise checks.refuse("matrix", matrix.tolist(), "one whose eigenvalues float64 can hold")
    return float(radius)


def _scaled(matrix: object) -> tuple[np.ndarray, float]:
    """Divide a matrix by its largest entry, so that its products stay in range; gives log10 of that, too."""
    matrix = checks.square("matrix", matrix)
    largest = np.abs(matrix).max() or 1.0
    return matrix / largest, float(np.log10(largest))
