"""The explorer of activations: what is plotted is what the engine finds, network by network."""

import functools

import numpy as np
from rnn_gradients import backpropagate, recurrent_matrix
from rnn_gradients.engine import norm
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.networks import driven
from rnn_gradients.explorers.activations import ACTIVATIONS_EXPLORED
from rnn_gradients.explorers.activations.maps import STARTED
from rnn_gradients.explorers.activations.table import FEW, LEADING, SEQUENCES, WAYS
from rnn_gradients.explorers.controls import BOX, LIST, SLIDER
from rnn_gradients.results import STARTS, load_results

from ..browser import seen
from . import play_to_the_end, widget

EXPLORABLE = ACTIVATIONS_EXPLORED
CONTROLS = EXPLORABLE.dimensions
STEPS, SIZE = 40, 32
ENDS = (-15, 13)
"""In log10: where a number is marked that lies beyond the axes."""
MATRICES = load_results(STARTS)["starts"].W
FLOOR = -250
"""In log10: what is smaller is too small for float64, in which a single network is run."""
CHAOTIC = 9
"""In log10: where an error has grown so, the error of rounding has grown into sight."""
TIMES = {"small": (0.01, True), "ordinary": (1.0, False)}
SOME_EIGENVALUES, SOME_LENGTHS = range(0, len(LEADING), 6), range(0, len(SEQUENCES), 5)
"""Places at which lines are compared that take a network for each point."""
STEP_BY_STEP = {"curve", "slopes", "damping", "product", "strip", "passes"}
"""Panels that are there at few eigenvalues."""


@functools.cache
def run(eigenvalue, activation, scale, held, length, kind="orthogonal", seed=0):
    """Pre-activations, and the norms of states and errors; an identity matrix has positive inputs."""
    W = eigenvalue * recurrent_matrix(SIZE, 1.0, kind, seed)
    return passed(W, activation, scale, held, length, seed, kind == "identity")


def passed(W, activation, scale, held, length, seed, positive):
    rnn, inputs = driven(W, activation, scale, held, length, seed, positive)
    g = backpropagate(rnn, inputs)
    before = np.vstack([0 * g.h[:1], g.h[:-1]])
    a = before @ rnn.W.T + inputs @ rnn.U.T + rnn.b
    left = [
        norm(ACTIVATIONS[activation].slope(each) * dh) / (norm(dh) or 1)
        for each, dh in zip(a, g.dh, strict=True)
    ]
    return a, log10(norm(each) for each in g.h), log10(norm(each) for each in g.dh), np.array(left)


def log10(sizes):
    return np.array([np.log10(size) if size else -320.0 for size in sizes])


def of(at):
    """What `run` takes of a position."""
    return (at["activation"], *TIMES[at["units"]])


def first(at, eigenvalue, length, seed):
    """The error at the first step, in log10."""
    return first_of(eigenvalue, *of(at), length, at["kind"], seed)


def first_of(eigenvalue, activation, scale, held, length, kind, seed):
    """The same; NaN, which is not looked at, where rounding decides, and with it the machine."""
    size = run(eigenvalue, activation, scale, held, length, kind, seed)[2].max()
    is_chaotic = ACTIVATIONS[activation].bounded and size > CHAOTIC
    return np.nan if is_chaotic else run(eigenvalue, activation, scale, held, length, kind, seed)[2][0]


@functools.cache
def rates(activation, scale, held, kind, eigenvalue):
    """What a step back does on average in five networks, in log10."""
    last = SEQUENCES[-1]
    found = [first_of(eigenvalue, activation, scale, held, last, kind, seed) for seed in range(5)]
    held = np.array(found) > FLOOR  # a single network finds no less
    return np.where(held | (activation == "relu"), found, np.nan) / (last - 1)


def some_rates(*setting, here):
    """The same at some of the eigenvalues, and here; NaN at the others, which are not looked at."""
    found = np.full((len(LEADING), 5), np.nan)
    for place in {*SOME_EIGENVALUES, LEADING.index(here)}:
        found[place] = rates(*setting, LEADING[place])
    return found


def by_way(at):
    return at | dict(zip(("activation", "kind", "units"), WAYS[at["way"]], strict=True))


def _on_curve(name, activation, a):
    a = np.clip(a, -30, 30)
    curve = ACTIVATIONS[activation]
    line, unit = ("activation", "a unit") if name == "curve" else ("sigmoid", "a sigmoid unit")
    piece = np.sort([*np.linspace(-6, 6, 121), 1e-6])
    return {
        line: {"y": curve.phi(piece)},
        "its slope" if name == "curve" else f"slope of the {line}": {"y": curve.slope(piece)},
        unit: {"x": a, "y": curve.phi(a)},
        f"slope of {unit}": {"x": a, "y": curve.slope(a)},
    }


def _curve(at):
    a = run(at["eigenvalue"], *of(at), STEPS, at["kind"])[0][at["step"] - 1]
    scaled = 1.5 * a / np.abs(a).max() if at["activation"] == "relu" else a
    return _on_curve("curve", at["activation"], scaled)


def _held_curve(at):
    a = run(at["eigenvalue"], "sigmoid", at["scale"], at["held"], SEQUENCES[-1])[0]
    return _on_curve("held_curve", "sigmoid", a[-1])


def _slopes(at):
    a = run(at["eigenvalue"], *of(at), STEPS, at["kind"])[0][at["step"] - 1]
    slope = ACTIVATIONS[at["activation"]].slope(a)
    counts = np.bincount(np.rint(20 * slope).astype(int), minlength=21).astype(float)
    between = np.floor(20 * slope[np.abs(20 * slope % 1 - 0.5) < 0.02]).astype(int)
    counts[between] = counts[between + 1] = np.nan  # rounding could count a unit in either
    return {"units by slope": {"y": counts}, "mean slope": {"x": [slope.mean()] * 2}}


def _damping(at):
    left = run(at["eigenvalue"], *of(at), STEPS, at["kind"])[3]
    steepest = ACTIVATIONS[at["activation"]].steepest
    return {"what is left": {"y": left}, "γ, the steepest slope": {"y": [steepest] * STEPS}}


def _product(at):
    _, _, error, left = run(at["eigenvalue"], *of(at), STEPS, at["kind"])
    product = np.array([np.log10(np.maximum(left[t + 1 :], 1e-20)).sum() for t in range(STEPS)])
    most = np.log10(at["eigenvalue"] * singular(at["kind"]) * ACTIVATIONS[at["activation"]].steepest)
    return {
        "slopes alone": {"y": product},
        "slopes alone, here": {"y": np.clip(product[:1], *ENDS)},
        "the error": {"y": error},
        "the error, here": {"y": np.clip(error[:1], *ENDS)},
        "its bound": {"y": most * np.arange(STEPS)[::-1]},
    }


def _spread(found, names, at):
    low, middle, high = found.min(1), np.median(found, 1), found.max(1)
    here = LEADING.index(at["eigenvalue"])
    return {
        names[0]: {"x": np.log10(LEADING), "y": middle},
        names[1]: {"y": low},
        names[2]: {"y": high},
        names[3]: {"x": [np.log10(at["eigenvalue"])], "y": [middle[here]]},
    }


def _critical(at):
    found = some_rates("sigmoid", at["scale"], at["held"], "orthogonal", here=at["eigenvalue"])
    names = ("sigmoid: median", "lowest, sigmoid", "five networks", "now, sigmoid")
    bound = {"eigenvalue / 4": {"y": np.log10(LEADING) - np.log10(4)}}
    return _spread(found, names, at) | bound


def singular(kind):
    return max(np.linalg.norm(recurrent_matrix(SIZE, 1.0, kind, seed), 2) for seed in range(5))


def _rates(at):
    names = ("median of five", "lowest, rate", "all five", "now, rate")
    bound = np.log10(np.multiply(LEADING, singular(at["kind"]) * ACTIVATIONS[at["activation"]].steepest))
    grey = {"bound": {"y": bound}, "eigenvalue": {"y": np.log10(LEADING)}}
    return _spread(some_rates(*of(at), at["kind"], here=at["eigenvalue"]), names, at) | grey


def _half_open(at):
    at = at | {"activation": "relu"}
    names = ("ReLU: median", "lowest, half", "five ReLU networks", "now, half")
    bound = np.log10(np.multiply(LEADING, singular(at["kind"])))
    grey = {"bound, ReLU": {"y": bound}, "eigenvalue × √½": {"y": np.log10(LEADING) - np.log10(2) / 2}}
    return _spread(some_rates(*of(at), at["kind"], here=at["eigenvalue"]), names, at) | grey


def _over_lengths(at, names, each):
    middle = np.median(each, 0)
    most = np.log10(at["eigenvalue"] * singular(at["kind"]) * ACTIVATIONS[at["activation"]].steepest)
    return {
        names[0]: {"y": each[~(each <= -320)]},  # what no float64 can hold is not drawn
        names[1]: {"y": middle[~(middle <= -320)]},
        names[2]: {"y": most * (np.array(SEQUENCES) - 1)},
    }


def _growth(at):
    """One pass back from the loss at the last step."""
    back = np.array(SEQUENCES) - 1
    sizes = [run(at["eigenvalue"], *of(at), SEQUENCES[-1], at["kind"], seed)[2] for seed in range(5)]
    is_chaotic = ACTIVATIONS[at["activation"]].bounded and np.max(sizes) > CHAOTIC
    each = np.nan * np.ones((5, back.size)) if is_chaotic else np.array(sizes)[:, ::-1][:, back]
    found = _over_lengths(at, ("each", "median", "at most"), each)
    beside = SEQUENCES.index(50)
    straight = np.median(each, 0)[beside] / back[beside] * back
    return found | {"growth beside the loss": {"x": back, "y": straight}}


def _growth_here(at):
    each, way = np.full((5, len(SEQUENCES)), np.nan), by_way(at)
    for place in {*SOME_LENGTHS, SEQUENCES.index(at["length"])}:
        each[:, place] = [first(way, at["eigenvalue"], SEQUENCES[place], seed) for seed in range(5)]
    found = _over_lengths(way, ("each of five", "their median", "the most"), each)
    here = np.median(each, 0)[SEQUENCES.index(at["length"])]
    return found | {"the point, here": {"x": [at["length"]], "y": [here]}}


def _passes(at):
    _, state, error, _ = run(at["eigenvalue"], *of(at), STEPS, at["kind"])
    return {"forward: the state": {"y": state}, "backward: the error": {"y": error}}


def _strip(at):
    a = run(at["eigenvalue"], *of(at), STEPS, at["kind"])[0]
    return {"slope of each unit": {"z": ACTIVATIONS[at["activation"]].slope(a).T}}


def _cells(at):
    """The cells of the map that are looked at: others at each position; the rest is NaN."""
    way, z = by_way(at), np.full((len(SEQUENCES), len(LEADING)), np.nan)
    for row, column in np.random.default_rng(list(WAYS).index(at["way"])).integers(z.shape, size=(4, 2)):
        z[row, column] = np.median([first(way, LEADING[column], SEQUENCES[row], seed) for seed in range(5)])
    return z


def _map(at):
    point = {"x": [np.log10(at["eigenvalue"])], "y": [at["length"]]}
    return {"gradient, map": {"z": _cells(at), "x": np.log10(LEADING)}, "the point, on the map": point}


@functools.cache
def start_factors(way, name):
    """What a step back leaves of the error, on average, in log10: in five networks."""
    activation, kind, units = WAYS[way]
    found = []
    for seed, W in enumerate(MATRICES.sel(initialiser=name).values.astype(float)):
        error = passed(W, activation, *TIMES[units], SEQUENCES[-1], seed, kind == "identity")[2][0]
        found.append(error / (SEQUENCES[-1] - 1) if error > FLOOR else -320.0)
    return found


def _starts(at):
    radius = np.abs(np.linalg.eigvals(MATRICES.values.astype(float))).max(-1)
    names = MATRICES.initialiser.values
    return {f"start, {name}": {"x": np.log10(each)} for name, each in zip(names, radius, strict=True)}


def _starts_factors(at):
    names = MATRICES.initialiser.values
    return {f"factor, {name}": {"x": start_factors(at["way"], name)} for name in names}


EXPECTED = {
    "curve": _curve,
    "slopes": _slopes,
    "damping": _damping,
    "product": _product,
    "critical": _critical,
    "held_curve": _held_curve,
    "strip": _strip,
    "growth": _growth,
    "rates": _rates,
    "half_open": _half_open,
    "passes": _passes,
    "map": _map,
    "growth_here": _growth_here,
    "starts": _starts,
    "starts_factors": _starts_factors,
}
"""Every panel of the explorer, and what is expected of it."""
RESOLUTION = {"strip": 0.026, "curve": 0.006, "held_curve": 0.006, "slopes": 0.006, "damping": 0.003}
NOT_COMPARED = ("beyond the axes", "powers of ten", "neither", "border")


def assert_plots_the_engine(scope, panels, at):
    """All that is plotted is what the engine finds, and nothing is missing."""
    _, traces = seen(scope)
    names = {name for name in traces if not any(words in name for words in NOT_COMPARED)}
    wanted = {panel: EXPECTED[panel](at) for panel in panels}
    assert names == {name for each in wanted.values() for name in each}
    for panel, some in wanted.items():
        for name, attributes in some.items():
            for attribute, values in attributes.items():
                compare(traces[name][attribute], values, RESOLUTION.get(panel, 0.0101), (name, attribute, at))


def compare(found, values, tolerance, words):
    found = np.array([each for each in found if each is not None], dtype=float)
    values = np.array(values, dtype=float)
    assert found.shape == values.shape, words
    at = np.isfinite(values) & (values > FLOOR)
    np.testing.assert_allclose(found[at], values[at], atol=tolerance, err_msg=str(words))
    assert (found[np.isfinite(values) & ~at] < FLOOR + 1).all(), words


def read(scope, panels=(), controls=None, whole=True, **position):
    """Start where it should; move every control, there and back; if `whole`, to all that lists hold."""
    panels = panels or EXPLORABLE.dashboard
    shown = tuple(EXPLORABLE._panel(name) for name in panels)
    controls = controls or [each.name for each in EXPLORABLE.controls if EXPLORABLE._moves(each, shown)]
    names = [name for name in controls if name != "play"]
    at = EXPLORABLE.start | position
    coordinates = {name: EXPLORABLE.table()[name].values.tolist() for name in CONTROLS}
    if STEP_BY_STEP & {*panels}:
        coordinates["eigenvalue"] = [*FEW]
    if {"starts", "starts_factors"} & {*panels}:
        coordinates["way"] = STARTED["way"]
    if "play" in controls:
        play_to_the_end(scope)
    assert_plots_the_engine(scope, panels, at)
    for name, control in CONTROLS.items():
        found = widget(scope, control)
        if name not in names:
            assert not found.count(), name
            continue
        for coordinate in moves(found, control, coordinates[name], at[name], whole):
            assert_plots_the_engine(scope, panels, at | {name: coordinate})
    assert_plots_the_engine(scope, panels, at)


def moves(found, control, coordinates, start, whole):
    """Move a control by its keys, and back at last; yields where it then stands."""
    place = coordinates.index(start)
    if control.kind is BOX:
        found.press("Space")
        yield not start
        found.press("Space")
    if control.kind is LIST:
        for index in [*range(len(coordinates))] if whole else [place - 1]:
            found.select_option(index=index % len(coordinates))
            yield coordinates[index]
        found.select_option(index=place)
    if control.kind is SLIDER:
        assert found.get_attribute("aria-valuetext") == control.said(start)
        there, back, step = ("ArrowLeft", "ArrowRight", -1) if place else ("ArrowRight", "ArrowLeft", 1)
        found.press(there)
        yield coordinates[place + step]
        found.press(back)
        if whole:
            for key, end in (("Home", 0), ("End", -1)):
                found.press(key)
                yield coordinates[end]
            for _ in range(len(coordinates) - 1 - place):
                found.press("ArrowLeft")
