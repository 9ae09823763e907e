"""The clipping explorer as its reader meets it: in JupyterLab, by keys and mouse, against the engine."""

import pytest
from rnn_gradients import explore_clipping
from rnn_gradients.explorers.clipping import PRESETS, START

from .browser import frames_played, plotted, two_frames
from .readers.clipping import assert_plots_the_engine, control


def test_each_control_moves_the_figure_by_key(explorer):
    position = assert_plots_the_engine(explorer)
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
            control(explorer, name).press(key)
        moved = assert_plots_the_engine(explorer)
        assert {k for k in moved if moved[k] != position[k]} == {name}
        position = moved
    for activation in ("ArrowDown", "ArrowDown", "ArrowDown"):
        control(explorer, "activation").press(activation)
        assert_plots_the_engine(explorer)
    control(explorer, "eigenvalue").press("Home")
    assert assert_plots_the_engine(explorer)["eigenvalue"] == -6


def test_the_eigenvalue_follows_the_mouse(explorer):
    handle, mouse = control(explorer, "eigenvalue"), explorer.page.mouse
    handle.hover()  # once it rests
    box = handle.bounding_box()
    mouse.down()
    seen = []
    for distance in (-20, -60, -100):
        mouse.move(box["x"] + distance, box["y"] + 5, steps=4)
        seen.append(assert_plots_the_engine(explorer)["eigenvalue"])
    mouse.up()
    assert 2 > seen[0] > seen[1] > seen[2]


def test_play_runs_the_waves(explorer):
    frames = frames_played(explorer, "forward |h|", "backward |dL/dh|")
    for forward, backward in frames:
        if 0 < sum(backward) < 60:
            assert sum(forward) == 60  # the forward pass comes first
            assert backward[:60] == sorted(backward[:60])  # from the last step to the first
        elif 0 < sum(forward) < 60:
            assert forward == sorted(forward, reverse=True)
    assert len({tuple(map(sum, frame)) for frame in frames}) > 5
    assert_plots_the_engine(explorer)


@pytest.mark.parametrize("label", PRESETS)
def test_a_preset_is_its_position(label):
    assert explore_clipping(**PRESETS[label]).figure.position == PRESETS[label]


def test_what_left_the_picture_comes_back(explorer):
    hidden = explorer.locator('.lookup-plot .point[display="none"]')
    assert hidden.count() == 0
    for label in ("ReLU", "Sigmoid vanishes", "Start"):
        explorer.get_by_role("button", name=label, exact=True).click()
        two_frames(explorer)
        traces = plotted(explorer)
        triangles = [name for name in traces if "beyond" in name and traces[name]["y"][:-1]]
        assert bool(triangles) == (label != "Start")
    assert hidden.count() == 0


def wait_until_part_is_drawn(explorer):
    explorer.page.wait_for_function(
        "plot => plot.data.find(({name}) => name === 'backward |dL/dh|').y.some(Number.isNaN)",
        arg=explorer.locator(".lookup-plot").element_handle(),
    )


def drawn(explorer):
    """Points that are drawn of the wave back."""
    two_frames(explorer)
    return sum(value is not None for value in plotted(explorer)["backward |dL/dh|"]["y"])


def test_stop_goes_to_the_beginning_and_presets_show_all(explorer):
    button = "Play through time: "
    play, stop = (explorer.get_by_role("button", name=button + what) for what in ("play or pause", "stop"))
    play.click()
    wait_until_part_is_drawn(explorer)
    stop.click()
    assert drawn(explorer) == 0
    play.click()
    wait_until_part_is_drawn(explorer)
    play.click()
    explorer.get_by_role("button", name="Tanh near zero", exact=True).click()
    assert assert_plots_the_engine(explorer) == PRESETS["Tanh near zero"]


def test_presets_move_the_controls(explorer):
    for label in PRESETS:
        explorer.get_by_role("button", name=label, exact=True).click()
        assert assert_plots_the_engine(explorer) == PRESETS[label]
        assert explorer.locator('.lookup-presets [aria-pressed="true"]').all_text_contents() == [label]


def test_the_wave_is_dragged_back_and_forth(explorer):
    scrubber = explorer.get_by_role("slider", name="Play through time", exact=True)
    assert drawn(explorer) == 60
    for _ in range(3):
        scrubber.press("PageDown")
    some = drawn(explorer)
    assert 0 < some < 60
    for _ in range(4):
        scrubber.press("ArrowLeft")
    assert drawn(explorer) < some
    scrubber.press("Home")
    assert drawn(explorer) == 0
    scrubber.press("End")
    assert_plots_the_engine(explorer)
