"""What the explorers of trained networks share: numbers written out, axes with titles, points kept apart."""

import itertools
import re

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from rnn_gradients import explore_forecasts, explore_training, save_page
from rnn_gradients.explorers.finished_runs import FINISHED_RUNS
from rnn_gradients.explorers.rules import written
from rnn_gradients.training import train_live

FIGURES = {each.__name__: each().figure for each in (explore_forecasts, explore_training)}
FIGURES["desk"] = train_live().figure


@given(st.lists(st.floats(-45, 38.5) | st.just(np.nan), min_size=1, max_size=20))
def test_numbers_are_written_as_people_write_them(log10):
    codes = written(xr.DataArray(log10, dims="point"))
    for value, code in zip(log10, codes.values, strict=True):
        word = codes.attrs["categories"][code]
        if np.isnan(value):
            assert word == ""
        elif word.startswith("10") and (power := re.search("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$", word)):
            assert abs(int(power[0].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) - value) < 0.51
        else:
            assert "e" not in word and len(re.sub("[^1-9]", "", word)) <= 2
            assert abs(np.log10(float(word.replace(",", ""))) - value) < 0.03


@pytest.mark.parametrize(
    "log10, word", [(-1.4, "0.04"), (0, "1"), (5.844, "690,000"), (9, "10⁹"), (-7, "10⁻⁷")]
)
def test_such_as(log10, word):
    codes = written(xr.DataArray([log10], dims="point"))
    assert codes.attrs["categories"] == [word]


@pytest.mark.parametrize("name", FIGURES)
def test_each_axis_of_values_has_a_title_and_no_hover_tells_a_logarithm(name):
    spec = FIGURES[name]._figure
    axes = {key: axis for key, axis in spec["layout"].items() if key.startswith("yaxis")}
    assert axes and all(axis["title"]["text"] for axis in axes.values())
    for trace in spec["data"]:
        axis = axes[trace["yaxis"].replace("y", "yaxis")]
        is_logarithm = axis.get("type") != "log" and "tickvals" in axis
        assert not (is_logarithm and "%{y" in trace.get("hovertemplate", "")), trace["name"]


def test_hovering_tells_the_number_beyond_the_axes_too(open_page, tmp_path):
    save_page(explore_forecasts(case="learned spread, outliers"), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    told = page.locator(".lookup-plot").evaluate(
        """plot => Object.fromEntries(plot.data.map(({ name, y, text, hovertemplate }) =>
             [name, [Array.from(y, Number.isFinite), Array.from(text ?? []), hovertemplate]]))"""
    )
    for name in ("hidden layer", "error, median"):
        there, texts, template = told[name]
        assert template == "%{text}"
        for is_there, text in zip(there, texts, strict=True):
            assert not is_there or re.fullmatch(r"update [\d,]+: (\d[\d,.]*|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    there, texts, _ = told["error, median, beyond the axes"]
    assert len(texts) == len(there)


def test_no_two_rules_hide_each_other():
    """At any length, on a phone, their points are three pixels apart at least."""
    panel = FINISHED_RUNS.panels["success"]()
    low, high = panel.x["range"]
    data = panel.data(FINISHED_RUNS.table())
    across = {name: np.log10(values.values) for name, values in data.items() if name.endswith("_x")}
    for one, other in itertools.combinations(across.values(), 2):
        assert np.abs(one[:, None] - other).min() * 230 / (high - low) > 2.9
