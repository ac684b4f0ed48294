"""The way back through a batch normalisation: the solution, other right answers, and mistakes that people make."""
import numpy as np


def batch_norm_backward(dy, x, gamma, epsilon):
    N = x.size / x.shape[1]
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)                         # (1)
    sigma = np.sqrt((centred ** 2).mean(axis=(0, 2, 3), keepdims=True) + epsilon)                    # (2)
    n = centred / sigma                                                         # (3)
    dn = dy * gamma[:, None, None]                                              # (4)
    dgamma = (dy * n).sum(axis=(0, 2, 3))                                       # (4)
    dbeta = dy.sum(axis=(0, 2, 3))                                              # (4)
    dsigma = -(dn * n).sum(axis=(0, 2, 3), keepdims=True) / sigma               # (3)
    dcentred = dn / sigma + dsigma * centred / (N * sigma)                      # (3) (2)
    dx = dcentred - dcentred.mean(axis=(0, 2, 3), keepdims=True)                # (1)
    return dx, dgamma, dbeta


# Right --------------------------------------------------------------------------------------------------------

def right_closed_form(dy, x, gamma, epsilon):
    """What mean and variance take away, in one line."""
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)                         # (1)
    sigma = np.sqrt((centred ** 2).mean(axis=(0, 2, 3), keepdims=True) + epsilon)                    # (2)
    n = centred / sigma                                                         # (3)
    dn = dy * gamma[:, None, None]                                              # (4)
    of_mean = dn.mean(axis=(0, 2, 3), keepdims=True)                            # (1)
    of_sigma = n * (dn * n).mean(axis=(0, 2, 3), keepdims=True)                 # (2)
    dx = (dn - of_mean - of_sigma) / sigma                                      # (3)
    return dx, (dy * n).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))             # (4)


def right_rows_of_channels(dy, x, gamma, epsilon):
    """All places of all images as rows (N, C), and the result back in the old axes."""
    def rows(a):
        return np.moveaxis(a, 1, -1).reshape(-1, len(gamma))
    dys, xs = rows(dy), rows(x)
    n = (xs - xs.mean(0)) / np.sqrt(xs.var(0) + epsilon)
    dgamma, dbeta = (dys * n).sum(0), dys.sum(0)
    dxs = gamma / np.sqrt(xs.var(0) + epsilon) * (dys - (dbeta + n * dgamma) / len(xs))
    B, C, H, W = x.shape
    return np.moveaxis(dxs.reshape(B, H, W, C), -1, 1), dgamma, dbeta


def right_channel_by_channel(dy, x, gamma, epsilon):
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros_like(gamma), np.zeros_like(gamma)
    for c in range(len(gamma)):
        values, grads = x[:, c].reshape(-1), dy[:, c].reshape(-1)
        N = len(values)
        mean = values.sum() / N
        variance = ((values - mean) ** 2).sum() / N
        n = (values - mean) / (variance + epsilon) ** 0.5
        dvariance = -0.5 * gamma[c] * np.dot(grads, values - mean) * (variance + epsilon) ** -1.5
        dmean = -gamma[c] * grads.sum() / (variance + epsilon) ** 0.5
        of_each = gamma[c] * grads / (variance + epsilon) ** 0.5 + 2 * dvariance * (values - mean) / N + dmean / N
        dx[:, c] = of_each.reshape(dx[:, c].shape)
        dgamma[c], dbeta[c] = np.dot(grads, n), grads.sum()
    return dx, dgamma, dbeta


def right_einsum(dy, x, gamma, epsilon):
    N = len(x) * x.shape[2] * x.shape[3]
    centred = x - (np.einsum("bchw->c", x) / N)[:, None, None]
    per_sigma = 1 / np.sqrt(np.einsum("bchw,bchw->c", centred, centred) / N + epsilon)
    dgamma, dbeta = np.einsum("bchw,bchw,c->c", dy, centred, per_sigma), np.einsum("bchw->c", dy)
    dx = np.einsum("bchw,c->bchw", dy, gamma * per_sigma)
    dx = dx - np.einsum("bchw,c->bchw", centred, gamma * per_sigma ** 2 * dgamma / N)
    return dx - (gamma * per_sigma * dbeta / N)[:, None, None], dgamma, dbeta


# Wrong --------------------------------------------------------------------------------------------------------

ALL = (0, 2, 3)


def forward(x, epsilon, over=ALL):
    """n and sigma, for those that go wrong later."""
    sigma = np.sqrt(x.var(axis=over, keepdims=True) + epsilon)
    return (x - x.mean(axis=over, keepdims=True)) / sigma, sigma


def back(dy, n, sigma, gamma, over=ALL):
    """The way back to x, for those that go wrong elsewhere."""
    dn = dy * gamma[:, None, None]
    return (dn - dn.mean(axis=over, keepdims=True) - n * (dn * n).mean(axis=over, keepdims=True)) / sigma


def of_weights(dy, n):
    """dgamma and dbeta."""
    return (dy * n).sum(axis=ALL), dy.sum(axis=ALL)


def wrong_as_in_evaluation(dy, x, gamma, epsilon):
    """mean and sigma are taken for constants, as they are in evaluation: dx is dn / sigma, and the terms that come back
    through both are missing

    Named by: mean and sigma constants | through the mean of (1) is missing through sigma, (2), is missing"""
    n, sigma = forward(x, epsilon)
    return dy * gamma[:, None, None] / sigma, *of_weights(dy, n)


def wrong_no_mean(dy, x, gamma, epsilon):
    """the term that comes back through the mean of (1) is missing: dx is the gradient of centred

    Named by: term mean (1) missing | term `dcentred.mean( missing | term `of_mean` missing"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma[:, None, None]
    return (dn - n * (dn * n).mean(axis=ALL, keepdims=True)) / sigma, *of_weights(dy, n)


def wrong_no_sigma(dy, x, gamma, epsilon):
    """the term that comes back through sigma, (2), is missing: sigma is taken for a constant

    Named by: term sigma (2) missing | term `dsigma * centred / (N * sigma)` missing | term `of_sigma` missing"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma[:, None, None]
    return (dn - dn.mean(axis=ALL, keepdims=True)) / sigma, *of_weights(dy, n)


def wrong_batch_alone(dy, x, gamma, epsilon):
    """mean and sigma go over the batch alone, each place of the image by itself: H and W belong to it, too

    Named by: mean and sigma over the batch alone | axis 0 stands where axis (0, 2, 3) `centred` `sigma` |
    axis (0,) stands where axis (0, 2, 3) `centred` `sigma`"""
    n, sigma = forward(x, epsilon, over=(0,))
    return back(dy, n, sigma, gamma, over=(0,)), *of_weights(dy, n)


def wrong_each_image(dy, x, gamma, epsilon):
    """mean and sigma are those of each image by itself, over H and W: the batch axis is missing

    Named by: mean and sigma each image batch axis missing |
    axis (2, 3) stands where axis (0, 2, 3) `centred` `sigma`"""
    n, sigma = forward(x, epsilon, over=(2, 3))
    return back(dy, n, sigma, gamma, over=(2, 3)), *of_weights(dy, n)


def wrong_layer_norm(dy, x, gamma, epsilon):
    """mean and sigma are those of each image over its channels and places: that is a layer normalisation

    Named by: layer normalisation | axis (1, 2, 3) stands where axis (0, 2, 3) `centred` `sigma`"""
    n, sigma = forward(x, epsilon, over=(1, 2, 3))
    return back(dy, n, sigma, gamma, over=(1, 2, 3)), *of_weights(dy, n)


def wrong_size_of_the_batch(dy, x, gamma, epsilon):
    """in dx the sums are divided by B, the number of images, and the means go over N = B H W entries

    Named by: dx divided by B N = B H W | size of axis 0 alone (1), (2), `of_sigma` already: dgamma, dbeta"""
    n, sigma = forward(x, epsilon)
    dn = dy * gamma[:, None, None]
    of_both = dn.sum(axis=ALL, keepdims=True) + n * (dn * n).sum(axis=ALL, keepdims=True)
    return (dn - of_both / len(x)) / sigma, *of_weights(dy, n)


def wrong_dgamma_of_each_place(dy, x, gamma, epsilon):
    """dgamma and dbeta are summed over the batch alone, (C, H, W): one gamma serves all places of the image

    Named by: dgamma dbeta batch alone | dgamma should have been summed |
    axis 0 stands where axis (0, 2, 3) in `dgamma` and `dbeta`"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, gamma), (dy * n).sum(axis=0), dy.sum(axis=0)


def wrong_mean_of_weights(dy, x, gamma, epsilon):
    """dgamma and dbeta are averaged over the N entries of a channel, and should be summed

    Named by: dgamma dbeta averaged | dgamma (and dbeta): it is 1/(B H W) of | mean `dgamma` mean `dbeta`"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, gamma), (dy * n).mean(axis=ALL), dy.mean(axis=ALL)


def wrong_mean_over_batch(dy, x, gamma, epsilon):
    """dgamma and dbeta are averaged over the images of the batch, divided by B, and should be summed

    Named by: dgamma dbeta averaged images | dgamma (and dbeta): it is 1/B of |
    axis 0 alone `dgamma` axis 0 alone `dbeta`"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, gamma), (dy * n).mean(axis=0).sum(axis=(1, 2)), dy.mean(axis=0).sum(axis=(1, 2))


def wrong_no_gamma(dy, x, gamma, epsilon):
    """dn is dy: the factor gamma of (4) is missing on the way back to n

    Named by: dn factor gamma missing | factor `gamma[:, None, None]` missing (4)"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, np.ones_like(gamma)), *of_weights(dy, n)


def wrong_no_division(dy, x, gamma, epsilon):
    """the division by sigma of (3) is missing on the way back

    Named by: division sigma missing (3) back | division by `sigma` missing for `dx`"""
    n, _ = forward(x, epsilon)
    return back(dy, n, 1, gamma), *of_weights(dy, n)


def wrong_epsilon_outside(dy, x, gamma, epsilon):
    """epsilon is added to the root, and in (2) it stands under it

    Named by: epsilon root under | term `epsilon` outside `np.sqrt`"""
    sigma = x.std(axis=ALL, keepdims=True) + epsilon
    n = (x - x.mean(axis=ALL, keepdims=True)) / sigma
    return back(dy, n, sigma, gamma), *of_weights(dy, n)


def wrong_no_epsilon(dy, x, gamma, epsilon):
    """epsilon is missing in (2)

    Named by: epsilon missing (2)"""
    n, sigma = forward(x, 0)
    return back(dy, n, sigma, gamma), *of_weights(dy, n)


def wrong_unbiased(dy, x, gamma, epsilon):
    """the variance in (2) is divided by N - 1: that is for the running one, and here it is a mean over all N

    Named by: variance divided N - 1 | `(centred ** 2).mean( divided by n - 1 sigma"""
    sigma = np.sqrt(x.var(axis=ALL, keepdims=True, ddof=1) + epsilon)
    n = (x - x.mean(axis=ALL, keepdims=True)) / sigma
    return back(dy, n, sigma, gamma), *of_weights(dy, n)


def wrong_dgamma_by_x(dy, x, gamma, epsilon):
    """dgamma uses x where (4) has n, which is x normalised

    Named by: dgamma x where n | `x` stands where `n` `dgamma`"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, gamma), (dy * x).sum(axis=ALL), dy.sum(axis=ALL)


def wrong_dbeta_by_gamma(dy, x, gamma, epsilon):
    """dbeta is multiplied with gamma, which in (4) stands beside n and not beside beta

    Named by: dbeta multiplied with gamma | dbeta: factor gamma too many | `dn` stands where `dy` `dbeta`"""
    n, sigma = forward(x, epsilon)
    return back(dy, n, sigma, gamma), (dy * n).sum(axis=ALL), gamma * dy.sum(axis=ALL)
