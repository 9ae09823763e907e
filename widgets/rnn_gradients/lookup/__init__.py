"""A plotly figure that is looked up, not computed: alive with no kernel. It knows nothing of networks."""

from .figure import LookupFigure

__all__ = ["LookupFigure"]
