"""The explorer goes on living: kernel busy or gone, twice on a page, narrow, dark, exported."""

import itertools

import nbformat
import pytest
from rnn_gradients.explorers.clipping import PRESETS, START

from .browser import export, menu, open_notebook, plotted, two_frames
from .conftest import ROOT
from .reader import assert_plots_the_engine, control, explorers, read_clipping
from .test_explorer import NOTEBOOK, explorer, run_all  # noqa: F401

EXPLORE = "from rnn_gradients import explore_clipping; explore_clipping()"


def status(page, word):
    return page.locator("#jp-main-statusbar").get_by_text(word)


def test_it_moves_while_the_kernel_is_busy(open_page, lab):
    page = open_page()
    open_notebook(page, lab.url(lab.write(EXPLORE, "import time; time.sleep(60)")))
    run_all(page)
    status(page, "Busy").wait_for()
    for _ in range(3):
        control(page, "eigenvalue").press("ArrowRight")
    control(page, "clip_output").press("Space")
    assert assert_plots_the_engine(page)["eigenvalue"] == 2.3
    page.get_by_role("button", name="Joint clipping", exact=True).click()
    assert assert_plots_the_engine(page) == PRESETS["Joint clipping"]
    assert status(page, "Busy").is_visible()


def test_two_explorers_move_apart(open_page, lab):
    page = open_page()
    open_notebook(page, lab.url(lab.write(EXPLORE, "explore_clipping(eigenvalue=0.5)")))
    run_all(page, figures=2)
    both = explorers(page)
    assert both.count() == 2
    control(both.nth(1), "eigenvalue").press("ArrowLeft")
    assert assert_plots_the_engine(both.nth(1))["eigenvalue"] == 0.4
    assert assert_plots_the_engine(both.nth(0))["eigenvalue"] == START["eigenvalue"]


def test_a_cell_run_again_leaves_one_figure(explorer):  # noqa: F811
    page = explorer
    nodes = page.evaluate("document.querySelectorAll('*').length")
    for _ in range(3):
        page.locator(".lookup-plot").evaluate("plot => plot.dataset.old = true")
        menu(page, "Run", "Run All Cells")
        page.locator(".lookup-plot:not([data-old]):has(.main-svg)").wait_for()
    assert page.locator(".lookup-plot").count() == 1
    control(page, "eigenvalue").press("ArrowRight")
    assert assert_plots_the_engine(page)["eigenvalue"] == 2.1
    assert page.evaluate("document.querySelectorAll('*').length") < 1.2 * nodes


def test_it_outlives_a_restart_of_the_kernel(explorer, open_page):  # noqa: F811
    page = explorer
    menu(page, "Kernel", "Restart Kernel…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.locator(".jupyter-widgets-disconnected").first.wait_for(state="attached")
    open_page.forgive("Comm not found")  # JupyterLab's word on any widget whose kernel has gone
    control(page, "eigenvalue").press("ArrowRight")
    assert assert_plots_the_engine(page)["eigenvalue"] == 2.1


def test_it_is_there_when_the_page_opens_again(explorer):  # noqa: F811
    page = explorer
    control(page, "eigenvalue").press("ArrowRight")
    assert_plots_the_engine(page)
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1000)
    page.reload()
    page.locator(".lookup-plot:has(.main-svg)").wait_for(timeout=60_000)
    assert assert_plots_the_engine(page)["eigenvalue"] == 2.1


def test_little_goes_over_the_wire(open_page, lab):
    page, received = open_page(), []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    open_notebook(page, lab.url(lab.write(EXPLORE, "explore_clipping()")))
    menu(page, "Run", "Run Selected Cell")
    page.locator(".lookup-plot:has(.main-svg)").wait_for(timeout=60_000)
    first = sum(received)
    menu(page, "Run", "Run Selected Cell")
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for(state="attached")
    page.wait_for_timeout(1000)
    assert 1_000_000 < first <= 3_000_000
    assert sum(received) - first < 150_000  # controls, but neither table nor plotly.js


def test_all_of_it_fits_a_laptop_screen(explorer):  # noqa: F811
    page = explorer
    panel = page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    assert explorers(page).bounding_box()["height"] <= panel["height"]


def test_narrow_panels_stack(explorer):  # noqa: F811
    page = explorer
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_timeout(300)
    two_frames(page)
    plot = page.locator(".lookup-plot")
    spans = plot.evaluate(
        """plot => Array.from(plot.querySelectorAll(".nsewdrag"), panel => panel.getBoundingClientRect())
             .map(({ top, bottom }) => [top, bottom]).sort((a, b) => a[0] - b[0])"""
    )
    assert len(spans) == 5
    assert all(above[1] < below[0] for above, below in itertools.pairwise(spans))
    width = plot.evaluate("plot => [plot.querySelector('.main-svg').clientWidth, plot.clientWidth]")
    assert width[0] <= width[1]


def contrast(page):
    """Contrast of the figure's text against the page, by WCAG 2.2's formula."""
    return page.locator(".lookup-plot").evaluate(
        """plot => {
          const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ink = light(getComputedStyle(plot.querySelector('.xtick text')).fill);
          const paper = light(getComputedStyle(plot.closest('.jp-Notebook')).backgroundColor);
          return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        }"""
    )


def test_light_and_dark_both_read(explorer):  # noqa: F811
    page = explorer
    assert contrast(page) > 7
    menu(page, "Settings")
    page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu-itemLabel").get_by_text("JupyterLab Dark", exact=True).click()
    page.locator('body[data-jp-theme-light="false"]').wait_for(state="attached")
    page.wait_for_timeout(500)
    assert contrast(page) > 7


def test_less_motion_for_who_asks_for_it(open_exported):
    page = open_exported(reduced_motion="reduce")
    page.locator(".lookup-plot .main-svg").first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Play through time: play or pause").click()
    seen = set()
    for _ in range(150):
        seen.add(sum(value is not None for value in plotted(page)["backward |dL/dh|"]["y"]))
        page.wait_for_timeout(10)
    assert 2 <= len(seen) <= 4  # stills, and more than one


def test_a_failure_is_told_where_the_reader_looks(open_exported, open_page):
    page = open_exported("delete window.DecompressionStream")
    page.locator(".lookup-failure").wait_for(timeout=60_000)
    assert "DecompressionStream" in page.get_by_role("alert").text_content()
    open_page.forgive("DecompressionStream")


@pytest.fixture(scope="session")
def exported_page(tmp_path_factory):
    """Notebook 01, run and exported with its widgets; no kernel is left."""
    notebook = nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4)
    return export(notebook, tmp_path_factory.mktemp("exported") / "page.html", template_name="lab")


@pytest.fixture
def open_exported(open_page, exported_page):
    """Return a function that opens the exported page."""

    def open_it(script="", **options):
        page = open_page(packages=True, **options)
        page.add_init_script(script)
        page.goto(exported_page)
        return page

    open_page.forgive("ERR_FILE_NOT_FOUND file:")  # the widget manager looks beside the page first
    return open_it


def test_an_exported_page_lives_without_a_kernel(open_exported):
    page = open_exported()
    page.locator(".lookup-plot .main-svg").first.wait_for(timeout=60_000)
    read_clipping(page)
    page.get_by_role("button", name="Outlier", exact=True).click()
    assert assert_plots_the_engine(page) == PRESETS["Outlier"]
