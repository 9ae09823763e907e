"""Recurrent matrices with chosen eigenvalues: of any size and of five kinds, or in the plane."""

from functools import lru_cache

import numpy as np

from . import checks

__all__ = ["KINDS", "recurrent_matrix", "sheared", "turning", "with_eigenvectors"]

MATRICES = 8  # held at once while one is made, at most


def recurrent_matrix(size: int, eigenvalue: float, kind: str = "orthogonal", seed: int = 0) -> np.ndarray:
    """Make a square matrix with spectral radius ``abs(eigenvalue)`` and `eigenvalue` among its eigenvalues.

    It is `eigenvalue` times a matrix that depends on `size`, `kind` and `seed` only, so moving the
    eigenvalue moves nothing else.

    Parameters
    ----------
    size : int
        Rows and columns, at least 1.
    eigenvalue : float
        The leading eigenvalue, sign included.
    kind : {"symmetric", "orthogonal", "gaussian", "non-normal", "identity"}
        - symmetric: real eigenvalues, evenly spread, orthogonal eigenvectors;
        - orthogonal: `eigenvalue` times a random orthogonal matrix with an eigenvalue of 1 (Haar on the
          rest of the space), so every eigenvalue is of the same size;
        - gaussian: independent normal entries, drawn until the leading eigenvalue is a real one;
        - non-normal: upper triangular, so the eigenvalues are the diagonal, with normal entries above
          it, through which vectors can grow for a while although every eigenvalue is below 1;
        - identity: `eigenvalue` times the identity.
    seed : int
        At least 0.

    Returns
    -------
    numpy.ndarray, shape (size, size)

    Raises
    ------
    ValueError
        If the size is below 1 or asks for more memory than there is, the seed below 0, the eigenvalue not a
        finite number or too large for the entries to be finite, or the kind unknown.
    """
    size, seed = checks.whole("size", size), checks.whole("seed", seed, least=0)
    eigenvalue, kind = checks.number("eigenvalue", eigenvalue), checks.choice("kind", kind, KINDS)
    checks.memory("matrices of this size", 8 * MATRICES * size**2)
    return _stretched(_with_eigenvalue_1(size, kind, seed), eigenvalue, "eigenvalue", eigenvalue)


def _stretched(matrix: np.ndarray, factor: float, name: str, given: object) -> np.ndarray:
    """Multiply a matrix; refuse the argument that was given if entries would be beyond float64."""
    with np.errstate(over="ignore"):
        stretched = factor * matrix
    if not np.isfinite(stretched).all():
        raise checks.refuse(name, given, "what makes a matrix that float64 can hold")
    return stretched


@lru_cache(maxsize=16)
def _with_eigenvalue_1(size, kind, seed):
    return KINDS[kind](size, np.random.default_rng(seed))


def _haar(size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a uniformly random orthogonal matrix (Mezzadri 2007, *Notices of the AMS* 54, section 5)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def _symmetric(size, rng):
    basis = _haar(size, rng)
    matrix = basis * np.linspace(1, -1, size, endpoint=False) @ basis.T
    return (matrix + matrix.T) / 2


def _orthogonal(size, rng):
    basis, turn = _haar(size, rng), np.eye(size)
    turn[1:, 1:] = _haar(size - 1, rng)
    return basis @ turn @ basis.T


def _gaussian(size, rng):
    while True:
        matrix = rng.standard_normal((size, size))
        eigenvalues = np.linalg.eigvals(matrix)
        leading = eigenvalues[np.argmax(np.abs(eigenvalues))]
        if leading.imag == 0:
            return matrix / leading.real


def _non_normal(size, rng):
    return np.diag(np.linspace(1, 0, size, endpoint=False)) + np.triu(rng.standard_normal((size, size)), 1)


def _identity(size, rng):
    return np.eye(size)


KINDS = {
    "symmetric": _symmetric,
    "orthogonal": _orthogonal,
    "gaussian": _gaussian,
    "non-normal": _non_normal,
    "identity": _identity,
}


# --- in the plane -------------------------------------------------------------------------------------------


def with_eigenvectors(eigenvalues: tuple[float, float], angles: tuple[float, float]) -> np.ndarray:
    """Make the 2 x 2 matrix that stretches the arrows along two lines, each by its eigenvalue.

    Parameters
    ----------
    eigenvalues : (float, float)
    angles : (float, float)
        Of the two lines, its eigenvectors, in degrees.

    Returns
    -------
    numpy.ndarray, shape (2, 2)

    Raises
    ------
    ValueError
        If these are not two finite numbers each, both lines are one, or entries would not be finite.
    """
    eigenvalues, angles = checks.array("eigenvalues", eigenvalues, 1), checks.array("angles", angles, 1)
    for name, pair in {"eigenvalues": eigenvalues, "angles": angles}.items():
        if pair.shape != (2,):
            raise checks.refuse(name, pair.tolist(), "two numbers")
    lines = np.array([_cos_degrees(angles), _cos_degrees(angles - 90)])
    if abs(np.linalg.det(lines)) < 1e-9:
        raise checks.refuse("angles", angles.tolist(), "two lines that differ")
    largest = np.abs(eigenvalues).max() or 1.0
    matrix = lines * (eigenvalues / largest) @ np.linalg.inv(lines)
    return _stretched(matrix, largest, "eigenvalues", eigenvalues.tolist())


def turning(modulus: float, angle: float) -> np.ndarray:
    """Make the 2 x 2 matrix that turns every arrow by an angle, and stretches it.

    Its eigenvalues are complex: of size `modulus`, at `angle` above and below the real axis.

    Parameters
    ----------
    modulus : float
    angle : float
        In degrees.

    Returns
    -------
    numpy.ndarray, shape (2, 2)

    Raises
    ------
    ValueError
        If one of them is no finite number.
    """
    modulus, angle = checks.number("modulus", modulus), checks.number("angle", angle)
    cos, sin = _cos_degrees(angle), _cos_degrees(angle - 90)
    return modulus * np.array([[cos, -sin], [sin, cos]])


def sheared(eigenvalue: float, shear: float) -> np.ndarray:
    """Make the 2 x 2 matrix ``[[eigenvalue, shear], [0, eigenvalue]]``.

    Whatever the shear, the eigenvalue is there twice, and no other. But the larger the shear, the less normal
    is the matrix: unless it is 0, there is a single line of eigenvectors.

    Parameters
    ----------
    eigenvalue, shear : float

    Returns
    -------
    numpy.ndarray, shape (2, 2)

    Raises
    ------
    ValueError
        If one of them is no finite number.
    """
    eigenvalue = checks.number("eigenvalue", eigenvalue)
    return np.array([[eigenvalue, checks.number("shear", shear)], [0.0, eigenvalue]])


def _cos_degrees(angle):
    return np.cos(np.radians(angle))
