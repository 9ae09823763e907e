"""Notebooks as a static site.

It is alive with no kernel, and asks nothing of any other place: it opens by a double click, and from any
static host.
"""

import base64
import gzip
import html
import pathlib
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

import nbformat
from ipywidgets import Widget
from ipywidgets.embed import dependency_state
from latex2mathml.converter import convert_to_element
from nbclient import NotebookClient
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import ClearOutputPreprocessor
from plotly.offline import get_plotlyjs
from pygments.formatters import HtmlFormatter

from .page import WAITING, head, read, script

__all__ = ["Front", "build_site"]

PLOTLY = "plotly.min.js"
STATE, VIEW = "application/vnd.jupyter.widget-state+json", "application/vnd.jupyter.widget-view+json"
PAGE = """{head}<link rel="stylesheet" href="style.css">
<link rel="preload" as="script" href="{plotly}">
</head>
<body>
<nav aria-label="Pages">{contents}</nav>
<main>
{body}
</main>
<nav aria-label="Before and after">{neighbours}</nav>
{script}
</body>
</html>
"""


@dataclass(frozen=True)
class Front:
    """What stands on the front page.

    Attributes
    ----------
    title : str
    about : str
        The site in a sentence, for search engines and previews.
    text : str
        Markdown, above the figure.
    figure : ipywidgets.Widget
    after : str
        Markdown, below the figure.
    """

    title: str
    about: str
    text: str
    figure: Widget
    after: str = ""


@dataclass
class Page:
    """What becomes a page of the site."""

    name: str
    title: str
    notebook: str = ""
    body: list[str] = field(default_factory=list)
    state: dict = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What links to it say: its title, after the number with which its file's name begins."""
        number = re.match(r"\d*", self.name)[0]
        return f"{number} {self.title}".strip()

    def add_widget(self, model: str) -> None:
        """Keep a place for a widget."""
        place = f"widget-{len(self.places)}"
        self.places[place] = model
        self.body.append(f'<div id="{place}" class="place">{WAITING}</div>')


class Prose(IPythonRenderer):
    """Markdown whose mathematics becomes MathML, which browsers typeset without a script."""

    def block_math(self, body):
        """Set a formula on a line of its own."""
        return _scrolled("formula", mathml(body.strip(), "block"))

    def inline_math(self, body):
        """Set a formula in the line."""
        return mathml(body)

    def codespan(self, text):
        """Set code in the line, which may be broken where its words end."""
        return re.sub(r"([_.(])(?=[^\W\d])", r"\1<wbr>", super().codespan(text))

    def table(self, text):
        """Set a table, given its rows."""
        return _scrolled("table", f"<table>\n{text}</table>")


def _scrolled(what: str, content: str) -> str:
    """Set what may be wider than the page; whoever has no mouse scrolls it by keys."""
    return f'<div class="{what}" tabindex="0" role="group" aria-label="{what}">{content}</div>\n'


ROWS = ("math", "mrow", "mstyle", "msqrt", "mtd")
SCRIPTS = ("msub", "msup", "msubsup")
THIN = "0.167em"  # the space that TeX sets around the name of a function


def mathml(latex: str, display: str = "inline") -> str:
    """Turn a formula into MathML, in which names of functions are applied, and so keep their distance."""
    formula = convert_to_element(latex, display=display)
    for element in list(formula.iter()):
        element.text = element.text and html.unescape(element.text)  # its symbols are written as &#x003C3;
    for row in [each for each in formula.iter() if each.tag in ROWS]:
        for at in reversed(range(len(row))):
            if not _is_function(row[at]):
                continue
            if at + 1 < len(row):
                space = "0" if row[at + 1].tag == "mo" else THIN
                row.insert(at + 1, ElementTree.Element("mo", lspace="0", rspace=space))
                row[at + 1].text = "\N{FUNCTION APPLICATION}"
            if at and row[at - 1].tag != "mo":
                row.insert(at, ElementTree.Element("mspace", width=THIN))
    return ElementTree.tostring(formula, encoding="unicode")


def _is_function(element: ElementTree.Element) -> bool:
    """Tell whether an element is a name like ln, perhaps with an index or exponent."""
    if element.tag in SCRIPTS:
        return _is_function(element[0])
    return element.tag == "mi" and len(element.text or "") > 1 and element.text.isalpha()


def prose(text: str) -> str:
    """Turn Markdown into HTML; headings have the names that JupyterLab gives them, notebooks are pages."""
    rendered = MarkdownWithMath(renderer=Prose(escape=False, exclude_anchor_links=True)).render(text)
    rendered = re.sub(r"<h([1-6])>(.*?)</h\1>", _named_heading, rendered)
    return re.sub(r'(<a href="[^":]*)\.ipynb([#"])', r"\1.html\2", rendered)


def _named_heading(heading: re.Match) -> str:
    level, words = heading.groups()
    name = re.sub("<[^>]*>", "", words).replace(" ", "-")
    return f'<h{level} id="{name}">{words}</h{level}>'


def build_site(notebooks, folder, front: Front) -> None:
    """Run all notebooks of a folder, and write them as pages behind a front page.

    Parameters
    ----------
    notebooks, folder : path-like
        Where the notebooks are, and where the site is to be; made if it is not there.
    front : Front

    Raises
    ------
    ValueError
        If there is no notebook.
    """
    paths = sorted(pathlib.Path(notebooks).glob("*.ipynb"))
    if not paths:
        raise ValueError(f"notebooks is {str(notebooks)!r}; allowed: a folder that holds notebooks")
    pages = [_front_page(front), *map(_notebook_page, paths)]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    light, dark = (
        HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "monokai")
    )
    style = f"{read('page.css')}{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    (folder / "style.css").write_text(style, encoding="utf-8")
    plotly = base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()
    (folder / PLOTLY).write_text(f'globalThis.lookupPlotly = "{plotly}";\n', encoding="utf-8")
    for number, page in enumerate(pages):
        written = PAGE.format(
            head=head(page.title, front.about),
            plotly=PLOTLY,
            contents=" ".join(_link(other, other.label, current=other is page) for other in pages),
            neighbours=_neighbours(pages, number),
            body="\n".join(page.body),
            script=script(_without_plotly(page.state), page.places),
        )
        (folder / page.name).write_text(written, encoding="utf-8")
    for path in paths:
        _copy_without_outputs(path, folder / path.name)


def _copy_without_outputs(path: pathlib.Path, copy: pathlib.Path) -> None:
    """Copy a notebook to be downloaded; one that has been run in place would weigh megabytes."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    nbformat.write(ClearOutputPreprocessor().preprocess(notebook, {})[0], copy)


def _front_page(front: Front) -> Page:
    page = Page("index.html", front.title, body=[prose(front.text)])
    page.state = dependency_state(front.figure, drop_defaults=False)
    page.add_widget(front.figure.model_id)
    page.body.append(prose(front.after))
    return page


def _notebook_page(path: pathlib.Path) -> Page:
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=600, store_widget_state=True, resources=place).execute()
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    page = Page(f"{path.stem}.html", title, path.name)
    page.state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            page.body.append(prose(cell.source))
        elif cell.cell_type == "code":
            _add_code(page, cell)
    return page


def _add_code(page: Page, cell) -> None:
    """Add a cell; where it makes a figure, this comes first, and the code can be unfolded below it."""
    source = Highlight2HTML(pygments_lexer="ipython3")(cell.source)
    makes_figure = any(VIEW in output.get("data", {}) for output in cell.outputs)
    if not makes_figure:
        page.body.append(source)
    for output in cell.outputs:
        _add_output(page, output)
    if makes_figure:
        summary = "<summary>The code of this figure</summary>"
        page.body.append(f'<details class="code">{summary}{source}</details>')


def _add_output(page: Page, output) -> None:
    data = output.get("data", {"text/plain": output.get("text", "")})
    if VIEW in data:
        page.add_widget(data[VIEW]["model_id"])
    elif "image/png" in data:
        page.body.append(f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">')
    elif "text/markdown" in data:
        page.body.append(prose(data["text/markdown"]))
    elif "text/html" in data:
        page.body.append(_scrolled("output", data["text/html"]))
    else:
        page.body.append(f"<pre>{html.escape(data['text/plain'])}</pre>")


def _without_plotly(state: dict) -> dict:
    """Leave plotly.js out of the widgets' state, and name instead a file that all pages share."""
    for described in state.values():
        buffers = described.get("buffers", [])
        if any(each["path"] == ["content", "js"] for each in buffers):
            described["state"]["content"] = {"src": PLOTLY}
            described["buffers"] = []
    return state


def _link(page: Page, words: str, current: bool = False) -> str:
    here = ' aria-current="page"' if current else ""
    return f'<a href="{page.name}"{here}>{html.escape(words)}</a>'


def _neighbours(pages: list[Page], number: int) -> str:
    links, page = [], pages[number]
    if page.notebook:
        links.append(f'<a href="{page.notebook}" download>This page as a notebook</a>')
    if number > 0:
        links.append(_link(pages[number - 1], f"\N{LEFTWARDS ARROW} {pages[number - 1].label}"))
    if number + 1 < len(pages):
        links.append(_link(pages[number + 1], f"{pages[number + 1].label} \N{RIGHTWARDS ARROW}"))
    return " ".join(links)
