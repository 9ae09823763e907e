"""Training runs: many networks side by side, in chunks, as one xarray.Dataset."""

import contextlib
import numbers
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
import xarray as xr

from .. import checks
from .ensemble import RULES, Ensemble, members
from .layers import ACTIVATIONS
from .sunspots import MEAN, SPREAD, unseen_windows
from .tasks import TASKS, Forecast, Task

__all__ = ["Run", "curves", "train"]

CHUNK = 50
TOP = 38.5  # log10 of the largest 32-bit number, and where what is none is drawn
CELLS = ("rnn", "lstm")
OPTIMIZERS = ("sgd", "adam")


def train(
    task: str | Task = "temporal-order",
    cell: str = "rnn",
    activation: str = "tanh",
    length: int = 20,
    clip: str | Sequence[str] = RULES,
    threshold: float | Sequence[float] = 1.0,
    learning_rate: float | Sequence[float] = 0.1,
    eigenvalue: float = 0.95,
    hidden_size: int = 50,
    batch_size: int = 32,
    steps: int = 2000,
    seeds: int | Sequence[int] = 5,
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
    clip : str or sequence of str
        Rules: ``"none"``, ``"hidden"``, ``"output"``, ``"both"`` (each by its own norm), ``"joint"`` (one
        norm).
    threshold, learning_rate : float or sequence of float
        Above 0. A sequence becomes a dimension of the result.
    eigenvalue : float
        Leading eigenvalue of W at the start.
    hidden_size, batch_size, steps : int
        Units; sequences in a batch; updates.
    seeds : int or sequence of int
        How many networks to each rule, or a sequence of their seeds; they differ in their first weights and
        in what they see.
    progress : callable, optional
        Called with the `Run` after every few updates; the training ends early where it returns False.
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
    run = Run(settings.pop("task"), steps=settings.pop("steps"), **_without(settings, "progress"))
    while not run.finished:
        run.advance(CHUNK)
        if progress is not None and progress(run) is False:
            break
    return run.dataset()


def _without(settings, name):
    return {key: value for key, value in settings.items() if key != name}


class Run:
    """A training that can be carried on and looked at in between.

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
        clip = [clip] if isinstance(clip, str) else list(clip)
        coordinates = {
            "clip": [checks.choice("clip", rule, RULES) for rule in clip],
            "threshold": _numbers("threshold", threshold),
            "learning_rate": _numbers("learning_rate", learning_rate),
            "seed": _seeds(seeds),
        }
        for name, values in coordinates.items():
            if not values or len(set(values)) < len(values):
                raise checks.refuse(name, values, "at least one, and none twice")
        _check(self.task, **settings)
        self.settings = {"task": self.task, "steps": steps, **settings}
        self._coordinates = coordinates
        self._scalars = [
            name
            for name, given in (("threshold", threshold), ("learning_rate", learning_rate))
            if isinstance(given, numbers.Real)
        ]
        self._history = {}
        with one_thread():
            self._ensemble = Ensemble(self.task, members(*coordinates.values()), **settings)

    @property
    def done(self) -> int:
        """Updates made so far."""
        return self._ensemble.updates

    @property
    def finished(self) -> bool:
        """Whether all are made."""
        return self.done >= self.steps

    def advance(self, updates: int) -> None:
        """Train on for so many updates, or to the end."""
        with one_thread():
            for _ in range(min(updates, self.steps - self.done)):
                record = self._ensemble.update()
                for name, values in record.items():
                    if name not in self._history:
                        self._history[name] = np.empty((len(values), self.steps), values.numpy().dtype)
                    self._history[name][:, self.done - 1] = values

    def history(self) -> xr.Dataset:
        """Give what was recorded so far; see `dataset`."""
        shape = [len(values) for values in self._coordinates.values()]
        found = {}
        for name, values in self._history.items():
            values = values[:, : self.done].reshape(*shape, self.done)
            if name.endswith("_norm"):
                with np.errstate(divide="ignore"):
                    name, values = f"log10_{name}", np.log10(values)
            found[name] = ((*self._coordinates, "step"), values)
        history = xr.Dataset(found, {**self._coordinates, "step": np.arange(1, self.done + 1)})
        return history.squeeze(self._scalars)

    def dataset(self) -> xr.Dataset:
        """Give all that was recorded, and how the networks do on fresh examples.

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
        with one_thread():
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
            errors = self.task.error(outputs, torch.as_tensor(targets)).median(-1).values
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
        38.5 where there is no finite one, NaN where there was no update yet.
    """
    edges = np.unique(np.linspace(0, steps, points + 1).round().astype(int))
    done = history.sizes["step"]
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
    """Keep torch to one thread: the products are small, and handing them out costs more than it saves."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _task(given) -> Task:
    if isinstance(given, Task):
        return given
    return TASKS[checks.choice("task", given, TASKS)]


def _numbers(name, given) -> list[float]:
    values = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    return [checks.number(name, value, positive=True) for value in values]


def _seeds(given) -> list[int]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        return [checks.whole("seeds", seed, least=0) for seed in given]
    return list(range(checks.whole("seeds", given)))


def _check(
    task,
    cell="rnn",
    activation="tanh",
    length=20,
    eigenvalue=0.95,
    hidden_size=50,
    batch_size=32,
    optimizer="sgd",
    readout=0,
) -> None:
    checks.choice("cell", cell, CELLS)
    checks.choice("activation", activation, ACTIVATIONS)
    checks.choice("optimizer", optimizer, OPTIMIZERS)
    checks.whole("length", length, least=task.shortest)
    if task.longest and length > task.longest:
        raise checks.refuse("length", length, f"at most {task.longest}")
    checks.number("eigenvalue", eigenvalue)
    checks.whole("hidden_size", hidden_size)
    checks.whole("batch_size", batch_size)
    checks.whole("readout", readout, least=0)
