"""From where the surface of the loss is seen: from above, as on the map, and from once round it."""

import numpy as np

__all__ = ["CAMERAS", "FRONT", "TURNS", "VIEWS"]

AWAY, UP = 2.0, 27
"""How far the eye is from the middle, in sides of the surface, and by how many degrees it is raised."""
ABOVE, FRONT = "above", "-45"


def _eye(turn: float, up: float) -> dict:
    """Place the eye; at a turn of 0, w runs to the right and b away from it."""
    turn, up = np.radians([turn, up])
    place = np.sin(turn) * np.cos(up), -np.cos(turn) * np.cos(up), np.sin(up)
    return {"eye": {axis: round(AWAY * float(each), 4) for axis, each in zip("xyz", place, strict=True)}}


CAMERAS = {ABOVE: _eye(0, 89.9)} | {str(turn): _eye(turn, UP) for turn in range(-180, 180, 15)}
TURNS = {name: "from above" if name == ABOVE else f"{name}°".replace("-", "−") for name in CAMERAS}
"""What the reader sees of each."""
VIEWS = {"From above": ABOVE, "From the low side": "0", "Along the edge": "60"}
"""Those that have a button."""
