"""What a notebook says, and the numbers in it."""

import nbformat

from .conftest import ROOT


def text_of(notebook):
    """Give all that stands in a notebook's cells."""
    return "\n".join(cell.source for cell in nbformat.read(ROOT / "notebooks" / notebook, 4).cells)


def filled(claim, numbers):
    """Put numbers, by their names, into the places ``<<name>>`` of a sentence; there are no others."""
    for name, words in numbers.items():
        claim = claim.replace(f"<<{name}>>", words)
    assert "<<" not in claim
    return claim
