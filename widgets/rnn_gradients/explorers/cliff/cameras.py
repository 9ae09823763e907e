"""From where the surface of the loss is seen: from above, and from once round it."""

import numpy as np

__all__ = ["BUTTONS", "CAMERAS", "FRONT", "TURNS"]

AWAY, UP, HIGH = 2.6, 27, 80
"""How far the eye is from the middle, in sides of the surface, and by how many degrees it is raised."""
LOW = {"center": {"x": 0, "y": 0, "z": -0.2}}
"""What it looks at: the labels are below the surface."""
ABOVE, FRONT = "above", "-135"


def _eye(turn: float, up: float) -> dict:
    """Place the eye; at a turn of 0, w runs to the right and b away from it."""
    turn, up = np.radians([turn, up])
    place = np.sin(turn) * np.cos(up), -np.cos(turn) * np.cos(up), np.sin(up)
    eye = {axis: round(AWAY * float(each), 4) for axis, each in zip("xyz", place, strict=True)}
    return LOW | {"eye": eye}


CAMERAS = {ABOVE: _eye(0.0, HIGH)} | {str(turn): _eye(turn, UP) for turn in range(-180, 180, 15)}
TURNS = {name: "from above" if name == ABOVE else f"{name}°".replace("-", "−") for name in CAMERAS}
"""What the reader sees of each."""
BUTTONS = {"From above": ABOVE, "Facing the cliff": "165", "Along the cliff": "-105"}
"""Those that have a button."""
