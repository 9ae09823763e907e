"""LookupFigure with tides instead of networks: its traits, what it shares, and what it refuses."""

import doctest
import functools
import gc
import json
import re
import threading
import weakref
from typing import ClassVar

import ipywidgets
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import traitlets
import xarray as xr
from comm.base_comm import BaseComm
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances
from rnn_gradients import save_page
from rnn_gradients.lookup import LookupFigure, ShareBar, join
from rnn_gradients.lookup.figure import _share_table
from rnn_gradients.lookup.table import unpack
from rnn_gradients.lookup.widget import _note_loaded

from .browser import plotted, two_frames

PORTS = ["north", "east", "south"]
SHOW = {("water", "y"): ("level", "offset"), ("mean", "x"): "average"}


def tides(**dimensions):
    """Make a new dataset; the sizes of more dimensions, for the variable `extra`, may be given."""
    hours = np.linspace(0, 24, 25)
    port = xr.DataArray([1.0, 2.0, 3.0], dims="port", coords={"port": PORTS})
    spring = xr.DataArray([1.0, 2.0], dims="spring", coords={"spring": [False, True]})
    wave = xr.DataArray(np.sin(hours / 2), dims="hour", coords={"hour": hours})
    data = xr.Dataset({"level": port * spring * wave, "offset": 0.1 * port, "average": port * spring})
    data["offset"] = data.offset + xr.DataArray(
        [0.0, 0.5, 1.0, 1.5], dims="year", coords={"year": [1, 2, 5, 9]}
    )
    data["words"] = xr.where(data.spring, "Spring tide.", "Neap tide.")
    data["unused"] = "boat", [1.0, 2.0]
    data["level"].attrs["resolution"] = 0.01
    data["extra"] = tuple(dimensions), np.zeros(tuple(dimensions.values()))
    return data


def drawing():
    return go.Figure([go.Scatter(name="water"), go.Scatter(name="mean", y=np.array([0.0]))])


def tide_figure(data=None, show=None, **options):
    data = tides() if data is None else data
    return LookupFigure(drawing(), data, show or SHOW, **{"along": {"water": "hour"}} | options)


def test_the_example_runs_as_written():
    examples = doctest.DocTestParser().get_examples(LookupFigure.__doc__)
    assert len(examples) == 12
    names = {"LookupFigure": LookupFigure, "go": go, "ipywidgets": ipywidgets, "np": np, "xr": xr}
    for example in examples:
        exec(example.source, names)
    assert names["wave"].position == {"frequency": 1}
    names["wave"].frequency = names["slider"].options.index(3)
    assert names["wave"].position == {"frequency": 3}
    assert names["sea"].position == {"frequency": 1, "camera": "side"}
    assert names["sea"]._plan["presets"] == {"From above": {"camera": 1}}


# --- traits -------------------------------------------------------------------------------------------------


def test_each_dimension_that_is_not_drawn_is_a_synced_trait():
    figure = tide_figure()
    assert figure.dimensions == ["port", "spring", "year"]
    for name in figure.dimensions:
        assert figure.trait_metadata(name, "sync") and name in figure.get_state()
    for name in ("hour", "boat"):
        assert not figure.has_trait(name) and name not in figure.get_state()
    assert {name: (figure.traits()[name].min, figure.traits()[name].max) for name in ("port", "year")} == {
        "port": (0, 2),
        "year": (0, 3),
    }
    assert isinstance(figure.traits()["spring"], traitlets.Bool)


def test_a_dimension_drawn_by_one_trace_only_is_a_trait_for_the_other():
    figure = tide_figure(show={("water", "y"): "level", ("mean", "x"): "level"})
    assert figure.dimensions == ["port", "spring", "hour"]
    assert figure.traits()["hour"].max == 24


def test_the_caption_follows_its_own_dimensions():
    show = {("water", "y"): "offset"}
    along = {"water": "port"}
    assert tide_figure(show=show, along=along).dimensions == ["year"]
    assert tide_figure(show=show, along=along, caption=["words"]).dimensions == ["spring", "year"]


@pytest.mark.parametrize(
    ("coordinate", "is_toggle"),
    [([False, True], True), ([True, False], False), ([0, 1], False), (["no", "yes"], False), (None, False)],
)
def test_only_false_and_true_in_this_order_are_a_toggle(coordinate, is_toggle):
    data = tides(flag=2)
    if coordinate is not None:
        data = data.assign_coords(flag=coordinate)
    figure = tide_figure(data, {("mean", "x"): "extra"})
    assert isinstance(figure.traits()["flag"], traitlets.Bool) == is_toggle
    assert figure.flag == 0
    for value in coordinate or [0, 1]:
        figure.flag = figure.indices({"flag": value})["flag"]
        assert figure.position == {"flag": value}


def test_figures_have_their_own_traits():
    first, second = tide_figure(), tide_figure(show={("water", "y"): "level"})
    first.port = 2
    assert second.port == 0 and not second.has_trait("year")
    assert not LookupFigure.class_traits().keys() & {"port", "spring", "year"}


def test_a_figure_starts_at_the_first_position_or_the_given_one():
    assert tide_figure().position == {"port": "north", "spring": False, "year": 1}
    figure = tide_figure(start={"year": 5, "spring": True})
    assert (figure.port, figure.spring, figure.year) == (0, True, 2)
    assert figure.position == {"port": "north", "spring": True, "year": 5}


def test_indices_are_the_traits_of_coordinates_and_position_is_back():
    figure = tide_figure()
    indices = figure.indices({"port": "south", "spring": True, "year": 9})
    assert indices == {"port": 2, "spring": True, "year": 3} and indices["spring"] is True
    figure.set_trait("port", indices["port"])
    assert figure.position["port"] == "south"
    assert figure.indices({}) == {} and figure.indices({"year": 2}) == {"year": 1}


@pytest.mark.parametrize(
    ("name", "bad"),
    [("port", 3), ("port", -1), ("port", 1.5), ("port", "south"), ("year", 4), ("year", None), ("spring", 2)],
)
def test_an_index_out_of_range_is_refused(name, bad):
    figure = tide_figure()
    before = figure.position
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(figure, name, bad)
    assert figure.position == before


def test_reveal_starts_at_the_end_where_all_is_drawn():
    assert tide_figure().reveal_frame == 100
    figure = tide_figure(reveal={"water": (0, 20)}, reveal_frames=30)
    assert figure.reveal_frame == 30 and figure.trait_metadata("reveal_frame", "sync")


def test_presets_travel_as_indices():
    figure = tide_figure(presets={"Storm": {"port": "south", "spring": True}, "Later": {"year": 9}})
    assert figure._plan["presets"] == {"Storm": {"port": 2, "spring": True}, "Later": {"year": 3}}


@pytest.mark.parametrize("kind", ["float", "f4", "M8[ns]", object])
def test_a_missing_coordinate_names_its_position_too(kind):
    values = np.array(["2020-01-01", "NaT"], kind) if kind == "M8[ns]" else np.array([1.0, np.nan], kind)
    data = tides(day=2).assign_coords(day=values)
    figure = tide_figure(data, {("mean", "x"): "extra"})
    for index in range(2):
        figure.day = index
        assert figure.indices(figure.position) == {"day": index}
        assert tide_figure(data, {("mean", "x"): "extra"}, start=figure.position).day == index


@pytest.mark.parametrize("coordinate", [np.array("south"), np.str_("south"), xr.DataArray("south")])
def test_a_coordinate_may_be_a_scalar_of_numpy_or_xarray(coordinate):
    assert tide_figure().indices({"port": coordinate}) == {"port": 2}


DAYS = np.array(["2000-01-01", "2000-01-02", "1969-12-31"], "M8[D]")
WAYS = {
    "numpy": lambda time: time,
    "an array": np.array,
    "xarray": xr.DataArray,
    "pandas": lambda time: pd.Timestamp(time) if time.dtype.kind == "M" else pd.Timedelta(time),
    "Python": lambda time: time.astype("M8[us]" if time.dtype.kind == "M" else "m8[us]").item(),
    "coarse": lambda time: time.astype("M8[h]" if time.dtype.kind == "M" else "m8[h]"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("days", [DAYS, DAYS - DAYS[1]], ids=["moments", "durations"])
def test_a_time_is_found_however_it_is_given(days, unit, way):
    times = days.astype(f"{days.dtype.kind}8[{unit}]")
    figure = tide_figure(tides(day=3).assign_coords(day=times), {("mean", "x"): "extra"})
    for place, time in enumerate(times):
        assert figure.indices({"day": WAYS[way](time)}) == {"day": place}
    hour = np.timedelta64(5, "h")
    for other in (times[0] + hour, times[0] + hour * 24, times[0] + np.timedelta64(1, "ns")):
        with pytest.raises(ValueError, match=r"day is .*; allowed: "):
            figure.indices({"day": WAYS[way](other) if way in ("numpy", "pandas") else other})


def test_a_date_is_found_as_it_is_written():
    figure = tide_figure(tides(day=3).assign_coords(day=DAYS.astype("M8[ns]")), {("mean", "x"): "extra"})
    for written in ("2000-01-02", "2000-01-02T00", "2000-01-02T00:00:00.000", pd.Timestamp("2000-01-02")):
        assert figure.indices({"day": written}) == {"day": 1}
    assert figure.indices({"day": "2000"}) == {"day": 0}
    bar = ShareBar(figure, "f", {"day": "2000-01-02"})
    assert bar._defaults == {"day": 1}
    for other in ("2000-01-03", "2000-01-02T12", "2000-13", "today", "NaT", "", "2 January 2000"):
        with pytest.raises(ValueError, match=r"day is .*; allowed: "):
            figure.indices({"day": other})
    for other in (0, True, 946684800000000000, pd.Timestamp("2000-01-02", tz="UTC"), DAYS[1] - DAYS[0]):
        with pytest.raises(ValueError, match=r"day is .*; allowed: "):
            figure.indices({"day": other})


# --- the figure ---------------------------------------------------------------------------------------------


def drawn(figure):
    return {trace["name"]: trace for trace in figure._figure["data"]}


def test_x_is_the_coordinate_unless_the_figure_gives_one():
    assert drawn(tide_figure())["water"]["x"] == np.linspace(0, 24, 25).tolist()
    figure = drawing()
    figure.data[0].x = np.arange(0, 250, 10)
    given = LookupFigure(figure, tides(), SHOW, along={"water": "hour"})
    assert drawn(given)["water"]["x"] == list(range(0, 250, 10))


def test_x_is_the_position_along_a_dimension_without_coordinate():
    figure = tide_figure(show={("water", "y"): "unused"}, along={"water": "boat"})
    assert drawn(figure)["water"]["x"] == [0, 1]


def test_numbers_of_traces_that_the_view_reads_are_plain_lists():
    assert drawn(tide_figure(edges=["mean"]))["mean"]["y"] == [0.0]


def test_the_figure_passed_in_is_not_changed():
    figure, data = drawing(), tides()
    figure.update_layout(title="tides")
    before, data_before = figure.to_json(), data.copy(deep=True)
    made = LookupFigure(figure, data, SHOW, along={"water": "hour"}, edges=["mean"], start={"port": "south"})
    made.port = 1
    assert figure.to_json() == before
    xr.testing.assert_identical(data, data_before)


def strict(text):
    """Read JSON as a browser does: it has neither NaN nor infinity."""
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


MISSING = [np.nan, np.inf, -np.inf, 1.0]


@pytest.mark.parametrize("values", [MISSING, tuple(MISSING), np.array(MISSING), np.array(MISSING, "f4")])
def test_what_travels_is_json(values):
    figure = go.Figure(
        [
            go.Scatter(name="water"),
            go.Scatter(name="mean", x=values, y=values, marker_color=values, customdata=[values]),
            go.Bar(name="bars", y=values),
        ],
        {"xaxis": {"tickvals": values}, "meta": values},
    )
    made = LookupFigure(
        figure,
        tides().assign_coords(hour=[*MISSING, *range(21)]),
        {("water", "y"): "level"},
        along={"water": "hour"},
        edges=["mean"],
        reveal={"bars": (0, 9)},
        narrow=[(500, {"xaxis": {"tickvals": values}, "meta": values})],
    )
    state = {name: value for name, value in made.get_state().items() if name in ("_figure", "_plan")}
    strict(json.dumps(state))
    for name, axes in {"mean": "xy", "bars": "y", "water": "x"}.items():
        assert all(drawn(made)[name][axis][:4] == [None, None, None, 1.0] for axis in axes)


def test_a_list_of_numbers_and_strings_stays_one():
    figure = drawing()
    figure.data[1].update(x=["a", 1, None, np.nan], y=[4, 3, 2, 1])
    made = LookupFigure(figure, tides(), {("water", "y"): "level"}, along={"water": "hour"}, edges=["mean"])
    assert drawn(made)["mean"]["x"] == ["a", 1, None, None]


def test_dates_travel_as_strings():
    days = np.array(["2020-01-01", "NaT", "2020-01-03"], "M8[ns]")
    figure = tide_figure(
        tides(day=3).assign_coords(day=days), {("water", "y"): "extra"}, along={"water": "day"}
    )
    first, missing, last = drawn(figure)["water"]["x"]
    assert first.startswith("2020-01-01") and missing is None and last.startswith("2020-01-03")


def test_changes_for_narrow_screens_travel_as_given_and_as_plotly_reads_them():
    changes = {"xaxis_title": "hour", "title": None, "width": np.int64(300)}
    (below, given, read), (further, *_) = tide_figure(narrow=[(np.int64(400), changes), (800, {})])._plan[
        "narrow"
    ]
    assert (below, further) == (400, 800) and given == {"xaxis_title": "hour", "title": None, "width": 300}
    assert read == {"xaxis": {"title": {"text": "hour"}}, "width": 300}


# --- grids, words and cameras -------------------------------------------------------------------------------

CAMERAS = {"side": {"eye": {"x": 2.0}}, "above": {"eye": {"x": 0.0, "y": 0.0, "z": 2.0}}}


def grid_figure(kind=go.Surface, show=None, layout=None, data=None, **options):
    """Draw the level along port and hour, for each spring."""
    show = {("sea", "z"): "level"} if show is None else show
    figure = go.Figure(kind(name="sea"), {"annotations": [{"text": "?"}, {"text": "!"}], **(layout or {})})
    data = tides() if data is None else data
    return LookupFigure(figure, data, show, **{"along": {"sea": ("port", "hour")}} | options)


@pytest.mark.parametrize("kind", [go.Heatmap, go.Contour, go.Surface])
def test_the_coordinates_of_a_grid_are_its_y_and_x(kind):
    figure = grid_figure(kind)
    (sea,) = figure._figure["data"]
    assert sea["y"] == PORTS and sea["x"] == np.linspace(0, 24, 25).tolist()
    assert figure.dimensions == ["spring"]
    with pytest.raises(ValueError, match="coordinate of 'port' is another"):
        figure.show_data(tides().assign_coords(port=["a", "b", "c"]))


def test_x_and_y_of_a_grid_are_looked_up_along_their_own_dimension():
    show = {("sea", "z"): "level", ("sea", "x"): "later", ("sea", "y"): "average"}
    data = tides().assign(later=("hour", np.arange(25.0)))
    plan = grid_figure(show=show, data=data)._plan
    assert [each["along"] for each in plan["show"]] == [["port", "hour"], "hour", "port"]


def test_words_are_looked_up_where_the_layout_has_them():
    data = tides().assign(ticks=("port", ["N", "E", "S"]))
    show = {("layout", "annotations[1].text"): "words", ("layout", "title.text"): ("words", "words")}
    show |= {("layout", "xaxis.ticktext"): "ticks", ("layout", "yaxis.ticktext"): ["words", "words"]}
    show |= {("sea", "z"): "level", ("sea", "name"): "words"}
    axes = {"xaxis": {}, "yaxis": {}}
    along = {"layout": "port", "sea": ("port", "hour")}
    figure = grid_figure(go.Heatmap, show, axes, data, along=along)
    assert figure.dimensions == ["spring"]
    single = [each["attribute"] for each in figure._plan["show"] if each["single"]]
    assert single == ["annotations[1].text", "title.text", "name"]


def test_a_trace_named_layout_is_the_one_that_is_meant():
    figure = go.Figure(go.Scatter(name="layout"))
    made = LookupFigure(figure, tides(), {("layout", "y"): "level"}, along={"layout": "hour"})
    assert made._plan["show"][0]["trace"] == 0


def test_a_camera_is_a_trait_like_any_other():
    figure = grid_figure(cameras=CAMERAS, start={"camera": "above"}, presets={"Side": {"camera": "side"}})
    assert figure.position == {"spring": False, "camera": "above"} and figure.camera == 1
    assert figure._plan["presets"] == {"Side": {"camera": 0}} and figure._plan["scenes"] == ["scene"]
    assert ShareBar(figure, "f", {})._words["camera"] == ["side", "above"]
    figure.camera = figure.indices({"camera": "side"})["camera"]
    figure.show_data(2 * tides().drop_vars("words"))
    assert figure.position["camera"] == "side"
    with pytest.raises(traitlets.TraitError, match="camera"):
        figure.camera = 2


ONE_WORD = r"show\['layout', .*; allowed: (the name of one variable|a variable with one word or number)"
NO_CAMERA = r"cameras\['a'\] is .*; allowed: a camera of plotly's"


@pytest.mark.parametrize(
    "options, message",
    [
        *[({"along": {"sea": bad}}, r"along\['sea'\] is '.*; allowed: two dim") for bad in ["port", "hour"]],
        *[
            (
                {"along": {"sea": bad}},
                r"along\['sea'\] is .*; allowed: a dimension, or two of a trace of type",
            )
            for bad in [("port",), ("port", "port"), ("port", "hour", "year"), ()]
        ],
        ({"along": {}}, r"along\['sea'\] is None; allowed: two dimensions for a surface"),
        ({"along": {"sea": ("port", "minute")}}, "dimension is 'minute'; allowed: 'port'"),
        *[
            (
                {"show": {("sea", "z"): bad}},
                r"show\['sea', 'z'\] is .*; allowed: variables with dimensions 'p",
            )
            for bad in ["offset", "average", ["level", "level"], ["level"] * 3]
        ],
        ({"show": {("sea", "surfacecolor"): "average"}}, r"show\['sea', 'surfacecolor'\] is .*'port' and 'h"),
        ({"kind": lambda name: go.Surface(name=name, x=[1, 2])}, "'sea' has 2 x; allowed: 25"),
        ({"kind": lambda name: go.Surface(name=name, y=[1, 2, 3, 4])}, "'sea' has 4 y; allowed: 3"),
        ({"kind": lambda name: go.Surface(name=name, x=[[1, 2], [3, 4]])}, r"'sea' has \(2, 2\) x; allowed"),
        (
            {"kind": lambda name: go.Surface(name=name, z=[[1]]), "show": {("sea", "surfacecolor"): "level"}},
            r"'sea' has a z of shape \(1, 1\); allowed: \(3, 25\)",
        ),
        (
            {"kind": go.Scatter, "show": {}},
            r"along\['sea'\] is \('port', 'hour'\); allowed: a dimension, or two",
        ),
        ({"edges": ["sea"]}, "edges has 'sea'; allowed: unstacked"),
        *[
            (
                {"kind": lambda name, given=given: go.Heatmap(name=name, **given)},
                rf"along\['sea'\] is .*; allowed: traces without {' and '.join(given)}, for",
            )
            for given in [{"x0": 1}, {"dx": 2}, {"y0": 1, "dy": 2}]
        ],
        *[
            ({"cameras": {"a": bad}}, NO_CAMERA)
            for bad in [
                5,
                "above",
                [1],
                None,
                {"eyes": {}},
                {"eye": 3},
                {"eye": {"x": "far"}},
                {"eye": {"x": np.nan}},
            ]
        ],
        ({"cameras": {"a": {"eye": {"x": 0, "y": 0, "z": 0}}}}, NO_CAMERA),
        ({"cameras": {"a": {"eye": {"x": np.inf}}}}, NO_CAMERA),
        ({"cameras": {"a": {"up": {"z": 0}}}}, NO_CAMERA),
        *[({"cameras": bad}, "cameras is .*; allowed: a dict") for bad in ["above", 5, ["above"]]],
        *[({"cameras": {bad: {}}}, "a name of cameras is .*; allowed: a string") for bad in ["", 5, None]],
        ({"cameras": CAMERAS, "kind": go.Heatmap}, "cameras is .*; allowed: none, for no trace"),
        ({"cameras": CAMERAS, "start": {"camera": "below"}}, "camera is 'below'; allowed: 'side', 'above'"),
        ({"start": {"camera": "above"}}, "dimension is 'camera'; allowed: 'spring'"),
        (
            {"cameras": CAMERAS, "data": tides(camera=2), "show": {("sea", "opacity"): "extra"}},
            "dimension is 'c",
        ),
        *[
            ({"show": {("layout", bad): "words"}}, "attribute is .*; allowed: one of the layout")
            for bad in ["title", "annotations", "annotations[2].text", "annotations[0]", "annotations.text"]
        ],
        *[
            ({"show": {("layout", bad): "words"}}, "attribute is .*; allowed: one of the layout")
            for bad in ["xaxis9.ticktext", "title_text", "", 5, "annotations[-1].text", "title.text[0]"]
        ],
        ({"show": {("layout", "title.text"): ["words"]}}, ONE_WORD),
        ({"show": {("layout", "title.text"): "words"}, "along": {"layout": "spring"}}, ONE_WORD),
        ({"show": {("layout", "title.text"): "yes"}, "data": tides().assign(yes=True)}, ONE_WORD),
        ({"show": {("layout", "title.text"): "depth"}}, "variable is 'depth'; allowed: 'level'"),
        *[
            (
                {
                    "show": {("layout", "annotations[1].text"): "words"},
                    "narrow": [(300, {"annotations": bad})],
                },
                r"narrow has for widths below 300 no annotations\[1\].text",
            )
            for bad in [None, [], [{"text": "a"}]]
        ],
        ({"reveal": {"layout": (0, 1)}}, "trace is 'layout'; allowed: 'sea'"),
    ],
)
def test_no_grid_word_or_camera_is_refused_before_a_widget_is_made(options, message):
    before = {*_instances}
    with pytest.raises(ValueError, match=f"^{message}"):
        grid_figure(**options)
    assert {*_instances} == before


def test_sizes_of_a_grid_are_written_as_people_do(open_page, tmp_path):
    data = tides().assign(size=(("port", "hour"), np.add.outer([-2.0, 0, 6], np.linspace(0, 1, 25))))
    data["size"].attrs = {"units": "log10", "resolution": 0.01}
    kind = functools.partial(go.Heatmap, hovertemplate="size %{customdata}<extra></extra>")
    figure = grid_figure(kind, {("sea", "z"): "size", ("sea", "customdata"): "size"}, data=data)
    save_page(figure, tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    rows = page.locator(".lookup-plot").evaluate("plot => plot.data[0].customdata")
    assert [row[0] for row in rows] == ["0.01", "1", "10⁶"] and rows[1][-1] == "10"
    page.locator(".nsewdrag").hover(position={"x": 3, "y": 3})
    page.locator(".hoverlayer").get_by_text("size 10⁶").wait_for()


def test_a_grid_is_drawn_column_by_column_and_of_the_latest_points_so_many(open_page, tmp_path):
    z = xr.DataArray(np.arange(20.0).reshape(2, 10), dims=("row", "column"))
    data = xr.Dataset({"z": z, "y": z[0]}, {"row": [0, 1], "column": np.arange(10.0)})
    figure = LookupFigure(
        go.Figure([go.Heatmap(name="map"), go.Scatter(name="stroke")]),
        data,
        {("map", "z"): "z", ("stroke", "y"): "y"},
        along={"map": ("row", "column"), "stroke": "column"},
        reveal={"map": (10, 0), "stroke": (0, 10)},
        reveal_frames=10,
        latest={"stroke": 2},
    )
    frame = ipywidgets.IntSlider(10, 0, 10, description="frame")
    link = join((frame, "value"), (figure, "reveal_frame"))
    save_page(ipywidgets.VBox([frame, figure]), tmp_path / "page.html")
    link.close()
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    slider = page.get_by_role("slider")
    for keys, column, stroke in (((), 0, [8, 9]), (["Home"], 10, [0, 1]), (["ArrowRight"] * 4, 6, [2, 3])):
        for key in keys:
            slider.press(key)
        two_frames(page)
        assert strokes(page) == (column, stroke)


def strokes(page):
    """The first column of the map that is drawn, the same in each row, and the points of the stroke."""
    rows, y = page.locator(".lookup-plot").evaluate(
        "({ data }) => [data[0].z.map((row) => Array.from(row, Number.isFinite)), Array.from(data[1].y)]"
    )
    (drawn,) = {tuple(row) for row in rows}
    assert list(drawn) == sorted(drawn)
    return drawn.count(False), [each for each in y if each == each]


# --- clicks -------------------------------------------------------------------------------------------------


def clickable(**options):
    """A map of the level over port and hour, and beside it the level at one of each: a click chooses them."""
    traces = [
        go.Heatmap(name="map"),
        go.Scatter(name="water", xaxis="x2", yaxis="y2", mode="markers", marker={"size": 12}),
        go.Scatter(name="here", x=np.array([12.0]), xaxis="x2", yaxis="y2"),
    ]
    still = {"fixedrange": True, "showgrid": False}
    layout = {
        "xaxis": {"domain": [0, 0.45], **still},
        "yaxis": still,
        "xaxis2": {"domain": [0.55, 1], "range": [-1, 25], **still},
        "yaxis2": {"anchor": "x2", "range": [-7, 7], **still},
        "margin": {"l": 60, "r": 0, "t": 0, "b": 40},
        "width": 800,
        "height": 300,
    }
    show = {("map", "z"): "level", ("water", "y"): "level", ("here", "y"): "level"}
    along = {"map": ("port", "hour"), "water": "hour"}
    given = {"along": along, "clicks": ["map", "water"]} | options
    return LookupFigure(go.Figure(traces, layout), tides(), show, **given)


def test_a_click_goes_to_what_it_hits(open_page, tmp_path):
    """By a real mouse; a cell of a map chooses its row and its column, a point its place along a line."""
    figure = clickable()
    assert figure.dimensions == ["port", "spring", "hour"]
    save_page(ipywidgets.VBox([figure, ShareBar(figure, "tides", figure.position)]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    plot = page.locator(".lookup-plot:has(.main-svg)")
    plot.wait_for()
    for axes, x, y, position in (
        ("", 5.0, 1, {"port": "east", "hour": 5.0}),
        ("", 24.0, 2, {"port": "south", "hour": 24.0}),
        ("2", 3.0, 3 * np.sin(1.5), {"port": "south", "hour": 3.0}),
    ):
        left, top = plot.evaluate(
            """(plot, [axes, x, y]) => {
              const [across, up] = [plot._fullLayout[`xaxis${axes}`], plot._fullLayout[`yaxis${axes}`]];
              const { left, top } = plot.getBoundingClientRect();
              return [left + across._offset + across.c2p(x), top + up._offset + up.c2p(y)];
            }""",
            [axes, x, y],
        )
        page.mouse.move(left, top)
        page.wait_for_timeout(100)  # plotly hovers first
        page.mouse.click(left, top)
        words = f"#port={position['port']}&spring=0&hour={position['hour']:g}"
        page.wait_for_function("words => location.hash === words", arg=words)
        index = figure.indices(position | {"spring": False})
        expected = figure.data.level.values[index["port"], 0, index["hour"]]
        assert plotted(page)["here"]["y"] == pytest.approx([expected], abs=0.006)
    page.mouse.click(left, top - 60)  # where nothing is
    two_frames(page)
    assert page.url.endswith("#port=south&spring=0&hour=3")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *[
            ({"clicks": bad}, "clicks is .*; allowed: a list")
            for bad in ["map", 5, None, {"map"}, {"map": 1}]
        ],
        *[
            ({"clicks": [bad]}, "clicks is .*; allowed: 'map', 'water'")
            for bad in [["map"], np.array(["map"]), np.nan]
        ],
        ({"clicks": ["here"]}, "clicks is 'here'; allowed: 'map', 'water'"),
        ({"clicks": ["wind"]}, "clicks is 'wind'; allowed: 'map', 'water'"),
    ],
)
def test_a_click_that_could_go_nowhere_is_refused(options, message):
    before = {*_instances}
    with pytest.raises(ValueError, match=f"^{message}"):
        clickable(**options)
    assert {*_instances} == before


def test_a_click_needs_dimensions_that_can_be_moved():
    drawn_whole = r"^clicks has 'sea', drawn along 'port'; allowed: traces along 'spring'"
    with pytest.raises(ValueError, match=drawn_whole):
        grid_figure(go.Heatmap, clicks=["sea"])
    with pytest.raises(ValueError, match=r"^clicks is 'sea'; allowed: none here$"):
        grid_figure(go.Surface, clicks=["sea"])


# --- what is given in another form --------------------------------------------------------------------------

OPTIONS = {
    "along": {"water": "hour"},
    "caption": ["words", "words"],
    "clicks": [],
    "edges": ["water"],
    "narrow": [(300, {"height": 200}), (600, {})],
    "reveal": {"water": (0, 20)},
    "start": {"year": 5},
    "presets": {"Storm": {"port": "south"}},
}


@given(
    st.fixed_dictionaries(
        {name: st.sampled_from([iter, tuple, list]) for name in [*OPTIONS, "show", "frames"]}
    )
)
def test_an_iterable_is_taken_once_and_in_order(kinds):
    def of(name, value):
        return kinds[name](value.items() if isinstance(value, dict) else value)

    data = tides()
    options = OPTIONS | {"reveal": {"water": of("frames", (0, 20))}}
    made = LookupFigure(
        drawing(), data, of("show", SHOW), **{name: of(name, options[name]) for name in options}
    )
    expected = LookupFigure(drawing(), data, SHOW, **OPTIONS)
    for name in ("_plan", "_figure", "_table"):
        assert getattr(made, name) == getattr(expected, name)
    assert made.position == expected.position


# --- what is shared -----------------------------------------------------------------------------------------


def test_figures_of_a_dataset_share_its_table_and_plotly():
    data = tides()
    first, second = tide_figure(data), tide_figure(data, start={"port": "south"})
    assert second._table is first._table and second._plotly is first._plotly
    assert first._table.content.keys() == {"level", "offset", "average"}
    other = tide_figure(tides())
    assert other._table is not first._table and other._plotly is first._plotly


def test_figures_that_show_other_variables_have_their_own_table():
    data = tides()
    first, second = tide_figure(data), tide_figure(data, {("water", "y"): "level"})
    assert first._table is not second._table and second._table.content.keys() == {"level"}


def test_a_second_figure_is_small():
    data = tides(place=1000, day=365, night=2)
    data["extra"] = data.extra + np.random.default_rng(0).standard_normal(data.extra.shape)
    show = SHOW | {("mean", "y"): "extra"}
    tide_figure(data, show)
    state = tide_figure(data, show, presets={"Storm": {"port": "south"}}, caption=()).get_state()
    assert {"_table", "_plotly"} <= state.keys()
    own = {name: value for name, value in state.items() if name not in ("_table", "_plotly")}
    assert len(json.dumps(own)) < 30_000


def test_a_closed_table_is_made_anew():
    data = tides()
    first = tide_figure(data)._table
    content = dict(first.content)
    first.close()
    second = tide_figure(data)._table
    assert second is not first and second.comm is not None and second.content == content
    assert tide_figure(data)._table is second


def test_closing_a_figure_leaves_the_table_to_the_others():
    data = tides()
    first, second = tide_figure(data), tide_figure(data)
    first.close()
    assert first.comm is None and second._table.comm is not None and second._plotly.comm is not None
    assert tide_figure(data)._table is second._table


@pytest.mark.parametrize("closed_before", [False, True])
def test_a_table_is_closed_when_its_dataset_goes(closed_before):
    data = tides()
    table, alive = _share_table(data, ["level"]), weakref.ref(data)
    if closed_before:
        table.close()
        table = _share_table(data, ["level"])
    gc.collect()
    assert table.comm is not None
    del data
    gc.collect()
    assert alive() is None and table.comm is None


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "bad", "allowed"),
    [
        ({"show": {("wind", "y"): "level"}}, "trace", "wind", ["water", "mean"]),
        ({"along": {"wind": "hour"}}, "trace", "wind", ["water", "mean"]),
        ({"reveal": {"wind": (0, 1)}}, "trace", "wind", ["water", "mean"]),
        ({"edges": ["mean", "wind"]}, "trace", "wind", ["water", "mean"]),
        ({"show": {("water", "y"): "depth"}}, "variable", "depth", ["level", "offset", "words"]),
        ({"show": {("water", "y"): ("level", "depth")}}, "variable", "depth", ["level", "offset"]),
        ({"show": {("water", "y"): ["level", ("depth",)]}}, "variable", "depth", ["level", "offset"]),
        ({"show": {("water", "y"): "port"}}, "variable", "port", ["level", "offset"]),
        ({"caption": ["words", "depth"]}, "variable", "depth", ["level", "offset", "words"]),
        ({"along": {"water": "minute"}}, "dimension", "minute", ["port", "spring", "hour", "year"]),
        ({"start": {"moon": 1}}, "dimension", "moon", ["port", "spring", "year"]),
        ({"start": {"hour": 0.0}}, "dimension", "hour", ["port", "spring", "year"]),
        ({"presets": {"Storm": {"moon": 1}}}, "dimension", "moon", ["port", "spring", "year"]),
        ({"start": {"port": "west"}}, "port", "west", PORTS),
        ({"start": {"year": 3}}, "year", 3, [1, 2, 5, 9]),
        ({"start": {"spring": "yes"}}, "spring", "yes", [False, True]),
        ({"presets": {"Storm": {"port": "west"}}}, "port", "west", PORTS),
    ],
)
def test_what_is_not_there_is_refused_by_name(options, kind, bad, allowed):
    with pytest.raises(ValueError, match=f"^{kind} is {re.escape(repr(bad))}; allowed: ") as caught:
        tide_figure(**options)
    listed = str(caught.value).split("allowed: ")[1].split(", ")
    assert {repr(value) for value in allowed} <= set(listed) and repr(bad) not in listed


ITSELF = []
ITSELF.append(ITSELF)
NO_PAIR = "narrow is .*; allowed: .width in pixels, dict"
NO_FRAMES = r"reveal\['water'\] is .*; allowed: two different frames from 0 to 100"
NO_NAMES = r"show\['water', 'y'\] is .*; allowed: names of variables"
NO_EDGE = "edges has 'mean'; allowed: unstacked traces of type scatter, scattergl, bar, with an x and a y"
BAD = [
    *[
        ({"reveal": {"water": bad}}, NO_FRAMES)
        for bad in [(0, 0), (0.0, 1), (0, True), (-1, 5), (0, 101), (1,), ()]
    ],
    *[
        ({"reveal": {"water": bad}}, NO_FRAMES)
        for bad in [(1, 2, 3), "12", 5, None, {0, 1}, (0, "9"), (0, np.nan)]
    ],
    *[
        ({"reveal": bad}, "reveal is .*; allowed: a dict")
        for bad in ["water", 5, ["water"], [("water", 0, 1)]]
    ],
    *[
        (
            {"reveal": {"water": (0, 9)}, "latest": {"water": bad}},
            r"latest\['water'\] is .*; allowed: an integer",
        )
        for bad in [0, -1, 1.5, True, "1", None]
    ],
    ({"latest": {"water": 1}}, "latest is 'water'; allowed: none here"),
    ({"latest": ["water"]}, "latest is .*; allowed: a dict"),
    *[
        ({"reveal_frames": bad}, "reveal_frames is .*; allowed: an integer")
        for bad in [0, -1, 1.0, True, "9", None, 10**400, 10**5000]
    ],
    *[
        ({"narrow": bad}, NO_PAIR)
        for bad in [[300], [(300,)], [(300, 5)], [(300.0, {})], [(True, {})], [(0, {})]]
    ],
    *[({"narrow": bad}, NO_PAIR) for bad in [[(300, {}), (300, {})], [(300, {}), (200, {})], [None]]],
    *[
        ({"narrow": [(300, bad)]}, "narrow has for widths below 300: ")
        for bad in [{1: 2}, {"meta": {3}}, {"meta": object()}, {"meta": ITSELF}]
    ],
    ({"narrow": [(10**400, {})]}, NO_PAIR),
    *[
        ({"narrow": bad}, "narrow is .*; allowed: a list")
        for bad in ["300", 300, None, {(300, 1)}, {300: {}}]
    ],
    ({"narrow": [(300, {"xaxsi": {}})]}, "narrow has for widths below 300: Invalid property .*'xaxsi'"),
    (
        {"narrow": [(300, {"xaxis": {"rang": [0, 1]}})]},
        "narrow has for widths below 300: Invalid property .*'rang'",
    ),
    (
        {"narrow": [(300, {"height": "tall"})]},
        "narrow has for widths below 300: Invalid value .*'height' property",
    ),
    *[
        ({"caption": bad}, "caption is .*; allowed: a list")
        for bad in ["words", b"words", 5, None, {"words"}]
    ],
    *[({"edges": bad}, "edges is .*; allowed: a list") for bad in ["water", 5, None, {"water"}]],
    *[({"along": bad}, "along is .*; allowed: a dict") for bad in ["water", 5, ["water"]]],
    *[({"start": bad}, "start is .*; allowed: a dict") for bad in ["port", 5, ["port"]]],
    *[({"presets": bad}, "presets is .*; allowed: a dict") for bad in ["Storm", 5, ["Storm"]]],
    *[
        ({"presets": {"Storm": bad}}, r"presets\['Storm'\] is .*; allowed: a dict")
        for bad in ["port", 5, ["port"], None]
    ],
    ({"presets": {5: {}}}, "a label of presets is 5; allowed: a string"),
    *[
        ({"start": {"port": bad}}, "port is .*; allowed: 'north'")
        for bad in [["south"], np.array(PORTS), None, {}]
    ],
    *[({"show": bad}, "show is .*; allowed: a dict") for bad in ["water", 5, ["water"]]],
    *[({"show": {bad: "level"}}, "a key of show is .*; allowed: .trace") for bad in ["water", ("water",), 5]],
    *[
        ({"show": {("water", "y"): bad}}, NO_NAMES)
        for bad in [5, None, [], (), [()], {"level"}, iter(["level"])]
    ],
    *[
        ({"show": {("water", bad): "level"}}, "attribute is .*; allowed: one of a scatter")
        for bad in ["z", 5, "y.z"]
    ],
    *[
        ({"show": {("water", bad): "level"}}, "attribute is .*; allowed")
        for bad in ["marker", "marker_size", ""]
    ],
    (
        {"show": {("water", "y"): ("level", "words")}},
        "a sum is .'level', 'words'.; allowed: variables of numbers, or",
    ),
    ({"caption": ["offset"]}, "caption is 'offset'; allowed: variables of strings"),
    ({"show": {("water", "y"): ["offset", "offset"]}}, "'water' has 25 x and 2 y; allowed: as many of each"),
    ({"show": {("mean", "x"): ["offset", "offset"]}}, "'mean' has 2 x and 1 y; allowed: as many of each"),
    ({"show": {("water", "y"): "level"}, "edges": ["mean"]}, NO_EDGE),
    (
        {"show": {("mean", "x"): "offset"}, "reveal": {"water": (0, 1)}},
        "reveal has 'water'; allowed: traces with a y",
    ),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_what_could_not_be_drawn_is_refused_before_a_widget_is_made(options, message):
    before = {*_instances}
    with pytest.raises(ValueError, match=f"^{message}"):
        tide_figure(**options)
    assert {*_instances} == before


@pytest.mark.parametrize(
    "trace",
    [
        go.Pie(values=[1, 2]),
        go.Heatmap(z=[[1]], x=[1], y=[1]),
        go.Scatter(y=[1, 2]),
        go.Scatter(x=[1, 2]),
        go.Scatter(x=[["a", "a"], [1, 2]], y=[1, 2]),
        go.Scatter(x=[1, 2], y=[1, 2], stackgroup="one"),
        go.Bar(x=[1, 2], y=[1, 2]),
        go.Bar(x=[1, 2], y=[1, 2], base=1),
        go.Box(x=[1, 2], y=[1, 2]),
    ],
)
def test_edges_of_what_has_no_points_to_find_are_refused(trace):
    stacked = {} if trace.type == "bar" and trace.base else {"barmode": "stack"}
    figure = go.Figure(trace.update(name="mean"), stacked)
    data = tides()
    with pytest.raises(ValueError, match=NO_EDGE):
        LookupFigure(figure, data, {}, edges=["mean"])


def test_a_bar_whose_base_is_looked_up_has_no_edge_to_find():
    figure = go.Figure(go.Bar(name="mean", x=[1], y=[1]))
    with pytest.raises(ValueError, match=NO_EDGE):
        LookupFigure(figure, tides(), {("mean", "base"): "average"}, edges=["mean"])


@pytest.mark.parametrize("given", [{"x0": 5}, {"dx": 2}, {"x0": "2000-01-01", "dx": 86_400_000}], ids=str)
def test_a_coordinate_does_not_silently_take_the_place_of_even_steps(given):
    figure, show = go.Figure(go.Scatter(name="water", **given)), {("water", "y"): "level"}
    with pytest.raises(ValueError, match=r"^along\['water'\] is 'hour'; allowed: traces without (x0|dx)"):
        LookupFigure(figure, tides(), show, along={"water": "hour"})
    figure.data[0].x = np.arange(25)
    assert drawn(LookupFigure(figure, tides(), show, along={"water": "hour"}))["water"]["x"][1] == 1
    with pytest.raises(ValueError, match=r"^along\['water'\] is 'hour'; allowed: traces without x0"):
        LookupFigure(drawing(), tides(), {("water", "x0"): "average", **show}, along={"water": "hour"})


def test_a_trace_that_is_named_twice_has_its_edges_marked_once():
    assert tide_figure(edges=["mean", "mean"])._plan["edges"] == [1]


@pytest.mark.parametrize("kind", [go.Scattergeo, go.Choropleth, go.Scattermap, go.Densitymap])
def test_what_asks_another_place_for_maps_is_refused(kind):
    with pytest.raises(ValueError, match=r"^type of 'a' is '.*'; allowed: what needs no maps"):
        LookupFigure(go.Figure(kind(name="a")), tides(), {})


@pytest.mark.parametrize("value", [object(), {3}], ids=["an object", "a set"])
def test_a_figure_that_can_not_travel_is_refused(value):
    figure = drawing()
    figure.update_layout(meta=value)
    with pytest.raises(ValueError, match=r"^figure holds what can't travel: .*; allowed: what JSON has"):
        LookupFigure(figure, tides(), SHOW)


@pytest.mark.parametrize(
    "attributes, message",
    [
        *[
            ({"resolution": bad}, "resolution of 'average' is .*; allowed: above 0")
            for bad in ["x", [1], 10**400, 0, np.nan]
        ],
        *[
            ({"categories": bad}, "categories of 'average' is .*; allowed: a list of strings")
            for bad in [5, "ab", {"a"}]
        ],
        ({"categories": [1, 2, 3, 4, 5, 6, 7]}, "variable 'average' holds objects; allowed: strings"),
        ({"categories": ["\ud800"] * 7}, "variable 'average' holds half a character; allowed: text"),
    ],
)
def test_an_attribute_that_says_nothing_is_refused_before_a_widget_is_made(attributes, message):
    data, before = tides(), {*_instances}
    data["average"].attrs = attributes
    with pytest.raises(ValueError, match=f"^{message}"):
        tide_figure(data)
    assert {*_instances} == before


@pytest.mark.parametrize(
    ("figure", "data"), [(None, tides()), ({}, tides()), (drawing(), None), (drawing(), {})]
)
def test_what_is_no_figure_or_dataset_is_refused(figure, data):
    with pytest.raises(TypeError, match=r"^(figure|data) is .*; allowed: (a plotly figure|xarray\.Dataset)"):
        LookupFigure(figure, data, SHOW)


@pytest.mark.parametrize(("name", "size"), [("sea level", 2), ("tide\n", 2), (5, 2), ("tide", 0)])
def test_a_dimension_that_could_not_be_followed_is_refused(name, size):
    data = tides(tide=size).rename(tide=name)
    with pytest.raises(
        ValueError, match=f"{re.escape(repr(name))}.* is 0; allowed|is {re.escape(repr(name))}; allowed"
    ):
        tide_figure(data, {("mean", "x"): "extra"})


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ({"moon": 1}, "dimension is 'moon'; allowed: 'port', 'spring', 'year'"),
        ({"port": "west"}, "port is 'west'; allowed: 'north', 'east', 'south'"),
        ({"port": "south", "year": 0}, "year is 0; allowed: 1, 2, 5, 9"),
        ({"spring": None}, "spring is None; allowed: False, True"),
    ],
)
def test_indices_refuses_what_is_not_there(position, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        tide_figure().indices(position)


def test_a_long_list_of_what_is_allowed_is_shortened():
    figure = tide_figure(tides(day=1000), {("mean", "x"): "extra"})
    with pytest.raises(
        ValueError, match=r"^day is 1000; allowed: 0, 1, 2, .*\.\.\..*, 997, 998, 999$"
    ) as caught:
        figure.indices({"day": 1000})
    assert len(str(caught.value)) < 80


@pytest.mark.parametrize("name", ["layout", "comm", "reveal_frame", "_table", "position", "data", "close"])
def test_a_dimension_with_the_name_of_an_attribute_is_refused(name):
    with pytest.raises(ValueError, match=f"^dimension is '{name}'; allowed: any name that no widget's attri"):
        tide_figure(tides(**{name: 2}), {("mean", "x"): "extra"})


def test_a_drawn_dimension_may_have_any_name():
    figure = tide_figure(tides(layout=2), {("water", "y"): "extra"}, along={"water": "layout"})
    assert isinstance(figure.layout, ipywidgets.Layout) and drawn(figure)["water"]["x"] == [0, 1]


def test_a_table_is_closed_when_its_figures_are_closed_and_its_dataset_goes():
    data = tides()
    figures = [tide_figure(data), tide_figure(data, start={"port": "south"})]
    table, alive = figures[0]._table, weakref.ref(data)
    for figure in figures:
        figure.close()
    del data, figure, figures
    gc.collect()
    assert alive() is None and table.comm is None


# --- data shown in place of the first -----------------------------------------------------------------------


def test_other_data_is_drawn_by_this_figure_alone():
    data = tides()
    figure, other = tide_figure(data), tide_figure(data)
    shared = figure._table
    figure.show_data(2 * tides(tide=7).drop_vars("words"))
    assert other._table is shared and shared.comm is not None and figure._table is not shared
    np.testing.assert_allclose(unpack(figure._table.content["offset"]), 2 * data.offset, rtol=1e-6)
    before = figure._table
    figure.show_data(tides())
    assert before.comm is None  # nothing piles up
    last = figure._table
    figure.close()
    assert last.comm is None and shared.comm is not None


def test_what_is_drawn_may_grow_but_positions_stay():
    data = tides().assign(x=("hour", np.arange(25.0)))
    show = SHOW | {("water", "x"): "x"}
    figure = tide_figure(data, show, start={"port": "south"})
    longer = data.pad(hour=(0, 5), constant_values=0.0)
    figure.show_data(longer)
    assert figure._table.content["level"]["shape"][-1] == 30 and figure.position["port"] == "south"


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda data: data.drop_vars("offset"), "variable is 'offset'; allowed: 'level'"),
        (lambda data: data.isel(port=slice(0, 2)), "length of 'port' is 2; allowed: 3"),
        (lambda data: data.isel(year=0), "'offset' has dimensions ('port',); allowed: ('port', 'year')"),
        (lambda data: data.expand_dims(tide=2), "has dimensions ('tide',"),
        (lambda data: data.rename(hour="minute"), "has dimensions ('port', 'spring', 'minute')"),
        (lambda data: data.assign(offset=data.offset.astype(str)), "a sum is ['level', 'offset']; allowed"),
        (lambda data: data.assign_coords(hour=np.arange(1.0, 26)), "coordinate of 'hour' is another"),
    ],
)
def test_data_that_does_not_fit_is_refused_and_nothing_changes(change, message):
    figure = tide_figure()
    before = figure._table, figure.data
    with pytest.raises(ValueError, match=re.escape(message)):
        figure.show_data(change(tides()))
    assert figure._table is before[0] and figure.data is before[1]


# --- closing ------------------------------------------------------------------------------------------------


class Kernel(BaseComm):
    """The comm of a kernel that notes what it sends."""

    sent: ClassVar[list] = []

    def publish_msg(self, kind, **_):
        self.sent.append(kind)


@pytest.mark.parametrize("shows", [False, True])
@pytest.mark.parametrize("loaded_first", [False, True])
def test_in_a_kernel_a_figure_is_closed_once_the_page_has_loaded_it(monkeypatch, shows, loaded_first):
    monkeypatch.setattr("comm.create_comm", Kernel)
    data = tides()
    figure = tide_figure(data)
    if shows:
        figure.show_data(data.assign(offset=2 * data.offset))
    table, loaded = figure._table, {"content": {"data": {"method": "custom", "content": {}}}, "buffers": []}
    if loaded_first:
        figure.comm.handle_msg(loaded)
    figure.close()
    figure.close()
    assert (figure.comm is None) == loaded_first
    if not loaded_first:
        figure.show_data(data.copy())  # it is closed: nothing is drawn
        assert figure._table is table and table.comm is not None  # the page may be about to ask for it
        comm = figure.comm
        comm.handle_msg(loaded)
        comm.handle_msg(loaded)
    assert figure.comm is None and (table.comm is None) == shows


def test_a_word_of_the_page_that_comes_while_a_figure_is_closed_is_not_missed(monkeypatch):
    monkeypatch.setattr("comm.create_comm", Kernel)
    for _ in range(20):
        figure, start = tide_figure(), threading.Barrier(2)

        def say(figure=figure, start=start):
            start.wait()
            _note_loaded(figure, {}, [])

        page = threading.Thread(target=say)
        page.start()
        start.wait()
        figure.close()
        page.join()
        assert figure.comm is None
