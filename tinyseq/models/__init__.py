"""The models of the chapters, one page each: equations, Config, a TINY config, PRESETS, the class.

`find(name)` gives a page; each has Config, TINY, PRESETS, Model and a docstring whose first line names the chapter.
"""
from importlib import import_module
from types import ModuleType

NAMES = ("char_rnn", "char_lstm", "char_gru", "sine_forecaster")


def find(name: str) -> ModuleType:
    """The page of a model. Raises ValueError for an unknown name, listing the known ones."""
    if name not in NAMES:
        raise ValueError(f"there is no model {name!r}; the models are {', '.join(NAMES)}")
    return import_module(f"tinyseq.models.{name}")
