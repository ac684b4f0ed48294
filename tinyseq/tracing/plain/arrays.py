"""An array as Python has it: a shape, and the numbers in order, the last axis fastest."""
import math
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

Shape = tuple[int, ...]


class Array(NamedTuple):
    """shape, and data: as many numbers as the shape has entries."""
    shape: Shape
    data: list[Any]


def number(x: Any) -> Array:
    """A single number as an array without axes."""
    return Array((), [x])


def strides(shape: Shape) -> Shape:
    """How far apart neighbours along each axis stand in the list."""
    return tuple(math.prod(shape[i + 1:]) for i in range(len(shape)))


def places(shape: Shape) -> Iterator[Shape]:
    """Every index (i, j, ...) in order."""
    return product(*(range(n) for n in shape))


def at(index: Shape, shape: Shape) -> int:
    """Where an entry stands in the list."""
    return sum(i * s for i, s in zip(index, strides(shape), strict=True))


def index_of(place: int, shape: Shape) -> Shape:
    """The index of what stands at this place of the list."""
    return tuple(place // s % n for s, n in zip(strides(shape), shape, strict=True))


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape that these are repeated to."""
    ndim = max(map(len, shapes))
    padded = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    return tuple(next((n for n in sizes if n != 1), 1) for sizes in zip(*padded, strict=True))


def broadcast(shape: Shape, result: Shape) -> list[int]:
    """For each entry of the result, where an array of `shape` that is repeated has it."""
    own = [0] * (len(result) - len(shape)) + [s if n != 1 else 0 for n, s in zip(shape, strides(shape), strict=True)]
    return [sum(i * s for i, s in zip(index, own, strict=True)) for index in places(result)]


def axis_of(axis: int, ndim: int) -> int:
    """The axis, counted from the front."""
    return axis % ndim


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """None (all), a number or several, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(i % ndim for i in (axis if isinstance(axis, tuple | list) else (axis,)))
