"""The loss as a surface that the reader turns, with the walks of gradient descent on it."""

import plotly.graph_objects as go

from ...engine.cliff import cliff_gradient
from ..panels import Mark, Panel
from ..style import GREY, ORANGE, SKY
from .cameras import BUTTONS, CAMERAS
from .table import FAR, START
from .walks import FORWARD, HIGHEST, WALKS, map_data, walk_words

__all__ = ["surface"]

INK = "#777777"
"""Of the labels, which stand in a picture, and so are printed as they are seen, on paper that is white."""
DULL = "#b9c3c9"
"""Where the loss is 0: much as light as where it is high, for a surface lets no page through."""
HEIGHTS = {"tickvals": [0.1, 0.2, 0.3, 0.4, 0.5], "ticktext": ["0.1", "", "", "", "0.5"]}
"""From above, more numbers would lie on each other."""


def surface() -> Panel:
    """Show the walks on the surface of the loss."""
    levels = {"start": 0.05, "end": HIGHEST, "size": 0.05, "show": True, "color": GREY, "width": 1}
    ground = go.Surface(
        name="loss, surface",
        colorscale=[[0, DULL], [1, SKY]],
        cmin=0,
        cmax=HIGHEST,
        showscale=False,
        showlegend=False,
        contours={"z": levels},
        lighting={"ambient": 0.85, "diffuse": 0.4, "specular": 0.0, "roughness": 1.0},
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
        marker={"symbol": "circle-open", "size": 9, "color": ORANGE},
    )
    marks = [Mark(ground, {"z": "loss_far"}, along=("b_far", "w_far")), Mark(start)]
    for which, (name, colour, _, symbol) in WALKS.items():
        symbol = "cross" if symbol == "x" else symbol  # a letter here: few fonts have plotly's x
        walk = go.Scatter3d(
            name=f"walk, {name}",
            mode="lines+markers",
            line={"color": colour, "width": 5, "dash": "solid" if which else "dash"},
            marker={"symbol": symbol, "size": 4 if which else 8, "color": colour},
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
            "zaxis": _axis("", (0, HIGHEST)) | HEIGHTS,
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1.1, "z": 0.6},
        },
        cameras=CAMERAS,
        views=BUTTONS,
        width=300,
        height=350,
        grows=2.0,
        data=lambda table: map_data("far", FAR) | walk_words(table),
        words=("says_cliff",),
        waits=True,
    )


def _axis(title: str, ends: tuple[float, float]) -> dict:
    return {
        "range": list(ends),
        "title": {"text": title, "font": {"color": INK}},
        "tickfont": {"color": INK},
        "nticks": 6,
        "gridcolor": GREY,  # opaque: on a light page plotly brightens what it lets through
        "zeroline": False,
        "showspikes": False,
        "showbackground": False,
    }
