"""Truncated back-propagation through time: the solution, other right answers, and mistakes that people make."""
import numpy as np


def truncated_bptt(dhs, x, h0, hs, W_xh, W_hh, k):
    T = x.shape[1]
    states = np.concatenate([h0[:, None], hs], axis=1)     # states[:, t] is what step t has read
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    carry = np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dhs[:, t] + carry                                                  # (3)
        da = dh * (1 - hs[:, t] ** 2)                                           # (2)
        dx[:, t] = da @ W_xh.T                                                  # (1)
        dW_xh += x[:, t].T @ da                                                 # (1)
        dW_hh += states[:, t].T @ da                                            # (1)
        db += da.sum(axis=0)                                                    # (1)
        carry = da @ W_hh.T * (t % k > 0)                                       # (4)
    return dx, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def right_piece_by_piece(dhs, x, h0, hs, W_xh, W_hh, k):
    T, h = x.shape[1], h0
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for first in range(0, T, k):
        piece = slice(first, first + k)
        states = np.concatenate([h[:, None], hs[:, piece]], axis=1)             # (4)
        das, carry = np.zeros_like(hs[:, piece]), np.zeros_like(h0)
        for t in reversed(range(das.shape[1])):
            das[:, t] = (dhs[:, first + t] + carry) * (1 - hs[:, first + t] ** 2)          # (2) (3)
            carry = np.dot(W_hh, das[:, t].T).T                                 # (1)
        dx[:, piece] = np.einsum("bth,dh->btd", das, W_xh)                      # (1)
        dW_xh = dW_xh + np.einsum("btd,bth->dh", x[:, piece], das)              # (1)
        dW_hh = dW_hh + np.einsum("bti,bth->ih", states[:, :-1], das)           # (1)
        db = db + das.sum(axis=(0, 1))                                          # (1)
        h = states[:, -1]                                                       # (4)
    return dx, dW_xh, dW_hh, db


def right_das_first(dhs, x, h0, hs, W_xh, W_hh, k):
    """The loop makes da alone; the rest are three contractions over all steps at once."""
    T = x.shape[1]
    das, slopes = np.zeros_like(hs), 1 - np.square(hs)
    for t in range(T - 1, -1, -1):
        das[:, t] = dhs[:, t] * slopes[:, t]
        if t + 1 < T and (t + 1) % k:
            das[:, t] += das[:, t + 1] @ W_hh.T * slopes[:, t]
    before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    return (np.einsum("bth,dh->btd", das, W_xh), np.einsum("btd,bth->dh", x, das),
            np.einsum("bti,btj->ij", before, das), das.sum(axis=(0, 1)))


def right_row_by_row(dhs, x, h0, hs, W_xh, W_hh, k):
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for row in range(len(x)):
        h = np.vstack([h0[row], hs[row]])
        coming = np.zeros(len(W_hh))
        for t in range(len(x[row]) - 1, -1, -1):
            if t % k == k - 1:
                coming = np.zeros(len(W_hh))
            da = (dhs[row, t] + coming) * (1 - h[t + 1]) * (1 + h[t + 1])
            dx[row, t], coming = W_xh @ da, W_hh @ da
            dW_xh += np.outer(x[row, t], da)
            dW_hh += np.outer(h[t], da)
            db += da
    return dx, dW_xh, dW_hh, db


def right_by_sums_over_ways(dhs, x, h0, hs, W_xh, W_hh, k):
    """da_s is a sum over the later losses t of its piece: dL/dh_t times the steps from t back to s."""
    B, T, H = hs.shape
    das = np.zeros_like(hs)
    for b in range(B):
        for s in range(T):
            way = np.diag(1 - hs[b, s] ** 2)
            for t in range(s, min((s // k + 1) * k, T)):
                das[b, s] += dhs[b, t] @ way
                if t + 1 < T:
                    way = np.diag(1 - hs[b, t + 1] ** 2) @ W_hh.T @ way
    before = np.stack([h0, *hs.transpose(1, 0, 2)[:-1]], axis=1)
    flat = das.reshape(B * T, H)
    return ((flat @ W_xh.T).reshape(x.shape), x.reshape(B * T, -1).T @ flat, before.reshape(B * T, H).T @ flat,
            flat.sum(axis=0))


# Wrong --------------------------------------------------------------------------------------------------------

def way_back(dhs, x, h0, hs, W_xh, W_hh, goes_on, before=None, slopes=None):
    """(4) to (1), where goes_on(t) says whether step t hands something to t-1; for those that go wrong somewhere."""
    before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1) if before is None else before
    slopes = 1 - hs ** 2 if slopes is None else slopes
    das, carry = np.zeros_like(hs), 0
    for t in reversed(range(hs.shape[1])):
        das[:, t] = (dhs[:, t] + carry) * slopes[:, t]
        carry = das[:, t] @ W_hh.T * goes_on(t)
    return gathered(das, x, before, W_xh)


def gathered(das, x, before, W_xh):
    """(1), over all steps."""
    return (das @ W_xh.T, np.einsum("btd,bth->dh", x, das), np.einsum("bti,btj->ij", before, das), das.sum(axis=(0, 1)))


def wrong_not_truncated(dhs, x, h0, hs, W_xh, W_hh, k):
    """nothing is cut: the gradient goes through (4) from a piece to the one before, which is the whole of BPTT

    Named by: nothing is cut (4) | factor `t % k > 0` missing (4) `carry`"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: True)


def wrong_cut_everywhere(dhs, x, h0, hs, W_xh, W_hh, k):
    """no step hands anything to the one before, though inside of a piece (3) still holds: the carry is missing in dh

    Named by: carry missing | term `carry` missing (3)"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: False)


def wrong_cut_a_step_late(dhs, x, h0, hs, W_xh, W_hh, k):
    """the cut of (4) lies one step too late: between the first and the second step of a piece

    Named by: cut (4) one step too late | `(t - 1) % k` stands where `t % k` belongs (4)"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: t % k != 1)


def wrong_cut_a_step_early(dhs, x, h0, hs, W_xh, W_hh, k):
    """the cut of (4) lies one step too early: before the last step of a piece, and not behind it

    Named by: cut (4) one step too early | `(t + 1) % k` stands where `t % k` belongs (4)"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: (t + 1) % k > 0)


def wrong_pieces_from_the_end(dhs, x, h0, hs, W_xh, W_hh, k):
    """the pieces of (4) are counted from the last step, and not from the first

    Named by: pieces (4) counted from the last"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: (len(hs[0]) - t) % k > 0)


def wrong_pieces_begin_with_zeros(dhs, x, h0, hs, W_xh, W_hh, k):
    """the state is taken for 0 where a piece begins: in dW_hh (4) keeps its number, and drops its gradient alone

    Named by: state taken for 0 piece begins dW_hh | `h` taken for 0 (4) `states`"""
    before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    before[:, ::k] = 0
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: t % k > 0, before)


def wrong_last_piece_alone(dhs, x, h0, hs, W_xh, W_hh, k):
    """the weights learn from the last piece alone: the pieces before it are not added up

    Named by: weights last piece alone | term `dW_xh` missing (1) `dW_hh` `db`"""
    dx, *_ = truncated_bptt(dhs, x, h0, hs, W_xh, W_hh, k)
    first = (x.shape[1] - 1) // k * k
    _, *weights = truncated_bptt(dhs[:, first:], x[:, first:], hs[:, first - 1], hs[:, first:], W_xh, W_hh, k)
    return dx, *weights


def wrong_mean_of_pieces(dhs, x, h0, hs, W_xh, W_hh, k):
    """the gradients of the weights are averaged over the pieces, and should be summed

    Named by: averaged over the pieces | dW_xh dW_hh, db it is 1/3 of"""
    dx, *weights = truncated_bptt(dhs, x, h0, hs, W_xh, W_hh, k)
    return dx, *(dW / -(-x.shape[1] // k) for dW in weights)


def wrong_state_of_this_step(dhs, x, h0, hs, W_xh, W_hh, k):
    """dW_hh uses h_t where (1) has h_{t-1}

    Named by: dW_hh h_t where h_{t-1} | `states[:, t + 1]` stands where `states[:, t]` (1) `dW_hh` |
    `hs` stands where `states` (1) `dW_hh`"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: t % k > 0, before=hs)


def wrong_no_slope(dhs, x, h0, hs, W_xh, W_hh, k):
    """tanh's derivative is missing in (2): dh is taken for da

    Named by: tanh's derivative missing (2) | factor `1 - hs[:, t] ** 2` missing (2)"""
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: t % k > 0, slopes=np.ones_like(hs))


def wrong_slope_of_before(dhs, x, h0, hs, W_xh, W_hh, k):
    """tanh's derivative in (2) is 1 - h_{t-1}^2: it is that of the step before

    Named by: tanh's derivative (2) step before | `hs[:, t - 1]` stands where `hs[:, t]` (2) |
    `states` stands where `hs` (2)"""
    slopes = 1 - np.concatenate((h0[:, None], hs[:, :-1]), axis=1) ** 2
    return way_back(dhs, x, h0, hs, W_xh, W_hh, lambda t: t % k > 0, slopes=slopes)


def wrong_forwards(dhs, x, h0, hs, W_xh, W_hh, k):
    """the loop runs forwards, and what step t hands back reaches t+1

    Named by: loop runs forwards"""
    das, carry = np.zeros_like(hs), 0
    for t in range(x.shape[1]):
        das[:, t] = (dhs[:, t] + carry) * (1 - hs[:, t] ** 2)
        carry = das[:, t] @ W_hh.T * (t % k > 0)
    return gathered(das, x, np.concatenate((h0[:, None], hs[:, :-1]), axis=1), W_xh)


def wrong_carry_not_transposed(dhs, x, h0, hs, W_xh, W_hh, k):
    """the carry goes back through W_hh itself, not through its transpose

    Named by: carry W_hh transpose | `W_hh.T` is not transposed `carry`"""
    das, carry = np.zeros_like(hs), 0
    for t in reversed(range(x.shape[1])):
        das[:, t] = (dhs[:, t] + carry) * (1 - hs[:, t] ** 2)
        carry = das[:, t] @ W_hh * (t % k > 0)
    return gathered(das, x, np.concatenate((h0[:, None], hs[:, :-1]), axis=1), W_xh)


def wrong_mean_over_the_batch(dhs, x, h0, hs, W_xh, W_hh, k):
    """the gradients of the weights are averaged over the batch, and should be summed

    Named by: averaged over the batch | dW_xh dW_hh, db it is 1/B of"""
    dx, *weights = truncated_bptt(dhs, x, h0, hs, W_xh, W_hh, k)
    return dx, *(dW / len(x) for dW in weights)
