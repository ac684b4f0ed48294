"""Decoder blocks on top of each other: a sequence is written, and each block looks at the source.

    (1) x^0_t = dropout(x_t + position t)                                (B, C)    where positions are "sinusoidal"
    (2) x^l   = block_l(x^{l-1}, source),   l = 1 .. num_layers          (B, T, C) decoder_block.py
    (3) y     = norm(x^L)                                                (B, T, C) with pre-norm

The positions of the source are in its own vectors already. Vaswani et al. 2017, section 3.1.
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.attention.attention import Memory
from tinyseq.layers.attention.cache import empty_cache
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module
from tinyseq.layers.norm import LayerNorm
from tinyseq.layers.positions import SinusoidalPositions
from tinyseq.layers.transformer.decoder_block import TransformerDecoderBlock
from tinyseq.layers.transformer.state import TransformerState

POSITIONS = ("sinusoidal", "rotary", "alibi", None)        # those without an end: an answer may be of any length


class Memories(tuple[Memory, ...]):
    """The source as each block looks at it."""

    def select(self, rows: Any) -> "Memories":
        """Those of these sequences, in this order: of the beams that go on."""
        return Memories(memory.select(rows) for memory in self)


class DecoderStack(Module):
    """The equations (1)-(3) at the head of this page.

    Made with  C: channels, also of the source.  num_layers: how many blocks.  num_heads, norm, activation, FF, dropout,
               bias: as TransformerDecoderBlock.  positions: "sinusoidal", added to x; "rotary" or "alibi", inside
               self-attention; None.
    Weights    blocks.0, blocks.1, ...; final_norm of pre-norm.
    Call       x (B, T, C), memories, state=None -> y (B, T, C), a TransformerState, weights (B, nh, T, Tk) of the last
               block's cross-attention
               memories  stack.memory(source (B, Tk, C), mask=None), made once for all steps;  mask (B, Tk): no padding
               state     what the stack returned for the steps before; None: there are none
    Raises     ValueError as TransformerDecoderBlock, and for other positions."""

    directions, recurrent_dropout = 1, 0.0                 # a Decoder asks for them, as it does of a recurrent Stack

    def __init__(self, C: int, num_layers: int, num_heads: int, norm: str = "pre", activation: str = "gelu",
                 FF: int | None = None, dropout: float = 0.0, bias: bool = True, positions: str | None = "sinusoidal"):
        if num_layers < 1:
            raise ValueError(f"a DecoderStack has at least one block; got num_layers={num_layers}")
        if positions not in POSITIONS:
            raise ValueError(f"positions of a DecoderStack are one of {', '.join(map(str, POSITIONS))}; got "
                             f"{positions!r}")
        self.D = self.H = C
        self.positions = SinusoidalPositions(C) if positions == "sinusoidal" else None
        self.dropout = Dropout(dropout)
        inside = None if positions == "sinusoidal" else positions
        self.blocks = [TransformerDecoderBlock(C, num_heads, norm, activation, FF, dropout, bias, inside)
                       for _ in range(num_layers)]
        self.final_norm = LayerNorm(C, bias=bias) if norm == "pre" else None

    def initial_state(self, B: int) -> TransformerState:
        """Nothing has been written by a batch of B sequences."""
        nothing = empty_cache(B, self.D, self.blocks[0].norm_1.gamma.dtype)
        return TransformerState((nothing,) * len(self.blocks))

    def memory(self, source: Tensor, mask: Any = None) -> Memories:
        """The source's keys and values of each block, for all steps."""
        return Memories(block.memory(source, mask) for block in self.blocks)

    def __call__(self, x: Tensor, memories: Memories,
                 state: TransformerState | None = None) -> tuple[Tensor, TransformerState, Tensor]:
        state = self.initial_state(x.shape[0]) if state is None else state
        y = self.dropout(x if self.positions is None else self.positions(x, state.caches[0].before))        # (1)
        caches = []
        for block, memory, before in zip(self.blocks, memories, state.caches, strict=True):
            y, cache, weights = block(y, memory, before)                            # (2)
            caches.append(cache)
        y = y if self.final_norm is None else self.final_norm(y)                    # (3)
        return y, TransformerState(tuple(caches)), weights

    def describe(self) -> str:
        return f"{self.D}, {len(self.blocks)} blocks"
