"""What a backward closure will read: found by walking through the closure."""
import functools
from collections.abc import Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

from tinyseq.backend.strict.array import Array
from tinyseq.backend.strict.memory import Token


def saved(held: Any, name: str) -> Token:
    """While the token lives, writing into an array that `held` reaches raises StrictError and names `name`.

    held   a function with its closure, or arrays, in lists, tuples, dicts, and in attributes of objects (but not of
           objects inside objects: that could be the whole program)"""
    memories = {id(array.memory): array.memory for array in _arrays(held, set(), in_object=False)}
    return Token(list(memories.values()), name)


def _arrays(thing: Any, seen: set[int], in_object: bool) -> Iterator[Array]:
    """All device arrays that can be reached from a thing."""
    if isinstance(thing, Array):
        yield thing
    elif id(thing) not in seen:
        seen.add(id(thing))
        parts = _parts(thing)
        if parts is None and not in_object and not isinstance(thing, type | ModuleType):
            parts, in_object = vars(thing).values() if hasattr(thing, "__dict__") else (), True
        for part in parts or ():
            yield from _arrays(part, seen, in_object)


def _parts(thing: Any) -> Iterable[Any] | None:
    """What a container or a function holds; None for other things."""
    if isinstance(thing, list | tuple | set | frozenset):
        return thing
    if isinstance(thing, dict):
        return thing.values()
    if isinstance(thing, functools.partial):
        return [thing.func, thing.args, thing.keywords]
    if isinstance(thing, MethodType):
        return [thing.__self__, thing.__func__]
    if isinstance(thing, FunctionType):
        return [thing.__defaults__, thing.__kwdefaults__, *_contents(thing.__closure__ or ())]
    return None


def _contents(cells: Any) -> Iterator[Any]:
    for cell in cells:
        try:
            yield cell.cell_contents
        except ValueError:                     # a name that has no value yet
            continue
