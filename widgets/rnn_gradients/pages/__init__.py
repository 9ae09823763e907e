"""Pages that are alive with no kernel."""

from .page import save_page

__all__ = ["save_page"]
