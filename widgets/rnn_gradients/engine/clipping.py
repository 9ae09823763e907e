"""The rules of clipping, applied once: after the backward pass, before the update.

All clip by norm (Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1), with the factor of
``torch.nn.utils.clip_grad_norm_``: ``min(1, threshold / (norm + 1e-6))``.
"""

import math
from dataclasses import fields, replace

import numpy as np

from . import checks
from .backpropagation import Gradients

__all__ = ["HIDDEN", "OUTPUT", "clip", "clip_factor_log10", "joint_norm_log10", "norm"]

OUTPUT = ("dV", "dc")
STATES = ("dh", "dcell")
"""Gradients of what the network holds at each step, and of no weight."""


def _hidden(gradients: Gradients | type[Gradients]) -> tuple[str, ...]:
    """Name the gradients of the hidden layer's weights, whatever these are."""
    names = (field.name for field in fields(gradients) if field.name.startswith("d"))
    return tuple(name for name in names if name not in OUTPUT + STATES)


HIDDEN = _hidden(Gradients)
LN10 = math.log(10)


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def clip(
    gradients: Gradients, threshold: float, hidden: bool = True, output: bool = False, joint: bool = False
) -> Gradients:
    """Rescale groups of gradients to a norm of at most `threshold`.

    Parameters
    ----------
    gradients : Gradients
    threshold : float
        The largest norm allowed, above 0.
    hidden : bool
        Clip the hidden group (dW, dU, db, and a GRU's db_hidden) by its own norm.
    output : bool
        Clip the output group (dV, dc) by its own norm.
    joint : bool
        Measure one norm over both groups and rescale both, whatever `hidden` and `output` say, as
        ``clip_grad_norm_(model.parameters(), threshold)`` does.

    Returns
    -------
    Gradients
        Of the same kind, and with the same `h`, `dh` and so on: clipping comes after the backward pass and
        leaves it alone.

    Raises
    ------
    TypeError
        If the gradients are no `Gradients`.
    ValueError
        If the threshold is not a finite number above 0, a rule is not True or False, or a gradient is not
        finite.
    """
    checks.instance("gradients", gradients, Gradients)
    threshold = checks.number("threshold", threshold, positive=True)
    hidden, output, joint = map(checks.flag, ("hidden", "output", "joint"), (hidden, output, joint))
    inner = _hidden(gradients)
    parts = {name: checks.array(f"gradients: {name}", getattr(gradients, name)) for name in inner + OUTPUT}
    groups = [inner + OUTPUT] if joint else [inner] * hidden + [OUTPUT] * output
    clipped = {}
    for names in groups:
        rescaled = _rescaled([parts[name] for name in names], threshold)
        clipped |= dict(zip(names, rescaled, strict=True))
    return replace(gradients, **clipped)


def _rescaled(parts: list[np.ndarray], threshold: float) -> list[np.ndarray]:
    """Multiply by the clip factor, though norm, factor or both leave the range of float64.

    Large parts are first divided by a power of two, which rounds nothing; the factor is multiplied as a
    number near 1, and what is left of its power of two comes last.
    """
    largest = max(float(np.abs(part).max()) for part in parts)
    exponent = max(0, math.frexp(largest)[1])
    size = norm(*(np.ldexp(part, -exponent) for part in parts))
    ratio = threshold / (size + math.ldexp(1e-6, -exponent))
    if math.ldexp(ratio, -exponent) >= 1:
        return parts
    mantissa, power = math.frexp(ratio)
    return [np.ldexp(mantissa * part, power - exponent) for part in parts]


def norm(*parts: np.ndarray) -> float:
    """Euclidean norm of several arrays taken as one vector.

    Squares may leave the range of float64, as they do beyond 1e154; where the norm itself does, it is
    infinite.
    """
    largest = max(float(np.abs(part).max(initial=0.0)) for part in parts)
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(sum(np.sum((part / largest) ** 2) for part in parts)))


def joint_norm_log10(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Log10 of the norm over two groups, whose norms are given as log10."""
    return np.logaddexp(2 * LN10 * first, 2 * LN10 * second) / (2 * LN10)


def clip_factor_log10(norm_log10: np.ndarray, threshold: float) -> np.ndarray:
    """Log10 of the clip factor, for norms given as log10 and so of any size."""
    padded = np.logaddexp(LN10 * norm_log10, -6 * LN10) / LN10
    return np.minimum(0.0, np.log10(threshold).astype(padded.dtype) - padded)
