"""How sizes are written in the sentences."""

from ..style import amount, power_of_ten
from ..values import CHAOTIC

__all__ = ["size_in_words"]


def size_in_words(log10: float) -> str:
    """Write a size, of its log10; of one on which machines disagree, only that it is large."""
    return amount(log10) if log10 <= CHAOTIC else f"more than {power_of_ten(int(CHAOTIC))}"
