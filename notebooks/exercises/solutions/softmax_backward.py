"""The way back through a softmax: the solution, other right answers, and mistakes that people make."""
import numpy as np


def softmax_backward(dy, y):
    weighed = (dy * y).sum(axis=1, keepdims=True)          # (1)
    dx = y * (dy - weighed)                                # (1)
    return dx


# Right --------------------------------------------------------------------------------------------------------

def right_jacobian(dy, y):
    """A matrix for each row: y_j ([j = k] - y_k)."""
    dx = np.zeros_like(y)
    for n in range(len(y)):
        J = np.diag(y[n]) - np.outer(y[n], y[n])
        dx[n] = J @ dy[n]
    return dx


def right_einsum(dy, y):
    return np.einsum("nk,nk->nk", dy, y) - np.einsum("nj,nj,nk->nk", dy, y, y)


def right_entry_by_entry(dy, y):
    N, K = y.shape
    dx = np.zeros((N, K))
    for n in range(N):
        for k in range(K):
            for j in range(K):
                dx[n, k] += dy[n, j] * y[n, j] * ((j == k) - y[n, k])
    return dx


def right_quotient(dy, y):
    """e and its sum as two steps: y = e / s. y itself will do for e, with the sum 1."""
    s = y.sum(axis=1, keepdims=True)                       # (1)
    ds = -(dy * y).sum(axis=1, keepdims=True) / s ** 2     # (1)
    de = dy / s + ds                                       # (1)
    return de * y                                          # (1)


def right_transposed(dy, y):
    weighed = np.diag(dy @ y.T)
    return (y.T * (dy.T - weighed)).T


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_diagonal(dy, y):
    """only the diagonal j = k is there, dy y (1 - y): the sum over the others of the row is missing

    Named by: sum missing | sum of `(dy * y)"""
    return dy * y * (1 - y)


def wrong_exponential(dy, y):
    """dx is dy y, as of an exponential alone: the term of the denominator in (1) is missing

    Named by: term denominator missing | term `weighed` missing | term `ds` missing"""
    return dy * y


def wrong_axis(dy, y):
    """the sum goes over the batch axis, and each row of (1) is a softmax of its own

    Named by: sum batch axis | goes over axis 0"""
    return y * (dy - (dy * y).sum(axis=0))


def wrong_sum_of_dy(dy, y):
    """the sum adds up dy without the factor y: each dy of the row has to be weighed by its y

    Named by: factor y sum | factor `y` missing for `weighed` | factor `y` missing for `ds`"""
    return y * (dy - dy.sum(axis=1, keepdims=True))


def wrong_mean(dy, y):
    """the dy y of a row are averaged, and should be summed

    Named by: averaged row | mean `(dy * y).sum"""
    return y * (dy - (dy * y).mean(axis=1, keepdims=True))


def wrong_bracket(dy, y):
    """y is missing at the second term: dy y - sum, and the factor y belongs to both

    Named by: y missing second term | factor `y` missing at the term `weighed` | factor `y` missing at the term `ds`"""
    return y * dy - (dy * y).sum(axis=1, keepdims=True)


def wrong_no_y(dy, y):
    """the outer factor y is missing: dx is dy - sum(dy y)

    Named by: outer y missing | factor `y` missing for `dx` | factor `y` missing y.T"""
    return dy - (dy * y).sum(axis=1, keepdims=True)


def wrong_log_softmax(dy, y):
    """dx is dy - y sum(dy): that is the way back through a log-softmax

    Named by: log-softmax"""
    return dy - y * dy.sum(axis=1, keepdims=True)


def wrong_plus(dy, y):
    """the sign of the sum is turned: the denominator's term is subtracted, not added

    Named by: sign sum turned | sign `weighed` turned | sign `(dy * y).sum( turned"""
    return y * (dy + (dy * y).sum(axis=1, keepdims=True))


def wrong_sign(dy, y):
    """the sign of all of dx is turned

    Named by: dx: the sign is turned | sign all dx turned"""
    return y * ((dy * y).sum(axis=1, keepdims=True) - dy)


def wrong_minus_y(dy, y):
    """y is subtracted where the weighed sum of dy belongs: y (dy - y), as if dy were the target of a cross-entropy

    Named by: y subtracted weighed sum | `y` stands where `weighed`"""
    return y * (dy - y)


def wrong_total(dy, y):
    """the sum goes over the whole batch at once, and each row of (1) has a sum of its own

    Named by: sum whole batch | goes over axis None"""
    return y * (dy - (dy * y).sum())
