"""ShareBar: a figure's position in the page's address, to be handed on."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import traitlets
from ipywidgets import Widget, widget_serialization

from .plan import find, plain, refuse
from .widget import PageWidget, joined, styles

__all__ = ["ShareBar", "word"]

_made = itertools.count()

HALF = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: no letter, and so in no address."""


class ShareBar(PageWidget):
    """A button that copies a link to exactly what a figure shows; in JupyterLab, the code that shows it.

    Outside JupyterLab the page's address follows the figure, as ``#dimension=coordinate&...``, and the figure
    follows the address: when the page opens, and whenever it changes. What an address has that the figure has
    not is left out, and named beside the button. Nothing in an address is ever run, or read as HTML.

    Parameters
    ----------
    figure : LookupFigure
        Or another widget whose traits are the indices of coordinates.
    call : str
        The function that opens the figure, in code: ``"explore_clipping"``.
    defaults : dict
        ``{dimension: coordinate}``: the function's defaults, which its call need not name.
    prefix : str
        What goes before each dimension's name in an address: to tell figures on one page apart.
    moved : sequence of str, optional
        The dimensions that can be moved, and so are told; all of the figure's by default.
    arguments : sequence of str
        What the call passes besides, as code.
    coordinates : dict, optional
        ``{dimension: array}``; those of the figure by default.

    Raises
    ------
    ValueError
        If a dimension has a coordinate twice, for an address could not tell the two apart; or one that is
        no text, for no address could hold it.
    """

    _esm = joined("share.js")
    _css = styles("share.css")
    _figure = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    _words = traitlets.Dict().tag(sync=True)
    _numbers = traitlets.List().tag(sync=True)  # dimensions in which 4.50 is 4.5
    _code = traitlets.Dict().tag(sync=True)
    _defaults = traitlets.Dict().tag(sync=True)
    _call = traitlets.Unicode().tag(sync=True)
    _arguments = traitlets.List().tag(sync=True)
    _prefix = traitlets.Unicode().tag(sync=True)
    _order = traitlets.Int().tag(sync=True)  # of two that share a name, the first made has it alone

    def __init__(
        self,
        figure: Widget,
        call: str,
        defaults: Mapping[str, object],
        prefix: str = "",
        moved: Sequence[str] | None = None,
        arguments: Sequence[str] = (),
        coordinates: Mapping[str, np.ndarray] | None = None,
    ):
        if coordinates is None:
            coordinates = figure.coordinates
        values = {name: coordinates[name] for name in (coordinates if moved is None else moved)}
        words = {name: [word(value) for value in some] for name, some in values.items()}
        for name, some in words.items():
            half = next(filter(HALF.search, some), None)
            if half is not None:
                raise refuse(f"coordinate of {name}", half, "whole characters, not half a surrogate pair")
            twice = [each for each, count in Counter(some).items() if count > 1]
            if twice:
                raise ValueError(f"{name} has coordinate {twice[0]} twice; allowed: coordinates that differ")
        super().__init__(
            _figure=figure,
            _words=words,
            _numbers=[name for name, some in values.items() if some.dtype.kind in "biuf"],
            _code={name: [_code(value) for value in plain(some)] for name, some in values.items()},
            _defaults={name: find(coordinates[name], value) for name, value in defaults.items()},
            _call=call,
            _arguments=list(arguments),
            _prefix=prefix,
            _order=next(_made),
        )


def word(value: object) -> str:
    """Write a coordinate as it stands in an address, or beside a control: exactly, but no longer."""
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, np.datetime64):
        return str(np.datetime_as_string(value, unit="auto"))
    if isinstance(value, float | np.floating):
        return str(value + 0).removesuffix(".0")  # -0.0 + 0 is 0.0
    return str(value)


def _code(value: object) -> str:
    """Write a coordinate as code that gives what `LookupFigure.indices` knows it by."""
    unwritten = isinstance(value, float) and not math.isfinite(value)
    return f"float({str(value)!r})" if unwritten else repr(value)
