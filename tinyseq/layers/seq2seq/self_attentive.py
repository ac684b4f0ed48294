"""Self-attention over the states of a recurrent stack: a step sees every other at once, however far away it is.

    (1) h_1..h_T     = stack(x_1..x_T)                    (B, T, D)      D = H, or 2H with two directions
    (2) z_t, alpha_t = attention(h_t, h_1..h_T)           (B, T, D)      the steps of its own sequence
    (3) u_t          = tanh([h_t; z_t] W + b)             (B, T, D)      "feed_forward"
     or u_t          = [h_t; z_t]                         (B, T, 2D)     "concat"
     or u_t          = h_t + z_t                          (B, T, D)      "add"

Chapters 8.4 and 9.3, which asks for the first two of (3); "add" is a residual connection. In (2) stands any of
layers/attention: one of the scores, local or not, or several heads. Cheng et al. 2016, "Long short-term memory-networks
for machine reading", have such an attention inside the recurrence; here it lies on top, so that (1) keeps its speed.
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.seq2seq.encoder import Encoded, Encoder
from tinyseq.ops import concat, tanh, where

JOINS = ("feed_forward", "concat", "add")


class SelfAttention(Module):
    """The equations (2) and (3) at the head of this page, over states of any origin.

    Made with  attention: of queries, keys and values of width D.  D: width of the states.  join: "feed_forward",
               "concat" or "add".
    Weights    those of the attention; the Linear of "feed_forward", W (2D, D) and b (D,).
    Call       hs (B, T, D), mask=None, keys=None, t=0 -> u (B, T, D_out), weights (B, T, Tk), with heads (B, nh, T, Tk)
               mask   as in Attention: padding_mask, causal_mask, or both
               keys   (B, Tk, D), the states that are looked at; None: hs itself.  t: where among them hs begins
               D_out  2D for "concat", else D
    Raises     ValueError for an attention of another width or another join."""

    def __init__(self, attention: Attention, D: int, join: str = "feed_forward"):
        if join not in JOINS:
            raise ValueError(f"join is one of {', '.join(JOINS)}; got {join!r}")
        for role in ("query", "keys", "values"):
            letter, width = attention.width(role)
            if width not in (None, D):
                raise ValueError(f"self-attention looks from states at states, of width D={D} here; "
                                 f"{type(attention).__name__} has {letter}={width} for its {role}: make it with "
                                 f"{letter}={D}")
        self.attention, self.join = attention, join
        self.D_out = 2 * D if join == "concat" else D
        self.linear = Linear(2 * D, D) if join == "feed_forward" else None

    def __call__(self, hs: Tensor, mask: Any = None, keys: Tensor | None = None, t: int = 0) -> tuple[Tensor, Tensor]:
        z, alpha = self.attention(hs, hs if keys is None else keys, mask=mask, t=t)             # (2)
        if self.join == "add":
            return hs + z, alpha                                                                # (3)
        u = concat(hs, z, axis=-1)                                                              # (3)  (B, T, 2D)
        return u if self.linear is None else tanh(self.linear(u)), alpha                        # (3)

    def describe(self) -> str:
        return self.join


class SelfAttentiveEncoder(Encoder):
    """An Encoder whose states have looked at each other: the equations (1)-(3) at the head of this page.

    Made with  embedding, stack, dropout: as Encoder.  attention, join: as SelfAttention, D being the stack's H, or 2H
               with two directions.
    Call       as Encoder; the hs that come out are the u_t, 0 behind a source's end. The state is that of the stack.
    Raises     ValueError as both."""

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention, join: str = "feed_forward",
                 dropout: float = 0.0):
        super().__init__(embedding, stack, dropout)
        self.look = SelfAttention(attention, stack.directions * stack.H, join)

    def __call__(self, ids: Any, lengths: Any = None) -> Encoded:
        hs, state, mask = super().__call__(ids, lengths)                            # (1)
        u, _ = self.look(hs, mask)                                                  # (2) (3)
        return Encoded(u if mask is None else where(mask[:, :, None], u, 0.0), state, mask)
