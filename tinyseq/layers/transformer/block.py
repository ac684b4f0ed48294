"""One block of a transformer: self-attention, then a feed-forward layer, each beside a way straight through.

    norm="pre"     (1) u = x + dropout(attention(norm_1(x)))        (B, T, C)
                   (2) y = u + dropout(feed_forward(norm_2(u)))     (B, T, C)

    norm="post"    (1) u = norm_1(x + dropout(attention(x)))
                   (2) y = norm_2(u + dropout(feed_forward(u)))

Post-norm is the original (Vaswani et al. 2017, section 3.1 and figure 1). Pre-norm leaves a way from y to x on which
nothing stands, so gradients reach the lowest block at their full size and no warm-up is needed (Xiong et al. 2020);
what comes out has not been normalised, so a norm follows the last block (stack.py).
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.attention.cache import KeyValueCache, Steps, advanced
from tinyseq.layers.attention.multihead import MultiHeadAttention
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.norm import LayerNorm
from tinyseq.layers.transformer.feed_forward import FeedForward
from tinyseq.layers.transformer.one_step import one_step
from tinyseq.ops import transformer_block

NORMS = ("pre", "post")


class TransformerBlock(Module):
    """The equations (1) and (2) at the head of this page.

    Made with  C: channels.  num_heads, positions, window, lean: as MultiHeadAttention.  norm: "pre" or "post".
               activation, FF: as FeedForward.  causal: whether a step sees only itself and those before it.  dropout:
               of the attention's weights and of what either half adds, while training.  bias: whether attention,
               feed-forward layer and norms have biases.  eps: of the norms.  method: "by_hand" or "by_tape", the fast
               twin or the slow one.
    Weights    attention, feed_forward, norm_1, norm_2.
    Call       x (B, T, C), mask=None, cache=None -> y (B, T, C), cache
               mask    of a block that is not causal: which keys may be looked at, as Attention has it
               cache   of a causal block: what it returned for the steps before (None: there are none); a block that is
                       not causal returns None
               lengths of ragged rows, (B,) on the host: of causal blocks, whose cache then ends with each row
    By hand    ops.transformer_block is a whole call that goes on from no cache, drops nothing and is not lean. Other
               calls are made of ops for each part, as all are with method="by_tape". step(x (B, 1, C), cache) is the
               call for a single symbol where no gradient is wanted (one_step.py).
    Raises     ValueError as its parts, and for a mask or a cache where there is none."""

    def __init__(self, C: int, num_heads: int, norm: str = "pre", activation: str = "gelu", causal: bool = True,
                 FF: int | None = None, dropout: float = 0.0, bias: bool = True, positions: str | None = None,
                 window: int | None = None, eps: float = 1e-5, lean: bool = False,
                 method: str = "by_hand"):
        check_norm(norm)
        self.norm, self.causal = norm, causal
        self.attention = MultiHeadAttention(C, num_heads, bias, dropout, positions, causal, window, lean,
                                            weights=False, method=method)
        self.feed_forward = FeedForward(C, FF, activation, bias, method)
        self.norm_1, self.norm_2 = LayerNorm(C, eps, bias), LayerNorm(C, eps, bias)
        self.dropout = Dropout(dropout)

    def __call__(self, x: Tensor, mask: Any = None, cache: KeyValueCache | None = None,
                 lengths: Any = None) -> tuple[Tensor, KeyValueCache | None]:
        if (mask is not None if self.causal else cache is not None):
            raise ValueError(f"{named(self)}: a causal block takes a cache and no mask, one that is not takes a mask "
                             f"and no cache; this one has causal={self.causal}: leave the other out")
        if self.attention.goes_by_hand() and (cache is None or not len(cache.keys)):
            return self._by_hand(x, mask, cache, lengths)
        a = entering(self, x, self.norm_1)                                          # (1)
        if self.causal:
            a, _, cache = self.attention.resume(a, cache, lengths)                  # (1)
        else:
            a, _ = self.attention(a, mask=mask)                                     # (1)
        u = leaving(self, x, a, self.norm_1)                                        # (1)
        f = self.feed_forward(entering(self, u, self.norm_2))                       # (2)
        return leaving(self, u, f, self.norm_2), cache                              # (2)

    def _by_hand(self, x: Tensor, mask: Any, cache: KeyValueCache | None,
                 lengths: Any) -> tuple[Tensor, KeyValueCache | None]:
        """(1) and (2) of a whole sequence."""
        attention, feed_forward, norm_1, norm_2 = self.attention, self.feed_forward, self.norm_1, self.norm_2
        cache = attention.begun(x, cache) if self.causal else None
        settings = attention.settings(x, 0 if cache is None else cache.before, mask)
        y, k, v = transformer_block(x, norm_1.gamma, norm_1.beta, *attention.in_order(), norm_2.gamma, norm_2.beta,
                                    *feed_forward.in_order(), norm=self.norm, epsilon=norm_1.epsilon,
                                    activation=feed_forward.activation, **settings)
        return y, None if cache is None else advanced(cache, Steps(k), Steps(v), x.shape[1], attention.window, lengths)

    def step(self, x: Tensor, cache: KeyValueCache) -> tuple[Tensor, KeyValueCache]:
        """One more symbol of each sequence, by hand and without a gradient, of a causal block that is in use:
        x (B, 1, C), cache -> y (B, 1, C), cache."""
        y, cache = one_step(self, x.data[:, 0], cache)
        return Tensor(y[:, None]), cache

    def describe(self) -> str:
        return f"{self.norm}-norm"


def entering(block: Any, x: Tensor, norm: LayerNorm) -> Tensor:
    """What a half of the block reads."""
    return norm(x) if block.norm == "pre" else x


def leaving(block: Any, x: Tensor, y: Tensor, norm: LayerNorm) -> Tensor:
    """x, past this half of the block, and what it made of it, y."""
    u = x + block.dropout(y)
    return u if block.norm == "pre" else norm(u)


def check_norm(norm: str) -> None:
    """Raise ValueError for a place that no norm has."""
    if norm not in NORMS:
        raise ValueError(f"norm is 'pre' or 'post', where the norms of a block stand; got {norm!r}")
