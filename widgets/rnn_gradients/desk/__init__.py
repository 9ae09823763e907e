"""The training desk: set a comparison up, press Train, and watch networks learn or blow up."""

import atexit
import inspect
import numbers
import pathlib
import threading
import time
import weakref

import ipywidgets
import numpy as np
import traitlets
import xarray as xr
from ipywidgets import Widget, widget_serialization

from ..engine import checks
from ..explorers.controls import LIST, SLIDER, Control, keywords, parameters
from ..explorers.explorer import ROW, figure_of
from ..explorers.finished_runs import stored_runs
from ..explorers.rules import by_rule, column_table, errors_panel, gradients_panel
from ..lookup import LookupFigure, ShareBar, join
from ..lookup.widget import PageWidget
from ..training.ensemble import RULES
from ..training.layers import NONLINEARITIES
from ..training.runs import CELLS, Run, curves
from ..training.tasks import TASKS, Forecast

__all__ = ["CONTROLS", "TrainingDesk", "train_live"]

STEPS = 2000
BETWEEN = 0.25  # seconds of training from one drawing to the next, at least
DRAWING = 0.07  # of the time that may go into drawing, at most
CONTROLS = {
    Control("task", "Task", LIST, "temporal-order", "A name among `TASKS`.", 280): tuple(TASKS),
    Control("cell", "Cell", LIST, "rnn", "``rnn`` or ``lstm``.", 130, {"rnn": "RNN", "lstm": "LSTM"}): CELLS,
    Control(
        "activation",
        "Activation",
        LIST,
        "tanh",
        "``tanh``, ``sigmoid`` or ``relu``; an LSTM has its own.",
        180,
        {"relu": "ReLU"},
    ): tuple(NONLINEARITIES),
    Control(
        "eigenvalue",
        "Eigenvalue of W at the start",
        SLIDER,
        0.95,
        "Leading eigenvalue of W at the start: 0.5 to 1.5 in steps of 0.05.",
        340,
    ): tuple(round(0.05 * k, 2) for k in range(10, 31)),
    Control(
        "length",
        "Sequence length",
        SLIDER,
        20,
        "Steps of a sequence; see the slider for those on offer, here and below.",
        270,
        row=1,
    ): (10, 15, 20, 25, 30, 40, 50, 60, 80, 100),
    Control("threshold", "Clip threshold", SLIDER, 1.0, "Of clipping.", 250, row=1): (
        *(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0),
    ),
    Control("learning_rate", "Learning rate", SLIDER, 0.1, "Of every rule.", 250, row=1): (
        *(0.001, 0.003, 0.01, 0.03, 0.05, 0.1, 0.3, 1.0),
    ),
    Control("seeds", "Networks to a rule", SLIDER, 5, "How many.", 280, row=1): tuple(range(1, 11)),
}
"""The controls of the desk, and what each can be set to."""
_desks = weakref.WeakSet()
_lock = threading.RLock()  # Train may be pressed on several threads; training itself never asks for it


@atexit.register
def _stop_all() -> None:
    """Let no thread be inside torch when Python ends."""
    for desk in list(_desks):
        desk.stop()


def train_live(**settings) -> "TrainingDesk":
    """Open a desk at which networks are trained while you watch; the arguments are what it is set to.

    All are trained for {steps:,} updates, with 50 units and batches of 32. One desk trains at a time: a new
    desk, or *Train* on another one, stops it. Interrupting the kernel does not; *Stop* does. On a page
    without a kernel, a desk at which nothing was trained plays a recording, if there is one of its settings.

    Parameters
    ----------
    {parameters}

    Returns
    -------
    TrainingDesk

    Raises
    ------
    ValueError
        If there is no such setting, or it has no such position.
    """
    position = {control.name: control.start for control in CONTROLS}
    for name, value in settings.items():
        if name not in position:
            raise checks.refuse("setting", name, ", ".join(position))
        position[name] = value
    return TrainingDesk(position)


train_live.__signature__ = inspect.Signature(keywords(CONTROLS))
train_live.__doc__ = inspect.cleandoc(train_live.__doc__).format(steps=STEPS, parameters=parameters(CONTROLS))


STYLE = """
.training-status { line-height: var(--jp-widgets-inline-height, 28px); flex: 1 0 100%; }
.training-desk:has(.training-recorded) > .training-live,
.training-desk:not(:has(.training-recorded)) > .training-recording { display: none; }
"""


class Status(PageWidget):
    """A line of words; where there is no kernel, it says what to do, and plays the recording."""

    _esm = (pathlib.Path(__file__).parent / "status.js").read_text()
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    recording = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)
    frames = traitlets.Int(0).tag(sync=True)


class Position(ipywidgets.Widget):
    """What the controls are set to, as their indices: where the page's address finds it."""


class TrainingDesk(ipywidgets.VBox):
    """Controls, *Train* and *Stop*, and a figure that follows the training.

    Attributes
    ----------
    controls : dict
        The widgets of the settings, and ``train`` and ``stop``.
    figure : LookupFigure
    recording : LookupFigure or None
        What is shown in its place where there is no kernel.
    run : Run or None
        The last training: once it is done or stopped, ``desk.run.dataset()`` gives what was recorded.
    """

    title = "The training desk"
    status = None
    _last_words = ""

    def __init__(self, start: dict):
        self.run, self._thread, self._stopping = None, None, threading.Event()
        self.controls = {
            each.name: each.widget(allowed, _checked(each.name, start[each.name], allowed))
            for each, allowed in CONTROLS.items()
        }
        self.controls["cell"].observe(self._follow_cell, "value")
        self._follow_cell()
        self.controls["train"] = ipywidgets.Button(description="Train", button_style="primary")
        self.controls["train"].add_class("training-train")
        self.controls["stop"] = ipywidgets.Button(description="Stop", disabled=True)
        self.controls["train"].on_click(lambda _: self.train())
        self.controls["stop"].on_click(lambda _: self.stop())
        self.progress = ipywidgets.FloatProgress(0, max=1, layout={"width": "220px"})
        empty = xr.DataArray(np.full((len(RULES), 1, 2), np.nan), dims=("clip", "seed", "update"))
        nothing = xr.Dataset(dict.fromkeys(("error", "hidden", "output"), empty), {"update": [1, STEPS]})
        self.figure = _figure(_table(nothing, start["threshold"], "Nothing trained yet."), "training-live")
        self.recording = _recording(start)
        for figure in filter(None, (self.figure, self.recording)):
            figure.controls = list(self.controls.values())
        self.status = Status(
            value=_invitation(start["seeds"]),
            recording=self.recording,
            frames=self.recording.data.sizes["done"] if self.recording else 0,
        )
        self.status.add_class("training-status").add_class("lookup-control")
        rows = {}
        for each in CONTROLS:
            rows.setdefault(each.row, []).append(self.controls[each.name])
        last = [self.controls["train"], self.controls["stop"], self.progress, self.status]
        self._boxes = [ipywidgets.Box(some, layout=ROW) for some in (*rows.values(), last)]
        self._bar = self._share()
        super().__init__([*self._boxes, *filter(None, (self.figure, self.recording)), self._bar])
        self.add_class("training-desk")
        self._stop_others()
        _desks.add(self)

    @property
    def settings(self) -> dict:
        """What the controls are set to."""
        return {each.name: self.controls[each.name].value for each in CONTROLS}

    def _share(self) -> ShareBar:
        """Make the bar that hands the settings on."""
        self._position = Position()
        self._position.add_traits(**{each.name: traitlets.Int(0).tag(sync=True) for each in CONTROLS})
        self._links = [
            join((self.controls[each.name], "index"), (self._position, each.name)) for each in CONTROLS
        ]
        return ShareBar(
            self._position,
            "train_live",
            {each.name: each.start for each in CONTROLS},
            prefix="desk.",
            coordinates={each.name: np.array(allowed) for each, allowed in CONTROLS.items()},
        )

    def train(self) -> None:
        """Start training, as the button does; nothing happens at a desk that trains, or is closed."""
        with _lock:
            if self not in _desks or (self._thread is not None and self._thread.is_alive()):
                return
            self._stop_others()
            settings, self._stopping = self.settings, threading.Event()
            self.run = Run(steps=STEPS, **settings)
            self.status.recording = None
            self.controls["train"].disabled, self.controls["stop"].disabled = True, False
            self.progress.bar_style = ""
            arguments = (self.run, settings, self._stopping)
            self._thread = threading.Thread(target=self._work, args=arguments, name="training", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop training and keep what was trained; returns when it has stopped."""
        self._stopping.set()
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            self.status.value = "Stopping after this update"
            thread.join()
            self.status.value = self._last_words  # it may have said them just before

    def _follow_cell(self, _=None):
        """An LSTM has activations of its own."""
        self.controls["activation"].disabled = self.controls["cell"].value == "lstm"

    def _stop_others(self):
        for desk in list(_desks):
            if desk is not self:
                desk.stop()

    def close(self):
        """Stop, and close the figure and the controls."""
        with _lock:  # or it could be told to train meanwhile
            _desks.discard(self)
        self.stop()
        if self.status is not None:  # or its settings were refused
            self.status.when_loaded(lambda: self._bar.when_loaded(self._close_widgets))

    def _close_widgets(self):
        super().close()  # first what refers to others: in the page, it would miss what is closed before it
        figures = filter(None, (self.figure, self.recording))
        others = (*self.controls.values(), self.progress, *self._links, self._position)
        for widget in (self._bar, *self._boxes, self.status, *figures, *others):
            widget.close()

    def _work(self, run, settings, stopping):
        """Train and draw in turns, on a thread of its own."""
        failure, pause = None, BETWEEN
        started = time.monotonic()
        try:
            while not run.finished and not stopping.is_set():
                until = time.monotonic() + pause
                while time.monotonic() < until and not run.finished and not stopping.is_set():
                    run.advance(1)
                drawing = time.monotonic()
                if run.done:  # or Stop came before the first update
                    self._draw(run, settings, drawing - started)
                pause = max(BETWEEN, (time.monotonic() - drawing) / DRAWING)
        except Exception as error:  # told at the desk: nobody sees a thread's traceback
            failure = error
        finally:
            run.rest()
            self.controls["train"].disabled, self.controls["stop"].disabled = False, True
            self.progress.bar_style = "danger" if failure else "success" if run.finished else "warning"
            done = f"{run.done:,} of {run.steps:,} updates in {time.monotonic() - started:.1f} s"
            words = "Done" if run.finished else "Stopped"
            self._last_words = f"Failed: {failure}" if failure else f"{words}: {done}."
            self.status.value = self._last_words

    def _draw(self, run, settings, seconds):
        left = seconds / run.done * (run.steps - run.done)
        self.progress.value = run.done / run.steps
        self.status.value = (
            f"{run.done:,} of {run.steps:,} updates; about {left:.0f} s left. "
            "Stop ends it; interrupting the kernel does not."
        )
        history = run.history()
        table = _table(curves(history, run.steps), settings["threshold"], _sentence(history, run, settings))
        self.figure.show_data(table)


def _figure(table: xr.Dataset, name: str, start: dict | None = None) -> LookupFigure:
    panels = (errors_panel(RULES, STEPS, (-4.1, 1.3, 1)), gradients_panel(RULES, STEPS))
    return figure_of(panels, table, start=start, caption=["sentence"]).add_class(name)


def _table(thinned: xr.Dataset, threshold: float, sentence: str) -> xr.Dataset:
    table = column_table(thinned, STEPS, xr.DataArray(threshold))
    table["sentence"] = xr.DataArray(sentence)
    return table


def _recording(settings: dict) -> LookupFigure | None:
    """Show finished runs of these settings as they were after so many updates; None if there are none."""
    runs, varied = stored_runs(), ("length", "threshold", "seeds")
    stored = all(settings[each.name] == each.start for each in CONTROLS if each.name not in varied)
    if not stored or any(settings[name] not in runs[name] for name in ("length", "threshold")):
        return None
    at = {"length": settings["length"], "threshold": settings["threshold"]}
    here = runs[["error", "hidden", "output"]].sel(at).sel(seed=range(settings["seeds"]), update=slice(STEPS))
    done = here["update"].rename(update="done")
    table = column_table(here.where(here["update"] <= done), STEPS, xr.DataArray(settings["threshold"]))
    medians = 10 ** here["error"].median("seed")
    table["sentence"] = (
        "done",
        [
            f"A recording of {_told(settings)}, after {update:,} updates: median error, by what is clipped: "
            + by_rule({rule: f"{float(medians.sel(clip=rule, update=update)):.2g}" for rule in RULES})
            + "."
            for update in done.values.tolist()
        ],
    )
    return _figure(table, "training-recording", {"done": int(done[-1])})


def _invitation(seeds) -> str:
    networks = f"{seeds} network{'s' * (seeds > 1)}"
    return f"Press Train: {len(RULES)} rules of clipping, {networks} each, start from the same weights."


def _sentence(history: xr.Dataset, run: Run, settings: dict) -> str:
    """Say how the networks of each rule are doing."""
    last = history.isel(step=slice(-50, None))
    if isinstance(run.task, Forecast):
        # who diverged counts as well
        errors = last["absolute_error"].mean("step", skipna=False).fillna(np.inf).median("seed")
        told = by_rule({rule: f"{float(errors.sel(clip=rule)):.2f}" for rule in RULES})
        what = "median error of a forecast, in standard deviations"
    else:
        good = (last["accuracy"].mean("step") >= 0.99).sum("seed")
        told = by_rule({rule: str(int(good.sel(clip=rule))) for rule in RULES})
        what = f"networks of {settings['seeds']} that are right in 99 % of cases"
    return f"{_told(settings)}, after {run.done:,} updates: {what}, by what is clipped: {told}."


def _told(settings: dict) -> str:
    words = {each.name: each.said(settings[each.name]) for each in CONTROLS}
    unit = words["cell" if settings["cell"] == "lstm" else "activation"]
    return (
        f"{words['task']}, {unit}, length {words['length']}, threshold {words['threshold']}, "
        f"rate {words['learning_rate']}, eigenvalue {words['eigenvalue']}"
    )


def _checked(name: str, value: object, allowed: tuple) -> object:
    plain = isinstance(value, str | numbers.Real) and not isinstance(value, bool)
    if not plain or value not in allowed:
        raise checks.refuse(name, value, ", ".join(map(str, allowed)))
    return allowed[allowed.index(value)]
