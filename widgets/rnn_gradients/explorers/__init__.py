"""The living figures: each is a table, panels and controls, and one function that composes them."""

from .activations import explore_activations
from .cliff import explore_cliff
from .clipping import explore_clipping
from .explorer import Explorable, Explorer
from .finished_runs import explore_training
from .forecasts import explore_forecasts
from .gated import explore_gated
from .powers import explore_powers
from .ways_to_clip import explore_rules

__all__ = [
    "EXPLORERS",
    "Explorable",
    "Explorer",
    "explore_activations",
    "explore_cliff",
    "explore_clipping",
    "explore_forecasts",
    "explore_gated",
    "explore_powers",
    "explore_rules",
    "explore_training",
]

EXPLORERS = (
    explore_clipping,
    explore_training,
    explore_forecasts,
    explore_powers,
    explore_activations,
    explore_rules,
    explore_cliff,
    explore_gated,
)
"""All of them, for whoever shows or tests each; ``explore_clipping.explorable`` tells what it is made of."""
