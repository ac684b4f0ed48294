"""Array: what cupy.ndarray looks like from outside, over NumPy.

It is no subclass of numpy.ndarray, so that nothing on the host takes it for one. Operators and methods are added in
operators.py.
"""
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinyseq.backend.strict import api, fusing, indexing
from tinyseq.backend.strict.memory import Memory, memory_of
from tinyseq.backend.strict.rules import StrictError, check_numbers
from tinyseq.backend.strict.synchronisations import synchronised


class Array:
    """An array on the device.

    values   the numbers: a NumPy array that only this folder looks at
    memory   shared with all views of the same numbers"""
    __slots__ = ("__weakref__", "memory", "values")
    __hash__ = None                            # type: ignore[assignment]

    def __init__(self, values: np.ndarray, memory: Memory):
        self.values, self.memory = values, memory

    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    shape = property(lambda self: self.values.shape)
    size = property(lambda self: self.values.size)
    nbytes = property(lambda self: self.values.nbytes)
    itemsize = property(lambda self: self.values.itemsize)
    strides = property(lambda self: self.values.strides)
    flags = property(lambda self: self.values.flags)
    T = property(lambda self: wrapped(self.values.T, [self]))
    mT = property(lambda self: wrapped(self.values.mT, [self]))
    real = property(lambda self: wrapped(self.values.real, [self]))
    imag = property(lambda self: wrapped(self.values.imag, [self]))

    def __getattr__(self, name: str) -> Any:
        if name in api.API["attributes"] or name in api.API["methods"]:
            raise AttributeError(f".{name} is in CuPy's arrays alone, or means something else there than in NumPy's")
        raise AttributeError(f"CuPy's arrays have no .{name}")

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator["Array"]:
        return (self[i] for i in range(len(self.values)))

    def __getitem__(self, index: Any) -> "Array":
        fusing.check_pointwise("a[...]")
        return wrapped(indexing.read(self.values, index), [self])

    def __setitem__(self, index: Any, value: Any) -> None:
        if index is not Ellipsis:
            fusing.check_pointwise("a[index] = ...")
        self.memory.check_writable("a[...] = ...")
        fusing.note_write(self)
        indexing.write(self.values, index, value)

    # What brings numbers to the host: each waits for the device.

    def get(self, stream=None, order="C", out=None, blocking=True) -> np.ndarray:
        """A copy on the host."""
        synchronised("a whole array")
        return self.values.copy(order)

    def item(self) -> Any:
        """The only entry, as a Python number."""
        return self._number("item()").item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self._number("tolist()").tolist()

    def tobytes(self, order: Any = "C") -> bytes:
        """The memory's contents."""
        return self._number("tobytes()").tobytes(order)

    def __bool__(self) -> bool:
        return bool(self._number("a truth value (if, and, or, bool())"))

    def __int__(self) -> int:
        return int(self._number("int()"))

    def __float__(self) -> float:
        return float(self._number("float()"))

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __repr__(self) -> str:
        return repr(self._number("printing"))

    def __str__(self) -> str:
        return str(self._number("printing"))

    def __format__(self, how: str) -> str:
        values = self._number("printing")
        return format(values.item() if values.ndim == 0 else values, how)

    def _number(self, what: str) -> np.ndarray:
        synchronised(what)
        return self.values

    # What NumPy would do with an array that is not its own.

    def __array__(self, dtype=None, copy=None):
        raise StrictError("NumPy got a device array, and CuPy raises TypeError: compute with xp, or bring it to the "
                          "host first, with to_host(...)")

    def __array_function__(self, function, types, args, kwargs):
        raise StrictError(f"numpy.{function.__name__} got a device array: write xp.{function.__name__}, or bring the "
                          "array to the host first, with to_host(...)")

    # Copies.

    def __copy__(self) -> "Array":
        return wrapped(self.values.copy())

    def __deepcopy__(self, memo: dict) -> "Array":
        return wrapped(self.values.copy())

    def __reduce__(self):
        return wrapped, (self.get(),)


def wrapped(result: Any, sources: Iterable[Array] = ()) -> Any:
    """What NumPy returned, on the device: numbers become arrays of shape (), as in CuPy; views share their memory."""
    if isinstance(result, np.generic):
        result = np.asarray(result)
    if isinstance(result, np.ndarray):
        check_numbers(result.dtype)
        return Array(result, memory_of(result, sources))
    if isinstance(result, tuple):
        return tuple(wrapped(part, sources) for part in result)
    if isinstance(result, list):
        return [wrapped(part, sources) for part in result]
    return result


def unwrapped(thing: Any) -> Any:
    """The NumPy arrays behind the device arrays, also inside lists and tuples."""
    if isinstance(thing, Array):
        return thing.values
    if isinstance(thing, list | tuple):
        return type(thing)(unwrapped(part) for part in thing)
    return thing
