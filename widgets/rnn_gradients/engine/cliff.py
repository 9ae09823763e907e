"""The cliff of Pascanu, Mikolov and Bengio (ICML 2013, figure 6), and gradient descent that comes upon it.

A network of one unit runs for 50 steps without inputs, ``x_t = w sigmoid(x_{t-1}) + b`` from ``x_0 = 1/2``,
and has the loss ``(sigmoid(x_50) - 0.7)^2``.

The edge of the cliff is the line ``b = 1/2 - sigmoid(1/2) w``, on which every x_t is 1/2. Where w is above 0,
the states rise at every step above this line, and fall below it. A step multiplies a small distance from 1/2
by ``r = w sigmoid'(1/2)``, which is 0.235 w and passes 1 at w = 4.26. Beyond, networks that are close to each
other on different sides of the edge end far apart; and the gradient on the edge explodes: it is a constant
vector times the geometric series ``1 + r + ... + r^49``.
"""

import numpy as np

from . import checks
from .activations import ACTIVATIONS
from .clipping import TORCHS_EPSILON

__all__ = ["cliff_gradient", "cliff_walks"]

LAST_STEP = 50
X_0 = 0.5
TARGET = 0.7
ARRAYS_HELD = 12  # of as many numbers as there are points


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def cliff_gradient(w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the loss and its exact gradient, at one point or at many.

    Parameters
    ----------
    w, b : array_like
        Of shapes that fit each other.

    Returns
    -------
    loss, dw, db : numpy.ndarray
        The loss, dL/dw and dL/db, of the common shape.

    Raises
    ------
    ValueError
        If an argument is not finite, the shapes do not fit, or there are more points than there is memory.
    OverflowError
        If a gradient is beyond float64.

    Notes
    -----
    On the grid of 301 x 301 points from w = 4 to 7 and from b = -4 to -1, the norm of the gradient is 0.04 in
    the median, and 440 at its largest, at w = 4.69 and b = -2.42. That is the largest on this grid, not
    on the cliff, which is far narrower than the distance of the grid's points, and the steeper the larger w.
    """
    w, b = _fitting(w=w, b=b)
    checks.memory("points of this shape", 8 * ARRAYS_HELD * w.size)
    return _gradient(w, b)


def _gradient(w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sigmoid, slope = ACTIVATIONS["sigmoid"].phi, ACTIVATIONS["sigmoid"].slope
    x, x_w, x_b = np.full(w.shape, X_0), np.zeros(w.shape), np.zeros(w.shape)  # x_t, dx_t/dw, dx_t/db
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(LAST_STEP):
            state, step = sigmoid(x), w * slope(x)
            x, x_w, x_b = w * state + b, state + step * x_w, 1 + step * x_b
        error = sigmoid(x) - TARGET
        loss, outer = error**2, 2 * error * slope(x)
        dw, db = outer * x_w, outer * x_b
    if not (np.isfinite(x).all() and np.isfinite(dw).all() and np.isfinite(db).all()):
        raise OverflowError(f"the gradient over {LAST_STEP} steps leaves the range of float64")
    return loss, dw, db


@np.errstate(over="ignore", under="ignore")  # where a walk has left float64, the next gradient finds it
def cliff_walks(
    w: np.ndarray, b: np.ndarray, learning_rate: np.ndarray, updates: int, threshold: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Descend from one point or from many, side by side: each update goes against the gradient there.

    Parameters
    ----------
    w, b : array_like
        Where the walks start.
    learning_rate : array_like
        Above 0.
    updates : int
    threshold : array_like, optional
        Above 0. The gradient (dw, db) is clipped to it by norm, with the factor of `clip`. By default it is
        not clipped.

        Start, rate and threshold are of shapes that fit each other: every combination is a walk of its own.

    Returns
    -------
    w, b, loss : numpy.ndarray, shape (updates + 1, ...)
        Where each walk is at the start and after each update, and the loss there.

    Raises
    ------
    ValueError
        If an argument is not finite or out of range, the shapes do not fit, or all walks together ask for
        more memory than there is.
    OverflowError
        If a walk leaves the range of float64.
    """
    settings = {"learning_rate": learning_rate} | ({} if threshold is None else {"threshold": threshold})
    w, b, learning_rate, *limit = _fitting(w=w, b=b, **settings)
    for name, values in zip(settings, (learning_rate, *limit), strict=True):
        if not (values > 0).all():
            raise checks.refuse(name, float(values.min()), "numbers above 0")
    updates = checks.whole("updates", updates)
    checks.memory("walks of this many updates", 8 * (3 * (updates + 1) + ARRAYS_HELD) * w.size)
    walks = np.empty((3, updates + 1, *w.shape))
    for k in range(updates + 1):
        loss, dw, db = _gradient(w, b)
        walks[:, k] = w, b, loss
        factor = np.minimum(1, limit[0] / (np.hypot(dw, db) + TORCHS_EPSILON)) if limit else 1
        w, b = w - learning_rate * factor * dw, b - learning_rate * factor * db
    return tuple(walks)


def _fitting(**given: object) -> list[np.ndarray]:
    """Check arrays of numbers, and bring them to a common shape."""
    arrays = {name: checks.array(name, value) for name, value in given.items()}
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} has shape {values.shape}" for name, values in arrays.items())
        raise ValueError(f"{shapes}; allowed: shapes that fit each other") from None
