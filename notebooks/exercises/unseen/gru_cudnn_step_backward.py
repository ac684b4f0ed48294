"""Mistakes that the diagnosis of gru-cudnn-step-backward has never seen."""
import numpy as np


def wrong_dr_with_h_prev(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dr takes h_prev where in (4) r stands beside u.

    Named by: r h_prev u instead | dr u h_prev | da_r u h_prev | reset gate u h_prev
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (h_prev - n)
    dn = dh * (1 - z)
    da_n = dn * (1 - n ** 2)
    dr = da_n * h_prev
    du = da_n * r
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * z + da_r @ W_hr.T + da_z @ W_hz.T + du @ W_hn.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = h_prev.T @ du
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    db_hn = du.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn


def wrong_dW_hn_as_in_the_book(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """The third block of dW_hh pairs r * h_prev with da_n, the other GRU's form; by (3) it is h_prev with du.

    Named by: dW_hh r * h_prev | dW_hn r * h_prev | dW_hh n block du | dW_hn reset before
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (h_prev - n)
    dn = dh * (1 - z)
    da_n = dn * (1 - n ** 2)
    dr = da_n * u
    du = da_n * r
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * z + da_r @ W_hr.T + da_z @ W_hz.T + du @ W_hn.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = (r * h_prev).T @ da_n
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    db_hn = du.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn


def wrong_dh_prev_with_the_other_share(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dh_prev has dh (1 - z) for (5), where z is the share of h_prev.

    Named by: dh_prev z 1 - z | dh_prev (5) 1 - z | dh_prev share z | dh_prev (1 - z) instead
    """
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (h_prev - n)
    dn = dh * (1 - z)
    da_n = dn * (1 - n ** 2)
    dr = da_n * u
    du = da_n * r
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * (1 - z) + da_r @ W_hr.T + da_z @ W_hz.T + du @ W_hn.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = h_prev.T @ du
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    db_hn = du.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn
