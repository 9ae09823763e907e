"""What a notebook says, and the numbers in it; and how a number is read that was written for people."""

import re

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


def power(number):
    """Write a number with one digit and a power of ten, as a formula."""
    first, exponent = f"{number:.0e}".split("e")
    return rf"{first} \times 10^{{{int(exponent)}}}"


def read_number(words):
    """The number that `amount` wrote."""
    first, power = re.fullmatch("([0-9.,]*?)(?:×?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", words).groups()
    exponent = (power or "⁰").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(first.replace(",", "") or 1) * 10.0 ** int(exponent)
