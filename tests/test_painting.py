"""What is moved where it stands looks just as if it had been drawn anew: the same SVG, to the last path."""

import random
import urllib.parse

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import pytest
import xarray as xr
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs
from rnn_gradients import (
    explore_activations,
    explore_cliff,
    explore_clipping,
    explore_forecasts,
    explore_gated,
    explore_training,
    save_page,
)
from rnn_gradients.lookup import LookupFigure

TOOLS = r"""
const twoFrames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
const tidy = each => {
  if (each.nodeName === "#text") return each.data;
  const children = Array.from(each.childNodes, tidy).filter(Boolean);
  if (each.nodeName === "g" && !children.length) return ""; // nothing is seen of it
  const short = text => text.replace(/\d+\.\d{7,}/g, number => Number(number).toFixed(6)); // no eye sees more
  const attributes = Array.from(each.attributes, ({ name, value }) => short(`${name}=${value}`))
    .filter(text => text !== "style=opacity: 1;").toSorted(); // as it is anyway
  return [`<${each.nodeName}`, ...attributes, ">", ...children].join(" ");
};
const svg = ({ _fullLayout, _fullData, children }) => [_fullLayout._uid, ..._fullData.map(({ uid }) => uid)]
  .reduce((text, uid, i) => text.replaceAll(uid, `(${i})`), tidy(children[0]));
// Where a plot looks otherwise than its state does when it is drawn by react, in a place of its own.
async function difference(plot, twin) {
  const data = plot.data.map(({ uid, ...trace }) => structuredClone(trace));
  const layout = structuredClone(plot.layout);
  for (const [name, axis] of Object.entries(layout))
    if (/^[xy]axis/.test(name) && axis.autorange) delete axis.range; // which plotly found
  await Plotly.react(twin, data, layout, { displayModeBar: false });
  const [now, anew] = [plot, twin].map(each => svg(each).split(/(?=<)/));
  const at = now.findIndex((tag, i) => tag !== anew[i]);
  if (at < 0 && now.length === anew.length) return;
  return [now, anew].map(all => all.slice(at - 4, at + 3).join(""));
}
const drawn = { changed: 0, moved: 0, anew: 0 };
const watch = plot => {
  plot.on("plotly_animatingframe", () => drawn.moved++);
  plot.on("plotly_react", () => drawn.anew++);
};
const beside = () => document.body.appendChild(document.createElement("div"));
"""
BY_ADDRESS = """async hashes => {
  const plot = document.querySelector(".lookup-plot");
  const twin = beside();
  watch(plot);
  for (const hash of hashes) {
    if (location.hash.slice(1) === hash) continue;
    const before = svg(plot);
    location.hash = hash;
    await new Promise(done => addEventListener("hashchange", done, { once: true }));
    await twoFrames();
    drawn.changed += svg(plot) !== before;
    const found = await difference(plot, twin);
    if (found) return [hash, ...found];
  }
  return drawn;
}"""


def positions(explorer, count):
    """Give addresses of random positions of an explorer; each differs from the last along some dimensions."""
    choose, words = random.Random(0), explorer.children[-1]._words
    here = {name: choose.choice(some) for name, some in words.items()}
    for _ in range(count):
        for name in choose.sample(sorted(words), choose.randint(1, len(words))):
            here[name] = choose.choice([word for word in words[name] if word != here[name]])
        prefix = explorer.children[-1]._prefix
        yield urllib.parse.urlencode({prefix + name: word for name, word in here.items()})


def opened(open_page, file, **options):
    page = open_page(**options)
    page.goto(file.as_uri())
    page.locator(".lookup-plot:has(.main-svg)").first.wait_for()
    page.add_script_tag(content=get_plotlyjs())
    page.add_script_tag(content=TOOLS)
    return page


@pytest.mark.parametrize(
    "explore, panels, controls, count",
    [
        (explore_clipping, [], None, 200),
        (explore_forecasts, [], None, 20),
        (explore_training, [], None, 20),
        (explore_activations, ["map", "growth_here"], ["eigenvalue", "length"], 20),
        (explore_cliff, ["near", "losses"], ["threshold", "rate"], 20),
        (explore_gated, ["map", "across"], ["forget_bias"], 20),
    ],
)
def test_an_explorer_looks_as_if_drawn_anew(open_page, tmp_path, explore, panels, controls, count):
    explorer = explore(*panels, controls=controls)
    save_page(explorer, tmp_path / "page.html")
    drawn = opened(open_page, tmp_path / "page.html").evaluate(BY_ADDRESS, list(positions(explorer, count)))
    assert isinstance(drawn, dict), drawn
    assert drawn["changed"] > 0.8 * count and drawn["moved"] > 0.5 * drawn["changed"]


# --- any figure ---------------------------------------------------------------------------------------------

CASES, POINTS = 5, 4
LOOKED = ["x", "y", "text", "marker.size", "marker.color", "marker.symbol", "error_y.array", "hovertext"]
AXES = [
    *[{"range": [0, 9]}] * 6,
    {"range": [9, 0]},
    {},
    {"rangemode": "tozero"},
    {"type": "log", "range": [0, 1]},
    {"type": "log"},
    {"type": "category", "range": [-1, 9]},
    {"type": "category", "categoryorder": "total ascending", "range": [-1, 9]},
    {"matches": "y2"},
    {"range": [0, None]},
]
LAYOUTS = [
    *[{}] * 3,
    {"barmode": "stack"},
    {"barmode": "overlay", "showlegend": False},
    {"uniformtext": {"mode": "show", "minsize": 8}},
    {"coloraxis": {"cmin": 0}},
]
SCATTERS = [
    {"mode": "lines+markers"},
    {"mode": "markers+text", "cliponaxis": False},
    {"mode": "text"},
    {"fill": "tozeroy", "mode": "lines"},
    {"fill": "tonexty"},
    {"stackgroup": "one"},
    {"line": {"shape": "spline"}},
    {"marker": {"coloraxis": "coloraxis"}, "mode": "markers"},
    {"marker": {"showscale": True}, "mode": "markers"},
    {"marker": {"maxdisplayed": 2}, "mode": "lines+markers"},
    {"mode": "lines", "zorder": 1},
]
OTHERS = [
    go.Heatmap(name="other", z=[[1, 2]], xaxis="x2", yaxis="y2"),
    go.Contour(name="other", z=[[1, 2], [3, 5]], contours_showlabels=True, xaxis="x2", yaxis="y2"),
    go.Box(name="other", y=[1, 2, 9], xaxis="x2", yaxis="y2"),
    go.Pie(name="other", values=[1, 2], domain={"x": [0.8, 1]}),
]


def values(draw, attribute):
    """For each case a value for each point."""
    word = st.sampled_from(["a", "bb", "c"])  # plotly itself loses words that come after none
    of = {"text": word, "hovertext": word, "marker.symbol": st.integers(0, 4)}
    number = st.integers(0, 9).map(float) | st.just(np.nan) if attribute in "xy" else st.integers(1, 9)
    row = st.lists(of.get(attribute, number), min_size=POINTS, max_size=POINTS)
    rows = draw(st.lists(row, min_size=CASES, max_size=CASES))
    return [rows[0], *(draw(st.sampled_from([rows[0], other])) for other in rows[1:])]


@st.composite
def any_figure(draw):
    traces, data, show = [], {}, {}
    for number in range(draw(st.integers(1, 4))):
        axes = draw(st.sampled_from([{}, {"xaxis": "x2", "yaxis": "y2"}]))
        look = draw(st.sampled_from([*SCATTERS, None]))
        start = {"name": f"t{number}", "x": [1, 2, 4, 8], "y": [3, 2, 5, 4], **axes}
        legend = {"showlegend": draw(st.booleans())}
        traces.append(go.Bar(**start, **legend) if look is None else go.Scatter(**start, **legend, **look))
        for attribute in draw(st.lists(st.sampled_from(LOOKED), max_size=2, unique=True)):
            if look is None and attribute in ("marker.size", "marker.symbol"):
                continue
            data[f"{number} {attribute}"] = (("case", "point"), values(draw, attribute))
            show[f"t{number}", attribute] = f"{number} {attribute}"
    traces += draw(st.sampled_from([*[[]] * 12, *([other] for other in OTHERS)]))
    x2, y2 = {"domain": [0.55, 0.75]}, {"anchor": "x2"}
    layout = {"height": 240, "margin": {"t": 10}} | draw(st.sampled_from(LAYOUTS))
    x, y = draw(st.sampled_from(AXES)), draw(st.sampled_from(AXES))
    if "categoryorder" in y and any(trace.type == "bar" for trace in traces):
        y = {}  # plotly itself looks for the category of a bar's x there
    layout |= {"xaxis": {"domain": [0, 0.45]} | x, "xaxis2": x2}
    layout |= {"yaxis": y, "yaxis2": y2 | {"range": [0, 9]}}
    figure = go.Figure(list(traces), layout)
    data["case"] = [str(case) for case in range(CASES)]
    data["point"] = range(POINTS)
    names = [trace.name for trace in figure.data if trace.type in ("scatter", "bar")]
    marked = [name for name in names if draw(st.booleans())]
    stacked = layout.get("barmode") == "stack" or any(getattr(t, "stackgroup", None) for t in traces)
    return LookupFigure(
        figure,
        xr.Dataset(data),
        show,
        along=dict.fromkeys(names, "point"),
        edges=[] if stacked else marked,
        presets={case: {"case": case} for case in data["case"]} if show else None,
    )


BY_BUTTON = """async () => {
  for (const figure of document.querySelectorAll(".lookup-figure")) {
    const plot = figure.querySelector(".lookup-plot");
    const twin = beside();
    watch(plot);
    for (const button of figure.querySelectorAll("button")) {
      button.click();
      await twoFrames();
      const found = await difference(plot, twin);
      if (found) return [JSON.stringify([plot.data, plot.layout]), ...found];
    }
    Plotly.purge(twin), twin.remove();
  }
  return drawn;
}"""


def test_any_figure_looks_as_if_drawn_anew(open_page, tmp_path):
    seen = []

    @settings(
        max_examples=5, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(any_figure(), min_size=16, max_size=16))
    def each_looks_alike(some):
        save_page(ipywidgets.VBox(some), tmp_path / "page.html")
        page = opened(open_page, tmp_path / "page.html", viewport={"width": 1280, "height": 16 * 400})
        seen.append(page.evaluate(BY_BUTTON))
        assert isinstance(seen[-1], dict), "\n\n".join(seen[-1])

    each_looks_alike()
    for how in ("moved", "anew"):
        assert sum(each[how] for each in seen) > 40


def test_what_was_not_drawn_again_can_still_be_selected(open_page, tmp_path):
    points = {"x": [1, 2, 3], "y": [2, 2, 2], "mode": "markers"}
    figure = go.Figure([go.Scatter(name="moves", **points), go.Scatter(name="stays", **points)])
    figure.update_layout(xaxis_range=[0, 4], yaxis_range=[0, 9], height=300, dragmode="select")
    rise = xr.DataArray([1.0, 5.0], dims="case", coords={"case": ["low", "high"]})
    data = xr.Dataset({"y": rise + xr.DataArray([0.0, 1.0, 2.0], dims="point")})
    presets = {"high": {"case": "high"}}
    moving = LookupFigure(figure, data, {("moves", "y"): "y"}, along={"moves": "point"}, presets=presets)
    save_page(moving, tmp_path / "page.html")
    page = opened(open_page, tmp_path / "page.html")
    assert page.evaluate(BY_BUTTON) == {"changed": 0, "moved": 1, "anew": 0}
    box = page.locator(".lookup-plot .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 9, box["y"] + box["height"] - 5, steps=4)
    page.mouse.up()
    selected = "plot => plot.data.map(({ selectedpoints }) => selectedpoints)"
    assert page.locator(".lookup-plot").evaluate(selected) == [[0, 1], [0, 1]]
