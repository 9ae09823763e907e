"""The loss as a surface that the reader turns, with the walks of gradient descent on it."""

import plotly.graph_objects as go

from ...engine.cliff import cliff_gradient
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, SKY
from .cameras import CAMERAS, VIEWS
from .table import FAR, START
from .walks import FORWARD, HIGHEST, WALKS, map_data, walk_words

__all__ = ["surface"]

def surface() -> Panel:
    """Show the walks on the surface of the loss."""
    levels = {"start": 0.05, "end": HIGHEST, "size": 0.05, "show": True, "color": GREY, "width": 1}
    ground = go.Surface(
        name="loss, surface",
        colorscale=[[0, "white"], [1, SKY]],
        cmin=0,
        cmax=HIGHEST,
        showscale=False,
        contours={"z": levels},
        hovertemplate="w %{x:.2f}, b %{y:.2f}: loss %{z:.3f}<extra></extra>",
    )
    start = go.Scatter3d(
        name="start, surface",
        mode="markers",
        x=START[:1],
        y=START[1:],
        z=[float(cliff_gradient(*START)[0])],
        hoverinfo="skip",
        showlegend=False,
        marker={"symbol": "circle-open", "size": 8, "color": ORANGE},
    )
    edge = go.Scatter3d(
        name="edge, surface", mode="lines", hoverinfo="skip", showlegend=False, line={"color": GREY, "width": 4}
    )
    marks = [
        Mark(ground, {"z": "loss_far"}, along=("b_far", "w_far")),
        Mark(start),
    ]
    for which, (name, colour, dash, symbol) in WALKS.items():
        walk = go.Scatter3d(
            name=f"walk, {name}",
            mode="lines+markers",
            line={"color": colour, **dash, "width": 5},
            marker={"symbol": symbol, "size": 4, "color": colour},
            hovertemplate="w %{x:.2f}, b %{y:.2f}: loss %{z:.3f}<extra></extra>",
        )
        at = {"x": f"w{which}", "y": f"b{which}", "z": f"loss{which}"}
        marks.append(Mark(walk, at, along="update", reveal=FORWARD))
    return Panel(
        "The same as a surface: its height is the loss",
        tuple(marks),
        x=_axis("w", FAR.w),
        y=_axis("b", FAR.b),
        scene={
            "zaxis": _axis("loss", (0, HIGHEST)),
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1.2, "z": 0.6},
        },
        cameras=CAMERAS,
        views=VIEWS,
        width=300,
        height=330,
        grows=2.0,
        data=lambda table: map_data("far", FAR) | walk_words(table),
        words=("says_cliff",),
        waits=True,
    )


def _axis(title: str, ends: tuple[float, float]) -> dict:
    return {
        "range": list(ends),
        "title": {"text": title},
        "nticks": 6,
        "gridcolor": "rgba(136, 136, 136, 0.4)",
        "zeroline": False,
        "showspikes": False,
        "showbackground": False,
    }
