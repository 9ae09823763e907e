"""A living figure is a composition: some panels, some controls, and the table of what they can reach."""

import copy
import inspect
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import xarray as xr

from ..engine import checks
from ..lookup import CAMERA, LookupFigure, ShareBar, join
from ..lookup.plan import absent, find
from .controls import BOX, FRAMES, Control, Play, keywords, parameters
from .layout import arrangements, located, suffix
from .panels import Panel
from .style import LEGEND

__all__ = ["ROW", "Explorable", "Explorer", "figure_of"]

ROW = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 16px"}
IN_ONE_ROW = 3
"""Controls that stand in one row, wherever they stand on the dashboard."""
GROUP = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 10px", "max_width": "100%"}
LINE_ABOVE = {"border_top": "1px solid #8884"}


@dataclass(frozen=True, eq=False)
class Explorable:
    """All that an explorer can be composed of.

    Attributes
    ----------
    name : str
        Of the function that opens it.
    title : str
        In a few words, for a page of its own.
    about : str
        What is explored, in a sentence.
    controls : tuple of Control and Play
    panels : dict
        ``{name: the function that makes the `Panel`}``, called when it is first shown.
    table : callable
        Gives the table of all positions, as an xarray.Dataset; called often, so it remembers.
    order : tuple of str
        The order of the table's dimensions, for packing.
    presets : dict
        ``{label: {dimension: coordinate}}``, shown where all controls of the dashboard are.
    dashboard : tuple of str
        The panels that are shown where none is chosen; by default all.
    quiet_from : float
        On the dashboard, the first row of controls that matter less.
    prefix : str
        What goes before the names of its dimensions in an address.
    """

    name: str
    title: str
    about: str
    controls: tuple[Control | Play, ...]
    panels: Mapping[str, Callable[[], Panel]]
    table: Callable[[], xr.Dataset]
    order: tuple[str, ...]
    presets: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    dashboard: tuple[str, ...] = ()
    quiet_from: float = math.inf
    prefix: str = ""

    @property
    def dimensions(self) -> dict[str, Control]:
        """The controls that move along a dimension, by its name."""
        return {each.name: each for each in self.controls if isinstance(each, Control)}

    @property
    def start(self) -> dict[str, object]:
        """Where all of them stand when nothing else is said."""
        return {name: control.start for name, control in self.dimensions.items()}

    def function(self) -> Callable[..., "Explorer"]:
        """Make the function that opens an explorer, with a signature and a docstring made of the controls."""

        def explore(*panels, controls=None, **position):
            return self.open(panels, controls, position)

        explore.__name__ = explore.__qualname__ = self.name
        explore.__doc__, explore.__signature__ = _docstring(self), _signature(self)
        explore.explorable = self
        return explore

    def open(self, panels: Sequence[str], controls: Sequence[str] | None, position: Mapping) -> "Explorer":
        """Compose an explorer; the arguments are those of `function`."""
        whole = not panels and controls is None
        names = _chosen("panel", panels or self.dashboard or self.panels, self.panels)
        if controls is not None:
            every = [each.name for each in self.controls]
            controls = _chosen("control", checks.sequence("controls", controls), every)
        self._check_kinds(position)
        shown = tuple(self._panel(name) for name in names)
        movable = {each.name: each for each in self.controls if self._moves(each, shown)}
        asked = None if controls is None else _chosen("control", controls, movable)
        controls = [movable[name] for name in (movable if asked is None else asked)]
        start = self._checked(position, shown)
        moved = [each.name for each in controls if isinstance(each, Control)]
        fixed = {name: value for name, value in start.items() if name not in moved}
        table = self._cut(shown, tuple(fixed.items()))
        uses = [use for panel in shown for use in panel.uses]
        chosen = {dim for name, along in uses for dim in table[name].dims if dim not in along}
        chosen |= _turned(shown)
        plays = any(isinstance(each, Play) for each in controls)
        figure = figure_of(
            shown,
            table,
            start={name: value for name, value in start.items() if name in chosen},
            caption=list(dict.fromkeys(word for panel in shown for word in panel.words)),
            presets=self.presets if whole else None,
            plays=plays,
            moved=moved,
            camera=fixed.get(CAMERA),
        )
        if plays and all(panel.waits for panel in shown):
            figure.reveal_frame = 0
        composed = [repr(name) for name in names] if panels else []
        composed += [] if asked is None else [f"controls={asked!r}"]
        composed += [f"{name}={value!r}" for name, value in fixed.items() if value != self.start[name]]
        defaults = {name: self.start[name] for name in moved}
        share = ShareBar(figure, self.name, defaults, self.prefix, moved, composed)
        explorer = Explorer(figure, controls, self.quiet_from if whole else math.inf, share)
        explorer.title, explorer.about = self.title, self.about
        return explorer

    def _check_kinds(self, position: Mapping) -> None:
        """Refuse what can be told without the table, which may take seconds: names, and truth values."""
        for name, value in position.items():
            if name not in self.dimensions:
                raise checks.refuse("dimension", name, ", ".join(self.dimensions))
            is_flag, flags = isinstance(value, bool | np.bool_), self.dimensions[name].kind is BOX
            if flags and not is_flag:
                raise absent(name, value, [False, True])
            if is_flag and not flags:  # which Python takes for 1 as well
                raise checks.refuse(name, value, "what is no truth value")

    def _checked(self, position: Mapping, panels: tuple[Panel, ...]) -> dict[str, object]:
        """Complete a position; whoever asks for what is not there, or what no panel shows, is told so.

        What is not named is where it starts, or where these panels can be shown.
        """
        table, complete = self._reached(panels), self.start
        dims = self._dims(panels)
        shown = {dim for panel in panels for name, _ in panel.uses for dim in dims[name]} | _turned(panels)
        for name, value in complete.items():
            coordinates = table[name].values.tolist()
            complete[name] = value if value in coordinates else coordinates[-1]
        for name, value in position.items():
            coordinates = table[name].values.tolist()
            place = find(coordinates, value)
            if place is None:
                raise absent(name, value, coordinates)
            if name not in shown and coordinates[place] != complete[name]:
                raise checks.refuse(name, value, f"{complete[name]!r}, for no panel chosen shows another")
            complete[name] = coordinates[place]
        return complete

    @lru_cache(maxsize=64)  # noqa: B019
    def _panel(self, name: str) -> Panel:
        return self.panels[name]()

    def _moves(self, control: Control | Play, panels: tuple[Panel, ...]) -> bool:
        """Tell whether a control changes anything in these panels."""
        if isinstance(control, Play):
            return any(mark.reveal for panel in panels for mark in panel.marks)
        dims = self._dims(panels)
        followed = {
            dim for panel in panels for name, along in panel.uses for dim in dims[name] if dim not in along
        }
        return self._reached(panels).sizes[control.name] > 1 and control.name in followed | _turned(panels)

    @lru_cache(maxsize=64)  # noqa: B019
    def _reached(self, panels: tuple[Panel, ...]) -> xr.Dataset:
        """Cut the table to where all of these panels can be shown."""
        table = self.table()
        for panel in panels:
            for dimension, coordinates in panel.reach.items():
                there = [each for each in table[dimension].values.tolist() if each in coordinates]
                if not there:
                    titles = " and ".join(each.title for each in panels if dimension in each.reach)
                    raise ValueError(
                        f"{titles} can't be shown together; allowed: panels with a {dimension} in common"
                    )
                table = _at(table, {dimension: there})
        return table

    @lru_cache(maxsize=64)  # noqa: B019
    def _dims(self, panels: tuple[Panel, ...]) -> dict[str, tuple]:
        """Give the dimensions of each variable that these panels show, found with few positions of each."""
        some = {name: self.table()[name].values[:1].tolist() for name in self.dimensions}
        return {name: variable.dims for name, variable in self._with_data(panels, some).variables.items()}

    def _with_data(self, panels: tuple[Panel, ...], here: Mapping[str, list]) -> xr.Dataset:
        """Add to the table what only these panels need, at some positions along some dimensions."""
        table = _at(self.table(), here)
        for panel in panels:
            own = {name: at for name, at in here.items() if name not in panel.picks}
            table = table.assign(panel.data(_at(self.table(), own)))
        reached = self._reached(panels)
        others = {each for panel in panels for each in panel.reach} - here.keys()
        return _at(table, {name: reached[name].values.tolist() for name in others})

    @lru_cache(maxsize=64)  # noqa: B019
    def _cut(self, panels: tuple[Panel, ...], fixed: tuple) -> xr.Dataset:
        """Cut the table to the panels, and to the position along each dimension that has no control.

        A dimension along which a variable is drawn stays whole in it.
        """
        uses = [use for panel in panels for use in panel.uses]
        drawn = {dim for _, along in uses for dim in along}
        here = {name: [at] for name, at in fixed if name not in drawn}
        table, cut = self._with_data(panels, here), {}
        for name in dict.fromkeys(name for name, _ in uses):
            along = {dim for other, dims in uses if other == name for dim in dims}
            at = {dim: value for dim, value in fixed if dim in table[name].dims and dim not in along}
            cut[name] = table[name].sel(at, drop=True)
        return xr.Dataset(cut).transpose(*self.order, missing_dims="ignore")


def _at(table: xr.Dataset, here: Mapping[str, list]) -> xr.Dataset:
    """Cut a table to some coordinates along some dimensions, which stay.

    By place, since `sel` takes a list of truth values for a mask.
    """
    places = {name: table[name].values.tolist() for name in here}
    return table.isel({name: [places[name].index(each) for each in some] for name, some in here.items()})


def _turned(panels: Sequence[Panel]) -> set[str]:
    """Give the dimension along which scenes are turned, where there is one."""
    return {CAMERA for panel in panels if panel.cameras}


def _chosen(kind: str, names: Iterable[str], allowed: Iterable[str]) -> list[str]:
    chosen = [checks.choice(kind, name, allowed) for name in names]
    if not chosen or len(set(chosen)) < len(chosen):
        raise checks.refuse(f"{kind}s", chosen, f"at least one of {', '.join(allowed)}, and none twice")
    return chosen


def figure_of(
    panels: Sequence[Panel],
    table: xr.Dataset,
    *,
    start: Mapping[str, object] | None = None,
    caption: Sequence[str] = (),
    presets: Mapping[str, Mapping] | None = None,
    plays: bool = False,
    moved: Collection[str] = (),
    camera: str | None = None,
) -> LookupFigure:
    """Make one figure of panels.

    Parameters
    ----------
    panels : sequence of Panel
    table : xarray.Dataset
        Holds all variables that the panels show.
    start, caption, presets
        As for `LookupFigure`.
    plays : bool
        Whether there is a `Play`; without it, all is drawn at once.
    moved : collection of str
        The dimensions that have a control.
    camera : str, optional
        The one camera from which scenes are seen; by default they are turned from each to each.

    Returns
    -------
    LookupFigure
    """
    marks = [mark for panel in panels for mark in panel.marks]
    reveal = {mark.trace.name: mark.reveal for mark in marks if mark.reveal and (plays or mark.latest)}
    layout, narrow = arrangements(panels)
    cameras = {name: each for panel in panels for name, each in panel.cameras.items()}
    views = {label: {CAMERA: name} for panel in panels for label, name in panel.views.items()}
    return LookupFigure(
        go.Figure(list(_traces(panels)), _layout(panels)).update_layout(layout),
        table,
        {(mark.trace.name, attribute): what for mark in marks for attribute, what in mark.show.items()},
        along={mark.trace.name: mark.along for mark in marks if mark.along},
        start=start,
        reveal=reveal,
        reveal_frames=FRAMES,
        latest={mark.trace.name: mark.latest for mark in marks if mark.latest},
        presets={**(presets or {}), **(views if CAMERA in moved else {})},
        cameras=cameras if camera is None or not cameras else {camera: cameras[camera]},
        caption=caption,
        edges=[mark.trace.name for mark in marks if mark.edge],
        narrow=narrow,
        clicks=[mark.trace.name for mark in marks if mark.clicks and {*mark.dims} <= {*moved}],
    )


def _traces(panels: Sequence[Panel]) -> Iterable:
    for index, panel in enumerate(panels):
        axis = suffix(index)
        for mark in panel.marks:
            where = {"scene": f"scene{axis}"} if panel.scene else {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
            trace = copy.deepcopy(mark.trace).update(where)
            yield trace.update(legend=f"legend{axis}") if panel.legend else trace.update(showlegend=False)


def _layout(panels: Sequence[Panel]) -> dict:
    """All of the layout that is the same for every width."""
    layout = {
        "template": "none",
        "font": {"size": 12},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "hovermode": "closest",
        "barmode": "overlay",
        "shapes": [located(shape, suffix(i)) for i, panel in enumerate(panels) for shape in panel.shapes],
    }
    still = {"fixedrange": True, "zeroline": False}
    for index, panel in enumerate(panels):
        axis = suffix(index)
        if panel.scene:
            layout[f"scene{axis}"] = {"xaxis": panel.x, "yaxis": panel.y, **panel.scene}
        else:
            layout[f"xaxis{axis}"] = {**panel.x, **still, "anchor": f"y{axis}"}
            layout[f"yaxis{axis}"] = {**panel.y, **still, "anchor": f"x{axis}"}
        if panel.square:
            layout[f"yaxis{axis}"]["scaleanchor"] = f"x{axis}"
        if panel.legend:
            layout[f"legend{axis}"] = LEGEND
    return layout


class Explorer(ipywidgets.VBox):
    """A figure with its controls.

    Attributes
    ----------
    figure : LookupFigure
    controls : dict
        The widget of each control, by its name; of Play there are two, ``play`` and ``frame``.
    title, about : str
        As of its `Explorable`.
    """

    def __init__(
        self, figure: LookupFigure, controls: Sequence[Control | Play], quiet_from: float, share: ShareBar
    ):
        self.figure, self.controls, self._share, rows = figure, {}, share, {}
        self._links, self._players = [], []
        in_one_row = len(controls) <= IN_ONE_ROW
        for control in controls:
            rows.setdefault(0 if in_one_row else control.row, []).extend(self._add(control))
        figure.controls = [*self.controls.values(), *self._players]
        figure.overruled = {
            self.controls[each.name].model_id: each.overruled_by
            for each in controls
            if isinstance(each, Control) and each.overruled_by in figure.dimensions
        }
        boxes = [
            ipywidgets.Box(widgets, layout=ROW | (LINE_ABOVE if row == quiet_from else {}))
            for row, widgets in sorted(rows.items())
        ]
        for box, row in zip(boxes, sorted(rows), strict=True):
            if row >= quiet_from:
                box.add_class("lookup-quiet")
        super().__init__([*boxes, figure, share])

    def _add(self, control: Control | Play) -> list[ipywidgets.Widget]:
        """Make the widgets of a control, joined to the figure."""
        if isinstance(control, Play):
            widgets = control.widgets(self.figure.reveal_frame)
            self.controls |= widgets
            self._links += [join((each, "value"), (self.figure, "reveal_frame")) for each in widgets.values()]
            return [ipywidgets.Box([widgets["frame"], widgets["play"]], layout=GROUP)]
        coordinates = self.figure.coordinates[control.name].tolist()
        widget = control.widget(coordinates, self.figure.position[control.name])
        self.controls[control.name] = widget
        trait = "value" if control.kind is BOX else "index"
        self._links.append(join((widget, trait), (self.figure, control.name)))
        if not control.pace:
            return [widget]
        player = control.player(coordinates, widget.index)
        self._players.append(player)
        self._links.append(join((player, "value"), (self.figure, control.name)))
        return [ipywidgets.Box([widget, player], layout=GROUP)]

    def close(self):
        """Close all widgets that belong to this explorer; what it shares with others stays."""
        for widget in (*self._links, *self.controls.values(), *self._players, *self.children):
            if widget is not self.figure:
                widget.close()
        self._share.when_loaded(self.figure.close)  # to whom it refers
        super().close()


def _signature(explorable: Explorable) -> inspect.Signature:
    several = [
        inspect.Parameter("panels", inspect.Parameter.VAR_POSITIONAL, annotation=str),
        inspect.Parameter(
            "controls", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Sequence[str] | None
        ),
    ]
    return inspect.Signature(
        [*several, *keywords(explorable.dimensions.values())], return_annotation=Explorer
    )


def _docstring(explorable: Explorable) -> str:
    panels = ", ".join(f'"{name}"' for name in explorable.panels)
    controls = ", ".join(f'"{control.name}"' for control in explorable.controls)
    return f"""{explorable.about}

Parameters
----------
*panels : str
    What is shown, in this order; all of it by default: {panels}.
controls : sequence of str, optional
    What the reader can move, in this order; by default all that moves these panels. There are {controls}.
    What has no control stays where it is.
{parameters(explorable.dimensions.values())}

Returns
-------
Explorer

Raises
------
ValueError
    If there is no such panel, control or position, or one is named twice.
"""
