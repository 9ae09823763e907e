"""One file that is alive: opened from a folder, with no kernel and no other file, every control moved."""

import itertools

import ipywidgets
import pytest
from rnn_gradients import explore_clipping, explore_forecasts, explore_training, save_page
from rnn_gradients.explorers.clipping import PRESETS

from .browser import plotted, two_frames
from .reader import (
    assert_accessible,
    assert_plots_the_engine,
    control,
    read_clipping,
    read_forecasts,
    read_training,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for explore in (explore_clipping, explore_training, explore_forecasts):
        save_page(explore(), folder / f"{explore.__name__}.html", title="<b>A & B</b>")
    return folder


@pytest.fixture
def visit(open_page, folder):
    def visit_one(name, hash="", **options):
        page = open_page(**options)
        page.goto((folder / f"{name}.html").as_uri() + hash)
        page.locator(".lookup-plot:has(.main-svg)").wait_for()
        return page

    return visit_one


def test_a_page_is_one_small_file(folder):
    for page in folder.iterdir():
        assert page.stat().st_size <= 4_000_000
        text = page.read_text()
        assert "<title>&lt;b&gt;A &amp; B&lt;/b&gt;</title>" in text and "//cdn" not in text


def test_each_control_moves_the_figure(visit):
    page = visit("explore_clipping")
    read_clipping(page)
    page.get_by_role("button", name="Joint clipping", exact=True).click()
    assert assert_plots_the_engine(page) == PRESETS["Joint clipping"]


def test_play_runs_and_stops(visit):
    page = visit("explore_clipping")

    def backward():
        return sum(value is not None for value in plotted(page)["backward |dL/dh|"]["y"])

    assert backward() == 60
    page.get_by_role("button", name="Play through time: play or pause").click()
    page.wait_for_function("document.querySelector('.lookup-plot').data[3].y.some(Number.isNaN)")
    page.get_by_role("button", name="Play through time: play or pause").click()
    two_frames(page)
    held = backward()
    page.wait_for_timeout(200)
    assert backward() == held < 60
    page.get_by_role("button", name="Play through time: stop").click()
    two_frames(page)
    assert backward() == 60


def test_finished_runs_are_alive_too(visit):
    read_training(visit("explore_training"))
    read_forecasts(visit("explore_forecasts"))


def test_an_address_opens_the_file_at_its_position(visit):
    page = visit("explore_clipping", "#eigenvalue=4.5&activation=sigmoid")
    page.wait_for_timeout(100)
    position = assert_plots_the_engine(page)
    assert (position["eigenvalue"], position["activation"]) == (4.5, "sigmoid")


def test_the_figure_is_told_in_words_once_it_rests(visit):
    page = visit("explore_clipping")
    caption, said = page.locator(".lookup-caption"), page.locator(".lookup-figure [role=status]")
    page.evaluate(
        """() => {
          window.heard = [];
          const tell = (changes) => heard.push(...changes.map(({target}) => target.textContent));
          for (const live of document.querySelectorAll("output, [role=status], [role=alert], [aria-live]"))
            new MutationObserver(tell).observe(live, {childList: true, characterData: true, subtree: true});
        }"""
    )
    page.wait_for_timeout(1200)
    assert said.text_content() == "" and page.evaluate("heard") == []  # not while the page opens
    for _ in range(12):
        control(page, "eigenvalue").press("PageDown")
    page.wait_for_function("document.querySelector('.lookup-figure [role=status]').textContent")
    page.wait_for_timeout(1200)
    assert said.text_content() == caption.text_content()
    heard = page.evaluate("heard")
    assert heard[-1] == caption.text_content()
    assert len(heard) <= 3  # of twelve steps, on however slow a machine
    assert page.get_by_role("img", name=caption.text_content(), exact=True).is_visible()


def test_axe_finds_no_serious_fault(visit):
    assert_accessible(visit("explore_clipping", reduced_motion="reduce"))


@pytest.mark.parametrize(
    "options", [{"color_scheme": "dark"}, {"viewport": {"width": 400, "height": 800}}], ids=str
)
def test_nothing_is_cut_off(visit, options):
    page = visit("explore_clipping", **options)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert_plots_the_engine(page)


def test_on_a_phone_the_slider_and_what_it_moves_are_seen_together(visit):
    page = visit("explore_clipping", viewport={"width": 400, "height": 800})
    above = control(page, "eigenvalue").bounding_box()
    panel = page.locator(".nsewdrag").first.bounding_box()
    assert panel["y"] + panel["height"] - above["y"] < 800


@pytest.mark.parametrize("width", [400, 600, 800, 880, 960, 1010, 1240])
def test_titles_and_legends_keep_clear_of_each_other(visit, width):
    page = visit("explore_clipping", viewport={"width": width, "height": 800})
    texts = page.locator("text:is([class*=title], .annotation-text, [class^=legend])").evaluate_all(
        """texts => texts.map(text => [text.textContent, text.getBoundingClientRect()])
             .map(([words, {left, right, top, bottom}]) => ({words, left, right, top, bottom}))"""
    )
    assert len(texts) > 15
    for one, other in itertools.combinations(texts, 2):
        across = min(one["right"], other["right"]) - max(one["left"], other["left"])
        down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
        assert across <= 0 or down <= 3, (one["words"], other["words"])  # lines have room of their own


def test_without_scripts_the_page_says_what_it_needs(folder, open_page):
    page = open_page(java_script_enabled=False)
    page.goto((folder / "explore_clipping.html").as_uri())
    assert "browser of 2024 or later, with JavaScript" in page.locator("main").inner_text()


@pytest.mark.parametrize("box", [ipywidgets.Tab, ipywidgets.Accordion])
def test_a_widget_that_would_be_dead_is_refused(tmp_path, box):
    with pytest.raises(ValueError, match=f"widget has a {box.__name__}; allowed: VBox"):
        save_page(box([explore_clipping()]), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_what_is_no_widget_is_refused(tmp_path):
    with pytest.raises(ValueError, match="widget is 3; allowed"):
        save_page(3, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
