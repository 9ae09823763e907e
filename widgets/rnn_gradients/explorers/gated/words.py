"""How sizes are written in the sentences."""

from ..style import amount, power_of_ten

__all__ = ["size_in_words"]

CERTAIN = 9
"""Growth in log10 beyond which errors of rounding have grown into sight, and machines disagree."""


def size_in_words(log10: float) -> str:
    """Write a size, of its log10; of one on which machines disagree, only that it is large."""
    return amount(log10) if log10 <= CERTAIN else f"more than {power_of_ten(CERTAIN)}"
