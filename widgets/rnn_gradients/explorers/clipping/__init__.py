"""Explore one backward pass: how the gradient grows, and what clipping does to the step."""

from ...engine.sweeps import ORDER
from ..controls import BOX, LIST, SLIDER, Control, Play
from ..explorer import Explorable
from ..rules import RULE_NAMES
from .bars import rules, share, steps, weights
from .cells import chain, contributions, product
from .curves import curve, eigenvalues, growth_linear, growth_log, per_length, through_time
from .feedback import fed_back
from .table import clipping_table

__all__ = ["CLIPPING", "explore_clipping"]

RULE = Control(
    "rule",
    "What is clipped",
    LIST,
    "none",
    "``none``, ``hidden``, ``output``, ``both`` (each by its own norm) or ``joint``.",
    width=220,
    words=RULE_NAMES,
)
"""One choice in place of the three boxes."""
FEEDBACK = Control(
    "fed_back",
    "Feed the output back",
    BOX,
    False,
    "Whether the network reads its own output, from the second step on, in place of its input.",
)
CONTROLS = (
    Control(
        "eigenvalue",
        "Eigenvalue of W",
        SLIDER,
        2.0,
        "Leading eigenvalue of W: -6 to 6 in steps of 0.1, and of 0.02 around -1 and 1.",
        width=420,
    ),
    Control(
        "activation",
        "Activation",
        LIST,
        "tanh",
        "``sigmoid``, ``tanh``, ``relu`` or ``linear``.",
        width=180,
        words={"relu": "ReLU"},
    ),
    Control(
        "length",
        "Sequence length",
        SLIDER,
        60,
        "Steps of the sequence; see the slider for those that were computed.",
        width=360,
    ),
    Control(
        "clip_hidden",
        "Clip hidden gradients",
        BOX,
        False,
        "Whether the hidden layer is clipped.",
        row=1,
        overruled_by="clip_joint",
    ),
    Control(
        "clip_output",
        "Clip output gradients",
        BOX,
        False,
        "Whether the output layer is clipped.",
        row=1,
        overruled_by="clip_joint",
    ),
    Play("Play through time", row=1),
    Control(
        "clip_joint",
        "Clip both jointly",
        BOX,
        False,
        "Whether both are clipped by one norm; this overrules the other two.",
        row=2,
    ),
    Control("threshold", "Clip threshold", SLIDER, 10.0, "0.01, 0.1, 1.0, 10.0 or 100.0.", width=270, row=2),
    Control(
        "loss_at",
        "Loss at",
        LIST,
        "last",
        "``last`` or ``every``: the step at which there is a loss.",
        width=150,
        words={"last": "last step", "every": "every step"},
        row=2,
    ),
    Control(
        "units",
        "Inputs",
        LIST,
        "small",
        "``small`` or ``ordinary``: the size of the inputs, see `network`.",
        width=140,
        row=2,
    ),
    Control(
        "error",
        "Error at the output",
        LIST,
        1.0,
        "1.0, 10.0 or 100.0: the size of the error dL/do that enters at the output.",
        width=285,
        words={1.0: "1: a bounded loss", 10.0: "10: a bad point", 100.0: "100: an outlier"},
        row=2,
    ),
    RULE,
    FEEDBACK,
)
PANELS = {
    "chain": chain,
    "weights": weights,
    "product": product,
    "contributions": contributions,
    "rules": rules,
    "linear_growth": growth_linear,
    "growth": growth_log,
    "curve": curve,
    "time": through_time,
    "length": per_length,
    "fed_back": fed_back,
    "eigenvalues": eigenvalues,
    "steps": steps,
    "share": share,
}
DASHBOARD = ("time", "length", "eigenvalues", "steps", "share")
START = {
    control.name: control.start
    for control in CONTROLS
    if isinstance(control, Control) and control not in (RULE, FEEDBACK)
}
"""Of the dashboard."""
PRESETS = {
    label: START | {"length": 100} | position
    for label, position in {
        "Start": START,
        "Sigmoid vanishes": {"activation": "sigmoid", "eigenvalue": 2.0},
        "Sigmoid past 4": {"activation": "sigmoid", "eigenvalue": 6.0},
        "Sigmoid left alone": {"activation": "sigmoid", "eigenvalue": 6.0, "units": "ordinary"},
        "Tanh near zero": {"eigenvalue": 1.1},
        "Tanh, ordinary": {"eigenvalue": 1.1, "units": "ordinary"},
        "Negative eigenvalue": {"activation": "linear", "eigenvalue": -1.1, "length": 40},
        "ReLU": {"activation": "relu", "eigenvalue": 2.0},
        "Outlier": {"eigenvalue": 1.0, "error": 100.0},
        "Clip both jointly": {"clip_joint": True},
    }.items()
}
CLIPPING = Explorable(
    "explore_clipping",
    "Clipping the gradients of recurrent networks",
    "Explore how gradients grow through time, and what clipping each layer does to the update.",
    CONTROLS,
    PANELS,
    clipping_table,
    ORDER,
    PRESETS,
    DASHBOARD,
    quiet_from=2,
)
explore_clipping = CLIPPING.function()
