"""Two traits kept equal, in the browser and in Python."""

from functools import partial

import ipywidgets
from traitlets import TraitError

__all__ = ["join"]


def join(source: tuple[ipywidgets.Widget, str], target: tuple[ipywidgets.Widget, str]) -> ipywidgets.Widget:
    """Keep two traits equal: as ``ipywidgets.jslink`` does in the browser, and when Python sets one of them.

    So what is saved, or shown for the first time, stands where it was put, whichever of the two was set.

    Parameters
    ----------
    source, target : (ipywidgets.Widget, str)
        A widget and the name of its trait; the target takes the source's value.

    Returns
    -------
    ipywidgets.Widget
        The link in the browser. It is closed with either of the two, for ipywidgets writes no page then.
    """
    setattr(*target, getattr(*source))
    link = ipywidgets.jslink(source, target)
    for (widget, name), other in ((source, target), (target, source)):
        widget.observe(partial(_follow, other), name)
        widget.observe(lambda _: link.close(), "comm")
    return link


def _follow(other, change) -> None:
    # What comes from the browser has moved the other end there. To answer it would undo what was moved since.
    if (change.name, change.new) in change.owner._property_lock.items():
        return
    try:
        setattr(*other, change.new)
    except TraitError:
        setattr(change.owner, change.name, getattr(*other))
        raise
