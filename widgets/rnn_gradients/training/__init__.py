"""Training, live: networks that differ in nothing but what is clipped. Only here is torch imported."""

from .desk import TrainingDesk, train_live
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
