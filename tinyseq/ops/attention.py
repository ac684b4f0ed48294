"""Scaled dot-product attention: each query fetches a mixture of values, by how well it agrees with their keys."""
import math

from tinyseq.autograd import op
from tinyseq.backend import workspace, xp
from tinyseq.ops.shape import swap
from tinyseq.ops.softmax import checked_mask, softmax


@op
def attention(query, keys, values, mask=None):
    """e = q k^T / sqrt(d)        (..., Tq, Tk)    (1)        dv = alpha^T dy
    alpha = softmax(e)            (..., Tq, Tk)    (2)        de = alpha (dalpha - sum_k dalpha alpha)
    y = alpha v                   (..., Tq, dv)    (3)        dq = de k / sqrt(d),  dk = de^T q / sqrt(d)

    where dalpha is dy v^T and what comes for alpha itself. Returns y and alpha.

    query (..., Tq, d), keys (..., Tk, d), values (..., Tk, dv); the leading axes, such as batch and heads, are the same
    in all three. mask: None, or booleans that broadcast to (..., Tq, Tk), True where a query may look. Elsewhere alpha
    is 0, as long as the numbers there are finite; a query that may look nowhere gets y = 0.
    Raises ValueError if shapes or mask do not fit. From Vaswani et al. 2017, "Attention is all you need", (1)."""
    _check_shapes("attention", query, keys, values)
    scale = 1 / math.sqrt(query.shape[-1])
    q = query * scale                                      # the factor of (1), on the smallest array that can take it
    alpha = workspace((*query.shape[:-1], keys.shape[-2]), query.dtype)
    xp.matmul(q, keys.swapaxes(-1, -2), out=alpha)                                              # (1)
    if mask is not None:
        alpha += xp.where(checked_mask("attention", mask, alpha.shape), xp.zeros((), alpha.dtype), -xp.inf)
    _softmax_in_place(alpha)                                                                    # (2)
    y = xp.empty_like(query, shape=(*query.shape[:-1], values.shape[-1]))
    xp.matmul(alpha, values, out=y)                                                             # (3)

    def backward(dy, dalpha):
        dq, dk, dv = xp.empty_like(query), xp.empty_like(keys), xp.empty_like(values)
        xp.matmul(alpha.swapaxes(-1, -2), dy, out=dv)                                           # (3)
        de = xp.matmul(dy, values.swapaxes(-1, -2), out=workspace(alpha.shape, alpha.dtype))    # (3)
        de += dalpha
        de -= xp.einsum("...k,...k->...", de, alpha)[..., None]                                 # (2)
        de *= alpha                                                                             # (2)
        xp.matmul(de, keys, out=dq)                                                             # (1)
        dq *= scale                                                                             # (1)
        xp.matmul(de.swapaxes(-1, -2), q, out=dk)                                               # (1)
        return dq, dk, dv
    return (y, alpha), backward


def attention_composed(query, keys, values, mask=None, drop=None):
    """attention from smaller ops: the slow twin, whose derivative the tape finds by itself.

    drop: None, or a function that y sees the weights through, such as dropout; alpha is returned as it was before."""
    _check_shapes("attention", query, keys, values)
    e = query @ swap(keys, -1, -2) / math.sqrt(query.shape[-1])                                 # (1)
    alpha = softmax(e, mask=mask)                                                               # (2)
    return (alpha if drop is None else drop(alpha)) @ values, alpha                             # (3)


def _softmax_in_place(e):
    """The scores e (..., Tk) become probabilities; a row of nothing but -inf becomes 0."""
    if not e.size:
        return                                             # nothing is the largest of no scores
    largest = e.max(axis=-1, keepdims=True)
    e -= xp.where(largest == -xp.inf, 0, largest)          # -inf less -inf would be NaN
    xp.exp(e, out=e)
    total = e.sum(axis=-1, keepdims=True)
    e /= xp.where(total == 0, 1, total)


def _check_shapes(name, query, keys, values):
    """Raise ValueError, which names the axis and both sizes, if the three do not fit."""
    shapes = f"query {query.shape}, keys {keys.shape}, values {values.shape}"
    if not query.ndim == keys.ndim == values.ndim >= 2:
        raise ValueError(f"{name} takes query (..., Tq, d), keys (..., Tk, d), values (..., Tk, dv), with the same "
                         f"axes in front; got {shapes}: a single query is one of Tq=1, query[..., None, :]")
    if not query.shape[:-2] == keys.shape[:-2] == values.shape[:-2]:
        raise ValueError(f"{name}: the axes before the last two, such as batch and heads, must have the same sizes; "
                         f"got {shapes}: repeat what is shared by broadcast")
    if query.shape[-1] != keys.shape[-1] or not query.shape[-1]:
        raise ValueError(f"{name}: queries and keys must have the same width d, of at least 1; they have "
                         f"{query.shape[-1]} and {keys.shape[-1]} on the last axis of {shapes}: project one to the "
                         "width of the other")
    if keys.shape[-2] != values.shape[-2]:
        raise ValueError(f"{name}: each key has a value; there are {keys.shape[-2]} keys and {values.shape[-2]} values "
                         f"on the last axis but one of {shapes}: cut or pad them together")
