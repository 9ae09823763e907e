"""How long the table of all slider positions takes, its memory, and the bytes that travel to the browser.

Run as ``python benchmarks/sweep.py``. Everything is measured on one core, each part in fresh processes, so
that nothing is warm and memory is that of the part alone (with Python and the imports). Nothing is asserted.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from statistics import median

RUNS = 3
SAMPLES_PER_LENGTH = 7  # of all positions; what one takes depends on its length most
ONE_CORE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def seconds(work) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def measure_sweep() -> dict:
    """Time one default sweep, cold, and the most memory that the process ever held."""
    from rnn_gradients import sweep

    taken = seconds(sweep)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    return {"seconds": taken, "bytes": unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def measure_ratio() -> dict:
    """Time the sweep and single positions by turns; what is said of all positions is extrapolated."""
    from rnn_gradients import backpropagate, network, sweep
    from rnn_gradients.engine.backpropagation import LOSSES
    from rnn_gradients.engine.networks import UNITS
    from rnn_gradients.engine.sweeps import EIGENVALUES, LENGTHS

    activations = sweep(eigenvalues=[1.0], lengths=[1]).activation.values.tolist()  # warms up, too
    count = len(EIGENVALUES) * len(activations) * len(UNITS) * len(LOSSES) * len(LENGTHS)
    choose = random.Random(0).choice
    sample = [
        (choose(EIGENVALUES), choose(activations), choose(UNITS), length, choose(LOSSES))
        for length in LENGTHS
        for _ in range(SAMPLES_PER_LENGTH)
    ]

    def one_at_a_time():
        for *position, loss_at in sample:
            backpropagate(*network(*position), loss_at)

    one_at_a_time()
    each, whole = zip(*((seconds(one_at_a_time), seconds(sweep)) for _ in range(RUNS)), strict=True)
    singly = [taken * count / len(sample) for taken in each]
    ratios = [a / b for a, b in zip(singly, whole, strict=True)]
    return {"positions": count, "sample": len(sample), "singly": singly, "sweep": whole, "ratio": ratios}


def measure_wire() -> dict:
    """Count the bytes that one explorer sends: its packed table, and plotly.js."""
    from rnn_gradients import explore_clipping

    figure = explore_clipping().figure
    packed = figure._table.content.values()
    table = sum(len(variable["values"]) + len(variable["categories"] or b"") for variable in packed)
    return {"table": table, "plotly": len(figure._plotly.content["js"])}


def in_a_fresh_process(part: str) -> dict:
    command = [sys.executable, __file__, part]
    done = subprocess.run(command, env=os.environ | ONE_CORE, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main() -> None:
    sweeps = [in_a_fresh_process("sweep") for _ in range(RUNS)]
    ratio, wire = in_a_fresh_process("ratio"), in_a_fresh_process("wire")
    times = [run["seconds"] for run in sweeps]
    rows = [
        ("default sweep, cold", f"{min(times):.2f} s", f"{median(times):.2f} s"),
        ("peak memory, MB", *(f"{f(run['bytes'] for run in sweeps) / 1e6:.0f}" for f in (min, median))),
        ("default sweep, warm", f"{min(ratio['sweep']):.2f} s", f"{median(ratio['sweep']):.2f} s"),
        ("one position at a time", f"{min(ratio['singly']):.1f} s", f"{median(ratio['singly']):.1f} s"),
        ("ratio of the last two", f"{min(ratio['ratio']):.1f}", f"{median(ratio['ratio']):.1f}"),
    ]
    print(f"{'':28}{'min':>12}{'median':>12}   of {RUNS}")
    for name, *values in rows:
        print(f"{name:28}" + "".join(f"{value:>12}" for value in values))
    print(f"\none position at a time: backpropagate at {ratio['sample']} of {ratio['positions']} positions")
    print(f"\n{'':28}{'bytes':>12}")
    for name, size in (wire | {"total": sum(wire.values())}).items():
        print(f"{name + ', gzipped':28}{size:>12,}")


if __name__ == "__main__":
    parts = {"sweep": measure_sweep, "ratio": measure_ratio, "wire": measure_wire}
    if sys.argv[1:]:
        print(json.dumps(parts[sys.argv[1]]()))
    else:
        main()
