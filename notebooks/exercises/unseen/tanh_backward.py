"""Mistakes that the diagnosis of tanh-backward has never seen."""
import numpy as np


def wrong_one_over_cosh(dy, x, y):
    """The slope is taken as 1 / cosh(x), where it is the square of that: 1 / cosh(x)^2 = 1 - y^2.

    Named by: cosh square | slope square missing | slope root of | slope square forgotten
    """
    return dy / np.cosh(x)


def wrong_denominator_not_squared(dy, x, y):
    """The rule for quotients in (1) with its denominator e^x + e^-x not squared.

    Named by: denominator squared | denominator not square | factor e^x + e^-x | quotient denominator once
    """
    up, down = np.exp(x) - np.exp(-x), np.exp(x) + np.exp(-x)
    return dy * (down * down - up * up) / down


def wrong_square_of_the_difference(dy, x, y):
    """The slope is (1 - y)^2, the square around the difference, where it is 1 - y^2.

    Named by: (1 - y)^2 1 - y^2 | square difference y | (1 - y) ** 2 | bracket square 1 - y
    """
    return dy * (1 - y) ** 2
