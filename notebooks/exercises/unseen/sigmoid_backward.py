"""Mistakes that the diagnosis of sigmoid-backward has never seen."""
import numpy as np


def wrong_denominator_not_squared(dy, x, y):
    """The slope is e^-x / (1 + e^-x) = 1 - y, as the denominator of 1/u was not squared: the factor y is lost.

    Named by: factor y missing | factor y lost | slope 1 - y without y | denominator squared
    """
    return dy * np.exp(-x) / (1 + np.exp(-x))


def wrong_sign_of_the_exponent(dy, x, y):
    """The -1 of e^-x in (1) is forgotten, so dx has the wrong sign.

    Named by: dx sign | dx minus | dx negative | slope sign
    """
    return -dy * y * (1 - y)


def wrong_bracket_lost(dy, x, y):
    """The bracket of y (1 - y) is multiplied out without dy: dx is dy y - y^2, so that y^2 has no dy.

    Named by: y^2 without dy | y ** 2 dy missing | bracket dy | second term dy
    """
    return dy * y - y ** 2
