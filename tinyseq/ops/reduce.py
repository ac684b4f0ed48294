"""Reductions: many entries become one. `axis` is None (all), a number or a tuple, counted from either end; `keepdims`
keeps the axes with size 1.

Over no entries a sum is 0, a product 1 and a logsumexp ln 0 = -inf: what changes nothing when more is added to it. A
mean, variance, maximum or minimum of nothing does not exist, and raises ValueError. So does an axis that x lacks.
"""
import math

from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.shapes import checked_axes, checked_axis


def _count(x, axes):
    """How many entries become one."""
    return math.prod(x.shape[i] for i in axes)


def _not_empty(name, x, axis):
    """The axes and how many entries become one, for functions that are not defined on nothing."""
    axes = checked_axes(name, axis, x.shape)
    n = _count(x, axes)
    if n == 0:
        raise ValueError(f"{name} over no entries: shape {x.shape}, axis {axis}; leave out what is empty")
    return axes, n


def _kept(dy, x, axes):
    """dy with its reduced axes back, of size 1."""
    return dy.reshape([1 if i in axes else n for i, n in enumerate(x.shape)])


def _spread(dy, x, axes):
    """dy with its reduced axes back, repeated to x's shape."""
    return xp.broadcast_to(_kept(dy, x, axes), x.shape)


@op
def sum(x, axis=None, keepdims=False):
    """y = sum_i x_i                dx_i = dy"""
    axes = checked_axes("sum", axis, x.shape)
    return xp.sum(x, axis=axes, keepdims=keepdims), lambda dy: (_spread(dy, x, axes),)


@op
def mean(x, axis=None, keepdims=False):
    """y = (1/n) sum_i x_i          dx_i = dy / n

    Of booleans and whole numbers the mean is float32: (y == targets).mean() is an accuracy."""
    axes, n = _not_empty("mean", x, axis)
    if x.dtype.kind != "f":
        x = x.astype(xp.float32)
    return xp.mean(x, axis=axes, keepdims=keepdims), lambda dy: (_spread(dy / n, x, axes),)


@op
def var(x, axis=None, keepdims=False, ddof=0):
    """y = (1/(n - ddof)) sum_i (x_i - m)^2,  m = (1/n) sum_i x_i            dx_i = 2 dy (x_i - m) / (n - ddof)

    ddof ("delta degrees of freedom") = 0 is the variance of these entries; ddof = 1 the unbiased estimate of the
    variance of what they were drawn from. Raises ValueError unless there are more than ddof entries."""
    axes, n = _not_empty("var", x, axis)
    if n <= ddof:
        raise ValueError(f"var: shape {x.shape} has {n} entries over axis {axis}; with ddof={ddof} it takes more than "
                         f"{ddof}")
    centred = x - xp.mean(x, axis=axes, keepdims=True)
    y = xp.sum(centred * centred, axis=axes, keepdims=keepdims) / (n - ddof)
    return y, lambda dy: (_kept(dy * (2 / (n - ddof)), x, axes) * centred,)


@op
def max(x, axis=None, keepdims=False):
    """y = max_i x_i                dx_i = dy where x_i = y, shared equally between equal winners, else 0"""
    axes, _ = _not_empty("max", x, axis)
    y = xp.max(x, axis=axes, keepdims=keepdims)
    return y, lambda dy: (_to_winners(dy, x, y, axes),)


@op
def min(x, axis=None, keepdims=False):
    """y = min_i x_i                dx_i = dy where x_i = y, shared equally between equal winners, else 0"""
    axes, _ = _not_empty("min", x, axis)
    y = xp.min(x, axis=axes, keepdims=keepdims)
    return y, lambda dy: (_to_winners(dy, x, y, axes),)


def _to_winners(dy, x, y, axes):
    """dy for each entry that is y, divided by how many they are."""
    won = x == _kept(y, x, axes)
    winners = xp.sum(won, axis=axes, keepdims=True).astype(dy.dtype)
    return _kept(dy, x, axes) / winners * won


@op
def prod(x, axis=None, keepdims=False):
    """y = prod_i x_i               dx_i = dy prod_{j != i} x_j

    The product of the others is that of those before times that of those behind, so that nothing is divided by a
    zero: one zero gets a gradient, two zeros leave none."""
    axes = checked_axes("prod", axis, x.shape)

    def backward(dy):
        order = [*(i for i in range(x.ndim) if i not in axes), *axes]
        sizes = [x.shape[i] for i in order]
        rows = x.transpose(order).reshape(*sizes[:x.ndim - len(axes)], _count(x, axes))          # (..., n)
        others = _product_before(rows) * _product_before(rows[..., ::-1])[..., ::-1]              # (..., n)
        others = others.reshape(sizes).transpose([order.index(i) for i in range(x.ndim)])
        return (_kept(dy, x, axes) * others,)
    return xp.prod(x, axis=axes, keepdims=keepdims), backward


def _product_before(rows):
    """y_i = x_1 x_2 ... x_{i-1} along the last axis; y_1 = 1."""
    ones = xp.ones((*rows.shape[:-1], 1), rows.dtype)
    return xp.cumprod(xp.concatenate((ones, rows), axis=-1), axis=-1)[..., :-1]


@op
def cumsum(x, axis):
    """y_i = x_1 + ... + x_i along one axis            dx_i = dy_i + dy_{i+1} + ... + dy_n"""
    along = checked_axis("cumsum", axis, x.shape)
    return xp.cumsum(x, axis=along), lambda dy: (xp.flip(xp.cumsum(xp.flip(dy, along), axis=along), along),)


@op
def logsumexp(x, axis=None, keepdims=False):
    """y = ln sum_i e^x_i = m + ln sum_i e^(x_i - m),  m = max_i x_i                   dx_i = dy e^(x_i - y)

    No exponential overflows, since x_i <= m. Where all x_i are -inf, y is -inf and dx is 0, so that what a mask has
    left nothing of gives no NaN. Where one is inf, y is inf and has no derivative (dx is NaN)."""
    axes = checked_axes("logsumexp", axis, x.shape)
    m = _largest(x, axes)
    e = xp.exp(x - xp.where(xp.isfinite(m), m, 0))
    total = xp.sum(e, axis=axes, keepdims=True) + (m == -xp.inf)               # 1 where nothing is left
    y = m + xp.log(total)
    if not keepdims:
        y = xp.squeeze(y, axis=axes)
    return y, lambda dy: (_kept(dy, x, axes) / total * e,)


def _largest(x, axes):
    """max_i x_i with the axes kept; -inf over no entries."""
    if _count(x, axes) == 0:
        return xp.sum(x, axis=axes, keepdims=True) - xp.inf
    return xp.max(x, axis=axes, keepdims=True)
