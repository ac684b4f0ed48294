"""Mistakes that the diagnosis of layer-norm-backward has never seen."""
import numpy as np


def wrong_half_of_the_root(dy, x, gamma, epsilon):
    """In (2) the square brings a factor 2 and the root a 1/2; the 1/2 is forgotten, so sigma's part of dx is doubled.

    Named by: dx sigma twice | dx sigma factor 2 | dx sigma half | dcentred sigma twice
    """
    C = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred ** 2).mean(axis=1, keepdims=True) + epsilon)
    n = centred / sigma
    dn = dy * gamma
    dgamma = (dy * n).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dsigma = -(dn * n).sum(axis=1, keepdims=True) / sigma
    dcentred = dn / sigma + 2 * dsigma * centred / (C * sigma)
    dx = dcentred - dcentred.mean(axis=1, keepdims=True)
    return dx, dgamma, dbeta


def wrong_dgamma_with_centred(dy, x, gamma, epsilon):
    """dgamma takes centred of (1) where gamma stands beside n in (4): the division by sigma is missing.

    Named by: dgamma centred n | dgamma sigma missing | dgamma not divided sigma | dgamma centred instead
    """
    C = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred ** 2).mean(axis=1, keepdims=True) + epsilon)
    n = centred / sigma
    dn = dy * gamma
    dgamma = (dy * centred).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dsigma = -(dn * n).sum(axis=1, keepdims=True) / sigma
    dcentred = dn / sigma + dsigma * centred / (C * sigma)
    dx = dcentred - dcentred.mean(axis=1, keepdims=True)
    return dx, dgamma, dbeta


def wrong_c_minus_1(dy, x, gamma, epsilon):
    """sigma of (2) is computed with C - 1 in place of C, the sample's standard deviation.

    Named by: sigma C - 1 | ddof sigma | sigma divided C - 1 | unbiased sigma | variance (2) divided by C - 1
    """
    C = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    sigma = np.sqrt((centred ** 2).sum(axis=1, keepdims=True) / (C - 1) + epsilon)
    n = centred / sigma
    dn = dy * gamma
    dgamma = (dy * n).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dsigma = -(dn * n).sum(axis=1, keepdims=True) / sigma
    dcentred = dn / sigma + dsigma * centred / (C * sigma)
    dx = dcentred - dcentred.mean(axis=1, keepdims=True)
    return dx, dgamma, dbeta
