"""a[index], by CuPy's rules. They differ from NumPy's: a[0] of a vector is a view, not a number; a mask makes the host
wait, since the size of the result must be known; an index beyond the end wraps round silently (here it raises). Lists
of whole numbers and NumPy arrays may stand in an index: CuPy brings them to the device."""
from typing import Any

import numpy as np

from tinyseq.backend.strict.rules import StrictError, check_distinct
from tinyseq.backend.strict.synchronisations import synchronised


def read(values: np.ndarray, index: Any) -> np.ndarray:
    """values[index]"""
    index = _checked(index)
    if _is_basic(index) and Ellipsis not in index:
        index = (*index, Ellipsis)                         # a view even where one entry is left
    return values[index]


def write(values: np.ndarray, index: Any, value: Any) -> None:
    """values[index] = value"""
    index = _checked(index)
    if isinstance(value, np.ndarray | list | tuple):
        raise StrictError(f"a[...] = {type(value).__name__}: what is written into a device array is a device array or "
                          "a number; bring it to the device first, with to_device(...)")
    value = getattr(value, "values", value)
    if np.ndim(value) and any(_is_array(part) and part.dtype != bool for part in index):
        check_distinct("a[index] = values", values.shape, index)
    if np.ndim(value) > values[index].ndim:
        raise StrictError(f"a[index] = values: {values[index].shape} takes no {value.shape}, which has more axes; NumPy"
                          " drops axes of size 1 here and CuPy raises ValueError: reshape the values")
    values[index] = value


def _checked(index: Any) -> tuple:
    """The index as a tuple that NumPy understands."""
    parts = tuple(_part(part) for part in (index if isinstance(index, tuple) else (index,)))
    arrays = [part for part in parts if _is_array(part)]
    masks = [part for part in arrays if part.dtype == bool]
    if masks:
        synchronised("an index of truth values, which decides the size of the result")
        if len(arrays) > 1:
            raise StrictError("an index with a mask and another array: CuPy takes one mask alone; write xp.where(...)")
    if arrays and any(isinstance(part, np.integer) for part in parts):
        raise StrictError("an index with an array and a NumPy integer: CuPy raises IndexError; write int(...) around "
                          "the integer")
    return parts


def _part(part: Any) -> Any:
    if isinstance(part, list):
        if not all(isinstance(i, int) for i in part):
            raise StrictError("a list as index holds Python integers: write xp.asarray(...) around it")
        return np.array(part, int)
    if part is not None and not isinstance(part, int | np.integer | slice | np.ndarray) and part is not Ellipsis:
        part = getattr(part, "values", part)
    if isinstance(part, bool):
        return np.array(part)
    return part


def _is_array(part: Any) -> bool:
    return isinstance(part, np.ndarray)


def _is_basic(parts: tuple) -> bool:
    return not any(_is_array(part) for part in parts)
