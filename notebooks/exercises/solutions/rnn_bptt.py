"""Back-propagation through time in a recurrent network: the solution, other right answers, and mistakes of people."""
import numpy as np


def rnn_bptt(dhs, x, h0, hs, W_xh, W_hh):
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)                # (1)
    carry = np.zeros_like(h0)                                                   # (3)
    for t in reversed(range(x.shape[1])):
        dh = dhs[:, t] + carry                                                  # (3)
        da = dh * (1 - hs[:, t] ** 2)                                           # (2)
        dx[:, t] = da @ W_xh.T                                                  # (1)
        dW_xh += x[:, t].T @ da                                                 # (1)
        dW_hh += h_before[:, t].T @ da                                          # (1)
        db += da.sum(axis=0)                                                    # (1)
        carry = da @ W_hh.T                                                     # (1)
    return dx, carry, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def weights(das, x, h0, hs, W_xh):
    """dx and the gradients of the weights by (1), from da of all steps, (B, T, H)."""
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    return (das @ W_xh.T, np.einsum("btd,bth->dh", x, das), np.einsum("btk,bth->kh", h_before, das),
            das.sum(axis=(0, 1)))


def right_weights_after_the_loop(dhs, x, h0, hs, W_xh, W_hh):
    das, carry = np.zeros_like(hs), 0
    for t in range(hs.shape[1] - 1, -1, -1):
        das[:, t] = (dhs[:, t] + carry) * (1 - hs[:, t] * hs[:, t])
        carry = np.einsum("bh,kh->bk", das[:, t], W_hh)
    dx, dW_xh, dW_hh, db = weights(das, x, h0, hs, W_xh)
    return dx, carry, dW_xh, dW_hh, db


def right_recursion(dhs, x, h0, hs, W_xh, W_hh):
    """The first step asks the rest of the sequence for what comes back."""
    def back(t, h_before):
        if t == hs.shape[1]:
            return 0.0, [], 0.0, 0.0, 0.0
        carry, dxs, dW_xh, dW_hh, db = back(t + 1, hs[:, t])
        da = (dhs[:, t] + carry) * (1 - hs[:, t]) * (1 + hs[:, t])
        return da @ W_hh.T, [da @ W_xh.T, *dxs], dW_xh + x[:, t].T @ da, dW_hh + h_before.T @ da, db + da.sum(axis=0)
    dh0, dxs, dW_xh, dW_hh, db = back(0, h0)
    return np.stack(dxs, axis=1), dh0, dW_xh, dW_hh, db


def right_sequence_by_sequence(dhs, x, h0, hs, W_xh, W_hh):
    """Each row of the batch by itself, columns instead of rows."""
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for b in range(len(x)):
        delta = np.zeros(len(db))
        for t in reversed(range(x.shape[1])):
            delta = (1 - hs[b, t] ** 2) * (dhs[b, t] + W_hh @ delta)
            dx[b, t] = W_xh @ delta
            dW_xh += np.outer(x[b, t], delta)
            dW_hh += np.outer(h0[b] if t == 0 else hs[b, t - 1], delta)
            db += delta
        dh0[b] = W_hh @ delta
    return dx, dh0, dW_xh, dW_hh, db


def right_sum_over_all_ways(dhs, x, h0, hs, W_xh, W_hh):
    """No carry: what L gets from h_s at each later step s is brought back to step t by a product of Jacobians."""
    B, T, H = hs.shape
    das = np.zeros_like(hs)
    for s in range(T):
        way = np.eye(H) + np.zeros((B, 1, 1))                                   # dh_s / dh_t for t = s, s-1 ..
        for t in range(s, -1, -1):
            das[:, t] += np.einsum("bh,bhk->bk", dhs[:, s], way) * (1 - hs[:, t] ** 2)
            way = way * (1 - hs[:, t] ** 2)[:, None] @ W_hh.T
    dx, dW_xh, dW_hh, db = weights(das, x, h0, hs, W_xh)
    return dx, das[:, 0] @ W_hh.T, dW_xh, dW_hh, db


# Wrong --------------------------------------------------------------------------------------------------------

def back(dhs, hs, W, slope):
    """da of all steps and what reaches h_0, for those that go wrong in between."""
    das, carry = np.zeros_like(hs), np.zeros_like(hs[:, 0])
    for t in reversed(range(hs.shape[1])):
        das[:, t] = (dhs[:, t] + carry) * slope[:, t]
        carry = das[:, t] @ W
    return das, carry


def all_of(way, x, h0, hs, W_xh):
    """The five results."""
    das, dh0 = way
    dx, dW_xh, dW_hh, db = weights(das, x, h0, hs, W_xh)
    return dx, dh0, dW_xh, dW_hh, db


def wrong_no_carry(dhs, x, h0, hs, W_xh, W_hh):
    """the carry from step t+1 is missing in (3): each step goes back by itself

    Named by: carry missing (3)"""
    das = dhs * (1 - hs ** 2)
    return all_of((das, das[:, 0] @ W_hh.T), x, h0, hs, W_xh)


def wrong_only_the_last_step(dhs, x, h0, hs, W_xh, W_hh):
    """only h_T has got what L itself brings: dhs[:, t] is missing at all other steps in (3)

    Named by: only h_T L | dhs[:, t] missing all other steps (3)"""
    only_last = np.zeros_like(dhs)
    only_last[:, -1] = dhs[:, -1]
    return rnn_bptt(only_last, x, h0, hs, W_xh, W_hh)


def wrong_no_immediate_term(dhs, x, h0, hs, W_xh, W_hh):
    """dW_hh has lost the immediate term h_{t-1}^T da of (1); what is left, starting from h_0, is 0

    Named by: dW_hh lost immediate term | dW_hh 0 everywhere | `dW_hh += h_before[:, t].T @ da` missing"""
    dx, dh0, dW_xh, _, db = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    dh_dW = np.zeros(dW_xh.shape[1:] * 3)
    for _ in range(x.shape[1]):
        dh_dW = np.tensordot(W_hh.T, dh_dW, axes=1)
    return dx, dh0, dW_xh, dh_dW.sum(axis=0), db


def wrong_no_slope(dhs, x, h0, hs, W_xh, W_hh):
    """tanh's derivative is missing in (2)

    Named by: tanh's derivative missing (2) | factor `1 - hs[:, t] ** 2` missing (2)"""
    return all_of(back(dhs, hs, W_hh.T, np.ones_like(hs)), x, h0, hs, W_xh)


def wrong_tanh_twice(dhs, x, h0, hs, W_xh, W_hh):
    """tanh's derivative in (2) is 1 - tanh^2(h_t), as if h_t were the input of the tanh and not its output

    Named by: 1 - tanh^2(h_t) (2) | tanh's derivative of the output as if input `hs[:, t]` (2)"""
    return all_of(back(dhs, hs, W_hh.T, 1 - np.tanh(hs) ** 2), x, h0, hs, W_xh)


def wrong_slope_of_the_step_before(dhs, x, h0, hs, W_xh, W_hh):
    """tanh's derivative in (2) is 1 - h_{t-1}^2, one step too early

    Named by: 1 - h_{t-1}^2 (2) | `h_before` stands where `hs` belongs (2) for `da`"""
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    return all_of(back(dhs, hs, W_hh.T, 1 - h_before ** 2), x, h0, hs, W_xh)


def wrong_h_of_this_step(dhs, x, h0, hs, W_xh, W_hh):
    """dW_hh uses h_t where (1) has h_{t-1}

    Named by: dW_hh h_t where h_{t-1} | `hs` stands where `h_before` belongs (1) for `dW_hh`"""
    dx, dh0, dW_xh, _, db = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx, dh0, dW_xh, np.einsum("btk,bth->kh", hs, back(dhs, hs, W_hh.T, 1 - hs ** 2)[0]), db


def wrong_h0_forgotten(dhs, x, h0, hs, W_xh, W_hh):
    """h_0 is forgotten in dW_hh, as if the sequence began with zeros

    Named by: h_0 forgotten dW_hh | `h0` taken for 0"""
    dx, dh0, dW_xh, _, db = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx, dh0, dW_xh, rnn_bptt(dhs, x, 0 * h0, hs, W_xh, W_hh)[3], db


def wrong_weights_overwritten(dhs, x, h0, hs, W_xh, W_hh):
    """the gradients of the weights are not added up over the steps: each step takes the place of the one before

    Named by: weights not added up over the steps | takes the place of `dW_xh`, `dW_hh`, `db`, not added"""
    dx, dh0, *_ = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    da = back(dhs, hs, W_hh.T, 1 - hs ** 2)[0][:, 0]
    return dx, dh0, x[:, 0].T @ da, h0.T @ da, da.sum(axis=0)


def wrong_mean_over_time(dhs, x, h0, hs, W_xh, W_hh):
    """the gradients of the weights are averaged over the steps, and should be summed

    Named by: averaged over the steps weights | dW_xh dW_hh, db it is 1/T of"""
    dx, dh0, *of_weights = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx, dh0, *(dW / x.shape[1] for dW in of_weights)


def wrong_mean_over_all(dhs, x, h0, hs, W_xh, W_hh):
    """the gradients of the weights are averaged over batch and steps, and should be summed

    Named by: averaged over batch and steps weights | dW_xh dW_hh, db it is 1/(B T) of"""
    dx, dh0, *of_weights = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx, dh0, *(dW / (x.shape[0] * x.shape[1]) for dW in of_weights)


def wrong_forwards(dhs, x, h0, hs, W_xh, W_hh):
    """the loop runs forwards: each step gets its carry from the step before instead of the step after, (3)

    Named by: loop runs forwards"""
    das, carry = back(dhs[:, ::-1], hs[:, ::-1], W_hh.T, 1 - hs[:, ::-1] ** 2)
    return all_of((das[:, ::-1], carry), x, h0, hs, W_xh)


def wrong_carry_added_up(dhs, x, h0, hs, W_xh, W_hh):
    """the carry is added up over the steps, and each step should hand on its own da W_hh^T alone

    Named by: carry added up | `da @ W_hh.T` is added to `carry`, not its place"""
    das, carry = np.zeros_like(hs), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        das[:, t] = (dhs[:, t] + carry) * (1 - hs[:, t] ** 2)
        carry += das[:, t] @ W_hh.T
    return all_of((das, carry), x, h0, hs, W_xh)


def wrong_carry_without_slope(dhs, x, h0, hs, W_xh, W_hh):
    """the carry is dh W_hh^T, which has not gone through the tanh of (2): it should be da W_hh^T

    Named by: carry not gone through tanh (2) | `dh` stands where `da` belongs (1) for `carry`"""
    das, carry = np.zeros_like(hs), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dh = dhs[:, t] + carry
        das[:, t] = dh * (1 - hs[:, t] ** 2)
        carry = dh @ W_hh.T
    return all_of((das, carry), x, h0, hs, W_xh)


def wrong_W_hh_not_transposed(dhs, x, h0, hs, W_xh, W_hh):
    """the carry is da W_hh, and W_hh should be transposed

    Named by: carry W_hh should transposed | `W_hh.T` not transposed (1) for `carry`"""
    return all_of(back(dhs, hs, W_hh, 1 - hs ** 2), x, h0, hs, W_xh)


def wrong_dh0_is_dh1(dhs, x, h0, hs, W_xh, W_hh):
    """dh0 is the gradient of h_1: the last step back, through (2) and (1) of the first step, is missing

    Named by: dh0 gradient of h_1 | `dh` stands where `carry`"""
    dx, _, *of_weights = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    das, _ = back(dhs, hs, W_hh.T, 1 - hs ** 2)
    return dx, dhs[:, 0] + das[:, 1] @ W_hh.T, *of_weights


def wrong_dx_backwards(dhs, x, h0, hs, W_xh, W_hh):
    """dx runs backwards in time: it was gathered from the last step to the first, and not turned round

    Named by: dx runs backwards time | dx runs backwards along T"""
    dx, *others = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx[:, ::-1], *others


def wrong_dx_time_major(dhs, x, h0, hs, W_xh, W_hh):
    """dx has the steps as its first axis, (T, B, D), and should be (B, T, D)

    Named by: dx steps first axis | dx axes lie in the order T, B, D"""
    dx, *others = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return dx.transpose(1, 0, 2), *others


def wrong_bias_without_future(dhs, x, h0, hs, W_xh, W_hh):
    """db lacks the future: it adds up dL/dh_t as L brings it, without tanh's derivative and without the carry

    Named by: db lacks the future | db without carry without derivative"""
    *others, _ = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return *others, dhs.sum(axis=(0, 1))


def wrong_bias_of_each_step(dhs, x, h0, hs, W_xh, W_hh):
    """db is summed over the batch alone and has a row for each step; the steps should be added up too

    Named by: db steps should be added up | db its axis 0 should have been summed over"""
    *others, _ = rnn_bptt(dhs, x, h0, hs, W_xh, W_hh)
    return *others, back(dhs, hs, W_hh.T, 1 - hs ** 2)[0].sum(axis=0)
