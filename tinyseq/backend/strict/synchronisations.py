"""Where the host would wait for the device.

A GPU computes while Python runs ahead. Whoever asks for a number stops that: the queue must be empty before the answer
is known. A training step should not ask.
"""
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = str(Path(__file__).parent)
MACHINERY = (FOLDER, str(Path(__file__).parents[1] / "on_strict.py"))


class Synchronisations:
    """What `synchronisations()` saw, in all threads: a line "file:line  what asked" for each."""

    def __init__(self) -> None:
        self.places: list[str] = []

    @property
    def count(self) -> int:
        """How often the host waited."""
        return len(self.places)

    def __str__(self) -> str:
        return f"{self.count} synchronisations" + "".join(f"\n  {place}" for place in self.places)


_watching: list[Synchronisations] = []


@contextmanager
def synchronisations() -> Iterator[Synchronisations]:
    """with synchronisations() as seen: ...; seen.count and seen.places say where the host waited for the device."""
    seen = Synchronisations()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def synchronised(what: str) -> None:
    """To be called wherever the host waits for the device."""
    for seen in list(_watching):
        seen.places.append(f"{_caller()}  {what}")


def _caller() -> str:
    """The nearest line outside this room."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(MACHINERY):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
