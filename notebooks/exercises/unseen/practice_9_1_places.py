"""Mistakes that the diagnosis of practice-9.1-places has never seen."""
import numpy as np


def places(x, W_q, W_k, W_v, W_o, nh, join=(0, 2, 1, 3), put_back=None, order=(0, 2, 3, 1)):
    B, C, h, w = x.shape
    T, d = h * w, C // nh
    s = x.transpose(order).reshape(B, T, C)
    q, k, v = ((s @ W).reshape(B, T, nh, d).transpose(0, 2, 1, 3) for W in (W_q, W_k, W_v))
    e = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d)
    e = np.exp(e - e.max(axis=3, keepdims=True))
    alpha = e / e.sum(axis=3, keepdims=True)
    a = (alpha @ v).transpose(join).reshape(B, T, C) @ W_o
    return s, alpha, x + (put_back(a) if put_back else a.reshape(B, h, w, C).transpose(0, 3, 1, 2))


def wrong_column_by_column(x, W_q, W_k, W_v, W_o, nh):
    """The places of s in (1) go column by column, t = j h + i, and not row by row.

    Named by: s column by column | s columns rows | s i j exchanged | s j h + i
    """
    def put_back(a):
        B, C, h, w = x.shape
        return a.reshape(B, w, h, C).transpose(0, 3, 2, 1)
    return places(x, W_q, W_k, W_v, W_o, nh, put_back=put_back, order=(0, 3, 2, 1))


def wrong_heads_not_moved_back(x, W_q, W_k, W_v, W_o, nh):
    """In (4) the heads are not brought behind the places again before they are joined: a reshape at once.

    Named by: y heads transpose | heads joined without | y heads moved back | heads side by side
    """
    return places(x, W_q, W_k, W_v, W_o, nh, join=(0, 1, 2, 3))


def wrong_back_by_reshape(x, W_q, W_k, W_v, W_o, nh):
    """In (5) a (B, T, C) is reshaped to (B, C, h, w) at once, though its channels are the last axis.

    Named by: y reshape channels | a channels last axis | y a reshaped at once | y a transpose
    """
    return places(x, W_q, W_k, W_v, W_o, nh, put_back=lambda a: a.reshape(x.shape))
