"""The same numbers in another arrangement: the gradient is arranged back."""
from itertools import pairwise
from numbers import Integral

from tinyseq.autograd import op
from tinyseq.backend import xp


@op
def reshape(x, *shape):
    """y = x's entries in order, in a new shape (one size may be -1)        dx = dy in x's shape"""
    return x.reshape(*shape), lambda dy: (dy.reshape(x.shape), *(None for _ in shape))


@op
def transpose(x, *axes):
    """y = x with its axes in this order (none given: reversed)             dx = dy with the axes put back"""
    y = x.transpose(*axes)
    order = axes[0] if axes and not isinstance(axes[0], int) else axes or range(x.ndim)[::-1]
    order = [i % x.ndim for i in order]                    # -1 is the last axis
    back = [order.index(i) for i in range(x.ndim)]
    return y, lambda dy: (dy.transpose(back), *(None for _ in axes))


@op
def concat(*xs, axis=-1):
    """y = x_1, x_2, ... one after the other along an axis                  dx_k = its part of dy"""
    ends = [0]
    for x in xs:
        ends.append(ends[-1] + x.shape[axis])

    def backward(dy):
        along = xp.moveaxis(dy, axis, 0)
        return tuple(xp.moveaxis(along[a:b], 0, axis) for a, b in pairwise(ends))
    return xp.concatenate(xs, axis=axis), backward


@op
def stack(*xs, axis=0):
    """y = x_1, x_2, ... side by side along a new axis                      dx_k = dy[k] along that axis"""
    return xp.stack(xs, axis=axis), lambda dy: tuple(xp.moveaxis(dy, axis, 0))


@op
def split(x, parts, axis=-1):
    """y_1, ..., y_n = x cut into n equal parts along an axis               dx = the dy_k, put together again

    Raises ValueError if the axis cannot be cut into that many equal parts."""
    if x.shape[axis] % parts:
        raise ValueError(f"split: axis {axis} of size {x.shape[axis]} cannot be cut into {parts} equal parts")
    return tuple(xp.split(x, parts, axis=axis)), lambda *dys: (xp.concatenate(dys, axis=axis), None)


@op
def take(x, index):
    """y = x[index], for slices and whole numbers                           dx[index] = dy, 0 elsewhere

    Arrays of numbers are `gather`'s: there an entry may be taken twice."""
    parts = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(i, Integral | slice | type(None) | type(Ellipsis)) for i in parts):
        raise ValueError("x[...] takes whole numbers and slices; for arrays of indices use ops.gather(x, indices)")

    def backward(dy):
        dx = xp.zeros(x.shape, x.dtype)
        dx[index] = dy
        return dx, None
    return x[index], backward


@op
def reverse(x, lengths):
    """y[b, t] = x[b, lengths[b]-1-t] for t < lengths[b], else x[b, t]      dx = dy reversed in the same way

    x (B, T, ...), lengths (B,): each sequence is read from its own end, its padding stays in place.
    Raises ValueError if the lengths are not B numbers."""
    if len(lengths) != x.shape[0]:
        raise ValueError(f"reverse: {x.shape[0]} sequences have as many lengths; got {len(lengths)}")
    t = xp.arange(x.shape[1])[None, :]
    ends = xp.asarray(lengths)[:, None]
    steps = xp.where(t < ends, ends - 1 - t, t)                                     # (B, T)
    rows = xp.arange(x.shape[0])[:, None]                                           # (B, 1)
    return x[rows, steps], lambda dy: (dy[rows, steps], None)
