"""The norm of several arrays taken as one vector, and rescaling to a norm, at both ends of float64."""

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["norm", "rescaled", "scaled_norm"]

PLAIN = (1e-280, 1e300)
"""Sums of squares of which none has overflown, and none that counts has underflown."""


def norm(*parts: np.ndarray) -> float:
    """Euclidean norm of several arrays taken as one vector.

    Squares may leave the range of float64, as they do beyond 1e154; where the norm itself does, it is
    infinite.
    """
    squares = sum(float(np.vdot(part, part)) for part in parts)
    if PLAIN[0] < squares < PLAIN[1]:
        return math.sqrt(squares)
    largest = _largest(parts)
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(sum(np.sum((part / largest) ** 2) for part in parts)))


def _largest(parts: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(part).max(initial=0.0)) for part in parts)


def scaled_norm(*parts: np.ndarray) -> tuple[float, int]:
    """Give a norm that may be beyond float64 as a number and the power of two that multiplies it.

    Large parts are first divided by that power, which rounds nothing; for small ones it is 1.
    """
    exponent = max(0, math.frexp(_largest(parts))[1])
    return norm(*(np.ldexp(part, -exponent) for part in parts)), exponent


def rescaled(
    parts: Sequence[np.ndarray], limit: float, power: int = 0, padding: float = 0.0
) -> list[np.ndarray]:
    """Multiply arrays, taken as one vector, by ``min(1, limit * 2**power / (norm + padding))``.

    Limit, norm, factor or all of them may leave the range of float64: the arrays are multiplied by a number
    near 1, and what is left of the factor, a power of two, comes last.
    """
    size, exponent = scaled_norm(*parts)
    size += math.ldexp(padding, -exponent)
    if size == 0:
        return list(parts)
    (above, more), (below, less) = math.frexp(limit), math.frexp(size)
    mantissa, rest = math.frexp(above / below)
    power += more - less - exponent + rest
    if power > 0:  # the mantissa is at least 1/2
        return list(parts)
    return [np.ldexp(mantissa * part, power) for part in parts]
