"""How much faster networks train together than one after the other, and what drawing them live costs.

Run as ``python -m benchmarks.training`` (or ``make benchmarks``).
"""

import time
from statistics import median

import numpy as np
from rnn_gradients.desk import STEPS
from rnn_gradients.training import TASKS, Run, train_live
from rnn_gradients.training.ensemble import RULES, Ensemble, initial_weights, members
from rnn_gradients.training.runs import one_thread

from tests.alone import Alone

ROUNDS, UPDATES = 5, 20
TASK = TASKS["temporal-order"]


def seconds(act, *arguments):
    start = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - start


def compare(cell, length, units, batch):
    """Seconds an update of 25 networks: together, one after the other, and their ratio."""
    everyone = members(RULES, [1.0], [0.1], range(5))
    ensemble = Ensemble(TASK, everyone, cell=cell, length=length, hidden_size=units, batch_size=batch)
    weights = [initial_weights(TASK, cell, units, 0.95, 0, member.seed) for member in everyone]
    alone = [Alone(TASK, w, cell, "tanh", member) for w, member in zip(weights, everyone, strict=True)]
    rng = np.random.default_rng(0)
    batches = [TASK.sample(rng, batch, length) for _ in range(UPDATES)]

    def together():
        for _ in batches:
            ensemble.update()

    def one_by_one():
        for network in alone:
            for batch in batches:
                network.update(*batch)

    rounds = []
    with one_thread():
        for _ in range(ROUNDS):
            fast, slow = seconds(together) / UPDATES, seconds(one_by_one) / UPDATES
            rounds.append((fast, slow, slow / fast))
    return [median(values) for values in zip(*rounds, strict=True)]


def live():
    """Seconds of a whole run with and without a desk that draws it, and until the first points are there."""
    settings = {"task": "temporal-order", "length": 20, "seeds": 5}
    rounds = []
    for _ in range(3):
        run, desk = Run(steps=STEPS, **settings), train_live(**settings)
        plain = seconds(run.advance, STEPS)
        start = time.perf_counter()
        desk.train()
        while not np.isfinite(desk.figure.data["networks"]).any():
            time.sleep(0.005)
        first = time.perf_counter() - start
        desk._thread.join()
        rounds.append((plain, time.perf_counter() - start, first))
        desk.close()
    return [median(values) for values in zip(*rounds, strict=True)]


def main():
    print(f"{'25 networks; ms an update':40}{'together':>12}{'one by one':>12}{'ratio':>8}")
    for cell, length, units, batch in (
        ("rnn", 20, 50, 32),
        ("rnn", 50, 50, 32),
        ("lstm", 30, 32, 16),
        ("lstm", 50, 50, 32),
    ):
        fast, slow, ratio = compare(cell, length, units, batch)
        name = f"{cell}, {units} units, length {length}, batch {batch}"
        print(f"{name:40}{1e3 * fast:12.1f}{1e3 * slow:12.1f}{ratio:8.1f}")
    plain, drawn, first = live()
    print(f"\n{STEPS:,} updates of 25 networks, length 20: {plain:.1f} s; at the desk {drawn:.1f} s")
    print(f"ratio {drawn / plain:.2f}; first points after {first:.2f} s")


if __name__ == "__main__":
    main()
