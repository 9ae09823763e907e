"""A plotly figure that is looked up, not computed: alive with no kernel. It knows nothing of networks."""

from .figure import LookupFigure
from .share import ShareBar

__all__ = ["LookupFigure", "ShareBar"]
