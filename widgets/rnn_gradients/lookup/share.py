"""ShareBar: a figure's position in the page's address, to be handed on."""

import pathlib
from collections.abc import Mapping

import anywidget
import traitlets
from ipywidgets import Widget, widget_serialization

from .figure import LookupFigure

__all__ = ["ShareBar", "word"]


class ShareBar(anywidget.AnyWidget):
    """A button that copies a link to exactly what a figure shows; in JupyterLab, the code that shows it.

    Outside JupyterLab the page's address follows the figure, as ``#dimension=coordinate&...``, and the figure
    follows the address: when the page opens, and whenever it changes. What an address has that the figure has
    not is left out, and named beside the button. Nothing in an address is ever run, or read as HTML.

    Parameters
    ----------
    figure : LookupFigure
    call : str
        The function that opens the figure, in code: ``"explore_clipping"``.
    defaults : dict
        ``{dimension: coordinate}``: the function's defaults, which its call need not name.
    prefix : str
        What goes before each dimension's name in an address: to tell figures on one page apart.
    """

    _esm = (pathlib.Path(__file__).parent / "share.js").read_text()
    _figure = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    _words = traitlets.Dict().tag(sync=True)
    _code = traitlets.Dict().tag(sync=True)
    _defaults = traitlets.Dict().tag(sync=True)
    _call = traitlets.Unicode().tag(sync=True)
    _prefix = traitlets.Unicode().tag(sync=True)

    def __init__(self, figure: LookupFigure, call: str, defaults: Mapping[str, object], prefix: str = ""):
        values = {name: figure.data[name].values.tolist() for name in figure.dimensions}
        super().__init__(
            _figure=figure,
            _words={name: [word(value) for value in some] for name, some in values.items()},
            _code={name: [repr(value) for value in some] for name, some in values.items()},
            _defaults={name: int(index) for name, index in figure.indices(defaults).items()},
            _call=call,
            _prefix=prefix,
        )


def word(value: object) -> str:
    """Write a coordinate as it stands in an address, or beside a control."""
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else f"{value:g}"
