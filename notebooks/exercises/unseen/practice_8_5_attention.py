"""Mistakes that the diagnosis of practice-8.5-attention has never seen."""
import numpy as np


def attention(x, W_q, W_k, W_v, W_o, nh, width=None, hide_late=False, join_straight=False):
    B, T, C = x.shape
    q, k, v = ((x @ W).reshape(B, T, nh, C // nh).transpose(0, 2, 1, 3) for W in (W_q, W_k, W_v))
    e = q @ k.transpose(0, 1, 3, 2) / np.sqrt(width or C // nh)
    seen = np.tril(np.ones((T, T), bool))
    if not hide_late:
        e = np.where(seen, e, -np.inf)
    p = np.exp(e - e.max(axis=-1, keepdims=True))
    alpha = p / p.sum(axis=-1, keepdims=True) * seen
    c = alpha @ v
    return alpha, (c if join_straight else c.transpose(0, 2, 1, 3)).reshape(B, T, C) @ W_o


def wrong_root_of_all_channels(x, W_q, W_k, W_v, W_o, nh):
    """The scores of (3) are divided by sqrt(C), the root of all channels, and not of the d of a head.

    Named by: sqrt(C) d | root C instead d | alpha divided C | scale C d
    """
    return attention(x, W_q, W_k, W_v, W_o, nh, width=x.shape[2])


def wrong_mask_after_softmax(x, W_q, W_k, W_v, W_o, nh):
    """The mask of (3) comes behind the softmax: steps s > t are 0, but the others do not add up to 1.

    Named by: mask behind softmax | mask after softmax | alpha not add up 1 | alpha add up less 1
    """
    return attention(x, W_q, W_k, W_v, W_o, nh, hide_late=True)


def wrong_joined_straight(x, W_q, W_k, W_v, W_o, nh):
    """In (5) c (B, nh, T, d) is reshaped to (B, T, C) at once, without bringing the heads behind the steps first.

    Named by: y heads transpose | y reshape transpose | y heads moved back | y heads not side by side
    | put together by a reshape alone (5)
    """
    return attention(x, W_q, W_k, W_v, W_o, nh, join_straight=True)
