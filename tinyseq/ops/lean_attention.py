"""Attention whose memory grows with T, not with T^2: the weights are never all there at once.

Queries are taken a block at a time, and for each of these blocks the keys. A softmax needs the largest score and the
sum of a whole row; both are kept up to date while the blocks of keys go by:

    m' = max(m, max_k e_k),   s' = s e^(m - m') + sum_k e^(e_k - m'),   c' = c e^(m - m') + sum_k e^(e_k - m') v_k

begun with m = -inf, s = 0, c = 0. After the last block y = c / s, and ln s + m, one number a query, is all that the
backward needs to compute any block of weights again: alpha = e^(e - ln s - m).

Milakov and Gimelshein 2018 (the running softmax); Rabe and Staats 2021, "Self-attention does not need O(n^2) memory";
Dao et al. 2022, "FlashAttention", algorithms 1 and 4.
"""
import math
from typing import Any, NamedTuple

from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.attention import check_shapes
from tinyseq.ops.softmax import checked_mask

BLOCK = 256                                                # a block of scores, of this square, stays in a core's cache


class _View(NamedTuple):
    """Which keys a query sees, and how its score falls with their distance; the settings of lean_attention."""
    present: Any                                           # None, or booleans (..., 1, Tk)
    causal: bool
    window: int | None
    before: int
    slopes: Any

    def keys_of(self, i: slice, Tk: int) -> tuple[int, int]:
        """The first key that queries i see, and the one behind their last."""
        first = 0 if self.window is None else max(0, self.before + i.start - self.window + 1)
        return first, min(Tk, self.before + i.stop) if self.causal else Tk

    def apply(self, e, i: slice, j: slice) -> None:
        """The scores e (..., i, j) become what the softmax is taken of: -inf where nothing is seen."""
        back = xp.arange(self.before + i.start, self.before + i.stop)[:, None] - xp.arange(j.start, j.stop)
        if self.slopes is not None:
            e -= self.slopes * xp.abs(back).astype(e.dtype)
        nearest, farthest = self.before + i.start - (j.stop - 1), self.before + i.stop - 1 - j.start
        if self.causal and (nearest < 0 or (self.window is not None and farthest >= self.window)):
            _hide(e, (back >= 0) if self.window is None else (back >= 0) & (back < self.window))
        if self.present is not None:
            _hide(e, self.present[..., j])


@op
def lean_attention(query, keys, values, mask=None, causal=False, window=None, before=0, slopes=None,
                   block=BLOCK):
    """The y of `attention`, by blocks:

    e = q k^T / sqrt(d) - slope |p_q - p_k|     (1)        dv = alpha^T dy
    alpha = softmax(e)                          (2)        de = alpha (dy v^T - dy . y)
    y = alpha v                                 (3)        dq = de k / sqrt(d),  dk = de^T q / sqrt(d)

    query (..., Tq, d), keys (..., Tk, d), values (..., Tk, dv), as in `attention` -> y (..., Tq, dv). Key j stands at
    step p_k = j, query i at p_q = before + i.
    mask      None, or booleans that broadcast to (..., 1, Tk), True for keys that may be looked at: no padding
    causal    whether a query sees only keys at its own step and before;  window: of these the last so many alone
    slopes    None, or an array that broadcasts to (..., 1, 1): how fast scores fall with distance (ALiBi)
    block     how many queries, and keys, are taken at a time; it changes nothing but speed and memory
    A query that sees nothing gets y = 0. Raises ValueError as `attention`, and for a window without causal."""
    check_shapes("lean_attention", query, keys, values)
    if before < 0 or (window is not None and (window < 1 or not causal)):
        raise ValueError("lean_attention: a window is at least 1 and belongs to causal=True, and before is at least 0; "
                         f"got causal={causal}, window={window}, before={before}")
    (Tq, d), Tk = query.shape[-2:], keys.shape[-2]
    of_keys = (*keys.shape[:-2], 1, Tk)
    present = None if mask is None else xp.broadcast_to(checked_mask("lean_attention", mask, of_keys), of_keys)
    view = _View(present, causal, window, before, slopes)
    scale = 1 / math.sqrt(d)
    q = query * scale
    y = xp.empty((*query.shape[:-1], values.shape[-1]), query.dtype)
    ln_s = xp.empty((*query.shape[:-1], 1), query.dtype)   # ln s + m of each query; inf where it sees nothing

    def scores(i, j):
        e = xp.matmul(q[..., i, :], keys[..., j, :].swapaxes(-1, -2))                           # (1)
        view.apply(e, i, j)
        return e

    for i in _blocks(0, Tq, block):
        m, s, c = -math.inf, 0.0, 0.0
        for j in _blocks(*view.keys_of(i, Tk), block):
            e = scores(i, j)
            largest = xp.maximum(e.max(axis=-1, keepdims=True), m)
            shift = xp.where(largest == -xp.inf, 0, largest)                # -inf less -inf would be NaN
            e -= shift
            xp.exp(e, out=e)
            kept = xp.exp(m - shift)                                        # what a new maximum leaves of the old sums
            s, c, m = s * kept + e.sum(axis=-1, keepdims=True), c * kept + xp.matmul(e, values[..., j, :]), largest
        if isinstance(m, float):                                            # no key in sight
            y[..., i, :], ln_s[..., i, :] = 0, xp.inf
            continue
        nothing = s == 0
        y[..., i, :] = c / xp.where(nothing, 1, s)                                              # (3)
        ln_s[..., i, :] = xp.where(nothing, xp.inf, xp.log(xp.where(nothing, 1, s)) + m)

    def backward(dy):
        dq, dk, dv = xp.zeros_like(query), xp.zeros_like(keys), xp.zeros_like(values)
        inner = (dy * y).sum(axis=-1, keepdims=True)                        # (..., Tq, 1)
        for i in _blocks(0, Tq, block):
            for j in _blocks(*view.keys_of(i, Tk), block):
                alpha = scores(i, j)
                alpha -= ln_s[..., i, :]
                xp.exp(alpha, out=alpha)                                                        # (2)
                dv[..., j, :] += xp.matmul(alpha.swapaxes(-1, -2), dy[..., i, :])               # (3)
                de = xp.matmul(dy[..., i, :], values[..., j, :].swapaxes(-1, -2))
                de -= inner[..., i, :]
                de *= alpha                                                                     # (2)
                dq[..., i, :] += xp.matmul(de, keys[..., j, :])                                 # (1)
                dk[..., j, :] += xp.matmul(de.swapaxes(-1, -2), q[..., i, :])                   # (1)
        dq *= scale
        return dq, dk, dv
    return y, backward


def _hide(e, seen):
    """e becomes -inf where it is not seen."""
    e += xp.where(seen, xp.zeros((), e.dtype), -xp.inf)


def _blocks(first, stop, size):
    """Slices that cover first .. stop - 1, of this size but for the last."""
    return (slice(start, min(start + size, stop)) for start in range(first, stop, size))
