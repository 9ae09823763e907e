"""What all figures share: colours, axes of powers of ten, titles of panels."""

import plotly.graph_objects as go

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "SKY", "VERMILLION", "legend", "powers", "title"]

# Okabe and Ito (2008), Color Universal Design
ORANGE, SKY, GREEN, BLUE, VERMILLION = "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
PURPLE, GREY = "#CC79A7", "#888888"


def powers(low: float, high: float, step: int = 3) -> dict:
    """Describe an axis of log10 values that is labelled in powers of ten and stays put."""
    ticks = [k for k in range(-99, 100, step) if low <= k <= high]
    labels = ["1" if k == 0 else "10" if k == 1 else f"10<sup>{k}</sup>" for k in ticks]
    return {"range": [low, high], "tickvals": ticks, "ticktext": labels}


def legend(x: float, y: float) -> dict:
    """Describe a legend that lies on the upper left corner of a panel."""
    return {
        "orientation": "h",
        "x": x,
        "xanchor": "left",
        "y": y,
        "yanchor": "bottom",
        "bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 11},
        "itemwidth": 30,
        "itemclick": False,  # a mouse alone could hide a trace, which no address would tell
        "itemdoubleclick": False,
    }


def title(figure: go.Figure, panel: str, words: str, height: int, above: str = "panel") -> None:
    """Set a title so many pixels above a panel, or above all panels where its legend may wrap."""
    figure.add_annotation(
        text=f"<b>{words}</b>",
        xref=f"x{panel} domain",
        yref=f"y{panel} domain" if above == "panel" else "paper",
        x=0,
        y=1,
        yshift=height,
        xanchor="left",
        yanchor="bottom" if above == "panel" else "middle",
        showarrow=False,
    )
