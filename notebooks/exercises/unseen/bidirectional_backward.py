"""Mistakes that the diagnosis of bidirectional-backward has never seen."""
import numpy as np


def wrong_carry_not_reset(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """The loop of the b's begins with the carry that the f's have left, though (1) and (2) share no state.

    Named by: carry f b | carry b begin 0 | carry not reset | da_b first step carry
    """
    T = x.shape[1]
    df, db = np.split(dy, 2, axis=2)
    f, b = np.split(y, 2, axis=2)
    is_step = (np.arange(T) < lengths[:, None])[:, :, None]
    da_f, da_b = np.zeros_like(f), np.zeros_like(b)
    carry = np.zeros_like(f[:, 0])
    for t in reversed(range(T)):
        da_f[:, t] = (df[:, t] + carry) * (1 - f[:, t] ** 2) * is_step[:, t]
        carry = da_f[:, t] @ U_f.T
    for t in range(T):
        da_b[:, t] = (db[:, t] + carry) * (1 - b[:, t] ** 2) * is_step[:, t]
        carry = da_b[:, t] @ U_b.T
    nothing = np.zeros_like(f[:, :1])
    f_before = np.concatenate([nothing, f[:, :-1]], axis=1)
    b_behind = np.concatenate([b[:, 1:], nothing], axis=1)
    dx = da_f @ W_f.T + da_b @ W_b.T
    dW_f = np.einsum("btd,bth->dh", x, da_f)
    dU_f = np.einsum("bth,btk->hk", f_before, da_f)
    dW_b = np.einsum("btd,bth->dh", x, da_b)
    dU_b = np.einsum("bth,btk->hk", b_behind, da_b)
    return dx, dW_f, dU_f, dW_b, dU_b


def wrong_one_step_too_long(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """A row is taken to end at t = n and not at n - 1, so the first padded step of (4) brings a gradient.

    Named by: first padded step | padded step n | length one too | last step off by one
    | `np.arange(T) <= lengths[:, None]` (4), for `is_step`
    """
    T = x.shape[1]
    df, db = np.split(dy, 2, axis=2)
    f, b = np.split(y, 2, axis=2)
    is_step = (np.arange(T) <= lengths[:, None])[:, :, None]
    da_f, da_b = np.zeros_like(f), np.zeros_like(b)
    carry = np.zeros_like(f[:, 0])
    for t in reversed(range(T)):
        da_f[:, t] = (df[:, t] + carry) * (1 - f[:, t] ** 2) * is_step[:, t]
        carry = da_f[:, t] @ U_f.T
    carry = np.zeros_like(b[:, 0])
    for t in range(T):
        da_b[:, t] = (db[:, t] + carry) * (1 - b[:, t] ** 2) * is_step[:, t]
        carry = da_b[:, t] @ U_b.T
    nothing = np.zeros_like(f[:, :1])
    f_before = np.concatenate([nothing, f[:, :-1]], axis=1)
    b_behind = np.concatenate([b[:, 1:], nothing], axis=1)
    dx = da_f @ W_f.T + da_b @ W_b.T
    dW_f = np.einsum("btd,bth->dh", x, da_f)
    dU_f = np.einsum("bth,btk->hk", f_before, da_f)
    dW_b = np.einsum("btd,bth->dh", x, da_b)
    dU_b = np.einsum("bth,btk->hk", b_behind, da_b)
    return dx, dW_f, dU_f, dW_b, dU_b


def wrong_dU_b_with_b_before(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dU_b pairs da_b with b_{t-1}, where (2) has read b_{t+1}.

    Named by: dU_b b_{t-1} | dU_b b_{t+1} | dU_b wrong neighbour | dU_b before instead
    """
    T = x.shape[1]
    df, db = np.split(dy, 2, axis=2)
    f, b = np.split(y, 2, axis=2)
    is_step = (np.arange(T) < lengths[:, None])[:, :, None]
    da_f, da_b = np.zeros_like(f), np.zeros_like(b)
    carry = np.zeros_like(f[:, 0])
    for t in reversed(range(T)):
        da_f[:, t] = (df[:, t] + carry) * (1 - f[:, t] ** 2) * is_step[:, t]
        carry = da_f[:, t] @ U_f.T
    carry = np.zeros_like(b[:, 0])
    for t in range(T):
        da_b[:, t] = (db[:, t] + carry) * (1 - b[:, t] ** 2) * is_step[:, t]
        carry = da_b[:, t] @ U_b.T
    nothing = np.zeros_like(f[:, :1])
    f_before = np.concatenate([nothing, f[:, :-1]], axis=1)
    b_behind = np.concatenate([nothing, b[:, :-1]], axis=1)
    dx = da_f @ W_f.T + da_b @ W_b.T
    dW_f = np.einsum("btd,bth->dh", x, da_f)
    dU_f = np.einsum("bth,btk->hk", f_before, da_f)
    dW_b = np.einsum("btd,bth->dh", x, da_b)
    dU_b = np.einsum("bth,btk->hk", b_behind, da_b)
    return dx, dW_f, dU_f, dW_b, dU_b
