"""Reductions: many entries become one. `axis` is None (all), a number or a tuple; `keepdims` keeps axes of size 1."""
import math

from tinyseq.autograd import op
from tinyseq.backend import xp


def _spread(dy, x, axis, keepdims):
    """dy with its reduced axes back, repeated to x's shape."""
    if axis is not None and not keepdims:
        dy = xp.expand_dims(dy, axis)
    return xp.broadcast_to(dy, x.shape)


def _count(x, axis):
    """How many entries become one."""
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return math.prod(x.shape[i] for i in axes)


@op
def sum(x, axis=None, keepdims=False):
    """y = sum_i x_i                dx_i = dy"""
    return xp.sum(x, axis=axis, keepdims=keepdims), lambda dy: (_spread(dy, x, axis, keepdims),)


@op
def mean(x, axis=None, keepdims=False):
    """y = (1/n) sum_i x_i          dx_i = dy / n

    Raises ValueError over no entries: their mean does not exist."""
    n = _count(x, axis)
    if n == 0:
        raise ValueError(f"mean over no entries: shape {x.shape}, axis {axis}")
    return xp.mean(x, axis=axis, keepdims=keepdims), lambda dy: (_spread(dy, x, axis, keepdims) / n,)


@op
def max(x, axis=None, keepdims=False):
    """y = max_i x_i                dx_i = dy where x_i = y, shared equally between equal winners, else 0"""
    y = xp.max(x, axis=axis, keepdims=keepdims)

    def backward(dy):
        won = (x == _spread(y, x, axis, keepdims)).astype(x.dtype)
        winners = xp.sum(won, axis=axis, keepdims=True)
        return (_spread(dy, x, axis, keepdims) * won / winners,)
    return y, backward
