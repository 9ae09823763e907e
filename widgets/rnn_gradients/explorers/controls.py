"""Control: what a reader moves, declared once for the figure, its address, its code and its tests."""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ipywidgets

from ..lookup.share import word

__all__ = ["BOX", "FRAMES", "LIST", "SLIDER", "Control", "Play", "keywords", "parameters"]

SLIDER, LIST, BOX = ipywidgets.SelectionSlider, ipywidgets.Dropdown, ipywidgets.Checkbox
FRAMES = 120
"""The last frame of Play: at 30 a second, it lasts four."""


@dataclass(frozen=True, eq=False)
class Control:
    """One dimension that a reader moves along.

    Attributes
    ----------
    name : str
        The dimension's, and so the name in an address, in code and in `Explorer.controls`.
    label : str
        What the reader sees beside it.
    kind : type
        `SLIDER`, `LIST` or `BOX`, the last for a dimension of False and True.
    start : object
        The coordinate at which it stands when nothing else is said.
    about : str
        What it is, for the docstring.
    width : int
        In pixels; a box is as wide as its label.
    words : dict
        ``{coordinate: what the reader sees of it}``, where that is not the coordinate itself.
    row : int
        In which row it stands on the dashboard.
    overruled_by : str, optional
        The dimension that overrules it where it is True; the control is then struck through.
    pace : int
        Milliseconds for which a position is shown while the slider moves by itself, once the button beside it
        is pressed; without it there is no button.
    """

    name: str
    label: str
    kind: type
    start: object
    about: str
    width: int = 0
    words: Mapping = field(default_factory=dict)
    row: int = 0
    overruled_by: str = ""
    pace: int = 0

    def said(self, coordinate: object) -> str:
        """Say a coordinate as the reader sees it: with a minus, where an address has a hyphen."""
        return self.words.get(coordinate, re.sub("^-", "−", word(coordinate)))

    def widget(self, coordinates: Sequence, position: object) -> ipywidgets.Widget:
        """Make the widget, set to a position.

        Parameters
        ----------
        coordinates : sequence
            All positions, in order.
        position : object
            One of them.
        """
        if self.kind is BOX:
            return BOX(bool(position), description=self.label, indent=False, layout={"width": "auto"})
        return self.kind(
            options=[(self.said(each), each) for each in coordinates],
            index=list(coordinates).index(position),
            description=self.label,
            layout={"width": f"{self.width}px"},
            style={"description_width": "initial"},
        )

    def player(self, coordinates: Sequence, place: int) -> ipywidgets.Play:
        """Make the button that lets the slider run to its end, from a place on."""
        return _play(self.label, place, len(coordinates) - 1, self.pace)


@dataclass(frozen=True)
class Play:
    """The control that lets a figure run through its frames, or drags it back and forth.

    Attributes
    ----------
    label : str
    row : int
        As of a `Control`.
    """

    label: str
    row: int = 0
    name = "play"

    def widgets(self, position: int) -> dict[str, ipywidgets.Widget]:
        """Make the widgets, which stand at a frame: ``play``, and ``frame``, a slider."""
        play = _play(self.label, position, FRAMES, 33)
        frame = ipywidgets.IntSlider(
            position,
            0,
            FRAMES,
            description=self.label,
            readout=False,
            layout={"width": "280px"},
            style={"description_width": "initial"},
        )
        return {"play": play, "frame": frame}


def _play(label: str, place: int, last: int, interval: int) -> ipywidgets.Play:
    return ipywidgets.Play(value=place, max=last, interval=interval, show_repeat=False, description=label)


def keywords(controls: Iterable[Control]) -> list[inspect.Parameter]:
    """Give the keyword arguments of a function that opens a figure at a position, for its signature."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(each.name, kind, default=each.start, annotation=type(each.start))
        for each in controls
    ]


def parameters(controls: Iterable[Control]) -> str:
    """Describe these arguments, for its docstring."""
    return "\n".join(f"{each.name} : {type(each.start).__name__}\n    {each.about}" for each in controls)
