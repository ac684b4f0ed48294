"""Multi-head attention: several attentions side by side, each over its own projection of queries, keys and values.

Shapes: B sequences, Tq queries, Tk keys, C channels, nh heads of width d = C / nh.

    (1) q, k, v = x_q W_q + b_q, x_k W_k + b_k, x_v W_v + b_v      (B, T, C)            head after head, d entries each
    (2) alpha   = softmax over the keys of q k^T / sqrt(d)         (B, nh, Tq, Tk)      in each head for itself
    (3) c       = alpha v                                          (B, nh, Tq, d)
    (4) y       = [c of head 0; ...; c of head nh-1] W_o + b_o     (B, Tq, C)

Vaswani et al. 2017, section 3.2.2. With positions q and k are turned before (2), or distance lowers the scores of (2):
relative.py.
"""
import math
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform, xp
from tinyseq.layers.attention.attention import Attention, Memory, check_query, check_sequence, checked_mask
from tinyseq.layers.attention.cache import KeyValueCache, Steps, advanced, empty_cache
from tinyseq.layers.attention.masks import causal_mask
from tinyseq.layers.attention.relative import POSITIONS, distance_bias, score_bias, slope_array, turned, turns
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Parameter
from tinyseq.layers.named import named
from tinyseq.layers.twins import check_method
from tinyseq.ops import (
    attention,
    attention_composed,
    join_heads,
    lean_attention,
    linear,
    self_attention,
    split_heads,
)


class MultiHeadAttention(Attention):
    """The equations (1)-(4) at the head of this page.

    Made with  C: channels of x and y.  num_heads: nh, which divides C.  bias: whether there are b_q, b_k, b_v, b_o.
               dropout: of the weights alpha between (2) and (3), while training.  positions: None, "rotary" (for an
               even d) or "alibi".  causal: whether a query sees only its own step and those before;  window: of these
               the last so many alone (None: all).  lean: by blocks, in memory that grows with T and not with T^2
               (ops/lean_attention.py): the same y, but no weights come out, none can be dropped, and a mask says which
               keys are there, (B, Tk), nothing else.  weights: whether they come out; if not, None does, and the way
               back is shorter.  method: "by_hand" or "by_tape", the fast twin of self-attention or the slow one.
    Weights    W_q, W_k, W_v (C, C), a block of columns for each head; W_o (C, C); b_q, b_k, b_v, b_o (C,); all from
               U(-1/sqrt(C), 1/sqrt(C)). b_k adds the same to all scores of a query, which the softmax removes again:
               its gradient is 0. It is here because weights from elsewhere have it.
    Call       self-attention    x (B, T, C), mask=None -> y (B, T, C), weights (B, nh, T, T)
               otherwise         query, keys, values=None, mask=None, t=0 -> y, weights, as Attention; all of width C,
                                 weights (B, nh, Tq, Tk), or (B, nh, Tk) for a query (B, C)
               The weights are those of (2), before dropout; None where lean. Key s stands at step s, query i at t + i:
               causal, window and positions go by that.
    By parts   resume(x, cache=None) of a causal layer is self-attention over x (B, T, C), which goes on from what the
               cache keeps of the steps before (cache.py) -> y (B, T, C), weights (B, nh, T, K + T), cache. All parts
               together give what the whole gives.
    Raises     ValueError as Attention, if num_heads does not divide C, and for settings that exclude each other.
    By hand    ops.self_attention is (1)-(4), for self-attention over a whole sequence whose weights neither come out
               nor are dropped, and which is not lean. Else each equation is an op of its own: ops.attention is (2) and
               (3), or where weights are dropped its twin, ops.attention_composed."""

    def __init__(self, C: int, num_heads: int, bias: bool = True, dropout: float = 0.0, positions: str | None = None,
                 causal: bool = False, window: int | None = None, lean: bool = False, weights: bool = True,
                 method: str = "by_hand"):
        _check_settings(C, num_heads, dropout, positions, causal, window, lean, method)
        self.C, self.num_heads, self.positions = C, num_heads, positions
        self.causal, self.window, self.lean, self.weights = causal, window, lean, weights and not lean
        self.method = method
        heads = tuple(f"head{i}" for i in range(num_heads))
        self.W_q, self.W_k, self.W_v = (_uniform((C, C), C, heads) for _ in range(3))
        self.W_o = _uniform((C, C), C)
        self.b_q, self.b_k, self.b_v = (_uniform((C,), C, heads) if bias else None for _ in range(3))
        self.b_o = _uniform((C,), C) if bias else None
        self.dropout = Dropout(dropout)

    def __call__(self, query: Tensor, keys: Any = None, values: Any = None, mask: Any = None,
                 t: int = 0) -> tuple[Tensor, Any]:
        if values is None and mask is None and getattr(keys, "dtype", None) == xp.bool_:
            keys, mask = None, keys                        # m(x, mask)
        if keys is None:
            check_sequence(self, "query", query, "x")
            if t == 0 and self.goes_by_hand():
                y, _, _ = self_attention(query, *self.in_order(), **self.settings(query, mask=mask))
                return y, None
            keys = query
        return super().__call__(query, keys, values, mask, t)

    def resume(self, x: Tensor, cache: KeyValueCache | None = None,
               lengths: Any = None) -> tuple[Tensor, Tensor | None, KeyValueCache]:
        """Self-attention over the T steps that follow those in the cache; of ragged rows, lengths (B,) on the host say
        how many of the T each has. What stands behind a row's end is seen by the steps there alone."""
        cache, (B, T, _) = self.begun(x, cache), x.shape
        K, t = len(cache.keys), cache.before
        if not K and self.goes_by_hand():
            y, k, v = self_attention(x, *self.in_order(), **self.settings(x, t))
            return y, None, advanced(cache, Steps(k), Steps(v), T, self.window, lengths)
        keys = cache.keys.followed_by(self._projected(x, self.W_k, self.b_k, t))                # (1)  (B, K + T, C)
        values = cache.values.followed_by(self._projected(x, self.W_v, self.b_v))               # (1)  (B, K + T, C)
        real = cache.is_real()
        mask = None if real is None else xp.concatenate((real, xp.ones((B, T), xp.bool_)), axis=1)[:, None]
        q = self._heads(self._projected(x, self.W_q, self.b_q, t))                              # (1)  (B, nh, T, d)
        k, v = self._heads(keys.tensor), self._heads(values.tensor)                             # (1)  (B, nh, K + T, d)
        c, alpha = self._look(q, k, v, mask, K)                                                 # (2) (3)
        return self._joined(c), alpha, advanced(cache, keys, values, T, self.window, lengths)

    def begun(self, x: Tensor, cache: KeyValueCache | None) -> KeyValueCache:
        """What x (B, T, C) follows, checked; None: nothing."""
        check_sequence(self, "query", x, "x")
        if not self.causal:
            raise ValueError(f"{named(self)} sees what follows, so it cannot go on from what came before: make it with "
                             "causal=True, or give it the whole sequence")
        return empty_cache(x.shape[0], self.C, x.dtype) if cache is None else _checked_cache(self, cache, x)

    def goes_by_hand(self) -> bool:
        """Whether self-attention over a whole sequence is one op."""
        drops = self.training and self.dropout.p
        return self.method == "by_hand" and not (self.weights or self.lean or drops)

    def in_order(self) -> tuple[Tensor | None, ...]:
        """The weights, as ops.self_attention takes them."""
        return self.W_q, self.W_k, self.W_v, self.W_o, self.b_q, self.b_k, self.b_v, self.b_o

    def settings(self, x: Tensor, t: Any = 0, mask: Any = None) -> dict[str, Any]:
        """Those of ops.self_attention for a whole sequence x (B, T, C), whose first step is t."""
        T, dtype = x.shape[1], str(x.dtype)
        mask = checked_mask(self, mask, x)
        check_query(self, x, Memory(x, x, mask))
        turned_by = turns(t, T, self.C // self.num_heads, dtype) if self.positions == "rotary" else None
        return {"num_heads": self.num_heads, "turns": turned_by, "mask": None if mask is None else mask[:, None],
                "bias": score_bias(T, self.num_heads, self.positions, self.causal, self.window, dtype)}

    def width(self, role: str) -> tuple[str, int | None]:
        return "C", self.C

    def prepared(self, keys: Tensor) -> Tensor:
        return self._heads(self._projected(keys, self.W_k, self.b_k, 0))                        # (1)  (B, nh, Tk, d)

    def prepared_values(self, values: Tensor) -> Tensor:
        return self._heads(self._projected(values, self.W_v, self.b_v))                         # (1)  (B, nh, Tk, d)

    def attend(self, queries: Tensor, memory: Memory, t: int) -> tuple[Tensor, Any]:
        q = self._heads(self._projected(queries, self.W_q, self.b_q, t))                        # (1)  (B, nh, Tq, d)
        c, alpha = self._look(q, memory.keys, memory.values, memory.mask, t)                    # (2) (3)
        return self._joined(c), alpha

    def _look(self, q: Tensor, k: Tensor, v: Tensor, mask: Any, t: int) -> tuple[Tensor, Any]:
        """(2) and (3):  q (B, nh, Tq, d), k, v (B, nh, Tk, d), mask (B or 1, Tq or 1, Tk) -> c (B, nh, Tq, d), alpha;
        query i stands where key t + i does, or would."""
        of_heads = None if mask is None else mask[:, None]                                      # (B, 1, Tq, Tk)
        if self.lean:
            slopes = slope_array(self.num_heads, q.dtype) if self.positions == "alibi" else None
            return lean_attention(q, k, v, mask=of_heads, causal=self.causal, window=self.window, before=t,
                                  slopes=slopes), None
        Tq, Tk = q.shape[2], k.shape[2]
        bias = distance_bias(self.num_heads, Tq, Tk, t, q.dtype) if self.positions == "alibi" else None
        sees_all = Tq == 1 and Tk <= t + 1 and t < (self.window or t + 1)
        if self.causal and not sees_all:
            seen = causal_mask(Tq, self.window, t, Tk)[:, None]                                 # (1, 1, Tq, Tk)
            of_heads = seen if of_heads is None else of_heads & seen
        if self.training and self.dropout.p:
            c, alpha = attention_composed(q, k, v, mask=of_heads, drop=self.dropout, bias=bias)
            return c, alpha if self.weights else None
        if self.weights:
            return attention(q, k, v, mask=of_heads, bias=bias)
        return attention(q, k, v, mask=of_heads, bias=bias, weights=False), None

    def _projected(self, x: Tensor, W: Tensor, b: Tensor | None, t: Any = None) -> Tensor:
        """(1)  x (B, T, C) -> (B, T, C); where positions are rotary each head is turned, the first step being t."""
        a = linear(x, W, b)
        if t is None or self.positions != "rotary":
            return a
        (B, T, C), nh = a.shape, self.num_heads
        return turned(a.reshape(B, T, nh, C // nh), t).reshape(B, T, C)

    def _heads(self, a: Tensor) -> Tensor:
        """Each head for itself:  a (B, T, C) -> (B, nh, T, d)"""
        return split_heads(a, self.num_heads)

    def _joined(self, c: Tensor) -> Tensor:
        """(4)  c (B, nh, T, d) -> y (B, T, C)"""
        return linear(join_heads(c), self.W_o, self.b_o)                                        # (4)

    def describe(self) -> str:
        said = {str(self.positions): self.positions, "causal": self.causal, f"window {self.window}": self.window,
                "lean": self.lean}
        return ", ".join([str(self.C), f"{self.num_heads} heads", *(words for words, is_on in said.items() if is_on)])


def _uniform(shape: tuple[int, ...], C: int, blocks: tuple[str, ...] = ()) -> Parameter:
    return Parameter(uniform(shape, 1 / math.sqrt(C)), blocks=blocks)


def _check_settings(C: int, num_heads: int, dropout: float, positions: str | None, causal: bool, window: int | None,
                    lean: bool, method: str) -> None:
    """Raise ValueError for settings that cannot be, or that exclude each other."""
    if C < 1 or num_heads < 1 or C % num_heads:
        raise ValueError("MultiHeadAttention: num_heads divides C, so that all heads have the same width; got "
                         f"C={C}, num_heads={num_heads}{_advice(C, num_heads)}")
    if positions not in (None, *POSITIONS):
        raise ValueError(f"MultiHeadAttention: positions inside attention are None, {' or '.join(POSITIONS)}; got "
                         f"{positions!r}: sinusoidal and learned ones are added to x before the layer")
    if positions == "rotary" and C // num_heads % 2:
        raise ValueError(f"MultiHeadAttention: rotary positions turn pairs, and C={C} over num_heads={num_heads} is an "
                         f"odd width of {C // num_heads}: choose another number of heads")
    if window is not None and (not causal or window < 1):
        raise ValueError("MultiHeadAttention: a window is at least 1 and looks back, so it belongs to causal=True; got "
                         f"window={window}, causal={causal}")
    check_method("MultiHeadAttention", method)
    if lean and dropout:
        raise ValueError(f"MultiHeadAttention: lean attention keeps no weights that could be dropped; got dropout="
                         f"{dropout}: leave one of the two out")


def _checked_cache(layer: MultiHeadAttention, cache: KeyValueCache, x: Tensor) -> KeyValueCache:
    B, C = cache.keys.tensor.shape[0], cache.keys.tensor.shape[2]
    if (B, C) != (x.shape[0], x.shape[2]):
        raise ValueError(f"{named(layer)}: the cache keeps steps of {B} sequences of width {C}, and x {x.shape} has "
                         f"{x.shape[0]} of width {x.shape[2]}: pass what this layer returned for the same rows, or "
                         "None to begin anew")
    return cache


def _advice(C: int, num_heads: int) -> str:
    """The numbers of heads that do divide C, where there is a near one."""
    if C < 1 or num_heads < 1:
        return ": both are at least 1"
    near = sorted((n for n in range(1, C + 1) if C % n == 0), key=lambda n: abs(n - num_heads))[:2]
    return f": {' or '.join(map(str, sorted(near)))} heads would do, or C={num_heads * math.ceil(C / num_heads)}"
