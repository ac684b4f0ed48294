"""Memory, which an array and its views share, and who counts on what stands in it."""
from threading import RLock
from typing import Any

import numpy as np

from tinyseq.backend.strict.rules import StrictError


class Memory:
    """What an array and all its views look into."""
    __slots__ = ("saved_by",)

    def __init__(self) -> None:
        self.saved_by: list[str] = []          # the ops whose backward pass will read it

    def check_writable(self, action: str) -> None:
        """Raises StrictError where a backward pass counts on the memory."""
        if self.saved_by:
            raise StrictError(f"{action} would change an array that {self.saved_by[-1]!r} needs in its backward pass: "
                              "write into a copy (.copy()), or after the graph is freed")


class Token:
    """While it lives, these memories are saved for the backward pass of `name`."""

    def __init__(self, memories: list[Memory], name: str):
        self.memories, self.name = memories, name
        with _lock:
            for memory in memories:
                memory.saved_by.append(name)

    def __del__(self) -> None:
        with _lock:
            for memory in self.memories:
                memory.saved_by.remove(self.name)


_lock = RLock()                                # a token may go in the middle of making another


def owner(values: Any) -> Any:
    """What holds the memory that `values` looks into (as_strided puts an object that is no array in between)."""
    while getattr(values, "base", None) is not None:
        values = values.base
    return values


def memory_of(values: np.ndarray, sources: Any) -> Memory:
    """The memory of a result: that of the source it is a view of or simply is (asarray, astype(copy=False)), or its
    own."""
    for source in sources:
        if owner(source.values) is owner(values):
            return source.memory
    return Memory()
