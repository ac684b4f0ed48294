"""A recurrent stack below transformer blocks: the transformer-based RNN of chapter 8.5.

    (1) h_t      = stack(x_t, h_{t-1})                                  (B, H)
    (2) y_1..y_T = transformer(h_1..h_T)                                (B, T, H)    stack.py

The recurrence knows the order and carries what is long gone; attention looks back at each of the last steps without
having to carry it. What the transformer has out of reach is still in h_t, so a window costs little.
"""
from collections.abc import Iterable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.layers.module import Module
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.transformer.stack import Transformer
from tinyseq.layers.transformer.state import TransformerState


class RecurrentTransformerState(NamedTuple):
    """What one part of a sequence hands to the next.

    cells    the states of the recurrent stack
    seen     what the transformer still looks at"""
    cells: StackState
    seen: TransformerState

    def detach(self) -> "RecurrentTransformerState":
        """The same numbers without their history: where truncated BPTT cuts."""
        return RecurrentTransformerState(self.cells.detach(), self.seen.detach())

    def select(self, rows: Any) -> "RecurrentTransformerState":
        """The states of these rows of the batch, a row as often as it is named."""
        return RecurrentTransformerState(self.cells.select(rows), self.seen.select(rows))

    @staticmethod
    def join(states: list["RecurrentTransformerState"]) -> "RecurrentTransformerState":
        """One batch out of several: the rows of the first, then those of the second, and so on."""
        cells, seen = zip(*states, strict=True)
        return RecurrentTransformerState(StackState.join(list(cells)), TransformerState.join(list(seen)))

    def arrays(self) -> list[Any]:
        """The parts' arrays in order, for a file."""
        return [*self.cells.arrays(), *self.seen.arrays()]

    def with_arrays(self, arrays: Iterable[Any]) -> "RecurrentTransformerState":
        """A state like this one with other numbers in it: what `arrays` gave."""
        numbers = iter(arrays)
        return RecurrentTransformerState(self.cells.with_arrays(numbers), self.seen.with_arrays(numbers))


class RecurrentTransformer(Module):
    """The equations (1) and (2) at the head of this page. It is called as a Stack is, and stands where one does.

    Made with  stack: an RNN, LSTM or GRU in one direction, any depth.  transformer: a causal Transformer with C = H.
    Call       x, state=None, lengths=None, as Stack -> y (B, T, H), 0 at padded steps;  a RecurrentTransformerState
    Raises     ValueError as both, for a stack with two directions, and for widths that do not fit."""

    directions = 1

    def __init__(self, stack: Stack, transformer: Transformer):
        if stack.directions == 2 or not transformer.causal:
            raise ValueError("RecurrentTransformer is causal; a stack with bidirectional=True and a transformer with "
                             "causal=False have read what follows: leave both out")
        if stack.H != transformer.D:
            raise ValueError(f"the transformer reads what the stack says: its width C={transformer.D} is to be "
                             f"H={stack.H}, the units of the stack")
        self.stack, self.transformer = stack, transformer
        self.D, self.H = stack.D, stack.H

    def initial_state(self, B: int) -> RecurrentTransformerState:
        """Zeros in the cells, and nothing to look at, for a batch of B sequences."""
        return RecurrentTransformerState(self.stack.initial_state(B), self.transformer.initial_state(B))

    def __call__(self, x: Any, state: RecurrentTransformerState | None = None,
                 lengths: Any = None) -> tuple[Tensor, RecurrentTransformerState]:
        before = self.initial_state(len(x)) if state is None else state
        hs, cells = self.stack(x, before.cells, lengths)                            # (1)
        y, seen = self.transformer(hs, before.seen, lengths)                        # (2)
        assert seen is not None
        return y, RecurrentTransformerState(cells, seen)

    def describe(self) -> str:
        return f"{self.D}, {self.H}"
