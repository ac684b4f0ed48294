"""Mistakes that the diagnosis of lstm-step-backward has never seen."""
import numpy as np


def wrong_slope_by_c(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """The slope of tanh(c) in (5) is taken as 1 - c^2, where it is 1 - tanh(c)^2.

    Named by: 1 - c^2 | tanh(c) slope c | 1 - tanh(c)^2 tanh missing | c squared tanh
    """
    do = dh * np.tanh(c)
    dc_sum = dc + dh * o * (1 - c ** 2)
    df = dc_sum * c_prev
    di = dc_sum * g
    dg = dc_sum * i
    dc_prev = dc_sum * f
    da_i = di * i * (1 - i)
    da_f = df * f * (1 - f)
    da_g = dg * (1 - g ** 2)
    da_o = do * o * (1 - o)
    da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db = da.sum(axis=0)
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, db


def wrong_df_with_the_new_cell(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """df takes c where in (4) f stands beside c_prev.

    Named by: f c_prev c instead | df c_prev | da_f c_prev | forget gate c_prev
    """
    do = dh * np.tanh(c)
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    df = dc_sum * c
    di = dc_sum * g
    dg = dc_sum * i
    dc_prev = dc_sum * f
    da_i = di * i * (1 - i)
    da_f = df * f * (1 - f)
    da_g = dg * (1 - g ** 2)
    da_o = do * o * (1 - o)
    da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db = da.sum(axis=0)
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, db


def wrong_blocks_i_f_o_g(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """The four da stand side by side in the order i f o g, where (1) has i f g o.

    Named by: order i f g o | blocks order | g o swapped | g o exchanged
    """
    do = dh * np.tanh(c)
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    df = dc_sum * c_prev
    di = dc_sum * g
    dg = dc_sum * i
    dc_prev = dc_sum * f
    da_i = di * i * (1 - i)
    da_f = df * f * (1 - f)
    da_g = dg * (1 - g ** 2)
    da_o = do * o * (1 - o)
    da = np.concatenate((da_i, da_f, da_o, da_g), axis=1)
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db = da.sum(axis=0)
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, db
