"""Explore the cliff: the loss of a network of one unit, and gradient descent that comes upon it."""

from ..controls import SLIDER, Control, Play
from ..explorer import Explorable
from .cameras import FRONT, TURNS
from .surfaces import surface
from .table import cliff_table
from .walks import far, losses, near

__all__ = ["CLIFF", "explore_cliff"]

CLIFF = Explorable(
    "explore_cliff",
    "The cliff",
    "Explore gradient descent on the cliff of Pascanu, Mikolov and Bengio (2013), with and without clipping.",
    (
        Control("threshold", "Threshold", SLIDER, 0.3, "Of the clipped walk: 0.01 to 100.0.", width=250),
        Control("rate", "Learning rate", SLIDER, 0.5, "0.05, 0.1, 0.2, 0.5, 1.0 or 2.0.", width=250),
        Control("camera", "Turn", SLIDER, FRONT, "From where the surface is seen.", width=250, words=TURNS),
        Play("Play through time"),
    ),
    {"far": far, "near": near, "losses": losses, "surface": surface},
    cliff_table,
    order=("rate", "threshold", ...),
    prefix="cliff.",
)
explore_cliff = CLIFF.function()
