"""Mistakes that the diagnosis of additive-attention-backward has never seen."""
import numpy as np


def wrong_query_averaged_over_states(dc, q, h, W_q, W_k, v, u, alpha):
    """What the T states bring back to q W_q in (1) is averaged over t, where it is added up.

    Named by: dq averaged | dq mean | dq divided by T | da_q mean
    """
    dalpha = (dc[:, None] * h).sum(axis=2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    dv = (de[:, :, None] * u).sum(axis=(0, 1))
    da = de[:, :, None] * v * (1 - u ** 2)
    da_q = da.mean(axis=1)
    dq = da_q @ W_q.T
    dh = da @ W_k.T + alpha[:, :, None] * dc[:, None]
    dW_q = q.T @ da_q
    dW_k = np.einsum("bth,bta->ha", h, da)
    return dq, dh, dW_q, dW_k, dv


def wrong_dv_with_alpha(dc, q, h, W_q, W_k, v, u, alpha):
    """dv pairs u with alpha, where in (2) it is de that comes back.

    Named by: dv alpha de | dv alpha instead | dv weights in place | dv softmax (3) missing
    """
    dalpha = (dc[:, None] * h).sum(axis=2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    dv = (alpha[:, :, None] * u).sum(axis=(0, 1))
    da = de[:, :, None] * v * (1 - u ** 2)
    da_q = da.sum(axis=1)
    dq = da_q @ W_q.T
    dh = da @ W_k.T + alpha[:, :, None] * dc[:, None]
    dW_q = q.T @ da_q
    dW_k = np.einsum("bth,bta->ha", h, da)
    return dq, dh, dW_q, dW_k, dv


def wrong_tanh_of_u(dc, q, h, W_q, W_k, v, u, alpha):
    """The slope of (1) is 1 - tanh(u)^2, though u is the tanh already.

    Named by: tanh twice | slope tanh(u) | u tanh already | 1 - u^2 tanh again
    """
    dalpha = (dc[:, None] * h).sum(axis=2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    dv = (de[:, :, None] * u).sum(axis=(0, 1))
    da = de[:, :, None] * v * (1 - np.tanh(u) ** 2)
    da_q = da.sum(axis=1)
    dq = da_q @ W_q.T
    dh = da @ W_k.T + alpha[:, :, None] * dc[:, None]
    dW_q = q.T @ da_q
    dW_k = np.einsum("bth,bta->ha", h, da)
    return dq, dh, dW_q, dW_k, dv
