"""Explore one backward pass: how the gradient grows, and what clipping does to the step."""

from functools import lru_cache

import ipywidgets
import numpy as np
import xarray as xr

from ..engine import checks
from ..engine.activations import ACTIVATIONS
from ..engine.matrices import recurrent_matrix
from ..engine.sweeps import ORDER, TOGGLES, sweep
from ..figures import CLIPPING_NARROW, clipping_figure
from ..lookup import LookupFigure
from ..sentences import add_sentences
from .explorer import Explorer, assemble, choice, toggle

__all__ = ["PRESETS", "START", "explore_clipping"]

START = {
    "eigenvalue": 2.0,
    "activation": "tanh",
    "length": 60,
    "clip_hidden": True,
    "clip_output": False,
    "clip_joint": False,
    "threshold": 10.0,
    "loss_at": "last",
    "units": "small",
    "error": 1.0,
}
PRESETS = {
    label: START | {"clip_hidden": False, "length": 100} | position
    for label, position in {
        "Start": START,
        "Sigmoid vanishes": {"activation": "sigmoid", "eigenvalue": 2.0},
        "Sigmoid past 4": {"activation": "sigmoid", "eigenvalue": 6.0},
        "Sigmoid left alone": {"activation": "sigmoid", "eigenvalue": 6.0, "units": "ordinary"},
        "Tanh near zero": {"eigenvalue": 1.1},
        "Tanh, ordinary": {"eigenvalue": 1.1, "units": "ordinary"},
        "Negative eigenvalue": {"activation": "linear", "eigenvalue": -1.1, "length": 40},
        "ReLU": {"activation": "relu", "eigenvalue": 2.0, "clip_hidden": True},
        "Outlier": {"eigenvalue": 1.0, "error": 100.0, "clip_hidden": True},
        "Joint clipping": {"clip_joint": True, "clip_hidden": True},
    }.items()
}
THROUGH_TIME = ("linear", "bound", "forward |h|", "backward |dL/dh|")
PER_LAYER = ("hidden, before", "hidden layer", "output, before", "output layer", "threshold")
PER_POSITION = ("hidden, now", "output, now", "hidden step", "output step")
SHOW = {
    ("linear", "y"): ("linear", "error_log10"),
    ("bound", "y"): ("linear", "damping", "error_log10"),
    ("forward |h|", "y"): ("state", "within"),
    ("backward |dL/dh|", "y"): ("gradient", "error_log10"),
    ("backward |dL/dh|", "marker.symbol"): "symbol",
    ("backward |dL/dh|", "marker.color"): "symbol",
    **{
        (f"{layer}{what}", attribute): variables
        for layer in ("hidden", "output")
        for what, attribute, variables in (
            (", before", "y", (layer, "error_log10")),
            (" layer", "y", f"{layer}_clipped"),
            (", now", "x", "steps"),
            (", now", "y", f"{layer}_clipped"),
        )
    },
    ("threshold", "y"): "threshold_log10",
    ("hidden step", "x"): [("hidden", "error_log10"), "hidden_clipped"],
    ("output step", "x"): [("output", "error_log10"), "output_clipped"],
    ("output's share", "x"): "share",
    ("output's share, in words", "x"): "share",
    ("eigenvalues", "x"): "real",
    ("eigenvalues", "y"): "imaginary",
    ("leading", "x"): "leading",
    ("1/γ", "x"): "critical_x",
    ("1/γ", "y"): "critical_y",
}
ALONG = {
    **dict.fromkeys(THROUGH_TIME, "step"),
    **dict.fromkeys(PER_LAYER, "length"),
    "eigenvalues": "mode",
    "1/γ": "angle",
}
FRAMES = 120  # of Play: a multiple of every speed from 1 to 6, so that the last frame is reached
SPEEDS = range(1, 7)
ROWS = (("eigenvalue", "activation", "length"), ("clip_hidden", "clip_output", "play", "speed"))
QUIET = ("clip_joint", "threshold", "loss_at", "units", "error")


def explore_clipping(
    eigenvalue: float = START["eigenvalue"],
    activation: str = START["activation"],
    length: int = START["length"],
    clip_hidden: bool = START["clip_hidden"],
    clip_output: bool = START["clip_output"],
    clip_joint: bool = START["clip_joint"],
    threshold: float = START["threshold"],
    loss_at: str = START["loss_at"],
    units: str = START["units"],
    error: float = START["error"],
) -> Explorer:
    """Explore how gradients grow through time, and what clipping each layer does to the update.

    Parameters
    ----------
    eigenvalue : float
        Leading eigenvalue of W: -6 to 6 in steps of 0.1, and of 0.02 around -1 and 1.
    activation : {"sigmoid", "tanh", "relu", "linear"}
    length : int
        Steps of the sequence; see the slider for those that were computed.
    clip_hidden, clip_output, clip_joint : bool
        Which gradients are clipped; jointly overrules the other two.
    threshold : {0.01, 0.1, 1.0, 10.0, 100.0}
    loss_at : {"last", "every"}
    units : {"small", "ordinary"}
        Where the units run: see `network`.
    error : {1.0, 10.0, 100.0}
        Size of the error dL/do that enters at the output.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a control has no such position.
    """
    start = dict(locals())
    for name in TOGGLES:
        start[name] = checks.flag(name, start[name])
    table, caption = _clipping_table()
    figure = LookupFigure(
        clipping_figure(),
        table,
        SHOW,
        along=ALONG,
        start=start,
        reveal={"forward |h|": (0, 40), "backward |dL/dh|": (FRAMES - max(SPEEDS), 40)},
        reveal_frames=FRAMES,
        presets=PRESETS,
        caption=caption,
        edges=[*THROUGH_TIME[2:], *PER_LAYER[:-1], *PER_POSITION],
        narrow=CLIPPING_NARROW,
    )
    return assemble(figure, _controls(figure), ROWS, explore_clipping, QUIET)


@lru_cache(maxsize=1)
def _clipping_table() -> tuple[xr.Dataset, list[str]]:
    """The default sweep with what only the picture needs, and the names of the sentence's phrases."""
    table = sweep()
    caption = add_sentences(table)
    table["within"] = xr.where(table.step <= table.length, 0.0, np.nan)
    table["symbol"] = xr.where(table.sign < 0, 4, 0)  # plotly's cross and circle
    table["damping"] = table.bound - table.linear
    table["threshold_log10"] = np.log10(table.threshold) + 0 * table.length
    table["steps"] = table.length.astype(float)
    table["share"] = 100 * 10**table.output_share
    modes = np.linalg.eigvals(recurrent_matrix(32, 1.0))
    table["real"] = table.eigenvalue * xr.DataArray(modes.real, dims="mode")
    table["imaginary"] = table.eigenvalue * xr.DataArray(modes.imag, dims="mode")
    table["leading"] = 1.0 * table.eigenvalue
    radius = xr.DataArray(
        [1 / ACTIVATIONS[name].steepest for name in table.activation.values], dims="activation"
    )
    angle = xr.DataArray(np.linspace(0, 2 * np.pi, 73), dims="angle")
    table["critical_x"], table["critical_y"] = radius * np.cos(angle), radius * np.sin(angle)
    resolutions = {"gradient": 0.02, "symbol": 4, "share": 1}
    for name in ("state", "linear", "damping", "hidden", "output", "hidden_clipped", "output_clipped"):
        resolutions[name] = 0.01
    for name, resolution in resolutions.items():
        table[name].attrs["resolution"] = resolution
    return table.transpose(*ORDER), caption


LABELS = {
    "loss_at": {"last": "last step", "every": "every step"},
    "units": {"small": "small inputs", "ordinary": "ordinary inputs"},
    "activation": {"relu": "ReLU"},
    "error": {1.0: "1: a bounded loss", 10.0: "10: a bad point", 100.0: "100: an outlier"},
}


def _controls(figure: LookupFigure) -> dict[str, ipywidgets.Widget]:
    slider, dropdown = ipywidgets.SelectionSlider, ipywidgets.Dropdown

    def pick(kind, name, description, width):
        return choice(kind, figure, name, description, width, LABELS.get(name, {}))

    play = ipywidgets.Play(
        value=FRAMES, max=FRAMES, step=2, interval=33, show_repeat=False, description="Play through time"
    )
    speed = ipywidgets.IntSlider(2, min(SPEEDS), max(SPEEDS), description="Speed", layout={"width": "220px"})
    speed.style.description_width = "initial"
    return {
        "eigenvalue": pick(slider, "eigenvalue", "Eigenvalue of W", 420),
        "activation": pick(dropdown, "activation", "Activation", 180),
        "length": pick(slider, "length", "Sequence length", 360),
        "clip_hidden": toggle(figure, "clip_hidden", "Clip hidden gradients"),
        "clip_output": toggle(figure, "clip_output", "Clip output gradients"),
        "play": play,
        "speed": speed,
        "clip_joint": toggle(figure, "clip_joint", "Clip both jointly"),
        "threshold": pick(slider, "threshold", "Clip threshold", 270),
        "loss_at": pick(dropdown, "loss_at", "Loss at", 150),
        "units": pick(dropdown, "units", "Units run", 190),
        "error": pick(dropdown, "error", "Error at the output", 285),
    }
