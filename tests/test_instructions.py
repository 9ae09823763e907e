"""What the reader is told to do can be done, and seen, on the screen where it is told.

Instructions are marked: ``<span class="do" title="the label of their control">``. JupyterLab keeps class and
title; it would take a ``data-`` attribute away.
"""

import functools
import re

import ipywidgets
import nbformat
import pytest
from rnn_gradients.pages.site import Front, build_site

from .conftest import ROOT, SCREEN
from .reader import wait_for_figures

NOTEBOOKS = ["02-train-it-and-see.ipynb"]
INSTRUCTED = """() => {
  const box = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return [top + scrollY, bottom + scrollY];
  };
  const words = (element) => element.textContent.trim();
  const isSeen = (element) => element.checkVisibility();
  const headings = [...document.querySelectorAll("h1, h2")];
  const section = (element) =>
    headings.findLast((each) => each.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
  const controls = [...document.querySelectorAll(".place label, .place button, .place .widget-box > span")];
  return [...document.querySelectorAll(".do")].map((told) => {
    const named = controls.filter((each) => words(each).startsWith(told.title) && isSeen(each));
    const control = named.find((each) => section(each) === section(told));
    const place = control?.closest(".place");
    const figure = [...(place?.querySelectorAll(".lookup-plot") ?? [])].find(isSeen);
    const boxes = [told, control, figure].filter(Boolean).map(box);
    return {
      told: words(told),
      parts: boxes.length,
      height: Math.max(...boxes.map(([, bottom]) => bottom)) - Math.min(...boxes.map(([top]) => top)),
      controls: place?.querySelectorAll("select, input").length,
      isDesk: Boolean(place?.querySelector(".training-desk")),
    };
  });
}"""


@pytest.fixture(scope="module")
def instructed(tmp_path_factory, chromium):
    """Return a function that gives the instructions of a notebook's page, each with what it is about."""

    @functools.cache
    def read(name):
        folder = tmp_path_factory.mktemp("instructions")
        (folder / name).write_text((ROOT / "notebooks" / name).read_text())
        build_site(folder, folder / "site", Front("Front", "About", "# Front", ipywidgets.Label("nothing")))
        page = chromium.new_page(viewport=SCREEN)
        page.goto((folder / "site" / name.replace("ipynb", "html")).as_uri())
        wait_for_figures(page)
        found = page.evaluate(INSTRUCTED)
        before = page.evaluate(
            """() => {
              const range = document.createRange();
              range.setStart(document.querySelector("main"), 0);
              range.setEndBefore(document.querySelector(".do"));
              return range.toString();
            }"""
        )
        page.close()
        return found, before

    return read


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_instruction_has_its_control_and_its_figure_on_one_screen(instructed, name):
    found, _ = instructed(name)
    assert len(found) >= 8
    for each in found:
        assert each["parts"] == 3 and each["height"] <= SCREEN["height"], each
        assert each["controls"] <= 3 or each["isDesk"], each


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_reader_soon_has_something_to_do(instructed, name):
    _, before = instructed(name)
    assert len(before.split()) <= 60


IMPERATIVE = re.compile(r"\b(Choose|Press|Move|Set|Tick|Drag|Untick)\b")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_instruction_is_marked(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            rest = re.sub(r'<span class="do" title="[^"]+">.*?</span>', "", cell.source, flags=re.S)
            assert not IMPERATIVE.search(rest), cell.source
