"""Scaled dot-product attention: each query fetches a mixture of values, by how well it agrees with their keys."""
import math

from tinyseq.autograd import op
from tinyseq.backend import like, pieces, workspace, xp
from tinyseq.ops.broadcasting import fit
from tinyseq.ops.shape import swap
from tinyseq.ops.softmax import checked_mask, softmax


@op
def attention(query, keys, values, mask=None, bias=None, weights=True):
    """e = q k^T / sqrt(d) + bias (..., Tq, Tk)    (1)        dv = alpha^T dy
    alpha = softmax(e)            (..., Tq, Tk)    (2)        de = alpha (dalpha - sum_k dalpha alpha)
    y = alpha v                   (..., Tq, dv)    (3)        dq = de k / sqrt(d),  dk = de^T q / sqrt(d)

    where dalpha is dy v^T and what comes for alpha itself. Returns y and alpha; y alone if weights=False.

    query (..., Tq, d), keys (..., Tk, d), values (..., Tk, dv); the leading axes, such as batch and heads, are the same
    in all three. mask: None, or booleans that broadcast to (..., Tq, Tk), True where a query may look. Elsewhere alpha
    is 0, as long as the numbers there are finite; a query that may look nowhere gets y = 0. bias: None, or an array
    that broadcasts to (..., Tq, Tk), a setting without a gradient, such as ALiBi's.
    Raises ValueError if shapes, mask or bias do not fit. From Vaswani et al. 2017, "Attention is all you need", (1)."""
    check_shapes("attention", query, keys, values)
    y, alpha = attended(query, keys, values, mask, bias)

    def backward(dy, dalpha=None):
        dq, dk, dv = like(query), like(keys), like(values)
        attended_backward(query, keys, values, alpha, dy, dalpha, dq, dk, dv)
        return dq, dk, dv
    return ((y, alpha), backward) if weights else (y, backward)


def attended(query, keys, values, mask, bias):
    """(1)-(3) of arrays: y, laid out in memory as query is, and alpha."""
    scale = 1 / math.sqrt(query.shape[-1])
    alpha = workspace((*query.shape[:-1], keys.shape[-2]), query.dtype)
    y, added = like(query, values.shape[-1]), _added(mask, bias, alpha)
    for i in _rows(alpha):
        e = xp.matmul(query[i] * scale, keys[i].swapaxes(-1, -2), out=alpha[i])                 # (1)
        if added is not None:
            e += added[i] if added.ndim == alpha.ndim and len(added) > 1 else added             # (1)
        _softmax_in_place(e)                                                                    # (2)
        xp.matmul(e, values[i], out=y[i])                                                       # (3)
    return y, alpha


def attended_backward(query, keys, values, alpha, dy, dalpha, dq, dk, dv):
    """Fill dq, dk and dv. dalpha: None, or what comes for alpha itself."""
    scale = 1 / math.sqrt(query.shape[-1])
    for i in _rows(alpha):
        xp.matmul(alpha[i].swapaxes(-1, -2), dy[i], out=dv[i])                                  # (3)
        de = xp.matmul(dy[i], (values[i] * scale).swapaxes(-1, -2))        # the scale of (1) already   (3)
        if dalpha is not None:
            de += dalpha[i] * scale
        de -= xp.einsum("...k,...k->...", de, alpha[i])[..., None]                              # (2)
        de *= alpha[i]                                                                          # (2)
        xp.matmul(de, keys[i], out=dq[i])                                                       # (1)
        xp.matmul(de.swapaxes(-1, -2), query[i], out=dk[i])                                     # (1)


def _rows(alpha):
    """Slices of the first axis, the batch, such that the weights of each stay in a core's cache."""
    return pieces(len(alpha), alpha[:1].size) if alpha.ndim > 2 else (slice(None),)


def _added(mask, bias, alpha):
    """What the scores are raised by: the bias, and -inf where the mask hides a key; None if there is neither."""
    bias = None if bias is None else checked_bias("attention", bias, alpha.shape)
    if mask is None:
        return bias
    mask = checked_mask("attention", mask, alpha.shape)
    return xp.where(mask, xp.zeros((), alpha.dtype) if bias is None else bias, -xp.inf)


def attention_composed(query, keys, values, mask=None, drop=None, bias=None):
    """attention from smaller ops: the slow twin, whose derivative the tape finds by itself.

    e = q k^T / sqrt(d) + bias    (1)    (..., Tq, Tk)
    alpha = softmax(e)            (2)    (..., Tq, Tk)
    y = alpha v                   (3)    (..., Tq, dv)

    drop: None, or a function that y sees the weights through, such as dropout; alpha is returned as it was before."""
    check_shapes("attention", query, keys, values)
    e = query @ swap(keys, -1, -2) / math.sqrt(query.shape[-1])                                 # (1)
    e = e if bias is None else e + checked_bias("attention_composed", bias, e.shape)            # (1)
    alpha = softmax(e, mask=mask)                                                               # (2)
    return (alpha if drop is None else drop(alpha)) @ values, alpha                             # (3)


def _softmax_in_place(e):
    """The scores e (..., Tk) become probabilities; a row of nothing but -inf becomes 0."""
    if not e.size:
        return                                             # nothing is the largest of no scores
    largest = e.max(axis=-1, keepdims=True)
    e -= xp.maximum(largest, xp.finfo(e.dtype).min, out=largest)       # -inf less -inf would be NaN
    xp.exp(e, out=e)
    total = xp.einsum("...k->...", e)[..., None]           # on a CPU faster than .sum over rows this short
    e /= xp.maximum(total, 1, out=total)                   # the largest score adds 1, so less is a 0: of no score


def checked_bias(name, bias, shape):
    """The bias, if it broadcasts to the scores."""
    if bias.ndim > len(shape) or not fit(bias.shape, shape):
        raise ValueError(f"{name}: a bias broadcasts to the scores {shape}, one for each query and key; got "
                         f"{bias.shape}: axes of size 1 stand for all")
    return bias


def check_shapes(name, query, keys, values):
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
