"""The way back through a tanh: the solution, other right answers, and mistakes that people make."""
import numpy as np


def tanh_backward(dy, x, y):
    return dy * (1 - y ** 2)                               # (1)


# Right --------------------------------------------------------------------------------------------------------

def right_of_x(dy, x, y):
    return dy / np.cosh(x) ** 2                            # (1)


def right_two_brackets(dy, x, y):
    return (1 + y) * (1 - y) * dy


def right_loop(dy, x, y):
    dx = dy.copy()
    for n in range(dx.shape[0]):
        for k in range(dx.shape[1]):
            dx[n, k] -= dy[n, k] * y[n, k] * y[n, k]
    return dx


def right_quotient(dy, x, y):
    """By the rule for quotients, as (1) is written."""
    above, below = np.exp(x) - np.exp(-x), np.exp(x) + np.exp(-x)
    return dy * (below * below - above * above) / below ** 2


def right_sigmoids(dy, x, y):
    """tanh(x) = 2 sigmoid(2x) - 1"""
    s = 1 / (1 + np.exp(-2 * x))
    return np.einsum("nk,nk->nk", dy, 4 * s * (1 - s))


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_by_x(dy, x, y):
    """the slope is 1 - x^2, with the input where y belongs, the output

    Named by: 1 - x^2 | `x` stands where `y` (1) | `x` and `y` each other's place"""
    return dy * (1 - x ** 2)


def wrong_of_the_output(dy, x, y):
    """the slope is taken of the output, 1 - tanh(y)^2: y is a tanh already, so that is a tanh too many

    Named by: tanh(y) too many | derivative of the output tanh too many | `y` stands where `x` cosh"""
    return dy * (1 - np.tanh(y) ** 2)


def wrong_no_slope(dy, x, y):
    """dy is handed on unchanged: the slope of the tanh is missing

    Named by: slope missing | derivative missing | factor `1 - y ** 2` missing"""
    return dy.copy()


def wrong_no_dy(dy, x, y):
    """the slope alone is returned: the factor dy is missing, which comes from above

    Named by: factor dy missing | factor `dy` missing"""
    return 1 - y * y


def wrong_sigmoid(dy, x, y):
    """the slope is y (1 - y), which is sigmoid's and not that of tanh

    Named by: y (1 - y) sigmoid's | derivative of sigmoid where tanh"""
    return dy * y * (1 - y)


def wrong_no_square(dy, x, y):
    """the slope is 1 - y: the square of y is missing

    Named by: 1 - y square missing | power of `y` missing"""
    return dy * (1 - y)


def wrong_plus(dy, x, y):
    """the slope is 1 + y^2: the sign of y^2 is turned, a slope that is never below 1

    Named by: sign y^2 turned | sign `y ** 2` turned"""
    return dy * (1 + y ** 2)


def wrong_sign(dy, x, y):
    """the slope is y^2 - 1: its sign is turned, as if a larger x made a smaller y

    Named by: sign turned y^2 - 1 | dx: the sign is turned | `1` and `y ** 2` each other's place"""
    return dy * (y * y - 1)


def wrong_cosh(dy, x, y):
    """the slope is 1/cosh(x), and its square belongs there: 1 - y^2 is 1/cosh(x)^2

    Named by: 1/cosh square | power `np.cosh(x)` missing"""
    return dy / np.cosh(x)


def wrong_dy_squared(dy, x, y):
    """dy is squared together with y: dy - (dy y)^2, and dy is a factor of both terms, once

    Named by: dy squared y | factor `dy` twice"""
    return dy - (dy * y) ** 2


def wrong_of_square(dy, x, y):
    """the slope is -2 y: that is the derivative of 1 - y^2, one derivative too many

    Named by: derivative too many 1 - y^2"""
    return dy * -2 * y
