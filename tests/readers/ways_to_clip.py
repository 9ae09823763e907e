"""The explorer of the rules: what is plotted is what the engine finds, position by position."""

import functools

import numpy as np
from rnn_gradients import (
    RNN,
    backpropagate,
    clip,
    clip_adaptively,
    clip_by_value,
    clip_per_layer,
    clip_per_tensor,
    cosine,
    network,
)
from rnn_gradients.engine import norm
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.explorers.ways_to_clip import RULES_EXPLORED
from rnn_gradients.results import load_results

from . import look_at, numbers, read_explorer

EXPLORABLE = RULES_EXPLORED
CONTROLS = EXPLORABLE.dimensions
EIGENVALUES = EXPLORABLE.table()["eigenvalue"].values.tolist()
RULES = {
    "none": lambda g, rnn, c: g,
    "hidden": lambda g, rnn, c: clip(g, c),
    "layers": lambda g, rnn, c: clip(g, c, output=True),
    "wider": lambda g, rnn, c: clip_per_layer(g, c, 10 * c),
    "joint": lambda g, rnn, c: clip(g, c, joint=True),
    "tensor": lambda g, rnn, c: clip_per_tensor(g, c, output=True),
    "value": lambda g, rnn, c: clip_by_value(g, c, output=True),
    "adaptive": lambda g, rnn, c: clip_adaptively(g, rnn, c, output=True),
}
T, UPDATES = 30, 3000


@functools.cache
def gradients(eigenvalue, error=1, inside=None):
    rnn, inputs = network(eigenvalue, "tanh", "ordinary", T)
    return rnn, inputs, backpropagate(rnn, inputs, error=[error], clip_dh=inside)


@functools.cache
def clipped(rule, eigenvalue, error, threshold):
    rnn, _, g = gradients(eigenvalue, error)
    return RULES[rule](g, rnn, threshold)


def sizes(g):
    return [norm(*(getattr(g, name) for name in names)) for names in (HIDDEN, OUTPUT)]


def shortened(parts):
    """Nothing is drawn beyond 1,000."""
    return np.multiply(parts, min(1, 1000 / max(parts)))


def expected_arrow(at):
    before = sizes(gradients(at["eigenvalue"], at["error"])[2])
    after = sizes(clipped(at["rule"], at["eigenvalue"], at["error"], at["threshold"]))
    for when, parts in (("before", before), ("after", after)):
        for axis, part in zip("xy", shortened(parts), strict=True):
            yield when, axis, [0, part]
            yield f"{when}: its tip", axis, [part]
        yield f"{when}: its tip", "angle", [np.degrees(np.arctan2(*parts))]
    yield "hidden, after", "x", [0, min(after[0], 1000)]
    yield "output, after", "y", [0, min(after[1], 1000)]
    yield from expected_place(at)


def expected_place(at):
    """The arrow ends in a strip, in a rectangle or in a quarter of a circle."""
    c = at["threshold"]
    high = {"hidden": 24, "layers": c, "wider": min(10 * c, 24)}
    if at["rule"] == "joint":
        yield "allowed", "radius", [c]
    elif at["rule"] in high:
        yield "allowed", "corner", [c, high[at["rule"]]]
    else:
        yield "allowed", "x", []


def expected_turned(at):
    for name, over in (("whole gradient", "both"), ("hidden part", "hidden"), ("output part", "output")):
        found = [
            cosine(
                gradients(each, at["error"])[2], clipped(at["rule"], each, at["error"], at["threshold"]), over
            )
            for each in EIGENVALUES
        ]
        yield name, "x", EIGENVALUES
        yield name, "y", found
        if over == "both":
            yield "now, turned", "y", [found[EIGENVALUES.index(at["eigenvalue"])]]


def expected_steps(at):
    before = sizes(gradients(at["eigenvalue"], at["error"])[2])
    after = [sizes(clipped(rule, at["eigenvalue"], at["error"], at["threshold"])) for rule in RULES]
    for place, layer in enumerate(("hidden", "output")):
        left = [each[place] / before[place] for each in after]
        yield f"{layer} layer's step", "x", 100 * np.array(left)


def way_back(rnn, inputs, g):
    """From the loss on: the size of the error, and what each step adds to the gradient of W, in percent."""
    before = np.vstack([0 * g.h[:1], g.h[:-1]])
    slope = ACTIVATIONS[rnn.activation].slope(before @ rnn.W.T + inputs @ rnn.U.T + rnn.b)
    terms = [norm(np.outer(d, h)) for d, h in zip(slope * g.dh, before, strict=True)]
    return np.log10([norm(each) for each in g.dh])[::-1], (100 * np.array(terms) / sum(terms))[::-1]


def expected_inside(at):
    size, share = way_back(*gradients(at["eigenvalue"]))
    yield "as it is", "y", size
    yield "as it is, of W", "y", share
    size, share = way_back(*gradients(at["eigenvalue"], 1, at["inside"]))
    yield "clipped inside", "y", size
    yield "clipped inside, of W", "y", share
    yield "threshold", "y", [np.log10(at["inside"])] * 2


def expected_moments(at):
    """The step: as it is, and so if it is clipped once taken; clipped before; and clipped inside."""
    true, inside = (gradients(at["eigenvalue"], 1, limit)[2] for limit in (None, at["inside"]))
    steps = [sizes(each)[0] for each in (true, clip(true, at["inside"]), inside)]
    name = "step, by when it is clipped"
    yield name, "x", np.log10(steps)
    yield name, "y", range(3)
    yield "threshold of the step", "x", [np.log10(at["inside"])] * 6  # two ends beside each step


def expected_round(at):
    """Two walks at right angles to the gradient, found in much smaller steps."""
    for name, limit in (
        ("as it is, or clipped before the update", None),
        ("clipped inside, at every step", at["inside"]),
    ):
        walk = walked(limit)
        yield name, "y", walk
        which = "level" if limit is None else "astray"
        yield f"now, {which}", "y", walk[-1:]


@functools.cache
def walked(limit, pieces=24, fine=8):
    """Go round by the midpoint rule, in much smaller steps."""
    inputs, b, found = np.random.default_rng(5).standard_normal((5, 1)), 0.3, [0.3]

    def slope(turn, b):
        w, u = 1.2 + 0.5 * np.cos(turn), 0.4 + 0.5 * np.sin(turn)
        g = backpropagate(RNN([[w]], [[u]], [[1.0]], [b], [0.0], "tanh"), inputs, clip_dh=limit)
        return 0.5 * (g.dW.item() * np.sin(turn) - g.dU.item() * np.cos(turn)) / g.db.item()

    step = 2 * np.pi / pieces / fine
    for k in range(pieces * fine):
        middle = b + step / 2 * slope(k * step, b)
        b += step * slope((k + 0.5) * step, middle)
        found.append(b)
    return np.array(found[::fine])


def expected_tight(at):
    runs = load_results()["temporal-order"].sel(clip="hidden", length=at["tried"])
    norms = 10 ** runs.hidden.sel(threshold=at["ran"]).values.ravel()
    levels = 10 ** np.linspace(-2, 4, 61)
    yield "stretches with a longer gradient", "y", [100 * (norms > each).mean() for each in levels]
    yield "half to ten times the average", "x", np.log10([norms.mean() / 2, norms.mean() * 10])
    yield "networks that learned it, of 20", "y", runs.solved.sum("seed").values
    for name in ("cut", "became"):
        yield f"threshold of these runs, {name}", "x", [np.log10(at["ran"])] * 2


def expected_learned(at):
    for name in ("SGD", "Adam"):
        solved = load_results()["optimizers"].solved.sel(optimizer=name.lower(), length=at["tried"])
        yield f"learned under {name}", "x", [int(solved.sel(clip=rule).sum()) for rule in RULE_NAMES]
        yield f"learned under {name}", "y", range(len(RULE_NAMES))


def expected_longer(at):
    for name in ("SGD", "Adam"):
        runs = load_results()["optimizers"].sel(optimizer=name.lower(), length=at["tried"], clip="hidden")
        levels = np.linspace(-2, 4, 61)
        above = [int(runs.hidden_above.sel(level=each, method="nearest").sum()) for each in levels]
        yield f"under {name}", "y", 100 * np.array(above) / (runs.sizes["seed"] * UPDATES)


EXPECTED = {
    ("arrow",): expected_arrow,
    ("turned",): expected_turned,
    ("steps",): expected_steps,
    ("passing", "voices"): expected_inside,
    ("moments",): expected_moments,
    ("round_trip",): expected_round,
    ("cut", "became"): expected_tight,
    ("under_sgd", "under_adam"): expected_learned,
    ("longer",): expected_longer,
}
"""By panels: their traces, as (name, measure, values)."""
MEASURES = {
    "angle": lambda trace: np.atleast_1d(trace["marker"]["angle"]),
    "radius": lambda trace: [np.hypot(numbers(trace["x"]), numbers(trace["y"])).max()],
    "corner": lambda trace: [max(numbers(trace["x"])), max(numbers(trace["y"]))],
}
TOLERANCE = {"angle": 0.06}
ROUGH = 0.026
"""Half of the coarsest resolution in which anything travels."""


def assert_plots_the_rules(scope, panels, names, fixed):
    """All traces of the panels are there, and no others; they show what is expected of where controls are."""
    at, traces = look_at(scope, EXPLORABLE, panels, names, fixed)
    compared = set()
    for expected in (each for some, each in EXPECTED.items() if {*some} & {*panels}):
        for name, measure, values in expected(at):
            if name in traces:
                found = MEASURES.get(measure, lambda trace, axis=measure: numbers(trace[axis]))(traces[name])
                told = f"{name}, {measure}, at {at}"
                np.testing.assert_allclose(found, values, atol=TOLERANCE.get(measure, ROUGH), err_msg=told)
                compared.add(name)
    assert compared == traces.keys()
    return at


def read(scope, panels=(), controls=None, whole=True, **position):
    read_explorer(scope, EXPLORABLE, assert_plots_the_rules, panels, controls, whole, position)
