"""Mistakes that the diagnosis of rnn-bptt has never seen."""
import numpy as np


def wrong_carry_behind_the_tanh(dhs, x, h0, hs, W_xh, W_hh):
    """What step t+1 hands back is added to da_t, behind the slope of (2), where it has to be added to dh_t.

    Named by: carry slope | carry without tanh | later steps 1 - h^2 | carry (2) not through
    | `carry` comes behind the factor (2)
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    carry = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da = dhs[:, t] * (1 - hs[:, t] ** 2) + carry
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry = da @ W_hh.T
    return dx, carry, dW_xh, dW_hh, db


def wrong_carry_piles_up(dhs, x, h0, hs, W_xh, W_hh):
    """The carry of a step is added to the one before it and not put in its place, so later steps come back twice.

    Named by: carry added up | carry accumulate | carry twice | carry old kept
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    carry = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dh = dhs[:, t] + carry
        da = dh * (1 - hs[:, t] ** 2)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry += da @ W_hh.T
    return dx, carry, dW_xh, dW_hh, db


def wrong_h0_has_a_slope(dhs, x, h0, hs, W_xh, W_hh):
    """dh0 is multiplied by 1 - h_0^2, as if h_0 came out of a tanh; it is a given number.

    Named by: dh0 slope | dh0 1 - h0^2 | dh0 tanh | dh0 through (2)
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    carry = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dh = dhs[:, t] + carry
        da = dh * (1 - hs[:, t] ** 2)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry = da @ W_hh.T
    return dx, carry * (1 - h0 ** 2), dW_xh, dW_hh, db
