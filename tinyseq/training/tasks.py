"""The tasks by name. A model names its task; the page of the task has its batches and its measure."""
from importlib import import_module
from typing import Any

PAGES = {"characters": "CharacterTask", "forecasting": "ForecastingTask", "words": "WordTask", "masked": "MaskedTask",
         "tagging": "TaggingTask", "entities": "EntityTask", "classification": "ClassificationTask",
         "sentences": "SentenceTask", "pronunciation": "PronunciationTask",
         "translation": "TranslationTask", "pairs": "PairTask", "images": "ImageTask"}


class Stateless:
    """A task in which a step hands nothing to the next: its number says which batch it has."""

    def after(self, batch: Any) -> None:
        """Nothing is carried from step to step."""

    def state_dict(self) -> dict[str, Any]:
        """Nothing for a checkpoint."""
        return {}

    def load_state_dict(self, model: Any, arrays: dict[str, Any]) -> None:
        """Nothing to take back."""


def find(name: str) -> Any:
    """The class of a task."""
    return getattr(import_module(f"tinyseq.training.{name}"), PAGES[name])


def unchanged(task: Any, saved: dict[str, Any] | None, what: str) -> Any:
    """The task. Raises ValueError if the data are no longer those that a run (`saved`, its .saved then) knew."""
    if saved and saved != task.saved:
        raise ValueError(f"the {what} of {task.name} are no longer those that this run was trained on: put the data "
                         "back, or train a new run")
    return task


def check_sizes(task: Any, config: dict[str, Any], saved: dict[str, Any]) -> None:
    """Raise ValueError if the vocabularies that a run noted (`saved`) are none, or have other sizes than its model's
    config."""
    try:
        sizes = task.sizes_of(saved) if hasattr(task, "sizes_of") else {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"config.json is damaged: there is no vocabulary in what it notes about the data ({error}); "
                         "train a new run") from None
    for name, size in sizes.items():
        if config.get(name) != size:
            raise ValueError(f"config.json has data of another vocabulary: {name} is {size} there and "
                             f"{config.get(name)} in the model; take back the config.json that the run was made with, "
                             "or train a new run")
