"""Mistakes that the diagnosis of softmax-backward has never seen."""


def wrong_sum_without_its_y(dy, y):
    """The sum over j of dy y is taken away as it is, and not times y[n, k]: dx = dy y - sum.

    Named by: sum times y | sum without y | factor y sum missing | weighted y[n, k] second term
    """
    weighed = (dy * y).sum(axis=1, keepdims=True)
    dx = dy * y - weighed
    return dx


def wrong_sum_of_dy_alone(dy, y):
    """The sum over j is of dy alone, where each dy[n, j] has to be weighed with its y[n, j].

    Named by: sum y weigh | sum dy not weighted | sum dy without y | sum dy alone
    """
    weighed = dy.sum(axis=1, keepdims=True)
    dx = y * (dy - weighed)
    return dx


def wrong_slope_of_its_own_is_y(dy, y):
    """For j = k the derivative of (1) is taken as y, where it is y (1 - y); the other j are right.

    Named by: j = k 1 - y | diagonal 1 - y | own y (1 - y) | j = k missing
    """
    weighed = (dy * y).sum(axis=1, keepdims=True)
    dx = y * dy - y * (weighed - y * dy)
    return dx
