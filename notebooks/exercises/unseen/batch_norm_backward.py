"""Mistakes that the diagnosis of batch-norm-backward has never seen."""
import numpy as np


def wrong_n_is_the_batch(dy, x, gamma, epsilon):
    """In (2) the mean of N = B H W entries is taken back with N = B, so sigma's part of dx is too large by H W.

    Named by: dx N = B H W | dx sigma H W | N = B sigma | dx number of images
    | divided size of axis 0 alone `of_sigma`
    """
    N = len(x)
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    sigma = np.sqrt((centred ** 2).mean(axis=(0, 2, 3), keepdims=True) + epsilon)
    n = centred / sigma
    dn = dy * gamma[:, None, None]
    dgamma = (dy * n).sum(axis=(0, 2, 3))
    dbeta = dy.sum(axis=(0, 2, 3))
    dsigma = -(dn * n).sum(axis=(0, 2, 3), keepdims=True) / sigma
    dcentred = dn / sigma + dsigma * centred / (N * sigma)
    dx = dcentred - dcentred.mean(axis=(0, 2, 3), keepdims=True)
    return dx, dgamma, dbeta


def wrong_mean_of_each_image(dy, x, gamma, epsilon):
    """What the mean of (1) takes away from dx is averaged over H and W of each image alone, not over the batch too.

    Named by: dx mean image | dx mean batch missing | dx mean axes (2, 3) | dx mean not over batch
    """
    N = x.size / x.shape[1]
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    sigma = np.sqrt((centred ** 2).mean(axis=(0, 2, 3), keepdims=True) + epsilon)
    n = centred / sigma
    dn = dy * gamma[:, None, None]
    dgamma = (dy * n).sum(axis=(0, 2, 3))
    dbeta = dy.sum(axis=(0, 2, 3))
    dsigma = -(dn * n).sum(axis=(0, 2, 3), keepdims=True) / sigma
    dcentred = dn / sigma + dsigma * centred / (N * sigma)
    dx = dcentred - dcentred.mean(axis=(2, 3), keepdims=True)
    return dx, dgamma, dbeta


def wrong_dgamma_averaged_over_places(dy, x, gamma, epsilon):
    """dgamma is averaged over the H W places of an image where (4) has gamma at each of them: sum.

    Named by: dgamma averaged | dgamma mean | dgamma divided H W | dgamma too small H W | dgamma: 1/(H W)
    """
    N = x.size / x.shape[1]
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    sigma = np.sqrt((centred ** 2).mean(axis=(0, 2, 3), keepdims=True) + epsilon)
    n = centred / sigma
    dn = dy * gamma[:, None, None]
    dgamma = (dy * n).sum(axis=0).mean(axis=(1, 2))
    dbeta = dy.sum(axis=(0, 2, 3))
    dsigma = -(dn * n).sum(axis=(0, 2, 3), keepdims=True) / sigma
    dcentred = dn / sigma + dsigma * centred / (N * sigma)
    dx = dcentred - dcentred.mean(axis=(0, 2, 3), keepdims=True)
    return dx, dgamma, dbeta
