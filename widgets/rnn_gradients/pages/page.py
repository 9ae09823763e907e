"""Pages that are alive with no kernel: the widgets' state, and a small manager that shows it."""

import html
import json
import pathlib
import re
from collections.abc import Mapping

from ipywidgets import Widget
from ipywidgets.embed import dependency_state

__all__ = ["HEAD", "WAITING", "read", "save_page", "script"]

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="Move the sliders: gradients grow and die through time. Which to clip?">
<link rel="icon" href='data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"
  fill="none" stroke-width="2"><path d="M1 15Q11 14 15 1" stroke="%23d55e00"/>
  <path d="M1 11H15" stroke="%230072b2"/></svg>'>
<title>{title}</title>
"""
PAGE = (
    HEAD
    + """<style>{style}</style>
</head>
<body>
<main id="widget">{waiting}</main>
{script}
</body>
</html>
"""
)
WAITING = "This figure needs a browser of 2024 or later, with JavaScript."
SCRIPT = """<script type="application/json" id="state">{state}</script>
<script type="module">
{manager}
show(JSON.parse(document.getElementById("state").textContent), {places});
</script>"""


def save_page(widget: Widget, path, title: str = "Clipping the gradients of recurrent networks") -> None:
    """Write an explorer as one HTML file, which works offline: from a mail, or a course's site.

    Parameters
    ----------
    widget : ipywidgets.Widget
        An explorer; it opens as it stands.
    path : path-like
        The file to write.
    title : str
        Of the page.

    Raises
    ------
    ValueError
        If the widget is none, or holds one of a kind that `manager.js` has no view for.
    """
    if not isinstance(widget, Widget):
        raise ValueError(f"widget is {widget!r}; allowed: an explorer, or another widget")
    state = dependency_state(widget, drop_defaults=False)
    allowed = re.findall(r"^  (\w+): ", read("manager.js").partition("const VIEWS")[2], re.M)
    for model in state.values():
        kind = model["model_name"].removesuffix("Model")
        if "layout" in model["state"] and kind not in allowed:  # it is to be seen
            raise ValueError(f"widget has a {kind}; allowed: {', '.join(allowed)}")
    alive = script(state, {"widget": widget.model_id})
    page = PAGE.format(title=html.escape(title), style=read("page.css"), waiting=WAITING, script=alive)
    pathlib.Path(path).write_text(page, encoding="utf-8")


def script(state: Mapping, places: Mapping[str, str]) -> str:
    """Give the HTML that brings widgets to life.

    Parameters
    ----------
    state : dict
        Of all models, as ipywidgets embeds it.
    places : dict
        ``{id of an element: id of the model that is shown in it}``.

    Returns
    -------
    str
    """
    data = json.dumps(state).replace("<", "\\u003c")  # nothing in it may end the element
    manager = read("manager.js").replace("export async function", "async function")
    return SCRIPT.format(state=data, manager=manager, places=json.dumps(places))


def read(name: str) -> str:
    """Give the text of a file beside this one."""
    return (pathlib.Path(__file__).parent / name).read_text(encoding="utf-8")
