"""Mistakes that the diagnosis of dropout-backward has never seen."""


def wrong_dx_times_1_minus_p(dy, x, m, p, W):
    """dx is multiplied by 1 - p where (1) divides by it.

    Named by: dx multiplied 1 - p | dx divide 1 - p | dx times (1 - p) | dx 1 / (1 - p) instead
    """
    z = x * m / (1 - p)
    dW = z.T @ dy
    dz = dy @ W.T
    dx = dz * m * (1 - p)
    return dx, dW


def wrong_dW_without_the_scale(dy, x, m, p, W):
    """dW takes x m and not z of (1): the factor 1 / (1 - p) is missing.

    Named by: dW 1 - p missing | dW 1 / (1 - p) | dW without 1 - p | dW scale missing
    """
    dW = (x * m).T @ dy
    dz = dy @ W.T
    dx = dz * m / (1 - p)
    return dx, dW


def wrong_x_left_standing(dy, x, m, p, W):
    """dx has dz times all of z = x m / (1 - p) of (1): x itself is left as a factor.

    Named by: dx x factor | dx times x | dx z instead m | dx multiplied x
    """
    z = x * m / (1 - p)
    dW = z.T @ dy
    dz = dy @ W.T
    dx = dz * z
    return dx, dW
