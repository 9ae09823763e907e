"""Explore one backward pass: how the gradient grows, and what clipping does to the step."""

from ...engine.sweeps import ORDER
from ..controls import BOX, LIST, SLIDER, Control, Play
from ..explorer import Explorable
from .panels import FRAMES, PANELS, SPEEDS
from .table import clipping_table

__all__ = ["CLIPPING", "explore_clipping"]

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
    Control("clip_hidden", "Clip hidden gradients", BOX, True, "Whether the hidden layer is clipped.", row=1),
    Control(
        "clip_output", "Clip output gradients", BOX, False, "Whether the output layer is clipped.", row=1
    ),
    Play("Play through time", FRAMES, SPEEDS, row=1),
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
        "Units run",
        LIST,
        "small",
        "``small`` or ``ordinary``: the size of the inputs, see `network`.",
        width=190,
        words={"small": "small inputs", "ordinary": "ordinary inputs"},
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
)
START = {control.name: control.start for control in CONTROLS if isinstance(control, Control)}
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
CLIPPING = Explorable(
    "explore_clipping",
    "Clipping the gradients of recurrent networks",
    "Explore how gradients grow through time, and what clipping each layer does to the update.",
    CONTROLS,
    PANELS,
    clipping_table,
    ORDER,
    PRESETS,
    quiet_from=2,
)
explore_clipping = CLIPPING.function()
