"""fuse: a rehearsal of cupy.fuse, which makes one kernel of a function.

The kernel runs once for each entry, without its neighbours: so there are only pointwise operations in it, on arrays
that do not overlap where they are written. Here the function runs as it is written, and these rules are checked.
"""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import permutations
from threading import local
from typing import Any

import numpy as np

from tinyseq.backend.strict.rules import StrictError

POINTWISE = ("where", "clip", "copy", "astype")            # besides the ufuncs


class _Thread(local):
    written: list[Any] | None = None           # what the fused function has written so far; None: outside of one


_thread = _Thread()


def fuse(f: Callable) -> Callable:
    """f, with CuPy's rules for a fused function checked at each call."""
    @wraps(f)
    def fused(*args: Any) -> Any:
        if _thread.written is not None:
            return f(*args)                    # part of the kernel of the function that calls it
        arrays = [a for a in args if hasattr(a, "memory")]
        if not arrays:
            return f(*args)
        with _recorded() as written:
            result = f(*args)
        _check_written(f.__name__, arrays, written)
        return result
    return fused


def inside() -> bool:
    """Whether a fused function runs."""
    return _thread.written is not None


def check_pointwise(name: str) -> None:
    """Raises StrictError inside a fused function, where this call would not become part of a kernel."""
    if inside() and name not in POINTWISE:
        raise StrictError(f"{name} in a fused function: a kernel works entry by entry, so only pointwise functions "
                          "can be in it; call this outside")


def check_keywords(name: str, keywords: Any) -> None:
    """Raises StrictError inside a fused function for keywords of a ufunc other than out=."""
    if inside() and (unknown := sorted(set(keywords) - {"out"})):
        raise StrictError(f"{name} in a fused function takes no {', '.join(unknown)}=; there is out= alone")


def note_write(array: Any) -> None:
    """Remember what a fused function writes."""
    if _thread.written is not None:
        _thread.written.append(array)


@contextmanager
def _recorded() -> Iterator[list[Any]]:
    written: list[Any] = []
    _thread.written = written
    try:
        yield written
    finally:
        _thread.written = None


def _check_written(name: str, arrays: list[Any], written: list[Any]) -> None:
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    for a, b in permutations(arrays, 2):
        if _holds(written, a) and a.memory is b.memory and np.shares_memory(a.values, b.values):
            raise StrictError(f"the fused function {name} writes into an argument that overlaps another one: the "
                              "entries of a kernel run in no order")
    for a in arrays:
        if _holds(written, a) and a.shape != shape:
            raise StrictError(f"the fused function {name} writes into an argument of shape {a.shape} where all "
                              f"together have {shape}: several entries of the kernel would write one place")


def _holds(arrays: list[Any], array: Any) -> bool:
    return any(a is array for a in arrays)
