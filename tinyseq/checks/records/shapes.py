"""Shapes to try an op with, by kind. Mistakes hide where a size is 0 or 1, or where two sizes happen to be equal."""
from typing import Any

KINDS = ("scalar", "empty", "ones", "plain", "broadcast", "odd", "large")
#   scalar      no axes
#   empty       an axis of size 0
#   ones        all sizes 1
#   plain       sizes from 1 to 4
#   broadcast   as plain; of several inputs some lack axes or have them with size 1
#   odd         different primes, so that no axis can pass for another
#   large       some thousand entries
PRIMES = (2, 3, 5, 7)


def shape_of(rng: Any, kind: str, least: int = 0, most: int = 4) -> tuple[int, ...]:
    """A random shape of this kind with `least` to `most` axes (a scalar has none: ask for it only if least is 0)."""
    assert kind != "scalar" or least == 0
    n = 0 if kind == "scalar" else int(rng.integers(max(least, 1 if kind != "plain" else 0), most + 1))
    if kind == "odd":
        return tuple(int(size) for size in rng.permutation(PRIMES)[:n])
    if kind == "large":
        return tuple(int(size) for size in rng.permutation([round(2000 ** (1 / n)) + k for k in range(n)]))
    shape = [1 if kind == "ones" else int(rng.integers(1, 5)) for _ in range(n)]
    if kind == "empty":
        shape[rng.integers(n)] = 0
    return tuple(shape)


def broadcast_shapes(rng: Any, kind: str, count: int, most: int = 4) -> list[tuple[int, ...]]:
    """Shapes of `count` inputs of a pointwise op: the same, or of kind "broadcast" and "empty" those that broadcast."""
    whole = shape_of(rng, kind, most=most)
    if kind not in ("broadcast", "empty"):
        return [whole] * count
    shapes = []
    for _ in range(count):
        shape = [size if rng.random() < 0.7 else 1 for size in whole]
        shapes.append(tuple(shape[rng.integers(len(shape) + 1):] if rng.random() < 0.5 else shape))
    return shapes


def an_axis(rng: Any, shape: tuple[int, ...]) -> int:
    """One of the axes, counted from either end."""
    return int(rng.integers(-len(shape), len(shape)))


def some_axes(rng: Any, shape: tuple[int, ...]) -> int | tuple[int, ...] | None:
    """None (all axes), one axis or several, counted from either end."""
    if not shape or rng.random() < 0.25:
        return None
    if rng.random() < 0.5:
        return an_axis(rng, shape)
    chosen = rng.permutation(len(shape))[:rng.integers(1, len(shape) + 1)]
    return tuple(int(axis) - (len(shape) if rng.random() < 0.5 else 0) for axis in chosen)


def replaced(sizes: tuple[int, ...], axis: int, n: int) -> tuple[int, ...]:
    """The sizes (or the indices) with another number along this axis."""
    several = list(sizes)
    several[axis] = n
    return tuple(several)
