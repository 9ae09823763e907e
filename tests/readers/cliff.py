"""The explorer of the cliff: the loss and the walks are those of the formula, one update at a time."""

import functools
import math

import numpy as np
import pytest
from rnn_gradients.explorers.cliff import CLIFF

from . import look_at, numbers, read_explorer

EXPLORABLE = CLIFF
CAMERA = """plot => {
  const scene = Object.keys(plot._fullLayout).find((name) => /^scene\\d*$/.test(name));
  return plot._fullLayout[scene]._scene.getCamera();
}"""
UPDATES = 60
WALKS = {"not clipped": None, "clipped by norm": "threshold"}
SHAKEN = 0.004
"""By so much an error of rounding moves a walk that bounces between steep slopes."""


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def loss(w, b):
    x = 0.5
    for _ in range(50):
        x = w * sigmoid(x) + b
    return (sigmoid(x) - 0.7) ** 2


def gradient(w, b):
    """dL/dw and dL/db, backward through the 50 steps."""
    xs = [0.5]
    for _ in range(50):
        xs.append(w * sigmoid(xs[-1]) + b)
    o = sigmoid(xs[-1])
    dx, dw, db = 2 * (o - 0.7) * o * (1 - o), 0.0, 0.0
    for x in reversed(xs[:-1]):
        s = sigmoid(x)
        dw, db, dx = dw + dx * s, db + dx, dx * w * s * (1 - s)
    return dw, db


@functools.cache
def walk(rate, threshold):
    w, b = 4.7, -1.7
    places = [(w, b, loss(w, b))]
    for _ in range(UPDATES):
        dw, db = gradient(w, b)
        factor = 1 if threshold is None else min(1, threshold / (math.hypot(dw, db) + 1e-6))
        w, b = w - rate * factor * dw, b - rate * factor * db
        places.append((w, b, loss(w, b)))
    return np.array(places).T


def expected(at, panels):
    """Yields (name, measure, values)."""
    for name, limit in WALKS.items():
        w, b, height = walk(at["rate"], limit and at[limit])
        yield name, "y", height
        for axis, values in zip("xyz", (w, b, height), strict=True):
            yield f"walk, {name}", axis, values
        for where in {"far", "near"} & {*panels}:
            yield f"{name}, {where}", "x", w
            yield f"{name}, {where}", "y", b
    for where in {"far", "near"} & {*panels}:
        yield f"start, {where}", "x", [4.7]
        yield f"start, {where}", "y", [-1.7]
    for axis, value in zip("xyz", (4.7, -1.7, loss(4.7, -1.7)), strict=True):
        yield "start, surface", axis, [value]


def assert_landscape(traces):
    """A sample of each map, and of the surface, is the loss; and on the edge, every state is 1/2."""
    for x, y, z in (map(traces[name].get, "xyz") for name in maps(traces)):
        assert np.shape(z) == (len(y), len(x))
        for row, column in np.random.default_rng(1).integers((len(y), len(x)), size=(12, 2)):
            np.testing.assert_allclose(z[row][column], loss(x[column], y[row]), atol=0.0011)
    for name in (each for each in traces if each.startswith("edge")):
        for w, b in zip(traces[name]["x"], traces[name]["y"], strict=True):
            np.testing.assert_allclose(w * sigmoid(0.5) + b, 0.5, atol=1e-6)


def maps(traces):
    """Name those whose z has rows."""
    return {name for name, trace in traces.items() if trace["z"] and isinstance(trace["z"][0], list)}


def assert_seen_from(plot, name):
    """The surface is seen from the side on which a camera stands: turned so far from where w runs right."""
    eye = plot.evaluate(CAMERA)["eye"]
    turn = 0.0 if name == "above" else float(name)
    away = math.hypot(eye["x"], eye["y"])
    seen = eye["x"] / away, -eye["y"] / away
    np.testing.assert_allclose(seen, [math.sin(math.radians(turn)), math.cos(math.radians(turn))], atol=1e-3)
    assert math.degrees(math.atan2(eye["z"], away)) == pytest.approx(80 if name == "above" else 27, abs=0.1)


def assert_plots_walks(scope, panels, names, fixed):
    """All traces of the panels are there, and no others; they show what is expected of where controls are."""
    at, traces = look_at(scope, CLIFF, panels, names, fixed)
    assert_landscape(traces)
    if "surface" in panels:
        assert_seen_from(scope.locator(".lookup-plot").first, at["camera"])
    compared = maps(traces) | {name for name in traces if name.startswith("edge")}
    for name, measure, values in expected(at, panels):
        if name in traces:
            told = f"{name}, {measure}, at {at}"
            np.testing.assert_allclose(numbers(traces[name][measure]), values, atol=SHAKEN, err_msg=told)
            compared.add(name)
    assert compared == traces.keys()
    return at


def read(scope, panels=(), controls=None, whole=True, **position):
    read_explorer(scope, CLIFF, assert_plots_walks, panels, controls, whole, position)
