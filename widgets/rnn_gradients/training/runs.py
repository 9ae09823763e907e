"""Training runs: many networks side by side, in chunks, as one xarray.Dataset."""

import contextlib
import math
import threading
from collections.abc import Callable, Iterable

import numpy as np
import torch
import xarray as xr
from threadpoolctl import ThreadpoolController

from ..engine import checks
from .ensemble import BLOCK, RULES, Ensemble, members
from .layers import NONLINEARITIES
from .sunspots import MEAN, SPREAD, unseen_windows
from .tasks import TASKS, Forecast, Task

__all__ = ["Run", "curves", "train"]

CHUNK = 50
TOP = 38.5  # log10 of the largest 32-bit number; what is not finite is drawn there
CELLS = ("rnn", "lstm")
OPTIMIZERS = ("sgd", "adam")
POSITIVE = (1e-30, 1e30)  # what 32 bits hold well
LAST_SEED = 2**63 - 1  # of 64 bits, as coordinates are
OPENMP = ThreadpoolController().select(user_api="openmp")  # of the libraries that are loaded: so after torch


def train(
    task: str | Task = "temporal-order",
    cell: str = "rnn",
    activation: str = "tanh",
    length: int = 20,
    clip: str | Iterable[str] = RULES,
    threshold: float | Iterable[float] = 1.0,
    learning_rate: float | Iterable[float] = 0.1,
    eigenvalue: float = 0.95,
    hidden_size: int = 50,
    batch_size: int = 32,
    steps: int = 2000,
    seeds: int | Iterable[int] = 5,
    progress: Callable[["Run"], bool | None] | None = None,
    *,
    optimizer: str = "sgd",
    readout: int = 0,
) -> xr.Dataset:
    """Train networks that differ in what is clipped, and record what becomes of them.

    Parameters
    ----------
    task : str or Task
        A name among `TASKS`, or a task of your own setting: ``Forecast("sines", outliers=0.02)``.
    cell : {"rnn", "lstm"}
    activation : {"tanh", "sigmoid", "relu"}
        Of the plain network; an LSTM has its own.
    length : int
        Steps of a sequence.
    clip : str or iterable of str
        Rules: ``"none"``, ``"hidden"``, ``"output"``, ``"both"`` (each by its own norm), ``"joint"`` (one
        norm).
    threshold, learning_rate : float or iterable of float
        Above 0. Several become a dimension of the result, in the order given.
    eigenvalue : float
        Leading eigenvalue of W at the start.
    hidden_size, batch_size, steps : int
        Units; sequences in a batch; updates.
    seeds : int or iterable of int
        How many networks to each rule, or their seeds; they differ in their first weights and in what they
        see.
    progress : callable, optional
        Called with the `Run` after every few updates; the training ends early where it returns False, or
        anything false but None.
    optimizer : {"sgd", "adam"}
    readout : int
        Units of a ReLU layer between hidden and output layer, clipped with the output layer; 0 for none.

    Returns
    -------
    xarray.Dataset
        As `Run.dataset`.

    Raises
    ------
    ValueError
        If an argument is not allowed.
    """
    settings = dict(locals())
    progress = settings.pop("progress")
    if progress is not None and not callable(progress):
        raise checks.refuse("progress", progress, "a function, None")
    run = Run(**settings)
    while not run.finished:
        run.advance(CHUNK)
        answer = None if progress is None else progress(run)
        if answer is not None and not answer:
            break
    return run.dataset()


class Run:
    """A training that can be carried on and looked at in between.

    An interrupt in the middle of an update leaves what was recorded before it; such a run is not carried on.
    Several threads may share a run: they take turns, an update at a time.

    Parameters
    ----------
    task, steps, **settings
        As in `train`.

    Attributes
    ----------
    done, steps : int
        Updates made, and to be made.
    """

    def __init__(self, task, *, steps, clip=RULES, threshold=1.0, learning_rate=0.1, seeds=5, **settings):
        self.task = _task(task)
        self.steps = checks.whole("steps", steps)
        given = {"clip": clip, "threshold": threshold, "learning_rate": learning_rate, "seeds": seeds}
        found = {name: _values(name, value) for name, value in given.items()}
        self._scalars = [name for name in ("threshold", "learning_rate") if found[name][1]]
        self._coordinates = coordinates = {name: values for name, (values, _) in found.items()}
        coordinates["seed"] = coordinates.pop("seeds")
        settings = _checked(self.task, **settings)
        self.settings = {"task": self.task, "steps": self.steps, **settings}
        _check_memory(
            **self.settings, members=math.prod(map(len, coordinates.values())), seeds=len(coordinates["seed"])
        )
        self._history, self._done, self._whole = {}, 0, True
        self._lock = threading.RLock()  # one thread at a time changes the networks, or tests them
        with one_thread():
            self._ensemble = Ensemble(self.task, members(*coordinates.values()), **settings)

    @property
    def done(self) -> int:
        """Updates made so far."""
        return self._done

    @property
    def finished(self) -> bool:
        """Whether all are made."""
        return self.done >= self.steps

    def advance(self, updates: int) -> None:
        """Train on for so many updates, or to the end."""
        updates = checks.whole("updates", updates, least=0)
        with one_thread():
            for _ in range(min(updates, self.steps - self._done)):
                with self._lock:
                    self._update()

    def _update(self) -> None:
        if not self._whole:
            raise RuntimeError("this run was interrupted in the middle of an update: start another")
        if self.finished:  # by another thread
            return
        self._whole = False
        for name, recorded in self._ensemble.update().items():
            values = recorded.numpy()
            if name not in self._history:
                self._history[name] = np.empty((len(values), self.steps), values.dtype)
            self._history[name][:, self._done] = values
        self._done, self._whole = self._done + 1, True

    def rest(self) -> None:
        """Give back the memory that only training needs; `advance` takes it again."""
        with self._lock:
            self._ensemble.rest()

    def history(self) -> xr.Dataset:
        """Return what has been recorded so far; see `dataset`."""
        done = self._done  # once: another thread may be training
        shape = [len(values) for values in self._coordinates.values()]
        found = {}
        for name, values in self._history.items() if done else ():
            values = values[:, :done].reshape(*shape, done)
            if name.endswith("_norm"):
                with np.errstate(divide="ignore"):
                    name, values = f"log10_{name}", np.log10(values)
            found[name] = ((*self._coordinates, "step"), values)
        history = xr.Dataset(found, {**self._coordinates, "step": np.arange(1, done + 1)})
        return history.squeeze(self._scalars)

    def dataset(self) -> xr.Dataset:
        """Return all that was recorded, and how the networks do on fresh examples.

        Returns
        -------
        xarray.Dataset
            Along clip, (threshold, learning_rate,) seed and step: ``loss`` and ``accuracy`` of each update's
            batch, ``log10_hidden_norm`` and ``log10_output_norm`` of the gradients before clipping (infinite
            where a square overflows 32 bits, as in torch), ``diverged`` (from the update on after which loss
            or weights were no longer finite), for forecasts ``absolute_error`` (the median, in units of the
            unscaled series). Along clip and seed: ``test_accuracy`` on fresh examples; where a paper says
            what counts, ``solved``; for forecasts ``test_error``, the median absolute error.
            For sunspots: ``forecast`` of every month from 1950, and ``observed``, in sunspots.
        """
        with self._lock, one_thread():
            data = self.history().assign(self._tests())
        data.attrs = {key: str(value) for key, value in self.settings.items()}
        data["step"].attrs["long_name"] = "update"
        return data

    def _tests(self) -> xr.Dataset:
        dims, shape = tuple(self._coordinates), [len(values) for values in self._coordinates.values()]
        length = self._ensemble.length
        inputs, targets = self.task.fresh(length)
        outputs, accuracy = self._ensemble.test(inputs, targets)
        tests = xr.Dataset({"test_accuracy": (dims, accuracy.view(shape).numpy())}, self._coordinates)
        if self.task.solved_at is not None:
            tests["solved"] = tests.test_accuracy >= self.task.solved_at
        if isinstance(self.task, Forecast):
            errors = self.task.error(outputs, torch.as_tensor(targets)).quantile(0.5, dim=-1)
            tests["test_error"] = (dims, errors.view(shape).numpy())
        if isinstance(self.task, Forecast) and self.task.series == "sunspots":
            _, targets, months = unseen_windows(length)
            forecast = (outputs[..., 0] / self.task.scale).view(*shape, -1).numpy()
            tests["forecast"] = ((*dims, "month"), SPREAD * forecast + MEAN)
            tests["observed"] = ("month", SPREAD * targets + MEAN)
            tests["month"] = months.astype("datetime64[ns]")
        return tests.squeeze(self._scalars)


def curves(history: xr.Dataset, steps: int, points: int = 50) -> xr.Dataset:
    """Thin the record of a run out, so that it can be drawn.

    Parameters
    ----------
    history : xarray.Dataset
        As `Run.history`, perhaps of fewer updates than `steps`.
    steps : int
        Updates from end to end.
    points : int
        Into how many stretches of updates, as equal as can be, they are cut.

    Returns
    -------
    xarray.Dataset
        Along ``update``, the last of each stretch: log10 of the mean loss (of forecasts: of the mean of the
        median absolute error) as ``error``, and of the largest gradient norms as ``hidden`` and ``output``;
        between -45 (for zero) and 38.5 (for what is not finite, or the logarithm of a loss below 0); NaN
        where there was no update yet.
    """
    steps, points = checks.whole("steps", steps), _at_most(checks.MANY, "points", points)
    if not isinstance(history, xr.Dataset):
        raise checks.refuse("history", history, "an xarray.Dataset as of Run.history")
    done = history.sizes.get("step", 0)
    if not done:
        raise ValueError("history has no update; allowed: at least one")
    if not done <= steps <= 2**53:  # beyond, floats have no edges
        raise checks.refuse("steps", steps, f"from {done}, the updates of the history, to {2**53}")
    edges = np.unique(np.linspace(0, steps, points + 1).round().astype(int))
    starts = edges[:-1][edges[:-1] < done]
    counts = np.diff([*starts, done])
    mean_of = "absolute_error" if "absolute_error" in history else "loss"
    dims = history[mean_of].dims[:-1]
    with np.errstate(all="ignore"):
        found = {
            "error": np.log10(np.add.reduceat(history[mean_of].values, starts, axis=-1) / counts),
            "hidden": np.maximum.reduceat(history["log10_hidden_norm"].values, starts, axis=-1),
            "output": np.maximum.reduceat(history["log10_output_norm"].values, starts, axis=-1),
        }
    left = len(edges) - 1 - len(starts)
    variables = {}
    for name, values in found.items():
        values = np.clip(np.nan_to_num(values, nan=TOP), -45, TOP)
        padded = np.pad(values, [(0, 0)] * len(dims) + [(0, left)], constant_values=np.nan)
        variables[name] = ((*dims, "update"), padded)
    return xr.Dataset(variables, {**{dim: history[dim] for dim in dims}, "update": edges[1:]})


@contextlib.contextmanager
def one_thread():
    """Keep torch to one thread: the products are small, and handing them out costs more than it saves.

    OpenMP, by which torch hands work out, keeps a number for each thread; `torch.set_num_threads` sets that
    and what all threads to come start from. So here OpenMP itself is asked, and nobody else's is touched.
    """
    torch.get_num_threads()  # the first time in a thread, this sets the number
    with OPENMP.limit(limits=1):
        yield


def _task(given) -> Task:
    if isinstance(given, Task) and type(given) is not Task:
        return given
    return TASKS[checks.choice("task", given, TASKS)]


def _values(name, given) -> tuple[list, bool]:
    """Check one value or several; gives them as a list, and whether it was one."""
    values, alone = checks.several(name, given)
    if name == "clip":
        values = [checks.choice(name, value, RULES) for value in values]
    elif name == "seeds" and alone:
        values = list(range(_at_most(checks.MANY, name, *values)))
    elif name == "seeds":
        values = [_at_most(LAST_SEED, name, value, least=0) for value in values]
    else:
        values = [checks.within(name, value, *POSITIVE) for value in values]
    if not values or len(set(values)) < len(values):
        raise checks.refuse(name, values, "at least one, and none twice")
    return values, alone


def _at_most(most, name, value, least=1) -> int:
    if checks.whole(name, value, least) > most:
        raise checks.refuse(name, value, f"an integer from {least} to {most}")
    return int(value)


def _check_memory(task, cell, length, hidden_size, batch_size, readout, steps, members, seeds, **_) -> None:
    """Refuse what would run out of memory, by the numbers of 32 bits that are held at once, or nearly so."""
    gates, copies = (4, 7) if cell == "lstm" else (1, 2)  # copies: of h and what is computed on the way to it
    predictions, known = length if task.every_step else 1, task.training_set * length
    head = readout * (hidden_size + task.outputs) + (not readout) * hidden_size * task.outputs
    weights = gates * hidden_size * (hidden_size + task.inputs + 1) + head
    member = 8 * weights  # their gradients, clipped gradients and moments; and as they are drawn, of 64 bits
    member += batch_size * (length + 1) * (copies * hidden_size + 2 * task.inputs + 1)
    member += batch_size * predictions * (3 * hidden_size + 4 * readout + 6 * task.outputs)
    member += task.fresh_examples * predictions * (2 * task.outputs + 4)
    member += 8 * steps  # the history, and its logarithms
    sequences = (seeds * BLOCK * batch_size + task.fresh_examples) * length * (task.inputs + 8)
    numbers = members * member + sequences + 2 * known + 40 * hidden_size**2  # these while W is drawn
    asking = f"task, steps, length, batch_size, readout, hidden_size and {members} networks"
    checks.memory(asking, 4 * numbers)


def _checked(
    task,
    cell="rnn",
    activation="tanh",
    length=20,
    eigenvalue=0.95,
    hidden_size=50,
    batch_size=32,
    optimizer="sgd",
    readout=0,
) -> dict:
    length = checks.whole("length", length, least=task.shortest)
    if task.longest and length > task.longest:
        raise checks.refuse("length", length, f"at most {task.longest}")
    return {
        "cell": checks.choice("cell", cell, CELLS),
        "activation": checks.choice("activation", activation, NONLINEARITIES),
        "length": length,
        "eigenvalue": checks.within("eigenvalue", eigenvalue, -1000, 1000),
        "hidden_size": checks.whole("hidden_size", hidden_size),
        "batch_size": checks.whole("batch_size", batch_size),
        "optimizer": checks.choice("optimizer", optimizer, OPTIMIZERS),
        "readout": checks.whole("readout", readout, least=0),
    }
