"""What notebook 04 says in numbers is what the engine finds."""

import functools

import nbformat
import numpy as np
import pytest
from rnn_gradients import backpropagate, network, recurrent_matrix
from rnn_gradients.engine import norm
from rnn_gradients.engine.activations import ACTIVATIONS
from rnn_gradients.engine.growth import Drive, first_gradients
from rnn_gradients.engine.networks import driven
from rnn_gradients.explorers.activations.table import LEADING, activations_table, sigmoid_table
from rnn_gradients.explorers.style import amount
from rnn_gradients.results import STARTS, load_results

from .conftest import ROOT
from .prose import filled, text_of

NAME = "04-what-the-activation-does.ipynb"
CELLS = nbformat.read(ROOT / "notebooks" / NAME, 4).cells
TEXT = text_of(NAME)
W = load_results(STARTS)["starts"].W


def told(number):
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 10 else f"{number:.3g}"


def power(number):
    first, exponent = f"{number:.0e}".split("e")
    exponent = f"{{{int(exponent)}}}" if int(exponent) < 0 else f"{int(exponent)}"
    return rf"{first} \times 10^{exponent}"


def run(eigenvalue, activation, units="small", kind="orthogonal", length=40):
    """Pre-activations, states and errors of one network; an identity matrix is driven by positive inputs."""
    scale, balanced = (0.01, True) if units == "small" else (1.0, False)
    M = recurrent_matrix(32, 1.0, kind, 0)
    rnn, inputs = driven(eigenvalue * M, activation, scale, balanced, length, 0, kind == "identity")
    g = backpropagate(rnn, inputs)
    before = np.vstack([0 * g.h[:1], g.h[:-1]])
    return before @ rnn.W.T + inputs @ rnn.U.T + rnn.b, g.h, g.dh


def slope(eigenvalue, step, activation="tanh"):
    return ACTIVATIONS[activation].slope(run(eigenvalue, activation)[0][step - 1]).mean()


def grown(eigenvalue, activation, kind="orthogonal"):
    return norm(run(eigenvalue, activation, kind=kind)[2][0])


def five(eigenvalue, activation, units="small", kind="orthogonal"):
    """The error at the first of 100 steps, in five networks."""
    each = (network(eigenvalue, activation, units, 100, kind, seed=seed) for seed in range(5))
    return [norm(backpropagate(*one).dh[0]) for one in each]


@functools.cache
def rate(eigenvalue, activation, units="small", kind="orthogonal"):
    """Median of five networks: what a step back multiplies the error by, on average."""
    return np.median(np.array(five(eigenvalue, activation, units, kind)) ** (1 / 99))


@functools.cache
def beside(eigenvalue):
    """Slope of the median of five tanh networks, small inputs, over the 49 steps beside a loss at step 100.

    And over the ten that come last on the way back.
    """
    each = [backpropagate(*network(eigenvalue, "tanh", "small", 100, seed=seed)).dh for seed in range(5)]
    median = np.log10(np.median([[norm(dh) for dh in one] for one in each], 0))
    return median[50] / 49, (median[0] - median[10]) / 10


def blind_border(steps=400):
    """The eigenvalue of an orthogonal W at which an error keeps its size if half of it is dropped."""
    rng, growth = np.random.default_rng(0), []
    for M in (recurrent_matrix(32, 1.0, "orthogonal", seed) for seed in range(20)):
        error, size = rng.standard_normal(32), 0.0
        for _ in range(steps):
            error /= norm(error)
            error = (rng.permutation(np.arange(32) % 2) * error) @ M
            size += np.log(norm(error))
        growth.append(size / steps)
    return np.exp(-np.mean(growth))


def long(eigenvalues, kind):
    """The error at the first of 1,000 steps, in five tanh networks with small inputs, in log10."""
    return [
        first_gradients(M, eigenvalues, "tanh", [1000], Drive.of("small", seed))[:, 0]
        for seed in range(5)
        for M in [recurrent_matrix(32, 1.0, kind, seed)]
    ]


def driven_rate(W, activation, scale, balanced, positive=False, seed=0):
    found = [
        norm(backpropagate(*driven(each, activation, scale, balanced, 100, seed, positive)).dh[0]) ** (1 / 99)
        for seed, each in enumerate(W, seed)
    ]
    return np.median(found)


def orthogonal(eigenvalue):
    return [recurrent_matrix(32, eigenvalue, "orthogonal", seed) for seed in range(5)]


def border(rate_at):
    """The eigenvalue between two neighbours of the slider at which the error keeps its size."""
    rates = np.log10([rate_at(x) for x in LEADING])
    last = np.flatnonzero(rates <= 0)[-1]
    if last == len(LEADING) - 1:
        return None
    x, y = np.log10(LEADING[last : last + 2]), rates[last : last + 2]
    return 10 ** np.interp(0, y, x)


def start(initialiser, activation, units="small", positive=False):
    scale, balanced = (0.01, True) if units == "small" else (1.0, False)
    each = W.sel(initialiser=initialiser).values.astype(float)
    return driven_rate(each, activation, scale, balanced, positive)


def numbers():
    """{name: the words in the notebook}."""
    by_scale = {
        scale: border(lambda x, scale=scale: driven_rate(orthogonal(x), "sigmoid", scale, True))
        for scale in (0.01, 0.1, 0.3, 1.0, 3.0)
    }
    slopes_alone = grown(2.0, "tanh") / 2**39
    relu, growth = run(2.0, "relu"), run(1.4, "relu")[0] > 0
    radius = np.abs(np.linalg.eigvals(W.sel(initialiser="default").values.astype(float))).max(-1)
    return {
        "slope at 10": f"{slope(2.0, 10):.2g}",
        "slope at 40": f"{slope(2.0, 40):.2g}",
        "slope at 8": f"{slope(8.0, 40):.1g}",
        "doubled": r"5.5 \times 10^{11}" if round(2**39 / 1e10) == 55 else "",
        "slopes alone": power(slopes_alone),
        "growth": amount(np.log10(grown(2.0, "tanh"))),
        "sigmoid at 5": told(grown(5.0, "sigmoid")),
        "sigmoid at 8": told(grown(8.0, "sigmoid")),
        **{f"border at {scale}": f"{found:.3g}" for scale, found in by_scale.items()},
        "left alone": f"{driven_rate(orthogonal(10.0), 'sigmoid', 0.01, False):.1g}",
        "tanh": told(rate(2.0, "tanh")),
        "line": f"{np.log10(rate(2.0, 'tanh')):.3f}",
        "beside": f"{beside(2.0)[0]:.3f}",
        "beside, factor": f"{10 ** beside(2.0)[0]:.2f}",
        "blindly": f"{blind_border():.2f}",
        "median, symmetric": f"{max(np.median(five(x, 'tanh', kind='symmetric')) for x in LEADING):.1f}",
        "tanh border": f"{border(lambda x: rate(x, 'tanh')):.3g}",
        "tanh ordinary": f"{border(lambda x: rate(x, 'tanh', 'ordinary')):.3g}",
        "gaussian": told(rate(2.0, "tanh", kind="gaussian")),
        "open": f"{100 * growth.mean():.0f} %",
        "shut": f"{(~growth[20:]).all(0).sum()}",
        "state": power(norm(relu[1][-1]) / norm(relu[1][0])),
        "relu error": power(norm(relu[2][0])),
        "relu": f"{border(lambda x: rate(x, 'relu')):.3g}",
        "radius": f"{np.median(radius):.2g}",
        "default": f"{start('default', 'tanh'):.2g}",
        "glorot": f"{start('glorot', 'tanh', 'ordinary'):.2g}",
        "orthogonal": f"{start('orthogonal', 'tanh', 'ordinary'):.2g}",
        "identity": f"{start('identity', 'tanh', 'ordinary'):.2g}",
        "sigmoid at 6": f"{driven_rate(orthogonal(6.0), 'sigmoid', 1.0, False):.3g}",
        "held at 6": f"{driven_rate(orthogonal(6.0), 'sigmoid', 1.0, True):.3g}",
        "turning": f"{rate(3.0, 'tanh'):.2g}",
        "resting": f"{rate(3.0, 'tanh', kind='symmetric'):.2f}",
        "one of five": f"{max(five(1.5, 'tanh', kind='symmetric')):.0f}",
        "at 1.1": f"{np.log10(rate(1.1, 'tanh')):.3f}",
        "at 1.1, long": f"{np.median(long([1.1], 'orthogonal')) / 999:.4f}",
        "at 2, long": f"{np.median(long([2.0], 'orthogonal')) / 999:.2f}",
    }


CLAIMS = r"""
the mean is <<slope at 10>> at step 10 and <<slope at 40>> at step 40
their mean slope is <<slope at 8>>
doubling 39 times would make $<<doubled>>$ out of 1
a factor of $<<slopes alone>>$ in all (dashed)
a growth by <<growth>> (the solid line)
At 5 the error grows <<sigmoid at 5>>-fold
the error grows <<sigmoid at 8>>-fold
is at <<border at 0.01>>. Larger inputs
to <<border at 0.1>>, <<border at 0.3>>, <<border at 1.0>>, and <<border at 3.0>> at a size of 3
a step back still multiplies its error by about <<left alone>>. The bound would allow 2.5
multiplies the error not by 2 but by <<tanh>>, for a state that grows saturates the units
the border is where one expects it, at <<tanh border>>.
The border moves from <<tanh border>> to <<tanh ordinary>>
by <<beside>> a step in powers of ten, a factor of <<beside, factor>> (the dashed line)
The <<tanh>> is the mean of all 99
is the error of the median network above <<median, symmetric>> after 99 steps
it is <<one of five>> at 1.5
the mean growth at 2 is <<line>> over 99 steps, but <<at 2, long>> over 999
at 1.1 the mean is <<at 1.1>> over 99 steps and <<at 1.1, long>> over 999, and the dashed line is flat
the same eigenvalue gives <<gaussian>>
About half: <<open>> of the squares are filled. And <<shut>> units are shut from step 21 on
here by factors of $<<state>>$ and $<<relu error>>$
The border of the median network moves from exactly 1 to <<relu>>
with blind picks, new at every step, it is at <<blindly>>
starts at <<radius>>, far below 1: in the median
in the median of five tanh networks with small inputs, a step back leaves <<default>> of the error
now leave <<glorot>> and <<orthogonal>> at a step
a step back leaves <<sigmoid at 6>> of the error in the median network.
With the bias it would be <<held at 6>>: the median still dies
In one the error grows by a factor of <<turning>> a step, in the other <<resting>> of it is left
With tanh and ordinary inputs it leaves <<identity>> of the error at a step
""".strip().splitlines()


@pytest.fixture(scope="module")
def found():
    return numbers()


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_number_in_the_text_is_the_engines(claim, found):
    assert filled(claim, found) in TEXT


def test_what_is_said_of_the_slopes():
    assert slope(2.0, 1) > 0.999 and slope(0.9, 40) > 0.999  # in the middle
    assert {*ACTIVATIONS["relu"].slope(run(2.0, "relu")[0]).ravel()} == {0, 1}
    a, _, dh = run(2.0, "sigmoid")
    assert ACTIVATIONS["sigmoid"].slope(a).min() > 0.249  # each step leaves 1/4
    assert norm(dh[0]) == pytest.approx(0.5**39, rel=0.01)  # halves at each step
    stands = [np.abs(run(x, "sigmoid")[0][-1]).mean() for x in (2.0, 5.0, 8.0)]
    assert stands == sorted(stands)  # further out


def test_what_is_said_of_the_borders():
    alone = sigmoid_table().rate.sel(held=False)
    assert (alone.median("seed") < 0).all()  # no border up to 10
    assert 1 <= 10 ** alone.sel(scale=0.01).max() < 1.02  # one of the five comes up to 1
    assert (alone.sel(scale=0.01).max("eigenvalue") > -0.001).sum() == 1
    assert (alone.sel(scale=slice(0.1, None)) < 0).all()  # with the smallest inputs
    held = [driven_rate([W], "sigmoid", 1.0, True, seed=seed) for seed, W in enumerate(orthogonal(6.0))]
    assert min(held) < np.median(held) < 1 < max(held)  # the median dies, not all five do
    for scale in (0.01, 1.0):
        alone = {x: driven_rate(orthogonal(x), "sigmoid", scale, False) for x in (10.0, 14.0, 20.0, 25.0)}
        assert max(alone[10.0], alone[14.0]) < 1 < alone[25.0]  # it lies near 20
        assert alone[20.0] < 1.3 * alone[10.0]  # of twice the eigenvalue, the slopes take most
    dies = [size < 1 for size in five(1.4, "relu")]
    assert any(dies) and not all(dies)
    assert (np.array(long(LEADING, "symmetric")) < -0.5).all()  # over 1,000 steps it dies in all five
    chaotic = [x for x in LEADING if x >= 2]
    assert (np.array(long(chaotic, "orthogonal")) > 0.03 * 999).all()  # in all five, from 2 to 10
    even, last = beside(2.0)
    assert last > 3 * even  # steeper at its other end
    assert abs(beside(1.1)[0]) < 0.001  # flat
    near = five(1.2, "tanh", kind="gaussian")
    assert min(near) < 0.01 and max(near) > 10  # five networks no longer agree
    _, h, dh = run(1.0, "relu", kind="identity")
    np.testing.assert_allclose(np.linalg.norm(dh, axis=1), 1)  # keeps its size exactly
    assert norm(h[-1]) > 30 * norm(h[0])  # the inputs add up


def test_what_is_said_of_the_rest():
    """The rows of the strip: of one colour, or of two in turn; and where the error grows and dies."""
    a, _, dh = run(2.0, "tanh", kind="symmetric")
    slopes, sizes = ACTIVATIONS["tanh"].slope(a), np.linalg.norm(dh, axis=1)
    assert slopes[4].min() > 0.7 and slopes[9].mean() < 0.7  # within ten steps
    again = np.abs(slopes[-1] - slopes[-3]), np.abs(slopes[-1] - slopes[-2])
    assert again[0].max() < 0.15 and (again[1] > 0.3).sum() >= 5 and (again[1] < 0.1).sum() >= 10
    lowest = sizes.argmin()
    assert lowest > 10 and sizes[lowest] < 0.01 and sizes[0] > 100 * sizes[lowest]
    turning, _, dh = run(2.0, "tanh")
    slopes = ACTIVATIONS["tanh"].slope(turning)
    assert np.abs(slopes[-1] - slopes[-3]).max() > 0.5 and norm(dh[0]) > 1e4
    assert ACTIVATIONS["tanh"].slope(run(0.9, "tanh", kind="symmetric")[0]).min() > 0.99


def test_what_is_said_of_the_map():
    """Of the table, which another test holds against the engine."""
    first = activations_table()["first"].sel(units="small").median("seed")
    symmetric = first.sel(activation="tanh", kind="symmetric")
    assert f"{10 ** float(symmetric.max()):.0e}" == "3e+02"
    at = symmetric.sel(eigenvalue=symmetric.max("length") > 1)  # all where it grows by more than ten
    assert at.sizes["eigenvalue"] > 10 and (at.idxmax("length") <= 30).all()  # at the bottom
    assert (symmetric.sel(length=100) < 0.2).all()
    grey = activations_table()["first"].sel(activation="sigmoid", kind="orthogonal", units="ordinary")
    assert (grey.median("seed").sel(length=slice(5, None)) < 0).all()


def test_what_is_said_of_where_networks_start():
    assert start("identity", "relu", "ordinary") == 0  # nothing at all
    assert start("identity", "relu", "ordinary", positive=True) == pytest.approx(1)
    radius = np.abs(np.linalg.eigvals(W.values.astype(float))).max(-1)
    near = dict(zip(W.initialiser.values, np.median(radius, -1), strict=True))
    assert near["glorot"] == pytest.approx(1, abs=0.1) and near["orthogonal"] == pytest.approx(1)
    assert "identity" in near and near["identity"] == 1


def test_cells_are_short_and_named():
    for cell in CELLS:
        assert cell.id.replace("-", "").isalpha()
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 5
