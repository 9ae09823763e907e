"""Explore why gradients grow: powers of a number, and of a matrix."""

from ..controls import LIST, SLIDER, Control, Play
from ..explorer import Explorable
from .arrows import arrow, flips, parts
from .numbers import number_linear, number_log
from .sizes import ellipse, norms, rates, sheared_ellipse, sheared_norms, sheared_rates, spectrum
from .table import ANGLES, powers_table
from .ways import passes, there_and_back

__all__ = ["POWERS", "explore_powers"]

CONTROLS = (
    Control(
        "factor", "The number", SLIDER, 0.9, "What is multiplied: 0.8 to 1.25 in steps of 0.01.", width=360
    ),
    Control(
        "pair",
        "Eigenvalues",
        LIST,
        "1.2 and 0.8",
        "``1.2 and 0.8``, ``0.9 and 0.6``, ``-1.1 and 0.7``, ``1.2 at ±25°``, ``0.9 at ±25°`` or "
        "``0.7 twice``: those of the matrix in the plane.",
        width=220,
    ),
    Control(
        "angle",
        "Direction of the first arrow",
        SLIDER,
        75,
        "0 to 345 degrees in steps of 15.",
        width=360,
        words={each: f"{each}°" for each in ANGLES},
    ),
    Control(
        "kind",
        "Kind of W",
        LIST,
        "gaussian",
        "``symmetric``, ``orthogonal``, ``gaussian``, ``non-normal`` or ``identity``.",
        width=190,
    ),
    Control("size", "Units", LIST, 32, "2, 4, 8, 16 or 32: the rows and columns of W.", width=110),
    Control(
        "eigenvalue",
        "Eigenvalue of W",
        SLIDER,
        0.9,
        "Leading eigenvalue of W: 0.5 to 2, and -1.2 to -0.8; see the slider for those that were computed.",
        width=360,
    ),
    Control("shear", "Shear", SLIDER, 5.0, "The number beside the eigenvalue, 0.0 to 5.0.", width=270),
    Control(
        "activation",
        "Activation",
        LIST,
        "linear",
        "``linear``, ``tanh`` or ``relu``.",
        width=180,
        words={"relu": "ReLU"},
    ),
    Play("Play through time", row=1),
)
PANELS = {
    "number_linear": number_linear,
    "number": number_log,
    "arrow": arrow,
    "parts": parts,
    "eigenvalues": spectrum,
    "ellipse": ellipse,
    "norms": norms,
    "rates": rates,
    "shear_ellipse": sheared_ellipse,
    "shear_norms": sheared_norms,
    "shear_rates": sheared_rates,
    "there_and_back": there_and_back,
    "passes": passes,
    "flips": flips,
}
POWERS = Explorable(
    "explore_powers",
    "Powers of a matrix",
    "Explore why gradients grow: what becomes of a number, an arrow or a matrix, multiplied again and again.",
    CONTROLS,
    PANELS,
    powers_table,
    order=(
        "kind",
        "size",
        "activation",
        "pair",
        ...,
        "eigenvalue",
        "shear",
        "times",
        "tick",
        "power",
        "later",
    ),
    dashboard=("eigenvalues", "ellipse", "norms"),
    prefix="powers.",
)
explore_powers = POWERS.function()
