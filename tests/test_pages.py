"""One file that is alive: opened from a folder, with no kernel and no other file, every control moved."""

import base64
import gzip
import itertools
import json
import random
import re

import ipywidgets
import pytest
from ipywidgets.embed import dependency_state
from rnn_gradients import explore_clipping, explore_training, save_page
from rnn_gradients.explorers import EXPLORERS
from rnn_gradients.explorers.clipping import PRESETS
from rnn_gradients.pages.page import script

from .browser import plotted, two_frames
from .readers import assert_accessible, readers
from .readers.clipping import assert_plots_the_engine, control


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for explore in EXPLORERS:
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


@pytest.mark.parametrize("name", readers())
def test_each_control_moves_the_figure(visit, name):
    readers()[name](visit(name))


def test_a_preset_moves_the_figure(visit):
    page = visit("explore_clipping")
    page.get_by_role("button", name="Clip both jointly", exact=True).click()
    assert assert_plots_the_engine(page) == PRESETS["Clip both jointly"]


def test_a_thumb_moves_a_slider_by_one_step(visit):
    """Where there is no mouse: on a phone a step of the eigenvalue's slider is about a pixel wide."""
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = visit("explore_clipping", "#eigenvalue=2", **phone)
    more = page.get_by_role("button", name="Eigenvalue of W: one step more")
    less = page.get_by_role("button", name="Eigenvalue of W: one step less")
    for button, eigenvalue in [(more, 2.1), (less, 2.0), (less, 1.9)]:
        button.tap()
        assert assert_plots_the_engine(page)["eigenvalue"] == eigenvalue
    top = control(page, "eigenvalue")
    top.press("End")
    more.tap()
    assert top.get_attribute("aria-valuetext") == page.locator(".told").first.inner_text() == "6"


def test_who_has_a_mouse_has_no_buttons_for_thumbs(visit):
    page = visit("explore_clipping")
    assert page.locator(".step").count() and not page.locator(".step:visible").count()


def test_what_is_overruled_is_struck_through(visit):
    page = visit("explore_clipping")
    boxes = [page.locator("label", has_text=f"Clip {layer} gradients") for layer in ("hidden", "output")]
    for is_joint in (True, False):
        control(page, "clip_joint").press("Space")
        two_frames(page)
        for box in boxes:
            assert ("lookup-overruled" in (box.get_attribute("class") or "")) == is_joint
            assert bool(box.get_attribute("title")) == is_joint


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
    assert backward() == 0  # the beginning
    page.get_by_role("slider", name="Play through time", exact=True).press("End")
    two_frames(page)
    assert backward() == 60


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


FOLLOWED = """() => {
  const plot = document.querySelector(".lookup-plot");
  return plot.querySelector(".main-svg").width.baseVal.value === plot.clientWidth;
}"""
"""A figure is as wide as its place: it follows a frame later."""


def test_titles_and_legends_keep_clear_of_each_other(visit):
    page = visit("explore_clipping", viewport={"width": 400, "height": 800})
    for width in (400, 600, 800, 880, 960, 1010, 1240):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(FOLLOWED)
        two_frames(page)
        assert_words_keep_clear(page, width)


def assert_words_keep_clear(page, width):
    texts = page.locator("text:is([class*=title], .annotation-text, [class^=legend])").evaluate_all(
        """texts => texts.map(text => [text.textContent, text.getBoundingClientRect()])
             .map(([words, {left, right, top, bottom}]) => ({words, left, right, top, bottom}))"""
    )
    assert len(texts) > 15
    for one, other in itertools.combinations(texts, 2):
        across = min(one["right"], other["right"]) - max(one["left"], other["left"])
        down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
        assert across <= 0 or down <= 3, (width, one["words"], other["words"])  # lines have room of their own


def test_without_scripts_the_page_says_what_it_needs(folder, open_page):
    page = open_page(java_script_enabled=False)
    page.goto((folder / "explore_clipping.html").as_uri())
    assert "browser of 2024 or later, with JavaScript" in page.locator("main").inner_text()


@pytest.mark.parametrize("box", [ipywidgets.Tab, ipywidgets.Accordion])
def test_a_widget_that_would_be_dead_is_refused(tmp_path, box):
    with pytest.raises(ValueError, match=f"widget has a {box.__name__}; allowed: VBox"):
        save_page(box([explore_clipping()]), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    "widget, path, title, error, message",
    [
        (3, "page.html", "", ValueError, "widget is 3; allowed: an explorer"),
        (None, None, "", TypeError, "path is None; allowed: a string"),
        (None, b"page.html", "", TypeError, "path is b'page.html'; allowed: a string"),
        (None, "there/page.html", "", ValueError, "path is .*; allowed: a file, in a folder that is there"),
        (None, ".", "", ValueError, "path is .*; allowed: a file, in a folder that is there"),
        (None, "page.html", 3, TypeError, "title is 3; allowed: a string"),
        (
            ipywidgets.FloatProgress(float("nan")),
            "page.html",
            "",
            ValueError,
            "widget .*NaN.*; allowed: finite",
        ),
        *[
            (None, "page.html", bad, ValueError, r"^title is .*; allowed: text, without NUL")
            for bad in ["\ud800", "a\udfffb", "a\0b"]
        ],
        *[
            (None, bad, "", ValueError, r"^path is .*; allowed: a file, in a folder that is there")
            for bad in ["\ud800", "a\0b", "a" * 300, "a/" * 3000, "", "page.html/more", "/dev/null"]
        ],
        *[
            (kind(), "page.html", "", ValueError, f"widget has a {kind.__name__}; allowed: VBox")
            for kind in [ipywidgets.Widget, ipywidgets.Layout, ipywidgets.DOMWidget, ipywidgets.IntText]
        ],
    ],
)
def test_what_can_not_be_written_is_refused_and_leaves_the_old_page(
    tmp_path, monkeypatch, widget, path, title, error, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text("old")
    with pytest.raises(error, match=message):
        save_page(ipywidgets.VBox() if widget is None else widget, path, title)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def close_all(explorer):
    explorer.close()
    return explorer


def close_part(part):
    def close(explorer):
        part(explorer).close()
        return explorer

    return close


@pytest.mark.parametrize(
    "closed, message",
    [
        (close_all, "widget is a closed Explorer"),
        (
            lambda explorer: close_part(lambda box: box.children[0])(ipywidgets.VBox([explorer])),
            "widget has a closed Explorer",
        ),
        (close_part(lambda explorer: explorer.figure), "widget has a closed LookupFigure"),
        (close_part(lambda explorer: explorer.figure._table), "widget has a closed Shared"),
        (close_part(lambda explorer: explorer.controls["length"]), "widget has a closed SelectionSlider"),
        (close_part(lambda explorer: explorer.controls["length"].style), "widget has a closed SliderStyle"),
        (close_part(lambda explorer: explorer.children[-1]), "widget has a closed ShareBar"),
    ],
    ids=lambda value: str(value).removeprefix("widget ") if isinstance(value, str) else "",
)
def test_what_is_closed_is_named_and_nothing_written(tmp_path, closed, message):
    with pytest.raises(ValueError, match=f"^{message}; allowed: one that is open"):
        save_page(closed(explore_training()), tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


# --- damaged on its way -------------------------------------------------------------------------------------

DAMAGED = (
    "This page is damaged: a part of it is missing, or has changed on its way. Download it again, or ask"
)
WAITING = "The figure appears here once the whole page has arrived."
OUTCOME = """() => {
  const failure = document.querySelector(".lookup-failure");
  return failure ? failure.textContent : document.querySelector(".main-svg") && "drawn";
}"""


def cut(whole, at):
    return whole[:at]


def change(whole, at):
    other = random.Random(at).choice([byte for byte in range(256) if byte != whole[at]])
    return whole[:at] + bytes([other]) + whole[at + 1 :]


def test_a_page_that_is_damaged_anywhere_is_right_or_says_so(open_page, folder, tmp_path):
    whole = (folder / "explore_training.html").read_bytes()
    page = open_page()
    open_page.forgive("console: ")  # of the error, for who looks there
    page.goto((folder / "explore_training.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()

    def shown():
        return plotted(page), page.locator(".lookup-caption, .told, .lookup-share").all_text_contents()

    right = shown()
    said = whole.index(b"</script>")  # before, there is nothing yet to say anything with
    start, end = whole.index(b'id="page">'), whole.rindex(b"</script>")
    content = start + len('id="page">') + 14  # after gzip's own header: when and where it was packed
    any_of = random.Random(0).sample
    spots = [
        *any_of(range(said, start), 12),
        *range(start, start + 40, 10),
        *any_of(range(start, end), 10),
        *range(end - 4, len(whole), 9),
    ]
    outcomes = []
    for harm, at in itertools.product((cut, change), spots):
        (tmp_path / "page.html").write_bytes(harm(whole, at))
        page.goto((tmp_path / "page.html").as_uri())
        outcomes.append(page.wait_for_function(OUTCOME).json_value())
        if outcomes[-1] == "drawn":
            two_frames(page)
            assert shown() == right, (harm, at)
        else:
            assert outcomes[-1].startswith(DAMAGED), (harm, at)
            assert page.get_by_role("alert").first.is_visible()
        assert at < content or at >= end or outcomes[-1] != "drawn", (harm, at)
    assert min(outcomes.count("drawn"), outcomes.count(outcomes[0])) > 5


def unpack(html):
    start = html.index('id="page">') + len('id="page">')
    end = html.index("</script>", start)
    page = json.loads(gzip.decompress(base64.b64decode(html[start:end])))

    def pack(page):
        packed = base64.b64encode(gzip.compress(json.dumps(page).encode())).decode()
        return html[:start] + packed + html[end:]

    return page, pack


@pytest.mark.parametrize("kept", ["nothing", "no places", "no figure", "no link's end", "no part of it"])
def test_a_page_that_does_not_fit_together_says_so(open_page, folder, tmp_path, kept):
    """However it came to be: each part of it is whole."""
    page, pack = unpack((folder / "explore_training.html").read_text())
    kinds = {model["model_name"]: id for id, model in page["state"].items()}
    links = [model["state"] for model in page["state"].values() if model["model_name"] == "LinkModel"]
    match kept:
        case "nothing":
            page["state"] = {}
        case "no places":
            page["places"] = {}
        case "no figure":
            del page["state"][page["places"]["widget"]]
        case "no link's end":
            del page["state"][links[0]["source"][0].removeprefix("IPY_MODEL_")]
        case "no part of it":
            del page["state"][kinds["LayoutModel"]]
    (tmp_path / "page.html").write_text(pack(page))
    there = open_page()
    open_page.forgive("console: ")
    there.goto((tmp_path / "page.html").as_uri())
    there.get_by_text(re.compile("damaged: a part of it is missing|can't be drawn: it is damaged")).wait_for()
    assert not there.get_by_text(WAITING).count()
    assert "undefined" not in there.locator("main").inner_text()


def test_a_place_without_its_model_is_refused():
    with pytest.raises(ValueError, match=r"^places\['a'\] is 'b'; allowed: the id of a model in state"):
        script({}, {"a": "b"})


def test_where_its_first_script_is_damaged_the_page_says_nothing_false(open_page, folder, tmp_path):
    whole = (folder / "explore_training.html").read_bytes()
    start, end = (whole.index(mark) for mark in (b"<script>", b"</script>"))
    page = open_page()
    open_page.forgive("")
    for at in range(start, end, (end - start) // 20):
        (tmp_path / "page.html").write_bytes(change(whole, at))
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_function(f"!document.querySelector('.waiting') || {WAITING!r}")
        main = page.locator("main").inner_text()
        assert WAITING in main or "damaged" in main or "Sequence length" in main


@pytest.mark.parametrize("missing", ["DecompressionStream", "Array.prototype.toSorted"])
def test_an_old_browser_is_told_that_it_is_old(open_page, folder, missing):
    page = open_page(fresh=True)
    page.add_init_script(f"delete window.{missing}")
    page.goto((folder / "explore_training.html").as_uri())
    page.get_by_role("alert").get_by_text("This browser is too old").wait_for()


HARMS = {
    "half": lambda data: cut(data, len(data) // 2),
    "changed": lambda data: change(data, len(data) // 2),
    "nothing": lambda data: b"",
    "half, and packed again": lambda data: gzip.compress(gzip.decompress(data)[::2]),
}
PARTS = ["js", "dots.values", "sentence.values", "sentence.categories"]
HARMED = [(part, harm) for part in PARTS for harm in HARMS if "packed" not in harm or "values" in part]


@pytest.mark.parametrize("part, harm", HARMED)
def test_each_part_of_a_figure_is_whole_or_missed(open_page, tmp_path, monkeypatch, part, harm):
    """As it reaches any page: of a notebook's export, say, which has no first script of ours."""

    def damaged_state(*arguments, **options):
        state = dependency_state(*arguments, **options)
        buffers = [each for model in state.values() for each in model.get("buffers", [])]
        (buffer,) = [each for each in buffers if ".".join(each["path"]) == f"content.{part}"]
        buffer["data"] = base64.b64encode(HARMS[harm](base64.b64decode(buffer["data"]))).decode()
        return state

    monkeypatch.setattr("rnn_gradients.pages.page.dependency_state", damaged_state)
    save_page(explore_training(), tmp_path / "page.html")
    page = open_page()
    open_page.forgive("A part of its data is missing, or has changed on its way.")
    page.goto((tmp_path / "page.html").as_uri())
    page.get_by_role("alert").get_by_text(
        "A part of its data is missing, or has changed on its way."
    ).wait_for()
    assert page.locator(".main-svg").count() == 0
