"""The panels of columns that all explorers of trained networks have."""

import numpy as np

from . import numbers


def assert_columns(traces, runs):
    for name, variable, how in (
        ("error, median", "error", "median"),
        ("hidden layer", "hidden", "median"),
        ("output layer, largest", "output", "max"),
    ):
        if name in traces:
            expected = getattr(runs[variable], how)("seed").values.ravel()
            np.testing.assert_allclose(numbers(traces[name]["y"]), expected, atol=0.011, err_msg=name)
    if "error, each network" in traces:
        assert len(numbers(traces["error, each network"]["y"])) == runs["error"].size
