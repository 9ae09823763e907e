"""The explorers of finished runs, in a page without a kernel: what is plotted is what is stored."""

import nbformat
import numpy as np
import pytest
import scipy.stats
from rnn_gradients import explore_forecasts, explore_training
from rnn_gradients.explorers.finished_runs import wilson

from .browser import export
from .readers import readers

SOURCE = "from rnn_gradients import explore_{}\nexplore_{}()"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A page for each explorer, exported; {name: address}."""
    folder, pages = tmp_path_factory.mktemp("pages"), {}
    for name in ("training", "forecasts"):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE.replace("{}", name))])
        pages[name] = export(notebook, folder / f"{name}.html")
    return pages


@pytest.fixture
def opened(open_page, pages):
    def open_explorer(name):
        page = open_page(packages=True)
        open_page.forgive("ERR_FILE_NOT_FOUND file:")  # the widget manager looks beside the page first
        page.goto(pages[name])
        page.locator(".lookup-plot:has(.main-svg)").wait_for()
        return page

    return open_explorer


@pytest.mark.parametrize("name", ["training", "forecasts"])
def test_what_is_plotted_is_what_is_stored(opened, name):
    readers()[f"explore_{name}"](opened(name))


@pytest.mark.parametrize("trials", [1, 5, 20])
def test_wilson_is_that_of_scipy(trials):
    successes = np.arange(trials + 1)
    low, high = wilson(successes, trials)
    for k in successes:
        expected = scipy.stats.binomtest(int(k), trials).proportion_ci(method="wilson")
        assert (low[k], high[k]) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize(
    "explore, bad",
    [
        (explore_training, {"length": 21}),
        (explore_training, {"threshold": 2.0}),
        (explore_forecasts, {"case": "cubed error"}),
        (explore_forecasts, {"clip": "all"}),
    ],
)
def test_bad_positions_are_named(explore, bad):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))} is .*allowed"):
        explore(**bad)
