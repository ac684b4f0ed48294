"""Mistakes that the diagnosis of truncated-bptt has never seen."""
import numpy as np


def wrong_pieces_from_the_end(dhs, x, h0, hs, W_xh, W_hh, k):
    """The pieces of (4) are counted from the last step, so that the first one and not the last is shorter.

    Named by: pieces end counted | first piece shorter | pieces from the last | last piece shorter first
    """
    T = x.shape[1]
    states = np.concatenate([h0[:, None], hs], axis=1)
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    carry = np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dhs[:, t] + carry
        da = dh * (1 - hs[:, t] ** 2)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += states[:, t].T @ da
        db += da.sum(axis=0)
        carry = da @ W_hh.T * ((T - t) % k > 0)
    return dx, dW_xh, dW_hh, db


def wrong_no_dW_hh_where_a_piece_begins(dhs, x, h0, hs, W_xh, W_hh, k):
    """dW_hh leaves out the first step of each piece, though (1) has read a state there, given or not.

    Named by: dW_hh first step piece | dW_hh begins piece missing | dW_hh left out piece | dW_hh piece state missing
    | taken for 0 where a piece begins: in dW_hh
    """
    T = x.shape[1]
    states = np.concatenate([h0[:, None], hs], axis=1)
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    carry = np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dhs[:, t] + carry
        da = dh * (1 - hs[:, t] ** 2)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += states[:, t].T @ da * (t % k > 0)
        db += da.sum(axis=0)
        carry = da @ W_hh.T * (t % k > 0)
    return dx, dW_xh, dW_hh, db


def wrong_a_window_that_slides(dhs, x, h0, hs, W_xh, W_hh, k):
    """Each loss goes back through the last k steps before it, over the borders of (4), where it should stop at its
    piece's begin.

    Named by: window k steps | k steps back border | each loss k steps | across pieces k
    """
    T = x.shape[1]
    states = np.concatenate([h0[:, None], hs], axis=1)
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for last in range(T):
        dh = dhs[:, last]
        for t in range(last, max(last - k, -1), -1):
            da = dh * (1 - hs[:, t] ** 2)
            dx[:, t] += da @ W_xh.T
            dW_xh += x[:, t].T @ da
            dW_hh += states[:, t].T @ da
            db += da.sum(axis=0)
            dh = da @ W_hh.T
    return dx, dW_xh, dW_hh, db
