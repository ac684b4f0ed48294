"""Mistakes that the diagnosis of practice-7.2-gates has never seen."""
import numpy as np
from solutions.practice_7_2_gates import practice_7_2_gates, sigmoid


def wrong_kept_from_the_start(x, W_xh, W_hh, b):
    """kept_t of (6) is the product of f_1 .. f_t, from the start of the text, and not of the steps after t.

    Named by: kept before t | kept from the start | kept first steps instead after | kept f_1 f_t
    | kept_t is the product of the gates up to t
    """
    i, f, o, _ = practice_7_2_gates(x, W_xh, W_hh, b)
    return i, f, o, np.cumprod(f, axis=1)


def wrong_no_tanh_of_c(x, W_xh, W_hh, b):
    """h_t of (5) is o_t * c_t: the tanh around c_t is missing.

    Named by: (5) tanh missing | h tanh c without | h tanh lost | o * c tanh
    """
    return run(x, W_xh, W_hh, b, lambda i, f, g, c: f * c + i * g, lambda o, c: o * c)


def wrong_share_of_f(x, W_xh, W_hh, b):
    """In (4) the candidate g_t is taken times 1 - f_t, as a GRU does it, and not times i_t.

    Named by: c_t 1 - f instead | (4) i_t not used | (4) 1 - f
    """
    return run(x, W_xh, W_hh, b, lambda i, f, g, c: f * c + (1 - f) * g, lambda o, c: o * np.tanh(c))


def run(x, W_xh, W_hh, b, cell, state):
    B, T, H = x.shape[0], x.shape[1], len(W_hh)
    h, c = np.zeros((B, H)), np.zeros((B, H))
    i, f, o = np.empty((B, T, H)), np.empty((B, T, H)), np.empty((B, T, H))
    for t in range(T):
        a = x[:, t] @ W_xh + h @ W_hh + b
        i[:, t], f[:, t], o[:, t] = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), sigmoid(a[:, 3 * H:])
        g = np.tanh(a[:, 2 * H:3 * H])
        c = cell(i[:, t], f[:, t], g, c)
        h = state(o[:, t], c)
    kept = np.ones((B, T, H))
    for t in reversed(range(T - 1)):
        kept[:, t] = kept[:, t + 1] * f[:, t + 1]
    return i, f, o, kept
