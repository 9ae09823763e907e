"""The project's site: ``python -m rnn_gradients.site notebooks site``."""

import argparse
import pathlib

from .explorers import EXPLORERS
from .pages.site import Front, build_site

__all__ = ["FRONT", "build"]

FRONT = """# Should you clip the output layer's gradient?

You train a recurrent network on a time series. The gradients of the hidden layer are clipped, you know.
Should the output layer's be clipped too? Move the sliders, and see.
"""
ABOUT = "Move the sliders: gradients grow and die through time. Which to clip?"


def build(notebooks, folder) -> None:
    """Write the notebooks as pages, behind a front page with the first of the explorers.

    Parameters
    ----------
    notebooks, folder : path-like
        As for `pages.site.build_site`.
    """
    build_site(notebooks, folder, Front("The question", ABOUT, FRONT, EXPLORERS[0]()))


def main() -> None:
    """Build the site from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", help="the folder of the notebooks")
    parser.add_argument("site", help="the folder to write")
    arguments = parser.parse_args()
    build(arguments.notebooks, arguments.site)
    print(f"Written: {pathlib.Path(arguments.site) / 'index.html'}")


if __name__ == "__main__":
    main()
