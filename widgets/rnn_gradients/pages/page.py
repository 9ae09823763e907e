"""A page that is alive with no kernel, no server and no other file."""

import html
import json
import pathlib

from ipywidgets import Widget
from ipywidgets.embed import dependency_state

__all__ = ["save_page"]

HERE = pathlib.Path(__file__).parent
TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="widget">This figure needs a browser of 2023 or later, with JavaScript.</main>
<script type="application/json" id="state">{state}</script>
<script type="module">
{manager}
show(JSON.parse(document.getElementById("state").textContent), {{ widget: "{model}" }});
</script>
</body>
</html>
"""


def save_page(widget: Widget, path, title: str = "Should you clip the output layer's gradient?") -> None:
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
        If the widget is none.
    """
    if not isinstance(widget, Widget):
        raise ValueError(f"widget is {widget!r}; allowed: an explorer, or another widget")
    state = dependency_state(widget, drop_defaults=False)
    page = TEMPLATE.format(
        title=html.escape(title),
        style=(HERE / "page.css").read_text(),
        state=json.dumps(state).replace("<", "\\u003c"),
        manager=(HERE / "manager.js").read_text().replace("export async function", "async function"),
        model=widget.model_id,
    )
    pathlib.Path(path).write_text(page, encoding="utf-8")
