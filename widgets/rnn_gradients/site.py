"""The project's site: ``python -m rnn_gradients.site notebooks site``."""

import argparse
import pathlib

from .explorers import explore_clipping
from .pages.site import Front, build_site

__all__ = ["ANSWER", "FRONT", "QUESTION", "build"]

FRONT = """# Should you clip the output layer's gradient?

You train a recurrent network on a time series. The hidden layer's gradient is *clipped*: whenever it is too
long, it is cut back. **Should the output layer's be clipped too?** Guess first. Then press
*Play through time*, tick *Clip hidden gradients*, tick *Clip output gradients*, and move the sliders.
"""
QUESTION = ["eigenvalue", "activation", "length", "clip_hidden", "clip_output", "play"]
"""The controls of the first figure."""
ANSWER = """
> **The answer.** Clip the hidden layer: its $W$ is applied at every step, so its gradient can explode.
> The output layer is applied once for each loss: its gradient can be long, but it can't explode
> [unless the states or the error do](01-should-you-clip-the-output-layer.html#When-is-that-answer-wrong?),
> or [the output is fed back](01-should-you-clip-the-output-layer.html#And-if-the-output-is-fed-back?).
> Nothing stops you from clipping it by its own norm, and as a rule nothing calls for it.

[Why, step by step](01-should-you-clip-the-output-layer.html#What-does-one-step-back-do?), in small figures.
Or [train networks](02-train-it-and-see.html) with each rule of clipping, and see which of them learn.
"""
ABOUT = "Move the sliders: gradients grow and die through time. Which to clip?"


def build(notebooks, folder) -> None:
    """Write the notebooks as pages, behind a front page with the first of the explorers.

    Parameters
    ----------
    notebooks, folder : path-like
        As for `pages.site.build_site`.
    """
    first = explore_clipping("chain", "weights", controls=QUESTION)
    build_site(notebooks, folder, Front("The question", ABOUT, FRONT, first, ANSWER))


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
