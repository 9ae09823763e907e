"""Pages that are alive with no kernel: the widgets' state, and a small manager that shows it."""

import base64
import gzip
import html
import json
import pathlib
import re
from collections.abc import Iterator, Mapping

from ipywidgets import Widget
from ipywidgets.embed import dependency_state

from ..files import destination, replacing

__all__ = ["WAITING", "head", "read", "save_page", "script"]

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<script>
{loader}</script>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{about}">
<link rel="icon" href='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"
  fill="none" stroke-width="2"><path d="M1 15Q11 14 15 1" stroke="%23d55e00"/>
  <path d="M1 11H15" stroke="%230072b2"/></svg>'>
<title>{title}</title>
"""
ONE_FILE = """{head}<style>{style}</style>
</head>
<body>
<main id="widget">{waiting}</main>
{script}
</body>
</html>
"""
# true however much of the page is there, and whatever the browser makes of it
WAITING = """<p class="waiting">The figure appears here once the whole page has arrived.
It needs a browser of 2024 or later, with JavaScript.</p>"""
VIEWS = (
    *("VBox", "Box", "HBox", "Label", "Dropdown", "Checkbox", "SelectionSlider", "IntSlider", "Play"),
    *("Button", "FloatProgress", "Any"),
)
"""The kinds of widgets that `manager.js` has a view for; a test holds the two together."""
SCRIPT = '<script type="text/plain" id="page">{packed}</script>'


def save_page(widget: Widget, path, title: str | None = None) -> None:
    """Write an explorer as one HTML file, which works offline: from a mail, or a course's site.

    Parameters
    ----------
    widget : ipywidgets.Widget
        An explorer; it opens as it stands.
    path : path-like
        The file to write.
    title : str, optional
        Of the page; by default the widget's own, where it has a ``title``.

    Raises
    ------
    TypeError
        If path or title is of another type.
    ValueError
        If `widget` is something else, or nothing to be seen; if it is closed, or holds a widget that is, or
        one of a kind that `manager.js` has no view for, or NaN or infinity; if title is no text; or if no
        file can be at `path`. What was there is there still.
    """
    if not isinstance(widget, Widget):
        raise ValueError(f"widget is {widget!r}; allowed: an explorer, or another widget")
    if title is None:
        title = getattr(widget, "title", "An interactive figure")
    if not isinstance(title, str):
        raise TypeError(f"title is {title!r}; allowed: a string")
    path = destination(path)
    for each in _reached(widget, set()):
        if each.comm is None:
            how = "is" if each is widget else "has"
            raise ValueError(f"widget {how} a closed {type(each).__name__}; allowed: one that is open")
    state = dependency_state(widget, drop_defaults=False)
    for model in state.values():
        kind = model["model_name"].removesuffix("Model")
        is_seen = "layout" in model["state"] or model is state[widget.model_id]
        if is_seen and kind not in VIEWS:
            raise ValueError(f"widget has a {kind}; allowed: {', '.join(VIEWS)}")
    alive = script(state, {"widget": widget.model_id})
    page = ONE_FILE.format(
        head=head(title, getattr(widget, "about", title)),
        style=read("page.css"),
        waiting=WAITING,
        script=alive,
    )
    with replacing(path) as part:
        part.write_text(page, encoding="utf-8")


def _reached(widget: Widget, found: set[Widget]) -> Iterator[Widget]:
    """Yield a widget, and all that its state refers to."""
    found.add(widget)
    yield widget
    for value in (getattr(widget, key) for key in widget.keys):
        several = value.values() if isinstance(value, Mapping) else value
        for each in several if isinstance(value, Mapping | list | tuple) else [value]:
            if isinstance(each, Widget) and each not in found:
                yield from _reached(each, found)


def head(title: str, about: str) -> str:
    """Return the first lines of a page, with the script that unpacks what `script` packs."""
    for name, text in {"title": title, "about": about}.items():
        if re.search("[\0\ud800-\udfff]", text):
            raise ValueError(f"{name} is {text!r}; allowed: text, without NUL or half a surrogate pair")
    return HEAD.format(loader=read("loader.js"), title=html.escape(title), about=html.escape(about))


def script(state: Mapping, places: Mapping[str, str]) -> str:
    """Return the HTML that brings widgets to life.

    Parameters
    ----------
    state : dict
        Of all models, as ipywidgets embeds it.
    places : dict
        ``{id of an element: id of the model that is shown in it}``. In each stands `WAITING`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the state holds NaN or infinity, which JSON does not know; or lacks a model that is to be shown.
    """
    for place, model in places.items():
        if model not in state:
            raise ValueError(f"places[{place!r}] is {model!r}; allowed: the id of a model in state")
    state, sources = _once(state)
    page = {"manager": read("manager.js"), "sources": sources, "state": state, "places": places}
    try:
        written = json.dumps(page, allow_nan=False)
    except ValueError:
        raise ValueError("widget has a trait that is NaN or infinite; allowed: finite numbers") from None
    return SCRIPT.format(packed=base64.b64encode(gzip.compress(written.encode(), 6, mtime=0)).decode())


def _once(state: Mapping) -> tuple[dict, list[str]]:
    """Tell each source of JavaScript or CSS once; the models that have it then have its number."""
    sources, told = {}, {}
    for name, described in state.items():
        values = dict(described["state"])
        for key in {"_esm", "_css"} & values.keys():
            values[key] = sources.setdefault(values[key], len(sources))
        told[name] = {**described, "state": values}
    return told, list(sources)


def read(name: str) -> str:
    """Return the text of a file beside this one."""
    return (pathlib.Path(__file__).parent / name).read_text(encoding="utf-8")
