"""Figures are drawn when the reader comes near them, and their places are kept until then."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import pytest
import xarray as xr
from rnn_gradients import explore_powers, save_page
from rnn_gradients.lookup import LookupFigure, ShareBar

from .browser import two_frames

COUNT, HEIGHT, SCREEN = 12, 500, 800


def numbered(number):
    """One figure of two positions, which say so."""
    figure = go.Figure(go.Scatter(name="line"), {"height": HEIGHT, "title": {"text": "?"}})
    case = xr.DataArray([0.0, 1.0], dims="case", coords={"case": ["first", "second"]})
    point = xr.DataArray(np.arange(3.0), dims="point")
    data = xr.Dataset({"y": case + point, "words": "case", "title": case["case"] + f" of {number}"})
    data["words"] = data.title
    show = {("line", "y"): "y", ("layout", "title.text"): "title"}
    presets = {each: {"case": each} for each in case["case"].values.tolist()}
    return LookupFigure(figure, data, show, along={"line": "point"}, caption=["words"], presets=presets)


@pytest.fixture
def many(tmp_path, open_page):
    """A page of many figures, of which the window shows the first two."""
    figures = [numbered(number) for number in range(COUNT)]
    shares = [ShareBar(each, "f", {}, prefix=f"{number}.") for number, each in enumerate(figures)]
    groups = [ipywidgets.VBox(group) for group in zip(figures, shares, strict=True)]
    save_page(ipywidgets.VBox(groups), tmp_path / "page.html")

    def visit(hash=""):
        page = open_page(viewport={"width": 900, "height": SCREEN})
        page.goto((tmp_path / "page.html").as_uri() + hash)
        page.locator(".lookup-plot:has(.main-svg)").first.wait_for()
        two_frames(page)
        return page

    return visit


def drawn(page):
    """The numbers of the figures that are drawn."""
    return page.locator(".lookup-plot").evaluate_all(
        "plots => plots.flatMap((plot, i) => (plot.querySelector('.main-svg') ? [i] : []))"
    )


def title(page, number):
    return page.locator(".lookup-plot").nth(number).locator(".gtitle").text_content()


def test_only_what_is_near_is_drawn_and_each_has_its_place(many):
    page = many()
    assert drawn(page) == list(range(len(drawn(page)))) and 2 <= len(drawn(page)) <= 4
    places = page.locator(".lookup-plot").evaluate_all("plots => plots.map(plot => plot.offsetTop)")
    for number in range(COUNT):
        figure = page.locator(".lookup-figure").nth(number)
        assert figure.locator(".lookup-caption").text_content() == f"first of {number}"
        assert figure.get_by_role("img", name=f"first of {number}").count() == 1
        assert figure.locator(".lookup-plot").bounding_box()["height"] == HEIGHT
    page.locator(".lookup-plot").nth(COUNT - 1).scroll_into_view_if_needed()
    page.locator(".lookup-plot").nth(COUNT - 1).locator(".main-svg").first.wait_for()
    two_frames(page)
    assert 4 <= len(drawn(page)) <= 8  # those at the end, but not those between
    assert page.locator(".lookup-plot").evaluate_all("plots => plots.map(plot => plot.offsetTop)") == places


def test_scrolling_draws_the_next(many):
    page = many()
    for number in range(COUNT):
        page.locator(".lookup-plot").nth(number).scroll_into_view_if_needed()
        page.locator(".lookup-plot").nth(number).locator(".main-svg").first.wait_for()
    assert drawn(page) == list(range(COUNT))


def test_what_changes_out_of_sight_is_shown_on_arrival(many):
    page = many()
    page.locator(".lookup-plot").nth(COUNT - 1).scroll_into_view_if_needed()
    page.locator(".lookup-plot").nth(COUNT - 1).locator(".main-svg").first.wait_for()
    for number in (0, 5):  # drawn already, and not yet
        button = page.locator(".lookup-figure").nth(number).get_by_role("button", name="second")
        button.evaluate("button => button.click()")  # as the hand does, but without going there
        two_frames(page)
        assert button.get_attribute("aria-pressed") == "true"
        figure = page.locator(".lookup-figure").nth(number)
        assert figure.locator(".lookup-caption").text_content() == f"second of {number}"
    assert title(page, 0) == "first of 0" and 5 not in drawn(page)
    for number in (0, 5):
        page.locator(".lookup-plot").nth(number).scroll_into_view_if_needed()
        page.locator(".lookup-plot").nth(number).get_by_text(f"second of {number}", exact=True).wait_for()


def test_an_address_opens_what_it_names(many):
    page = many("#9.case=second")
    page.locator(".lookup-plot").nth(9).get_by_text("second of 9", exact=True).wait_for()
    two_frames(page)
    place = page.locator(".lookup-figure").nth(9).bounding_box()
    assert 0 <= place["y"] < SCREEN and 5 not in drawn(page)


def test_all_is_printed(many):
    page = many()
    page.locator(".lookup-figure").nth(8).get_by_role("button", name="second").evaluate("b => b.click()")
    page.pdf()
    assert drawn(page) == list(range(COUNT)) and title(page, 8) == "second of 8"


@pytest.mark.parametrize("width", [450, 1200])
def test_a_move_in_the_frame_in_which_the_width_changes_draws_at_the_new_width(many, width):
    page = many()
    figure = page.locator(".lookup-figure").first
    second = figure.get_by_role("button", name="second")
    second.evaluate(f"each => (document.documentElement.style.width = '{width}px', each.click())")
    figure.get_by_text("second of 0", exact=True).last.wait_for()
    two_frames(page)
    widths = figure.evaluate("each => [each, each.querySelector('.main-svg')].map(each => each.clientWidth)")
    assert widths[0] == widths[1]


def test_what_waits_for_play_is_printed_whole(open_page, tmp_path):
    save_page(explore_powers("flips", controls=["play"]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    count = "document.querySelector('.lookup-plot').data[0].y.filter(Number.isFinite).length"
    page.evaluate(f"addEventListener('afterprint', () => (window.printed = {count}))")
    assert page.evaluate(count) == 0
    page.pdf()
    assert page.evaluate("printed") == 31
    two_frames(page)
    assert page.evaluate(count) == 0
