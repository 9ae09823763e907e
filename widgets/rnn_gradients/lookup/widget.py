"""PageWidget: what every widget with JavaScript of its own is here."""

import pathlib
import re
import threading

import anywidget
from comm import DummyComm
from rjsmin import jsmin

__all__ = ["PageWidget", "joined", "styles"]

_lock = threading.Lock()  # the page's word may come on another thread


def joined(*names: str) -> str:
    """Return modules as one, in which what they import from each other is there already.

    Comments and spaces stay behind, for the code is sent again with every widget.
    """
    source = "\n".join(pathlib.Path(__file__).with_name(name).read_text() for name in names)
    source = re.sub(r'^import [^;]* from "\./[^"]*";|^export (?!default)', "", source, flags=re.M)
    source = re.sub(r"\n|;(?=})|,(?=[\])}])", "", jsmin(source))  # our statements end in semicolons
    return re.sub(r'"([^"\'\\]*)"', r"'\1'", source)  # as JSON, a double quote is two bytes


def styles(name: str) -> str:
    """Return a style sheet without comments and most of its spaces, for the same reason."""
    source = pathlib.Path(__file__).with_name(name).read_text()
    string, end, mark, colon = r'("[^"]*")', r";?\s*(})\s*", r"\s*([{;,])\s*", r'(?<=\w)(:) (?=[^{}"]*[;}])'
    kept = rf"{string}|/\*.*?\*/\s*|{end}|{mark}|{colon}"
    return re.sub(kept, lambda each: "".join(filter(None, each.groups())), source, flags=re.S)


class PageWidget(anywidget.AnyWidget):
    """A widget that is closed as soon as the page has loaded it.

    In the page, anywidget takes a model that is closed while its module is being loaded for one that cannot
    be loaded, and says so in the console. So the module's ``initialize`` sends a word when it is there.
    """

    _closing, _loaded, _waiting = False, False, ()

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(_note_loaded)

    def when_loaded(self, act) -> None:
        """Call a function once the page has loaded the widget; at once if no page can."""
        with _lock:
            waits = not (self._loaded or isinstance(self.comm, DummyComm | None))
            if waits:
                self._waiting = (*self._waiting, act)
        if not waits:
            act()

    def close(self):
        """Close the widget."""
        self._closing = True
        self.when_loaded(self._close_now)

    def _close_now(self):
        super().close()


def _note_loaded(widget, *_):
    with _lock:
        widget._loaded, waiting, widget._waiting = True, widget._waiting, ()
    for act in waiting:
        act()
