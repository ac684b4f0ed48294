"""Mistakes that the diagnosis of practice-7.3-gru has never seen."""
import numpy as np
from solutions.practice_7_3_gru import practice_7_3_gru, sigmoid


def wrong_blocks(x, h0, W_xh, W_hh, b):
    """The first block of (1) and the second of (2) are exchanged: z is made with the weights of r, r with those of z.

    Named by: blocks r z exchanged | blocks z r swapped | r z order blocks | gates exchanged
    """
    def turned(W):
        r, z, n = np.split(W, 3, axis=-1)
        return np.concatenate((z, r, n), axis=-1)
    return practice_7_3_gru(x, h0, turned(W_xh), turned(W_hh), turned(b))


def wrong_state_before(x, h0, W_xh, W_hh, b):
    """hs holds h_{t-1} at step t, the state before (4): it begins with h0, and the last state is missing.

    Named by: hs one step late | hs shifted step | hs h_{t-1} instead | hs begins h0
    | hs: one place further on along T
    """
    hs = practice_7_3_gru(x, h0, W_xh, W_hh, b)
    return np.concatenate((h0[:, None], hs[:, :-1]), axis=1)


def wrong_share_lost(x, h0, W_xh, W_hh, b):
    """In (4) n_t is added whole, (1 - z_t) h_{t-1} + n_t, without its share z_t.

    Named by: (4) z n missing | n_t without z | (4) n whole | z * n lost
    """
    W_xr, W_xz, W_xn = np.split(W_xh, 3, axis=1)
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    b_r, b_z, b_n = np.split(b, 3)
    h, hs = h0, np.empty((*x.shape[:2], len(W_hh)))
    for t in range(x.shape[1]):
        r = sigmoid(x[:, t] @ W_xr + h @ W_hr + b_r)
        z = sigmoid(x[:, t] @ W_xz + h @ W_hz + b_z)
        h = (1 - z) * h + np.tanh(x[:, t] @ W_xn + (r * h) @ W_hn + b_n)
        hs[:, t] = h
    return hs
