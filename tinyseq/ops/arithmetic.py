"""Pointwise arithmetic, with NumPy's broadcasting.

Broadcasting repeats an array along axes it lacks or has with size 1. What was repeated forward is added up backward:
`reduced` sums dy over those axes. Every function of two arrays raises ValueError where their shapes do not broadcast.
"""
from numbers import Integral, Real

from tinyseq.autograd import op
from tinyseq.backend import plus, xp
from tinyseq.ops.broadcasting import broadcasts


def reduced(dy, x):
    """dL/dx of an x that was broadcast to dy's shape; None for a Python number, which has no gradient."""
    if not hasattr(x, "shape"):
        return None
    if dy.shape == x.shape:
        return dy
    new_axes = tuple(range(dy.ndim - x.ndim))
    repeated = tuple(dy.ndim - x.ndim + i for i, n in enumerate(x.shape) if n == 1)
    return dy.sum(axis=new_axes + repeated, keepdims=True).reshape(x.shape)


@op
@broadcasts
def add(a, b):
    """y = a + b        da = dy,  db = dy"""
    return plus(a, b), lambda dy: (reduced(dy, a), reduced(dy, b))


@op
@broadcasts
def sub(a, b):
    """y = a - b        da = dy,  db = -dy"""
    return a - b, lambda dy: (reduced(dy, a), reduced(-dy, b))


@op
@broadcasts
def mul(a, b):
    """y = a b          da = dy b,  db = dy a"""
    return a * b, lambda dy: (reduced(dy * b, a), reduced(dy * a, b))


@op
@broadcasts
def div(a, b):
    """y = a / b        da = dy / b,  db = -dy a / b^2 = -da y

    Where b = 0, y is infinite (NaN for 0 / 0), as in NumPy."""
    y = a / b

    def backward(dy):
        da = dy / b
        return reduced(da, a), reduced(-da * y, b)
    return y, backward


@op
def neg(x):
    """y = -x           dx = -dy"""
    return -x, lambda dy: (-dy,)


@op
@broadcasts
def power(a, b):
    """y = a^b          da = dy b a^(b-1),  db = dy y ln a

    b is a Python number, or an array or tensor that broadcasts with a; a may be a Python number if b is not. Where
    b = 0, y = 1 and da = 0, also at a = 0. db exists for a > 0, and is 0 at a = 0 if b >= 0; for a < 0 no real number
    is the derivative, since a^b is defined at whole b only: db is NaN there. Raises ValueError for any other b."""
    if isinstance(b, int | float):
        return _number_power(a, b)
    if not hasattr(b, "shape"):
        raise ValueError(f"power: the exponent is a number, an array or a tensor; got {type(b).__name__}")
    y = a ** b

    def backward(dy):
        base = a if hasattr(a, "shape") else xp.asarray(a, b.dtype)
        da = dy * b * base ** xp.where(b == 0, 1, b - 1)
        ln_a = xp.log(xp.where(base < 0, xp.nan, base + (base == 0)))          # 0 at a = 0, where y is 0 for all b > 0
        return reduced(da, a), reduced(dy * y * ln_a, b)
    return y, backward


def _number_power(x, n):
    """y = x^n          dx = dy n x^(n-1)"""
    if n == 0:
        return xp.ones_like(x), lambda dy: (xp.zeros_like(dy), None)
    return x ** n, lambda dy: (dy * n * x ** (n - 1), None)


@op
def exp(x):
    """y = e^x          dx = dy y"""
    y = xp.exp(x)
    return y, lambda dy: (dy * y,)


@op
def log(x):
    """y = ln x         dx = dy / x

    y is -inf at x = 0, where the slope is infinite, and NaN for x < 0."""
    return xp.log(x), lambda dy: (dy / x,)


@op
def sqrt(x):
    """y = sqrt(x)      dx = dy / (2 y)

    The slope at x = 0 is infinite; y is NaN for x < 0. Where x can be 0, add a small number first."""
    y = xp.sqrt(x)
    return y, lambda dy: (dy / (2 * y),)


@op
def abs(x):
    """y = |x|          dx = dy sign(x), so 0 at the kink x = 0"""
    return xp.abs(x), lambda dy: (dy * xp.sign(x),)


@op
def clip(x, low=None, high=None):
    """y = x, but low where x < low and high where x > high        dx = dy where low <= x <= high, else 0

    low and high are numbers, either of them None for no bound: bounds that are tensors and want a gradient are
    given by `maximum` and `minimum`. Raises ValueError without any bound, for other bounds, and if low > high."""
    low, high = _bound(low), _bound(high)
    if low is None and high is None:
        raise ValueError("clip: give low, high or both; without a bound there is nothing to clip")
    if low is not None and high is not None and low > high:
        raise ValueError(f"clip: low = {low} lies above high = {high}; no number lies between them")
    y = xp.clip(x, low, high)
    return y, lambda dy: (dy * (x == y),)


def _bound(bound):
    """A number as Python has it, so that it takes on x's precision."""
    if bound is None:
        return None
    if not isinstance(bound, Real):
        raise ValueError(f"clip: low and high are numbers or None; got {type(bound).__name__}: for bounds that are "
                         "arrays or tensors take ops.minimum(ops.maximum(x, low), high)")
    return int(bound) if isinstance(bound, Integral) else float(bound)


@op
@broadcasts
def maximum(a, b):
    """y = the larger of a and b        da = dy where a > b, dy / 2 where a = b, else 0; db = dy - da

    Equal winners share the gradient equally, as in `max`."""
    return xp.maximum(a, b), lambda dy: (reduced(_if_larger(dy, a, b), a), reduced(_if_larger(dy, b, a), b))


@op
@broadcasts
def minimum(a, b):
    """y = the smaller of a and b       da = dy where a < b, dy / 2 where a = b, else 0; db = dy - da

    Equal winners share the gradient equally, as in `min`."""
    return xp.minimum(a, b), lambda dy: (reduced(_if_larger(dy, b, a), a), reduced(_if_larger(dy, a, b), b))


def _if_larger(dy, a, b):
    """dy where a > b, half of it where a = b, else 0."""
    return xp.where(a == b, 0.5 * dy, xp.where(a > b, dy, 0))


@op
@broadcasts
def where(condition, a, b):
    """y = a where the condition holds, else b        da = dy where it holds, db = dy where it does not

    The condition is an array or a tensor of booleans, such as a comparison gives; a choice has no derivative.
    Raises ValueError for any other condition."""
    if not hasattr(condition, "dtype") or condition.dtype.kind != "b":
        got = getattr(condition, "dtype", type(condition).__name__)
        raise ValueError(f"where: the condition is an array of booleans; got {got}: compare first, as in mask != 0")

    def backward(dy):
        return None, reduced(xp.where(condition, dy, 0), a), reduced(xp.where(condition, 0, dy), b)
    return xp.where(condition, a, b), backward
