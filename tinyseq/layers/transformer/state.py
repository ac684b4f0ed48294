"""What a stack of transformer blocks knows between two parts of a text: the caches of its blocks."""
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import xp
from tinyseq.layers.attention.cache import KeyValueCache, Steps


class TransformerState(NamedTuple):
    """What one part of a text hands to the next.

    caches   a KeyValueCache for each block
    xs       with a context the inputs since it began, which are read anew when it is full; else None"""
    caches: tuple[KeyValueCache, ...]
    xs: Steps | None = None

    def detach(self) -> "TransformerState":
        """The same numbers without their history: where truncated BPTT cuts."""
        return TransformerState(tuple(cache.detach() for cache in self.caches), self.xs and self.xs.detach())

    def select(self, rows: Any) -> "TransformerState":
        """The states of these rows of the batch, a row as often as it is named."""
        return TransformerState(tuple(cache.select(rows) for cache in self.caches), self.xs and self.xs.select(rows))

    @staticmethod
    def join(states: list["TransformerState"]) -> "TransformerState":
        """One batch out of several: the rows of the first, then those of the second, and so on."""
        caches = tuple(KeyValueCache.join(list(of_block)) for of_block in zip(*(s.caches for s in states), strict=True))
        xs = [s.xs for s in states if s.xs is not None]
        return TransformerState(caches, Steps.join(xs) if xs else None)

    def arrays(self) -> list[Any]:
        """The parts' arrays in order, for a file."""
        arrays = [array for cache in self.caches for array in cache.arrays()]
        return arrays if self.xs is None else [*arrays, self.xs.tensor.data]

    def with_arrays(self, arrays: Iterable[Any]) -> "TransformerState":
        """A state like this one with other numbers in it: what `arrays` gave."""
        numbers = iter(arrays)
        caches = tuple(cache.with_arrays(islice(numbers, 3)) for cache in self.caches)
        return TransformerState(caches, None if self.xs is None else Steps(Tensor(xp.asarray(next(numbers)))))
