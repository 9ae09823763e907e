"""The table behind the clipping explorer: every slider position, in numbers and in words."""

from functools import cache

import xarray as xr

from ...engine.sweeps import sweep
from .bars import UNDER_RULE
from .feedback import FED_BACK
from .words import add_words

__all__ = ["clipping_table"]


@cache
def clipping_table() -> xr.Dataset:
    """The default sweep, with the phrases of its sentence; sizes travel to the hundredth of a decade."""
    table = sweep()
    add_words(table)
    for name in ("state", "linear", "bound", "hidden", "output", "hidden_clipped", "output_clipped"):
        table[name].attrs["resolution"] = 0.01
    table["gradient"].attrs["resolution"] = 0.02
    return table.assign_coords(rule=list(UNDER_RULE), fed_back=list(FED_BACK))
