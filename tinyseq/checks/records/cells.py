"""What recurrent cells compute, in NumPy, row by row and step by step: references for layers/recurrent/records.py."""
from collections.abc import Callable
from typing import Any

from tinyseq.backend import host

np = host.np


def one_hot(ids: Any, D: int, dtype: Any) -> Any:
    """ids (B, T) -> (B, T, D)"""
    return np.eye(D, dtype=dtype)[ids]


def over_time(step: Callable, x: Any, states: tuple, lengths: list[int]) -> tuple:
    """hs (B, T, H), 0 where a row has ended, and the last states (B, H); step(x_t, states) -> states, h first."""
    B, T = x.shape[:2]
    hs = np.zeros((B, T, states[0].shape[1]), x.dtype)
    last = [np.array(state) for state in states]
    for row in range(B):
        for t in range(lengths[row]):
            new = step(x[row, t], [state[row] for state in last])
            for state, value in zip(last, new, strict=True):
                state[row] = value
            hs[row, t] = last[0][row]
    return (hs, *last)


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


PHI: dict[str, Callable] = {"tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda a: np.where(a > 0, a, 0)}


def rnn(x_t: Any, states: list, weights: tuple, nonlinearity: str) -> tuple:
    W_xh, W_hh, b_h = weights
    return (PHI[nonlinearity](x_t @ W_xh + states[0] @ W_hh + b_h),)


def lstm(x_t: Any, states: list, weights: tuple) -> tuple:
    (h, c), (W_xh, W_hh, b_h) = states, weights
    a_i, a_f, a_g, a_o = np.split(x_t @ W_xh + h @ W_hh + b_h, 4)
    c = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c), c


def gru(x_t: Any, states: list, weights: tuple) -> tuple:
    (h,), (W_xh, W_hh, b_h) = states, weights
    (x_r, x_z, x_n), (W_r, W_z, W_n) = np.split(x_t @ W_xh + b_h, 3), np.split(W_hh, 3, axis=1)
    r, z = sigmoid(x_r + h @ W_r), sigmoid(x_z + h @ W_z)
    n = np.tanh(x_n + (r * h) @ W_n)
    return ((1 - z) * h + z * n,)


def gru_cudnn(x_t: Any, states: list, weights: tuple) -> tuple:
    (h,), (W_xh, W_hh, b_h, b_hn) = states, weights
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(x_t @ W_xh + b_h, 3), np.split(h @ W_hh, 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_hn))
    return ((1 - z) * n + z * h,)
