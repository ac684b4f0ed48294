"""Softmax: scores become probabilities (Bridle 1990).

The largest score of a row is subtracted first. That changes nothing in the result, and no exponential overflows.

A mask says which entries take part. One that does not is treated as the score -inf: its probability is 0, and no
gradient comes from it. A row in which nothing takes part gets probabilities that are all 0, not NaN: attention to no
key at all fetches nothing.
"""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import xp
from tinyseq.ops.shapes import checked_axis


@op
def softmax(x, axis=-1, mask=None):
    """y_i = e^x_i / sum_j e^x_j            dx_i = y_i (dy_i - sum_j dy_j y_j)

    The rows of x lie along `axis`. mask: None, or an array of booleans that broadcasts to x, True where an entry takes
    part. Where it is False, y and dx are 0, whatever stands in x; in a row of nothing but False or -inf, all are.
    Raises ValueError if x has no such axis, or if the mask is not boolean or does not fit."""
    y = xp.exp(_shifted("softmax", x, axis, mask))
    y /= _total(y, axis)
    return y, lambda dy: (y * (dy - (dy * y).sum(axis=axis, keepdims=True)),)


@op
def log_softmax(x, axis=-1, mask=None):
    """y_i = x_i - ln sum_j e^x_j           dx_i = dy_i - e^y_i sum_j dy_j

    axis, mask and errors as in softmax. Where the mask is False, or x is -inf, y is -inf and dx is 0: such a y moves
    with nothing, so its dy is left out of the sum as well. Keep such y out of a loss by where: 0 times -inf is NaN."""
    shifted = _shifted("log_softmax", x, axis, mask)
    y = shifted - xp.log(_total(xp.exp(shifted), axis))

    def backward(dy):
        dy = xp.where(y == -xp.inf, 0, dy)
        return (dy - xp.exp(y) * dy.sum(axis=axis, keepdims=True),)
    return y, backward


def _shifted(name, x, axis, mask):
    """A new array: the scores that take part less the largest of their row, and -inf for all others."""
    checked_axis(name, axis, x.shape)
    if mask is not None:
        x = xp.where(checked_mask(name, mask, x.shape), x, -xp.inf)
    if x.size == 0:
        return xp.array(x)                                 # nothing is the largest of no scores
    largest = x.max(axis=axis, keepdims=True)
    return x - xp.where(largest == -xp.inf, 0, largest)    # -inf less -inf would be NaN


def _total(e, axis):
    """What a row is divided by: the sum of its exponentials, or 1 where nothing takes part."""
    total = e.sum(axis=axis, keepdims=True)
    return xp.where(total == 0, 1, total)


def checked_mask(name, mask, shape):
    """The mask as an array, if it is one of booleans that broadcasts to this shape."""
    mask = mask.data if isinstance(mask, Tensor) else mask
    if getattr(mask, "dtype", None) != xp.bool_:
        raise ValueError(f"{name}: a mask is an array of booleans, True where an entry takes part; got "
                         f"{getattr(mask, 'dtype', type(mask).__name__)}: make one by a comparison, such as mask > 0")
    for axis, (m, n) in enumerate(zip(mask.shape[::-1], shape[::-1], strict=False), start=1):
        if m not in (1, n):
            raise ValueError(f"{name}: mask {mask.shape} does not fit scores {shape}: axis -{axis} of the mask has "
                             f"size {m}, of the scores {n}. {_REPAIR}")
    if mask.ndim > len(shape):
        raise ValueError(f"{name}: mask {mask.shape} has {mask.ndim} axes, scores {shape} only {len(shape)}. {_REPAIR}")
    return mask


_REPAIR = ("Axes are matched from the last one, and one of size 1 fits any: a mask of keys (B, Tk) serves scores "
           "(B, nh, Tq, Tk) as mask[:, None, None, :], a mask (B, Tq, Tk) as mask[:, None]")
