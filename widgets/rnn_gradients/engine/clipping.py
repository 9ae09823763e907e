"""The rules of clipping, applied once: after the backward pass, before the update.

===================  ====================================================================================
`clip`               each layer by its own norm, or both by their joint one: torch's ``clip_grad_norm_``
`clip_per_layer`     each layer by its own norm, with a threshold of its own
`clip_per_tensor`    each weight's gradient by its own norm: Keras' ``clipnorm``
`clip_by_value`      each number by its own size: torch's ``clip_grad_value_``
`clip_adaptively`    each unit's gradient by the norm of that unit's weights: Brock et al. (2021)
===================  ====================================================================================

`cosine` tells how far a rule has turned a gradient.
"""

import math
from dataclasses import fields, replace

import numpy as np

from . import checks
from .backpropagation import ANY_NETWORK, Gradients, Network
from .norms import norm, rescaled, scaled_norm

__all__ = [
    "HIDDEN",
    "OUTPUT",
    "clip",
    "clip_adaptively",
    "clip_by_value",
    "clip_factor_log10",
    "clip_per_layer",
    "clip_per_tensor",
    "cosine",
    "joint_norm_log10",
    "norm",
]

OUTPUT = ("dV", "dc")
STATES = ("dh", "dcell", "dinputs")
"""Gradients of what the network holds or reads at each step, and of no weight."""


def _hidden(gradients: Gradients | type[Gradients]) -> tuple[str, ...]:
    """Name the gradients of the hidden layer's weights, whatever these are."""
    names = (field.name for field in fields(gradients) if field.name.startswith("d"))
    return tuple(name for name in names if name not in OUTPUT + STATES)


HIDDEN = _hidden(Gradients)
"""As of a plain network."""
TORCHS_EPSILON = 1e-6
LEAST_WEIGHTS = 1e-3
"""The least norm that `clip_adaptively` takes the weights of a unit to have: epsilon in its paper."""
LN10 = math.log(10)


@np.errstate(under="ignore")  # what is too small is 0, whatever the caller has set
def clip(
    gradients: Gradients, threshold: float, hidden: bool = True, output: bool = False, joint: bool = False
) -> Gradients:
    """Clip by norm: rescale groups of gradients to a norm of at most `threshold`.

    The rule is algorithm 1 of Pascanu, Mikolov and Bengio (ICML 2013), with the factor of
    ``torch.nn.utils.clip_grad_norm_``: ``min(1, threshold / (norm + 1e-6))``. A layer's gradient keeps its
    direction; that of the whole network keeps it, in general, under joint clipping alone.

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
        ``clip_grad_norm_(model.parameters(), threshold)`` does, and Keras' ``global_clipnorm`` (there
        without the 1e-6).

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
    hidden_layer, output_layer = _layers(gradients)
    threshold = checks.number("threshold", threshold, positive=True)
    hidden, output, joint = map(checks.flag, ("hidden", "output", "joint"), (hidden, output, joint))
    both = hidden_layer | output_layer
    clipped = {}
    for group in [both] if joint else [hidden_layer] * hidden + [output_layer] * output:
        found = rescaled(list(group.values()), threshold, padding=TORCHS_EPSILON)
        clipped |= dict(zip(group, found, strict=True))
    return replace(gradients, **clipped)


def clip_per_layer(gradients: Gradients, hidden_threshold: float, output_threshold: float) -> Gradients:
    """Clip each layer by its own norm, as `clip` does, and with a threshold of its own.

    Parameters
    ----------
    gradients : Gradients
    hidden_threshold : float
        The largest norm allowed for the hidden group (dW, dU, db, and a GRU's db_hidden), above 0.
    output_threshold : float
        The largest norm allowed for the output group (dV, dc), above 0.

    Returns
    -------
    Gradients
        Each layer's gradient has kept its direction; the whole gradient has not, unless both were rescaled
        alike.

    Raises
    ------
    TypeError, ValueError
        As for `clip`.
    """
    checks.instance("gradients", gradients, Gradients)
    hidden_threshold = checks.number("hidden_threshold", hidden_threshold, positive=True)
    output_threshold = checks.number("output_threshold", output_threshold, positive=True)
    return clip(clip(gradients, hidden_threshold), output_threshold, hidden=False, output=True)


@np.errstate(under="ignore")
def clip_per_tensor(
    gradients: Gradients, threshold: float, hidden: bool = True, output: bool = False
) -> Gradients:
    """Clip the gradient of each weight matrix and each bias by its own norm.

    The rule is that of Keras' ``clipnorm``, with its factor: ``threshold / max(norm, threshold)``. Unlike
    torch's it has no epsilon: what is clipped has exactly the threshold for its norm.

    Parameters
    ----------
    gradients : Gradients
    threshold : float
        The largest norm allowed for each of dW, dU, ..., above 0.
    hidden, output : bool
        Clip the gradients of this layer. (Keras clips those of all.)

    Returns
    -------
    Gradients
        Each weight's gradient has kept its direction; that of a layer has not, unless all of its weights'
        were rescaled alike.

    Raises
    ------
    TypeError, ValueError
        As for `clip`.
    """
    chosen = _chosen(gradients, hidden, output)
    threshold = checks.number("threshold", threshold, positive=True)
    return replace(gradients, **{name: rescaled([part], threshold)[0] for name, part in chosen.items()})


def clip_by_value(
    gradients: Gradients, threshold: float, hidden: bool = True, output: bool = False
) -> Gradients:
    """Clip by value: cut each number of the gradients off at `threshold` and ``-threshold``.

    The rule is that of ``torch.nn.utils.clip_grad_value_`` and of Keras' ``clipvalue``. Karpathy's
    min-char-rnn cuts off all five gradients at 5; Graves (2013, arXiv:1308.0850) does so with derivatives
    inside the backward pass.

    Parameters
    ----------
    gradients : Gradients
    threshold : float
        The largest size allowed for each number, above 0.
    hidden, output : bool
        Clip the gradients of this layer. (The programs named above clip those of all.)

    Returns
    -------
    Gradients
        The norm is at most ``threshold * sqrt(k)``, for k numbers. The direction is kept only where nothing
        is cut off, or where all that is not 0 is cut off from one and the same size.

    Raises
    ------
    TypeError, ValueError
        As for `clip`.
    """
    chosen = _chosen(gradients, hidden, output)
    threshold = checks.number("threshold", threshold, positive=True)
    cut_off = {name: np.clip(part, -threshold, threshold) for name, part in chosen.items()}
    return replace(gradients, **cut_off)


@np.errstate(under="ignore")
def clip_adaptively(
    gradients: Gradients, rnn: Network, ratio: float, hidden: bool = True, output: bool = False
) -> Gradients:
    """Clip the gradient of each unit by the norm of that unit's own weights.

    The rule is the adaptive gradient clipping of Brock, De, Smith and Simonyan (2021, arXiv:2102.06171,
    equation 3). The factor of row i of a weight matrix is
    ``min(1, ratio * max(norm(W_i), 1e-3) / norm(dW_i))``; in an LSTM or a GRU, whose units have a row for
    each gate, every row counts by itself. A bias is one unit as a whole, as in the paper's code.

    Parameters
    ----------
    gradients : Gradients
    rnn : RNN, LSTM or GRU
        The network that they are the gradients of.
    ratio : float
        The largest ratio allowed between the norm of a unit's gradient and that of its weights, above 0:
        lambda in the paper, whose code has 0.01 for batches of 4,096 images.
    hidden, output : bool
        Clip the gradients of this layer. (The paper's code, too, spares the weights of the last one.)

    Returns
    -------
    Gradients
        Each unit's gradient has kept its direction; that of a weight matrix has not, unless all of its units'
        were rescaled alike.

    Raises
    ------
    TypeError
        If the gradients are no `Gradients`, or `rnn` is none of the three.
    ValueError
        If the ratio is not a finite number above 0, a rule is not True or False, a gradient is not finite, or
        the network is of another shape than the gradients.
    """
    chosen = _chosen(gradients, hidden, output)
    checks.instance("rnn", rnn, Network, ANY_NETWORK)
    ratio = checks.number("ratio", ratio, positive=True)
    weights = {}
    for name, part in chosen.items():  # W comes first, and its shape tells the kind of network
        weights[name] = getattr(rnn, name.removeprefix("d"))
        checks.shape(f"rnn: {name.removeprefix('d')}", weights[name], part.shape)
    clipped = {name: _clipped_by_unit(part, weights[name], ratio) for name, part in chosen.items()}
    return replace(gradients, **clipped)


def _clipped_by_unit(gradient: np.ndarray, weights: np.ndarray, ratio: float) -> np.ndarray:
    clipped = np.empty_like(gradient)
    mantissa, power = math.frexp(ratio)
    # a bias becomes a matrix of one row
    for row, unit, its_weights in zip(*map(np.atleast_2d, (clipped, gradient, weights)), strict=True):
        size, exponent = scaled_norm(its_weights)  # at least 1/2 where the exponent is not 0
        (row[:],) = rescaled([unit], mantissa * max(size, LEAST_WEIGHTS), power + exponent)
    return clipped


@np.errstate(under="ignore")
def cosine(first: Gradients, second: Gradients, over: str = "both") -> float:
    """Give the cosine of the angle between two gradients, taken as vectors: 1 if their direction is the same.

    Parameters
    ----------
    first, second : Gradients
        Say, the gradients of a network before and after clipping.
    over : {"both", "hidden", "output"}
        The layers whose gradients make up the vectors.

    Returns
    -------
    float
        From -1 to 1.

    Raises
    ------
    TypeError
        If either is no `Gradients`.
    ValueError
        If they are of different shapes, not finite, or all 0, and so without a direction; or if `over` is
        unknown.
    """
    over = checks.choice("over", over, ("both", "hidden", "output"))
    first, second = (
        _chosen(gradients, over != "output", over != "hidden", name)
        for name, gradients in (("first", first), ("second", second))
    )
    if first.keys() != second.keys():
        raise ValueError(f"second has {', '.join(second)}; here it must have {', '.join(first)}")
    for name, part in second.items():
        checks.shape(f"second: {name}", part, first[name].shape)
    return float(np.clip(_direction("first", first) @ _direction("second", second), -1, 1))


def _direction(name: str, parts: dict[str, np.ndarray]) -> np.ndarray:
    vector = np.concatenate([part.ravel() for part in parts.values()])
    largest = np.abs(vector).max()
    if largest == 0:
        raise ValueError(f"{name}: {', '.join(parts)} are all 0; allowed: gradients that have a direction")
    vector = vector / largest
    return vector / norm(vector)


def _layers(gradients: Gradients, argument: str = "gradients") -> list[dict[str, np.ndarray]]:
    """Check gradients; give those of the hidden and those of the output layer's weights."""
    checks.instance(argument, gradients, Gradients)
    return [
        {name: checks.array(f"{argument}: {name}", getattr(gradients, name)) for name in layer}
        for layer in (_hidden(gradients), OUTPUT)
    ]


def _chosen(
    gradients: Gradients, hidden: bool, output: bool, argument: str = "gradients"
) -> dict[str, np.ndarray]:
    """Check gradients; give those of the chosen layers' weights."""
    hidden_layer, output_layer = _layers(gradients, argument)
    hidden, output = checks.flag("hidden", hidden), checks.flag("output", output)
    return (hidden_layer if hidden else {}) | (output_layer if output else {})


def layer_norms(gradients: Gradients) -> list[float]:
    """Give the norms of the hidden layer's gradient and of the output layer's.

    Parameters
    ----------
    gradients : Gradients

    Returns
    -------
    list of float
        Each over all weights of its layer.

    Raises
    ------
    TypeError
        If `gradients` are none.
    ValueError
        If a gradient is not finite.
    """
    return [norm(*layer.values()) for layer in _layers(gradients)]


def joint_norm_log10(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Log10 of the norm over two groups, whose norms are given as log10."""
    return np.logaddexp(2 * LN10 * first, 2 * LN10 * second) / (2 * LN10)


def clip_factor_log10(norm_log10: np.ndarray, threshold: float) -> np.ndarray:
    """Log10 of the clip factor, for norms given as log10 and so of any size."""
    padded = np.logaddexp(LN10 * norm_log10, -6 * LN10) / LN10
    return np.minimum(0.0, np.log10(threshold).astype(padded.dtype) - padded)
