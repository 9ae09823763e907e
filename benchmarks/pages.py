"""How soon a page is alive, and what it weighs: ``python -m benchmarks.pages`` (or ``make benchmarks``).

Each page is opened from its folder by a new, cold browser context, in turns with a page that does nothing but
load plotly.js and draw an empty figure: the least that any page with such a figure takes.
"""

import gzip
import pathlib
import statistics
import tempfile
import time

from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs
from rnn_gradients import explore_clipping, save_page
from rnn_gradients.site import build

from tests.browser import launch

ROUNDS = 7
LEAST = """<!doctype html><div class="lookup-plot"></div><script src="least.js"></script>
<script>Plotly.newPlot(document.querySelector("div"), [], {})</script>"""


def seconds_until_alive(browser, path):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(path.as_uri(), wait_until="commit")
    page.locator(".lookup-plot .main-svg").first.wait_for()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    taken = time.perf_counter() - start
    context.close()
    return taken


def main():
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, browser = pathlib.Path(name), launch(playwright)
        build(pathlib.Path(__file__).parent.parent / "notebooks", folder)
        save_page(explore_clipping(), folder / "clipping.html")
        pages = sorted(folder.glob("*.html"))
        least = folder / "least.html"
        least.write_text(LEAST)
        (folder / "least.js").write_text(get_plotlyjs())
        times = {page: [] for page in (least, *pages)}
        for _ in range(ROUNDS):
            for page, taken in times.items():
                taken.append(seconds_until_alive(browser, page))
        base = statistics.median(times[least])
        for page, taken in times.items():
            median, weight = statistics.median(taken), page.stat().st_size / 1e6
            compressed = len(gzip.compress(page.read_bytes())) / 1e6
            print(
                f"{page.name:40} alive after {median:.2f} s (worst {max(taken):.2f}), "
                f"{median / base:.1f} times the least; {weight:.2f} MB, {compressed:.2f} compressed"
            )


if __name__ == "__main__":
    main()
