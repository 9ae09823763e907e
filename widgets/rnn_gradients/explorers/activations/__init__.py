"""Explore what the activation does: where units run on its curve, and what its slopes leave of the error."""

from ..controls import BOX, LIST, SLIDER, Control, Play
from ..explorer import Explorable
from .curves import curve, damping, held_curve, product, slopes
from .fates import critical, growth, growth_here, half_open, rates
from .maps import fate_map, passes, starts, starts_factors, strip
from .table import activations_table

__all__ = ["ACTIVATIONS_EXPLORED", "explore_activations"]

CONTROLS = (
    Control(
        "activation",
        "Activation",
        LIST,
        "tanh",
        "``sigmoid``, ``tanh`` or ``relu``.",
        width=180,
        words={"relu": "ReLU"},
    ),
    Control(
        "eigenvalue",
        "Eigenvalue of W",
        SLIDER,
        2.0,
        "Leading eigenvalue of W: 0.4 to 10; see the slider for those that were computed.",
        width=340,
    ),
    Control(
        "step", "Step t", SLIDER, 1, "1 to 40: the step at which the units are shown.", width=300, pace=150
    ),
    Control(
        "kind",
        "Kind of W",
        LIST,
        "orthogonal",
        "``orthogonal``, ``gaussian``, ``symmetric`` or ``identity``, as for `recurrent_matrix`; networks of "
        "the last are driven by positive inputs, so that all their ReLU units are open.",
        width=190,
        row=1,
    ),
    Control(
        "units",
        "Inputs",
        LIST,
        "small",
        "``small`` or ``ordinary``: the size of the inputs, see `network`.",
        width=150,
        row=1,
    ),
    Control("length", "Sequence length", SLIDER, 60, "1, or 5 to 100 in steps of 5.", width=300, row=1),
    Play("Play through time", row=1),
    Control("scale", "Size of the inputs", SLIDER, 0.01, "0.01, 0.1, 0.3, 1.0 or 3.0.", width=260, row=2),
    Control(
        "held",
        "Bias holds the units at the steepest point",
        BOX,
        True,
        "Whether a bias moves sigmoid units to the middle of their curve.",
        row=2,
    ),
    Control(
        "way",
        "Network",
        LIST,
        "tanh-small",
        "Activation, W and inputs as one choice, with an orthogonal W unless it says otherwise; that of "
        "``relu-open`` is the identity, which leaves every unit open.",
        width=300,
        words={
            "sigmoid-held": "sigmoid, held at its steepest point",
            "sigmoid": "sigmoid, ordinary inputs",
            "tanh-small": "tanh, small inputs",
            "tanh": "tanh, ordinary inputs",
            "tanh-gaussian": "tanh, small inputs, gaussian W",
            "tanh-symmetric": "tanh, small inputs, symmetric W",
            "relu": "ReLU",
            "relu-open": "ReLU, positive inputs",
        },
        row=2,
    ),
)
PANELS = {
    "curve": curve,
    "slopes": slopes,
    "damping": damping,
    "product": product,
    "critical": critical,
    "held_curve": held_curve,
    "strip": strip,
    "growth": growth,
    "rates": rates,
    "half_open": half_open,
    "passes": passes,
    "map": fate_map,
    "growth_here": growth_here,
    "starts": starts,
    "starts_factors": starts_factors,
}
ACTIVATIONS_EXPLORED = Explorable(
    "explore_activations",
    "What the activation does to the gradients of recurrent networks",
    "Explore where the units of a network run on their activation, and what its slopes leave of the error.",
    CONTROLS,
    PANELS,
    activations_table,
    order=("activation", "kind", "units", "way", "held", "scale", "length", "eigenvalue", "step", ...),
    dashboard=("map", "growth_here", "rates", "growth"),
    prefix="activations.",
)
explore_activations = ACTIVATIONS_EXPLORED.function()
