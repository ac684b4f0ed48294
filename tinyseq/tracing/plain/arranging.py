"""Ops that put numbers in another order: which entry of which argument each entry of the result is.

Each function takes the arguments (arrays, or what else was given) and the settings, and returns for each result its
shape and, entry by entry, (argument, place), or a number that comes from no argument.
"""
import math
from itertools import accumulate
from typing import Any

from tinyseq.tracing.plain.arrays import Array, Shape, at, axes_of, axis_of, places, strides

Place = tuple[int, int]                                    # which argument, and where in it
Arranged = list[tuple[Shape, list[Place | float]]]


def reshape(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, *shape = arguments
    sizes = list(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
    known = math.prod(n for n in sizes if n != -1)
    return _in_order(x, tuple(len(x.data) // known if n == -1 else n for n in sizes))


def squeeze(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x = arguments[0]
    axes = axes_of(settings.get("axis", arguments[1] if len(arguments) > 1 else None), len(x.shape))
    return _in_order(x, tuple(n for i, n in enumerate(x.shape) if n != 1 or i not in axes))


def _in_order(x: Array, shape: Shape) -> Arranged:
    return [(shape, [(0, i) for i in range(len(x.data))])]


def transpose(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, *axes = arguments
    order = list(axes[0]) if len(axes) == 1 and not isinstance(axes[0], int) else axes
    return _transposed(x, [axis_of(i, len(x.shape)) for i in order] or list(range(len(x.shape)))[::-1])


def swap(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, a, b = arguments
    order = list(range(len(x.shape)))
    order[a], order[b] = order[b], order[a]
    return _transposed(x, order)


def _transposed(x: Array, order: list[int]) -> Arranged:
    shape, steps = tuple(x.shape[i] for i in order), [strides(x.shape)[i] for i in order]
    return [(shape, [(0, sum(i * s for i, s in zip(index, steps, strict=True))) for index in places(shape)])]


def split_heads(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, heads = arguments[0], settings.get("heads", arguments[-1])
    B, T, C = x.shape
    d = C // heads
    shape = (B, heads, T, d)
    return [(shape, [(0, at((b, t, h * d + i), x.shape)) for b, h, t, i in places(shape)])]


def join_heads(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x = arguments[0]
    B, heads, T, d = x.shape
    shape = (B, T, heads * d)
    return [(shape, [(0, at((b, c // d, t, c % d), x.shape)) for b, t, c in places(shape)])]


def flip(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x = arguments[0]
    axes = axes_of(settings.get("axis", arguments[1] if len(arguments) > 1 else None), len(x.shape))

    def turned(index: Shape) -> Shape:
        return tuple(n - 1 - i if k in axes else i for k, (i, n) in enumerate(zip(index, x.shape, strict=True)))
    return [(x.shape, [(0, at(turned(index), x.shape)) for index in places(x.shape)])]


def reverse(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x = arguments[0]
    lengths = [int(n) for n in _listed(arguments[1])]

    def turned(index: Shape) -> Shape:
        b, t, *rest = index
        return (b, lengths[b] - 1 - t if t < lengths[b] else t, *rest)
    return [(x.shape, [(0, at(turned(index), x.shape)) for index in places(x.shape)])]


def pad(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, widths = arguments[:2]
    shape = tuple(n + before + after for n, (before, after) in zip(x.shape, widths, strict=True))
    found: list[Place | float] = []
    for index in places(shape):
        inner = tuple(i - before for i, (before, _) in zip(index, widths, strict=True))
        inside = all(0 <= i < n for i, n in zip(inner, x.shape, strict=True))
        found.append((0, at(inner, x.shape)) if inside else float(settings.get("value", 0.0)))
    return [(shape, found)]


def concat(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    axis = axis_of(settings.get("axis", -1), len(arguments[0].shape))
    ends = list(accumulate((x.shape[axis] for x in arguments), initial=0))
    shape = (*arguments[0].shape[:axis], ends[-1], *arguments[0].shape[axis + 1:])
    found: list[Place | float] = []
    for index in places(shape):
        k = next(k for k in range(len(arguments)) if index[axis] < ends[k + 1])
        found.append((k, at((*index[:axis], index[axis] - ends[k], *index[axis + 1:]), arguments[k].shape)))
    return [(shape, found)]


def stack(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    axis = axis_of(settings.get("axis", 0), len(arguments[0].shape) + 1)
    shape = (*arguments[0].shape[:axis], len(arguments), *arguments[0].shape[axis:])
    return [(shape, [(index[axis], at((*index[:axis], *index[axis + 1:]), arguments[0].shape))
                     for index in places(shape)])]


def split(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, parts = arguments[0], settings.get("parts", arguments[-1])
    axis = axis_of(settings.get("axis", -1), len(x.shape))
    sizes = [x.shape[axis] // parts] * parts if isinstance(parts, int) else list(parts)
    found: Arranged = []
    for start, size in zip(accumulate(sizes, initial=0), sizes, strict=False):
        shape = (*x.shape[:axis], size, *x.shape[axis + 1:])
        found.append((shape, [(0, at((*index[:axis], index[axis] + start, *index[axis + 1:]), x.shape))
                              for index in places(shape)]))
    return found


def gather(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, ids = arguments[:2]
    shape, numbers = _shape(ids), _listed(ids)
    size = math.prod(x.shape[1:])
    return [((*shape, *x.shape[1:]), [(0, int(n) * size + k) for n in numbers for k in range(size)])]


def take(arguments: list[Any], settings: dict[str, Any]) -> Arranged:
    x, index = arguments
    parts = _spelled_out(index, x.shape)
    arrays = [part for part in parts if isinstance(part, Array)]
    together = max((part.shape for part in arrays), key=len, default=())
    together = tuple(max(s[i] for s in _padded(arrays, len(together))) for i in range(len(together)))
    in_front = _apart(parts)
    shape: list[int] = list(together) if in_front else []
    made: list[Any] = [("arrays", list(places(together)))] if in_front else []
    placed, axis = in_front, 0
    for part in parts:
        if part is None:
            shape.append(1)
            made.append(("new", [0]))
            continue
        if isinstance(part, slice):
            chosen = list(range(*part.indices(x.shape[axis])))
            shape.append(len(chosen))
            made.append((axis, chosen))
        elif isinstance(part, int):
            made.append((axis, part % x.shape[axis]))
        elif not placed:
            shape += together
            made.append(("arrays", list(places(together))))
            placed = True
        axis += 1
    return [(tuple(shape), [(0, p) for p in _picked(x, parts, made)])]


def _picked(x: Array, parts: list[Any], made: list[Any]) -> list[int]:
    """The places of x, over all that `made` chooses from, the last choice fastest."""
    steps = strides(x.shape)
    real = [part for part in parts if part is not None]
    offsets = [0]
    for what, chosen in made:
        if what == "new":
            continue
        if what == "arrays":
            of_arrays = [(axis, part) for axis, part in enumerate(real) if isinstance(part, Array)]
            choices = [sum(_entry(part, index) % x.shape[axis] * steps[axis] for axis, part in of_arrays)
                       for index in chosen]
        else:
            choices = [i * steps[what] for i in (chosen if isinstance(chosen, list) else [chosen])]
        offsets = [offset + choice for offset in offsets for choice in choices]
    return offsets


def _entry(array: Array, index: Shape) -> int:
    """Of an array that is repeated to the index's axes."""
    own = index[len(index) - len(array.shape):]
    return int(array.data[at(tuple(0 if n == 1 else i for i, n in zip(own, array.shape, strict=True)), array.shape)])


def _spelled_out(index: Any, shape: Shape) -> list[Any]:
    """One part for each axis of x, and None for each new one."""
    parts = [part for part in (index if isinstance(index, tuple) and not isinstance(index, Array) else (index,))]
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    where = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    parts[where:where + 1] = [slice(None)] * (len(shape) - taken)
    return parts


def _apart(parts: list[Any]) -> bool:
    """Whether something stands between the arrays: then their axes come first."""
    found = [i for i, part in enumerate(parts) if isinstance(part, Array | int)]
    return bool(any(isinstance(p, Array) for p in parts) and found != list(range(found[0], found[-1] + 1)))


def _padded(arrays: list[Array], ndim: int) -> list[Shape]:
    return [(1,) * (ndim - len(array.shape)) + array.shape for array in arrays]


def _listed(ids: Any) -> list[Any]:
    return ids.data if isinstance(ids, Array) else list(ids) if isinstance(ids, list | tuple) else [ids]


def _shape(ids: Any) -> Shape:
    return ids.shape if isinstance(ids, Array) else (len(ids),) if isinstance(ids, list | tuple) else ()


ARRANGING = {f.__name__: f for f in (reshape, squeeze, transpose, swap, flip, reverse, pad, concat, stack, split,
                                     split_heads, join_heads, gather, take)}
