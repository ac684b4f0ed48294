"""Mistakes that the diagnosis of lstm-bptt has never seen."""
import numpy as np


def wrong_carry_h_misses_the_cell(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """c_t gets through (5) only what L itself brings to h_t; carry_h is missing there, though it is in do.

    Named by: carry_h c missing | carry_h dc (5) | dc dhs alone | carry_h not reach c
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    c_before = np.concatenate((c0[:, None], cs[:, :-1]), axis=1)
    carry_h = np.zeros_like(h0)
    carry_c = np.zeros_like(c0)
    for t in reversed(range(x.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dh = dhs[:, t] + carry_h
        do = dh * np.tanh(cs[:, t])
        dc = carry_c + dhs[:, t] * o * (1 - np.tanh(cs[:, t]) ** 2)
        df = dc * c_before[:, t]
        di = dc * g
        dg = dc * i
        carry_c = dc * f
        da_i = di * i * (1 - i)
        da_f = df * f * (1 - f)
        da_g = dg * (1 - g ** 2)
        da_o = do * o * (1 - o)
        da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry_h = da @ W_hh.T
    return dx, carry_h, carry_c, dW_xh, dW_hh, db


def wrong_carry_c_without_f(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """carry_c is dc as it is: the factor f of (4) is forgotten on the way to c_{t-1}.

    Named by: carry_c f missing | dc0 f missing | carry_c without f | forget gate carry_c
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    c_before = np.concatenate((c0[:, None], cs[:, :-1]), axis=1)
    carry_h = np.zeros_like(h0)
    carry_c = np.zeros_like(c0)
    for t in reversed(range(x.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dh = dhs[:, t] + carry_h
        do = dh * np.tanh(cs[:, t])
        dc = carry_c + dh * o * (1 - np.tanh(cs[:, t]) ** 2)
        df = dc * c_before[:, t]
        di = dc * g
        dg = dc * i
        carry_c = dc
        da_i = di * i * (1 - i)
        da_f = df * f * (1 - f)
        da_g = dg * (1 - g ** 2)
        da_o = do * o * (1 - o)
        da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry_h = da @ W_hh.T
    return dx, carry_h, carry_c, dW_xh, dW_hh, db


def wrong_c0_taken_as_0(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """The first step's df is made with 0 for c_0, where (4) has read the c0 that was given.

    Named by: first step c0 | c_0 0 first | df c0 | da_f c0 first
    """
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    c_before = np.concatenate((np.zeros_like(c0)[:, None], cs[:, :-1]), axis=1)
    carry_h = np.zeros_like(h0)
    carry_c = np.zeros_like(c0)
    for t in reversed(range(x.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dh = dhs[:, t] + carry_h
        do = dh * np.tanh(cs[:, t])
        dc = carry_c + dh * o * (1 - np.tanh(cs[:, t]) ** 2)
        df = dc * c_before[:, t]
        di = dc * g
        dg = dc * i
        carry_c = dc * f
        da_i = di * i * (1 - i)
        da_f = df * f * (1 - f)
        da_g = dg * (1 - g ** 2)
        da_o = do * o * (1 - o)
        da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)
        dx[:, t] = da @ W_xh.T
        dW_xh += x[:, t].T @ da
        dW_hh += h_before[:, t].T @ da
        db += da.sum(axis=0)
        carry_h = da @ W_hh.T
    return dx, carry_h, carry_c, dW_xh, dW_hh, db
