"""What an axis or a size may be, checked in one place. The messages name the op, the shape and the axis."""
from numbers import Integral
from typing import Any


def checked_axis(name: str, axis: Any, shape: tuple[int, ...], of: str = "") -> int:
    """The axis, counted from the front. `of` says what has the shape, where that is not plain.

    Raises ValueError if there is no such axis."""
    if not isinstance(axis, Integral):
        raise ValueError(f"{name}: an axis is a whole number; got {axis!r}")
    axis, n = int(axis), len(shape)
    if not -n <= axis < n:
        span = f"they go from {-n} to {n - 1}" if n else "a scalar has none"
        raise ValueError(f"{name}: axis {axis} is not among the {n} axes of {of or shape}; {span}")
    return axis % n


def checked_axes(name: str, axes: Any, shape: tuple[int, ...], of: str = "") -> tuple[int, ...]:
    """The axes, counted from the front: one, several, or None for all.

    Raises ValueError for an axis that does not exist or stands twice."""
    if axes is None:
        return tuple(range(len(shape)))
    several = (axes,) if isinstance(axes, Integral) else axes
    found = tuple(checked_axis(name, axis, shape, of) for axis in several)
    if len(set(found)) < len(found):
        raise ValueError(f"{name}: axes {axes} name the same axis of {of or shape} twice")
    return found


def checked_sizes(name: str, sizes: Any, least: int = 0) -> tuple[int, ...]:
    """The sizes, as a tuple. Raises ValueError if one is not a whole number from `least` on."""
    several = (sizes,) if isinstance(sizes, Integral) else tuple(sizes)
    for n in several:
        if not isinstance(n, Integral) or n < least:
            raise ValueError(f"{name}: sizes are whole numbers from {least} on; got {n!r} in {several}")
    return tuple(int(n) for n in several)
