"""The explorer of powers: what is plotted is what numpy finds for each position, one at a time."""

import numpy as np
from rnn_gradients import recurrent_matrix
from rnn_gradients.explorers.powers import POWERS
from rnn_gradients.explorers.powers.table import PAIRS

from . import look_at, numbers, read_explorer

EXPLORABLE = POWERS
CONTROLS = POWERS.dimensions
TOLERANCE = 0.011
KINDS_OF_W = ("all", "|eigenvalue|ᵏ", "s₁ᵏ", "‖Wᵏ‖", "|eigenvalue|", "s₁", "on average", "after one step")
SHEARED = (None, "eigenvalueᵏ", "(s₁)ᵏ", "norm of Wᵏ", "eigenvalue", "(s₁)", "average", "after")


def unit(degrees):
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def path(W, start, steps):
    """W^k x for k = 0..steps, as columns."""
    return np.array([np.linalg.matrix_power(W, k) @ start for k in range(steps + 1)]).T


def rings(size, first=0.001):
    """Where a size lies on an axis that begins at the first."""
    return np.maximum(np.log10(size / first), 0)


def expected_number(at):
    k = np.arange(61)
    size = k * np.log10(at["factor"])
    for axis, y, most in (("linear", 10**size, 30), ("logarithmic", size, np.inf)):
        yield f"on a {axis} axis", "y", np.minimum(y, most)
        yield f"now, on a {axis} axis", "y", np.minimum(y, 5.25 if axis == "linear" else np.inf)[-1:]


def expected_arrow(at):
    x, y = path(PAIRS[at["pair"]], unit(at["angle"]), 30)
    length = np.hypot(x, y)
    tips = {"x": rings(length) * x / length, "y": rings(length) * y / length}
    for axis, values in tips.items():
        yield "tips", axis, values
        yield "arrows", axis, np.column_stack([0 * values, values]).ravel()
        yield "its shaft", axis, [0, values[-1]]
    yield "the arrow now", "y", tips["y"][-1:]
    yield "length of the arrow", "y", np.log10(length)
    values, vectors = np.linalg.eig(PAIRS[at["pair"]])
    parted = np.isreal(values).all() and abs(np.linalg.det(vectors)) > 1e-6
    c = np.abs(np.linalg.solve(vectors, unit(at["angle"]))) if parted else np.zeros(2)
    for nth, line in zip(np.argsort(-np.abs(values)), ("dashed", "dotted"), strict=True):
        part = np.log10(c[nth]) + np.arange(31) * np.log10(abs(values[nth])) if c[nth] > 1e-9 else []
        yield f"part along the {line} line", "y", part


def expected_powers(at, W, names):
    eigenvalues, least, most, norm, radius, s1, average, image = names
    values = np.linalg.eigvals(W)
    if eigenvalues:
        yield eigenvalues, "x", values.real
        yield eigenvalues, "y", values.imag
        yield "leading", "x", [at["eigenvalue"]]
    k, rho, s = np.arange(101), abs(at["eigenvalue"]), np.linalg.svd(W)[1]
    norms = np.log10([np.linalg.norm(np.linalg.matrix_power(W, n), 2) for n in k.tolist()])
    yield least, "y", k * np.log10(rho)
    yield most, "y", k * np.log10(s[0])
    yield norm, "y", marked_apart(norms, k, *DECADES[image])
    yield radius, "y", np.full(100, rho)
    yield s1, "y", np.full(100, s[0])
    frame = FRAMES[image]
    yield average, "y", marked_apart(10 ** (norms[1:] / k[1:]), k[1:], 0, frame)
    yield f"longest axis, {image}", "longest", [min(s[0], 0.8 * frame)]
    yield image, "shortest", [s[-1]]
    if s[0] < 0.8 * frame:  # else it is cut, and its number stands beside it
        yield image, "longest", [s[0]]
        yield f"longest axis in numbers, {image}", "size", [min(s[0] + 0.14 * frame, 0.88 * frame)]


FRAMES = {"after one step": 2.9, "after": 7.2}
DECADES = {"after one step": (-6, 12), "after": (-6, 4)}


def marked_apart(values, steps, low, high):
    """Leave out what lies beyond the axis, but for every fifth step, and a step from where it is within."""
    within = [low <= each <= high for each in values]
    beside = [any(within[max(i - 1, 0) : i + 2]) for i in range(len(values))]
    return np.asarray(values)[beside | (steps % 5 == 0)]


PHI = {
    "linear": (lambda a: a, np.ones_like),
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
    "relu": (lambda a: np.maximum(a, 0), lambda a: 1.0 * (a > 0)),
}


def expected_ways(at):
    """Run a network that is fed once, there and back."""
    W = recurrent_matrix(32, at["eigenvalue"], at["kind"])
    phi, slope = PHI[at["activation"]]
    start, error = np.random.default_rng(1).standard_normal((2, 32))
    a = [start / np.linalg.norm(start)]
    for _ in range(60):
        a.append(W @ phi(a[-1]))
    back = [error / np.linalg.norm(error)]
    for each in reversed(a[1:]):
        back.append(W.T @ (slope(each) * back[-1]))
    forward, backward = (np.log10([np.linalg.norm(each) for each in way]) for way in (map(phi, a), back))
    for name, values in (("state, forward", forward), ("state after k", forward)):
        yield name, "y", values - values[0]
    for name, values in (("error, backward", backward[::-1]), ("error after k", backward)):
        yield name, "y", values - backward[0]
    norms = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in range(61)]
    yield "linear: ‖Wᵏ‖", "y", np.log10(norms)


def expected_flips(at):
    """Send an error back through linear units, and take its part along the leading eigenvector."""
    values, vectors = np.linalg.eig(recurrent_matrix(32, 1.0, at["kind"]))
    v = vectors[:, np.argmin(np.abs(values - 1))].real
    other = np.random.default_rng(2).standard_normal(32)
    error = np.copysign(1, v @ other) * v + other / np.linalg.norm(other)
    back = path(recurrent_matrix(32, at["eigenvalue"], at["kind"]).T, error, 30) / (v @ error)
    part = v @ back
    yield "its part along the eigenvector", "y", np.sign(part) * rings(np.abs(part), 0.1)
    yield "size of the whole gradient", "y", rings(np.linalg.norm(back, axis=0), 0.1)


def expected_kinds(at):
    return expected_powers(at, recurrent_matrix(at["size"], at["eigenvalue"], at["kind"]), KINDS_OF_W)


def expected_sheared(at):
    return expected_powers(at, np.array([[at["eigenvalue"], at["shear"]], [0, at["eigenvalue"]]]), SHEARED)


EXPECTED = {
    ("number_linear", "number"): expected_number,
    ("arrow", "parts"): expected_arrow,
    ("eigenvalues", "ellipse", "norms", "rates"): expected_kinds,
    ("shear_ellipse", "shear_norms", "shear_rates"): expected_sheared,
    ("there_and_back", "passes"): expected_ways,
    ("flips",): expected_flips,
}
"""By panels: their traces, as (name, measure, values)."""
MEASURES = {
    "longest": lambda trace: [np.nanmax(np.hypot(*map(numbers, (trace["x"], trace["y"]))))],
    "shortest": lambda trace: [np.nanmin(np.hypot(*map(numbers, (trace["x"], trace["y"]))))],
    "size": lambda trace: np.hypot(trace["x"], trace["y"]),
}


def assert_plots_powers(scope, panels, names, fixed):
    """All traces of the panels are there, and no others; they show what is expected of where controls are."""
    at, traces = look_at(scope, POWERS, panels, names, fixed)
    for expected in (each for some, each in EXPECTED.items() if {*some} & {*panels}):
        for name, measure, values in expected(at):
            if name in traces:
                found = MEASURES.get(measure, lambda trace, axis=measure: numbers(trace[axis]))(traces[name])
                order = np.sort if name == "all" else np.asarray
                told = f"{name}, {measure}, at {at}"
                np.testing.assert_allclose(order(found), order(values), atol=TOLERANCE, err_msg=told)
    return at


def read(scope, panels=(), controls=None, whole=True, **position):
    read_explorer(scope, POWERS, assert_plots_powers, panels, controls, whole, position)
