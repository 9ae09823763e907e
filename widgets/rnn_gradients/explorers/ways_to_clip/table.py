"""The table behind the explorer of the rules: what each does to the gradients of one network."""

from collections.abc import Callable
from functools import cache

import numpy as np
import xarray as xr

from ...engine import (
    RNN,
    Gradients,
    backpropagate,
    clip,
    clip_adaptively,
    clip_by_value,
    clip_per_layer,
    clip_per_tensor,
    cosine,
    network,
)
from ...engine.activations import ACTIVATIONS
from ...engine.clipping import layer_norms
from .tight import RAN, TRIED

__all__ = ["LEADING", "STEPS", "WAYS_TO_CLIP", "WIDER", "inside_table", "rules_table", "walk_table"]

STEPS = 30
"""Of the sequence, whose loss is at the last."""
LEADING = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 3.0, 4.0)
LIMITS = (0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0)
OUTPUT_ERRORS = (1, 10, 100)
INSIDE = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0)
"""Thresholds of clipping within the backward pass."""
WIDER = 10
"""How many times as large the output layer's threshold is where it has its own."""
WAYS_TO_CLIP: dict[str, Callable[[Gradients, RNN, float], Gradients]] = {
    "none": lambda gradients, rnn, threshold: gradients,
    "hidden": lambda gradients, rnn, threshold: clip(gradients, threshold),
    "layers": lambda gradients, rnn, threshold: clip(gradients, threshold, output=True),
    "wider": lambda gradients, rnn, threshold: clip_per_layer(gradients, threshold, WIDER * threshold),
    "joint": lambda gradients, rnn, threshold: clip(gradients, threshold, joint=True),
    "tensor": lambda gradients, rnn, threshold: clip_per_tensor(gradients, threshold, output=True),
    "value": lambda gradients, rnn, threshold: clip_by_value(gradients, threshold, output=True),
    "adaptive": lambda gradients, rnn, threshold: clip_adaptively(gradients, rnn, threshold, output=True),
}
"""The rules, each for the whole network but ``hidden``; the threshold of the last is a ratio."""
LAYERS = ("hidden", "output")


@cache
def rules_table() -> xr.Dataset:
    """Clip one network's gradient by every rule.

    Returns
    -------
    xarray.Dataset
        ``before`` and ``after``, the norms of the layers' gradients, along ``layer``; and ``cosine`` between
        the gradients before and after, along ``over``.
    """
    coords = {
        "rule": list(WAYS_TO_CLIP),
        "eigenvalue": list(LEADING),
        "threshold": list(LIMITS),
        "error": list(OUTPUT_ERRORS),
        "inside": list(INSIDE),
        "tried": TRIED,
        "ran": RAN,
        "layer": list(LAYERS),
        "over": ["both", *LAYERS],
    }
    before = np.empty((len(LEADING), len(OUTPUT_ERRORS), 2))
    after = np.empty((len(WAYS_TO_CLIP), len(LEADING), len(LIMITS), len(OUTPUT_ERRORS), 2))
    turned = np.empty((*after.shape[:-1], 3))
    for e, eigenvalue in enumerate(LEADING):
        rnn, inputs = network(eigenvalue, "tanh", "ordinary", STEPS)
        for k, error in enumerate(OUTPUT_ERRORS):
            gradients = backpropagate(rnn, inputs, error=[error])
            before[e, k] = layer_norms(gradients)
            for r, rule in enumerate(WAYS_TO_CLIP.values()):
                for c, threshold in enumerate(LIMITS):
                    clipped = rule(gradients, rnn, threshold)
                    after[r, e, c, k] = layer_norms(clipped)
                    turned[r, e, c, k] = [cosine(gradients, clipped, over) for over in coords["over"]]
    by_rule = ("rule", "eigenvalue", "threshold", "error")
    return xr.Dataset(
        {
            "before": (("eigenvalue", "error", "layer"), before),
            "after": ((*by_rule, "layer"), after),
            "cosine": ((*by_rule, "over"), turned),
        },
        coords,
    )


# --- clipped within the backward pass -----------------------------------------------------------------------


@cache
def inside_table() -> xr.Dataset:
    """Clip the error on its way back, at every step.

    Returns
    -------
    xarray.Dataset
        Along ``back``, the steps back from the loss: ``size``, log10 of the norm of dL/dh_t, and ``share``,
        what a step adds to the gradient of W, of all; as they are, and ``size_inside`` and ``share_inside``,
        clipped. ``hidden`` and ``hidden_inside`` are the norms of the hidden layer's gradient, and ``turned``
        the cosine between the two.
    """
    plain, clipped, cosines = [], [], []
    for eigenvalue in LEADING:
        rnn, inputs = network(eigenvalue, "tanh", "ordinary", STEPS)
        true = backpropagate(rnn, inputs)
        cut = [backpropagate(rnn, inputs, clip_dh=limit) for limit in INSIDE]
        plain.append(_way_back(rnn, inputs, true))
        clipped.append([_way_back(rnn, inputs, each) for each in cut])
        cosines.append([cosine(true, each, "hidden") for each in cut])
    coords = {"eigenvalue": list(LEADING), "inside": list(INSIDE), "back": np.arange(STEPS)}
    names = ("size", "share", "hidden")
    found = {"turned": (("eigenvalue", "inside"), cosines)}
    for place, name in enumerate(names):
        back = () if name == "hidden" else ("back",)
        found[name] = (("eigenvalue", *back), np.array([each[place] for each in plain]))
        of_clipped = np.array([[each[place] for each in row] for row in clipped])
        found[f"{name}_inside"] = (("eigenvalue", "inside", *back), of_clipped)
    return xr.Dataset(found, coords)


def _way_back(rnn: RNN, inputs: np.ndarray, gradients: Gradients) -> tuple[np.ndarray, np.ndarray, float]:
    before = np.vstack([0 * gradients.h[:1], gradients.h[:-1]])
    slope = ACTIVATIONS[rnn.activation].slope(before @ rnn.W.T + inputs @ rnn.U.T + rnn.b)
    parts = np.linalg.norm(slope * gradients.dh, axis=1) * np.linalg.norm(before, axis=1)
    size = np.log10(np.linalg.norm(gradients.dh, axis=1))
    return size[::-1], (parts / parts.sum())[::-1], layer_norms(gradients)[0]


# --- and the gradient of nothing ----------------------------------------------------------------------------

CENTRE, RADIUS, START = (1.2, 0.4), 0.5, 0.3
"""Of the circle that w and u go round, and b where they set out."""
TURNS, FINE = 24, 2
"""Into so many pieces it is cut, and each of them once more."""
PUSHES = np.random.default_rng(5).standard_normal((5, 1))
"""The inputs of the one unit."""


@cache
def walk_table() -> xr.Dataset:
    """Go round a circle of two weights, at right angles to the gradient, and see where the third one ends.

    The network has one tanh unit, ``h_t = tanh(b + w h_{t-1} + u x_t)``, and runs for 5 steps; the
    error at the last is 1. While (w, u) go round, b follows so that the three together never move along the
    gradient nor against it: ``db = -(dL/dw dw + dL/du du) / (dL/db)`` (by the Runge-Kutta method of order 4).

    Returns
    -------
    xarray.Dataset
        b along ``turn``: ``level``, with the true gradient, which clipping before the update does not turn;
        and ``astray``, with the gradient clipped within the backward pass, by ``inside``.
    """
    coords = {"inside": list(INSIDE), "turn": np.linspace(0, 360, TURNS + 1)}
    astray = [_walk(limit) for limit in INSIDE]
    return xr.Dataset({"level": ("turn", _walk(None)), "astray": (("inside", "turn"), astray)}, coords)


def _walk(limit: float | None) -> np.ndarray:
    b, step = [START], 2 * np.pi / TURNS / FINE
    for turn in step * np.arange(TURNS * FINE):
        first = _slope(turn, b[-1], limit)
        second = _slope(turn + step / 2, b[-1] + step / 2 * first, limit)
        third = _slope(turn + step / 2, b[-1] + step / 2 * second, limit)
        last = _slope(turn + step, b[-1] + step * third, limit)
        b.append(b[-1] + step / 6 * (first + 2 * second + 2 * third + last))
    return np.array(b[::FINE])


def _slope(turn: float, b: float, limit: float | None) -> float:
    """How b must change with the angle."""
    w, u = CENTRE[0] + RADIUS * np.cos(turn), CENTRE[1] + RADIUS * np.sin(turn)
    unit = RNN([[w]], [[u]], [[1.0]], [b], [0.0], "tanh")
    found = backpropagate(unit, PUSHES, clip_dh=limit)
    dw, du = -RADIUS * np.sin(turn), RADIUS * np.cos(turn)
    return -float((found.dW * dw + found.dU * du).item() / found.db.item())
