"""The way back through a sigmoid: the solution, other right answers, and mistakes that people make."""
import numpy as np


def sigmoid_backward(dy, x, y):
    return dy * y * (1 - y)                                # (1)


# Right --------------------------------------------------------------------------------------------------------

def right_of_x(dy, x, y):
    return dy * np.exp(-x) / (1 + np.exp(-x)) ** 2         # (1)


def right_loop(dy, x, y):
    dx = np.zeros_like(dy)
    for place in np.ndindex(*dy.shape):
        dx[place] = dy[place] * (y[place] - y[place] ** 2)
    return dx


def right_both_sides(dy, x, y):
    """1 - sigmoid(x) = sigmoid(-x)"""
    return dy / ((1 + np.exp(x)) * (1 + np.exp(-x)))


def right_tanh(dy, x, y):
    """sigmoid(x) = (1 + tanh(x/2)) / 2"""
    return dy * (1 - np.tanh(x / 2) ** 2) / 4


def right_einsum(dy, x, y):
    return np.einsum("nk,nk->nk", dy, y) - np.einsum("nk,nk,nk->nk", dy, y, y)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_by_x(dy, x, y):
    """the slope is x (1 - x), with the input where y belongs, the output

    Named by: x (1 - x) | `x` stands where `y` | `x` and `y` each other's place"""
    return dy * x * (1 - x)


def wrong_twice(dy, x, y):
    """sigmoid's derivative is applied at the output: y is taken as an input once more, a sigmoid too many

    Named by: derivative output sigmoid too many | `y` stands where `x` in (1)"""
    s = 1 / (1 + np.exp(-y))
    return dy * s * (1 - s)


def wrong_no_slope(dy, x, y):
    """dy is handed on unchanged: sigmoid's derivative is missing

    Named by: derivative missing"""
    return dy.copy()


def wrong_no_dy(dy, x, y):
    """the slope alone is returned: the factor dy is missing, which comes from above

    Named by: factor dy missing | factor `dy` missing"""
    return y * (1 - y)


def wrong_lost_bracket(dy, x, y):
    """the slope is y: its factor 1 - y is lost, as if y were an exponential

    Named by: factor 1 - y lost | lost its 1 - | factor `1 - y` missing"""
    return dy * y


def wrong_lost_y(dy, x, y):
    """the slope is 1 - y: its factor y is lost

    Named by: factor y lost | lost its s | factor `y` missing"""
    return dy * (1 - y)


def wrong_tanh(dy, x, y):
    """the slope is 1 - y^2, which is that of tanh, not of sigmoid

    Named by: that of tanh | derivative of tanh stands where sigmoid"""
    return dy * (1 - y ** 2)


def wrong_plus(dy, x, y):
    """the slope is y (1 + y): the sign of y in the bracket is turned

    Named by: sign y turned bracket | sign of `y` turned"""
    return dy * y * (1 + y)


def wrong_sign(dy, x, y):
    """the slope is y (y - 1): its sign is turned, since the minus of e^-x is counted once, and it is there twice

    Named by: y (y - 1) sign turned | dx: the sign is turned"""
    return dy * y * (y - 1)


def wrong_no_exponential(dy, x, y):
    """the slope is y^2, from 1/u with u = 1 + e^-x: the inner derivative, the factor e^-x, is missing

    Named by: inner derivative missing | factor e^-x missing | factor `np.exp(-x)` missing | term `1` missing"""
    return dy * y * y
