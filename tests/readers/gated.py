"""The explorer of networks with gates: what is plotted is what the engine finds, network by network."""

import functools

import numpy as np
from rnn_gradients import backpropagate, network
from rnn_gradients.engine import clip, norm
from rnn_gradients.engine.clipping import OUTPUT
from rnn_gradients.engine.networks import gated_network
from rnn_gradients.engine.stacks import backpropagate_stack, stack_of
from rnn_gradients.explorers.gated import GATED_EXPLORED
from rnn_gradients.explorers.gated.stack import STACKED
from rnn_gradients.explorers.gated.table import (
    FORGET_BIASES,
    LENGTHS_SHOWN,
    SCALES_OF_W,
    THRESHOLD,
    WHOLE_LENGTH,
)
from scipy.special import expit

from ..prose import read_number
from . import look_at, read_explorer

EXPLORABLE = GATED_EXPLORED
CHAOTIC = 9
"""In log10: where an error has grown so, the error of rounding has grown into sight."""
TOLERANCE = {"gates": 0.026, "map": 0.0101}
HIDDEN = ("dW", "dU", "db", "db_hidden")


def log10(rows):
    return np.array([np.log10(norm(row)) for row in rows])


@functools.cache
def run(kind, forget_bias, scale, units, length):
    """Run one network; gives its gradients, and the errors at its states: an LSTM's are its cells."""
    if kind == "plain":
        g = backpropagate(*network(scale, "tanh", units, length))
    else:
        g = backpropagate(*gated_network(kind, forget_bias, scale, units, length))
    return g, g.dcell if kind == "LSTM" else g.dh


def of(at, kind=None, **other):
    at = at | other
    return run(kind or at["network"], at["forget_bias"], at["scale"], at["units"], at["length"])


def state(at, kind=None, **other):
    """The error at the state of each step; NaN where rounding decides, and with it the machine."""
    sizes = log10(of(at, kind, **other)[1])
    return np.where(sizes.max() > CHAOTIC, np.nan, sizes)


def roads(at):
    """What comes around W, after all that enters; and what comes through it, from the step before on."""
    g, errors = of(at)
    passes = g.gates[:, 3] * (1 - np.tanh(g.cell) ** 2) if at["network"] == "LSTM" else 1
    return log10(np.vstack([g.around_W[:-1], errors[-1:]])), log10((passes * g.through_W)[:-1])


def alone(at):
    g, errors = of(at)
    left = [errors[-1]]
    for gate in g.gates[:0:-1, 1]:
        left.append(gate * left[-1])
    return log10(left[::-1])


def padded(sizes):
    return np.pad(sizes, (0, WHOLE_LENGTH - len(sizes)), constant_values=np.nan)


def _roads(at):
    around, through = roads(at)
    end = at["length"]
    return {
        "a plain network": {"y": state(at, "plain")},
        "through W": {"y": through},
        "around W, past a gate": {"y": around},
        "the error enters": {"x": [end, end + 4], "y": [log10(of(at)[1])[-1], 0]},
    }


def _close_up(at):
    around, through = roads(at | {"length": WHOLE_LENGTH})
    return {
        "numbers, around W": {"text": around[-8:]},
        "numbers, through W, of eight": {"text": through[-7:]},
    }


def _gates(at):
    z = np.full((32, WHOLE_LENGTH), np.nan)
    z[:, : at["length"]] = of(at)[0].gates[:, 1].T
    return {
        "forget gate of each unit": {"z": z},
        "the error enters behind the gates": {"x": [at["length"] + 1] * 2},
    }


def _product(at):
    return {
        "plain network": {"y": state(at, "plain")},
        "these gates alone": {"y": alone(at)},
        "true gradient": {"y": state(at)},
    }


def _map(at):
    """The cells of the map that are looked at: others at each position; the rest is NaN."""
    z = np.full((len(FORGET_BIASES), len(SCALES_OF_W)), np.nan)
    seed = [at["network"] == "GRU", at["units"] == "small", FORGET_BIASES.index(at["forget_bias"])]
    for row, column in np.random.default_rng(seed).integers(z.shape, size=(6, 2)):
        there = {"forget_bias": FORGET_BIASES[row], "scale": SCALES_OF_W[column], "length": WHOLE_LENGTH}
        z[row, column] = state(at, **there)[0]
    gates = expit(FORGET_BIASES)
    border = 4 * (1 - gates) if at["network"] == "LSTM" else 2 + 0 * gates
    at_rest = np.log10(border) if at["units"] == "small" else []
    return {
        "gradient, forget bias by scale": {"z": z, "x": np.log10(SCALES_OF_W)},
        "border of a unit at rest": {"x": at_rest},
        "the chosen forget bias": {"y": [at["forget_bias"]] * 2},
    }


def _across(at):
    def row(kind=None):
        return [state(at, kind, scale=scale, length=WHOLE_LENGTH)[0] for scale in SCALES_OF_W]

    return {
        "plain network, by scale": {"x": np.log10(SCALES_OF_W), "y": row("plain")},
        "with gates": {"x": np.log10(SCALES_OF_W), "y": row()},
    }


def layer(g, which):
    names = OUTPUT if which == "output" else [name for name in HIDDEN if hasattr(g, name)]
    return norm(*(getattr(g, name) for name in names))


def _layers(at):
    found, plain = {}, []
    for length in LENGTHS_SHOWN:
        g = of(at, length=length)[0]
        clipped = clip(g, THRESHOLD, hidden=at["clip_hidden"], output=at["clip_output"])
        for which in ("hidden", "output"):
            before, after = layer(g, which), layer(clipped, which)
            found.setdefault(f"{which} layer", []).append(np.log10(after))
            if after < before * (1 - 1e-5):
                found.setdefault(f"{which} layer before clipping", []).append(np.log10(before))
        size = np.log10(layer(of(at, "plain", length=length)[0], "hidden"))
        plain.append(size if size < CHAOTIC else np.nan)
    none = {f"{which} layer before clipping": [] for which in ("hidden", "output")}
    found = none | found | {"the plain network's": plain}
    return {name: {"y": values} for name, values in found.items()}


@functools.cache
def stack(length, seed=0):
    """The gradients of each weight of a stack, by the layer: W, U and b, and of the output layer V and c."""
    lower, upper = backpropagate_stack(*stack_of(**STACKED, length=length, seed=seed))
    hidden = {
        f"{name} LSTM": [norm(g.dW), norm(g.dU), norm(g.db)]
        for name, g in (("upper", upper), ("lower", lower))
    }
    return {"output layer": [norm(upper.dV), norm(upper.dc)]} | hidden


def median_stack(length):
    drawn = [stack(length, seed) for seed in range(5)]
    return {layer: np.median([each[layer] for each in drawn], axis=0) for layer in drawn[0]}


def _stack(at):
    return {
        f"{layer}, {when}": {"x": np.log10(values)}
        for when, length in (("5 steps", 5), ("all steps", at["length"]))
        for layer, values in median_stack(length).items()
    }


EXPECTED = {
    "close_up": _close_up,
    "roads": _roads,
    "gates": _gates,
    "product": _product,
    "map": _map,
    "across": _across,
    "layers": _layers,
    "stack": _stack,
}
"""Every panel of the explorer, and what is expected of it."""


def assert_plots_the_engine(scope, panels, names, fixed):
    """All that is plotted is what the engine finds, and nothing is missing; gives the position."""
    at, traces = look_at(scope, EXPLORABLE, panels, names, fixed)
    for panel in panels:
        for name, attributes in EXPECTED[panel](at).items():
            for attribute, values in attributes.items():
                found, tolerance = traces[name][attribute], TOLERANCE.get(panel, 0.0101)
                if attribute == "text":
                    found, tolerance = [np.log10(read_number(each)) for each in found if each], 0.03
                compare(found, values, tolerance, (name, attribute, at))
    return at


def compare(found, values, tolerance, words):
    values = np.array(values, dtype=float)
    found = np.array(found, dtype=float)
    if values.ndim == 1:
        found = found[np.isfinite(found)]
    assert found.shape == values.shape, words
    looked_at = np.isfinite(values)
    np.testing.assert_allclose(found[looked_at], values[looked_at], atol=tolerance, err_msg=str(words))


def read(scope, panels=(), controls=None, whole=True, **position):
    read_explorer(scope, EXPLORABLE, assert_plots_the_engine, panels, controls, whole, position)
