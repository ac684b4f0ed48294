"""How an array lies in memory: arithmetic is fastest where its arrays lie in the same order, in memory used before."""
from typing import Any

from tinyseq.backend import workspace, xp


def memory_order(x: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The order of axes in which x lies in memory, the last axis staying last; and the order that undoes it.

    A recurrent layer keeps its states time-major, attention has its heads between time and width: what comes after
    can read them where they are."""
    if x.flags.c_contiguous:
        return tuple(range(x.ndim)), tuple(range(x.ndim))
    order = (*sorted(range(x.ndim - 1), key=lambda i: (-x.strides[i], i)), x.ndim - 1)
    return order, tuple(order.index(i) for i in range(x.ndim))


def like(x: Any, width: int | None = None) -> Any:
    """A workspace of x's shape (or with another size of the last axis), laid out as x is."""
    if x.flags.c_contiguous:
        return workspace((*x.shape[:-1], x.shape[-1] if width is None else width), x.dtype)
    order, back = memory_order(x)
    sizes = [x.shape[i] for i in order[:-1]]
    return workspace((*sizes, x.shape[-1] if width is None else width), x.dtype).transpose(back)


def plus(a: Any, b: Any) -> Any:
    """a + b, in a workspace where both are arrays of one shape and precision."""
    are_alike = (isinstance(a, xp.ndarray) and isinstance(b, xp.ndarray) and a.ndim > 0 and a.shape == b.shape
                 and a.dtype == b.dtype)
    return xp.add(a, b, out=like(a)) if are_alike else a + b


def copied(x: Any) -> Any:
    """The same numbers in a workspace of their own."""
    if not x.ndim:
        return xp.array(x)
    own = like(x)
    own[...] = x
    return own
