"""What makes an argument wrong on a device, each rule with what to write instead."""
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


class StrictError(TypeError):
    """The strict backend refuses what CuPy refuses, and what CuPy would do silently and wrongly."""


def check_host(name: str, thing: Any) -> None:
    """No NumPy array anywhere in an argument: host and device never mix."""
    if isinstance(thing, np.ndarray):
        raise StrictError(f"{name} got a NumPy array {thing.dtype} {thing.shape} beside device arrays, and CuPy raises "
                          "TypeError: bring it to the device first, with to_device(...)")
    if isinstance(thing, list | tuple):
        for part in thing:
            check_host(name, part)


def check_operand(name: str, thing: Any) -> None:
    """A ufunc takes device arrays and numbers."""
    check_host(name, thing)
    if isinstance(thing, list | tuple):
        raise StrictError(f"{name} got a {type(thing).__name__}, and CuPy's ufuncs raise TypeError for it: "
                          "write xp.asarray(...) around it")


def check_precision(name: str, arrays: Iterable[Any], result: Any) -> None:
    """float64 comes only from float64, or where it was asked for by dtype=."""
    made = [x.dtype for x in nested(result) if isinstance(x, np.ndarray | np.generic) and x.dtype.char in "dD"]
    kinds = [a.dtype for a in arrays]
    floats = [kind for kind in kinds if kind.kind in "fc"]
    if made and kinds and (not floats or any(kind.char not in "dD" for kind in floats)):
        raise StrictError(f"{name} made {made[0]} of {', '.join(map(str, kinds))}: a silent change to double "
                          "precision, many times slower on a GPU. Bring the arguments to one precision by astype(...), "
                          "write float(...) around NumPy numbers, or give dtype=")


def check_out(name: str, out: Any, result: Any) -> None:
    """`out` has the shape and the dtype of what is written into it."""
    if (out.shape, out.dtype) != (result.shape, result.dtype):
        raise StrictError(f"{name} makes {result.dtype} {result.shape} and should write it into {out.dtype} "
                          f"{out.shape}: give an out= (the array on the left of +=, *= ...) of the same kind")


def check_numbers(dtype: np.dtype) -> None:
    """CuPy's arrays hold truth values, whole numbers, floats of up to 64 bits, and pairs of floats."""
    if dtype.char not in "?bhilqBHILQefdFD":
        raise StrictError(f"an array of {dtype}: CuPy has none of this kind; numbers and truth values go to the "
                          "device, everything else stays on the host")


def places(shape: tuple[int, ...]) -> np.ndarray:
    """For each entry of an array its number, to see where an index leads."""
    return np.arange(int(np.prod(shape))).reshape(shape)


def check_distinct(name: str, entries: np.ndarray) -> None:
    """Of several values for one entry, CuPy keeps an arbitrary one."""
    if np.unique(entries).size < entries.size:
        raise StrictError(f"{name} with an index that names an entry twice: CuPy keeps one of the values, not always "
                          "the same. Add them up with backend.scatter_add")


def nested(thing: Any) -> Iterator[Any]:
    """A thing, or the things in its lists and tuples."""
    if isinstance(thing, list | tuple):
        for part in thing:
            yield from nested(part)
    else:
        yield thing
