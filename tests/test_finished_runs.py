"""The explorers of finished runs, in a page without a kernel: what is plotted is what is stored."""

import nbformat
import numpy as np
import pytest
import scipy.stats
from rnn_gradients import explore_forecasts, explore_training
from rnn_gradients.explorers.training import wilson
from rnn_gradients.figures import RULE_NAMES
from rnn_gradients.results import load_results

from .browser import export, plotted, two_frames

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


def numbers(values):
    return [value for value in values if value is not None]


def assert_columns(traces, runs):
    for name, variable, how in (
        ("error, median", "error", "median"),
        ("hidden layer", "hidden", "median"),
        ("output layer, largest", "output", "max"),
    ):
        expected = getattr(runs[variable], how)("seed").values.ravel()
        np.testing.assert_allclose(numbers(traces[name]["y"]), expected, atol=0.011, err_msg=name)
    assert len(numbers(traces["error, each network"]["y"])) == runs["error"].size


def test_success_by_length_and_threshold(opened):
    page, runs = opened("training"), load_results()["temporal-order"]
    length, threshold = (page.get_by_role("slider", name=n) for n in ("Sequence length", "Clip threshold"))
    for slider, key in (
        (length, "ArrowRight"),
        (threshold, "ArrowLeft"),
        (length, "Home"),
        (threshold, "End"),
    ):
        slider.press(key)
        two_frames(page)
        at = {"length": int(length.get_attribute("aria-valuetext"))}
        at["threshold"] = float(threshold.get_attribute("aria-valuetext"))
        here, traces = runs.sel(at), plotted(page)
        for rule, name in RULE_NAMES.items():
            rate = runs.solved.sel(clip=rule, threshold=at["threshold"]).mean("seed")
            np.testing.assert_allclose(traces[name]["y"], rate, atol=1e-6)
            solved = int(here.solved.sel(clip=rule).sum())
            assert f" {solved} ({name})" in page.locator(".lookup-caption").text_content()
        np.testing.assert_allclose(traces["each network"]["y"], here.test_accuracy.values.ravel(), atol=1e-6)
        assert set(traces["now"]["x"]) == {at["length"]}
        assert_columns(traces, here)
    assert (at["length"], at["threshold"]) == (runs.length[0], runs.threshold[-1])


def test_forecasts_by_case_and_rule(opened):
    page, runs = opened("forecasts"), load_results()["sunspots"]
    case, clip = (
        page.get_by_role("combobox", name=n) for n in ("Loss and data", "Forecasts of networks clipped")
    )
    for number, (name, rule) in enumerate(zip(runs["case"].values, runs["clip"].values, strict=False)):
        case.select_option(index=number)
        clip.select_option(index=number)
        two_frames(page)
        traces, here = plotted(page), runs.sel(case=name)
        np.testing.assert_allclose(traces["observed"]["y"], here.observed, atol=0.06)
        forecast = here.forecast.sel(clip=rule)
        for trace, how in (
            ("median forecast", "median"),
            ("lowest forecast", "min"),
            ("all networks", "max"),
        ):
            np.testing.assert_allclose(traces[trace]["y"], getattr(forecast, how)("seed"), atol=0.06)
        errors = np.abs(here.forecast - here.observed).median("month").values.ravel()
        np.testing.assert_allclose(10 ** np.array(traces["each network"]["y"]), errors, rtol=1e-5)
        assert_columns(traces, here)


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
