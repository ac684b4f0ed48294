"""Causal self-attention over recurrent states, for language models and whatever else must not see what follows.

    (1) h_t          = stack(x_t, h_{t-1})                           (B, D)     one direction, D = H
    (2) z_t, alpha_t = attention(h_t, h_{t-w+1}..h_t)                (B, D)     w: the window; without one, from h_1 on
    (3) u_t          = SelfAttention's join of h_t and z_t           (B, D_out) self_attentive.py

Chapter 9.3 with its mask, which its program lacks. A language model with such a window: Daniluk et al. 2017,
"Frustratingly short attention spans in neural language modeling", where a step does not look at itself.

The states that later steps can still see go out with the state and come in again, so a sequence may be read whole, step
by step or in chunks. They are kept side by side with the newest last. Of a row that has read fewer than others the
first ones stand for nothing: `counts` says how many are real.
"""
from collections.abc import Iterable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.attention.cache import Steps
from tinyseq.layers.attention.masks import causal_mask
from tinyseq.layers.module import Module
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.seq2seq.self_attentive import SelfAttention
from tinyseq.ops import concat, flip, gather, reverse, where


class SelfAttentiveState(NamedTuple):
    """What one part of a sequence hands to the next.

    cells    the states of the stack
    hs       (B, K, D), the states that can still be seen, the newest last
    counts   (B,), how many of the K are real: the last ones"""
    cells: StackState
    hs: Tensor
    counts: Any

    def detach(self) -> "SelfAttentiveState":
        """The same numbers without their history: where truncated BPTT cuts."""
        return SelfAttentiveState(self.cells.detach(), self.hs.detach(), self.counts)

    def select(self, rows: Any) -> "SelfAttentiveState":
        """The states of these rows of the batch, a row as often as it is named."""
        return SelfAttentiveState(self.cells.select(rows), gather(self.hs, rows), self.counts[xp.asarray(rows)])

    @staticmethod
    def join(states: list["SelfAttentiveState"]) -> "SelfAttentiveState":
        """One batch out of several: the rows of the first, then those of the second, and so on; zeros stand before the
        first state of those that have fewer to look at."""
        cells, hs, counts = zip(*states, strict=True)
        return SelfAttentiveState(StackState.join(list(cells)), Steps.join([Steps(part) for part in hs]).tensor,
                                  xp.concatenate(counts))

    def arrays(self) -> list[Any]:
        """The parts' arrays in order, for a file."""
        return [*self.cells.arrays(), self.hs.data, self.counts]

    def with_arrays(self, arrays: Iterable[Any]) -> "SelfAttentiveState":
        """A state like this one with other numbers in it: what `arrays` gave."""
        *cells, hs, counts = map(xp.asarray, arrays)
        return SelfAttentiveState(self.cells.with_arrays(cells), Tensor(hs), counts)


class SelfAttentiveStack(Module):
    """The equations (1)-(3) at the head of this page. It is called as a Stack is, and stands where one does.

    Made with  stack: an RNN, LSTM or GRU in one direction, any depth.  attention, join: as SelfAttention, D being the
               stack's H; no PredictedCentre, which counts from a sequence's first step.  window: w, how many steps a
               step sees, itself among them; None: all so far. Then the state grows with the sequence, and each step
               costs more than the one before: where a state is carried along for long, give a window.
    Call       x, state=None, lengths=None, as Stack -> u (B, T, D_out), 0 at padded steps;  a SelfAttentiveState
    Sizes      H is D_out, the width of what comes out.
    Raises     ValueError as Stack and SelfAttention, and for a stack with two directions."""

    directions = 1

    def __init__(self, stack: Stack, attention: Attention, join: str = "feed_forward", window: int | None = None):
        if stack.directions == 2:
            raise ValueError("SelfAttentiveStack is causal, and a stack with bidirectional=True has read what follows: "
                             "use one direction, or SelfAttention with a padding mask for whole sequences")
        if getattr(attention, "centre", None) is not None:
            raise ValueError("SelfAttentiveStack does not keep where a sequence began, and a PredictedCentre counts "
                             "from there: use LocalAttention without a centre")
        if window is not None and window < 1:
            raise ValueError(f"a step sees at least itself; got window={window}")
        self.stack, self.window = stack, window
        self.look = SelfAttention(attention, stack.H, join)
        self.D, self.H = stack.D, self.look.D_out

    def initial_state(self, B: int) -> SelfAttentiveState:
        """Zeros in the cells, and nothing to look at, for a batch of B sequences."""
        cells = self.stack.initial_state(B)
        return SelfAttentiveState(cells, Tensor(xp.zeros((B, 0, self.stack.H), cells[0].h.dtype)),
                                  xp.zeros(B, "int64"))

    def __call__(self, x: Any, state: SelfAttentiveState | None = None,
                 lengths: Any = None) -> tuple[Tensor, SelfAttentiveState]:
        before = self.initial_state(len(x)) if state is None else state
        hs, cells = self.stack(x, before.cells, lengths)                            # (1)
        (B, T), K = hs.shape[:2], before.hs.shape[1]
        ends = to_host([T] * B if lengths is None else lengths)                     # (B,)
        is_alive = xp.arange(T) < xp.asarray(ends)[:, None]                         # (B, T)
        is_real = xp.concatenate((xp.arange(K) >= K - before.counts[:, None], is_alive), axis=1)
        keys = concat(before.hs, hs, axis=1)                                        # (2)  (B, K+T, D)
        itself = xp.arange(K + T) == K + xp.arange(T)[:, None]                      # padding sees something, too
        mask = causal_mask(T, self.window, before=K) & (is_real[:, None] | itself)  # (B, T, K+T)
        u, _ = self.look(hs, mask, keys, t=K)                                       # (2) (3)
        u = u if lengths is None else where(is_alive[:, :, None], u, 0.0)
        kept = K + T if self.window is None else min(K + T, self.window - 1)
        newest_first = reverse(keys, K + ends)[:, :kept]                            # each row from its own end
        counts = xp.minimum(before.counts + xp.asarray(ends), kept)
        return u, SelfAttentiveState(cells, flip(newest_first, axis=1), counts)

    def describe(self) -> str:
        return f"{self.D}, {self.H}" + (f", window {self.window}" if self.window else "")
