"""A plotly figure that is looked up, not computed: alive with no kernel. It knows nothing of networks."""

from .figure import CAMERA, LookupFigure
from .links import join
from .share import ShareBar

__all__ = ["CAMERA", "LookupFigure", "ShareBar", "join"]
