"""Back-propagation through time in an LSTM: the solution, other right answers, and mistakes that people make."""
import numpy as np


def lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    dx, dW_xh, dW_hh, db = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)                # (1)
    c_before = np.concatenate((c0[:, None], cs[:, :-1]), axis=1)                # (4)
    carry_h = np.zeros_like(h0)                                                 # (6)
    carry_c = np.zeros_like(c0)                                                 # (6)
    for t in reversed(range(x.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dh = dhs[:, t] + carry_h                                                # (6)
        do = dh * np.tanh(cs[:, t])                                             # (5)
        dc = carry_c + dh * o * (1 - np.tanh(cs[:, t]) ** 2)                    # (5) (6)
        df = dc * c_before[:, t]                                                # (4)
        di = dc * g                                                             # (4)
        dg = dc * i                                                             # (4)
        carry_c = dc * f                                                        # (4)
        da_i = di * i * (1 - i)                                                 # (2)
        da_f = df * f * (1 - f)                                                 # (2)
        da_g = dg * (1 - g ** 2)                                                # (3)
        da_o = do * o * (1 - o)                                                 # (2)
        da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)                   # (1)
        dx[:, t] = da @ W_xh.T                                                  # (1)
        dW_xh += x[:, t].T @ da                                                 # (1)
        dW_hh += h_before[:, t].T @ da                                          # (1)
        db += da.sum(axis=0)                                                    # (1)
        carry_h = da @ W_hh.T                                                   # (1)
    return dx, carry_h, carry_c, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def before(first, states):
    """The state that each step has read."""
    return np.concatenate((first[:, None], states[:, :-1]), axis=1)


def of_all_steps(das, x, h0, hs, W_xh):
    """dx and the gradients of the weights by (1), from da of all steps, (B, T, 4H)."""
    return (das @ W_xh.T, np.einsum("btd,btk->dk", x, das), np.einsum("bth,btk->hk", before(h0, hs), das),
            das.sum(axis=(0, 1)))


def right_weights_after_the_loop(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    i, f, g, o = np.split(gates, 4, axis=2)
    slopes = np.concatenate([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], axis=2)
    das, dh, dc = np.zeros_like(gates), 0, 0
    for t in range(x.shape[1] - 1, -1, -1):
        dh = dh + dhs[:, t]
        dc = dc + dh * o[:, t] / np.cosh(cs[:, t]) ** 2
        beside = (g[:, t] * dc, before(c0, cs)[:, t] * dc, i[:, t] * dc, np.tanh(cs[:, t]) * dh)
        das[:, t] = np.hstack(beside) * slopes[:, t]
        dh, dc = np.einsum("bk,hk->bh", das[:, t], W_hh), f[:, t] * dc
    dx, *of_weights = of_all_steps(das, x, h0, hs, W_xh)
    return dx, dh, dc, *of_weights


def right_recursion(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """Each step asks the next one for what comes back, and passes its sums on."""
    def back(t, h_before, c_before):
        if t == x.shape[1]:
            return 0.0, 0.0, [], 0.0, 0.0, 0.0
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        from_h, from_c, dxs, dW_xh, dW_hh, db = back(t + 1, hs[:, t], cs[:, t])
        dh, tanh_c = dhs[:, t] + from_h, np.tanh(cs[:, t])
        dc = from_c + dh * o - dh * o * tanh_c * tanh_c
        da = np.hstack([dc * g * (i - i * i), dc * c_before * (f - f * f), dc * i * (1 - g) * (1 + g),
                        dh * tanh_c * (o - o * o)])
        return (da @ W_hh.T, dc * f, [da @ W_xh.T, *dxs], dW_xh + x[:, t].T @ da, dW_hh + h_before.T @ da,
                db + da.sum(axis=0))
    dh0, dc0, dxs, dW_xh, dW_hh, db = back(0, h0, c0)
    return np.stack(dxs, axis=1), dh0, dc0, dW_xh, dW_hh, db


def right_sequence_by_sequence(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """Each row of the batch by itself; the weights' gradients transposed."""
    dx, dh0, dc0 = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    dW_T, dU_T, db = np.zeros(W_xh.shape[::-1]), np.zeros(W_hh.shape[::-1]), np.zeros(W_hh.shape[1])
    for b in range(len(x)):
        dh, dc = np.zeros(len(W_hh)), np.zeros(len(W_hh))
        for t in reversed(range(x.shape[1])):
            i, f, g, o = gates[b, t].reshape(4, -1)
            h_read, c_read = (h0[b], c0[b]) if t == 0 else (hs[b, t - 1], cs[b, t - 1])
            dh = dh + dhs[b, t]
            dc = dc + (1 - np.tanh(cs[b, t]) ** 2) * o * dh
            da = np.ravel([dc * g * i * (1 - i), dc * c_read * f * (1 - f), dc * i * (1 - g ** 2),
                           dh * np.tanh(cs[b, t]) * o * (1 - o)])
            dx[b, t] = W_xh @ da
            dW_T += np.outer(da, x[b, t])
            dU_T += np.outer(da, h_read)
            db += da
            dh, dc = W_hh @ da, dc * f
        dh0[b], dc0[b] = dh, dc
    return dx, dh0, dc0, dW_T.T, dU_T.T, db


def right_all_at_the_front(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """What each factor is multiplied with is made for all steps before the loop; the loop has two products."""
    i, f, g, o = np.split(gates, 4, axis=2)
    by_dc = np.stack([g * i * (1 - i), before(c0, cs) * f * (1 - f), i * (1 - g ** 2), 0 * o], axis=2)   # (B, T, 4, H)
    by_dh = np.stack([0 * i, 0 * f, 0 * g, np.tanh(cs) * o * (1 - o)], axis=2)
    to_c, dh, dc = o * (1 - np.tanh(cs) ** 2), 0 * h0, 0 * c0
    das: list = []
    for t in range(x.shape[1])[::-1]:
        dh = dhs[:, t] + dh
        dc = to_c[:, t] * dh + dc
        das.insert(0, (by_dc[:, t] * dc[:, None] + by_dh[:, t] * dh[:, None]).reshape(len(x), -1))
        dh, dc = das[0] @ W_hh.T, f[:, t] * dc
    dx, *of_weights = of_all_steps(np.stack(das, axis=1), x, h0, hs, W_xh)
    return dx, dh, dc, *of_weights


# Wrong --------------------------------------------------------------------------------------------------------

def step(dh, carry_c, c, c_before, i, f, g, o):
    """da and what step t-1 gets for its cell, by (5) to (2), for those that go wrong elsewhere."""
    dc = carry_c + dh * o * (1 - np.tanh(c) ** 2)
    return np.hstack([dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g ** 2),
                      dh * np.tanh(c) * o * (1 - o)]), dc * f


def through_time(one_step, dhs, c0, cs, gates, W):
    """The loop, for those that go wrong in a step: da of all steps and what reaches h_0 and c_0."""
    das, carry_h, carry_c = np.zeros_like(gates), np.zeros_like(c0), np.zeros_like(c0)
    for t in reversed(range(cs.shape[1])):
        dh = dhs[:, t] + carry_h
        das[:, t], carry_c = one_step(dh, carry_c, cs[:, t], before(c0, cs)[:, t], *np.split(gates[:, t], 4, axis=1))
        carry_h = das[:, t] @ W
    return das, carry_h, carry_c


def all_of(way, x, h0, hs, W_xh):
    """The six results."""
    das, dh0, dc0 = way
    dx, *of_weights = of_all_steps(das, x, h0, hs, W_xh)
    return dx, dh0, dc0, *of_weights


def wrong_no_carry_of_c(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the carry dc from step t+1 is missing: at each step c_t has only got what came through (5)

    Named by: carry dc missing (5) | term `carry_c` missing for `dc`"""
    def one_step(dh, carry_c, *others):
        return step(dh, 0, *others)
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_no_carry_of_h(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the carry dh from step t+1 is missing: h_t has only got what L itself brings

    Named by: carry dh missing | term `carry_h` missing for `dh`"""
    das, carry_c = np.zeros_like(gates), np.zeros_like(c0)
    for t in reversed(range(cs.shape[1])):
        das[:, t], carry_c = step(dhs[:, t], carry_c, cs[:, t], before(c0, cs)[:, t],
                                  *np.split(gates[:, t], 4, axis=1))
    return all_of((das, das[:, 0] @ W_hh.T, carry_c), x, h0, hs, W_xh)


def wrong_carry_without_f(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the cell's gradient is handed on to step t-1 unchanged: the factor f of (4) is missing

    Named by: cell's handed on factor f missing (4) | factor `f` missing (4) for `carry_c`"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        da, _ = step(dh, carry_c, c, c_before, i, f, g, o)
        return da, carry_c + dh * o * (1 - np.tanh(c) ** 2)
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_f_of_the_next_step(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the cell's gradient goes from step t+1 to step t through f_t, and should go through f_{t+1}

    Named by: cell's through f_t should f_{t+1}"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        da, passed = step(dh, carry_c * f, c, c_before, i, f, g, o)
        return da, passed / f
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_carry_lacks_h(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """what reaches c_t through h_t, by (5), is not handed on to step t-1: the carry of the cell lacks it, and stays 0

    Named by: through h_t not handed on carry of the cell | `carry_c = dc * f` missing (4)"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        da, _ = step(dh, carry_c, c, c_before, i, f, g, o)
        return da, carry_c * f
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_no_slope_at_c(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """tanh's derivative at c_t is missing in (5)

    Named by: tanh's derivative c_t missing (5) | factor `1 - np.tanh(cs[:, t]) ** 2` missing (5) for `dc`"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        return step(dh, carry_c + dh * o * np.tanh(c) ** 2, c, c_before, i, f, g, o)
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_slope_at_the_cell_before(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """tanh's derivative in (5) is taken at c_{t-1}, and should be taken at c_t

    Named by: tanh's derivative (5) at c_{t-1} | `c_before` stands where `cs` (5) for `dc`"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        return step(dh, carry_c + dh * o * (np.tanh(c) ** 2 - np.tanh(c_before) ** 2), c, c_before, i, f, g, o)
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_cell_of_this_step(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """df uses c_t where (4) has c_{t-1}

    Named by: df c_t where c_{t-1} | `cs` stands where `c_before` (4) for `df`"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        da, passed = step(dh, carry_c, c, c_before, i, f, g, o)
        H = i.shape[1]
        da[:, H:2 * H] = passed * (1 - f) * c
        return da, passed
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_c0_forgotten(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """c_0 is forgotten: (4) of the first step is taken to have read zeros

    Named by: c_0 forgotten | `c0` taken for 0 for `c_before`"""
    return lstm_bptt(dhs, x, h0, 0 * c0, hs, cs, gates, W_xh, W_hh)


def wrong_h0_forgotten(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """h_0 is forgotten: (1) of the first step is taken to have read zeros

    Named by: h_0 forgotten | `h0` taken for 0 for `h_before`"""
    return lstm_bptt(dhs, x, 0 * h0, c0, hs, cs, gates, W_xh, W_hh)


def wrong_h_of_this_step(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """dW_hh uses h_t where (1) has h_{t-1}

    Named by: dW_hh h_t where h_{t-1} | `hs` stands where `h_before` (1) for `dW_hh`"""
    dx, dh0, dc0, dW_xh, _, db = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    das, *_ = through_time(step, dhs, c0, cs, gates, W_hh.T)
    return dx, dh0, dc0, dW_xh, np.einsum("bth,btk->hk", hs, das), db


def wrong_weights_overwritten(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the gradients of the weights are not added up over the steps: each step takes the place of the one before

    Named by: weights not added up over the steps | takes the place of `dW_xh`, `dW_hh`, `db`, not added"""
    dx, dh0, dc0, *_ = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    da = through_time(step, dhs, c0, cs, gates, W_hh.T)[0][:, 0]
    return dx, dh0, dc0, x[:, 0].T @ da, h0.T @ da, da.sum(axis=0)


def wrong_mean_over_time(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the gradients of the weights are averaged over the steps, and should be summed

    Named by: averaged over the steps weights | dW_xh dW_hh, db it is 1/T of"""
    dx, dh0, dc0, *of_weights = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    return dx, dh0, dc0, *(dW / x.shape[1] for dW in of_weights)


def wrong_forwards(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the loop runs forwards: each step gets its carries from the step before instead of the step after, (6)

    Named by: loop runs forwards"""
    das, carry_h, carry_c = np.zeros_like(gates), np.zeros_like(h0), np.zeros_like(c0)
    for t in range(x.shape[1]):
        das[:, t], carry_c = step(dhs[:, t] + carry_h, carry_c, cs[:, t], before(c0, cs)[:, t],
                                  *np.split(gates[:, t], 4, axis=1))
        carry_h = das[:, t] @ W_hh.T
    return all_of((das, carry_h, carry_c), x, h0, hs, W_xh)


def wrong_order_of_the_gates(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """the blocks of da lie in the order i f o g, and in (1) it is i f g o

    Named by: order i f o g | `da_g` `da_o` each other's place (1)"""
    def one_step(*arguments):
        da, passed = step(*arguments)
        da_i, da_f, da_g, da_o = np.split(da, 4, axis=1)
        return np.hstack([da_i, da_f, da_o, da_g]), passed
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_sigmoid_twice(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """sigmoid's derivative is taken of the outputs i, f, o once more as of an input: sigmoid(i) (1 - sigmoid(i)) in (2)

    Named by: sigmoid's derivative outputs i, f, o once more | sigmoid's derivative of the output as if input all 3"""
    def slope(s):
        s = 1 / (1 + np.exp(-s))
        return s * (1 - s)

    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        dc = carry_c + dh * o * (1 - np.tanh(c) ** 2)
        return np.hstack([dc * g * slope(i), dc * c_before * slope(f), dc * i * (1 - g ** 2),
                          dh * np.tanh(c) * slope(o)]), dc * f
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_no_slope_of_sigmoid(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """sigmoid's derivative is missing in (2): the gradients of i, f, o are taken for those of a_i, a_f, a_o

    Named by: sigmoid's derivative missing (2) | sigmoid's derivative missing all 3"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        dc = carry_c + dh * o * (1 - np.tanh(c) ** 2)
        return np.hstack([dc * g, dc * c_before, dc * i * (1 - g ** 2), dh * np.tanh(c)]), dc * f
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_do_by_c(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """do is dh c_t: in (5) o is multiplied with tanh(c_t), not with c_t

    Named by: do (5) tanh(c_t), not with c_t | `np.tanh(cs[:, t])` without function (5) for `do`"""
    def one_step(dh, carry_c, c, c_before, i, f, g, o):
        da, passed = step(dh, carry_c, c, c_before, i, f, g, o)
        return np.hstack([da[:, :3 * o.shape[1]], dh * c * o * (1 - o)]), passed
    return all_of(through_time(one_step, dhs, c0, cs, gates, W_hh.T), x, h0, hs, W_xh)


def wrong_dc0_is_dc1(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """dc0 is the gradient of c_1: the last step back, through f of the first step in (4), is missing

    Named by: dc0 gradient of c_1 | `dc` stands where `carry_c`"""
    dx, dh0, dc0, *of_weights = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    H = h0.shape[1]
    return dx, dh0, dc0 / gates[:, 0, H:2 * H], *of_weights


def wrong_dx_backwards(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """dx runs backwards in time: it was gathered from the last step to the first, and not turned round

    Named by: dx runs backwards time | dx runs backwards along T"""
    dx, *others = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    return dx[:, ::-1], *others


def wrong_bias_of_each_step(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh):
    """db is summed over the batch alone and has a row for each step; the steps should be added up too

    Named by: db steps should be added up | db its axis 0 should have been summed over"""
    *others, _ = lstm_bptt(dhs, x, h0, c0, hs, cs, gates, W_xh, W_hh)
    return *others, through_time(step, dhs, c0, cs, gates, W_hh.T)[0].sum(axis=0)
