"""Ways to draw inputs, shared by the records."""
from collections.abc import Callable
from typing import Any

from tinyseq.backend import host
from tinyseq.checks.records.record import Sample
from tinyseq.checks.records.shapes import broadcast_shapes, shape_of


def normal(rng: Any, shape: tuple[int, ...]) -> Any:
    """Of either sign."""
    return rng.standard_normal(shape)


def positive(rng: Any, shape: tuple[int, ...]) -> Any:
    """From 0.5 to 2: no pole, no root of a negative number."""
    return rng.uniform(0.5, 2, shape)


def away_from_zero(rng: Any, shape: tuple[int, ...]) -> Any:
    """Of either sign, at least 0.1 from 0, where many functions have a kink or a pole."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.1, 2, shape)


def distinct(rng: Any, shape: tuple[int, ...]) -> Any:
    """At least 0.1 apart and 0.05 from 0, so that a small step changes no winner."""
    size = 1
    for n in shape:
        size *= n
    return (rng.permutation(size).reshape(shape) - size // 2 + 0.5) * 0.1


def pointwise(f: Callable, reference: Callable, inputs: int = 1, numbers: Callable = normal) -> Callable:
    """The draw of a function that goes entry by entry, of one input or of several that broadcast."""
    def draw(rng: Any, kind: str) -> Sample:
        shapes = broadcast_shapes(rng, kind, inputs) if inputs > 1 else [shape_of(rng, kind)]
        return Sample([numbers(rng, shape) for shape in shapes], f, reference)
    return draw


def entrywise(f: Callable) -> Callable:
    """The reference of a pointwise function: f of Python numbers, for each entry."""
    def reference(*arrays: Any) -> Any:
        return host.np.vectorize(f, otypes=[host.np.result_type(*arrays)])(*arrays)
    return reference
