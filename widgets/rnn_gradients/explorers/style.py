"""What all figures share: colours, axes of powers of ten, legends."""

__all__ = ["BLUE", "GREEN", "GREY", "LEGEND", "ORANGE", "PURPLE", "VERMILLION", "power_of_ten", "powers"]

# Okabe and Ito (2008), Color Universal Design
ORANGE, GREEN, BLUE, VERMILLION = "#E69F00", "#009E73", "#0072B2", "#D55E00"
PURPLE, GREY = "#CC79A7", "#888888"


def powers(low: float, high: float, step: int = 3) -> dict:
    """Describe an axis of log10 values that is labelled in powers of ten and stays put."""
    ticks = [k for k in range(-99 * step, 100 * step, step) if low <= k <= high]
    labels = [f"{10.0**k:,g}" if abs(k) <= 3 else f"10<sup>{k}</sup>" for k in ticks]
    return {"range": [low, high], "tickvals": ticks, "ticktext": labels}


def power_of_ten(exponent: int) -> str:
    """Write a power of ten in a sentence: ``10⁻⁹``."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


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
