"""A real browser for the tests: where it is, what it may reach, and what is plotted in it."""

import contextlib
import json
import pathlib
import re
import shutil
import sys
from urllib.parse import urlsplit

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import TimeoutError

NODE_MODULES = pathlib.Path(__file__).parent / "node_modules"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable():
    """Return the path of a Chromium on this machine, or None to use playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def launch(playwright):
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)


class Watch:
    """Refuses requests to other machines, and notes what must not happen on a page.

    With `packages`, what a page asks of the web comes from the installed npm packages.
    """

    def __init__(self, page, packages=False):
        self.faults = []
        self._packages = packages
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.route("**/*", self._answer)

    def hand_over(self):
        """Give the faults, and forget them."""
        faults, self.faults = self.faults, []
        return faults

    def _note(self, message):
        if message.type == "error":
            self.faults.append(f"console: {message.text} {message.location.get('url')}")

    def _answer(self, route):
        url = urlsplit(route.request.url)
        if url.hostname in ("127.0.0.1", "localhost") or url.scheme in ("file", "data", "blob"):
            return route.continue_()
        file = self._packages and package_file(url.path)
        if file:
            return route.fulfill(path=file, headers={"access-control-allow-origin": "*"})
        self.faults.append(f"request: {route.request.url}")
        return route.abort()


def package_file(path):
    """Find the file of an npm package that a URL's path names, as on the usual CDNs."""
    path = re.sub(r"^/(npm|ajax/libs)/|^/", "", path)
    path = re.sub(r"^require\.js/[^/]*/require(\.min)?\.js", "requirejs/require.js", path)
    path = re.sub(r"^mathjax/[^/]*/", "mathjax/", path)
    path = re.sub(r"^((?:@[^/]+/)?[^/@]+)@[^/]*/", r"\1/", path)
    return next((f for f in (NODE_MODULES / path, NODE_MODULES / f"{path}.js") if f.is_file()), None)


# As one string, of which playwright does not turn number after number into an object of its own
TRACES = """plot => {
  const list = values => Array.from(values ?? []);
  const rows = values => list(values).map(row => row?.length ? list(row) : row); // or numbers
  return JSON.stringify(plot.data.map(
    ({name, x, y, z, text, marker}) => ({name, x: list(x), y: list(y), z: rows(z), text, marker})));
}"""
SEEN = f"""async plot => {{
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const first = label => [...label.childNodes].map(part => part.textContent.trim()).find(Boolean);
  const name = each => each.ariaLabel ?? first(each.labels[0]);
  const value = each => each.ariaValueText ?? (each.type === "checkbox" ? each.checked : each.selectedIndex);
  const controls = [...plot.closest(".widget-vbox").querySelectorAll("[role=slider], select, input")]
    .filter(each => each.checkVisibility());
  return [Object.fromEntries(controls.map(each => [name(each), value(each)])), ({TRACES})(plot)];
}}"""


def plotted(scope, nth=0):
    """Return what plotly holds for a figure of a page or element: {trace name: trace}, arrays as lists."""
    return _by_name(scope.locator(".lookup-plot").nth(nth).evaluate(TRACES))


def seen(scope):
    """Return what the controls of an explorer say, {label: value}, and what is plotted, two frames later.

    Of a slider that is what is written beside it, of a list the place of the choice.
    """
    controls, traces = scope.locator(".lookup-plot").first.evaluate(SEEN)
    return controls, _by_name(traces)


def _by_name(traces):
    return {trace["name"]: trace for trace in json.loads(traces)}


def frames_played(explorer, *names):
    """Play once, to the end; tell for each drawing that differs which points of some traces it shows."""
    plot = explorer.locator(".lookup-plot")
    plot.evaluate(
        """(plot, names) => {
          const frames = (window.frames_played = []);
          const note = () => {
            const y = names.map((name) => plot.data.find((trace) => trace.name === name).y);
            const shown = y.map((values) => Array.from(values, Number.isFinite));
            if (JSON.stringify(shown) !== JSON.stringify(frames.at(-1))) frames.push(shown);
            const isWhole = JSON.stringify(shown) === JSON.stringify(frames[0]);
            if (frames.length === 1 || !isWhole) requestAnimationFrame(note);
          };
          note();
        }""",
        names,
    )
    explorer.get_by_role("button", name="Play through time: play or pause").click()
    page = getattr(explorer, "page", explorer)
    same = "JSON.stringify(frames_played[0]) === JSON.stringify(frames_played.at(-1))"
    page.wait_for_function(f"frames_played.length > 1 && {same}", timeout=60_000)
    return page.evaluate("frames_played")


def two_frames(scope):
    page = getattr(scope, "page", scope)  # an element's own; a page has none
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


CONNECTED = """async () => {
  const sessions = await (await fetch(JSON.parse(document.querySelector("#jupyter-config-data").text).baseUrl
    + "api/sessions")).json();
  return sessions.some(({ path, kernel }) => decodeURI(location.pathname).endsWith(path)
    && kernel.connections && kernel.execution_state === "idle");
}"""


def open_notebook(page, url):
    """Open a notebook in JupyterLab, with its side bar closed."""
    page.goto(url)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator("#jp-main-statusbar").get_by_text("Idle").wait_for(timeout=60_000)
    page.wait_for_function(CONNECTED, timeout=60_000, polling=200)  # or what is asked of the kernel is lost
    if page.locator("#jp-left-stack").is_visible():
        page.keyboard.press("Control+b")


def run_all(page, figures=1):
    """Run all cells of a notebook in JupyterLab, and go to its new figures, at last to the first.

    A figure is drawn only once the reader comes near it.
    """
    page.locator(".lookup-plot").evaluate_all("plots => plots.forEach((plot) => (plot.dataset.old = true))")
    plots = page.locator(".lookup-plot:not([data-old])")
    for _ in range(3):  # JupyterLab may lose what it is asked while it joins its kernel
        menu(page, "Run", "Run All Cells")
        with contextlib.suppress(TimeoutError):
            plots.nth(figures - 1).wait_for(state="attached")
            break
    for nth in reversed(range(figures)):
        arrive(plots.nth(nth))


def arrive(plot):
    """Go to a figure until it is drawn; what is drawn or typeset on the way moves it out of sight again."""
    for _ in range(20):
        plot.scroll_into_view_if_needed()
        with contextlib.suppress(TimeoutError):
            return plot.locator(".main-svg").first.wait_for(state="attached", timeout=1500)
    raise AssertionError("a figure in sight is not drawn")


def export(notebook, file, **options):
    """Run a notebook and write it as a page with its widgets and no kernel; gives the page's address."""
    ExecutePreprocessor(timeout=120, store_widget_state=True).preprocess(notebook)
    file.write_text(HTMLExporter(**options).from_notebook_node(notebook)[0])
    return file.as_uri()


def export_explorer(file, code="explore_clipping()", **options):
    """Write a page of nothing but a clipping explorer."""
    source = f"from rnn_gradients import explore_clipping; {code}"
    return export(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), file, **options)


def menu(page, *path):
    for name in path:
        page.get_by_role("menuitem", name=re.compile(f"^{name}")).first.click()


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            launch(playwright).close()
    except Exception as error:
        sys.exit(f"no browser yet: {str(error).splitlines()[0]}")
