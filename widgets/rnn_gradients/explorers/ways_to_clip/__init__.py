"""Explore the rules of clipping: what each does to a gradient, when it is applied, and how tight it is."""

from functools import partial

from ..controls import LIST, SLIDER, Control, Play
from ..explorer import Explorable
from .arrows import RULE_WORDS, arrow, turned
from .bars import steps
from .inside import moments, passing, round_trip, voices
from .optimizers import longer, under
from .table import rules_table
from .tight import became, cut

__all__ = ["RULES_EXPLORED", "explore_rules"]

CONTROLS = (
    Control(
        "rule",
        "What is clipped",
        LIST,
        "none",
        "``none``; ``hidden`` (by norm, the hidden layer alone), ``layers`` (each layer by its own norm), "
        "``wider`` (the same, with a threshold for the output layer ten times as large), ``joint`` (by one "
        "norm over both), ``tensor`` (each weight by its own norm), ``value`` (each number) or ``adaptive`` "
        "(each unit, by the norm of its weights).",
        width=310,
        words=RULE_WORDS,
    ),
    Control(
        "eigenvalue",
        "Eigenvalue of W",
        SLIDER,
        1.8,
        "Leading eigenvalue of W: 1.0 to 4.0; see the slider for those that were computed.",
        width=300,
    ),
    Control(
        "threshold", "Threshold", SLIDER, 3.0, "0.1 to 10.0; for ``adaptive`` it is the ratio.", width=250
    ),
    Control(
        "error", "Error at the output", SLIDER, 1, "1, 10 or 100: dL/do at the last step.", width=250, row=1
    ),
    Control(
        "inside",
        "Threshold inside",
        SLIDER,
        1.0,
        "To what norm each dL/dh_t is clipped as it passes: 0.5 to 100.0.",
        width=270,
        row=1,
    ),
    Play("Play through time", row=1),
    Control(
        "tried",
        "Sequence length",
        SLIDER,
        60,
        "Of the finished runs: 10 to 100; the slider has those that were tried.",
        width=280,
        row=2,
    ),
    Control(
        "ran", "Clip threshold", SLIDER, 1.0, "Of the finished runs: 0.1, 1.0 or 10.0.", width=250, row=2
    ),
)
PANELS = {
    "arrow": arrow,
    "turned": turned,
    "passing": passing,
    "voices": voices,
    "moments": moments,
    "round_trip": round_trip,
    "cut": cut,
    "became": became,
    "under_sgd": partial(under, "sgd"),
    "under_adam": partial(under, "adam"),
    "longer": longer,
    "steps": steps,
}
RULES_EXPLORED = Explorable(
    "explore_rules",
    "How and when to clip",
    "Explore the rules of clipping: how each turns and shortens a gradient, and when it is applied.",
    CONTROLS,
    PANELS,
    rules_table,
    order=("rule", "eigenvalue", "threshold", "error", "inside", "tried", "ran", ...),
    dashboard=("arrow", "turned", "steps"),
    prefix="rules.",
)
explore_rules = RULES_EXPLORED.function()
