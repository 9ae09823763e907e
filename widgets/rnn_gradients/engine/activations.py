"""The activation functions, their slopes, and what the mathematics needs to know of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["ACTIVATIONS", "Activation"]


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Attributes
    ----------
    phi : callable
        The function itself, elementwise.
    slope : callable
        Its derivative as a function of its argument. It keeps its precision where phi saturates,
        which the familiar ``1 - h**2`` does not: that is exactly 0 once h rounds to 1.
    steepest : float
        gamma, the largest slope anywhere (Pascanu, Mikolov and Bengio, ICML 2013, section 2.1).
    bounded : bool
        Whether phi stays between two numbers, whatever its argument.
    scale_free : bool
        Whether an argument c times as large, with c > 0, makes phi c times as large, and leaves the slope.
    """

    phi: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    steepest: float
    bounded: bool = False
    scale_free: bool = False


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * a))


def _sech_squared(a: np.ndarray) -> np.ndarray:
    decay = np.exp(-2 * np.abs(a))
    return 4 * decay / (1 + decay) ** 2


ACTIVATIONS = {
    "linear": Activation(lambda a: a, np.ones_like, 1.0, scale_free=True),
    "sigmoid": Activation(_sigmoid, lambda a: 0.25 * _sech_squared(0.5 * a), 0.25, bounded=True),
    "tanh": Activation(np.tanh, _sech_squared, 1.0, bounded=True),
    "relu": Activation(lambda a: np.maximum(a, 0), lambda a: 1.0 * (a > 0), 1.0, scale_free=True),
}
"""The activations by name. All that depends on which one it is asks here."""
