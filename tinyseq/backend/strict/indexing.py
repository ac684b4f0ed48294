"""a[index], by CuPy's rules. They differ from NumPy's: a[0] of a vector is a view, not a number; a mask makes the host
wait, since the size of the result must be known; an index beyond the end wraps round silently (here it raises). Lists
of whole numbers and NumPy arrays may stand in an index: CuPy brings them to the device."""
from typing import Any

import numpy as np

from tinyseq.backend.strict.rules import StrictError, check_distinct, nested, places
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
        check_distinct("a[index] = values", places(values.shape)[index])
    values[index] = value


def _checked(index: Any) -> tuple:
    """The index as a tuple that NumPy understands."""
    parts = tuple(_part(part) for part in (index if isinstance(index, tuple) else (index,)))
    if any(_is_array(part) and part.dtype == bool for part in parts):
        synchronised("an index of truth values, which decides the size of the result")
    return parts


def _part(part: Any) -> Any:
    if isinstance(part, list):
        if any(hasattr(i, "memory") for i in nested(part)):
            raise StrictError("a list of device arrays as index: write xp.stack(...) around it")
        return np.array(part) if part else np.array(part, int)         # of truth values: a mask
    if part is not None and not isinstance(part, int | np.integer | slice | np.ndarray) and part is not Ellipsis:
        part = getattr(part, "values", part)
    if isinstance(part, bool):
        return np.array(part)
    return part


def _is_array(part: Any) -> bool:
    return isinstance(part, np.ndarray)


def _is_basic(parts: tuple) -> bool:
    return not any(_is_array(part) for part in parts)
