"""What notebook 05 says in numbers is what the engine finds; and what its figures say in words."""

import functools
import inspect

import nbformat
import numpy as np
import pytest
import torch
from rnn_gradients import (
    RNN,
    backpropagate,
    clip,
    clip_adaptively,
    clip_by_value,
    clip_per_layer,
    clip_per_tensor,
    cosine,
    explore_cliff,
    explore_rules,
    network,
)
from rnn_gradients.engine import norm
from rnn_gradients.engine.cliff import cliff_gradient, cliff_walks
from rnn_gradients.engine.clipping import HIDDEN, OUTPUT
from rnn_gradients.engine.networks import gated_network
from rnn_gradients.explorers.cliff.table import LIMITS
from rnn_gradients.explorers.rules import RULE_NAMES
from rnn_gradients.explorers.style import amount
from rnn_gradients.explorers.ways_to_clip.inside import moments
from rnn_gradients.explorers.ways_to_clip.table import (
    CENTRE,
    LEADING,
    PUSHES,
    RADIUS,
    rules_table,
    walk_table,
)
from rnn_gradients.explorers.ways_to_clip.tight import THUMB
from rnn_gradients.results import load_results
from rnn_gradients.training import train
from rnn_gradients.training.make_results import PLAN

from .conftest import ROOT
from .prose import filled, power, text_of

NAME = "05-how-and-when-to-clip.ipynb"
CELLS = nbformat.read(ROOT / "notebooks" / NAME, 4).cells
TEXT = text_of(NAME)
START, UPDATES = (4.7, -1.7), 60


@functools.cache
def gradients(eigenvalue, error=1.0, inside=None):
    rnn, inputs = network(eigenvalue, "tanh", "ordinary", 30)
    return rnn, inputs, backpropagate(rnn, inputs, error=[error], clip_dh=inside)


def sizes(g):
    return [norm(*(getattr(g, name) for name in names)) for names in (HIDDEN, OUTPUT)]


def told(number):
    return amount(np.log10(number))


def degrees(first, second, over="both"):
    return f"{np.degrees(np.arccos(cosine(first, second, over))):.0f}°"


def terms(g, rnn, inputs):
    """How large each step's term of the gradient of W is, from the first step to the last."""
    before = np.vstack([0 * g.h[:1], g.h[:-1]])
    slope = 1 - np.tanh(before @ rnn.W.T + inputs @ rnn.U.T + rnn.b) ** 2
    return np.linalg.norm(slope * g.dh, axis=1) * np.linalg.norm(before, axis=1)


def farthest(inside=None, steps=8):
    """What the steps farthest from the loss add, in percent."""
    rnn, inputs, g = gradients(3.0, inside=inside)
    found = terms(g, rnn, inputs)
    return f"{100 * found[:steps].sum() / found.sum():.0f} %"


def walk(rate=0.5, threshold=None):
    return np.array(cliff_walks(*START, rate, UPDATES, threshold))


def on_the_line(w):
    """The norm of the gradient where every x_t is 1/2."""
    return np.hypot(*cliff_gradient(w, 0.5 - w / (1 + np.exp(-0.5)))[1:])


def test_a_rate_of_2_throws_the_walk_out_and_it_finds_its_way_back():
    w, b, loss = walk(rate=2.0)
    assert np.hypot(np.diff(w), np.diff(b)).max() > 1 and loss[-1] < 0.001


def runs(length, threshold):
    return load_results()["temporal-order"].sel(clip="hidden", length=length, threshold=threshold)


def was_cut(threshold):
    return f"{100 * float((10 ** runs(60, threshold).hidden > threshold).mean()):.0f} %"


def learned(length, threshold):
    return f"{int(runs(length, threshold).solved.sum())}"


def learned_under(optimizer, rule, length):
    solved = load_results()["optimizers"].solved
    return f"{int(solved.sel(optimizer=optimizer, clip=rule, length=length).sum())}"


def counted(optimizer):
    """Of the runs at a length of 60 whose hidden layer alone was clipped."""
    found = load_results()["optimizers"].sel(optimizer=optimizer, clip="hidden", length=60)
    updates = found.sizes["seed"] * 3000
    average, largest = (float((10 ** found[name]).mean()) for name in ("hidden_average", "hidden"))
    told_of = {
        "of the updates": f"{100 * int(found.hidden_above.sel(level=0).sum()) / updates:.0f} %",
        "average": told(average),
        "largest": told(largest),
        "too large": f"{largest / average:.1f}",
        "true bar from": f"{average / 2:.1f}",
        "true bar to": f"{average * 10:.0f}",
    }
    return {f"{optimizer} {name}": words for name, words in told_of.items()}


def numbers():
    """{name: the words in the notebook}."""
    return of_the_rules() | of_the_moments() | of_the_cliff() | of_the_runs()


def of_the_rules():
    usual, large = gradients(1.8)[2], gradients(3.0)[2]
    exploded, unbounded = gradients(4.0)[2], gradients(4.0, 100.0)[2]
    return {
        "length": told(np.hypot(*sizes(usual))),
        "square": degrees(usual, clip(usual, 3.0, output=True)),
        "strip": degrees(usual, clip(usual, 3.0)),
        "largest number": f"{max(np.abs(getattr(usual, name)).max() for name in HIDDEN + OUTPUT):.3g}",
        "joint": told(sizes(clip(large, 3.0, joint=True))[1]),
        "of": told(sizes(large)[1]),
        "output": told(sizes(exploded)[1]),
        "left": power(sizes(clip(exploded, 5.0, joint=True))[1]),
        "unbounded": told(sizes(unbounded)[1]),
        "by value": told(sizes(clip_by_value(unbounded, 5.0, output=True))[1]),
    }


def of_the_moments():
    large, inside = gradients(3.0)[2], gradients(3.0, inside=1.0)[2]
    end = {each: float(walk_table().astray.sel(inside=each)[-1]) - 0.3 for each in (1.0, 2.0)}
    return {
        "grown": told(max(norm(each) for each in large.dh)),
        "farthest": farthest(),
        "farthest, inside": farthest(1.0),
        "large": told(sizes(large)[0]),
        "inside": told(sizes(inside)[0]),
        "away": degrees(large, inside, "hidden"),
        "before": told(sizes(clip(large, 1.0))[0]),
        "less away": degrees(large, gradients(3.0, inside=100.0)[2], "hidden"),
        "off": f"{-end[1.0]:.2f}",
        "less off": f"{-end[2.0]:.2f}",
        "uphill": in_an_lstm(),
    }


def in_an_lstm():
    lstm, inputs = gated_network("LSTM", 1.0, 8.0)
    return degrees(backpropagate(lstm, inputs), backpropagate(lstm, inputs, clip_dh=1.0), "hidden")


def of_the_cliff():
    w, b, loss = walk()
    clipped = walk(threshold=0.3)
    grid = cliff_gradient(np.linspace(4, 7, 301), np.linspace(-4, -1, 301)[:, None])
    steep = np.hypot(*grid[1:])
    return {
        "steep": f"{np.hypot(*cliff_gradient(w[15], b[15])[1:]):.0f}",
        "face": told(loss[15]),
        "thrown": told(np.hypot(w[16] - w[15], b[16] - b[15])),
        "w": f"{w[16]:.2f}",
        "b": f"{b[16]:.2f}",
        "plain": told(loss[16]),
        "longest": told(np.hypot(np.diff(clipped[0]), np.diff(clipped[1])).max()),
        "end": told(clipped[2, -1]),
        "median": f"{np.median(steep):.3f}",
        "peak": f"{steep.max():.0f}",
        "at 5": f"{on_the_line(5):.0f}",
        "at 6": power(on_the_line(6)),
        "late": told(walk(threshold=0.01)[2, -1]),
        "lucky": power(walk(rate=0.2)[2, -1]),
        "slow": told(walk(rate=0.05)[2, -1]),
    }


def of_the_runs():
    average = float((10 ** runs(60, 1.0).hidden).mean())
    here = {"optimizer": "sgd", "clip": "hidden", "length": 20}
    short = float((10 ** load_results()["optimizers"].hidden_average.sel(here)).mean())
    under = {
        f"{optimizer} {rule} {length}": learned_under(optimizer, rule, length)
        for optimizer in ("sgd", "adam")
        for rule in RULE_NAMES
        for length in (20, 40, 60)
    }

    return {
        **{f"cut at {each}": was_cut(each) for each in (0.1, 1.0, 10.0)},
        **{f"learned at {each}": learned(60, each) for each in (0.1, 1.0)},
        "at 20": learned(20, 10.0),
        "bar from": told(float(f"{average / 2:.2g}")),
        "bar to": told(float(f"{average * 10:.2g}")),
        **under,
        "at 80": learned(80, 0.1),
        "largest at 10": f"{float((10 ** runs(60, 10.0).hidden).mean()):.1f}",
        "largest at 1": f"{average:.0f}",
        "short bar from": f"{short / 2:.2g}",
        "short bar to": f"{short * 10:.2g}",
        **counted("sgd"),
        **counted("adam"),
    }


CLAIMS = r"""
the arrow, <<length>> long, must end in a quarter of a circle
both parts are cut to 3, and the arrow is turned by <<square>>
*Hidden only, by norm* allows a strip, and turns it by <<strip>>
though the arrow is <<length>> long: no single number is above <<largest number>>.
for each single number, and none is above <<largest number>>.
the error grows to <<grown>> (dashed)
As it is, <<farthest>> comes from the eight steps farthest from the loss
Clipped inside, it is <<farthest, inside>>
not only shorter, <<inside>> instead of <<large>>: it points elsewhere, <<away>> away
Clipped before the update, by its norm, it is <<before>> long, in its own direction.
Clipped after it, it was <<large>> long, as if there were no clipping
only the last few errors are cut, and <<less away>> are left
the hidden layer's gradient is turned by <<uphill>>: a small step against it leads uphill.
$b$ ends <<off>> below. At a *Threshold inside* of 2 it is <<less off>>;
at a loss of <<face>>, and the gradient is <<steep>> long
throws the unclipped one (grey) <<thrown>> away, to $w = <<w>>$ and $b = <<b>>$
a plain where the loss is <<plain>> and
No step of it is longer than <<longest>>. It is on the cliff once more, at update 20
after 60 updates the loss is <<end>>.
the median of the gradient's norm is <<median>>, and the largest is <<peak>>.
on the line the norm is <<at 5>> at $w = 5$, and $<<at 6>>$ at $w = 6$.)
its loss is <<late>>. Between
it ends at $<<lucky>>$
at 0.05 the loss is still <<slow>>.
something was cut in <<cut at 1.0>> of the stretches, and <<learned at 1.0>> of 20 networks learned the task
At 0.1 it was <<cut at 0.1>>, and <<learned at 0.1>> networks
At 10 it was <<cut at 10.0>>, and no network learned
With nothing clipped, <<adam none 60>> of 10 networks learned the task under Adam, and none under SGD.
too, when the hidden layer was clipped: <<adam hidden 60>>, with both layers clipped <<adam both 60>>
with both layers clipped <<adam both 60>>, and jointly <<adam joint 60>>.
helped under neither: <<adam output 60>> under Adam, none under SGD
longer than 1 in <<sgd of the updates>> of the updates under SGD, and in <<adam of the updates>> under Adam
on average <<sgd average>> long under SGD; the largest of each 60 was <<sgd largest>>
too far to the right: in these runs by a factor of <<sgd too large>>
Under SGD it was <<sgd hidden 60>>, <<sgd both 60>> and <<sgd joint 60>>.
At a length of 20, under SGD, it is <<short bar from>> to <<short bar to>>, and 1 lies within
still <<at 20>> learn. At 80 the choice between 0.1 and 1 decides: <<at 80>> learn, or none
shorter: <<largest at 10>> on average, and <<largest at 1>> at a threshold of 1
Half to ten times the true average is <<sgd true bar from>> to <<sgd true bar to>>
Under Adam it would be <<adam true bar from>> to <<adam true bar to>>
At 1 it reaches from <<bar from>> to <<bar to>>, above the thresholds that worked
of the output layer's step of <<output>>, only $<<left>>$ is left
The output layer's gradient is <<unbounded>> long now
*By value* leaves <<by value>>, in another direction
The gradient's norm is <<length>>, and nothing is ever cut
The hidden layer's gradient is <<large>> long, the output layer's <<of>>.
<<joint>> (times the learning rate): the first figure
""".strip().splitlines()


@pytest.fixture(scope="module")
def found():
    return numbers()


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_number_in_the_text_is_the_engines(claim, found):
    assert filled(claim, found) in TEXT


# --- what is said without numbers ---------------------------------------------------------------------------


def test_what_is_said_of_the_rules():
    _, _, g = gradients(1.8)
    for number in (sizes(clip(g, 3.0, output=True)), sizes(clip(g, 3.0))[:1]):
        np.testing.assert_allclose(number, 3.0, rtol=1e-6)
    assert sizes(g)[1] < 30 and sizes(clip_per_layer(g, 3.0, 30.0)) == sizes(clip(g, 3.0))
    np.testing.assert_allclose(sizes(clip_per_layer(g, 0.3, 3.0)), (0.3, 3), rtol=1e-6)
    assert cosine(g, clip(g, 3.0, joint=True)) > 1 - 1e-12
    same, small = (clip_by_value(g, each, output=True) for each in (3.0, 0.1))
    assert cosine(g, same) > 1 - 1e-12 and cosine(g, small, "hidden") < 0.9
    turned = rules_table().cosine.sel(over="both", threshold=3.0, error=1)
    for rule in ("hidden", "layers", "wider"):  # the larger one part, the more they turn
        assert (turned.sel(rule=rule, eigenvalue=[1.8, 3.0, 4.0]).diff("eigenvalue") < 0).all()
    assert (rules_table().cosine > 0).all()  # the angle never exceeds 90°
    for over in ("hidden", "output"):  # by norm each layer keeps its direction
        by_norm = rules_table().cosine.sel(over=over, rule=["hidden", "layers", "wider", "joint"])
        np.testing.assert_allclose(by_norm, 1, atol=1e-9)


def test_no_rule_turns_the_sign_of_a_number():
    """All factors are above 0; so a small enough step along what is left still goes downhill."""
    for eigenvalue in (1.0, 2.5):
        rnn, _, g = gradients(eigenvalue)
        for clipped in (
            clip(g, 0.3, output=True),
            clip_per_layer(g, 0.3, 3.0),
            clip_per_tensor(g, 0.3, output=True),
            clip_by_value(g, 0.3, output=True),
            clip_adaptively(g, rnn, 0.3, output=True),
        ):
            for name in HIDDEN + OUTPUT:
                assert (np.sign(getattr(clipped, name)) == np.sign(getattr(g, name))).all()


def round_trip(rule, turns=200):
    """How far b is from its start once w and v have gone round, at right angles to what a rule leaves."""
    pushes = np.array([[1.0], [-0.5], [0.8], [0.3], [0.6]])

    def slope(turn, b):
        w, v = 0.5 + 0.2 * np.cos(turn), 1 + 0.2 * np.sin(turn)
        unit = RNN([[w]], [[0.7]], [[v]], [b], [0.0], "tanh")
        error = v * backpropagate(unit, pushes).h[-1] - 3  # of half the square of the distance from 3
        g = rule(backpropagate(unit, pushes, error=error))
        return -float((g.dW * -0.2 * np.sin(turn) + g.dV * 0.2 * np.cos(turn)).item() / g.db.item())

    b, step = -0.5, 2 * np.pi / turns
    for turn in step * np.arange(turns):  # the midpoint rule
        b += step * slope(turn + step / 2, b + step / 2 * slope(turn, b))
    return b + 0.5


def test_clipping_one_layer_alone_fails_the_test_of_the_round_trip_too():
    assert abs(round_trip(lambda g: g)) < 1e-3 > abs(round_trip(lambda g: clip(g, 1.0, joint=True)))
    assert abs(round_trip(lambda g: clip(g, 1.0))) > 0.05


def test_what_is_said_of_clipping_inside():
    assert max(norm(each) for each in gradients(1.8)[2].dh) <= 1 + 1e-12
    large = gradients(3.0)[2]
    assert 2 <= (np.linalg.norm(large.dh, axis=1) > 100).sum() <= 4  # the last few errors
    assert np.linalg.norm(gradients(3.0, inside=1.0)[2].dh, axis=1).max() <= 1 + 1e-9
    rnn, inputs, cut = gradients(3.0, inside=1.0)
    # each term of the sum is multiplied by the factors of all steps through which its error has come
    factor, delta = 1.0, []
    before = np.vstack([0 * cut.h[:1], cut.h[:-1]])
    slope = 1 - np.tanh(before @ rnn.W.T + inputs @ rnn.U.T + rnn.b) ** 2
    for t in reversed(range(30)):
        came = large.dh[t] * factor
        factor *= min(1.0, 1.0 / norm(came))
        delta.append(factor * slope[t] * large.dh[t])
    np.testing.assert_allclose(np.array(delta[::-1]).T @ before, cut.dW, rtol=1e-9, atol=1e-12)


def unit(w, u, b, limit=None):
    return backpropagate(RNN([[w]], [[u]], [[1.0]], [b], [0.0], "tanh"), PUSHES, clip_dh=limit)


def test_the_walk_round_shows_that_there_is_no_landscape():
    """At right angles to the gradient the loss stays; and what is clipped inside is no gradient of anything.

    Where the two ends differ in b alone, and dL/db has one sign between them, they cannot be at one level.
    """
    walks = walk_table()
    turns = np.radians(walks.turn.values)
    w, u = CENTRE[0] + RADIUS * np.cos(turns), CENTRE[1] + RADIUS * np.sin(turns)
    ends = [unit(*place).h[-1].item() for place in zip(w, u, walks.level.values, strict=True)]
    np.testing.assert_allclose(ends, ends[0], atol=5e-5)  # the loss is o = h here, with an error of 1
    assert abs(float(walks.level[-1]) - 0.3) < 1e-5
    between = np.linspace(float(walks.astray.sel(inside=1.0)[-1]), 0.3, 50)
    assert all(unit(w[0], u[0], b, 1.0).db.item() > 0 for b in between)
    assert abs(float(walks.astray.sel(inside=5.0)[-1]) - 0.3) < 1e-5
    np.testing.assert_allclose(walks.astray.sel(inside=5.0), walks.level)
    largest = max(np.abs(unit(*place).dh).max() for place in zip(w, u, walks.level.values, strict=True))
    assert 2 < largest < 5


def test_finite_differences_of_the_loss_are_the_gradient_and_not_what_is_clipped_inside():
    """The loss is o at the last step, h here, with an error of 1; no factor makes up for what was cut."""
    place, step = np.array([CENTRE[0] + RADIUS, CENTRE[1], 0.3]), 1e-5
    changes = [
        unit(*(place + step * way)).h[-1].item() - unit(*(place - step * way)).h[-1].item()
        for way in np.eye(3)
    ]
    slopes = np.array(changes) / (2 * step)
    true, inside = (
        np.array([getattr(unit(*place, limit), name).item() for name in HIDDEN]) for limit in (None, 1.0)
    )
    np.testing.assert_allclose(slopes, true, rtol=1e-5)
    turned = inside @ slopes / np.linalg.norm(inside) / np.linalg.norm(slopes)
    assert turned < 0.99


PUBLISHED = {
    "Graves 2013": "the derivatives at the inputs of his LSTM layers to between −10 and 10, "
    "those at the output to between −100 and 100",
    "Pascanu, Mikolov and Bengio 2013, section 3.2": "Thresholds from half to ten times that average",
    "Pascanu, Mikolov and Bengio 2013, figure 6": r"After 50 steps $\sigma(x_{50})$ should be 0.7",
    "Karpathy 2015, min-char-rnn.py": "Karpathy's min-char-rnn, at 5",
}


@pytest.mark.parametrize("source", PUBLISHED)
def test_a_published_number_is_told_as_published(source):
    assert PUBLISHED[source] in TEXT


def test_what_is_said_of_the_cliff():
    w, b, loss = walk()
    clipped = walk(threshold=0.3)
    np.testing.assert_array_equal(clipped[:, :16], [w[:16], b[:16], loss[:16]])  # one walk until then
    sigma = 1 / (1 + np.exp(-0.5))
    height = b - (0.5 - sigma * w)  # above the line
    assert (height[:15] > 0).all() and height[15] < 0
    assert (np.diff(loss[:15]) < 0).all()
    beyond = clipped[1] < 0.5 - sigma * clipped[0]
    assert beyond[20] and clipped[2, 20] > 0.2 and clipped[2, 21:].max() < 0.02  # once more
    assert np.hypot(w[-1] - w[16], b[-1] - b[16]) < 1e-3  # there it stays
    assert np.hypot(clipped[0, 16] - w[15], clipped[1, 16] - b[15]) == pytest.approx(0.15, abs=1e-6)
    first = w[16] - w[15], b[16] - b[15]
    second = clipped[0, 16] - w[15], clipped[1, 16] - b[15]
    assert np.dot(first, second) == pytest.approx(np.hypot(*first) * np.hypot(*second))


def test_on_the_edge_the_gradient_is_a_sum_of_powers():
    """Pascanu, Mikolov and Bengio (2013, section 2.3): the eigenvalue again, 0.235 w."""
    sigma = 1 / (1 + np.exp(-0.5))
    slope = sigma * (1 - sigma)
    assert f"{slope:.3f}" == "0.235" and f"{1 / slope:.2f}" == "4.26"
    for w in (3.0, 4.26, 5.0, 6.0):
        _, dw, db = cliff_gradient(w, 0.5 - sigma * w)
        powers = sum((w * slope) ** k for k in range(50))
        fixed = 2 * (sigma - 0.7) * slope
        np.testing.assert_allclose([dw, db], [fixed * sigma * powers, fixed * powers], rtol=1e-9)


def test_what_is_said_of_thresholds_and_rates():
    ends = {each: walk(threshold=each)[2, -1] for each in LIMITS}
    assert all(ends[each] < 0.01 for each in (0.03, 0.1, 0.3, 1.0))
    assert ends[0.01] > 0.01 and ends[3.0] > 0.05
    lost = walk(threshold=3.0)
    assert np.hypot(np.diff(lost[0]), np.diff(lost[1])).max() == pytest.approx(1.5, abs=1e-6)
    np.testing.assert_array_equal(walk(threshold=100.0), walk())
    below = walk(rate=0.2)
    assert (below[1] > 0.5 - below[0] / (1 + np.exp(-0.5))).all()  # it never comes to the edge


def test_what_is_said_of_the_runs():
    average = {each: float((10 ** runs(60, each).hidden).mean()) for each in (0.1, 1.0, 10.0)}
    assert THUMB == (0.5, 10)  # Pascanu, Mikolov and Bengio (2013), section 3.2
    assert average[10.0] / 2 < 10 < 10 * average[10.0]  # within the bar
    assert not runs(60, 10.0).solved.any()
    assert average[10.0] < average[1.0] < average[0.1]  # what learns nothing has small gradients


def test_what_is_said_of_the_runs_under_both():
    def learned(optimizer, length, rules=RULE_NAMES):
        return [int(learned_under(optimizer, rule, length)) for rule in rules]

    assert learned("sgd", 60, ["none"]) == learned("sgd", 40, ["none"]) == [0]
    assert learned("adam", 40, ["none"]) == [10]
    slower = load_results()["smaller-rates"]
    assert not slower.solved.any() and slower.sizes["seed"] == 10 and slower["update"][-1] == 3000
    assert {*slower["clip"].values} == {"none"} and slower.rate.values.tolist() == [0.03, 0.01, 0.003]
    without, clipped = ["none", "output"], ["hidden", "both", "joint"]
    for optimizer in ("sgd", "adam"):  # clipping the output layer alone helped under neither
        assert max(learned(optimizer, 60, without)) < min(learned(optimizer, 60, clipped))
        none, output = learned(optimizer, 60, without)
        assert output <= none
    assert {*learned("adam", 60, clipped)} == {8, 9, 10}
    solved = load_results()["optimizers"].solved.astype(bool).sel(optimizer="adam")
    none, hidden = (solved.sel(clip=each, length=60) for each in ("none", "hidden"))
    assert (~none).sum() == (~none & hidden).sum() == 5 and (none & ~hidden).sum() == 1
    few = solved.sel(length=[20, 40]).sum("seed").astype(int)
    assert abs(few - few.sel(clip="none")).max() == 2
    assert learned("sgd", 60, ["output"]) == [0] and not runs(80, 1.0).solved.any()
    for settings in PLAN["optimizers"][1].values():
        rate = {"sgd": 0.1, "adam": 0.001}[settings["optimizer"]]
        assert (settings["learning_rate"], settings["threshold"], settings["steps"]) == (rate, 1.0, 3000)
    assert "The learning rate is 0.1 under SGD, as before, and 0.001 under Adam, torch's default" in TEXT
    defaults = inspect.signature(train).parameters, inspect.signature(torch.optim.Adam).parameters
    assert defaults[0]["learning_rate"].default == 0.1 and defaults[1]["lr"].default == 0.001


def test_what_is_said_of_adam():
    """Torch's, with one weight: a factor cancels; a long gradient makes no long step, but many short ones."""

    def steps(gradients):
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        adam, places = torch.optim.Adam([weight], lr=1.0), [0.0]
        for each in gradients:
            weight.grad = torch.tensor([each], dtype=torch.float64)
            adam.step()
            places.append(weight.item())
        return -np.diff(places)

    some = np.random.default_rng(0).normal(0, 0.1, 100)
    np.testing.assert_allclose(steps(1000 * some), steps(some), rtol=1e-3)
    once = steps([0.1] * 2000 + [10.0] + [0.1] * 1000)
    assert once[1999] == pytest.approx(1, abs=1e-3)
    assert f"makes a step only {once[2000]:.1f} times as long" in TEXT
    assert f"are only {once[2100]:.1f} times as long" in TEXT
    assert (once[2001:2013] > 1).all() and once[2013] < 1  # the next dozen
    assert once[2050:].max() < 0.5 and "For a thousand updates they stay below half" in TEXT


def test_what_is_said_of_the_output_layer():
    rnn, _, g = gradients(4.0)
    before = sizes(g)[1]
    spared = {
        "hidden": clip(g, 5.0),
        "layers": clip(g, 5.0, output=True),
        "wider": clip_per_layer(g, 5.0, 50.0),
        "tensor": clip_per_tensor(g, 5.0, output=True),
        "value": clip_by_value(g, 5.0, output=True),
        "adaptive": clip_adaptively(g, rnn, 5.0, output=True),
    }
    assert all(sizes(each)[1] > 0.97 * before for each in spared.values())
    rnn, _, first = gradients(1.0)  # nothing is cut yet, or next to nothing
    for clipped in (clip(first, 5.0, joint=True), clip_adaptively(first, rnn, 5.0, output=True)):
        np.testing.assert_allclose(sizes(clipped), sizes(first), rtol=0.06)
    unbounded = gradients(4.0, 100.0)[2]
    assert sizes(clip(unbounded, 5.0))[1] == pytest.approx(sizes(unbounded)[1])
    assert sizes(clip(unbounded, 5.0, output=True))[1] == pytest.approx(5.0)
    assert sizes(clip_per_layer(unbounded, 5.0, 50.0))[1] == pytest.approx(50.0)
    assert sizes(clip_per_layer(g, 5.0, 50.0))[1] == before  # a healthy output layer is left alone
    by_value = clip_by_value(unbounded, 5.0, output=True)
    assert cosine(unbounded, by_value, "output") < 0.99


# --- what the figures say -----------------------------------------------------------------------------------


def said(explore, *panels, **position):
    explorer = explore(*panels, **position)
    figure, words = explorer.figure, []
    for name in figure._plan["caption"]:
        variable = figure.data[name]
        words.append(variable.sel({k: v for k, v in figure.position.items() if k in variable.dims}).item())
    explorer.close()
    return " ".join(words)


def test_the_sentences_of_both_optimizers():
    found = counted("sgd") | counted("adam")
    for optimizer, name in (("sgd", "SGD"), ("adam", "Adam")):
        told_of = (f"{learned_under(optimizer, rule, 60)} ({words})" for rule, words in RULE_NAMES.items())
        assert said(explore_rules, f"under_{optimizer}", tried=60) == (
            f"Learned under {name}, of 10: {', '.join(told_of)}."
        )
    assert said(explore_rules, "longer", tried=60) == (
        f"With the hidden layer alone clipped at 1, something was cut in {found['sgd of the updates']} of "
        f"the updates under SGD, and in {found['adam of the updates']} under Adam. Norms were "
        f"{found['sgd average']} and {found['adam average']} on average; the largest of each 60 updates, "
        f"{found['sgd largest']} and {found['adam largest']}."
    )


def test_sentences():
    assert said(explore_rules, "arrow", rule="none") == "The gradient is 11.9 long, and stays as it is."
    assert said(explore_rules, "arrow", rule="hidden") == (
        "The gradient was 11.9 long; now it is 5.6 long, and is turned by 34° (cosine 0.827). "
        "The hidden layer's part went from 10.9 to 3; the output layer's part stays at 4.73."
    )
    assert "keeps its direction" in said(explore_rules, "arrow", rule="joint")
    assert said(explore_rules, "passing", eigenvalue=3.0) == (
        "The hidden layer's gradient is 450 long; clipped inside, it is 11.4 long, "
        "and points 51° away from it (cosine 0.629)."
    )
    assert said(explore_rules, "moments", eigenvalue=3.0) == (
        "Clipped before the update, the step is 1 long and keeps its direction; "
        "clipped after it, it was 450 long when it was taken."
    )
    assert "changes nothing" in said(explore_rules, "moments", eigenvalue=1.0, inside=100.0)
    turned = moments().data(rules_table())["moment_turned"].sel(eigenvalue=3.0, inside=1.0)
    assert turned.values.tolist() == ["", "", ", 51° away"]
    assert said(explore_rules, "passing", eigenvalue=1.8).startswith("No error is above the threshold")
    assert said(explore_rules, "round_trip", inside=1.0) == (
        "After a full turn b is back where it began with the gradient as it is, "
        "and 0.19 below where it began with the one clipped inside."
    )
    assert said(explore_cliff, "far", rate=0.5, threshold=0.3) == (
        "Without clipping, the longest step is 6.48: update 16 ends at w = 7.40, b = 3.50. "
        "After 60 updates the loss is 0.09. Clipped at 0.3, no step is longer than 0.15, "
        "and the loss is 0.0016."
    )
    assert said(explore_rules, "cut", "became", tried=60, ran=1.0) == (
        "Clipped at 1, something was cut in 58 % of the stretches of 60 updates. "
        "The largest norm of a stretch was 28 on average. "
        "Of 20 networks clipped at 1, 15 learned the task."
    )
    assert said(explore_rules, "steps", eigenvalue=4.0) == (
        "Before clipping, the hidden layer's step is 66,700 long, and the output layer's 5.02 "
        "(times the learning rate)."
    )


def test_the_tables_hold_what_the_engine_finds():
    """One position by its own formula; a reader in the browser moves to others."""
    rng = np.random.default_rng(0)
    for eigenvalue in rng.choice(LEADING, 3, replace=False).tolist():
        _, _, g = gradients(eigenvalue)
        here = rules_table().sel(eigenvalue=eigenvalue, error=1)
        np.testing.assert_allclose(here.before, sizes(g))
        for threshold in (0.3, 5.0):
            clipped = clip_per_tensor(g, threshold, output=True)
            at = here.sel(rule="tensor", threshold=threshold)
            np.testing.assert_allclose(at.after, sizes(clipped))
            for over in ("both", "hidden", "output"):
                assert at.cosine.sel(over=over) == pytest.approx(cosine(g, clipped, over), abs=1e-12)


def test_cells_are_short_and_named():
    for cell in CELLS:
        assert cell.id.replace("-", "").isalpha()
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 5
