"""Softmax: scores become probabilities.

The largest score is subtracted first. That changes nothing in the result, and no exponential overflows.
"""
from tinyseq.autograd import op
from tinyseq.backend import xp


@op
def softmax(x, axis=-1):
    """y_i = e^x_i / sum_j e^x_j            dx_i = y_i (dy_i - sum_j dy_j y_j)"""
    e = xp.exp(x - x.max(axis=axis, keepdims=True))
    y = e / e.sum(axis=axis, keepdims=True)
    return y, lambda dy: (y * (dy - (dy * y).sum(axis=axis, keepdims=True)),)


@op
def log_softmax(x, axis=-1):
    """y_i = x_i - ln sum_j e^x_j           dx_i = dy_i - e^y_i sum_j dy_j"""
    shifted = x - x.max(axis=axis, keepdims=True)
    y = shifted - xp.log(xp.exp(shifted).sum(axis=axis, keepdims=True))
    return y, lambda dy: (dy - xp.exp(y) * dy.sum(axis=axis, keepdims=True),)
