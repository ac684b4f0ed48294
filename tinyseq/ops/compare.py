"""Comparisons, entry by entry, with NumPy's broadcasting: the result is a tensor of booleans.

None is differentiable: moving x a little changes nothing, or jumps. So the result wants no gradient whatever it was
computed from, and `where(greater(x, 0), a, b)` carries gradients to a and b alone. NaN is unequal to everything,
itself included, and neither less nor greater. Each raises ValueError where the shapes do not broadcast.
"""
from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.broadcasting import broadcasts


@op
@broadcasts
def equal(a, b):
    """y = (a = b)          not differentiable"""
    return xp.equal(a, b), None


@op
@broadcasts
def not_equal(a, b):
    """y = not (a = b)      not differentiable"""
    return xp.not_equal(a, b), None


@op
@broadcasts
def less(a, b):
    """y = (a < b)          not differentiable"""
    return xp.less(a, b), None


@op
@broadcasts
def less_equal(a, b):
    """y = (a <= b)         not differentiable"""
    return xp.less_equal(a, b), None


@op
@broadcasts
def greater(a, b):
    """y = (a > b)          not differentiable"""
    return xp.greater(a, b), None


@op
@broadcasts
def greater_equal(a, b):
    """y = (a >= b)         not differentiable"""
    return xp.greater_equal(a, b), None
