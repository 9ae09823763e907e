"""Any plotly figure, in a browser: nothing fails, and triangles are at just the points beyond the axes."""

import dataclasses
import datetime
import math

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import pytest
import xarray as xr
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rnn_gradients import save_page
from rnn_gradients.lookup import LookupFigure

from .browser import two_frames

DAY = datetime.datetime(2020, 1, 1)
# An axis counts units: the exponent on a logarithmic one, days on one of dates, the number of a category.
VALUE = {
    "linear": float,
    "log": lambda unit: 10.0**unit,
    "date": lambda unit: str(DAY + datetime.timedelta(unit)),
    "category": lambda unit: f"c{unit}",
}
UNIT = {
    "linear": float,
    "log": math.log10,
    "date": lambda value: (datetime.datetime.fromisoformat(value) - DAY) / datetime.timedelta(1),
    "category": lambda value: int(value[1:]),
}
END = VALUE | {"log": float, "category": float}  # how an end of a range is written
TOLD = {
    "range": lambda low, high: {"range": [low, high]},
    "range, backward": lambda low, high: {"range": [high, low]},
    "limits": lambda low, high: {"minallowed": low, "maxallowed": high},
    "open below": lambda low, high: {"range": [None, high]},
    "open above": lambda low, high: {"range": [low, None]},
    "open below, backward": lambda low, high: {"range": [high, None], "autorange": "min reversed"},
    "open above, backward": lambda low, high: {"range": [None, low], "autorange": "max reversed"},
    "nothing": lambda low, high: {},
    "backward": lambda low, high: {"autorange": "reversed"},
    "overruled": lambda low, high: {"range": [low, high], "autorange": True},
}
"""How plotly may be told where an axis ends."""


@dataclasses.dataclass
class Axis:
    """An axis from `low` to `high`, in units; `where` plotly is told of it, and `how`."""

    name: str
    kind: str
    how: str
    where: str
    low: float
    high: float

    def tell(self, layout, template, narrow):
        told = TOLD[self.how](END[self.kind](self.low), END[self.kind](self.high))
        kind = {"type": self.kind}
        if self.kind == "category":
            kind["categoryarray"] = [VALUE["category"](unit) for unit in range(10)]
        if self.where == "matched":
            layout[self.name.replace("2", "3")], told = kind | told, {"matches": f"{self.name[0]}3"}
        if self.where == "template":
            template[self.name[:-1]], told = told, {}
        if self.where == "narrow":
            narrow[self.name], told = told, {}
        layout[self.name] = kind | told

    def ends(self):
        """Where points begin to be beyond the axis."""
        if self.where == "matched" and not self.how.startswith("range"):
            return -math.inf, math.inf  # plotly looks for limits on the axis itself
        both = self.how in ("range", "range, backward", "limits")
        low = self.low if both or "above" in self.how else -math.inf
        return low, self.high if both or "below" in self.how else math.inf

    def within(self, unit):
        low, high = self.ends()
        if self.kind == "category":  # there is nothing between two categories
            low, high = low + 0.5, high - 0.5
        return min(max(unit, low), high)


@st.composite
def axes(draw, name):
    low, high = sorted(draw(st.lists(st.integers(0, 8), min_size=2, max_size=2, unique=True)))
    kind, how = draw(st.sampled_from(sorted(VALUE))), draw(st.sampled_from(sorted(TOLD)))
    where = draw(st.sampled_from(["layout", "template", "matched", "narrow"]))
    return Axis(name, kind, how, where, low + 0.5, high + 0.5)  # points are at whole units: none is at an end


@dataclasses.dataclass
class Case:
    """A figure, and for each of its two positions where its triangles are to be: (side, x, y) in units."""

    figure: LookupFigure
    x: Axis
    y: Axis
    triangles: list


OTHERS = (
    go.Pie(name="other", values=[1.0, np.nan]),
    go.Heatmap(name="other", z=[[1.0, np.nan, np.inf]], xaxis="x4", yaxis="y4"),
    go.Histogram(name="other", x=[1.0, np.nan], xaxis="x4", yaxis="y4"),
    go.Scatterpolar(name="other", r=[1.0, np.nan], theta=[0, 90]),
    go.Scatter(name="other", y=np.array([1.0, np.nan, -np.inf]), xaxis="x4", yaxis="y4"),
)


@st.composite
def cases(draw):
    x, y = draw(axes("xaxis2")), draw(axes("yaxis2"))
    if x.where == y.where == "matched":  # where both match, plotly makes up ranges
        y.where = "layout"
    number = st.integers(0, 9)
    of_y = number if y.kind in ("date", "category") else number | st.none()  # tables have no missing strings
    points = draw(st.lists(st.tuples(number | st.none(), of_y, of_y), max_size=6))
    inside = x.low + 0.5, y.low + 0.5, y.low + 0.5  # without any, plotly overrules an end that is given
    across, *up = zip(map(int, inside), *points, strict=True)
    bars = y.kind == "linear" and x.kind != "log"  # elsewhere plotly itself loses its way
    kind = draw(st.sampled_from([go.Scatter, go.Bar] if bars else [go.Scatter]))
    trace = kind(name="points", x=[value(x, unit) for unit in across], xaxis="x2", yaxis="y2")
    traces = [trace, draw(st.sampled_from(OTHERS))]
    layout, template, narrow = {"height": 200, "showlegend": False}, {}, {}
    for axis in (x, y):
        axis.tell(layout, template, narrow)
    matched = {"x": [value(x, across[0])], "y": [value(y, up[0][0])]}
    traces.append(go.Scatter(name="matched", **matched, xaxis="x3", yaxis="y3"))
    figure = go.Figure(traces, layout | {"template": go.layout.Template(layout=template)})
    data = xr.Dataset({"y": (("case", "point"), [[value(y, unit) for unit in row] for row in up])})
    shown = LookupFigure(
        figure,
        data,
        {("points", "y"): "y"},
        along={"points": "point"},
        edges=["points"],
        narrow=[(9999, narrow)],
        presets={"second": {"case": 1}},
    )
    return Case(shown, x, y, [expected(x, y, across, row) for row in up])


def value(axis, unit):
    return np.nan if unit is None else VALUE[axis.kind](unit)


def expected(x, y, across, up):
    triangles = []
    for right, high in zip(across, up, strict=True):
        if right is None or high is None:
            continue
        (least, most), (low, top) = x.ends(), y.ends()
        sides = {"up": high > top, "down": high < low, "right": right > most, "left": right < least}
        side = next((side for side, beyond in sides.items() if beyond), None)
        if side:
            triangles.append((f"triangle-{side}", x.within(right), y.within(high)))
    return triangles


DRAWN = """figures => figures.map(figure => {
  const plot = figure.querySelector(".lookup-plot");
  if (!plot) return figure.textContent;
  const { x, y, marker } = plot.data.at(-1);
  const seen = [...plot.querySelectorAll(".x2y2 .scatterlayer .trace:last-child .points path")];
  return {
    triangles: x.map((_, i) => [marker.symbol[i], x[i], y[i]]).slice(0, -1), // the last is no point
    seen: seen.filter(path => getComputedStyle(path).display !== "none").length,
  };
})"""


@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
        HealthCheck.too_slow,
    ],
)
@given(st.lists(cases(), min_size=16, max_size=16))
def test_triangles_are_at_just_the_points_beyond_the_axes(tmp_path, open_page, some):
    save_page(ipywidgets.VBox([case.figure for case in some]), tmp_path / "page.html")
    page = open_page(viewport={"width": 1280, "height": 16 * 400})  # what is out of sight is not drawn
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg), .lookup-failure").nth(15).wait_for(state="attached")
    for position in range(2):
        two_frames(page)
        for case, drawn in zip(some, page.locator(".lookup-figure").evaluate_all(DRAWN), strict=True):
            assert isinstance(drawn, dict), drawn
            found = [(side, UNIT[case.x.kind](x), UNIT[case.y.kind](y)) for side, x, y in drawn["triangles"]]
            told = (case.x, case.y)
            assert [side for side, *_ in found] == [side for side, *_ in case.triangles[position]], told
            for (_, *one), (_, *other) in zip(found, case.triangles[position], strict=True):
                assert one == pytest.approx(other, abs=1e-4), told
            assert drawn["seen"] == len(found), told
        page.get_by_role("button", name="second").evaluate_all("buttons => buttons.forEach(b => b.click())")


@pytest.fixture
def zoomable(tmp_path, open_page):
    """A page with one figure, none of whose points is beyond its axes."""
    figure = go.Figure(
        [go.Scatter(name="points", x=[0, 5, 9], line_color="red"), go.Scatter(name="other", y=[1])],
        {"xaxis": {"range": [-1, 10]}, "yaxis": {"range": [-1, 10]}, "height": 300},
    )
    data = xr.Dataset({"y": (("case", "point"), [[0.0, 5.0, 9.0], [9.0, 5.0, 0.0]])})
    options = {"along": {"points": "point"}, "edges": ["points"], "presets": {"second": {"case": 1}}}
    save_page(LookupFigure(figure, data, {("points", "y"): "y"}, **options), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    return page


def sides(page):
    two_frames(page)
    symbols = page.locator(".lookup-plot").evaluate("plot => plot.data.at(-1).marker.symbol.slice(0, -1)")
    return [symbol.removeprefix("triangle-") for symbol in symbols]


def test_triangles_follow_the_reader_who_zooms(zoomable):
    page = zoomable
    assert sides(page) == []
    box = page.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    assert sides(page) == ["down", "up"]
    page.get_by_role("button", name="second").click()
    assert sides(page) == ["up", "down"]  # still zoomed
    page.locator(".nsewdrag").dblclick()
    page.wait_for_function("document.querySelector('.lookup-plot').data.at(-1).x.length === 1")


def test_triangles_are_hidden_with_their_trace(zoomable):
    page = zoomable
    page.locator(".legendtoggle").first.click()
    page.wait_for_function("document.querySelector('.lookup-plot').data.at(-1).visible === 'legendonly'")
