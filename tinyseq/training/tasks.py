"""The tasks by name. A model names its task; the page of the task has its batches and its measure."""
from importlib import import_module
from typing import Any

PAGES = {"characters": "CharacterTask", "forecasting": "ForecastingTask"}


def find(name: str) -> Any:
    """The class of a task."""
    return getattr(import_module(f"tinyseq.training.{name}"), PAGES[name])
