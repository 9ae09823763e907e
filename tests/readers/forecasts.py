"""The explorer of forecasts: what is plotted is what is stored."""

import numpy as np
from rnn_gradients.explorers.forecasts import FORECASTS
from rnn_gradients.results import load_results

from ..browser import plotted
from . import positions_read
from .columns import assert_columns

EXPLORABLE = FORECASTS


def read(scope, panels=(), controls=None, whole=True, **start):
    """What is plotted are the stored forecasts of each case and rule."""
    runs, seen = load_results()["sunspots"], 0
    for at in positions_read(scope, FORECASTS, controls, start, whole):
        traces, here = plotted(scope), runs.sel(case=at["case"])
        if "observed" in traces:
            np.testing.assert_allclose(traces["observed"]["y"], here.observed, atol=0.06)
            forecast = here.forecast.sel(clip=at["clip"])
            for trace, how in (
                ("median forecast", "median"),
                ("lowest forecast", "min"),
                ("all networks", "max"),
            ):
                np.testing.assert_allclose(traces[trace]["y"], getattr(forecast, how)("seed"), atol=0.06)
        errors = np.abs(here.forecast - here.observed).median("month").values.ravel()
        np.testing.assert_allclose(traces["each network"]["y"], errors, rtol=1e-5)
        assert_columns(traces, here)
        seen += 1
    assert seen >= (5 if whole else 2)
