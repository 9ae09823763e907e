"""What is shown, handed on: addresses that open there, good, bad and hostile ones, and code."""

import ipywidgets
import pytest
from playwright.sync_api import expect
from rnn_gradients import explore_clipping, explore_training, save_page
from rnn_gradients.explorers import PRESETS, START

from .browser import open_notebook, two_frames
from .reader import assert_plots_the_engine, control, explorers, shown_position
from .test_explorer import run_all

SOURCE = "from rnn_gradients import explore_clipping; explore_clipping()"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("share") / "page.html"
    save_page(ipywidgets.VBox([explore_clipping(), explore_training()]), file)
    return file.as_uri()


@pytest.fixture
def visit(open_page, address):
    def visit_one(hash):
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        page.goto(address + hash)
        page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
        page.wait_for_timeout(100)
        return page

    return visit_one


def explorer(page, nth=0):
    return explorers(page).nth(nth)


def note(page):
    return page.locator(".lookup-share [role=status]").first.text_content()


def test_an_address_opens_at_its_position(visit):
    page = visit("#activation=sigmoid&eigenvalue=4.5&length=60&clip_hidden=0&threshold=1.0")
    expected = {
        "activation": "sigmoid",
        "eigenvalue": 4.5,
        "length": 60,
        "clip_hidden": False,
        "threshold": 1,
    }
    assert assert_plots_the_engine(explorer(page)) == START | expected
    assert note(page) == ""


def test_the_address_follows_the_sliders_and_the_link_leads_back(visit):
    page = visit("")
    assert "#" not in page.url
    control(explorer(page), "eigenvalue").press("ArrowRight")
    control(explorer(page), "clip_output").press("Space")
    page.wait_for_function("location.hash.includes('eigenvalue=2.1')")
    page.get_by_role("button", name="Joint clipping", exact=True).click()
    explorer(page, 1).get_by_role("slider", name="Clip threshold").press("Home")
    page.get_by_role("button", name="Copy link").first.click()
    page.get_by_text("Copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
    page.wait_for_timeout(100)
    assert assert_plots_the_engine(explorer(page)) == PRESETS["Joint clipping"]
    other = explorer(page, 1).get_by_role("slider", name="Clip threshold")
    assert other.get_attribute("aria-valuetext") == "0.1" and note(page) == ""


def test_an_address_that_changes_moves_the_figure(visit):
    page = visit("")
    page.evaluate("location.hash = 'eigenvalue=-1.1&activation=relu'")
    page.wait_for_timeout(100)
    position = assert_plots_the_engine(explorer(page))
    assert (position["eigenvalue"], position["activation"]) == (-1.1, "relu")
    page.go_back()
    page.wait_for_timeout(100)
    assert assert_plots_the_engine(explorer(page)) == START and "#" not in page.url


@pytest.mark.parametrize(
    "hash, told",
    [
        ("#eigenvalue=2.05", "eigenvalue=2.05"),
        ("#activation=softmax&units=", "activation=softmax, units="),
        ("#eigenvalue=NaN&length=-0", "eigenvalue=NaN, length=-0"),
        ("#clip_hidden=true&clip_output=2", "clip_hidden=true, clip_output=2"),
        ("#speed=9&__proto__=1", "speed, __proto__"),
        ("#%E0%A4%A&&&===", "Not in this figure"),
        ("#eigenvalue=<script>window.hacked=1</script>", "eigenvalue=<script>window.hacked=1</script>"),
        ("#<img src=x onerror=window.hacked=1>=1", "<img src"),
        ("#" + "a=1&" * 25_000, "all beyond its first 4000 letters"),
    ],
    ids=lambda value: value[:24],
)
def test_what_is_not_there_is_left_out_and_named(visit, hash, told):
    page = visit(hash)
    two_frames(page)
    assert shown_position(explorer(page)) == START
    assert told in note(page) and len(note(page)) < 160
    expect(page.locator(".lookup-share [role=status]").first).to_be_in_viewport()
    assert page.evaluate("window.hacked") is None and page.locator(".lookup-share *").count() == 4


def test_what_is_there_counts_beside_what_is_not(visit):
    page = visit("#activation=sigmoid&eigenvalue=99&length=20")
    position = assert_plots_the_engine(explorer(page))
    assert (position["activation"], position["eigenvalue"], position["length"]) == ("sigmoid", 2.0, 20)
    assert "eigenvalue=99" in note(page)


def test_the_note_goes_when_the_reader_moves_on(visit):
    page = visit("#speed=9")
    assert "speed" in note(page)
    control(explorer(page), "eigenvalue").press("ArrowRight")
    two_frames(page)
    assert note(page) == ""


def test_two_of_a_kind_have_keys_of_their_own(open_page, tmp_path):
    both = [explore_clipping(), explore_clipping(eigenvalue=4.5, activation="sigmoid")]
    save_page(ipywidgets.HBox([ipywidgets.VBox(both)]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
    control(explorer(page), "eigenvalue").press("End")
    control(explorer(page, 1), "eigenvalue").press("Home")
    page.wait_for_function("location.hash.includes('2.eigenvalue=-6')")
    page.evaluate("void (navigator.clipboard.writeText = async (text) => { window.copied = text })")
    page.get_by_role("button", name="Copy link").first.click()
    page.goto("about:blank#" + page.evaluate("copied").partition("#")[2])
    assert "&eigenvalue=6&" in page.url and "2.eigenvalue=-6" in page.url


@pytest.mark.parametrize("fault", ["void (history.replaceState = () => { throw Error() })", "0"])
def test_the_link_is_whole_however_little_the_browser_allows(visit, fault):
    page = visit("")
    page.evaluate(fault)
    page.evaluate("void (navigator.clipboard.writeText = async () => { throw new Error('not allowed') })")
    page.evaluate("void (document.execCommand = () => ((window.copied = getSelection().toString()), true))")
    control(explorer(page), "eigenvalue").press("End")
    button = page.get_by_role("button", name="Copy link").first
    button.focus()
    button.press("Enter")
    page.get_by_text("Copied.").wait_for()
    assert "&eigenvalue=6&" in page.evaluate("copied") and button.evaluate(
        "b => b === document.activeElement"
    )


def test_in_jupyterlab_the_code_is_copied(open_page, lab):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    open_notebook(page, lab.url(lab.write(SOURCE)))
    run_all(page)
    control(page, "eigenvalue").press("ArrowRight")
    control(page, "clip_output").press("Space")
    control(page, "activation").select_option(label="ReLU")
    two_frames(page)
    page.get_by_role("button", name="Copy as code").click()
    page.get_by_text("Copied.").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    arguments = code.removeprefix("explore_clipping(").removesuffix(")").split(", ")
    assert sorted(arguments) == ["activation='relu'", "clip_output=True", "eigenvalue=2.1"]
    assert "#" not in page.url
