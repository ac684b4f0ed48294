"""What recurrent cells compute, in NumPy, row by row and step by step: references for layers/recurrent/records.py."""
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseq.backend import host

np = host.np


def one_hot(ids: Any, D: int, dtype: Any) -> Any:
    """ids (B, T) -> (B, T, D)"""
    return np.eye(D, dtype=dtype)[ids]


def over_time(step: Callable, x: Any, states: tuple, lengths: list[int], residual: Any = None) -> tuple:
    """hs (B, T, H), 0 where a row has ended, and the last states (B, H).

    step(x_t, states, row) -> states, h first;  residual (B, T, H) is added to each h."""
    B, T = x.shape[:2]
    hs = np.zeros((B, T, states[0].shape[1]), x.dtype)
    last = [np.array(state) for state in states]
    for row in range(B):
        for t in range(lengths[row]):
            new = list(step(x[row, t], [state[row] for state in last], row))
            if residual is not None:
                new[0] = new[0] + residual[row, t]
            for state, value in zip(last, new, strict=True):
                state[row] = value
            hs[row, t] = last[0][row]
    return (hs, *last)


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


PHI: dict[str, Callable] = {"tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda a: np.where(a > 0, a, 0)}


class Options(NamedTuple):
    """What a varied cell has beyond a plain one: gains of the products, and a row of the mask.

    spreads   where to note the standard deviation of each product that is normalised"""
    gamma_x: Any = None
    gamma_h: Any = None
    mask: Any = 1
    spreads: Any = None


PLAIN = Options()


def norm(a: Any, gamma: Any, spreads: list | None) -> Any:
    """a (K,) at mean 0 and variance 1, times gamma; a itself without a gain."""
    if gamma is None:
        return a
    if spreads is not None:
        spreads.append(a.std())
    return gamma * (a - a.mean()) / (a.var() + 1e-5) ** 0.5


def rnn(x_t: Any, states: list, weights: tuple, o: Options = PLAIN, nonlinearity: str = "tanh") -> tuple:
    (h,), (W_xh, W_hh, b_h) = states, weights
    a = norm(x_t @ W_xh, o.gamma_x, o.spreads) + norm((o.mask * h) @ W_hh, o.gamma_h, o.spreads) + b_h
    return (PHI[nonlinearity](a),)


def lstm(x_t: Any, states: list, weights: tuple, o: Options = PLAIN) -> tuple:
    (h, c), (W_xh, W_hh, b_h) = states, weights
    a = norm(x_t @ W_xh, o.gamma_x, o.spreads) + norm((o.mask * h) @ W_hh, o.gamma_h, o.spreads) + b_h
    a_i, a_f, a_g, a_o = np.split(a, 4)
    c = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c), c


def gru(x_t: Any, states: list, weights: tuple, o: Options = PLAIN) -> tuple:
    (h,), (W_xh, W_hh, b_h) = states, weights
    two, gamma_gates, gamma_n = 2 * len(h), None, None
    if o.gamma_h is not None:
        gamma_gates, gamma_n = o.gamma_h[:two], o.gamma_h[two:]
    p = norm(x_t @ W_xh, o.gamma_x, o.spreads) + b_h
    r, z = np.split(sigmoid(p[:two] + norm((o.mask * h) @ W_hh[:, :two], gamma_gates, o.spreads)), 2)
    n = np.tanh(p[two:] + norm((r * o.mask * h) @ W_hh[:, two:], gamma_n, o.spreads))
    return ((1 - z) * h + z * n,)


def gru_cudnn(x_t: Any, states: list, weights: tuple, o: Options = PLAIN) -> tuple:
    (h,), (W_xh, W_hh, b_h, b_hn) = states, weights
    x_r, x_z, x_n = np.split(norm(x_t @ W_xh, o.gamma_x, o.spreads) + b_h, 3)
    h_r, h_z, h_n = np.split(norm((o.mask * h) @ W_hh, o.gamma_h, o.spreads), 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + b_hn))
    return ((1 - z) * n + z * h,)
