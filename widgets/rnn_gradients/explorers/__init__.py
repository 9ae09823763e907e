"""The finished explorers: a table of all positions, a figure, its controls."""

from .clipping import PRESETS, START, explore_clipping
from .explorer import Explorer
from .training import explore_forecasts, explore_training

__all__ = ["PRESETS", "START", "Explorer", "explore_clipping", "explore_forecasts", "explore_training"]
