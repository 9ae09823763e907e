"""The explorer goes on living: kernel busy or gone, twice on a page, narrow, dark, exported."""

import itertools

import nbformat
import pytest
from rnn_gradients.explorers.clipping import PRESETS, START

from .browser import export, frames_played, menu, open_notebook, run_all
from .conftest import EXPLORE, NOTEBOOK, ROOT
from .readers import explorers, wait_for_figures
from .readers.clipping import assert_plots_the_engine, control, dashboard, read


@pytest.fixture(scope="module")
def two_explorers(shared_pages, running_lab):
    """A page of JupyterLab with two explorers and a cell that lasts; and the bytes each explorer took."""
    page, received, costs = shared_pages(), [], []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    with running_lab.own_kernels():
        cells = (EXPLORE, "explore_clipping(eigenvalue=0.5)", "import time; time.sleep(60)")
        open_notebook(page, running_lab.url(running_lab.write(*cells)))
        for nth in range(2):
            before = sum(received)
            menu(page, "Run", "Run Selected Cell")
            page.locator(".lookup-plot:has(.main-svg)").nth(nth).wait_for(state="attached", timeout=60_000)
            status(page, "Idle").wait_for()
            costs.append(sum(received) - before)
        yield page, costs
        page.context.close()


def status(page, word):
    return page.locator("#jp-main-statusbar").get_by_text(word)


def test_little_goes_over_the_wire(two_explorers):
    _, (first, second) = two_explorers
    assert 1_000_000 < first <= 3_000_000
    assert second < 150_000  # controls, but neither table nor plotly.js


def test_two_explorers_move_apart(two_explorers):
    page, _ = two_explorers
    both = explorers(page)
    assert both.count() == 2
    control(both.nth(1), "eigenvalue").press("ArrowLeft")
    assert assert_plots_the_engine(both.nth(1))["eigenvalue"] == 0.4
    assert assert_plots_the_engine(both.nth(0))["eigenvalue"] == START["eigenvalue"]


def test_it_moves_while_the_kernel_is_busy(two_explorers):
    page, _ = two_explorers
    page.locator(".jp-Cell .jp-InputArea").nth(2).click()
    menu(page, "Run", "Run Selected Cell")
    status(page, "Busy").wait_for()
    explorer = explorers(page).first
    for _ in range(3):
        control(explorer, "eigenvalue").press("ArrowRight")
    control(explorer, "clip_output").press("Space")
    assert assert_plots_the_engine(explorer)["eigenvalue"] == 2.3
    explorer.get_by_role("button", name="Clip both jointly", exact=True).click()
    assert assert_plots_the_engine(explorer) == PRESETS["Clip both jointly"]
    assert status(page, "Busy").is_visible()


def test_a_cell_run_again_leaves_one_figure(explorer):
    page = explorer.page
    nodes = page.evaluate("document.querySelectorAll('*').length")
    for _ in range(3):
        run_all(page)
    assert explorer.locator(".lookup-plot").count() == 1
    control(explorer, "eigenvalue").press("ArrowRight")
    assert assert_plots_the_engine(explorer)["eigenvalue"] == 2.1
    assert page.evaluate("document.querySelectorAll('*').length") < 1.2 * nodes


def test_all_of_it_fits_a_laptop_screen(explorer):
    panel = explorer.page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    assert explorer.bounding_box()["height"] <= panel["height"]


def test_narrow_panels_stack(explorer):
    page, plot = explorer.page, explorer.locator(".lookup-plot")
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_function(  # what is above becomes higher, and so takes it out of sight
        """plot => {
          plot.scrollIntoView();
          return plot.querySelector('.main-svg').clientWidth <= plot.clientWidth;
        }""",
        arg=plot.element_handle(),
        polling=200,
    )
    spans = plot.evaluate(
        """plot => Array.from(plot.querySelectorAll(".nsewdrag"), panel => panel.getBoundingClientRect())
             .map(({ top, bottom }) => [top, bottom]).sort((a, b) => a[0] - b[0])"""
    )
    assert len(spans) == 5
    assert all(above[1] < below[0] for above, below in itertools.pairwise(spans))


CONTRAST = """plot => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ink = light(getComputedStyle(plot.querySelector('.xtick text')).fill);
  const paper = light(getComputedStyle(plot.closest('.jp-Notebook')).backgroundColor);
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}"""
"""Of the figure's text against the page, by WCAG 2.2's formula."""


def test_light_and_dark_both_read(explorer):
    page, plot = explorer.page, explorer.locator(".lookup-plot")
    assert plot.evaluate(CONTRAST) > 7
    for theme, is_light in (("Dark", "false"), ("Light", "true")):  # the second as the other tests know it
        menu(page, "Settings")
        page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
        page.locator(".lm-Menu-itemLabel").get_by_text(f"JupyterLab {theme}", exact=True).click()
        page.locator(f'body[data-jp-theme-light="{is_light}"]').wait_for(state="attached")
        page.wait_for_function(f"plot => ({CONTRAST})(plot) > 7", arg=plot.element_handle())


def test_it_is_there_when_the_page_opens_again(explorer):
    page = explorer.page
    control(explorer, "eigenvalue").press("ArrowRight")
    assert_plots_the_engine(explorer)
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "ipynb" in answer.url):
        page.keyboard.press("Control+s")
    page.reload()
    wait_for_figures(page)
    assert assert_plots_the_engine(dashboard(page))["eigenvalue"] == 2.1


def test_it_outlives_a_restart_of_the_kernel(explorer, shared_pages):
    page = explorer.page
    menu(page, "Kernel", "Restart Kernel…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.locator(".jupyter-widgets-disconnected").first.wait_for(state="attached")
    shared_pages.forgive("Comm not found")  # JupyterLab's word on any widget whose kernel has gone
    control(explorer, "eigenvalue").press("ArrowRight")
    assert assert_plots_the_engine(explorer)["eigenvalue"] == 2.1


def test_less_motion_for_who_asks_for_it(open_exported):
    page = open_exported(reduced_motion="reduce")
    wait_for_figures(page)
    seen = {sum(shown) for (shown,) in frames_played(dashboard(page), "backward |dL/dh|")}
    assert 2 <= len(seen) <= 4  # stills, and more than one


def test_a_failure_is_told_where_the_reader_looks(open_exported, open_page):
    page = open_exported("delete window.DecompressionStream")
    page.locator(".lookup-failure").nth(1).wait_for(timeout=60_000)
    assert all("DecompressionStream" in told for told in page.get_by_role("alert").all_text_contents())
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
        page = open_page(packages=True, fresh=bool(script), **options)
        page.add_init_script(script)
        page.goto(exported_page)
        return page

    open_page.forgive("ERR_FILE_NOT_FOUND file:")  # the widget manager looks beside the page first
    return open_it


def test_an_exported_page_lives_without_a_kernel(open_exported):
    page = open_exported()
    wait_for_figures(page)
    explorer = dashboard(page)
    read(explorer)
    explorer.get_by_role("button", name="Outlier", exact=True).click()
    assert assert_plots_the_engine(explorer) == PRESETS["Outlier"]
