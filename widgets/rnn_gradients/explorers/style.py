"""What all figures share: colours, axes of powers of ten, legends."""

import math

__all__ = [
    "AT_ONE",
    "BLUE",
    "GREEN",
    "GREY",
    "LEGEND",
    "ORANGE",
    "PURPLE",
    "ROW_AXIS",
    "ROW_LINE",
    "ROW_NAME",
    "SKY",
    "VERMILLION",
    "amount",
    "power_of_ten",
    "powers",
]

# Okabe and Ito (2008), Color Universal Design
ORANGE, GREEN, BLUE, VERMILLION = "#E69F00", "#009E73", "#0072B2", "#D55E00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#888888"

AT_ONE = {"type": "line", "x0": 0, "x1": 1, "xref": "domain", "y0": 0, "y1": 0} | {
    "line": {"color": GREY, "width": 1}
}
"""The shape of a line across a panel whose y is log10: there a size is 1, as at first."""
ROW_AXIS = {"showgrid": False, "showticklabels": False, "ticks": ""}
"""Of a y axis of rows that have their names in the panel."""
ROW_NAME = {"x": 0.01, "xref": "domain", "xanchor": "left"}
ROW_LINE = {"type": "line", "x0": 0, "x1": 1, "xref": "domain", "line": {"color": GREY, "width": 0.5}}


def powers(low: float, high: float, step: int = 3) -> dict:
    """Describe an axis of log10 values that is labelled in powers of ten and stays put."""
    ticks = [k for k in range(-99 * step, 100 * step, step) if low <= k <= high]
    labels = [f"{10.0**k:,g}" if abs(k) <= 3 else f"10<sup>{k}</sup>" for k in ticks]
    return {"range": [low, high], "tickvals": ticks, "ticktext": labels}


def power_of_ten(exponent: int) -> str:
    """Write a power of ten in a sentence: ``10⁻⁹``."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def amount(log10: float) -> str:
    """Write a number in a sentence, of its log10, as the browser does: ``0.0018``, ``304``, ``3×10⁷``."""
    if log10 <= -320:  # smaller than float64 can hold
        return "0"
    if -3 <= log10 < 6:
        return f"{float(f'{10**log10:.3g}'):,.6g}"
    first, exponent = f"{10 ** (log10 - math.floor(log10)):.0e}".split("e")
    power = power_of_ten(math.floor(log10) + int(exponent))
    return power if first == "1" else f"{first}×{power}"


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

LEGEND = {
    "orientation": "h",
    "xanchor": "left",
    "yanchor": "bottom",
    "bgcolor": "rgba(0,0,0,0)",
    "font": {"size": 11},
    "itemwidth": 30,
    "itemclick": False,  # a mouse alone could hide a trace, which no address would tell
    "itemdoubleclick": False,
}
"""Of a panel: it lies on the upper left corner."""
