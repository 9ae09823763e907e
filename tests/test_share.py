"""What is shown, handed on: addresses that open there, good, bad and hostile ones, and code."""

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from playwright.sync_api import expect
from rnn_gradients import explore_clipping, explore_powers, explore_training, save_page
from rnn_gradients.explorers.clipping import PRESETS, START
from rnn_gradients.explorers.controls import LIST, Control
from rnn_gradients.lookup import LookupFigure, ShareBar

from .browser import open_notebook, run_all, two_frames
from .readers import explorers
from .readers.clipping import assert_plots_the_engine, control, shown_position

SOURCE = "from rnn_gradients import explore_clipping; explore_clipping()"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("share") / "page.html"
    save_page(ipywidgets.VBox([explore_clipping(), explore_training()]), file)
    return file.as_uri()


@pytest.fixture
def visit(open_page, address):
    def visit_one(hash):
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        page.goto(address + hash)
        page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
        page.wait_for_timeout(100)
        return page

    return visit_one


def explorer(page, nth=0):
    return explorers(page).nth(nth)


def note(page):
    return page.locator(".lookup-share [role=status]").first.text_content()


def test_an_address_opens_at_its_position(visit):
    page = visit("#activation=sigmoid&eigenvalue=4.5&length=60&clip_hidden=0&threshold=1.0")
    expected = {
        "activation": "sigmoid",
        "eigenvalue": 4.5,
        "length": 60,
        "clip_hidden": False,
        "threshold": 1,
    }
    assert assert_plots_the_engine(explorer(page)) == START | expected
    assert note(page) == ""


def test_the_address_follows_the_sliders_and_the_link_leads_back(visit):
    page = visit("")
    assert "#" not in page.url
    control(explorer(page), "eigenvalue").press("ArrowRight")
    control(explorer(page), "clip_output").press("Space")
    page.wait_for_function("location.hash.includes('eigenvalue=2.1')")
    page.get_by_role("button", name="Clip both jointly", exact=True).click()
    explorer(page, 1).get_by_role("slider", name="Clip threshold").press("Home")
    page.get_by_role("button", name="Copy link").first.click()
    page.get_by_text("Copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
    page.wait_for_timeout(100)
    assert assert_plots_the_engine(explorer(page)) == PRESETS["Clip both jointly"]
    other = explorer(page, 1).get_by_role("slider", name="Clip threshold")
    assert other.get_attribute("aria-valuetext") == "0.1" and note(page) == ""


def test_an_address_that_changes_moves_the_figure(visit):
    page = visit("")
    page.evaluate("location.hash = 'eigenvalue=-1.1&activation=relu'")
    page.wait_for_timeout(100)
    position = assert_plots_the_engine(explorer(page))
    assert (position["eigenvalue"], position["activation"]) == (-1.1, "relu")
    page.go_back()
    page.wait_for_timeout(100)
    assert assert_plots_the_engine(explorer(page)) == START and "#" not in page.url


@pytest.mark.parametrize(
    "hash, told",
    [
        ("#eigenvalue=2.05", "eigenvalue=2.05"),
        ("#activation=softmax&units=", "activation=softmax, units="),
        ("#eigenvalue=NaN&length=-0", "eigenvalue=NaN, length=-0"),
        ("#clip_hidden=true&clip_output=2", "clip_hidden=true, clip_output=2"),
        ("#speed=9&__proto__=1", "speed, __proto__"),
        ("#%E0%A4%A&&&===", "Not in this figure"),
        ("#eigenvalue=<script>window.hacked=1</script>", "eigenvalue=<script>window.hacked=1</script>"),
        ("#<img src=x onerror=window.hacked=1>=1", "<img src"),
        ("#" + "a=1&" * 25_000, "Not in this figure: a"),
        ("#" + "&".join(map(str, range(100_000))), "Not in this figure: 0, 1, 2"),
    ],
    ids=lambda value: value[:24],
)
def test_what_is_not_there_is_left_out_and_named(visit, hash, told):
    page = visit(hash)
    expect(page.locator(".lookup-share [role=status]").first).to_contain_text(told)
    assert shown_position(explorer(page)) == START
    assert told in note(page) and len(note(page)) < 160
    expect(page.locator(".lookup-share [role=status]").first).to_be_in_viewport()
    assert page.evaluate("window.hacked") is None and page.locator(".lookup-share *").count() == 4


def test_what_is_there_counts_beside_what_is_not(visit):
    page = visit("#activation=sigmoid&eigenvalue=99&length=20")
    position = assert_plots_the_engine(explorer(page))
    assert (position["activation"], position["eigenvalue"], position["length"]) == ("sigmoid", 2.0, 20)
    assert "eigenvalue=99" in note(page)


def test_the_note_goes_when_the_reader_moves_on(visit):
    page = visit("#speed=9")
    assert "speed" in note(page)
    control(explorer(page), "eigenvalue").press("ArrowRight")
    two_frames(page)
    assert note(page) == ""


def test_nothing_is_drawn_before_it_has_its_place(open_page, address):
    """Where the browser paints at once. A share bar that has no place yet can't know that it is the first."""
    page = open_page(fresh=True)
    page.add_init_script(
        """window.requestAnimationFrame = (act) => act();
        const place = Element.prototype.replaceChildren;
        Element.prototype.replaceChildren = function (...some) {
          const drawn = some[0]?.querySelectorAll?.(".lookup-figure, .lookup-share");
          if (this.id === "widget") window.early = drawn.length;
          place.apply(this, some);
        };"""
    )
    page.goto(address + "#speed=9")
    page.get_by_text("Not in this figure: speed").wait_for()
    assert page.evaluate("early") == 0


def test_two_of_a_kind_have_keys_of_their_own(open_page, tmp_path):
    both = [explore_clipping(), explore_clipping(eigenvalue=4.5, activation="sigmoid")]
    save_page(ipywidgets.HBox([ipywidgets.VBox(both)]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
    control(explorer(page), "eigenvalue").press("End")
    control(explorer(page, 1), "eigenvalue").press("Home")
    page.wait_for_function("location.hash.includes('2.eigenvalue=-6')")
    page.evaluate("void (navigator.clipboard.writeText = async (text) => { window.copied = text })")
    page.get_by_role("button", name="Copy link").first.click()
    page.goto("about:blank#" + page.evaluate("copied").partition("#")[2])
    assert "eigenvalue=6&" in page.url and "2.eigenvalue=-6" in page.url


def test_a_link_leads_to_the_figure_under_which_it_was_copied(open_page, tmp_path):
    """As it stood there; and where nothing was moved, what waits for Play still waits."""
    figures = [
        explore_powers("number", controls=["factor", "play"]),
        explore_powers("flips", controls=["eigenvalue", "play"]),
        explore_powers("parts", controls=["angle", "play"]),
    ]
    above, below = (ipywidgets.Label("", layout={"height": height}) for height in ("400px", "3000px"))
    save_page(ipywidgets.VBox([above, *figures, below]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").nth(2).wait_for()
    page.evaluate("void (navigator.clipboard.writeText = async (text) => { window.copied = text })")
    eigenvalue = explorer(page, 1).get_by_role("slider", name="Eigenvalue of W")
    eigenvalue.press("Home")
    explorer(page, 2).get_by_role("slider", name="Direction of the first arrow").press("End")
    page.get_by_role("button", name="Copy link").nth(1).click()
    link = page.evaluate("copied")
    page.get_by_role("button", name="Copy link").first.click()
    to_the_first = page.evaluate("copied")
    page.goto("about:blank")
    page.goto(link)
    page.locator(".lookup-plot:has(.main-svg)").nth(2).wait_for()
    page.wait_for_function("scrollY > 0")
    page.wait_for_timeout(100)
    assert abs(explorer(page, 1).bounding_box()["y"]) < 20
    assert eigenvalue.get_attribute("aria-valuetext") == "−1.2"
    shown = page.locator(".lookup-caption").evaluate_all("all => all.map((each) => each.style.visibility)")
    assert shown == ["hidden", "", ""]
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto("about:blank")
    page.goto(to_the_first)
    page.wait_for_function("scrollY > 0")
    page.wait_for_timeout(100)
    box = explorer(page).bounding_box()
    assert box["y"] > -1 and box["y"] + box["height"] < 501  # all of it is seen


@pytest.mark.parametrize("fault", ["void (history.replaceState = () => { throw Error() })", "0"])
def test_the_link_is_whole_however_little_the_browser_allows(visit, fault):
    page = visit("")
    page.evaluate(fault)
    page.evaluate("void (navigator.clipboard.writeText = async () => { throw new Error('not allowed') })")
    page.evaluate("void (document.execCommand = () => ((window.copied = getSelection().toString()), true))")
    control(explorer(page), "eigenvalue").press("End")
    button = page.get_by_role("button", name="Copy link").first
    button.focus()
    button.press("Enter")
    page.get_by_text("Copied.").wait_for()
    assert "eigenvalue=6&" in page.evaluate("copied") and button.evaluate("b => b === document.activeElement")


def test_in_jupyterlab_the_code_is_copied(open_page, lab):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    open_notebook(page, lab.url(lab.write(SOURCE)))
    run_all(page)
    control(page, "eigenvalue").press("ArrowRight")
    control(page, "clip_output").press("Space")
    control(page, "activation").select_option(label="ReLU")
    two_frames(page)
    page.get_by_role("button", name="Copy as code").click()
    page.get_by_text("Copied.").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    arguments = code.removeprefix("explore_clipping(").removesuffix(")").split(", ")
    assert sorted(arguments) == ["activation='relu'", "clip_output=True", "eigenvalue=2.1"]
    assert "#" not in page.url


# --- exactly: any coordinates, by the view itself, in a page that holds nothing else ------------------------

BARS = """async ([source, bars, given]) => {
  const { default: widget } = await import("data:text/javascript," + encodeURIComponent(source));
  const event = (name) => window.dispatchEvent(new Event(name));
  globalThis.lookupPage.entries = new URLSearchParams();
  const figures = bars.map(({ position }) => ({
    values: { ...position },
    get(name) { return this.values[name] },
    set(some) { Object.assign(this.values, some) },
    on() {}, off() {}, save_changes() {},
  }));
  const open = () => Promise.all(bars.map(({ state }, i) => widget.render({
    el: document.body.appendChild(document.createElement("div")),
    model: { get: (name) => state[name], widget_manager: { get_model: async () => figures[i] } },
  })));
  const close = (stops) => (stops.forEach((stop) => stop()), document.body.replaceChildren());
  history.replaceState(null, "", "#");
  const first = await open();
  bars.forEach(({ to }, i) => figures[i].set(to));
  event("lookup-write");
  close(first);
  if (given) history.replaceState(null, "", given);
  bars.forEach(({ position }, i) => figures[i].set(position)); // a reader opens the link
  const second = await open();
  event("hashchange");
  const found = figures.map(({ values }) => values);
  const told = document.body.textContent;
  close(second);
  return [found, told];
}"""


def numbers(kind):
    return arrays.from_dtype(np.dtype(kind), allow_nan=False)


def times(kind, least, most):
    return st.integers(least, most).map(lambda number: np.int64(number).view(kind))


LIKE_NUMBERS = ["1", "1.0", "01", " 1", "1 ", "0x1", "1e0", "+1", "", " ", "Infinity", "-0", "a&b=c", "#%1"]
LIKE_DAYS = [np.datetime64(day, "ns") for day in ("2020-01-01", "2020-01-01T12", "2021-01-01")]
COORDINATES = {
    "i8": numbers("i8") | st.integers(2**53 - 3, 2**53 + 3) | st.integers(-20, 20),
    "f8": numbers("f8") | st.sampled_from([2000.1234, 2000.1238, 0.1 + 0.2, 0.3, 1e6, 1e16, 0.0]),
    "f4": numbers("f4"),
    "U": st.text(max_size=5) | st.sampled_from(LIKE_NUMBERS),
    "?": st.booleans(),
    "M8[ns]": times("M8[ns]", -(10**18), 2 * 10**18) | st.sampled_from(LIKE_DAYS),
    "M8[s]": times("M8[s]", -(10**11), 10**11),
    "m8[ns]": times("m8[ns]", -(10**15), 10**15),
}


@st.composite
def coordinates(draw):
    kind = draw(st.sampled_from(list(COORDINATES)))
    values = draw(st.lists(COORDINATES[kind], min_size=1, max_size=8, unique=True))
    return np.array(values, object if kind == "U" else kind)


def figure_along(**dimensions):
    data = xr.Dataset(coords=dimensions)
    data["v"] = tuple(dimensions), np.zeros(tuple(map(len, dimensions.values())))
    return LookupFigure(go.Figure(go.Scatter(name="a")), data, {("a", "y"): "v"})


@pytest.fixture(scope="module")
def bars(chromium, tmp_path_factory):
    """Return a function: where do figures stand in the browser once the link to some position was opened?"""
    file = tmp_path_factory.mktemp("bars") / "page.html"
    file.write_text("<!doctype html><title>bars</title>")
    page = chromium.new_page()
    page.goto(file.as_uri())

    def open_link(*moves, prefixes=(), link=None):
        """Each move is a figure, and the position of which a link is made, unless one is given."""
        given = []
        for number, (figure, to) in enumerate(moves):
            bar = ShareBar(figure, "explore", {}, *prefixes[number : number + 1])
            state = {name: getattr(bar, name) for name in ("_words", "_numbers", "_prefix")}
            position = {name: getattr(figure, name) for name in figure.dimensions}
            given.append({"state": state | {"_figure": "IPY_MODEL_x"}, "position": position, "to": to})
            bar.close()
        found, told = page.evaluate(BARS, [ShareBar._esm, given, link])
        assert link or "Not in this figure" not in told
        return found

    yield open_link
    page.close()


@given(coordinates(), st.data())
def test_a_link_opens_exactly_the_coordinate_that_it_was_made_at(bars, values, data):
    figure = figure_along(place=values)
    for at in range(len(values)):
        to = {"place": bool(at) if isinstance(figure.place, bool) else at}
        assert bars((figure, to)) == [to]


@given(coordinates())
def test_the_code_names_exactly_its_coordinate(values):
    figure = figure_along(place=values)
    codes = ShareBar(figure, "explore", {})._code["place"]
    assert [figure.indices({"place": eval(code)})["place"] for code in codes] == list(range(len(values)))


@given(coordinates())
def test_each_option_of_a_control_has_a_label_of_its_own(values):
    labels = Control("place", "Place", LIST, None, "").widget(values, values[0])._options_labels
    assert len(set(labels)) == len(labels) == len(values)


def test_a_link_opens_its_position_however_long_it_is(bars):
    figures = [figure_along(place=np.array([sign, sign * 5_000, "end"], object)) for sign in "a&%é"]
    moves = [(figure, {"place": place}) for figure, place in zip(figures, (1, 2, 1, 1), strict=True)]
    assert bars(*moves) == [to for _, to in moves]


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_a_coordinate_that_no_address_can_hold_is_refused(half):
    with pytest.raises(ValueError, match=r"^coordinate of place is '.*\\ud.*'; allowed: whole characters"):
        ShareBar(figure_along(place=np.array(["a", half], object)), "explore", {})


NAMES = st.lists(st.sampled_from(["a", "b", "c", "2.a", "p.a"]), min_size=1, max_size=4, unique=True)


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "p.", "2."])), min_size=2, max_size=4), st.data())
def test_figures_of_a_page_share_no_key(bars, several, data):
    moves = []
    for names, _ in several:
        figure = figure_along(**{name: [10, 20, 30] for name in names})
        moves.append((figure, {name: data.draw(st.integers(0, 2)) for name in names}))
    assert bars(*moves, prefixes=[prefix for _, prefix in several]) == [to for _, to in moves]


@pytest.mark.parametrize(
    "values", [[1, 1], [0.0, -0.0], np.array([1, 1.0, "x"], object), np.array([True, 1], object)], ids=str
)
def test_a_coordinate_that_stands_twice_is_refused(values):
    with pytest.raises(
        ValueError, match=r"place has coordinate [01] twice; allowed: coordinates that differ"
    ):
        ShareBar(figure_along(place=values), "explore", {})


@pytest.mark.parametrize(
    "values, link, at",
    [
        ([0.5, 2.5, 1e6], "2.50", 1),
        ([0.5, 2.5, 1e6], " 2.5", 1),
        ([0.5, 2.5, 1e6], "1e+06", 2),  # written by an earlier version
        ([0, 1_000_001, 1_000_002], "1e+06", 0),
        ([0.5, 0.0], "", 0),
        ([0, 2**53, 2**53 + 1], f"{2**53 + 1}", 2),
        ([0, 2**53, 2**53 + 1], f"{2**53 + 1}.0", 0),  # to a browser these two are one number
        (["a", "1.0", "2"], "1", 0),
        (["a", "1.0", "2"], "2.0", 0),
        ([0, 1, 11], "11&" + "x=1&" * 1000, 2),
        ([0, 1, 11, 111], "0&" + "x=1&" * 25_000 + "place=111", 3),  # however far from the beginning
    ],
    ids=lambda value: str(value)[:28],
)
def test_a_number_written_otherwise_is_found_where_it_is_exact(bars, values, link, at):
    link = "#place=" + link.replace("+", "%2B").replace(" ", "%20")
    assert bars((figure_along(place=values), {"place": 1}), link=link) == [{"place": at}]


def test_two_views_of_one_explorer_have_one_address(open_page, tmp_path):
    one = explore_training()
    save_page(ipywidgets.VBox([one, one]), tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri() + "#training.length=20")
    page.locator(".lookup-plot:has(.main-svg)").nth(1).wait_for()
    page.wait_for_timeout(100)
    lengths = page.get_by_role("slider", name="Sequence length")
    assert [each.get_attribute("aria-valuetext") for each in lengths.all()] == ["20", "20"]
    lengths.last.press("ArrowRight")
    page.wait_for_function("!location.hash.includes('training.length=20')")
    assert page.url.count("training.length") == 1 and note(page) == ""
