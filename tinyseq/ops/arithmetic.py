"""Pointwise arithmetic, with NumPy's broadcasting.

Broadcasting repeats an array along axes it lacks or has with size 1. What was repeated forward is added up backward:
`reduced` sums dy over those axes.
"""
from tinyseq.autograd import op
from tinyseq.backend import xp


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
def add(a, b):
    """y = a + b        da = dy,  db = dy"""
    return a + b, lambda dy: (reduced(dy, a), reduced(dy, b))


@op
def sub(a, b):
    """y = a - b        da = dy,  db = -dy"""
    return a - b, lambda dy: (reduced(dy, a), reduced(-dy, b))


@op
def mul(a, b):
    """y = a b          da = dy b,  db = dy a"""
    return a * b, lambda dy: (reduced(dy * b, a), reduced(dy * a, b))


@op
def div(a, b):
    """y = a / b        da = dy / b,  db = -dy a / b^2"""
    return a / b, lambda dy: (reduced(dy / b, a), reduced(-dy * a / (b * b), b))


@op
def neg(x):
    """y = -x           dx = -dy"""
    return -x, lambda dy: (-dy,)


@op
def power(x, exponent):
    """y = x^n          dx = dy n x^(n-1),  n a Python number

    For n = 0, y = 1 and dx = 0 everywhere, also at x = 0."""
    if not isinstance(exponent, int | float):
        raise ValueError(f"power takes a Python number as exponent; got {type(exponent).__name__}")
    if exponent == 0:
        return xp.ones_like(x), lambda dy: (xp.zeros_like(dy), None)
    return x ** exponent, lambda dy: (dy * exponent * x ** (exponent - 1), None)


@op
def exp(x):
    """y = e^x          dx = dy y"""
    y = xp.exp(x)
    return y, lambda dy: (dy * y,)


@op
def log(x):
    """y = ln x         dx = dy / x"""
    return xp.log(x), lambda dy: (dy / x,)


@op
def sqrt(x):
    """y = sqrt(x)      dx = dy / (2 y)"""
    y = xp.sqrt(x)
    return y, lambda dy: (dy / (2 * y),)


@op
def where(condition, a, b):
    """y = a where the condition holds, else b        da = dy where it holds, db = dy where it does not

    The condition is an array of booleans, not a tensor: a choice has no derivative."""
    def backward(dy):
        zero = xp.zeros_like(dy)
        return None, reduced(xp.where(condition, dy, zero), a), reduced(xp.where(condition, zero, dy), b)
    return xp.where(condition, a, b), backward
