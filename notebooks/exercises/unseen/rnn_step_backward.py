"""Mistakes that the diagnosis of rnn-step-backward has never seen."""


def wrong_slope_of_the_state_before(dh, x, h_prev, h, W_xh, W_hh):
    """The slope of (2) is taken as 1 - h_prev^2, where it is written by h: 1 - h^2.

    Named by: h_prev slope | 1 - h_prev^2 | tanh h_prev instead | h_prev in (2)
    """
    da = dh * (1 - h_prev ** 2)
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db


def wrong_dh_handed_on(dh, x, h_prev, h, W_xh, W_hh):
    """dh_prev holds dh itself beside da W_hh^T, as if (2) added h_prev to h.

    Named by: dh_prev dh too much | dh_prev dh added | dh_prev plus dh | dh_prev extra dh
    """
    da = dh * (1 - h ** 2)
    dx = da @ W_xh.T
    dh_prev = dh + da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db


def wrong_dW_hh_the_other_way(dh, x, h_prev, h, W_xh, W_hh):
    """dW_hh is da^T h_prev, which is the transpose of h_prev^T da.

    Named by: dW_hh transpose | dW_hh .T | dW_hh other way round | dW_hh rows columns
    """
    da = dh * (1 - h ** 2)
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = da.T @ h_prev
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db
