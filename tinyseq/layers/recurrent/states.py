"""The states of recurrent cells: what a sequence hands to the one that continues it. They go in and come out."""
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.ops import gather


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
