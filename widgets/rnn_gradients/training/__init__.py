"""Training, live: networks that differ in nothing but what is clipped. Only here is torch imported."""

import importlib

from .runs import Run, curves, train
from .tasks import TASKS, Adding, Forecast, Parity, Task, TemporalOrder

__all__ = [
    "TASKS",
    "Adding",
    "Forecast",
    "Parity",
    "Run",
    "Task",
    "TemporalOrder",
    "TrainingDesk",
    "curves",
    "train",
    "train_live",
]


def __getattr__(name: str):
    """Import the desk, which imports this package, only when it is asked for."""
    if name in ("TrainingDesk", "train_live"):
        return getattr(importlib.import_module("rnn_gradients.desk"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
