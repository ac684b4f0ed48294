"""The states of recurrent cells: what a sequence hands to the one that continues it. They go in and come out."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import xp
from tinyseq.ops import concat, gather


class HiddenState(NamedTuple):
    """h (B, H), of an RNN or a GRU."""
    h: Tensor

    def map(self, f: Callable[[Tensor], Tensor]) -> HiddenState:
        """f applied to each part."""
        return HiddenState(f(self.h))

    def detach(self) -> HiddenState:
        """The same numbers without their history: where truncated BPTT cuts."""
        return self.map(Tensor.detach)


class LSTMState(NamedTuple):
    """h (B, H) and the cell c (B, H)."""
    h: Tensor
    c: Tensor

    def map(self, f: Callable[[Tensor], Tensor]) -> LSTMState:
        """f applied to each part."""
        return LSTMState(f(self.h), f(self.c))

    def detach(self) -> LSTMState:
        """The same numbers without their history: where truncated BPTT cuts."""
        return self.map(Tensor.detach)


class StackState(tuple):
    """The states of a stack's cells: layer by layer, in each the forward direction before the backward one."""

    def detach(self) -> StackState:
        """The same numbers without their history: where truncated BPTT cuts."""
        return StackState(s.detach() for s in self)

    def select(self, rows) -> StackState:
        """The states of these rows of the batch, a row as often as it is named."""
        return StackState(s.map(lambda part: gather(part, rows)) for s in self)

    @staticmethod
    def join(states: list[StackState]) -> StackState:
        """One batch out of several: the rows of the first, then those of the second, and so on."""
        return StackState(type(cells[0])(*(concat(*parts, axis=0) for parts in zip(*cells, strict=True)))
                          for cells in zip(*states, strict=True))

    def arrays(self) -> list[Any]:
        """The parts' arrays in order, for a file."""
        return [part.data for s in self for part in s]

    def with_arrays(self, arrays: Iterable[Any]) -> StackState:
        """A state like this one with other numbers in it: what `arrays` gave."""
        numbers = iter(arrays)
        return StackState(s.map(lambda part: Tensor(xp.asarray(next(numbers)))) for s in self)
