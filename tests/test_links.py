"""Figure and controls stand at one place, whoever moved which: Python, a page's reader, or both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets import Checkbox, Dropdown
from rnn_gradients import explore_clipping, save_page
from rnn_gradients.explorers import EXPLORERS
from traitlets import TraitError

from .browser import menu, open_notebook, run_all
from .readers.clipping import assert_plots_the_engine, control


def ends(explorer, name):
    """Return both ends of what joins a control: (widget, trait), the control's first."""
    control = explorer.controls[name]
    if name in ("play", "frame"):
        return [(control, "value"), (explorer.figure, "reveal_frame")]
    return [(control, "value" if isinstance(control, Checkbox) else "index"), (explorer.figure, name)]


def allowed(explorer, name):
    """Return a strategy for all that one of the two ends can be."""
    control = explorer.controls[name]
    if isinstance(control, Checkbox):
        return st.booleans()
    if hasattr(control, "options"):
        return st.integers(0, len(control.options) - 1)
    return st.integers(control.min, control.max)


@pytest.fixture(scope="module", params=EXPLORERS, ids=lambda explore: explore.__name__)
def explorer(request):
    return request.param()


@given(data=st.data())
def test_what_python_sets_moves_both_ends(explorer, data):
    for _ in range(5):
        name = data.draw(st.sampled_from(list(explorer.controls)))
        both, value = ends(explorer, name), data.draw(allowed(explorer, name))
        setattr(*data.draw(st.sampled_from(both)), value)
        assert [getattr(*end) for end in both] == [value, value]
        for other in explorer.controls:
            here, there = (getattr(*end) for end in ends(explorer, other))
            assert here == there


def test_what_a_coordinate_sets_moves_the_figure():
    explorer = explore_clipping()
    explorer.controls["error"].value = 100.0
    assert explorer.figure.position["error"] == 100.0


def test_what_one_end_refuses_stays_as_it_was_on_both():
    explorer = explore_clipping(activation="relu")
    assert isinstance(explorer.controls["activation"], Dropdown)
    with pytest.raises(TraitError, match="activation"):
        explorer.controls["activation"].index = None
    assert explorer.figure.position["activation"] == "relu" and explorer.controls["activation"].index == 2


def test_what_the_browser_has_moved_is_not_answered():
    """It moves the other end itself, and says so next; an answer would undo what the hand did meanwhile."""
    explorer = explore_clipping()
    explorer.controls["length"].set_state({"index": 3})
    assert explorer.figure.position["length"] == 60
    explorer.figure.set_state({"length": 3})
    assert explorer.controls["length"].index == explorer.figure.length == 3


@pytest.mark.parametrize("first", [0, 1], ids=["controls", "figure"])
def test_a_page_opens_where_python_left_it(open_page, tmp_path, first):
    explorer = explore_clipping()
    moved = {
        "eigenvalue": -1.1,
        "activation": "linear",
        "length": 1,
        "clip_hidden": False,
        "clip_output": True,
        "clip_joint": True,
        "threshold": 0.01,
        "loss_at": "every",
        "units": "ordinary",
        "error": 100.0,
    }
    for number, (name, index) in enumerate(explorer.figure.indices(moved).items(), first):
        setattr(*ends(explorer, name)[number % 2], index)
    save_page(explorer, tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    assert assert_plots_the_engine(page) == moved


def test_jupyterlab_shows_what_python_sets_and_what_the_hand_does(open_page, lab):
    cells = [
        "from rnn_gradients import explore_clipping\ne = explore_clipping()\ne.figure.length = 0\ne",
        "e.figure.eigenvalue = 0\ne.controls['activation'].index = 0",
        "print(e.figure.position['eigenvalue'], e.controls['eigenvalue'].index, e.figure.eigenvalue)",
    ]
    page = open_page()
    open_notebook(page, lab.url(lab.write(*cells)))
    run_all(page)
    page.get_by_text("-6.0 0 0").wait_for()
    assert control(page, "eigenvalue").get_attribute("aria-valuetext") == "−6"
    shown = assert_plots_the_engine(page)
    assert (shown["length"], shown["eigenvalue"], shown["activation"]) == (1, -6, "sigmoid")
    for _ in range(20):
        control(page, "eigenvalue").press("ArrowRight")
    page.locator(".jp-Cell").last.click()
    menu(page, "Run", "Run Selected Cell")
    page.get_by_text("-4.0 20 20").wait_for()
    assert assert_plots_the_engine(page)["eigenvalue"] == -4
