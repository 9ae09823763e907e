"""What notebook 02 claims, in numbers and in words, is what the stored runs hold."""

import re

import nbformat
import numpy as np
import pytest
from rnn_gradients.results import load_results

from .conftest import ROOT

RUNS = load_results()
SUNSPOTS = np.abs(RUNS["sunspots"].forecast - RUNS["sunspots"].observed).median("month")


def errors(case):
    """Median over networks, lowest and highest, by rule, in sunspots."""
    found = SUNSPOTS.sel(case=case)
    return {
        str(rule): tuple(float(how("seed").sel(clip=rule)) for how in (found.median, found.min, found.max))
        for rule in found["clip"].values
    }


def solved(length, threshold):
    found = RUNS["temporal-order"].solved.sel(length=length, threshold=threshold).sum("seed")
    return {str(rule): int(found.sel(clip=rule)) for rule in found["clip"].values}


def learned():
    """How many networks end above 99 %, by rule."""
    found = (RUNS["parity"].test_accuracy > 0.99).sum("seed")
    return {str(rule): int(found.sel(clip=rule)) for rule in found["clip"].values}


def span(values):
    return f"between {min(values):.1f} and {max(values):.1f}"


def wins(case, rule, other):
    """For how many seeds a rule does better than another. Forecasts are stored to a tenth: some are even."""
    found = SUNSPOTS.sel(case=case).round(3)
    return int((found.sel(clip=rule) < found.sel(clip=other)).sum())


def numbers():
    """{name: the words in the notebook}, made anew from the stored runs."""
    middle = {case: {rule: e[0] for rule, e in errors(case).items()} for case in SUNSPOTS["case"].values}
    wild = errors("learned spread, outliers")
    runs = RUNS["sunspots"]
    norms = {
        layer: 10 ** float(runs[layer].sel(case="squared error").max()) for layer in ("hidden", "output")
    }
    months = RUNS["sunspots"].observed.isel(case=0)
    words = {
        "networks": f"{SUNSPOTS.sizes['seed']} networks",
        "naive": f"{float(np.abs(months.diff('month')).median()):.1f} sunspots",
        "squared": span(middle["squared error"].values()),
        "norms": f"{norms['hidden']:.0f} times the threshold in the hidden layer, "
        f"{norms['output']:.0f} times",
        "outliers": span(middle["squared error, outliers"].values()),
    }
    for name, case in (
        ("unscaled", "squared error, unscaled"),
        ("spread", "learned spread"),
        ("wild", "learned spread, outliers"),
    ):
        words |= {f"{name} {rule}": f"{value:.1f}" for rule, value in middle[case].items()}
    words |= {f"worst {rule}": f"{wild[rule][2]:.0f}" for rule in ("hidden", "output", "both", "joint")}
    for threshold, name in ((1.0, ""), (0.1, " tight"), (10.0, " loose")):
        for length in RUNS["temporal-order"].length.values:
            words |= {f"{rule} {length}{name}": str(n) for rule, n in solved(length, threshold).items()}
    sines = RUNS["sines"].test_error.median("seed")
    for name, case in (("sines", "learned spread"), ("sines wild", "learned spread, outliers")):
        words |= {f"{name} {rule}": f"{float(sines.sel(case=case, clip=rule)):.3f}" for rule in middle[case]}
    words["unscaled both wins"] = str(wins("squared error, unscaled", "both", "hidden"))
    words["unscaled both loses"] = str(wins("squared error, unscaled", "hidden", "both"))
    words["spread both beats none"] = str(wins("learned spread", "both", "none"))
    words["wild both beats none"] = str(wins("learned spread, outliers", "both", "none"))
    return words | {f"parity {rule}": str(count) for rule, count in learned().items()}


def text():
    notebook = nbformat.read(ROOT / "notebooks" / "02-train-it-and-see.ipynb", as_version=4)
    return "\n".join(cell.source for cell in notebook.cells)


CLAIMS = """
The medians of the five rules lie <<squared>> sunspots
repeating this month's number is off by <<naive>>
at most <<norms>> in the output layer
The medians lie <<outliers>> sunspots
is better for <<unscaled both wins>> of 10 seeds and worse for <<unscaled both loses>>
both is better for <<spread both beats none>> of 10 seeds, with outliers for <<wild both beats none>>
<<sines none>> against <<sines both>>, with outliers <<sines wild none>> against <<sines wild both>>
nearly as well as both: <<sines output>>
<<hidden 20 loose>> (hidden only), <<both 20 loose>> (both) and <<joint 20 loose>> (joint)
learn it instead of <<none 20 loose>>
hidden only <<unscaled hidden>>, both <<unscaled both>>, joint <<unscaled joint>>, nothing <<unscaled none>>
output only <<unscaled output>>
nothing <<spread none>>, output only <<spread output>>, both <<spread both>>, joint <<spread joint>>
hidden only <<spread hidden>>
hidden only <<wild hidden>>, output only <<wild output>>, nothing <<wild none>>
both <<wild both>>, joint <<wild joint>>
One of the ten networks with only the hidden layer clipped is off by <<worst hidden>>
At length 20, <<none 20>> of 20 networks learn it with nothing clipped
and <<output 20>> with the output layer clipped
At length 50 it is <<none 50>> and <<output 50>> of 20 against <<hidden 50>> (hidden only)
<<both 50>> (both)
<<joint 50>> (joint)
at 60 steps <<hidden 60>>, <<both 60>> and <<joint 60>>
hidden only solves the task for <<hidden 60 tight>> of 20 networks, both for <<both 60 tight>>
joint for <<joint 60 tight>>
After five epochs <<parity hidden>> of 10 networks has learned it with the hidden layer clipped
at 25, say, it is <<hidden 25 tight>>, <<both 25 tight>> and <<joint 25 tight>>
"""


def test_the_seed_decides_the_parity_of_five_epochs_and_not_the_rule():
    assert set(learned().values()) == {1}
    accuracy = RUNS["parity"].test_accuracy
    assert ((accuracy > 0.99).any("clip") == (accuracy > 0.99).all("clip")).all()
    lower = accuracy.where(accuracy < 0.99)
    assert lower.min() > 0.58 and lower.max() < 0.64


@pytest.mark.parametrize("claim", CLAIMS.strip().splitlines())
def test_the_notebook_says_what_the_runs_hold(claim):
    words = numbers()
    assert re.sub("<<(.+?)>>", lambda found: words[found[1]], claim) in text()


def test_with_squared_error_clipping_the_output_layer_changes_nothing():
    for case in ("squared error", "squared error, outliers"):
        medians = [middle for middle, _, _ in errors(case).values()]
        assert max(medians) < 1.05 * min(medians)


def test_unscaled_the_hidden_layer_is_the_one_to_clip():
    found = errors("squared error, unscaled")
    order = sorted(found, key=found.get)
    assert {*order[:2]} == {"hidden", "both"} and order[-2:] == ["none", "output"]
    assert found["hidden"][2] < min(found[rule][1] for rule in ("none", "output"))
    assert 3 <= wins("squared error, unscaled", "both", "hidden") <= 7  # too few to tell
    assert min(middle for middle, _, _ in found.values()) > 10.2  # this month's number again


def test_with_a_learned_spread_hidden_only_is_the_worst():
    for series in ("sunspots", "sines"):
        for case in ("learned spread", "learned spread, outliers"):
            medians = RUNS[series].test_error.sel(case=case).median("seed")
            assert medians.idxmax("clip") == "hidden"
            if series == "sines":
                assert {*medians["clip"].values[np.argsort(medians.values)[:2]]} == {"both", "joint"}
    for case in ("learned spread", "learned spread, outliers"):
        found = errors(case)
        assert found["both"][0] < 1.05 * found["joint"][0] < 1.1 * found["both"][0]
        assert max(found[rule][0] for rule in ("both", "joint")) < min(
            found[r][0] for r in ("hidden", "output")
        )


def test_with_a_learned_spread_clipping_the_output_layer_too_helps_every_seed():
    for case in ("learned spread", "learned spread, outliers"):
        assert wins(case, "both", "hidden") == wins(case, "joint", "hidden") == 10
        norms = RUNS["sunspots"].sel(case=case, clip=["both", "joint", "hidden"])
        apart = norms.hidden.median(("seed", "update")) - norms.output.median(("seed", "update"))
        assert (np.abs(apart) < np.log10(3)).all()  # the two layers' gradients are about equally large


def test_with_outliers_and_a_learned_spread_both_beat_nothing_on_both_series():
    for series in ("sunspots", "sines"):
        medians = RUNS[series].test_error.sel(case="learned spread, outliers").median("seed")
        for rule in ("both", "joint"):
            assert medians.sel(clip=rule) < medians.sel(clip="none") < medians.sel(clip="output")


def test_at_threshold_1_clipping_the_output_layer_is_neither_needed_nor_enough():
    for length in RUNS["temporal-order"].length.values:
        found = solved(length, 1.0)
        if 20 <= length <= 40:
            assert found["hidden"] == found["both"] == found["joint"] == 20
        if length >= 25:
            assert found["none"] == found["output"] == 0
        if length >= 80:
            assert not any(found.values())
    peaks = RUNS["temporal-order"].sel(threshold=1.0, length=20).max("update").median("seed")
    assert (peaks.hidden >= 1).all() and (peaks.output < np.log10(5)).all()


def test_the_desk_at_its_start_shows_what_is_said_of_it():
    """What it records, and what its recordings of longer sequences hold: five seeds, 2,000 updates."""
    recorded = RUNS["temporal-order"].sel(threshold=1.0).isel(seed=slice(5)).sel(update=slice(2000))
    last = 10 ** recorded.error.isel(update=-1)
    start = last.sel(length=20)
    assert (start.sel(clip=["hidden", "both", "joint"]) < 0.01).all()
    stay = abs(start.sel(clip=["none", "output"]) - np.log(4)) < 0.4
    assert (stay.sum("seed") >= 3).all()
    assert (last.sel(length=[30, 50], clip=["none", "output"]) > 1).all()
    assert (recorded.hidden.sel(length=20).max(("seed", "update")) >= 1).all()
    unclipped = recorded[["hidden", "output"]].sel(length=20, clip="none")
    assert max(unclipped.max().values()) < 2  # a threshold of 100 clips nothing


def test_at_a_tight_threshold_clipping_the_output_layer_costs():
    for length in RUNS["temporal-order"].length.values:
        found = solved(length, 0.1)
        if length >= 20:
            assert found["hidden"] > found["both"] >= found["joint"]


def test_of_long_sequences_no_unclipped_network_begins_to_learn():
    unclipped = RUNS["temporal-order"].error.sel(threshold=1.0, clip="none", length=[50, 60])
    assert 10 ** unclipped.min() > 0.99 * np.log(4)


def test_at_a_loose_threshold_nobody_learns_long_sequences():
    assert not any(sum(solved(length, 10.0).values()) for length in (25, 30, 40, 50, 60, 80, 100))


def test_no_network_diverged():
    assert not any(RUNS[group].diverged.any() for group in RUNS)
