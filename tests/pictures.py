"""Take the README's pictures, still and moving: `make pictures`."""

import io
import tempfile

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from rnn_gradients import explore_clipping, save_page
from rnn_gradients.explorers import EXPLORERS
from rnn_gradients.explorers.controls import FRAMES
from rnn_gradients.site import QUESTION

from .browser import Watch, launch, two_frames
from .readers import ROOT, figures, wait_for_figures
from .readers.clipping import control

FOLDER = ROOT / "pictures"
SIZE = {"width": 900, "height": 700}  # to be read at the width of a README
MOVED = {"05-how-and-when-to-clip.ipynb": {"rule": "hidden"}}
"""Where a first figure shows nothing until a control is moved: to where."""
MOVE, READ = 120, 1600  # milliseconds that a frame is shown: while something moves, and to be read


def open_explorer(page, explorer):
    """Open an explorer alone on a page; gives its element."""
    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        save_page(explorer, file.name)
        page.goto(f"file://{file.name}")
        wait_for_figures(page)
    two_frames(page)
    return page.locator("main")


def first_figure(notebook):
    function, panels, options = figures(notebook)[0]
    explore = {each.__name__: each for each in EXPLORERS}[function]
    explorer = explore(*panels, **options | MOVED.get(notebook, {}))
    explorer.figure.reveal_frame = FRAMES  # all of it: one that waits for Play shows nothing yet
    return explorer


def picture(element):
    two_frames(element)
    return Image.open(io.BytesIO(element.screenshot())).convert("RGB")


def story(element):
    """Move the controls as a reader would; yields (picture, milliseconds)."""

    def press(name, key):
        control(element, name).press(key)
        return picture(element), MOVE

    def move(name, key, until):
        while control(element, name).get_attribute("aria-valuetext") != until:
            yield press(name, key)
        yield read()

    def read():
        return picture(element), READ

    yield read()  # the gradient vanishes
    yield from move("eigenvalue", "ArrowRight", "1")
    yield from move("eigenvalue", "ArrowRight", "2")  # explodes
    yield from play(element)
    yield press("clip_hidden", "Space")
    yield read()
    yield press("clip_output", "Space")
    yield read()  # nothing to clip there
    yield from move("length", "ArrowLeft", "10")
    yield from move("length", "ArrowRight", "60")
    yield press("activation", "ArrowUp")
    yield read()  # a sigmoid damps
    yield from move("eigenvalue", "ArrowRight", "5")


def play(element):
    """Play once, backwards through time."""
    button = element.get_by_role("button", name="Play through time: play or pause")
    button.click()
    while button.text_content() != "\u25b6\ufe0e":
        yield picture(element), MOVE


def main():
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport=SIZE)
        watch = Watch(page)
        for notebook in sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")):
            first = open_explorer(page, first_figure(notebook))
            picture(first).save(FOLDER / f"notebook-{notebook[:2]}.png", optimize=True)
        start = explore_clipping("chain", "weights", controls=QUESTION, eigenvalue=0.6)
        pictures, times = zip(*story(open_explorer(page, start)), strict=True)
        assert not watch.faults
    some = np.concatenate([np.asarray(each) for each in pictures[::20]])
    # one palette for all, or colours would flicker
    palette = Image.fromarray(some).quantize(128, Image.Quantize.MAXCOVERAGE)
    frames = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    frames[0].save(
        FOLDER / "explorer.gif",
        save_all=True,
        append_images=frames[1:],
        duration=list(times),
        loop=0,
        optimize=True,
    )


if __name__ == "__main__":
    main()
