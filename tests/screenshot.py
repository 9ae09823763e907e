"""Take the README's picture of the explorer: `make screenshot`."""

import pathlib

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import sync_playwright

from .browser import Watch, launch

PICTURE = pathlib.Path(__file__).parent.parent / "explorer.png"
SOURCE = "from rnn_gradients import explore_clipping; explore_clipping()"


def take(file, page):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    ExecutePreprocessor(timeout=120, store_widget_state=True).preprocess(notebook)
    file.write_text(HTMLExporter(exclude_input=True).from_notebook_node(notebook)[0])
    page.goto(file.as_uri())
    page.locator(".lookup-plot .main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    page.locator(".widget-vbox").first.screenshot(path=PICTURE)
    file.unlink()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1200, "height": 800})
        Watch(page, packages=True)
        take(PICTURE.with_suffix(".html"), page)
