"""Draw the matrices with which networks start: ``python -m rnn_gradients.training.make_starts``.

With torch's own initialisers. They are kept in a small file, so that nobody needs torch to measure them.
"""

from functools import partial

import torch
import xarray as xr

from ..results import STARTS, save_results
from .make_results import about

__all__ = ["INITIALISERS", "draw"]

SIZE, SEEDS = 32, range(5)


def _filled(initialise) -> torch.Tensor:
    return initialise(torch.empty(SIZE, SIZE))


INITIALISERS = {
    "default": lambda: torch.nn.RNN(1, SIZE).weight_hh_l0.detach(),
    "glorot": partial(_filled, torch.nn.init.xavier_uniform_),
    "orthogonal": partial(_filled, torch.nn.init.orthogonal_),
    "identity": partial(_filled, torch.nn.init.eye_),
}
"""Torch's own for a recurrent layer, uniform within 1/sqrt(n); Glorot and Bengio (2010); Saxe, McClelland and
Ganguli (2014); Le, Jaitly and Hinton (2015)."""


def draw() -> xr.Dataset:
    """Draw one matrix for each initialiser and seed.

    Returns
    -------
    xarray.Dataset
        ``W``, in single precision as torch has it.
    """
    drawn = [[_seeded(seed, initialise).numpy() for seed in SEEDS] for initialise in INITIALISERS.values()]
    coords = {"initialiser": list(INITIALISERS), "seed": list(SEEDS)}
    return xr.Dataset({"W": (("initialiser", "seed", "row", "column"), drawn)}, coords)


def _seeded(seed: int, initialise) -> torch.Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return initialise()


def main() -> None:
    """Draw all, and write the file."""
    command = "python -m rnn_gradients.training.make_starts"
    save_results(STARTS, {"starts": draw()}, **about() | {"command": command})


if __name__ == "__main__":
    main()
