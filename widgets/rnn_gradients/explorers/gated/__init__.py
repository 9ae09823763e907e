"""Explore why LSTMs cope: two roads back, and the gates on one of them."""

from ..controls import BOX, LIST, SLIDER, Control, Play
from ..explorer import Explorable
from .borders import across, fates
from .chain import close_up, two_roads
from .gates import forget_gates, product
from .layers import layer_gradients
from .stack import stacked
from .table import gated_table

__all__ = ["GATED_EXPLORED", "explore_gated"]

CONTROLS = (
    Control("network", "Network", LIST, "LSTM", "``LSTM`` or ``GRU``.", width=150),
    Control(
        "forget_bias",
        "Forget bias",
        SLIDER,
        1.0,
        "Bias of an LSTM's forget gates, or of a GRU's update gates: -2 to 5; see the slider for those that "
        "were computed.",
        width=270,
    ),
    Control(
        "scale",
        "Scale of W",
        SLIDER,
        1.0,
        "Of the recurrent weights, 0.25 to 8: each block of W, and the plain network's, is this times an "
        "orthogonal matrix.",
        width=270,
    ),
    Control("length", "Sequence length", SLIDER, 60, "5, or 10 to 60 in steps of 10.", width=270, row=1),
    Control(
        "units",
        "Inputs",
        LIST,
        "ordinary",
        "``ordinary`` or ``small``: the size of the inputs, see `network`.",
        width=150,
        row=1,
    ),
    Play("Play through time", row=1),
    Control(
        "clip_hidden", "Clip hidden gradients", BOX, False, "Whether the hidden layer is clipped.", row=2
    ),
    Control(
        "clip_output", "Clip output gradients", BOX, False, "Whether the output layer is clipped.", row=2
    ),
)
PANELS = {
    "close_up": close_up,
    "roads": two_roads,
    "gates": forget_gates,
    "product": product,
    "map": fates,
    "across": across,
    "layers": layer_gradients,
    "stack": stacked,
}
GATED_EXPLORED = Explorable(
    "explore_gated",
    "Why LSTMs cope",
    "Explore why LSTMs and GRUs cope, and where their gradients die or explode after all.",
    CONTROLS,
    PANELS,
    gated_table,
    order=(
        *("network", "units", "clip_hidden", "clip_output", "forget_bias", "scale", "length"),
        *("unit", "step", ...),
    ),
    dashboard=("roads", "gates", "map", "layers"),
    prefix="gated.",
)
explore_gated = GATED_EXPLORED.function()
