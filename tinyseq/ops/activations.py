"""Nonlinearities, entry by entry."""
from tinyseq.autograd import op
from tinyseq.backend import xp


def sigmoid_in_place(a):
    """The sigmoid of an array (not a tensor), written over it. sigma(a) = (1 + tanh(a/2)) / 2 never overflows."""
    a *= 0.5
    xp.tanh(a, out=a)
    a += 1
    a *= 0.5


@op
def tanh(x):
    """y = tanh(x)                          dx = dy (1 - y^2)"""
    y = xp.tanh(x)
    return y, lambda dy: (dy * (1 - y * y),)


@op
def sigmoid(x):
    """y = 1 / (1 + e^-x)                   dx = dy y (1 - y)

    Computed as (1 + tanh(x/2)) / 2, which is the same number and never overflows."""
    y = 0.5 * (1 + xp.tanh(0.5 * x))
    return y, lambda dy: (dy * y * (1 - y),)


@op
def relu(x):
    """y = max(x, 0)                        dx = dy where x > 0, else 0 (so 0 at the kink x = 0)"""
    return xp.maximum(x, 0), lambda dy: (dy * (x > 0),)
