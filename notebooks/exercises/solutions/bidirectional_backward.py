"""The way back through a bidirectional network: the solution, other right answers, and mistakes that people make."""
import numpy as np


def bidirectional_backward(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    T = x.shape[1]
    df, db = np.split(dy, 2, axis=2)                                            # (3)
    f, b = np.split(y, 2, axis=2)                                               # (3)
    is_step = (np.arange(T) < lengths[:, None])[:, :, None]                     # (4)
    da_f, da_b = np.zeros_like(f), np.zeros_like(b)
    carry = np.zeros_like(f[:, 0])
    for t in reversed(range(T)):
        da_f[:, t] = (df[:, t] + carry) * (1 - f[:, t] ** 2) * is_step[:, t]    # (1) (4)
        carry = da_f[:, t] @ U_f.T                                              # (1)
    carry = np.zeros_like(b[:, 0])
    for t in range(T):
        da_b[:, t] = (db[:, t] + carry) * (1 - b[:, t] ** 2) * is_step[:, t]    # (2) (4)
        carry = da_b[:, t] @ U_b.T                                              # (2)
    nothing = np.zeros_like(f[:, :1])
    f_before = np.concatenate([nothing, f[:, :-1]], axis=1)                     # (1)
    b_behind = np.concatenate([b[:, 1:], nothing], axis=1)                      # (2)
    dx = da_f @ W_f.T + da_b @ W_b.T                                            # (1) (2)
    dW_f = np.einsum("btd,bth->dh", x, da_f)                                    # (1)
    dU_f = np.einsum("bth,btk->hk", f_before, da_f)                             # (1)
    dW_b = np.einsum("btd,bth->dh", x, da_b)                                    # (2)
    dU_b = np.einsum("bth,btk->hk", b_behind, da_b)                             # (2)
    return dx, dW_f, dU_f, dW_b, dU_b


# Right --------------------------------------------------------------------------------------------------------

def right_row_by_row(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """Each row cut to its own length; the b's as an RNN over the row read backwards."""
    def one_way(dh, x, h, W, U):
        dx, dW, dU, carry = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(len(U))
        for t in range(len(x) - 1, -1, -1):
            da = (dh[t] + carry) * (1 - h[t] * h[t])
            dx[t], carry = W @ da, U @ da
            dW += np.outer(x[t], da)
            if t:
                dU += np.outer(h[t - 1], da)
        return dx, dW, dU
    H = len(U_f)
    dx, totals = np.zeros_like(x), [np.zeros_like(W) for W in (W_f, U_f, W_b, U_b)]
    for row, n in enumerate(lengths):
        dx_f, *of_f = one_way(dy[row, :n, :H], x[row, :n], y[row, :n, :H], W_f, U_f)
        dx_b, *of_b = one_way(dy[row, :n, H:][::-1], x[row, :n][::-1], y[row, :n, H:][::-1], W_b, U_b)
        dx[row, :n] = dx_f + dx_b[::-1]
        totals = [total + new for total, new in zip(totals, (*of_f, *of_b), strict=True)]
    return dx, *totals


def right_sums_on_the_way(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dy is cut off where a row has ended, and so is what the b's hand on; the weights' gradients grow in the loops."""
    T, H = x.shape[1], len(U_f)
    dy = dy * (np.arange(T) < lengths[:, None])[:, :, None]                     # (4)
    dx, dW_f, dU_f, dW_b, dU_b = (np.zeros_like(z) for z in (x, W_f, U_f, W_b, U_b))
    carry = np.zeros_like(y[:, 0, :H])
    for t in range(T - 1, -1, -1):
        da = (dy[:, t, :H] + carry) * (1 - y[:, t, :H] ** 2)                    # (1)
        carry = da @ U_f.T                                                      # (1)
        dx[:, t] += da @ W_f.T                                                  # (1)
        dW_f += x[:, t].T @ da                                                  # (1)
        if t > 0:
            dU_f += y[:, t - 1, :H].T @ da                                      # (1)
    carry = np.zeros_like(y[:, 0, H:])
    for t in range(T):
        da = (dy[:, t, H:] + carry) * (1 - y[:, t, H:] ** 2)                    # (2)
        carry = da @ U_b.T * (t + 1 < lengths)[:, None]                         # (2) (4)
        dx[:, t] += da @ W_b.T                                                  # (2)
        dW_b += x[:, t].T @ da                                                  # (2)
        if t + 1 < T:
            dU_b += y[:, t + 1, H:].T @ da                                      # (2)
    return [dx, dW_f, dU_f, dW_b, dU_b]


def right_flat_products(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """Padding dropped from all products: only the rows (row, t) that are steps are multiplied, transposed."""
    H = len(U_f)
    steps = np.arange(x.shape[1]) < lengths[:, None]
    slopes = (1 - y) * (1 + y) * steps[:, :, None]
    das = np.zeros_like(y)
    for half, U, order, back in ((slice(0, H), U_f, range(x.shape[1] - 1, -1, -1), 1),
                                 (slice(H, None), U_b, range(x.shape[1]), -1)):
        for t in order:
            later = das[:, t + back, half] if 0 <= t + back < x.shape[1] else np.zeros((len(x), H))
            das[:, t, half] = slopes[:, t, half] * (dy[:, t, half] + (U @ later.T).T)
    before, behind = np.zeros_like(y[:, :, :H]), np.zeros_like(y[:, :, H:])
    before[:, 1:], behind[:, :-1] = y[:, :-1, :H], y[:, 1:, H:]
    dx = np.zeros_like(x)
    dx[steps] = das[steps] @ np.hstack([W_f, W_b]).T
    da_f, da_b = das[steps][:, :H].T, das[steps][:, H:].T
    return dx, (da_f @ x[steps]).T, (da_f @ before[steps]).T, (da_b @ x[steps]).T, (da_b @ behind[steps]).T


def right_turned(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """(2) as (1) of what is turned around at each row's own end."""
    T, H = x.shape[1], len(U_f)
    t = np.arange(T)
    turn = np.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)[:, :, None]

    def one_way(dh, x, h, W, U):
        da, before = np.zeros_like(h), np.concatenate([0 * h[:, :1], h[:, :-1]], axis=1)
        for s in range(T - 1, -1, -1):
            coming = da[:, s + 1] @ U.T if s + 1 < T else 0
            da[:, s] = (dh[:, s] + coming) * (1 - h[:, s] ** 2) * (s < lengths)[:, None]
        return da @ W.T, np.tensordot(x, da, ([0, 1], [0, 1])), np.tensordot(before, da, ([0, 1], [0, 1]))

    def turned(z):
        return np.take_along_axis(z, turn, axis=1)
    dx_f, dW_f, dU_f = one_way(dy[:, :, :H], x, y[:, :, :H], W_f, U_f)
    dx_b, dW_b, dU_b = one_way(turned(dy[:, :, H:]), turned(x), turned(y[:, :, H:]), W_b, U_b)
    return dx_f + turned(dx_b), dW_f, dU_f, dW_b, dU_b


# Wrong --------------------------------------------------------------------------------------------------------

def das(dy, y, lengths, U_f, U_b, mask_f=True, mask_b=True, backwards_b=False):
    """da_f and da_b by (1), (2) and (4), for those that go wrong somewhere."""
    H, T = len(U_f), y.shape[1]
    is_step = (np.arange(T) < lengths[:, None])[:, :, None]
    da, slopes = np.zeros_like(y), 1 - y ** 2
    for half, U, order, masked in ((slice(0, H), U_f, range(T)[::-1], mask_f),
                                   (slice(H, None), U_b, range(T)[::-1] if backwards_b else range(T), mask_b)):
        carry = 0
        for t in order:
            da[:, t, half] = (dy[:, t, half] + carry) * slopes[:, t, half] * (is_step[:, t] if masked else 1)
            carry = da[:, t, half] @ U.T
    return da[:, :, :H], da[:, :, H:]


def gathered(both, x, y, W_f, W_b):
    """dx and the gradients of the weights from the two da."""
    da_f, da_b = both
    H = W_f.shape[1]
    before, behind = np.zeros_like(da_f), np.zeros_like(da_b)
    before[:, 1:], behind[:, :-1] = y[:, :-1, :H], y[:, 1:, H:]
    weights = (np.einsum("bti,btj->ij", left, da)
               for left, da in ((x, da_f), (before, da_f), (x, da_b), (behind, da_b)))
    return da_f @ W_f.T + da_b @ W_b.T, *weights


def wrong_loop_of_b(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """the carry of (2) runs the wrong way: the b's were made from the end, so their gradients come back forwards

    Named by: carry (2) wrong way | loop `range(T)` da_b runs backwards"""
    return gathered(das(dy, y, lengths, U_f, U_b, backwards_b=True), x, y, W_f, W_b)


def wrong_padding(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """the padded steps take part in both directions: on the way back the mask of (4) is forgotten

    Named by: mask (4) forgotten | factor `is_step[:, t]` missing (1) (2) (4) `da_f[:, t]` `da_b[:, t]`"""
    return gathered(das(dy, y, lengths, U_f, U_b, False, False), x, y, W_f, W_b)


def wrong_padding_of_b(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """the b's hand their carry on over the row's own end: in (2) the mask of (4) is forgotten

    Named by: (2) mask (4) forgotten | factor `is_step[:, t]` missing (2) (4) `da_b[:, t]` |
    factor `(t + 1 < lengths)[:, None]` missing (2) (4) `carry`"""
    dy = dy * (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return gathered(das(dy, y, lengths, U_f, U_b, mask_b=False), x, y, W_f, W_b)


def wrong_padding_of_f(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dy of the padded steps gets in: in (1) the mask of (4) is forgotten, where the loop begins behind the row's end

    Named by: (1) mask (4) forgotten | factor `is_step[:, t]` missing (1) (4) `da_f[:, t]`"""
    return gathered(das(dy, y, lengths, U_f, U_b, mask_f=False), x, y, W_f, W_b)


def wrong_halves(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """the halves of dy are exchanged: by (3) the first is that of f, the second that of b

    Named by: halves of dy exchanged (3) | `df` `db` each other's place |
    `db` stands where `df` `df` stands where `db`"""
    H = len(U_f)
    dy = np.concatenate([dy[:, :, H:], dy[:, :, :H]], axis=2)
    return gathered(das(dy, y, lengths, U_f, U_b), x, y, W_f, W_b)


def wrong_dx_of_one(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dx holds what comes back from (1) alone: the term of (2) is missing, which reads x as well

    Named by: dx (2) missing | term `da_b @ W_b.T` missing `dx`"""
    da_f, da_b = das(dy, y, lengths, U_f, U_b)
    return da_f @ W_f.T, *gathered((da_f, da_b), x, y, W_f, W_b)[1:]


def wrong_dx_side_by_side(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dx of the two directions lie side by side, and should be added: (1) and (2) read the same x

    Named by: dx side by side added | dx two halves added"""
    da_f, da_b = das(dy, y, lengths, U_f, U_b)
    return np.concatenate([da_f @ W_f.T, da_b @ W_b.T], axis=2), *gathered((da_f, da_b), x, y, W_f, W_b)[1:]


def wrong_state_before_b(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dU_b uses b_{t-1}, and (2) has b_{t+1}

    Named by: dU_b b_{t-1} b_{t+1} | `b` shifted other way (2) `b_behind`"""
    H = len(U_f)
    da_f, da_b = das(dy, y, lengths, U_f, U_b)
    dx, dW_f, dU_f, dW_b, _ = gathered((da_f, da_b), x, y, W_f, W_b)
    return dx, dW_f, dU_f, dW_b, np.einsum("bti,btj->ij", y[:, :-1, H:], da_b[:, 1:])


def wrong_states_of_this_step(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """dU_f and dU_b use the states of their own step, f_t and b_t, where (1) has f_{t-1} and (2) b_{t+1}

    Named by: dU_f dU_b own step f_t b_t | `f` stands where `f_before` `b` stands where `b_behind`"""
    H = len(U_f)
    da_f, da_b = das(dy, y, lengths, U_f, U_b)
    dx, dW_f, _, dW_b, _ = gathered((da_f, da_b), x, y, W_f, W_b)
    return (dx, dW_f, np.einsum("bti,btj->ij", y[:, :, :H], da_f), dW_b, np.einsum("bti,btj->ij", y[:, :, H:], da_b))


def wrong_no_carry(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """no step hands anything on: the carry is missing in both directions

    Named by: carry missing both | term `carry` missing (1) (2) `da_f[:, t]` `da_b[:, t]`"""
    is_step = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return gathered(np.split(dy * (1 - y ** 2) * is_step, 2, axis=2), x, y, W_f, W_b)


def wrong_no_slope(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """tanh's derivative is missing in (1) and (2)

    Named by: tanh's derivative missing (1) (2) | tanh's derivative missing all 2 places"""
    return gathered(das(dy, np.zeros_like(y), lengths, U_f, U_b), x, y, W_f, W_b)


def wrong_weights_exchanged(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """in dx da_f goes back through W_b and da_b through W_f: each direction has its own weights in (1) and (2)

    Named by: dx W_b W_f each own | `W_b` stands where `W_f` `W_f` stands where `W_b` `dx` |
    `W_f` and `W_b` stand in each other's place"""
    da_f, da_b = das(dy, y, lengths, U_f, U_b)
    return da_f @ W_b.T + da_b @ W_f.T, *gathered((da_f, da_b), x, y, W_f, W_b)[1:]


def wrong_mean(dy, x, y, lengths, W_f, U_f, W_b, U_b):
    """the gradients of the weights are averaged over the batch, and should be summed

    Named by: averaged over the batch | dW_f dU_f, dW_b, dU_b it is 1/B of"""
    dx, *weights = bidirectional_backward(dy, x, y, lengths, W_f, U_f, W_b, U_b)
    return dx, *(dW / len(x) for dW in weights)
