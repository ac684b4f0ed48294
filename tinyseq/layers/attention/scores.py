"""Four ways to score how well a query q agrees with a key k: equation (1) of attention.py.

    additive    v tanh(q W_q + k W_k)      (1a)    Bahdanau et al. 2015, appendix A.1.2
    dot         q k                        (1b)    Luong et al. 2015, section 3.1
    general     q W k                      (1c)    Luong et al. 2015, section 3.1
    concat      v tanh([q; k] W)           (1d)    Luong et al. 2015, section 3.1

Additive and concat are the same function: W of (1d) is W_q of (1a) above W_k. Chapter 8.4 calls (1d) Bahdanau's.
"""
import math

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.module import Parameter
from tinyseq.layers.named import named
from tinyseq.ops import swap, tanh


class AdditiveAttention(Attention):
    """(1a)  e = v tanh(q W_q + k W_k)                                        (B, Tq, Tk)

    Made with  D_query, D_key: widths of queries and keys.  width: of the hidden layer that compares them.
    Weights    W_q (D_query, width), W_k (D_key, width), v (width,), from U(-1/sqrt(n), 1/sqrt(n)) for n inputs.
    Call       as Attention. k W_k is computed once a memory, as in Bahdanau et al. 2015, appendix A.1.2."""

    def __init__(self, D_query: int, D_key: int, width: int):
        _check_widths(self, D_query=D_query, D_key=D_key, width=width)
        self.D_query, self.D_key = D_query, D_key
        self.W_q = _weights(D_query, width)
        self.W_k = _weights(D_key, width)
        self.v = _vector(width)

    def prepared(self, keys: Tensor) -> Tensor:
        return keys @ self.W_k                                                      # (1a)  (B, Tk, width)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        return _compared(queries @ self.W_q, keys, self.v)                          # (1a)

    def describe(self) -> str:
        return f"{self.D_query}, {self.D_key}, {len(self.v)}"


class DotAttention(Attention):
    """(1b)  e = q k,  or  q k / sqrt(D)  where scaled                        (B, Tq, Tk)

    Made with  scaled: whether to divide by the root of the width D, so that the scores of wide vectors do not drive the
               softmax to where its gradient vanishes (Vaswani et al. 2017, section 3.2.1).
    Call       as Attention, D_query and D_key being equal.
    Raises     ValueError as Attention, and if the widths differ."""

    def __init__(self, scaled: bool = False):
        self.scaled = scaled

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        if queries.shape[-1] != keys.shape[-1]:
            raise ValueError(f"{named(self)} multiplies queries and keys entry by entry; their last axes have sizes "
                             f"{queries.shape[-1]} and {keys.shape[-1]}: take GeneralAttention({queries.shape[-1]}, "
                             f"{keys.shape[-1]}), which has a matrix between them")
        scale = 1 / math.sqrt(keys.shape[-1]) if self.scaled else 1.0
        return queries * scale @ swap(keys, -1, -2)                                 # (1b)

    def describe(self) -> str:
        return "scaled" if self.scaled else ""


class GeneralAttention(Attention):
    """(1c)  e = q W k                                                        (B, Tq, Tk)

    Made with  D_query, D_key: widths of queries and keys.
    Weights    W (D_query, D_key), from U(-1/sqrt(D_query), 1/sqrt(D_query)).
    Call       as Attention"""

    def __init__(self, D_query: int, D_key: int):
        _check_widths(self, D_query=D_query, D_key=D_key)
        self.D_query, self.D_key = D_query, D_key
        self.W = _weights(D_query, D_key)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        return queries @ self.W @ swap(keys, -1, -2)                                # (1c)

    def describe(self) -> str:
        return f"{self.D_query}, {self.D_key}"


class ConcatAttention(Attention):
    """(1d)  e = v tanh([q; k] W)                                             (B, Tq, Tk)

    Made with  D_query, D_key: widths of queries and keys.  width: of the hidden layer that compares them.
    Weights    W (D_query + D_key, width), v (width,), from U(-1/sqrt(n), 1/sqrt(n)) for n inputs.
    Call       as Attention. [q; k] W is the product of q with W's upper rows and of k with its lower ones, so that no
               query is written beside every key."""

    def __init__(self, D_query: int, D_key: int, width: int):
        _check_widths(self, D_query=D_query, D_key=D_key, width=width)
        self.D_query, self.D_key = D_query, D_key
        self.W = _weights(D_query + D_key, width)
        self.v = _vector(width)

    def prepared(self, keys: Tensor) -> Tensor:
        return keys @ self.W[self.D_query:]                                         # (1d)  (B, Tk, width)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        return _compared(queries @ self.W[:self.D_query], keys, self.v)             # (1d)

    def describe(self) -> str:
        return f"{self.D_query}, {self.D_key}, {len(self.v)}"


def _compared(a_q: Tensor, a_k: Tensor, v: Tensor) -> Tensor:
    """v tanh(a_q + a_k) for each query and key:  a_q (B, Tq, width), a_k (B, Tk, width) -> (B, Tq, Tk)"""
    return tanh(a_q[:, :, None] + a_k[:, None]) @ v                                 # of (B, Tq, Tk, width)


def _weights(n: int, width: int) -> Parameter:
    return Parameter(uniform((n, width), 1 / math.sqrt(n)))


def _vector(width: int) -> Parameter:
    return Parameter(uniform((width,), 1 / math.sqrt(width)))


def _check_widths(layer: Attention, **widths: int) -> None:
    for name, n in widths.items():
        if n < 1:
            raise ValueError(f"{type(layer).__name__} has widths of at least 1; got {name}={n}")
