"""Local attention: each query looks at the keys around one place p alone.

    (4) p     = t, the step of the query                  monotonic: both sequences run side by side
     or p     = S sigmoid(v tanh(q W))                    predicted, S being the length of the row's source
    (5) alpha = softmax over the keys s with |s - p| <= half_width of e       (B, Tq, Tk)
    (6) alpha = alpha exp(-(s - p)^2 / (2 sigma^2)),  sigma = half_width / 2  where p is predicted: this is how p learns
    (3) c     = alpha values                              (B, Tq, D_value)

Luong et al. 2015, section 3.2, equations 7, 9 and 10. The weights of (6) add up to less than 1.
"""
import math
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform, xp
from tinyseq.layers.attention.attention import Attention, Memory
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.named import named
from tinyseq.ops import exp, sigmoid, softmax, tanh


class PredictedCentre(Module):
    """(4)  p = S sigmoid(v tanh(q W))                                        (B, Tq, 1)

    Made with  D_query: width of the queries.  width: of the hidden layer.
    Weights    W (D_query, width), v (width,), from U(-1/sqrt(n), 1/sqrt(n)) for n inputs.
    Call       queries (B, Tq, D_query), S (B or 1, Tq or 1, 1) -> p (B, Tq, 1), between 0 and S
    Source     Luong et al. 2015, equation 9."""

    def __init__(self, D_query: int, width: int):
        if D_query < 1 or width < 1:
            raise ValueError(f"PredictedCentre has widths of at least 1; got D_query={D_query}, width={width}")
        self.W = Parameter(uniform((D_query, width), 1 / math.sqrt(D_query)))
        self.v = Parameter(uniform((width,), 1 / math.sqrt(width)))

    def __call__(self, queries: Tensor, S: Any) -> Tensor:
        if queries.shape[-1] != len(self.W):
            raise ValueError(f"{named(self)} is made with D_query={len(self.W)}; the last axis of the query "
                             f"{queries.shape} has size {queries.shape[-1]}: make it with that D_query")
        return sigmoid(tanh(queries @ self.W) @ self.v)[:, :, None] * S             # (4)

    def describe(self) -> str:
        return "{}, {}".format(*self.W.shape)


class LocalAttention(Attention):
    """The equations (4)-(6) at the head of this page, over any of the scores of scores.py.

    Made with  score: an AdditiveAttention, DotAttention, GeneralAttention or ConcatAttention.  half_width: how far from
               p a query sees, at least 1.  centre: a PredictedCentre, or None for p = t.
    Weights    those of the score and of the centre.
    Call       as Attention. With p = t a decoder that goes step by step says which step it is at, by t. A query whose
               window holds no key gets weights and a context of 0.
    Raises     ValueError as Attention."""

    def __init__(self, score: Attention, half_width: int, centre: PredictedCentre | None = None):
        if not isinstance(score, Attention) or type(score).scores is Attention.scores:
            raise ValueError("LocalAttention looks through the window of another attention's scores: additive, dot, "
                             f"general or concat; got {type(score).__name__}")
        if half_width < 1:
            raise ValueError(f"LocalAttention: a query sees at least one step to either side; got half_width="
                             f"{half_width}")
        self.score, self.half_width, self.centre = score, half_width, centre
        self.D_query, self.D_key = score.D_query, score.D_key

    def prepared(self, keys: Tensor) -> Tensor:
        return self.score.prepared(keys)

    def attend(self, queries: Tensor, memory: Memory, t: int) -> tuple[Tensor, Tensor]:
        (Tq, Tk), dtype = (queries.shape[1], memory.keys.shape[1]), queries.dtype
        e = self.score.scores(queries, memory.keys)                                 # (B, Tq, Tk)
        s = xp.arange(Tk, dtype=dtype)                                              # (Tk,)
        if self.centre is None:
            p = Tensor(xp.arange(t, t + Tq, dtype=dtype)[None, :, None])            # (4)  (1, Tq, 1)
        else:
            p = self.centre(queries, _source_lengths(memory.mask, s))               # (4)  (B, Tq, 1)
        window = abs(p.data - s) <= self.half_width                                 # (B or 1, Tq, Tk)
        alpha = softmax(e, mask=window if memory.mask is None else window & memory.mask)        # (5)
        if self.centre is not None:
            sigma = self.half_width / 2
            alpha = alpha * exp((p - s) ** 2 * (-1 / (2 * sigma ** 2)))             # (6)
        return alpha @ memory.values, alpha                                         # (3)

    def describe(self) -> str:
        return f"half_width={self.half_width}"


def _source_lengths(mask: Any, s: Any) -> Any:
    """S (B or 1, Tq or 1, 1): one more than the last place s that the mask lets a query see. So p does not depend on
    how far a batch is padded."""
    if mask is None:
        return xp.full((1, 1, 1), len(s), s.dtype)
    return xp.where(mask, s + 1, xp.zeros((), s.dtype)).max(axis=-1, keepdims=True)
