"""What each trace of the clipping explorer must show, computed by the engine for one position alone."""

import functools

import numpy as np
from rnn_gradients import backpropagate, clip, network
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT, norm
from rnn_gradients.engine.loops import backpropagate_fed_back
from rnn_gradients.engine.sweeps import FLOOR, LENGTHS
from rnn_gradients.explorers.clipping.feedback import LOOPED

LAYERS = {"hidden": HIDDEN, "output": OUTPUT}


def log10(size):
    return np.log10(size) if size > 0 else FLOOR


def group(gradients, names):
    return [getattr(gradients, name) for name in names]


def gradients_at(position, length=None, gradients_of=backpropagate):
    rnn, inputs = network(
        position["eigenvalue"], position["activation"], position["units"], length or position["length"]
    )
    return gradients_of(rnn, inputs, position["loss_at"], [position.get("error", 1.0)])


def clipped_at(position, gradients):
    rules = (position[f"clip_{name}"] for name in ("hidden", "output", "joint"))
    return clip(gradients, position["threshold"], *rules)


def predictions(position, gamma):
    """Powers of gamma times the eigenvalue (W is orthogonal), added up over the losses."""
    T, rate = position["length"], gamma * abs(position["eigenvalue"])
    steps_to_loss = np.arange(T)[::-1]
    last, every = rate**steps_to_loss, np.cumsum(rate ** np.arange(T))[::-1]
    sizes = position["error"] * (every if position["loss_at"] == "every" else last)
    return [log10(size) for size in sizes]


def expected_traces(position):
    """Return {trace name: (attribute, values)}."""
    return _expected_traces(tuple(position.items()))


@functools.cache  # a notebook's figures are read behind one door after another
def _expected_traces(position):
    position = dict(position)
    g = gradients_at(position)
    clipped = clipped_at(position, g)
    per_length = [gradients_at(position, length) for length in LENGTHS]
    steps = {name: norm(*group(clipped, names)) for name, names in LAYERS.items()}
    share = 100 * steps["output"] / sum(steps.values())
    expected = {
        "linear": ("y", predictions(position, 1.0)),
        "bound": ("y", predictions(position, ACTIVATIONS[position["activation"]].steepest)),
        "forward |h|": ("y", [log10(norm(row)) for row in g.h]),
        "backward |dL/dh|": ("y", [log10(norm(row)) for row in g.dh]),
        "threshold": ("y", [np.log10(position["threshold"])] * len(LENGTHS)),
        "output's share": ("x", [share]),
        "leading": ("x", [position["eigenvalue"]]),
    }
    for layer, names in LAYERS.items():
        before = [log10(norm(*group(g, names))) for g in per_length]
        after = [log10(norm(*group(clipped_at(position, g), names))) for g in per_length]
        expected |= {
            f"{layer}, before": ("y", before),
            f"{layer} layer": ("y", after),
            f"{layer}, now": ("y", [log10(steps[layer])]),
            f"{layer} step": ("x", [log10(norm(*group(g, names))), log10(steps[layer])]),
        }
    return expected | expected_small(position, g, steps) | expected_in_a_loop(position)


def expected_in_a_loop(position):
    """Return the traces of the panel in which the output may be fed back, where it can be shown."""
    here = position["eigenvalue"] in LOOPED and position["activation"] == "tanh"
    if not here or "fed_back" not in position:  # as on the dashboard
        return {}
    gradients_of = backpropagate_fed_back if position["fed_back"] else backpropagate
    found = [gradients_at(position | {"error": 1.0}, length, gradients_of) for length in LENGTHS]
    return {
        f"the {layer} layer's": ("y", [log10(norm(*group(g, names))) for g in found])
        for layer, names in LAYERS.items()
    }


RULES = {
    "none": {"hidden": False},
    "hidden": {},
    "output": {"hidden": False, "output": True},
    "both": {"output": True},
    "joint": {"joint": True},
}


def expected_small(position, g, steps):
    """Return the traces of the panels that stand alone, where they can be shown."""
    sizes = [norm(row) for row in g.dh]
    before = {name: norm(*group(g, names)) for name, names in LAYERS.items()}
    clipped = clip(g, position["threshold"], **RULES[position.get("rule", "none")])
    rnn, inputs = network(
        position["eigenvalue"], position["activation"], position["units"], position["length"]
    )
    earlier = np.vstack([0 * g.h[:1], g.h[:-1]])
    preactivations = earlier @ rnn.W.T + inputs @ rnn.U.T + rnn.b
    slopes = ACTIVATIONS[rnn.activation].slope(preactivations)
    parts = np.array(
        [norm(np.outer(dh * slope, h)) for dh, slope, h in zip(g.dh, slopes, earlier, strict=True)]
    )
    expected = {
        "error at a step": ("y", [log10(size) for size in sizes]),
        "to the gradient of W: one from each step": ("y", 100 * parts / (parts.sum() or 1)),
        "growth": ("y", [log10(size) for size in sizes[::-1]]),
        "linear growth": ("y", np.minimum(sizes[::-1], 100)),
    }
    for layer, names in LAYERS.items():
        expected |= {
            f"{layer} bar": ("y", np.minimum([before[layer], steps[layer]], 32)),
            f"{layer} under a rule": ("x", np.minimum([before[layer], norm(*group(clipped, names))], 32)),
        }
    return expected | {"the 32 units": ("x", np.clip(preactivations[-1], -300, 300))}
