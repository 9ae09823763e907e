"""The JavaScript's unit tests, run by Node on what Python packed for them; make checks types and style."""

import base64
import json
import os
import subprocess
import sys

import numpy as np
import xarray as xr
from rnn_gradients.lookup import LookupFigure, ShareBar
from rnn_gradients.lookup.table import pack, unpack
from rnn_gradients.pages.page import VIEWS

from .conftest import ROOT

SHAPES = [(), (1,), (7,), (3, 4), (1, 5, 1), (2, 3, 4, 5), (0, 3)]
WORDS = ["", "a", "déjà vu", "1", "NULL", "line\nbreak", "𝛾"]


def variables():
    """Give one variable of each shape and each kind that travels: {name: variable}."""
    random = np.random.default_rng(0)
    made = {
        "single": xr.DataArray(2.5),
        "other": xr.DataArray(0.25),
        "long": xr.DataArray(np.arange(7.0), dims="d0", attrs={"resolution": 1.0}),
    }
    for shape in SHAPES:
        some = random.uniform(-32767, 32767, shape)
        gaps = np.where(random.random(shape) < 0.3, np.nan, some)
        codes = random.integers(0, len(WORDS), shape)
        values = {
            "floats": (gaps, {}),
            "integers": (gaps, {"resolution": 1.0}),
            "hundredths": (gaps / 100, {"resolution": 0.01}),
            "truths": (some > 0, {}),
            "strings": (np.array(WORDS)[codes], {}),
            "codes": (codes, {"categories": WORDS}),
        }
        for kind, (array, attributes) in values.items():
            dims = [f"d{axis}" for axis in range(len(shape))]
            made[f"{kind} {shape}"] = xr.DataArray(array, dims=dims, attrs=attributes)
    return made


def fixtures():
    """Give tables as they travel, and what must be found in them, which is what `unpack` finds there."""
    random = np.random.default_rng(1)
    content = {name: pack(variable) for name, variable in variables().items()}
    slices = []
    for name, packed in content.items():
        sizes = dict(zip(packed["dims"], packed["shape"], strict=True))
        values = xr.DataArray(unpack(packed), dims=packed["dims"])
        for along in [None, *sizes]:
            if all(size for dim, size in sizes.items() if dim != along):
                position = {dim: int(random.integers(size)) for dim, size in sizes.items() if dim != along}
                expected = values.isel(position).values.reshape(-1).tolist()
                slices.append({"name": name, "position": position, "along": along, "expected": expected})
    sums = [
        {"names": ["single", "other"], "along": None, "expected": [2.75]},
        {"names": ["single", "long", "other"], "along": "d0", "expected": list(np.arange(7) + 2.75)},
        {"names": ["long", "long"], "along": "d0", "expected": list(np.arange(7) * 2.0)},
    ]
    return {"content": content, "slices": slices, "sums": [{"position": {}} | each for each in sums]}


def plain(value):
    """Turn fixtures into what JSON knows: bytes are named as such, and NaN is a word."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return "NaN" if isinstance(value, float) and np.isnan(value) else value


def node(*arguments, **environment):
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # where make may have installed it
    run = subprocess.run(
        ["node", *arguments], cwd=ROOT, env=os.environ | {"PATH": path} | environment, capture_output=True
    )
    assert run.returncode == 0, (run.stdout + run.stderr).decode()
    return run.stdout.decode()


def test_what_python_packed_is_looked_up_alike_in_javascript(tmp_path):
    made = fixtures()
    (tmp_path / "fixtures.json").write_text(json.dumps(plain(made), allow_nan=False))
    said = node(
        "--test", "--test-reporter=tap", "tests/table.test.js", FIXTURES=str(tmp_path / "fixtures.json")
    )
    assert len(made["slices"]) > 100
    assert f"# pass {len(made['slices']) + len(made['sums'])}\n" in said, said


def test_what_travels_is_one_module_that_needs_no_other(tmp_path):
    for widget in (LookupFigure, ShareBar):
        (tmp_path / "widget.mjs").write_text(widget._esm)
        code = f"import widget from '{(tmp_path / 'widget.mjs').as_uri()}'; console.log(typeof widget.render)"
        assert node("--input-type=module", "--eval", code) == "function\n"


def test_the_list_of_what_a_page_can_show_is_the_managers():
    manager = (ROOT / "widgets/rnn_gradients/pages/manager.js").as_uri()
    code = f"import('{manager}').then(({{ VIEWS }}) => console.log(Object.keys(VIEWS).join()))"
    assert node("--input-type=module", "--eval", code).strip().split(",") == list(VIEWS)
