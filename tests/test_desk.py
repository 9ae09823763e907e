"""The training desk: by its methods, and in JupyterLab by real presses."""

import re
import subprocess
import sys
import threading
import time

import ipywidgets
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from rnn_gradients import save_page
from rnn_gradients.desk import CONTROLS, STEPS, _recording
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.results import load_results
from rnn_gradients.training import TASKS, curves, train, train_live

from .browser import export, menu, open_notebook, plotted, run_all
from .readers.desk import RECORDING, assert_plays

OPEN = "from rnn_gradients.training import train_live\ndesk = train_live()\ndesk"
COUNT = """
import threading
print("threads:", sum(thread.name.startswith("training") for thread in threading.enumerate()))
"""


def trainers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("training")]


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.01)


@pytest.fixture
def desk():
    desk = train_live()
    yield desk
    desk.close()
    assert not trainers()


def drawn(desk):
    return np.isfinite(desk.figure.data["networks"]).any().item()


def test_train_draws_and_stop_keeps_what_was_trained(desk):
    assert not drawn(desk)
    desk.train()
    wait_for(lambda: drawn(desk))
    desk.stop()
    assert not trainers() and 0 < desk.run.done < STEPS
    data = desk.run.dataset()
    assert data.sizes["step"] == desk.run.done and dict(data.loss.sizes)["clip"] == 5
    assert desk.status.value.startswith("Stopped") and not desk.controls["train"].disabled
    assert desk.progress.value == desk.run.done / STEPS  # the last update is drawn


def test_train_pressed_twice_trains_once(desk):
    desk.train()
    run = desk.run
    desk.train()
    assert desk.run is run and len(trainers()) == 1
    desk.stop()
    desk.stop()


def test_a_control_changed_in_training_counts_for_the_next(desk):
    desk.train()
    desk.controls["length"].value = 30
    wait_for(lambda: drawn(desk))
    assert "length 20" in desk.figure.data["sentence"].item()
    desk.stop()
    desk.train()
    wait_for(lambda: "length 30" in desk.figure.data["sentence"].item())


def test_one_desk_trains_at_a_time(desk):
    desk.train()
    other = train_live(seeds=1)  # the cell run again
    assert not trainers()
    desk.train()
    other.train()
    wait_for(lambda: drawn(other))
    assert len(trainers()) == 1 and desk.status.value.startswith("Stopped")
    other.close()
    assert not trainers()


def test_a_closed_desk_trains_no_more():
    desk = train_live(seeds=1)
    desk.close()
    desk.train()
    assert not trainers() and desk.run is None


def test_stop_may_come_from_the_training_itself(desk):
    desk.progress.observe(lambda change: desk.stop(), "value")
    desk.train()
    wait_for(lambda: not trainers())
    assert desk.status.value.startswith("Stopped")


def test_python_may_end_while_a_desk_trains():
    code = "from rnn_gradients.training import train_live; import time; train_live().train(); time.sleep(0.5)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_many_presses_from_many_threads(desk):
    presses = [desk.train, desk.stop] * 10
    threads = [threading.Thread(target=press) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    desk.stop()
    assert not trainers() and not desk.controls["train"].disabled and desk.controls["stop"].disabled
    assert desk.status.value.startswith("Stopped")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_every_task_trains(desk, task, cell):
    desk.controls["task"].value, desk.controls["cell"].value, desk.controls["seeds"].value = task, cell, 1
    desk.train()
    wait_for(lambda: drawn(desk))
    assert task in desk.figure.data["sentence"].item()


def test_a_stop_that_comes_too_late_leaves_the_last_words(desk, monkeypatch):
    work, ended = desk._work, threading.Event()
    monkeypatch.setattr(desk, "_work", lambda *arguments: (work(*arguments), ended.wait(30)))
    desk.train()
    wait_for(lambda: drawn(desk))
    desk._stopping.set()
    wait_for(lambda: desk.status.value.startswith("Stopped"))
    threading.Timer(0.1, ended.set).start()
    desk.stop()
    assert desk.status.value.startswith("Stopped")


def test_a_failure_is_told_at_the_desk(desk, monkeypatch):
    def fail(*_):
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("rnn_gradients.training.runs.Run.advance", fail)
    desk.train()
    wait_for(lambda: not trainers())
    assert desk.status.value == "Failed: the sky fell" and not desk.controls["train"].disabled


@pytest.mark.parametrize(
    "bad",
    [{"task": "chess"}, {"eigenvalue": 0.96}, {"length": True}, {"seeds": 0}, {"threshold": "1"}],
    ids=str,
)
def test_bad_settings_are_named(bad):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))} is .*allowed"):
        train_live(**bad)


def medians(page):
    return [y for y in plotted(page)["error, median"]["y"] if y is not None]


def output(page):
    return page.locator(".jp-OutputArea-output", has_text="threads:").last


def status(page, words):
    return page.locator(".training-status", has_text=words)


CELLS = {
    "open": OPEN,
    "count": COUNT,
    "last": "import time; time.sleep(60)",
    "die": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}


def run(page, cell):
    """Run one of the cells."""
    page.locator(".jp-Cell .jp-InputArea").nth(list(CELLS).index(cell)).click()
    page.keyboard.press("Control+Enter")


@pytest.fixture(scope="module")
def notebook(shared_pages, running_lab):
    """A page of JupyterLab with these cells."""
    page = shared_pages()
    with running_lab.own_kernels():
        open_notebook(page, running_lab.url(running_lab.write(*CELLS.values())))
        yield page
        page.context.close()


@pytest.fixture
def page(notebook):
    """The same page, and a desk in it that has just been opened."""
    run(notebook, "open")
    status(notebook, "Press Train").wait_for()
    notebook.locator(".training-live .lookup-plot:has(.main-svg)").wait_for()
    return notebook


def test_a_reader_trains_and_stops(page):
    assert not medians(page) and not page.locator(".training-recording").is_visible()
    page.get_by_role("button", name="Train").click()
    caption = page.locator(".training-live .lookup-caption")
    caption.filter(has_text="updates").wait_for()
    page.get_by_role("slider", name="Sequence length").press("ArrowRight")
    before = len(medians(page))
    page.wait_for_function(
        f"document.querySelector('.lookup-plot').data[1].y.filter(Number.isFinite).length > {before}"
    )
    page.get_by_role("button", name="Stop").click()
    status(page, "Stopped:").wait_for()
    done = re.search(r"Stopped: ([\d,]+) of", status(page, "Stopped:").text_content()).group(1)
    caption.filter(has_text=f"after {done} updates").wait_for()  # unpacked beside the status
    kept = medians(page)
    assert len(kept) > before and "length 20" in caption.text_content()
    run(page, "count")
    output(page).get_by_text("threads: 0").wait_for()
    assert medians(page) == kept


def test_the_cell_run_again_and_the_kernel_interrupted(page):
    page.get_by_role("button", name="Train").click()
    page.locator(".training-live .lookup-caption", has_text="updates").wait_for()
    run(page, "last")
    page.locator("#jp-main-statusbar").get_by_text("Busy").wait_for()
    page.get_by_role("button", name="Stop").click()  # answered while a cell runs
    page.get_by_text("Stopped:").wait_for(timeout=5000)
    menu(page, "Kernel", "Interrupt Kernel")
    page.locator("#jp-main-statusbar").get_by_text("Idle").wait_for()
    page.get_by_role("button", name="Train").click()
    status(page, "Stop ends it; interrupting the kernel does not.").wait_for()
    run(page, "open")
    status(page, "Press Train").wait_for()
    run(page, "count")
    output(page).get_by_text("threads: 0").wait_for()


# --- what becomes of the page -------------------------------------------------------------------------------


def restart(page):
    menu(page, "Kernel", "Restart Kernel…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()


def shut_down(page):
    menu(page, "Kernel", "Shut Down Kernel$")


def crash(page):
    run(page, "die")
    page.get_by_role("button", name="Ok").click()  # JupyterLab: it "appears to have died"


@pytest.mark.parametrize("end", [restart, crash, shut_down])
def test_a_desk_whose_kernel_is_gone_says_so(page, shared_pages, end):
    shared_pages.forgive("Comm not found")  # JupyterLab: of what the kernel sent last
    page.get_by_role("button", name="Train").click()
    status(page, "updates").wait_for()
    end(page)
    gone = status(page, "This desk's kernel is gone, and its networks with it: run this cell again.")
    gone.wait_for()
    page.locator("#jp-main-statusbar").get_by_text("Idle" if end is not shut_down else "No Kernel").wait_for()
    assert gone.is_visible() and page.get_by_text("left").count() == 0
    if end is restart:
        run(page, "open")
        status(page, "Press Train").wait_for()
        page.get_by_role("button", name="Train").click()
        status(page, "updates").wait_for()


# --- without a kernel ---------------------------------------------------------------------------------------


def test_the_recording_is_what_training_gives():
    start = {each.name: each.start for each in CONTROLS}
    stored = load_results()["temporal-order"].sel(length=start["length"], threshold=start["threshold"])
    first = int(stored["update"][0])
    anew = curves(train(**start, steps=first), first, 1).isel(update=0)
    for name in ("error", "hidden", "output"):
        recorded = stored[name].isel(update=0).sel(seed=anew["seed"])
        np.testing.assert_allclose(recorded, anew[name], atol=0.02, err_msg=name)


@settings(max_examples=15)
@given(st.fixed_dictionaries({each.name: st.sampled_from(allowed) for each, allowed in CONTROLS.items()}))
def test_a_recording_is_of_the_settings_or_there_is_none(chosen):
    varied = {name: chosen[name] for name in ("length", "threshold", "seeds")}
    there = varied["threshold"] in (0.1, 1.0, 10.0)
    assert (_recording({each.name: each.start for each in CONTROLS} | varied) is not None) == there
    other = {name: value for name, value in chosen.items() if name not in varied}
    if any(other[each.name] != each.start for each in CONTROLS if each.name in other):
        assert _recording(chosen) is None


@settings(max_examples=5)
@given(
    st.sampled_from([10, 20, 60]), st.sampled_from([0.1, 1.0, 10.0]), st.integers(1, 10), st.integers(0, 32)
)
def test_a_frame_of_the_recording_is_what_had_been_trained_by_then(length, threshold, seeds, frame):
    here = {each.name: each.start for each in CONTROLS}
    here |= {"length": length, "threshold": threshold, "seeds": seeds}
    figure = _recording(here)
    runs = load_results()["temporal-order"].sel(length=length, threshold=threshold).isel(seed=slice(seeds))
    past = runs.isel(update=slice(frame + 1))
    shown = figure.data.isel(done=frame)
    for name, expected in (
        ("error_median", past["error"].median("seed")),
        ("hidden_largest", past["hidden"].max("seed")),
        ("networks", past["error"]),
    ):
        found = shown[name].values
        np.testing.assert_allclose(found[np.isfinite(found)], expected.values.ravel(), err_msg=name)
    told = shown["sentence"].item()
    assert told.startswith(f"A recording of temporal-order, tanh, length {length}, threshold {threshold:g}, ")
    assert f"after {int(past['update'][-1]):,} updates" in told
    last = 10 ** past["error"].isel(update=-1).median("seed")
    assert all(f"{float(last.sel(clip=rule)):.2g} ({name})" in told for rule, name in RULE_NAMES.items())


def test_a_page_without_a_kernel_plays_a_recording(open_page, lab, tmp_path):
    notebook = nbformat.read(lab.folder / lab.write(OPEN), 4)
    page = open_page(packages=True)
    open_page.forgive("ERR_FILE_NOT_FOUND file:")  # the widget manager looks beside the page first
    save_page(train_live(), tmp_path / "saved.html")
    for address in (export(notebook, tmp_path / "page.html"), (tmp_path / "saved.html").as_uri()):
        page.goto(address)
        status(page, f"{RECORDING}open this notebook in Jupyter.").wait_for()
        assert_plays(page)
        assert "gone" not in page.locator("body").inner_text()


def test_a_recording_with_less_motion(open_page, tmp_path):
    save_page(train_live(), tmp_path / "saved.html")
    page = open_page(reduced_motion="reduce")
    page.goto((tmp_path / "saved.html").as_uri())
    page.locator(".training-recording .lookup-caption", has_text="after 1,980 updates").wait_for()
    page.evaluate(
        """() => {
          const caption = document.querySelector(".training-recording .lookup-caption");
          window.seen = [];
          new MutationObserver(() => seen.push(caption.textContent)).observe(caption, { childList: true });
        }"""
    )
    page.get_by_role("button", name="Train").click()
    page.wait_for_function("seen.at(-1)?.includes('after 1,980 updates')")
    assert page.evaluate("seen.length") == 5 and "after 60 updates" in page.evaluate("seen[0]")


def test_two_desks_of_a_page_play_apart(open_page, tmp_path):
    one, other = train_live(), train_live(length=50)
    save_page(ipywidgets.VBox([one, other]), tmp_path / "saved.html")
    page = open_page()
    page.goto((tmp_path / "saved.html").as_uri())
    captions = page.locator(".training-recording .lookup-caption")
    captions.nth(1).wait_for()
    page.get_by_role("button", name="Train").nth(1).click()
    expect(captions.nth(1)).not_to_contain_text("after 1,980 updates")  # a slow page skips the first frame
    assert "after 1,980 updates" in captions.first.text_content()


def test_settings_of_which_there_is_no_recording_ask_for_a_kernel(open_page, tmp_path):
    save_page(train_live(threshold=100.0), tmp_path / "saved.html")
    page = open_page()
    page.goto((tmp_path / "saved.html").as_uri())
    status(page, "Training needs a running kernel: open this notebook in Jupyter.").wait_for()
    assert page.get_by_role("button", name="Train").is_disabled()
    assert page.locator(".training-live").is_visible()


def test_what_was_trained_is_shown_and_no_recording(desk, open_page, tmp_path):
    desk.train()
    wait_for(lambda: drawn(desk))
    desk.stop()
    save_page(desk, tmp_path / "saved.html")
    page = open_page()
    page.goto((tmp_path / "saved.html").as_uri())
    page.locator(".training-live .lookup-plot:has(.main-svg)").wait_for()
    assert medians(page) and not page.locator(".training-recording").is_visible()


FIGURE = """
import numpy as np, plotly.graph_objects as go, xarray as xr
from rnn_gradients import explore_clipping
from rnn_gradients.lookup import LookupFigure
from rnn_gradients.training import train_live

def data(factor):
    return xr.Dataset({"y": ("x", factor * np.arange(5.0))}, {"x": np.arange(5.0)})

def figure(factor=1):
    wave = go.Figure(go.Scatter(name="wave"))
    return LookupFigure(wave, data(factor), {("wave", "y"): "y"}, along={"wave": "x"})
"""
MANY = """
made = figure()
display(made)
for factor in range(300): made.show_data(data(factor))
"""
CLOSED = """
import gc
for _ in range(3):
    made = {make}()
    display(made)
    if hasattr(made, "show_data"): made.show_data(data(2))
    made.close()
    del made
    gc.collect()
kept = {make}()
kept
"""
FINISHED = """import time; time.sleep(9)  # longer than a model is given, see PATIENCE in conftest.py"""


def test_whatever_is_shown_and_closed_at_once_the_page_stays_quiet(open_page, lab):
    page, makers = open_page(), ("figure", "explore_clipping", "train_live")
    sources = [MANY, *(CLOSED.replace("{make}", make) for make in makers)]
    open_notebook(page, lab.url(lab.write(FIGURE, *sources, FINISHED, "print('threads: 0')")))
    run_all(page, figures=len(sources))
    output(page).wait_for(timeout=60_000)
    for nth in range(len(sources)):
        plots = page.locator(".jp-Cell").nth(1 + nth).locator(".lookup-plot:visible")
        expect(plots).to_have_count(1)  # none that was closed is left
        plots.scroll_into_view_if_needed()
    page.locator(".lookup-plot").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.lookup-plot').data?.[0].y[1] === 299")
