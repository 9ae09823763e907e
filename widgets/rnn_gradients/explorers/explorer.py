"""What all explorers share: a figure, its controls, and their links."""

import inspect
from collections.abc import Callable, Mapping, Sequence

import ipywidgets

from ..lookup import LookupFigure, ShareBar
from ..lookup.share import word

__all__ = ["ROW", "Explorer", "assemble", "choice", "toggle"]

ROW = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 16px"}


class Explorer(ipywidgets.VBox):
    """A figure with its controls.

    Attributes
    ----------
    figure : LookupFigure
    controls : dict
        The control of each of the figure's dimensions, and of ``play`` and ``speed`` where there are such.
    """

    def __init__(self, figure: LookupFigure, controls: dict[str, ipywidgets.Widget], rows: list, links: list):
        self.figure, self.controls, self._links = figure, controls, links
        super().__init__(rows)

    def close(self):
        """Close all widgets that belong to this explorer; what it shares with others stays."""
        for widget in (*self._links, *self.controls.values(), *self.children):
            widget.close()
        super().close()


def assemble(
    figure: LookupFigure,
    controls: dict[str, ipywidgets.Widget],
    rows: Sequence[Sequence[str]],
    opens: Callable,
    quiet: Sequence[str] = (),
    prefix: str = "",
) -> Explorer:
    """Join controls to a figure, and set them above it in rows; the `quiet` ones below a line.

    `opens` is the function that opens the explorer at a position, for whoever shares it; `prefix` goes before
    the names of its controls in an address.
    """
    figure.controls = list(controls.values())
    links = [
        ipywidgets.jslink(
            (control, "value" if isinstance(control, ipywidgets.Checkbox) else "index"), (figure, name)
        )
        for name, control in controls.items()
        if name not in ("play", "speed")
    ]
    if "play" in controls:
        links.append(ipywidgets.jslink((controls["play"], "value"), (figure, "reveal_frame")))
        links.append(ipywidgets.jslink((controls["speed"], "value"), (controls["play"], "step")))

    def labelled(name):  # ipywidgets' Play shows no description
        control = controls[name]
        if name != "play":
            return [control]
        return [ipywidgets.Label(control.description).add_class("lookup-control"), control]

    boxes = [
        ipywidgets.Box([box for name in names for box in labelled(name)], layout=ROW | more)
        for names, more in (*((row, {}) for row in rows), (quiet, {"border_top": "1px solid #8884"}))
        if names
    ]
    if quiet:
        boxes[-1].add_class("lookup-quiet")
    defaults = {name: each.default for name, each in inspect.signature(opens).parameters.items()}
    share = ShareBar(figure, opens.__name__, defaults, prefix)
    return Explorer(figure, controls, [*boxes, figure, share], links)


def choice(
    kind: type, figure: LookupFigure, name: str, description: str, width: int, labels: Mapping = {}
) -> ipywidgets.Widget:
    """Make a slider or list of a dimension's coordinates, called as in `labels` where they are in it."""
    words = {value: word(value) for value in figure.data[name].values.tolist()}
    return kind(
        options=list((words | labels).values()),
        index=getattr(figure, name),
        description=description,
        layout={"width": f"{width}px"},
        style={"description_width": "initial"},
    )


def toggle(figure: LookupFigure, name: str, description: str) -> ipywidgets.Checkbox:
    """Make a box to tick for a dimension of False and True."""
    value = getattr(figure, name)
    return ipywidgets.Checkbox(value, description=description, indent=False, layout={"width": "auto"})
