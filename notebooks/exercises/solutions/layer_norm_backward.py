"""The way back through a layer normalisation: the solution, other right answers, and mistakes that people make."""
import numpy as np


def layer_norm_backward(dy, x, gamma, epsilon):
    C = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)                                 # (1)
    sigma = np.sqrt((centred ** 2).mean(axis=1, keepdims=True) + epsilon)       # (2)
    n = centred / sigma                                                         # (3)
    dn = dy * gamma                                                             # (4)
    dgamma = (dy * n).sum(axis=0)                                               # (4)
    dbeta = dy.sum(axis=0)                                                      # (4)
    dsigma = -(dn * n).sum(axis=1, keepdims=True) / sigma                       # (3)
    dcentred = dn / sigma + dsigma * centred / (C * sigma)                      # (3) (2)
    dx = dcentred - dcentred.mean(axis=1, keepdims=True)                        # (1)
    return dx, dgamma, dbeta


# Right --------------------------------------------------------------------------------------------------------

def right_closed_form(dy, x, gamma, epsilon):
    """What mean and variance take away, in one line."""
    centred = x - x.mean(axis=1, keepdims=True)                                 # (1)
    sigma = np.sqrt((centred ** 2).mean(axis=1, keepdims=True) + epsilon)       # (2)
    n = centred / sigma                                                         # (3)
    dn = dy * gamma                                                             # (4)
    of_mean = dn.mean(axis=1, keepdims=True)                                    # (1)
    of_sigma = n * (dn * n).mean(axis=1, keepdims=True)                         # (2)
    dx = (dn - of_mean - of_sigma) / sigma                                      # (3)
    return dx, (dy * n).sum(axis=0), dy.sum(axis=0)                             # (4)


def right_row_by_row(dy, x, gamma, epsilon):
    """With the whole Jacobian of n by x, a matrix (C, C) for each row."""
    N, C = x.shape
    dx, dgamma, dbeta = np.zeros((N, C)), np.zeros(C), np.zeros(C)
    for r in range(N):
        sigma = (np.var(x[r]) + epsilon) ** 0.5
        n = (x[r] - np.mean(x[r])) / sigma
        J = (np.eye(C) - 1 / C - np.outer(n, n) / C) / sigma
        dx[r] = J @ (gamma * dy[r])
        dgamma += dy[r] * n
        dbeta += dy[r]
    return dx, dgamma, dbeta


def right_einsum(dy, x, gamma, epsilon):
    C = x.shape[1]
    centred = x - np.einsum("nc->n", x)[:, None] / C
    per_sigma = 1 / np.sqrt(np.einsum("nc,nc->n", centred, centred) / C + epsilon)
    along = np.einsum("nc,nc,c->n", centred, dy, gamma) * per_sigma ** 3 / C
    dcentred = np.einsum("nc,c,n->nc", dy, gamma, per_sigma) - centred * along[:, None]
    return (dcentred - dcentred.sum(axis=1)[:, None] / C, np.einsum("nc,nc,n->c", dy, centred, per_sigma),
            np.ones(len(x)) @ dy)


def right_transposed(dy, x, gamma, epsilon):
    """Rows as columns, and the variance as the mean of squares less the square of the mean."""
    x_T, dn_T = x.T, (gamma * dy).T
    sigma = np.sqrt((x_T ** 2).mean(axis=0) - x_T.mean(axis=0) ** 2 + epsilon)
    n_T = (x_T - x_T.mean(axis=0)) / sigma
    dx_T = dn_T / sigma - n_T * (dn_T * n_T).mean(axis=0) / sigma
    dx_T -= (dn_T / sigma).mean(axis=0)
    return dx_T.T, np.diag(n_T @ dy), np.add.reduce(dy)


# Wrong --------------------------------------------------------------------------------------------------------

def forward(x, epsilon):
    """n and sigma, for those that go wrong later."""
    sigma = np.sqrt(x.var(axis=1, keepdims=True) + epsilon)
    return (x - x.mean(axis=1, keepdims=True)) / sigma, sigma


def back(dn, n, sigma, axis=1):
    """The way back through (3), (2) and (1), for those that go wrong elsewhere."""
    return (dn - dn.mean(axis=axis, keepdims=True) - n * (dn * n).mean(axis=axis, keepdims=True)) / sigma


def wrong_constants(dy, x, gamma, epsilon):
    """mean and sigma are taken for constants: dx is dn / sigma, and the terms that come back through them are missing

    Named by: mean and sigma constants | through the mean of (1) is missing through sigma, (2), is missing"""
    n, sigma = forward(x, epsilon)
    return dy * gamma / sigma, (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_no_mean(dy, x, gamma, epsilon):
    """the term that comes back through the mean of (1) is missing: dx is the gradient of centred

    Named by: term mean (1) missing | term `dcentred.mean( missing | term `of_mean` missing"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    return (dn - n * (dn * n).mean(axis=1, keepdims=True)) / sigma, (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_no_sigma(dy, x, gamma, epsilon):
    """the term that comes back through sigma, (2), is missing: sigma is taken for a constant

    Named by: term sigma (2) missing | term `dsigma * centred / (C * sigma)` missing | term `of_sigma` missing"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    return (dn - dn.mean(axis=1, keepdims=True)) / sigma, (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_no_gamma(dy, x, gamma, epsilon):
    """dn is dy: the factor gamma of (4) is missing on the way back to n

    Named by: dn factor gamma missing | factor `gamma` missing (4)"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_gamma_in_dbeta(dy, x, gamma, epsilon):
    """dgamma and dbeta are summed from dn, with a factor gamma too many; both stand behind gamma n in (4)

    Named by: dgamma dbeta factor gamma too many"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    return back(dn, n, sigma), (dn * n).sum(axis=0), dn.sum(axis=0)


def wrong_no_division(dy, x, gamma, epsilon):
    """the division by sigma of (3) is missing on the way back

    Named by: division sigma missing (3) back | division by `sigma` missing for `dx`"""
    n, _ = forward(x, epsilon)
    return back(dy * gamma, n, 1), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_variance(dy, x, gamma, epsilon):
    """the way back divides by the variance: the root of (2) is missing in dx

    Named by: variance root missing dx | division by `sigma` twice `dx`"""
    n, sigma = forward(x, epsilon)
    return back(dy * gamma, n, sigma ** 2), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_axis(dy, x, gamma, epsilon):
    """mean and sigma are those of a channel over the rows: that is a batch normalisation, axis 0 where axis 1 belongs

    Named by: batch normalisation | axis 0 stands where axis 1 `centred` `sigma`"""
    sigma = np.sqrt(x.var(axis=0) + epsilon)
    n = (x - x.mean(axis=0)) / sigma
    return back(dy * gamma, n, sigma, axis=0), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_axis_on_the_way_back(dy, x, gamma, epsilon):
    """forwards all is right, and on the way back both means go over the batch axis, where the channels belong

    Named by: way back means batch axis | goes over axis 0 `of_mean` goes over axis 0 `of_sigma`"""
    n, sigma = forward(x, epsilon)
    return back(dy * gamma, n, sigma, axis=0), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_epsilon_outside(dy, x, gamma, epsilon):
    """epsilon is added to the root, and in (2) it stands under it

    Named by: epsilon root under | term `epsilon` outside `np.sqrt`"""
    sigma = x.std(axis=1, keepdims=True) + epsilon
    n = (x - x.mean(axis=1, keepdims=True)) / sigma
    return back(dy * gamma, n, sigma), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_no_epsilon(dy, x, gamma, epsilon):
    """epsilon is missing in (2)

    Named by: epsilon missing (2)"""
    n, sigma = forward(x, 0)
    return back(dy * gamma, n, sigma), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_unbiased(dy, x, gamma, epsilon):
    """the variance in (2) is divided by C - 1, and it is a mean over all C

    Named by: variance divided C - 1 | `(centred ** 2).mean( divided by n - 1 sigma"""
    sigma = np.sqrt(x.var(axis=1, keepdims=True, ddof=1) + epsilon)
    n = (x - x.mean(axis=1, keepdims=True)) / sigma
    return back(dy * gamma, n, sigma), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_dgamma_by_x(dy, x, gamma, epsilon):
    """dgamma uses x where (4) has n, which is x normalised

    Named by: dgamma x where n | `x` stands where `n` `dgamma`"""
    n, sigma = forward(x, epsilon)
    return back(dy * gamma, n, sigma), (dy * x).sum(axis=0), dy.sum(axis=0)


def wrong_dgamma_by_centred(dy, x, gamma, epsilon):
    """dgamma uses centred where (4) has n: the division by sigma is missing

    Named by: dgamma centred n | `centred` stands where `n` `dgamma`"""
    n, sigma = forward(x, epsilon)
    return back(dy * gamma, n, sigma), (dy * n * sigma).sum(axis=0), dy.sum(axis=0)


def wrong_mean_of_weights(dy, x, gamma, epsilon):
    """dgamma and dbeta are averaged over the N rows, and should be summed

    Named by: dgamma dbeta averaged N | dgamma (and dbeta): it is 1/N of"""
    n, sigma = forward(x, epsilon)
    return back(dy * gamma, n, sigma), (dy * n).mean(axis=0), dy.mean(axis=0)


def wrong_sums(dy, x, gamma, epsilon):
    """in dx sums over the channels stand where the means belong: the division by C is missing

    Named by: dx sums means division C | sum where `dcentred.mean( factor `C` missing |
    sum where `dn.mean( sum where `(dn * n).mean("""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    dx = (dn - dn.sum(axis=1, keepdims=True) - n * (dn * n).sum(axis=1, keepdims=True)) / sigma
    return dx, (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_no_n(dy, x, gamma, epsilon):
    """the term that comes back through sigma lacks its factor n: it points along n, and is not the same for a whole row

    Named by: term sigma factor n | factor `n` missing `of_sigma`"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    dx = (dn - dn.mean(axis=1, keepdims=True) - (dn * n).mean(axis=1, keepdims=True)) / sigma
    return dx, (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_sign(dy, x, gamma, epsilon):
    """the term that comes back through sigma has the wrong sign: the minus of 1/sigma's derivative in (3) is missing

    Named by: term sigma sign | sign `of_sigma` turned | sign `(dn * n).sum( turned | sign `dsigma * centred turned"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma
    dx = (dn - dn.mean(axis=1, keepdims=True) + n * (dn * n).mean(axis=1, keepdims=True)) / sigma
    return dx, (dy * n).sum(axis=0), dy.sum(axis=0)
