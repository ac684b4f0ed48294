"""Mistakes that the diagnosis of gru-step-backward has never seen."""
import numpy as np


def wrong_dz_without_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dz is dh n: the share 1 - z of h_prev in (4), which brings -h_prev, is forgotten.

    Named by: dz h_prev missing | da_z h_prev | z n - h_prev | update gate h_prev missing
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * n
    dn = dh * z
    da_n = dn * (1 - n ** 2)
    ds = da_n @ W_hn.T
    dr = ds * h_prev
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * (1 - z) + ds * r + da_r @ W_hr.T + da_z @ W_hz.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = (r * h_prev).T @ da_n
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db


def wrong_dr_past_the_weights(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dr is da_n h_prev: what comes to r * h_prev in (3) has not gone back through W_hn.

    Named by: dr W_hn missing | da_r W_hn | r W_hn not through | reset gate W_hn
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (n - h_prev)
    dn = dh * z
    da_n = dn * (1 - n ** 2)
    ds = da_n @ W_hn.T
    dr = da_n * h_prev
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * (1 - z) + ds * r + da_r @ W_hr.T + da_z @ W_hz.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = (r * h_prev).T @ da_n
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db


def wrong_dh_prev_without_r(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """The term of dh_prev that comes through (3) has lost its factor r.

    Named by: dh_prev r missing | dh_prev factor r | dh_prev ds without r | dh_prev (3) r lost
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (n - h_prev)
    dn = dh * z
    da_n = dn * (1 - n ** 2)
    ds = da_n @ W_hn.T
    dr = ds * h_prev
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * (1 - z) + ds + da_r @ W_hr.T + da_z @ W_hz.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = (r * h_prev).T @ da_n
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db
