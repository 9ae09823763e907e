"""The static site: opened from a folder and from a server, it is alive and asks for nothing else."""

import functools
import gzip
import http.server
import itertools
import re
import threading

import nbformat
import pytest
from rnn_gradients import desk
from rnn_gradients.explorers import EXPLORERS
from rnn_gradients.explorers.clipping import START
from rnn_gradients.pages.site import mathml, prose
from rnn_gradients.site import QUESTION, build

from .browser import two_frames
from .conftest import NOTEBOOK, ROOT, SCREEN, Pages
from .readers import assert_accessible, figures, read_notebook, wait_for_figures
from .readers.clipping import assert_plots_the_engine, dashboard, read

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index", *(name.removesuffix(".ipynb") for name in NOTEBOOKS)]


FIRST = {"panels": ["chain", "weights"], "names": QUESTION, "fixed": START}
"""What stands on the front page."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site; to build it, every notebook has run from top to bottom, or it would not be there."""
    folder = tmp_path_factory.mktemp("host") / "some" / "path"
    build(ROOT / "notebooks", folder)
    return folder


@pytest.fixture(scope="module")
def served(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=site.parent.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/path"
        server.shutdown()


LABELS = {each.label for explore in EXPLORERS for each in explore.explorable.controls}
LABELS |= {label for explore in EXPLORERS for label in explore.explorable.presets}
LABELS |= {each.label for each in desk.CONTROLS} | {"Train", "Stop"}
TOLD = """labels => {
  const headings = Array.from(document.querySelectorAll("main > :is(h1, h2)"));
  const section = element => headings.filter(each => each.compareDocumentPosition(element) & 4).length;
  const label = ({ firstChild, textContent }) =>
    (firstChild?.nodeType === 3 ? firstChild.data : textContent).trim();
  const figures = Array.from(document.querySelectorAll(".place"), place => ({
    nth: section(place),
    // of a desk's two figures one is seen
    plot: Array.from(place.querySelectorAll(".lookup-plot")).find(each => each.checkVisibility()),
    controls: Array.from(place.querySelectorAll("label, button, span, option"), named =>
      ({ label: label(named), control: named.closest("select") ?? named })),
  }));
  const needed = elements => {
    const boxes = elements.map(element => element.getBoundingClientRect());
    return Math.max(...boxes.map(each => each.bottom)) - Math.min(...boxes.map(each => each.top));
  };
  return Array.from(document.querySelectorAll("main > :is(p, ul) em")).flatMap(told => {
    const own = figures.filter(({ nth }) => nth === section(told));
    const heights = own.flatMap(({ plot, controls }) => controls
      .filter(each => each.label === label(told)).map(({ control }) => needed([told, control, plot])));
    if (!heights.length && !labels.includes(label(told))) return []; // words that are stressed
    const before = document.createRange();
    before.setStart(document.querySelector("main"), 0);
    before.setEndBefore(told);
    const height = heights.length ? Math.min(...heights) : null;
    return [{ told: label(told), height, before: before.toString() }];
  });
}"""
"""Controls and buttons that the text names in italics, and what the lists of its own section offer.

For each, the height of a window that shows its name, itself and its figure; None if there is none.
"""


@pytest.fixture(scope="module", params=PAGES)
def opened(request, chromium, idle_pages, site):
    """Each page of the folder with all its figures, once; who moves them comes last."""
    pages = Pages(chromium, idle_pages)
    page = pages()
    page.goto(f"{site.as_uri()}/{request.param}.html")
    wait_for_figures(page)
    yield request.param, page
    faults = pages.hand_over()
    pages.close()
    assert not faults


def test_what_the_text_asks_for_is_on_the_same_screen(opened):
    name, page = opened
    told = page.evaluate(TOLD, [*LABELS])
    assert len(told) > (2 if name == "index" else 10)
    for each in told:
        assert each["height"] and each["height"] <= SCREEN["height"], each["told"]
    assert len(told[0]["before"].split()) <= 60


def test_tables_stand_in_the_column_of_the_text(opened):
    assert_tables_stand_in_the_column(opened[1])


def assert_tables_stand_in_the_column(page):
    for table in page.locator("main table").all():
        box, text = table.bounding_box(), page.locator("main > p").first.bounding_box()
        assert box["x"] == pytest.approx(text["x"], abs=1), table.inner_text()
        inside = box["x"] + box["width"] <= text["x"] + text["width"] + 1
        assert inside or table.locator("..").evaluate("each => each.scrollWidth > each.clientWidth")


def test_every_page_is_alive(opened):
    name, page = opened
    assert_alive(page, name, whole=True)
    if name == "index":
        links = page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()
        assert [each.split()[0] for each in links[1:]] == [each.split("-")[0] for each in PAGES[1:]]
        page.get_by_role("navigation", name="Before and after").get_by_role("link").click()
        wait_for_figures(page)
        assert "/01-" in page.url and assert_plots_the_engine(dashboard(page))["eigenvalue"] == 2.0
    if name.startswith("01"):
        assert page.locator("math").count() > 20
    if name.startswith("02"):  # the desk says what it shows, and where it can be used
        words = "This is a recording: Train plays it again. To train anew, open this notebook in Jupyter."
        page.get_by_text(words).wait_for()
        assert page.get_by_role("button", name="Stop").is_disabled()
        assert page.get_by_role("slider", name="Learning rate").is_disabled()


@pytest.mark.parametrize("name", [PAGES[0], PAGES[-1]])
def test_a_page_that_is_served_is_alive(open_page, served, name):
    page = open_page()
    page.goto(f"{served}/{name}.html")
    assert_alive(page, name, whole=False)


def assert_alive(page, name, whole):
    if name == "index":
        read(page, ["chain", "weights"], QUESTION)
    else:
        read_notebook(page, f"{name}.ipynb", whole)
    assert page.locator(".lookup-failure").count() == 0
    assert "$" not in page.locator("main").inner_text()


DIRECTED = re.compile(r"(?<!MIT )\b(Choose|Press|Move|Set|Tick|Drag|Untick)\b[^.?!:]*")


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_whoever_is_told_to_move_something_is_told_its_name(notebook):
    for cell in nbformat.read(ROOT / "notebooks" / notebook, as_version=4).cells:
        for told in DIRECTED.finditer(cell.source if cell.cell_type == "markdown" else ""):
            assert re.search(r"(?<!\*)\*[^*]+\*(?!\*)", told[0]), told[0]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_figure_of_the_story_has_few_controls(notebook):
    for nth, (_, panels, options) in enumerate(figures(notebook)):
        if (notebook, nth) == (NOTEBOOK, 0):
            assert options["controls"] == QUESTION and len(QUESTION) == 6
        elif panels:  # all but a dashboard
            assert len({*options["controls"]} - {"play"}) <= 3


def change(script):
    middle = len(script) // 2
    return script[:middle] + ("A" if script[middle] != "A" else "B") + script[middle + 1 :]


@pytest.mark.parametrize(
    "harm",
    [
        lambda script: script[: len(script) // 2],
        lambda script: script[: len(script) // 2] + '"',
        change,
        lambda script: "",
        lambda script: "'please log in'",
        lambda script: "<html>please log in</html>",
        lambda script: "window.Plotly = {}",
    ],
    ids=["cut", "cut, and ended", "changed", "empty", "another", "a page", "an empty Plotly"],
)
def test_a_damaged_plotly_is_told_where_the_reader_looks(open_page, site, harm):
    page = open_page(fresh=True)
    open_page.forgive("")
    body = harm((site / "plotly.min.js").read_text())
    page.route("**/plotly.min.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page.goto((site / "index.html").as_uri())
    told = page.get_by_role("alert")
    told.get_by_text("plotly.min.js is damaged, or something else. Load the page again").wait_for()
    assert page.locator(".main-svg").count() == 0


def test_a_missing_plotly_is_told_where_the_reader_looks(open_page, site):
    page = open_page(fresh=True)
    open_page.forgive("plotly.min.js")
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto((site / "index.html").as_uri())
    page.get_by_role("alert").get_by_text("plotly.min.js is not there. Check the connection").wait_for()


def test_a_plotly_that_does_not_arrive_is_told_and_drawn_when_it_comes(open_page, site):
    page, held = open_page(fresh=True), []
    open_page.forgive("has not arrived yet")
    page.clock.install()
    page.route("**/plotly.min.js", lambda route: held.append(route))
    page.goto((site / "index.html").as_uri(), wait_until="commit")
    page.locator(".lookup-figure").wait_for(state="attached")
    page.clock.run_for(21_000)
    page.get_by_role("alert").get_by_text("A part of it has not arrived yet. Check the connection").wait_for()
    for route in held:
        route.continue_()
    page.clock.resume()
    wait_for_figures(page)
    assert assert_plots_the_engine(page, **FIRST) and page.get_by_role("alert").count() == 0


def test_what_else_is_called_plotly_does_no_harm(open_page, site):
    page = open_page(fresh=True)
    page.add_init_script("window.Plotly = {}")
    page.goto((site / "index.html").as_uri())
    wait_for_figures(page)
    assert_plots_the_engine(page, **FIRST)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_was_cut_says_so_in_the_place_of_each_figure(open_page, site, tmp_path, name):
    whole = (site / f"{name}.html").read_text()
    page = open_page()
    open_page.forgive("console: ")
    for end in (whole.index("<nav"), whole.index('id="page">'), whole.rindex("</script>")):
        (tmp_path / "page.html").write_text(whole[: end - 9])
        page.goto((tmp_path / "page.html").as_uri())
        page.get_by_role("alert").first.wait_for()
        told = page.get_by_role("alert").all_text_contents()
        assert len(told) == max(1, whole[:end].count('class="waiting"'))
        assert all(sentence.startswith("This page is damaged") for sentence in told)


def test_other_outputs_are_shown_too(tmp_path, open_page):
    code = "from IPython.display import Image, Markdown, display\ndisplay(Markdown('**bold** $x^2$'))\n"
    code += f"display(Image({str(ROOT / 'pictures' / 'notebook-01.png')!r}))\nprint('<i>printed</i>')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A title")])
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    nbformat.write(notebook, tmp_path / "01-a.ipynb")
    build(tmp_path, tmp_path / "site")
    page = open_page()
    page.goto((tmp_path / "site" / "01-a.html").as_uri())
    assert page.locator("strong", has_text="bold").count() == page.locator("msup").count() == 1
    assert page.locator("main img").evaluate("image => image.naturalWidth") > 500
    assert page.locator("pre", has_text="<i>printed</i>").last.is_visible()


NAMES = ["ln", "log", "sin", "tanh", "exp", "log_{10}", "tanh^2"]
ATOMS = ["4", r"\sigma", "x_t", r"\frac{1}{2}", r"\sqrt{y}"]
GAPS = """() => [...document.querySelectorAll("math")].map((formula) => {
  const [before, name, after] = [...formula.firstElementChild.children]
    .filter(({ localName, textContent }) => localName !== "mspace" && textContent !== "\\u2061")
    .map((element) => element.getBoundingClientRect());
  return [name.left - before.right, after.left - name.right];
})"""


def test_names_of_functions_keep_their_distance(open_page):
    """From what they are applied to, and from what stands before; but none from a parenthesis."""
    formulas = list(itertools.product(ATOMS, NAMES, [*ATOMS, "(x)"]))
    page = open_page()
    page.set_content("<p>".join(mathml(rf"{before} \{name} {after}") for before, name, after in formulas))
    for formula, (before, after) in zip(formulas, page.evaluate(GAPS), strict=True):
        assert before > 2 and (after < 0.5 if formula[2] == "(x)" else after > 2), formula


@pytest.mark.parametrize("latex, text", [("a < b", "a<b"), (r"a \& b", "a&b"), (r"\mu", "μ")])
def test_symbols_are_written_as_they_are(latex, text, open_page):
    page = open_page()
    page.set_content(mathml(latex))
    assert page.locator("math").text_content() == text


def test_code_in_a_line_is_broken_where_its_words_end():
    code = prose("`clip_grad_norm_(model.parameters(), 1.0 < c)`")
    assert "clip_<wbr>grad_<wbr>norm_(<wbr>model.<wbr>parameters(), 1.0 &lt; c)" in code


def test_pages_are_light(site):
    assert len(gzip.compress((site / "index.html").read_bytes())) <= 250_000
    for page in site.glob("*.html"):
        assert len(gzip.compress(page.read_bytes())) <= 1_500_000
    assert {path.suffix for path in site.iterdir()} == {".html", ".js", ".css", ".ipynb"}


SIZES = [(400, 800), (320, 640), (640, 400), (1280, 800)]  # a phone, a small one, 200 %, a laptop


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_and_axe_finds_no_serious_fault(open_page, served, name):
    """In both schemes: every other page is opened in the dark. Screens that grow, and two that shrink."""
    schemes = ["light", "dark"] if PAGES.index(name) % 2 else ["dark", "light"]
    page = open_page(color_scheme=schemes[0], reduced_motion="reduce", viewport=screen(SIZES[0]))
    page.goto(f"{served}/{name}.html")
    wait_for_figures(page)
    for scheme, sizes in zip(schemes, (SIZES, SIZES[:-4:-2]), strict=True):
        page.emulate_media(color_scheme=scheme)
        for size in sizes:
            page.set_viewport_size(screen(size))
            for _ in ("where the reader is", "where each figure has been seen"):
                two_frames(page)
                # figures follow their width a frame later, and nine of them not all in one
                page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
                wait_for_figures(page)
            assert_tables_stand_in_the_column(page)
            if size == SIZES[-1] or (scheme, size) == (schemes[0], SIZES[1]):
                assert_accessible(page)


def test_thumbs_have_room(open_page, site):
    """With the buttons that a finger gets, no slider is wider than a phone."""
    page = open_page(has_touch=True, is_mobile=True, viewport=screen((390, 800)))
    for name in PAGES:
        page.goto(f"{site.as_uri()}/{name}.html")
        page.locator(".lookup-plot .main-svg").first.wait_for()
        assert page.locator(".step:visible").count() and page.evaluate("innerWidth") == 390, name


def test_a_phone_shows_all_controls_of_the_question_with_both_bars(open_page, site):
    page = open_page(has_touch=True, is_mobile=True, viewport=screen((390, 800)))
    page.goto(f"{site.as_uri()}/index.html")
    wait_for_figures(page)
    first = page.get_by_role("slider", name="Eigenvalue of W", exact=True).bounding_box()
    figure = page.locator(".lookup-plot").bounding_box()
    assert figure["y"] + figure["height"] - first["y"] <= 800


def screen(size):
    return dict(zip(("width", "height"), size, strict=True))


def test_a_folder_without_notebooks_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"notebooks is .*allowed"):
        build(tmp_path, tmp_path / "site")
    assert not (tmp_path / "site").exists()
