"""The same numbers in another arrangement: the gradient is arranged back."""
import math
from numbers import Integral

from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.arithmetic import reduced
from tinyseq.ops.gather import checked_ids
from tinyseq.ops.shapes import checked_axes, checked_axis, checked_sizes


@op
def reshape(x, *shape):
    """y = x's entries in order, in a new shape                             dx = dy in x's shape

    The shape comes as numbers or as one tuple; one size may be -1: what is left.
    Raises ValueError, with both numbers of entries, if the new shape has not as many as x."""
    sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], Integral) else shape
    return x.reshape(_filled_in(x, sizes)), lambda dy: (dy.reshape(x.shape), *(None for _ in shape))


def _filled_in(x, sizes):
    """The new shape, with the size that stands for -1."""
    sizes = checked_sizes("reshape", sizes, least=-1)
    known, unknown = math.prod(n for n in sizes if n >= 0), sizes.count(-1)
    if unknown > 1:
        raise ValueError(f"reshape: one size may be -1, what is left; {sizes} has {unknown}")
    if unknown and known and x.size % known == 0:
        return tuple(x.size // known if n < 0 else n for n in sizes)
    if unknown and not known:
        raise ValueError(f"reshape: beside a size of 0, -1 could be anything; say which size is meant in {sizes}")
    if unknown:
        raise ValueError(f"reshape: the {x.size} entries of {x.shape} cannot be {sizes}: {x.size} is no multiple of "
                         f"{known}")
    if known != x.size:
        raise ValueError(f"reshape: {x.shape} has {x.size} entries, {sizes} would have {known}: give one size as -1 "
                         "to have it worked out")
    return sizes


@op
def transpose(x, *axes):
    """y = x with its axes in this order (none given: reversed)             dx = dy with the axes put back

    Raises ValueError if the order does not name every axis once."""
    named = tuple(axes[0]) if len(axes) == 1 and not isinstance(axes[0], Integral) else axes
    order = checked_axes("transpose", named, x.shape) if named else tuple(range(x.ndim))[::-1]
    if len(order) != x.ndim:
        raise ValueError(f"transpose: {named} names {len(order)} of the {x.ndim} axes of {x.shape}; name every axis "
                         "once, or exchange two by swap(x, a, b)")
    back = [order.index(i) for i in range(x.ndim)]
    return x.transpose(order), lambda dy: (dy.transpose(back), *(None for _ in axes))


@op
def swap(x, a, b):
    """y = x with axes a and b exchanged                                    dx = dy with them exchanged again"""
    a, b = checked_axis("swap", a, x.shape), checked_axis("swap", b, x.shape)
    return x.swapaxes(a, b), lambda dy: (dy.swapaxes(a, b), None, None)


@op
def expand(x, axis):
    """y = x with a new axis of size 1 where y is to have it                dx = dy without it

    axis: a number or a tuple of numbers, counted among the axes of y."""
    new = (axis,) if isinstance(axis, Integral) else axis
    new = checked_axes("expand", new, (1,) * (x.ndim + len(new)), of="the result")
    sizes = iter(x.shape)
    shape = tuple(1 if i in new else next(sizes) for i in range(x.ndim + len(new)))
    return x.reshape(shape), lambda dy: (dy.reshape(x.shape), None)


@op
def squeeze(x, axis=None):
    """y = x without these axes of size 1 (None: without all of them)       dx = dy with the axes back

    Raises ValueError for an axis of another size."""
    axes = checked_axes("squeeze", axis, x.shape)
    for i in axes if axis is not None else ():
        if x.shape[i] != 1:
            raise ValueError(f"squeeze: axis {i} of {x.shape} has size {x.shape[i]}, and only an axis of size 1 can "
                             "go: pick one entry, x[...], or sum over the axis")
    shape = tuple(n for i, n in enumerate(x.shape) if n != 1 or i not in axes)
    return x.reshape(shape), lambda dy: (dy.reshape(x.shape),)


@op
def flip(x, axis=None):
    """y_i = x_{n-1-i} along these axes (None: along all)                   dx = dy flipped again"""
    axes = checked_axes("flip", axis, x.shape)
    backwards = (*(slice(None, None, -1 if i in axes else 1) for i in range(x.ndim)), ...)
    return x[backwards], lambda dy: (dy[backwards],)


@op
def roll(x, shift, axis):
    """y_{(i + shift) mod n} = x_i along an axis                            dx = dy rolled by -shift"""
    if not isinstance(shift, Integral):
        raise ValueError(f"roll: the shift is one whole number, for one axis; got {shift!r}")
    axis = checked_axis("roll", axis, x.shape)
    return xp.roll(x, int(shift), axis), lambda dy: (xp.roll(dy, -int(shift), axis), None, None)


@op
def pad(x, widths, value=0.0):
    """y = x with `value` before and after it, along every axis             dx = the part of dy where x stands

    widths: a pair (before, after) for each axis of x.
    Raises ValueError if they are not as many pairs of sizes."""
    if not _are_pairs(widths) or len(widths) != x.ndim:
        raise ValueError(f"pad: x {x.shape} takes {x.ndim} pairs (before, after), one for each axis; got {widths!r}")
    pairs = [checked_sizes("pad", pair) for pair in widths]
    inner = (*(slice(before, before + n) for (before, _), n in zip(pairs, x.shape, strict=True)), ...)
    y = xp.full(tuple(n + sum(pair) for pair, n in zip(pairs, x.shape, strict=True)), value, x.dtype)
    y[inner] = x
    return y, lambda dy: (dy[inner], None)


@op
def repeat(x, times, axis):
    """y = x with each entry along an axis `times` times in a row           dx = the sum over each entry's dy"""
    axis = checked_axis("repeat", axis, x.shape)
    if not isinstance(times, Integral) or times < 0:
        raise ValueError(f"repeat: times is a whole number from 0 on, the same for all entries; got {times!r}")
    each = (*x.shape[:axis + 1], times, *x.shape[axis + 1:])                        # a new axis of size `times`
    return xp.repeat(x, int(times), axis=axis), lambda dy: (dy.reshape(each).sum(axis=axis + 1), None, None)


@op
def broadcast(x, shape):
    """y = x repeated to a shape, along axes it lacks or has with size 1    dx = the sum of dy over what was repeated

    y is a view: it takes no memory. Raises ValueError if another size would have to change."""
    shape = checked_sizes("broadcast", shape)
    if len(shape) < x.ndim:
        raise ValueError(f"broadcast: {x.shape} has {x.ndim} axes, {shape} has only {len(shape)}: squeeze x, or sum")
    for i, (n, m) in enumerate(zip(x.shape[::-1], shape[::-1], strict=False), start=1):
        if n not in (1, m):
            raise ValueError(f"broadcast: axis -{i} of {x.shape} has size {n}, of {shape} {m}; only an axis of size 1 "
                             "can be repeated (expand makes one)")
    return xp.broadcast_to(x, shape), lambda dy: (reduced(dy, x), None)


@op
def reverse(x, lengths):
    """y[b, t] = x[b, lengths[b]-1-t] for t < lengths[b], else x[b, t]      dx = dy reversed in the same way

    x (B, T, ...), lengths (B,): each sequence is read from its own end, its padding stays in place.
    Raises ValueError if the lengths are not B whole numbers from 0 to T."""
    if x.ndim < 2:
        raise ValueError(f"reverse: x has axes (B, T, ...); got {x.shape}")
    B, T = x.shape[:2]
    ends = checked_ids(lengths, T + 1, "reverse: lengths")
    if ends.shape != (B,):
        raise ValueError(f"reverse: {B} sequences have as many lengths; got lengths of shape {ends.shape}")
    ends = ends[:, None]
    t = xp.arange(T)[None, :]
    steps = xp.where(t < ends, ends - 1 - t, t)                                     # (B, T)
    rows = xp.arange(B)[:, None]                                                    # (B, 1)
    return x[rows, steps], lambda dy: (dy[rows, steps], None)


def _are_pairs(widths):
    sequence = list | tuple
    return isinstance(widths, sequence) and all(isinstance(pair, sequence) and len(pair) == 2 for pair in widths)
