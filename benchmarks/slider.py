"""How long a slider takes to move the figure: from key press to painted plot, in headless Chromium.

Run as ``python -m benchmarks.slider`` (or ``make benchmarks``). The page is an exported one, so no kernel and
no network takes part; the two figures are a key that redraws everything and an empty frame, in one run.
"""

import pathlib
import statistics
import tempfile

from playwright.sync_api import sync_playwright

from tests.browser import Watch, export_explorer, launch

TIME = """() => new Promise(done => {
  const handle = document.querySelector('[role=slider][aria-label="Eigenvalue of W"]');
  const start = performance.now();
  if (KEY) handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = export_explorer(pathlib.Path(folder) / "page.html")
        page = launch(playwright).new_page(viewport={"width": 1280, "height": 800})
        Watch(page, packages=True)
        page.goto(address)
        page.locator('[role=slider][aria-label="Eigenvalue of W"]').wait_for(timeout=60_000)
        for name, key in {"key to painted plot": "true", "two empty frames": "false"}.items():
            times = [page.evaluate(TIME.replace("KEY", key)) for _ in range(30)]
            print(f"{name:22} median {statistics.median(times):5.0f} ms, worst {max(times):5.0f} ms")


if __name__ == "__main__":
    main()
