"""A block that also looks at another sequence: the decoder of an encoder-decoder.

    norm="pre"     (1) u = x + dropout(attention(norm_1(x)))                causal            (B, T, C)
                   (2) w = u + dropout(cross(norm_2(u), memory))            at the source     (B, T, C)
                   (3) y = w + dropout(feed_forward(norm_3(w)))                               (B, T, C)

    norm="post"    each half as norm(x + dropout(...)) instead

Vaswani et al. 2017, section 3.1. Keys and values of the source are the same at every step, so they are projected once.
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.attention.attention import Memory
from tinyseq.layers.attention.cache import KeyValueCache
from tinyseq.layers.attention.multihead import MultiHeadAttention
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module
from tinyseq.layers.norm import LayerNorm
from tinyseq.layers.transformer.block import check_norm, entering, leaving
from tinyseq.layers.transformer.feed_forward import FeedForward


class TransformerDecoderBlock(Module):
    """The equations (1)-(3) at the head of this page.

    Made with  C: channels, also of the source.  num_heads, positions: as MultiHeadAttention; positions are those of
               (1), since steps of two sequences have no distance.  norm, activation, FF, dropout, bias, eps: as
               TransformerBlock.
    Weights    attention, cross, feed_forward, norm_1, norm_2, norm_3.
    Call       x (B, T, C), memory, cache=None -> y (B, T, C), cache, weights (B, nh, T, Tk) of the cross-attention
               memory  block.memory(source (B, Tk, C), mask=None), made once for all steps;  mask (B, Tk): no padding
               cache   what the block returned for the steps before; None: there are none
               lengths of ragged rows, (B,) on the host: the cache then ends with each row
    Raises     ValueError as its parts."""

    def __init__(self, C: int, num_heads: int, norm: str = "pre", activation: str = "gelu", FF: int | None = None,
                 dropout: float = 0.0, bias: bool = True, positions: str | None = None, eps: float = 1e-5):
        check_norm(norm)
        self.norm = norm
        self.attention = MultiHeadAttention(C, num_heads, bias, dropout, positions, causal=True, weights=False)
        self.cross = MultiHeadAttention(C, num_heads, bias, dropout)
        self.feed_forward = FeedForward(C, FF, activation, bias)
        self.norm_1, self.norm_2, self.norm_3 = (LayerNorm(C, eps, bias) for _ in range(3))
        self.dropout = Dropout(dropout)

    def memory(self, source: Tensor, mask: Any = None) -> Memory:
        """Keys and values of the source, for all steps."""
        return self.cross.memory(source, mask=mask)

    def __call__(self, x: Tensor, memory: Memory, cache: KeyValueCache | None = None,
                 lengths: Any = None) -> tuple[Tensor, KeyValueCache, Tensor]:
        a, _, cache = self.attention.resume(entering(self, x, self.norm_1), cache, lengths)         # (1)
        u = leaving(self, x, a, self.norm_1)                                        # (1)
        c, weights = self.cross.look(entering(self, u, self.norm_2), memory)        # (2)
        w = leaving(self, u, c, self.norm_2)                                        # (2)
        f = self.feed_forward(entering(self, w, self.norm_3))                       # (3)
        return leaving(self, w, f, self.norm_3), cache, weights                     # (3)

    def describe(self) -> str:
        return f"{self.norm}-norm"
