"""Mistakes that the diagnosis of dot-product-attention-backward has never seen."""
import numpy as np


def wrong_root_of_the_values_width(dy, q, k, v, alpha):
    """(1) is divided by the root of D, the width of v, where it is that of d, the width of q and k.

    Named by: scores width v | scores sqrt(D) | root width v | dq root of D
    """
    dv = alpha.swapaxes(1, 2) @ dy
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))
    dq = de @ k / np.sqrt(v.shape[2])
    dk = de.swapaxes(1, 2) @ q / np.sqrt(v.shape[2])
    return dq, dk, dv


def wrong_sum_over_the_queries(dy, q, k, v, alpha):
    """On the way through (2) alpha dalpha is summed over the queries, where a row's sum is over the keys.

    Named by: sum queries keys | softmax over queries | de wrong axis | sum axis keys instead
    """
    dv = alpha.swapaxes(1, 2) @ dy
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    dq = de @ k / np.sqrt(q.shape[2])
    dk = de.swapaxes(1, 2) @ q / np.sqrt(q.shape[2])
    return dq, dk, dv


def wrong_dv_with_de(dy, q, k, v, alpha):
    """dv takes de, the gradient of the scores, where in (3) the weights alpha stand beside v.

    Named by: dv de alpha | dv gradient alpha instead | dv de in place | dv scores alpha
    """
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))
    dv = de.swapaxes(1, 2) @ dy
    dq = de @ k / np.sqrt(q.shape[2])
    dk = de.swapaxes(1, 2) @ q / np.sqrt(q.shape[2])
    return dq, dk, dv
