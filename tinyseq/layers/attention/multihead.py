"""Multi-head attention: several attentions side by side, each over its own projection of queries, keys and values.

Shapes: B sequences, Tq queries, Tk keys, C channels, nh heads of width d = C / nh.

    (1) q, k, v = x_q W_q + b_q, x_k W_k + b_k, x_v W_v + b_v      (B, T, C)            head after head, d entries each
    (2) alpha   = softmax over the keys of q k^T / sqrt(d)         (B, nh, Tq, Tk)      in each head for itself
    (3) c       = alpha v                                          (B, nh, Tq, d)
    (4) y       = [c of head 0; ...; c of head nh-1] W_o + b_o     (B, Tq, C)

Vaswani et al. 2017, section 3.2.2.
"""
import math
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform, xp
from tinyseq.layers.attention.attention import Attention, Memory, check_sequence
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Parameter
from tinyseq.ops import attention, attention_composed


class MultiHeadAttention(Attention):
    """The equations (1)-(4) at the head of this page.

    Made with  C: channels of x and y.  num_heads: nh, which divides C.  bias: whether there are b_q, b_k, b_v, b_o.
               dropout: of the weights alpha between (2) and (3), while training.  positions: None.
    Weights    W_q, W_k, W_v (C, C), a block of columns for each head; W_o (C, C); b_q, b_k, b_v, b_o (C,); all from
               U(-1/sqrt(C), 1/sqrt(C)). b_k adds the same to all scores of a query, which the softmax removes again:
               its gradient is 0. It is here because weights from elsewhere have it.
    Call       self-attention    x (B, T, C), mask=None -> y (B, T, C), weights (B, nh, T, T)
               otherwise         query, keys, values=None, mask=None -> y, weights, as Attention; all of width C,
                                 weights (B, nh, Tq, Tk), or (B, nh, Tk) for a query (B, C)
               The weights are those of (2), before dropout.
    Raises     ValueError as Attention, and if num_heads does not divide C.
    By hand    ops.attention is (2) and (3). Where weights are dropped it is its twin, ops.attention_composed."""

    def __init__(self, C: int, num_heads: int, bias: bool = True, dropout: float = 0.0, positions: str | None = None):
        if C < 1 or num_heads < 1 or C % num_heads:
            raise ValueError("MultiHeadAttention: num_heads divides C, so that all heads have the same width; got "
                             f"C={C}, num_heads={num_heads}{_advice(C, num_heads)}")
        if positions is not None:
            raise ValueError(f"MultiHeadAttention: positions={positions!r} does not exist: leave it out, and add "
                             "positions to x before the layer")
        self.C, self.num_heads = C, num_heads
        heads = tuple(f"head{i}" for i in range(num_heads))
        self.W_q, self.W_k, self.W_v = (_uniform((C, C), C, heads) for _ in range(3))
        self.W_o = _uniform((C, C), C)
        self.b_q, self.b_k, self.b_v = (_uniform((C,), C, heads) if bias else None for _ in range(3))
        self.b_o = _uniform((C,), C) if bias else None
        self.dropout = Dropout(dropout)

    def __call__(self, query: Tensor, keys: Any = None, values: Any = None, mask: Any = None,
                 t: int = 0) -> tuple[Tensor, Tensor]:
        if values is None and mask is None and getattr(keys, "dtype", None) == xp.bool_:
            keys, mask = None, keys                        # m(x, mask)
        if keys is None:
            check_sequence(self, "query", query, "x")
            keys = query
        return super().__call__(query, keys, values, mask, t)

    def width(self, role: str) -> tuple[str, int | None]:
        return "C", self.C

    def prepared(self, keys: Tensor) -> Tensor:
        return self._heads(keys, self.W_k, self.b_k)                                            # (1)

    def prepared_values(self, values: Tensor) -> Tensor:
        return self._heads(values, self.W_v, self.b_v)                                          # (1)

    def attend(self, queries: Tensor, memory: Memory, t: int) -> tuple[Tensor, Tensor]:
        q = self._heads(queries, self.W_q, self.b_q)                                            # (1)
        mask = None if memory.mask is None else memory.mask[:, None]                            # (B, 1, Tq, Tk)
        if self.training and self.dropout.p:
            c, alpha = attention_composed(q, *memory[:2], mask=mask, drop=self.dropout)         # (2) (3)
        else:
            c, alpha = attention(q, *memory[:2], mask=mask)                                     # (2) (3)
        B, Tq, C = queries.shape
        y = c.transpose(0, 2, 1, 3).reshape(B, Tq, C) @ self.W_o                                # (4)
        return y if self.b_o is None else y + self.b_o, alpha

    def _heads(self, x: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
        """(1), each head for itself:  x (B, T, C) -> (B, nh, T, d)"""
        (B, T, C), nh = x.shape, self.num_heads
        a = x @ W if b is None else x @ W + b                                                   # (B, T, C)
        return a.reshape(B, T, nh, C // nh).transpose(0, 2, 1, 3)

    def describe(self) -> str:
        return f"{self.C}, {self.num_heads} heads"


def _uniform(shape: tuple[int, ...], C: int, blocks: tuple[str, ...] = ()) -> Parameter:
    return Parameter(uniform(shape, 1 / math.sqrt(C)), blocks=blocks)


def _advice(C: int, num_heads: int) -> str:
    """The numbers of heads that do divide C, where there is a near one."""
    if C < 1 or num_heads < 1:
        return ": both are at least 1"
    near = sorted((n for n in range(1, C + 1) if C % n == 0), key=lambda n: abs(n - num_heads))[:2]
    return f": {' or '.join(map(str, sorted(near)))} heads would do, or C={num_heads * math.ceil(C / num_heads)}"
