"""LookupFigure: a plotly figure whose traces are looked up in an xarray.Dataset, in the browser."""

import gzip
import weakref
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import traitlets
import xarray as xr
from ipywidgets import Widget, widget_serialization
from plotly.offline import get_plotlyjs

from .plan import (
    absent,
    axes_of,
    check,
    check_kinds,
    dimensions_of,
    find,
    listed,
    pairs,
    plain,
    read_clicks,
    read_plan,
    refuse,
    spec,
)
from .table import pack
from .widget import PageWidget, joined, styles

__all__ = ["CAMERA", "LookupFigure"]

MODULES = (
    *("table.js", "shared.js", "look.js", "edges.js", "paint.js", "dress.js"),
    *("controls.js", "figure.js"),
)

CAMERA = "camera"
"""The dimension that the cameras are the coordinates of."""


class Shared(Widget):
    """Something large that many figures use: it is sent once, and each view finds it by its id."""

    content = traitlets.Dict().tag(sync=True)


_shared: dict[object, Shared] = {}


def _share(key: object, make: Callable[[], dict]) -> Shared:
    """Return the Shared of this key, made anew if there is none or it was closed."""
    if key not in _shared or _shared[key].comm is None:
        _shared[key] = Shared(content=make())
    return _shared[key]


def _share_table(data: xr.Dataset, names: Sequence[str]) -> Shared:
    """Return the packed variables, for as long as the dataset lives."""
    key = (id(data), *names)
    new = key not in _shared
    table = _share(key, lambda: {name: pack(data[name]) for name in names})
    if new:
        # as Python ends, there is no page left to be told
        weakref.finalize(data, lambda: _shared.pop(key).close()).atexit = False
    return table


def _share_plotly() -> Shared:
    """Return plotly.js as the installed plotly ships it: once a kernel, however many figures there are."""
    return _share("plotly", lambda: {"js": gzip.compress(get_plotlyjs().encode(), 9, mtime=0)})


class LookupFigure(PageWidget):
    """A plotly figure that follows its controls with no kernel in the loop.

    Every dimension of the data that is not drawn becomes a trait of the same name, the index of the position
    along it (for truth values: the value). Join ordinary controls to these traits by `lookup.join`,
    the control first: ``SelectionSlider.index``, ``Dropdown.index``, ``Checkbox.value``.

    A figure that is more than a screen out of sight is not drawn; its place, caption and text alternative are
    there, and it is drawn at its current position once it comes near.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        How everything looks. Traces are referred to by their names. None may be a map, which the browser would
        have to ask some other place for.
    data : xarray.Dataset
        What the traces show, at all positions; not to be changed afterwards. A variable with an attribute ``resolution`` travels as 16-bit
        multiples of it.
    show : dict
        ``{(trace name, attribute): variables}``. The attribute may have dots, as in ``"marker.size"``. The
        variables are a name; or a tuple of names whose values are added (strings: joined); or a list of
        these, one for each point of the trace. As ``"text"``, ``"hovertext"`` or ``"customdata"``, a variable
        whose attribute ``units`` is ``"log10"`` is written as the number itself: 0.04, 698,000, 4×10⁹. Words outside the traces are looked up under the name
        ``"layout"``: ``("layout", "annotations[0].text")``, ``("layout", "title.text")``,
        ``("layout", "xaxis.ticktext")``. What the attribute belongs to must be in the figure already.
    along : dict
        ``{trace name: dimension}``, for traces drawn along a whole dimension. Its coordinate is the trace's x
        unless the figure or `show` gives one. Heat maps, contours and surfaces take two,
        ``{trace name: (dimension of y, dimension of x)}``: z then has a row for each y and a column for each x.
        ``"layout"`` stands for the layout here too, say for the words of an axis's ticks.
    start : dict
        ``{dimension: coordinate}``, the first position. By default the first along each dimension.
    reveal : dict
        ``{trace name: (first frame, last frame)}``: the frames of `reveal_frame` in which a trace is drawn,
        point by point, or a grid column by column; from right to left where the first frame is the larger number.
        At frame `reveal_frames`, as by default, all is drawn.
    latest : dict
        ``{trace name: number}``: of these traces of `reveal` only so many points are drawn, those revealed last,
        together: of one point a front, or a counter in words; of two a stroke that moves.
    reveal_frames : int
        The last frame, where all is drawn. Join ``ipywidgets.Play.value`` to the trait `reveal_frame`.
    presets : dict
        ``{label: {dimension: coordinate}}``, shown as buttons above the figure.
    caption : sequence of str
        Variables of strings, joined by spaces into a sentence above the figure, which is also its text alternative.
    edges : sequence of str
        Traces whose points beyond the ranges of their axes are marked by triangles at the edge: unstacked ones of
        type scatter, scattergl or bar (without a base). Where an axis follows the data, nothing is beyond it.
    narrow : sequence of (int, dict)
        Widths in pixels, from small to large, and the changes to the figure's layout below each: as for `update_layout`.
    clicks : sequence of str
        Traces of `along`, drawn along dimensions that have traits as well, for others show one position of them: a
        click on a point, or on a cell of a heat map, moves the figure to its coordinates. No surfaces. Whoever has no
        mouse needs a control for each of these dimensions.

    cameras : dict
        ``{name: camera}``, views of the figure's surfaces (and of all else in three dimensions), each as plotly
        has it: ``{"eye": {"x": 2, "y": 0, "z": 1}}``. They are the coordinates of one more dimension, ``camera``,
        with a trait like any other: for controls, `presets`, addresses and Python. The reader may still turn
        the view by hand; it stays so until another camera is chosen. Turning reveals nothing that waits for Play.

    Attributes
    ----------
    controls : list of ipywidgets.Widget
        Controls to give accessible names to (sliders and Play have none of their own) and to keep the keys of.
    overruled : dict
        ``{model id of a control: dimension}``: the control is struck through where that dimension is True.
    coordinates : dict
        ``{dimension: array}``, what each trait is the index of.
    dimensions : list of str
        The dimensions with a trait, in the dataset's order; ``camera`` last.
    reveal_frame : int

    Raises
    ------
    ValueError
        If a trace, variable, dimension or coordinate is named that is not there, or something could not be drawn:
        a surface along one dimension, say, a z without one of its two, or a camera that is none.

    Examples
    --------
    >>> x = xr.DataArray(np.linspace(0, 6, 50), dims="x", coords={"x": np.linspace(0, 6, 50)})
    >>> f = xr.DataArray([1, 2, 3], dims="frequency", coords={"frequency": [1, 2, 3]})
    >>> figure, data = go.Figure(go.Scatter(name="wave")), xr.Dataset({"sine": np.sin(f * x)})
    >>> wave = LookupFigure(figure, data, {("wave", "y"): "sine"}, along={"wave": "x"})
    >>> slider = ipywidgets.SelectionSlider(options=[1, 2, 3]); ipywidgets.jslink((slider, "index"), (wave, "frequency"))

    A surface that is seen from the side or from above, with its frequency in its title:

    >>> y = xr.DataArray(np.linspace(0, 6, 20), dims="y", coords={"y": np.linspace(0, 6, 20)})
    >>> data = xr.Dataset({"sea": np.sin(f * x) * np.cos(y), "words": "frequency " + f.astype(str)})
    >>> show = {("sea", "z"): "sea", ("layout", "title.text"): "words"}
    >>> cameras = {"side": {"eye": {"x": 2, "y": 0, "z": 0.5}}, "above": {"eye": {"x": 0, "y": 0, "z": 2}}}
    >>> views = {"From above": {"camera": "above"}}
    >>> surface = go.Figure(go.Surface(name="sea"))
    >>> sea = LookupFigure(surface, data, show, along={"sea": ("y", "x")}, cameras=cameras, presets=views)
    """  # noqa: E501

    # as text: of a path, anywidget would watch the file, and so keep every closed figure alive
    _esm = joined(*MODULES)
    _css = styles("figure.css")
    _figure = traitlets.Dict().tag(sync=True)
    _plan = traitlets.Dict().tag(sync=True)
    _table = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    _plotly = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    controls = traitlets.List(traitlets.Instance(Widget)).tag(sync=True, **widget_serialization)
    overruled = traitlets.Dict().tag(sync=True)
    reveal_frame = traitlets.Int(0).tag(sync=True)
    _own = None  # the table of `show_data`

    def __init__(
        self,
        figure: go.Figure,
        data: xr.Dataset,
        show: Mapping[tuple[str, str], object],
        *,
        along: Mapping[str, str | tuple[str, str]] | None = None,
        start: Mapping[str, object] | None = None,
        reveal: Mapping[str, tuple[int, int]] | None = None,
        reveal_frames: int = 100,
        latest: Mapping[str, int] | None = None,
        presets: Mapping[str, Mapping[str, object]] | None = None,
        caption: Sequence[str] = (),
        edges: Sequence[str] = (),
        narrow: Sequence[tuple[int, Mapping]] = (),
        cameras: Mapping[str, Mapping] | None = None,
        clicks: Sequence[str] = (),
    ):
        along, start, reveal, latest, presets, cameras = (
            {} if each is None else each for each in (along, start, reveal, latest, presets, cameras)
        )
        show, along, reveal = pairs("show", show), pairs("along", along), pairs("reveal", reveal)
        caption, edges, clicks = (
            listed(name, given)
            for name, given in {"caption": caption, "edges": edges, "clicks": clicks}.items()
        )
        latest, cameras = pairs("latest", latest), pairs("cameras", cameras)
        frames = reveal, reveal_frames, latest
        plan = read_plan(figure, data, show, along, caption, edges, *frames, narrow, cameras)
        used = [(name, each["along"]) for each in plan["show"] for point in each["points"] for name in point]
        used += [(name, None) for name in caption]
        selected = {dim for name, drawn in used for dim in data[name].dims if dim not in dimensions_of(drawn)}
        if cameras and CAMERA in selected:
            raise refuse("dimension", CAMERA, "any other name, for there are cameras")
        self.data, self._cameras = data, list(cameras)
        traces = {trace.name for trace in figure.data}
        self._on_axes = {
            dim
            for trace, dims in along.items()
            for axis, dim in axes_of(dims).items()
            if trace in traces and (trace, axis) not in show
        }
        self.dimensions = [dim for dim in data.sizes if dim in selected] + [CAMERA] * bool(cameras)
        plan["dimensions"] = [dim for dim in self.dimensions if not self._is_camera(dim)]
        plan["clicks"] = read_clicks(clicks, figure, along, self.dimensions)
        self._add_dimension_traits()
        plan["presets"] = {}
        for label, position in pairs("presets", presets).items():
            if not isinstance(label, str):
                raise refuse("a label of presets", label, "a string")
            plan["presets"][label] = self._indices(f"presets[{label!r}]", position)
        first = self._indices("start", start)
        super().__init__(
            _figure=spec(figure, data, {name: along.get(name) for name in {*along, *edges, *reveal}}),
            _plan=plan,
            _table=_share_table(data, sorted({name for name, _ in used})),
            _plotly=_share_plotly(),
            reveal_frame=plan["reveal_frames"],
            **first,
        )

    def show_data(self, data: xr.Dataset) -> None:
        """Draw other data in place of the first, say while they are being computed.

        Parameters
        ----------
        data : xarray.Dataset
            The variables that are drawn; along the dimensions that are not drawn as long as before.

        Raises
        ------
        ValueError
            If a variable is missing or has other dimensions, or a dimension has another length, or another
            coordinate where that is the x of a trace.
        """
        if self._closing:
            return
        if not isinstance(data, xr.Dataset):
            raise TypeError(f"data is {data!r}; allowed: xarray.Dataset")
        names = self._table.content
        check("variable", names, data.data_vars)
        for name in names:
            if {*data[name].dims} != {*self.data[name].dims}:
                raise ValueError(
                    f"{name!r} has dimensions {data[name].dims}; allowed: {self.data[name].dims}"
                )
        for dimension in self._on_axes:
            if not data[dimension].equals(self.data[dimension]):
                raise ValueError(
                    f"coordinate of {dimension!r} is another; allowed: the first, a trace's x or y"
                )
        for dimension in self.dimensions:
            if not self._is_camera(dimension) and data.sizes.get(dimension) != self.data.sizes[dimension]:
                given, allowed = data.sizes.get(dimension), self.data.sizes[dimension]
                raise ValueError(f"length of {dimension!r} is {given}; allowed: {allowed}")
        check_kinds(data, self._plan)
        before, self._own = self._own, Shared(content={name: pack(data[name]) for name in names})
        self._table, self.data = self._own, data
        if before is not None:
            before.close()

    def _close_now(self):
        """Close the figure, and the table that only it has."""
        if self._own is not None:
            self._own.close()
        super()._close_now()

    def _add_dimension_traits(self) -> None:
        for dimension in self.dimensions:
            taken = not isinstance(dimension, str) or hasattr(type(self), dimension)
            taken = taken or dimension in ("self", "data", "dimensions", "__proto__")
            if taken or [dimension] != dimension.split():  # "change:a b" would be two events
                allowed = "any name that no widget's attribute has, without spaces"
                raise refuse("dimension", dimension, allowed)
            if not self._coordinates(dimension).size:
                raise ValueError(f"length of {dimension!r} is 0; allowed: at least one position")
        self.add_traits(
            **{
                dim: (
                    traitlets.Bool(False)
                    if self._is_toggle(dim)
                    else traitlets.Int(0, min=0, max=self._coordinates(dim).size - 1)
                ).tag(sync=True)
                for dim in self.dimensions
            }
        )

    @property
    def coordinates(self) -> dict[str, np.ndarray]:
        """All coordinates along each dimension; of ``camera``, the cameras' names."""
        return {dim: self._coordinates(dim) for dim in self.dimensions}

    def _coordinates(self, dimension: str) -> np.ndarray:
        return np.array(self._cameras) if self._is_camera(dimension) else self.data[dimension].values

    def _is_camera(self, dimension: str) -> bool:
        return bool(self._cameras) and dimension == CAMERA

    def _is_toggle(self, dimension: str) -> bool:
        values = self._coordinates(dimension)
        return values.dtype == bool and values.tolist() == [False, True]

    def indices(self, position: Mapping[str, object]) -> dict[str, int | bool]:
        """Translate coordinates into the traits' values.

        Parameters
        ----------
        position : dict
            ``{dimension: coordinate}``, of any of the figure's dimensions. A date may be one of numpy, pandas
            or Python, or a string: ``"2000-01-02"``.

        Returns
        -------
        dict
            ``{dimension: index}``, or the truth value itself for a dimension of False and True.

        Raises
        ------
        ValueError
            If a dimension or coordinate is not there. NaN is there where the coordinate has it.
        """
        return self._indices("position", position)

    def _indices(self, name: str, position: object) -> dict[str, int | bool]:
        position = pairs(name, position)
        check("dimension", position, self.dimensions)
        found = {}
        for dimension, coordinate in position.items():
            values = self._coordinates(dimension)
            place = find(values, coordinate)
            if place is None:
                raise absent(dimension, coordinate, plain(values))
            found[dimension] = bool(place) if self._is_toggle(dimension) else place
        return found

    @property
    def position(self) -> dict[str, object]:
        """The coordinates of the current position, by dimension."""
        return {dim: plain(values)[getattr(self, dim)] for dim, values in self.coordinates.items()}
