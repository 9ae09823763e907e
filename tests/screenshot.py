"""Take the README's picture of the explorer: `make screenshot`."""

import pathlib

from playwright.sync_api import sync_playwright

from .browser import Watch, export_explorer, launch

PICTURE = pathlib.Path(__file__).parent.parent / "explorer.png"


def take(file, page):
    page.goto(export_explorer(file, exclude_input=True))
    page.locator(".lookup-plot .main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    page.locator(".widget-vbox").first.screenshot(path=PICTURE)
    file.unlink()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1200, "height": 800})
        Watch(page, packages=True)
        take(PICTURE.with_suffix(".html"), page)
