"""The explorer of finished runs: what is plotted is what is stored."""

import numpy as np
from rnn_gradients.explorers.finished_runs import FINISHED_RUNS
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.results import load_results

from ..browser import plotted
from . import positions_read
from .columns import assert_columns

EXPLORABLE = FINISHED_RUNS


def read(scope, panels=(), controls=None, whole=True, **start):
    """What is plotted are the stored runs of each length and threshold."""
    runs, seen = load_results()["temporal-order"], 0
    for at in positions_read(scope, FINISHED_RUNS, controls, start, whole):
        here, traces = runs.sel(at), plotted(scope)
        for rule, name in RULE_NAMES.items():
            rate = runs.solved.sel(clip=rule, threshold=at["threshold"]).mean("seed")
            np.testing.assert_allclose(traces[name]["y"], rate, atol=1e-6)
            solved = int(here.solved.sel(clip=rule).sum())
            assert f" {solved} ({name})" in scope.locator(".lookup-caption").text_content()
        np.testing.assert_allclose(traces["each network"]["y"], here.test_accuracy.values.ravel(), atol=1e-6)
        assert set(traces["now"]["x"]) == {at["length"]}
        assert_columns(traces, here)
        seen += 1
    assert seen >= (3 if whole else 2)
