"""A living figure is a composition: any panels, any controls, and no more of the table than they reach."""

import dataclasses
import gc
import gzip
import inspect

import numpy as np
import pandas as pd
import pytest
import rnn_gradients
import xarray as xr
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances
from playwright.sync_api import expect
from rnn_gradients import desk, explore_clipping, explore_forecasts, explore_training, save_page
from rnn_gradients.explorers import EXPLORERS, Explorable
from rnn_gradients.explorers.clipping import START
from rnn_gradients.explorers.controls import BOX
from rnn_gradients.lookup import ShareBar
from rnn_gradients.lookup.table import pack
from rnn_gradients.training import train_live

from .browser import plotted, two_frames
from .readers.clipping import control
from .readers.engine import gradients_at, log10

explorers = pytest.mark.parametrize("explore", EXPLORERS, ids=lambda explore: explore.__name__)


@explorers
def test_signature_and_docstring_are_made_of_the_list(explore):
    made = explore.explorable
    keywords = {
        name: each.default
        for name, each in inspect.signature(explore).parameters.items()
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert keywords == {"controls": None} | made.start
    assert inspect.getdoc(explore).startswith(made.about)
    for name in (*made.panels, *(each.name for each in made.controls)):
        assert name in explore.__doc__
    assert getattr(rnn_gradients, explore.__name__) is explore and explore.__name__ in rnn_gradients.__all__


@explorers
def test_an_address_tells_the_controls_in_their_order(explore):
    explorer = explore()
    (bar,) = (each for each in explorer.children if isinstance(each, ShareBar))
    assert list(bar._words) == [name for name in explorer.controls if name in explore.explorable.dimensions]
    explorer.close()


@explorers
def test_every_control_is_a_dimension_of_the_table(explore):
    table = explore.explorable.table()
    for name, each in explore.explorable.dimensions.items():
        assert each.start in table[name].values.tolist()
        assert (table[name].dtype == bool) == (each.kind is BOX)
        assert set(each.words) <= set(table[name].values.tolist())


@explorers
def test_traces_of_all_panels_have_names_of_their_own(explore):
    names = [trace["name"] for trace in explore().figure._figure["data"]]
    assert len(set(names)) == len(names)


@explorers
def test_what_two_panels_call_alike_is_the_same_and_fits_a_table(explore):
    """They may stand in one figure, whose table has one variable of a name, and so many steps of it."""
    made, known = explore.explorable, {}
    for panel in map(made._panel, made.panels):
        for name, variable in panel.data(made.table()).items():
            found = xr.Dataset({name: variable})[name].variable
            assert known.setdefault(name, found).identical(found), name
    for name, variable in known.items():
        if variable.dtype.kind == "f" and variable.size:
            ends = [variable.min().item(), variable.max().item()]
            pack(xr.DataArray(ends, dims="end", name=name, attrs=variable.attrs))


def subsets(names):
    return st.lists(st.sampled_from(sorted(names)), min_size=1, unique=True)


@st.composite
def compositions(draw):
    """An explorer's function, some panels, some of the controls that move them, a position, and a move."""
    explore = draw(st.sampled_from(EXPLORERS))
    made = explore.explorable
    panels = draw(subsets(made.panels))
    some = tuple(made._panel(name) for name in panels)
    try:
        table = made._reached(some)
    except ValueError as error:
        assert "can't be shown together" in str(error)
        reject()
    movable = [each.name for each in made.controls if made._moves(each, some)]
    controls = draw(subsets(movable) if movable else st.just([]))
    dims = made._dims(some)
    shown = {dim for panel in some for name, _ in panel.uses for dim in dims[name]}
    coordinates = {name: table[name].values.tolist() for name in made.dimensions if name in shown}
    position, moved = (
        {name: draw(st.sampled_from(values)) for name, values in coordinates.items()} for _ in range(2)
    )
    return explore, panels, controls, position, moved


@pytest.fixture(scope="class")
def unpacked():
    """Figures whose tables are not packed, for there are a hundred of them; none is left for other tests."""
    Explorable._cut.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnn_gradients.lookup.figure.pack", lambda variable: {})
        yield
    Explorable._cut.cache_clear()
    gc.collect()


def meant(variable):
    """What stands in a variable: of codes, the words that they are the codes of."""
    words = variable.attrs.get("categories")
    return variable.values if words is None else np.array(words)[variable.values]


@pytest.mark.usefixtures("unpacked")
class TestAnyComposition:
    @settings(max_examples=30)
    @given(composition=compositions())
    def test_any_composition_shows_what_the_whole_shows(self, composition):
        explore, panels, controls, position, moved = composition
        explorer = explore(*panels, controls=controls, **position)
        assert [name for name in explorer.controls if name != "frame"] == controls
        here = dict(position)
        for name in set(controls) & set(position):
            widget = explorer.controls[name]
            assert widget.value == position[name]
            widget.value = here[name] = moved[name]
        reference = explore(*panels, **here)
        whole = reference.figure
        shown = {name for panel in panels for name, _ in explore.explorable._panel(panel).uses}
        for name in shown:
            cut, full = explorer.figure.data[name], whole.data[name]
            cut = cut.sel({dim: value for dim, value in explorer.figure.position.items() if dim in cut.dims})
            full = full.sel(
                {dim: value for dim, value in here.items() if dim in full.dims and dim not in cut.dims}
            )
            np.testing.assert_array_equal(meant(cut.transpose(*full.dims)), meant(full), err_msg=name)
        explorer.close()
        reference.close()

    @settings(max_examples=30)
    @given(composition=compositions())
    def test_code_to_copy_gives_the_same_figure(self, composition):
        explore, panels, controls, position, _ = composition
        explorer = explore(*panels, controls=controls, **position)
        again = eval(code_of(explorer), {explore.__name__: explore})
        assert again.figure.position == explorer.figure.position
        assert list(again.controls) == list(explorer.controls)
        assert again.figure._figure == explorer.figure._figure and again.figure.data is explorer.figure.data
        explorer.close()
        again.close()


def code_of(explorer):
    """What *Copy as code* copies: as `share.js` puts it together."""
    (bar,) = (each for each in explorer.children if isinstance(each, ShareBar))
    index = {name: int(getattr(explorer.figure, name)) for name in bar._words}
    told = [f"{name}={bar._code[name][at]}" for name, at in index.items() if at != bar._defaults[name]]
    return f"{bar._call}({', '.join([*bar._arguments, *told])})"


def test_what_has_no_control_is_not_in_the_table():
    small = explore_clipping("time", controls=["eigenvalue", "length"], activation="relu").figure
    assert set(small.dimensions) == {"eigenvalue", "length"}
    assert set(small.data.sizes) == {"eigenvalue", "length", "step"}


def test_a_line_along_a_dimension_without_a_control_is_whole():
    figure = explore_clipping("length", controls=["eigenvalue"], length=20).figure
    assert figure.data.hidden.sizes["length"] == 22 and figure.position["length"] == 20


def test_equal_compositions_share_one_table():
    one, two = (explore_clipping("time", controls=["eigenvalue"], activation="relu").figure for _ in range(2))
    assert one._table is two._table


@pytest.mark.parametrize(
    ("panels", "options", "message"),
    [
        (["wind"], {}, "panel is 'wind'; allowed: chain, weights, .*, steps, share"),
        ([2.0], {}, "panel is 2.0; allowed: chain, weights"),
        (["time", "time"], {}, r"panels is \['time', 'time'\]; allowed: at least one of chain, .*none twice"),
        ([], {"controls": ["wind"]}, "control is 'wind'; allowed: eigenvalue, activation"),
        ([], {"controls": []}, r"controls is \[\]; allowed: at least one of"),
        ([], {"controls": "length"}, "controls is 'length'; allowed: a sequence"),
        ([], {"controls": {"length"}}, "controls is {'length'}; allowed: what has an order"),
        ([], {"controls": ["length", "length"]}, "controls is .*none twice"),
        (["time"], {"controls": ["threshold"]}, "control is 'threshold'; allowed: eigenvalue, "),
        (["share"], {"controls": ["play"]}, "control is 'play'; allowed: eigenvalue, "),
        ([], {"wind": 3}, "dimension is 'wind'; allowed: eigenvalue, activation"),
        ([], {"step": 3}, "dimension is 'step'; allowed: eigenvalue, activation"),
        ([], {"eigenvalue": 1.2345}, r"eigenvalue is 1.2345; allowed: -6.0, .*, \.\.\., "),
        ([], {"eigenvalue": [1.0]}, r"eigenvalue is \[1.0\]; allowed: -6.0, "),
        ([], {"eigenvalue": np.array([1.0, 2.0])}, r"eigenvalue is array\(.*; allowed: -6.0, "),
        ([], {"eigenvalue": np.ma.masked}, "eigenvalue is masked; allowed: -6.0, "),
        ([], {"eigenvalue": 2 + 0j}, r"eigenvalue is \(2\+0j\); allowed: -6.0, "),
        ([], {"eigenvalue": pd.NA}, "eigenvalue is <NA>; allowed: -6.0, "),
        ([], {"eigenvalue": np.nan}, "eigenvalue is nan; allowed: -6.0, "),
        ([], {"eigenvalue": True}, "eigenvalue is True; allowed: what is no truth value"),
        ([], {"eigenvalue": 10**400}, "eigenvalue is 1000.*; allowed: -6.0, "),
        ([], {"length": "60"}, "length is '60'; allowed: 1, 2"),
        ([], {"activation": None}, "activation is None; allowed: 'sigmoid', "),
        ([], {"clip_hidden": 1}, "clip_hidden is 1; allowed: False, True"),
        (["time"], {"controls": ["length"], "threshold": 3}, "threshold is 3; allowed: 0.01"),
        (["weights"], {"rule": "joint"}, "rule is 'joint'; allowed: 'none', for no panel chosen "),
        (["rules"], {"clip_output": True}, "clip_output is True; allowed: False, for no panel chosen "),
        (["chain"], {"length": 100}, "length is 100; allowed: 1, 2, .*60$"),
        (["growth"], {"controls": ["length"]}, "control is 'length'; allowed: eigenvalue, "),
        (["contributions", "growth"], {}, "What .* and The .* can't be shown together; allowed: "),
    ],
)
def test_what_is_not_there_is_refused_by_name(panels, options, message):
    before = len(_instances)
    with pytest.raises(ValueError, match=f"^{message}"):
        explore_clipping(*panels, **options)
    assert len(_instances) == before  # no widget was made


@explorers
def test_bad_names_and_kinds_are_refused_before_the_table_is_made(explore, monkeypatch):
    def table():
        raise AssertionError("the table was made")

    made = dataclasses.replace(explore.explorable, table=table)
    some = next(name for name, control in made.dimensions.items() if control.kind is not BOX)
    flags = [name for name, control in made.dimensions.items() if control.kind is BOX]
    for options in (
        {"controls": some},
        {"controls": ["wind"]},
        {"controls": [some, some]},
        {"wind": 3},
        {some: True},
        *({flag: 1} for flag in flags),
    ):
        with pytest.raises(ValueError, match="; allowed: "):
            made.function()(**options)


def test_a_small_figure_is_small_and_alive(open_page, tmp_path):
    """One panel and two controls, with an address of its own."""
    file = tmp_path / "small.html"
    save_page(explore_clipping("time", controls=["eigenvalue", "length"], activation="relu"), file)
    page = open_page()
    page.goto(f"{file.as_uri()}#eigenvalue=1.5&length=30")
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    assert page.locator("input, select").count() == 2 and page.locator(".nsewdrag").count() == 1
    position = START | {"activation": "relu", "eigenvalue": 1.5, "length": 30}
    for key in (None, "ArrowRight"):
        if key:
            control(page, "eigenvalue").press(key)
            position["eigenvalue"] = 1.6
        two_frames(page)
        expected = [log10(np.linalg.norm(row)) for row in gradients_at(position).dh]
        found = [value for value in plotted(page)["backward |dL/dh|"]["y"] if value is not None]
        np.testing.assert_allclose(found, expected, atol=0.0201)
    page.wait_for_timeout(300)
    assert page.url.endswith("#eigenvalue=1.6&length=30")


def test_a_small_figure_weighs_little(tmp_path):
    """Beyond plotly.js, compressed."""
    file = tmp_path / "small.html"
    explorer = explore_clipping("time", controls=["eigenvalue", "length"], activation="relu")
    save_page(explorer, file)
    plotly = len(explorer.figure._plotly.content["js"])
    assert len(gzip.compress(file.read_bytes())) - plotly < 250_000


@pytest.mark.parametrize("explore", [explore_forecasts, explore_training])
def test_one_panel_of_finished_runs(explore):
    panel = next(iter(explore.explorable.panels))
    figure = explore(panel, controls=[next(iter(explore.explorable.dimensions))]).figure
    assert len(figure.dimensions) == 1 and len([k for k in figure._figure["layout"] if "xaxis" in k]) == 1


def test_a_control_is_one_entry():
    """Its start, label and words are read wherever they are needed."""
    made = explore_clipping.explorable
    labels = {name: made.dimensions[name].label for name in START}
    shown = {name: widget.description for name, widget in explore_clipping().controls.items()}
    assert labels.items() <= shown.items()


# --- the desk -----------------------------------------------------------------------------------------------


def test_the_desks_signature_and_docstring_are_made_of_its_list():
    keywords = {name: each.default for name, each in inspect.signature(train_live).parameters.items()}
    assert keywords == {each.name: each.start for each in desk.CONTROLS}
    assert all(f"{name} : " in inspect.getdoc(train_live) for name in keywords)


def test_code_to_copy_opens_the_desk_as_it_is_set():
    opened = train_live(length=50, cell="lstm")
    opened.controls["threshold"].value = 0.3
    (bar,) = (each for each in opened.children if isinstance(each, ShareBar))
    index = {name: getattr(opened._position, name) for name in bar._words}
    told = [f"{name}={bar._code[name][at]}" for name, at in index.items() if at != bar._defaults[name]]
    code = f"{bar._call}({', '.join(told)})"
    assert code == "train_live(cell='lstm', length=50, threshold=0.3)"
    assert eval(code, {"train_live": train_live}).settings == opened.settings


def test_an_address_sets_the_desk(open_page, tmp_path):
    save_page(train_live(), tmp_path / "desk.html")
    page = open_page()
    page.goto(f"{(tmp_path / 'desk.html').as_uri()}#desk.length=50&desk.cell=lstm&desk.task=nothing")
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    length = page.get_by_role("slider", name="Sequence length")
    expect(length).to_have_attribute("aria-valuetext", "50")
    assert page.get_by_role("combobox", name="Cell").evaluate("each => each.selectedIndex") == 1
    assert "desk.task=nothing" in page.locator(".lookup-share").text_content()
    assert length.is_disabled()  # without a kernel there is nothing to train
