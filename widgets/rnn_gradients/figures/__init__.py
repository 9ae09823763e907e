"""How the explorers look: plain plotly figures, whose traces wait for their numbers."""

from .clipping import CLIPPING_NARROW, clipping_figure
from .training import NARROW, RULE_NAMES, across, by_rule, forecast_figure, success_figure, training_figure

__all__ = [
    "CLIPPING_NARROW",
    "NARROW",
    "RULE_NAMES",
    "across",
    "by_rule",
    "clipping_figure",
    "forecast_figure",
    "success_figure",
    "training_figure",
]
