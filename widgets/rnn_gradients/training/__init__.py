"""Training, live: real networks that differ in nothing but what is clipped. The only part that imports torch."""

from .runs import Run, train
from .tasks import TASKS, Adding, Forecast, Parity, Task, TemporalOrder

__all__ = ["TASKS", "Adding", "Forecast", "Parity", "Run", "Task", "TemporalOrder", "train"]
