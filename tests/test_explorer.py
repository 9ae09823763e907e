"""The clipping explorer as its reader meets it: in JupyterLab, by keys and mouse, against the engine."""

import pytest
from rnn_gradients import explore_clipping
from rnn_gradients.explorers.clipping import PRESETS, START
from rnn_gradients.explorers.clipping.panels import FRAMES

from .browser import menu, open_notebook, plotted, two_frames
from .reader import assert_plots_the_engine, control

NOTEBOOK = "01-should-you-clip-the-output-layer.ipynb"


@pytest.fixture
def explorer(open_page, lab):
    """Notebook 01 in JupyterLab, all its cells run."""
    page = open_page()
    open_notebook(page, lab.url(NOTEBOOK))
    run_all(page)
    return page


def run_all(page, figures=1):
    menu(page, "Run", "Run All Cells")
    page.locator(".lookup-plot:has(.main-svg)").nth(figures - 1).wait_for(state="attached", timeout=60_000)
    page.locator(".lookup-presets").first.scroll_into_view_if_needed()


def test_each_control_moves_the_figure_by_key(explorer):
    page = explorer
    position = assert_plots_the_engine(page)
    assert position == START
    for name, keys in {
        "eigenvalue": ["ArrowRight"] * 3,
        "activation": ["ArrowUp"],
        "length": ["ArrowLeft"] * 2,
        "clip_output": ["Space"],
        "clip_hidden": ["Space"],
        "threshold": ["ArrowLeft", "ArrowLeft"],
        "clip_joint": ["Space"],
        "loss_at": ["ArrowDown"],
        "units": ["ArrowDown"],
        "error": ["ArrowDown"],
    }.items():
        for key in keys:
            control(page, name).press(key)
        moved = assert_plots_the_engine(page)
        assert {k for k in moved if moved[k] != position[k]} == {name}
        position = moved
    for activation in ("ArrowDown", "ArrowDown", "ArrowDown"):
        control(page, "activation").press(activation)
        assert_plots_the_engine(page)
    control(page, "eigenvalue").press("Home")
    assert assert_plots_the_engine(page)["eigenvalue"] == -6


def test_the_eigenvalue_follows_the_mouse(explorer):
    page = explorer
    box = control(page, "eigenvalue").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    seen = []
    for distance in (-20, -60, -100):
        page.mouse.move(box["x"] + distance, box["y"] + 5, steps=4)
        seen.append(assert_plots_the_engine(page)["eigenvalue"])
    page.mouse.up()
    assert 2 > seen[0] > seen[1] > seen[2]


def test_play_runs_the_waves(explorer):
    page = explorer
    page.get_by_role("slider", name="Speed", exact=True).press("Home")
    page.get_by_role("button", name="Play through time: play or pause").click()
    shares = []
    for _ in range(400):
        traces = plotted(page)
        forward, backward = (
            [value is not None for value in traces[name]["y"]] for name in ("forward |h|", "backward |dL/dh|")
        )
        shares.append((sum(forward), sum(backward)))
        if 0 < sum(backward) < 60:
            assert sum(forward) == 60  # the forward pass comes first
            assert backward[:60] == sorted(backward[:60])  # from the last step to the first
        elif 0 < sum(forward) < 60:
            assert forward == sorted(forward, reverse=True)
        if len(set(shares)) > 3 and shares[-1] == (60, 60):
            break
        page.wait_for_timeout(20)
    assert len(set(shares)) > 5
    assert_plots_the_engine(page)


@pytest.mark.parametrize("label", PRESETS)
def test_a_preset_is_its_position(label):
    assert explore_clipping(**PRESETS[label]).figure.position == PRESETS[label]


def test_what_left_the_picture_comes_back(explorer):
    page = explorer
    hidden = page.locator('.lookup-plot .point[display="none"]')
    assert hidden.count() == 0
    for label in ("ReLU", "Sigmoid vanishes", "Start"):
        page.get_by_role("button", name=label, exact=True).click()
        two_frames(page)
        triangles = [name for name, trace in plotted(page).items() if "beyond" in name and trace["y"][:-1]]
        assert bool(triangles) == (label != "Start")
    assert hidden.count() == 0


def test_stop_and_presets_show_all_of_the_waves(explorer):
    page = explorer
    play, stop = (
        page.get_by_role("button", name=f"Play through time: {what}") for what in ("play or pause", "stop")
    )
    play.click()
    page.wait_for_timeout(300)
    stop.click()
    assert_plots_the_engine(page)
    play.click()
    page.wait_for_timeout(300)
    play.click()
    page.get_by_role("button", name="Tanh near zero", exact=True).click()
    assert assert_plots_the_engine(page) == PRESETS["Tanh near zero"]


def test_presets_move_the_controls(explorer):
    page = explorer
    for label in PRESETS:
        page.get_by_role("button", name=label, exact=True).click()
        assert assert_plots_the_engine(page) == PRESETS[label]
        assert page.locator('.lookup-presets [aria-pressed="true"]').all_text_contents() == [label]


def test_reveal_reaches_the_end_at_every_speed():
    speeds = explore_clipping().controls["speed"]
    assert all(FRAMES % speed == 0 for speed in range(speeds.min, speeds.max + 1))
