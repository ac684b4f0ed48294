"""Transformer blocks on top of each other. It is called as a recurrent Stack is, and stands where one does.

    (1) x^0_t = dropout(x_t + position t)                    (B, C)    where positions are "sinusoidal" or "learned"
    (2) x^l   = block_l(x^{l-1}),   l = 1 .. num_layers      (B, T, C)
    (3) y     = norm(x^L)                                    (B, T, C) with pre-norm, whose last block has none after

What a causal one has read goes out as its state and comes in again, so a text may be read whole, step by step or in
parts, with the same result. **Past the context.** What happens when a text is longer than what can be seen is one rule
for each kind of positions:

    relative, none         with a window w the oldest keys leave: a step sees the last w, itself among them, in each
                           block, however long the text is. Without a window it sees all.
    learned, sinusoidal    there are `context` positions. When all are taken, the text is read anew from its last half:
                           the newest context // 2 steps get the positions 0, 1, ..., and reading goes on behind them,
                           as if the text had begun there. Sinusoidal ones have no end and need no context; but what
                           was trained on positions below 64 has never seen the thousandth.

By the second rule most steps cost the same, and one in context - context // 2 also that of reading a half again.
"""
from typing import Any

from tinyseq.autograd import Tensor, recording
from tinyseq.backend import to_device, to_host, xp
from tinyseq.layers.attention.cache import Steps, empty_cache
from tinyseq.layers.attention.masks import padding_mask
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.norm import LayerNorm
from tinyseq.layers.positions import LearnedPositions, SinusoidalPositions
from tinyseq.layers.transformer.block import TransformerBlock
from tinyseq.layers.transformer.state import TransformerState
from tinyseq.ops import concat, where

ADDED = ("sinusoidal", "learned")
PART = 128                             # steps of a part, where the window is smaller


class Transformer(Module):
    """The equations (1)-(3) at the head of this page.

    Made with  C: channels, of x and of y.  num_layers: how many blocks.  num_heads, norm, activation, causal, FF,
               dropout, bias, window, eps, lean, method: as TransformerBlock.  positions: None, "rotary" or "alibi"
               inside attention, "sinusoidal" or "learned" added to x.  context: how many positions there are, of
               learned ones, and if there is to be an end, of sinusoidal ones.
    Weights    blocks.0, blocks.1, ...; positions.P of learned ones; final_norm of pre-norm.
    Call       x (B, T, C), state=None, lengths=None, as Stack -> y (B, T, C), 0 at padded steps; a TransformerState, or
               None of one that is not causal
    Sizes      D and H are C.
    Raises     ValueError as TransformerBlock; for a context without positions that are added, or learned ones without
               a context; for a state where it is not causal; for rows of different lengths that outgrow a context,
               since each of them would be read anew at another step."""

    directions = 1

    def __init__(self, C: int, num_layers: int, num_heads: int, norm: str = "pre", activation: str = "gelu",
                 causal: bool = True, FF: int | None = None, dropout: float = 0.0, bias: bool = True,
                 positions: str | None = None, window: int | None = None, context: int | None = None,
                 eps: float = 1e-5, lean: bool = False, method: str = "by_hand"):
        if num_layers < 1:
            raise ValueError(f"a Transformer has at least one block; got num_layers={num_layers}")
        self.D = self.H = C
        self.causal, self.context, self.lean = causal, context, lean
        self.positions = _positions(C, positions, context)
        self.dropout = Dropout(dropout)
        inside = None if positions in ADDED else positions
        self.blocks = [TransformerBlock(C, num_heads, norm, activation, causal, FF, dropout, bias, inside, window, eps,
                                        lean, method) for _ in range(num_layers)]
        self.final_norm = LayerNorm(C, eps, bias) if norm == "pre" else None

    def initial_state(self, B: int) -> TransformerState:
        """Nothing has been read by a batch of B sequences."""
        nothing = empty_cache(B, self.D, self.blocks[0].norm_1.gamma.dtype)
        return TransformerState((nothing,) * len(self.blocks), nothing.keys if self.context else None)

    def __call__(self, x: Any, state: TransformerState | None = None,
                 lengths: Any = None) -> tuple[Tensor, TransformerState | None]:
        x = self._checked_input(x)
        B, T, _ = x.shape
        if lengths is not None:
            lengths = _ragged(lengths, B, T)
        if not self.causal:
            return self._both_ways(x, state, lengths), None
        state = self.initial_state(B) if state is None else state
        if lengths is None and self._writes(x, state):
            return self._read(x, state, writes=True)
        if lengths is None:
            return self._in_parts(x, state) if self.context is None else self._in_contexts(x, state)
        _check_within(self, state, lengths)
        is_alive = xp.asarray(to_host(range(T)) < lengths[:, None])[:, :, None]             # (B, T, 1)
        y, after = self._read(where(is_alive, x, 0.0), state, lengths)
        return where(is_alive, y, 0.0), after

    def _writes(self, x: Tensor, state: TransformerState) -> bool:
        """Whether x is one more symbol of each text, within the context, and no gradient is wanted: done by hand."""
        B, T, _ = x.shape
        caches, xs = state.caches, state.xs
        is_full = xs is not None and len(xs) == self.context
        return (T == 1 and not (recording() or self.training or self.lean or is_full)
                and caches[0].keys.tensor.shape[0] == B and x.dtype == caches[0].keys.tensor.dtype)

    def _in_parts(self, x: Tensor, state: TransformerState) -> tuple[Tensor, TransformerState]:
        """x (B, T, C); with a window, by parts: at once there would be T x T scores, of which each step wants few."""
        window, T = self.blocks[0].attention.window, x.shape[1]
        n = T if window is None else max(window, PART)
        if T <= n:
            return self._read(x, state)
        ys = []
        for t in range(0, T, n):
            y, state = self._read(x[:, t:t + n], state)
            ys.append(y)
        return concat(*ys, axis=1), state

    def _in_contexts(self, x: Tensor, state: TransformerState) -> tuple[Tensor, TransformerState]:
        """x (B, T, C), cut where a context is full."""
        assert self.context
        fresh = self.context - self.context // 2
        ys, t, T = [], 0, x.shape[1]
        while t < T:
            assert state.xs is not None
            room = self.context - len(state.xs)
            contexts = 1 if self.training else max(1, (T - t) // fresh)             # whole ones side by side; while
            n = min(T - t, room or contexts * fresh)                                # training a row stays one row
            part = x[:, t:t + n] if n < T else x                                    # (1)  (B, n, C)
            y, state = self._read(part, state) if room else self._read_anew(part, state)
            ys.append(y)
            t += n
        return ys[0] if len(ys) == 1 else concat(*ys, axis=1), state                # (3)  (B, T, C)

    def _read_anew(self, x: Tensor, state: TransformerState) -> tuple[Tensor, TransformerState]:
        """By the rule at the head of this page: x (B, n, C) behind a context that is full, in contexts that begin with
        the last half of the one before. None of them looks at another, so they are read as rows of one batch."""
        _check_even(self, state)
        assert self.context and state.xs
        half = self.context // 2
        fresh, (B, n, C) = self.context - half, x.shape
        contexts = max(1, n // fresh)
        known = concat(state.xs.newest(half).tensor, x, axis=1)                     # (1)  (B, half + n, C)
        steps = to_host(range(0, contexts * fresh, fresh))[:, None] + to_host(range(min(half + n, self.context)))
        rows = known[:, steps].reshape(B * contexts, -1, C) if contexts > 1 else known              # (1)
        y, after = self._read(rows, self.initial_state(B * contexts))
        last = to_host(range(contexts - 1, B * contexts, contexts))
        return y[:, half:].reshape(B, n, C), after.select(last) if contexts > 1 else after          # (3)  (B, n, C)

    def _read(self, x: Tensor, state: TransformerState, lengths: Any = None,
              writes: bool = False) -> tuple[Tensor, TransformerState]:
        """(1)-(3), over steps that follow those of the state."""
        y = self._placed(x, state.caches[0].before)                                 # (1)
        caches: list[Any] = []
        for block, before in zip(self.blocks, state.caches, strict=True):
            y, cache = block.step(y, before) if writes else block(y, cache=before, lengths=lengths)         # (2)
            caches.append(cache)
        return self._normed(y), TransformerState(tuple(caches), self._inputs(x, state, lengths))

    def _both_ways(self, x: Tensor, state: Any, lengths: Any) -> Tensor:
        """(1)-(3), where each step sees all the others."""
        if state is not None:
            raise ValueError(f"{named(self)} sees what follows, so it cannot go on from a state: make it with "
                             "causal=True, or leave the state out")
        mask = None if lengths is None else padding_mask(lengths, x.shape[1])       # (B, T)
        y = self._placed(x if mask is None else where(mask[:, :, None], x, 0.0), 0)                 # (1)  (B, T, C)
        # A row without any step looks at its first one, which is 0 and gives nothing that is used.
        seen = None if lengths is None else padding_mask(lengths.clip(1), x.shape[1])
        for block in self.blocks:
            y, _ = block(y, mask=seen)                                              # (2)
        return self._normed(y) if mask is None else where(mask[:, :, None], self._normed(y), 0.0)   # (3)  (B, T, C)

    def _placed(self, x: Tensor, t: Any) -> Tensor:
        """(1), the first step being t, a number or one for each sequence."""
        return self.dropout(x if self.positions is None else self.positions(x, t))

    def _normed(self, y: Tensor) -> Tensor:
        """(3)"""
        return y if self.final_norm is None else self.final_norm(y)

    def _inputs(self, x: Tensor, state: TransformerState, lengths: Any) -> Steps | None:
        """What a full context would be read anew from: the inputs so far."""
        if state.xs is None:
            return None
        xs, before = state.xs.followed_by(x), state.caches[0].counts
        if lengths is None:
            return xs
        counts = before + lengths
        return xs.turned(len(state.xs) + lengths, counts, int(counts.max()))

    def _checked_input(self, x: Any) -> Tensor:
        shape = getattr(x, "shape", None)
        if shape is None or x.dtype.kind != "f" or len(shape) != 3 or shape[2] != self.D:
            got = type(x).__name__ if shape is None else f"{x.dtype} {tuple(shape)}"
            raise ValueError(f"{named(self)} takes floating-point numbers x (B, T, C={self.D}); got {got}: ids go "
                             "through an Embedding of that width first, and one sequence is a batch of one, x[None]")
        if 0 in shape[:2]:
            raise ValueError(f"a batch has at least one sequence of at least one step; got x {tuple(shape)}")
        return x if isinstance(x, Tensor) else Tensor(to_device(x))

    def describe(self) -> str:
        return f"{self.D}, {len(self.blocks)} blocks"


def _positions(C: int, positions: str | None, context: int | None) -> SinusoidalPositions | LearnedPositions | None:
    """The layer that adds positions to x, where one does."""
    if (positions == "learned" and context is None) or (positions not in ADDED and context is not None):
        raise ValueError("a context is how many positions are learned, or how many sinusoidal ones there are; got "
                         f"positions={positions!r}, context={context}: give both, or a window for other positions")
    if positions == "learned":
        return LearnedPositions(int(context or 0), C)
    return SinusoidalPositions(C) if positions == "sinusoidal" else None


def reach(positions: str | None, steps: int) -> dict[str, Any]:
    """The settings of a Transformer with these positions in which a step sees no more than `steps`, itself among them,
    and in which each step costs the same: a context where positions are added, else a window."""
    return {"positions": positions, "context" if positions in ADDED else "window": steps}


def _check_within(layer: Transformer, state: TransformerState, lengths: Any) -> None:
    """Raise ValueError if rows of different lengths outgrow a context."""
    longest = int((state.caches[0].counts + lengths).max())
    if layer.context is not None and longest > layer.context:
        raise ValueError(f"{named(layer)} has T={layer.context} positions, and one of these rows of different lengths "
                         f"has {longest} steps: it would be read anew where the others are not. Cut the rows to "
                         f"{layer.context}, give rows of one length, or take positions without an end (rotary, alibi)")


def _check_even(layer: Transformer, state: TransformerState) -> None:
    """Raise ValueError if the rows have read differently much, so that their contexts do not end together."""
    counts = state.caches[0].counts
    if (counts != counts[0]).any():
        raise ValueError(f"{named(layer)}: one row has read all context={layer.context} positions and others have not "
                         f"(from {counts.min()} to {counts.max()} steps), so they cannot be read anew together: go on "
                         "with rows of one length, or take positions without an end (sinusoidal, rotary, alibi)")


def _ragged(lengths: Any, B: int, T: int) -> Any:
    """lengths as an array (B,) on the host; None if all rows have T steps."""
    array = to_host(lengths)
    if array.dtype.kind not in "iu" or array.shape != (B,) or (array < 0).any() or (array > T).any():
        raise ValueError(f"lengths are B={B} whole numbers from 0 to T={T}, one a sequence; got {array.dtype} "
                         f"{array.shape}" + (f" from {array.min()} to {array.max()}" if array.size else ""))
    return None if (array == T).all() else array
