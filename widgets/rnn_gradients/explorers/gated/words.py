"""How sizes are written in the sentences."""

from ..style import amount, power_of_ten

__all__ = ["size_in_words"]

CERTAIN = 9
"""Growth in log10 beyond which an error of rounding has grown into sight: another machine finds another number."""


def size_in_words(log10: float) -> str:
    """Write a size, of its log10; what is too large to be the same on all machines is only told to be large."""
    return amount(log10) if log10 <= CERTAIN else f"more than {power_of_ten(CERTAIN)}"
