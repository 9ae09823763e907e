"""A panel in three dimensions, the loss as a surface: turned by hand, keys, buttons and addresses."""

import numpy as np
import pytest
from playwright.sync_api import expect
from rnn_gradients import explore_cliff, save_page
from rnn_gradients.explorers.cliff.cameras import BUTTONS, CAMERAS
from rnn_gradients.explorers.layout import WIDTHS, arrange

from .browser import arrive, plotted, two_frames
from .readers import play_to_the_end
from .readers.cliff import CAMERA, assert_seen_from

PANELS = "far", "surface"
WALKS = {"not clipped, far": "walk, not clipped", "clipped by norm, far": "walk, clipped by norm"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("surface") / "cliff.html"
    save_page(explore_cliff(*PANELS, controls=["camera", "play"]), file)
    return file.as_uri()


@pytest.fixture
def visit(open_page, address):
    def open_at(position="", script=None, **options):
        page = open_page(fresh=bool(script), **options)
        if script:
            page.add_init_script(script)
        page.goto(address + position)
        arrive(page.locator(".lookup-plot"))
        two_frames(page)
        return page

    return open_at


def eye(page):
    two_frames(page)
    return [*page.locator(".lookup-plot").evaluate(CAMERA)["eye"].values()]


def drawn(page, trace):
    return sum(y is not None for y in plotted(page)[trace]["y"])


def test_it_is_turned_by_hand_by_keys_and_by_buttons_and_what_waits_for_play_still_waits(visit):
    page = visit(viewport={"width": 1280, "height": 400})
    plot, turn = page.locator(".lookup-plot"), page.get_by_role("slider", name="Turn", exact=True)
    assert_seen_from(plot, "-135")
    before = eye(page)
    box = page.locator(".lookup-plot canvas").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, 50)  # goes on down the page
    page.wait_for_function("scrollY > 0")
    assert eye(page) == before
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    dragged = eye(page)
    assert np.linalg.norm(np.subtract(dragged, before)) > 0.2
    assert dragged[2] == pytest.approx(before[2], abs=1e-3)  # about the upright axis, as a turntable
    page.get_by_role("slider", name="Play through time", exact=True).press("Home")
    assert eye(page) == pytest.approx(dragged)  # stays as the reader has turned it
    turn.press("ArrowRight")
    two_frames(page)
    assert_seen_from(plot, "-120")
    expect(turn).to_have_attribute("aria-valuetext", "−120°")
    for label, name in BUTTONS.items():
        page.get_by_role("button", name=label).click()
        two_frames(page)
        assert_seen_from(plot, name)
        assert all(drawn(page, name) == 0 for names in WALKS.items() for name in names)
    page.wait_for_function("location.hash.includes('cliff.camera=-105')")
    page.reload()
    arrive(plot)
    two_frames(page)
    assert_seen_from(plot, "-105")


def test_play_draws_as_much_of_each_walk_on_the_surface_as_on_the_map(visit):
    page = visit("#cliff.camera=60")
    assert_seen_from(page.locator(".lookup-plot"), "60")
    play_to_the_end(page)
    two_frames(page)
    assert {drawn(page, name) for names in WALKS.items() for name in names} == {61}
    page.get_by_role("slider", name="Play through time", exact=True).press("PageDown")
    two_frames(page)
    counts = {drawn(page, name) for names in WALKS.items() for name in names}
    assert len(counts) == 1 and 0 < counts.pop() < 61


def test_a_finger_turns_it(visit):
    page = visit(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    canvas = page.locator(".lookup-plot canvas").last
    canvas.scroll_into_view_if_needed()
    box, before = canvas.bounding_box(), eye(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page).send
    touch("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 5):
        here = [{"x": x + 10 * step, "y": y}]
        touch("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": here})
        two_frames(page)
    touch("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert np.linalg.norm(np.subtract(eye(page), before)) > 0.2


NO_WEBGL = """{
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
    return /webgl/.test(kind) ? null : getContext.call(this, kind, ...options);
  };
}"""


def test_without_webgl_the_map_stands_and_the_surface_says_why_it_does_not(visit):
    page = visit(script=NO_WEBGL)
    said = page.get_by_text("WebGL is not supported")
    assert said.bounding_box()["x"] >= page.locator(".lookup-plot").bounding_box()["width"] / 2
    play_to_the_end(page)
    two_frames(page)
    assert drawn(page, "clipped by norm, far") == 61
    ground = said.evaluate(
        "each => [each, each.parentElement, each.parentElement.parentElement]"
        ".map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert {*ground} == {"rgba(0, 0, 0, 0)"}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_scene_stands_beside_or_below_the_map_and_within_the_figure(width):
    panels = [explore_cliff.explorable._panel(name) for name in PANELS]
    layout = arrange(panels, width)
    scene = layout["scene2"]["domain"]
    flat = {"x": layout["xaxis"]["domain"], "y": layout["yaxis"]["domain"]}
    assert "xaxis2" not in layout and all(0 <= low < high <= 1 for low, high in scene.values())
    assert scene["x"][0] >= flat["x"][1] or scene["y"][1] < flat["y"][0]
    assert (scene["x"][1] - scene["x"][0]) * width >= 290


def test_where_it_is_not_turned_it_is_seen_from_one_side():
    figure = explore_cliff("surface", controls=["play"], camera="60").figure
    assert figure.coordinates["camera"].tolist() == ["60"] and figure._plan["presets"] == {}
    assert figure._plan["cameras"][0]["eye"] == CAMERAS["60"]["eye"]
    turned = explore_cliff("surface", camera="60")
    assert turned.figure.position["camera"] == turned.controls["camera"].value == "60"
    assert "camera" not in explore_cliff("far").figure.coordinates


@pytest.mark.parametrize(
    ("panels", "options", "message"),
    [
        (["surface"], {"camera": "below"}, "camera is 'below'; allowed: 'above', '-180'"),
        (["surface"], {"camera": 60}, "camera is 60; allowed: 'above'"),
        (["surface"], {"camera": None}, "camera is None; allowed: 'above'"),
        (["surface"], {"camera": True}, "camera is True; allowed: "),
        (["far"], {"camera": "60"}, "camera is '60'; allowed: '-135', for no panel chosen shows another"),
        (["far"], {"controls": ["camera"]}, "control is 'camera'; allowed: threshold, rate, play"),
    ],
)
def test_a_camera_that_is_none_is_refused(panels, options, message):
    with pytest.raises(ValueError, match=message):
        explore_cliff(*panels, **options)
