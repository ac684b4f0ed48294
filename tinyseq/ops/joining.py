"""Several arrays made one, and one made several: each is the other's gradient."""
from itertools import accumulate, pairwise
from numbers import Integral

from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.shapes import checked_axis, checked_sizes


@op
def concat(*xs, axis=-1):
    """y = x_1, x_2, ... one after the other along an axis                  dx_k = its part of dy

    Raises ValueError if there is nothing to join, or if the shapes differ along another axis."""
    _checked_inputs("concat", xs)
    axis = checked_axis("concat", axis, xs[0].shape)
    for k, x in enumerate(xs):
        _checked_like_first("concat", k, x.shape, xs[0].shape, f"; only axis {axis}, along which they join, may",
                            free=axis)
    ends = [0, *accumulate(x.shape[axis] for x in xs)]
    return xp.concatenate(xs, axis=axis), lambda dy: _cut(dy, ends, axis)


@op
def stack(*xs, axis=0):
    """y = x_1, x_2, ... side by side along a new axis of y                 dx_k = dy[k] along that axis

    Raises ValueError if there is nothing to stack, or if the shapes are not the same."""
    _checked_inputs("stack", xs)
    axis = checked_axis("stack", axis, (len(xs), *xs[0].shape), of="the result")
    for k, x in enumerate(xs):
        _checked_like_first("stack", k, x.shape, xs[0].shape, "; what is stacked has one shape (concat joins along an "
                                                              "axis that is there)")
    before = (slice(None),) * axis
    return xp.stack(xs, axis=axis), lambda dy: tuple(dy[(*before, k, ...)] for k in range(len(xs)))


@op
def split(x, parts, axis=-1):
    """y_1, ..., y_n = x cut along an axis                                  dx = the dy_k, put together again

    parts: n, for n equal parts, or the size of each part.
    Raises ValueError if the axis cannot be cut into that many equal parts, or if the sizes do not add up to it."""
    axis = checked_axis("split", axis, x.shape)
    size = x.shape[axis]
    if isinstance(parts, Integral):
        if parts < 1 or size % parts:
            raise ValueError(f"split: axis {axis} of {x.shape} has size {size} and cannot be cut into {parts} equal "
                             "parts; give the sizes of the parts instead")
        parts = [size // parts] * parts
    sizes = checked_sizes("split", parts)
    if sum(sizes) != size or not sizes:
        raise ValueError(f"split: axis {axis} of {x.shape} has size {size}, and parts of {sizes} make {sum(sizes)}")
    return _cut(x, [0, *accumulate(sizes)], axis), lambda *dys: (xp.concatenate(dys, axis=axis), None)


def _cut(x, ends, axis):
    """x's parts between these ends along an axis: views."""
    before = (slice(None),) * axis
    return tuple(x[(*before, slice(a, b))] for a, b in pairwise(ends))


def _checked_inputs(name, xs):
    if not xs or isinstance(xs[0], list | tuple):
        raise ValueError(f"{name} takes the tensors one by one, {name}(x, y) or {name}(*xs), and at least one; got "
                         f"{'a ' + type(xs[0]).__name__ if xs else 'none'}")


def _checked_like_first(name, k, shape, first, advice, free=None):
    """Raise ValueError unless input k has the shape of input 0, but for the axis that is free."""
    if len(shape) != len(first):
        raise ValueError(f"{name}: input {k} has {len(shape)} axes, {shape}, and input 0 has {len(first)}, {first}; "
                         "give them the same axes by expand or squeeze")
    for i, (n, m) in enumerate(zip(shape, first, strict=True)):
        if n != m and i != free:
            raise ValueError(f"{name}: input {k}, {shape}, and input 0, {first}, differ along axis {i}: {n} and {m}"
                             f"{advice}")
