"""How the explorers look: plain plotly figures, whose traces wait for their numbers."""

from .clipping import CLIPPING_NARROW, clipping_figure
from .training import RULE_NAMES, TRAINING_NARROW, across, forecast_figure, success_figure, training_figure

__all__ = [
    "CLIPPING_NARROW",
    "RULE_NAMES",
    "TRAINING_NARROW",
    "across",
    "clipping_figure",
    "forecast_figure",
    "success_figure",
    "training_figure",
]
