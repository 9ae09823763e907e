"""Panel: one part of a living figure. What a mark shows stands beside how it looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import xarray as xr
from plotly.basedatatypes import BaseTraceType

__all__ = ["Mark", "Panel"]


@dataclass(frozen=True, eq=False)
class Mark:
    """A trace, and what it shows.

    Attributes
    ----------
    trace : plotly trace
        How it looks; its name is unique among the panels of an explorer.
    show : dict
        ``{attribute: variables}``, as for `LookupFigure`: ``{"y": ("gradient", "error_log10")}``.
    along : str or (str, str), optional
        The dimension along which it is drawn; of a heat map and its like two, that of y first.
    reveal : (int, int), optional
        The frames of Play in which it is drawn.
    latest : int
        How many points are drawn, those that were revealed last; 0 for all that were revealed.
    edge : bool
        Whether points beyond the axes are marked at the edge.
    clicks : bool
        Whether a click moves the reader along these dimensions, where controls do.
    """

    trace: BaseTraceType
    show: Mapping[str, object] = field(default_factory=dict)
    along: str | tuple[str, str] | None = None
    reveal: tuple[int, int] | None = None
    latest: int = 0
    edge: bool = False
    clicks: bool = False

    @property
    def dims(self) -> tuple[str, ...]:
        """The dimensions along which it is drawn."""
        return (self.along,) if isinstance(self.along, str) else self.along or ()


def _nothing(table: xr.Dataset) -> Mapping[str, xr.DataArray]:
    return {}


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes, or a scene of three, with its marks.

    Attributes
    ----------
    title : str
    marks : tuple of Mark
    x, y : dict
        The axes, in plotly's terms.
    width, height : int
        Pixels that it needs between its axes, at least, and that it is high.
    low : int
        Pixels that it is high on a phone, where panels stand below each other; 0 is as high as elsewhere.
    scene : dict
        Of a panel in three dimensions: all but x and y, in plotly's terms, the axis of z say. Its marks are
        traces that live in a scene, and labels of its axes stand within its width and height.
    cameras : dict
        ``{name: camera}``, the views of a scene: the coordinates of the dimension `lookup.CAMERA`.
    views : dict
        ``{label: name}``: cameras that a button goes to, where this dimension has a control.
    grows : float
        Its share of the pixels that a row has to spare.
    alone : bool
        Whether it has a row to itself.
    data : callable
        Makes of the explorer's table the variables that only this panel needs.
    words : tuple of str
        Variables of strings: what is said of it in the sentence.
    picks : tuple of str
        Dimensions of which `data` takes positions of its own; of the others it is given what can be reached.
    reach : dict
        ``{dimension: coordinates}``: the only positions at which it can be shown.
    legend : bool
        Whether it has one.
    waits : bool
        Whether a figure of such panels alone stands at the beginning of Play, for the reader to guess first.
    square : bool
        Whether a unit is as long across as up.
    headroom, footroom : int
        Pixels that notes of its own take above the plot, and tick labels of more than one line below it.
    notes, shapes : tuple of dict
        Annotations and shapes, in plotly's terms, in the panel's own coordinates; ``"domain"`` as a
        reference is the panel's own, too.
    """

    title: str
    marks: tuple[Mark, ...]
    x: Mapping
    y: Mapping
    width: int
    height: int
    low: int = 0
    scene: Mapping = field(default_factory=dict)
    cameras: Mapping[str, Mapping] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)
    grows: float = 1.0
    alone: bool = False
    data: Callable[[xr.Dataset], Mapping[str, xr.DataArray]] = _nothing
    words: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    reach: Mapping[str, Sequence] = field(default_factory=dict)
    legend: bool = True
    waits: bool = False
    square: bool = False
    headroom: int = 0
    footroom: int = 0
    notes: tuple[Mapping, ...] = ()
    shapes: tuple[Mapping, ...] = ()

    @property
    def uses(self) -> list[tuple[str, tuple[str, ...]]]:
        """All variables that are shown or said, each with the dimensions along which it is drawn."""
        shown = [(what, mark.dims) for mark in self.marks for what in mark.show.values()]
        points = [
            (point, dims) for what, dims in shown for point in (what if isinstance(what, list) else [what])
        ]
        uses = [
            (name, dims) for point, dims in points for name in ([point] if isinstance(point, str) else point)
        ]
        return uses + [(name, ()) for name in self.words]
