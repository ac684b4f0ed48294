"""The way back through one step of an LSTM: the solution, other right answers, and mistakes that people make."""
import numpy as np


def lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    do = dh * np.tanh(c)                                                        # (5)
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)                                # (5)
    df = dc_sum * c_prev                                                        # (4)
    di = dc_sum * g                                                             # (4)
    dg = dc_sum * i                                                             # (4)
    dc_prev = dc_sum * f                                                        # (4)
    da_i = di * i * (1 - i)                                                     # (2)
    da_f = df * f * (1 - f)                                                     # (2)
    da_g = dg * (1 - g ** 2)                                                    # (3)
    da_o = do * o * (1 - o)                                                     # (2)
    da = np.concatenate((da_i, da_f, da_g, da_o), axis=1)                       # (1)
    dx = da @ W_xh.T                                                            # (1)
    dh_prev = da @ W_hh.T                                                       # (1)
    dW_xh = x.T @ da                                                            # (1)
    dW_hh = h_prev.T @ da                                                       # (1)
    db = da.sum(axis=0)                                                         # (1)
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    dc = dc + dh * o / np.cosh(c) ** 2
    da = np.concatenate([dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g ** 2),
                         dh * np.tanh(c) * o * (1 - o)], axis=-1)
    return (np.einsum("bk,dk->bd", da, W_xh), np.einsum("bk,hk->bh", da, W_hh), dc * f, np.einsum("bd,bk->dk", x, da),
            np.einsum("bh,bk->hk", h_prev, da), np.einsum("bk->k", da))


def right_row_by_row(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    dx, dh_prev, dc_prev = np.zeros_like(x), np.zeros_like(h_prev), np.zeros_like(c_prev)
    dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_xh.shape[1])
    H = dh.shape[1]
    for b in range(len(x)):
        da = np.zeros(4 * H)
        for k in range(H):
            tanh_c = np.tanh(c[b, k])
            total = dc[b, k] + dh[b, k] * o[b, k] * (1 - tanh_c * tanh_c)
            da[k] = total * g[b, k] * (i[b, k] - i[b, k] ** 2)
            da[H + k] = total * c_prev[b, k] * (f[b, k] - f[b, k] ** 2)
            da[2 * H + k] = total * i[b, k] * (1 - g[b, k] ** 2)
            da[3 * H + k] = dh[b, k] * tanh_c * (o[b, k] - o[b, k] ** 2)
            dc_prev[b, k] = total * f[b, k]
        dx[b], dh_prev[b] = W_xh @ da, W_hh @ da
        dW_xh += np.outer(x[b], da)
        dW_hh += np.outer(h_prev[b], da)
        db += da
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, db


def right_gate_by_gate(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    dc_sum = dh * o * (1 - np.tanh(c)) * (1 + np.tanh(c)) + dc
    das = (dc_sum * g * i * (1 - i), dc_sum * c_prev * f * (1 - f), dc_sum * i * (1 - g) * (1 + g),
           dh * o * (1 - o) * np.tanh(c))
    dx = sum(da @ W.T for da, W in zip(das, np.split(W_xh, 4, axis=1), strict=True))
    dh_prev = sum(da @ W.T for da, W in zip(das, np.split(W_hh, 4, axis=1), strict=True))
    return (dx, dh_prev, f * dc_sum, np.hstack([x.T @ da for da in das]), np.hstack([h_prev.T @ da for da in das]),
            np.hstack([np.ones(len(x)) @ da for da in das]))


def right_one_linear_layer(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """(1) as [x h_prev 1] times one matrix; products transposed."""
    B, D = x.shape
    H = h_prev.shape[1]
    dc = dc + (dh - dh * np.tanh(c) ** 2) * o
    da_T = np.stack([dc * g * (i - i * i), dc * c_prev * (f - f * f), dc * i * (1 - g * g),
                     dh * np.tanh(c) * (o - o * o)]).transpose(0, 2, 1).reshape(4 * H, B)
    dW_T = da_T @ np.hstack([x, h_prev, np.ones((B, 1))])
    d_in_T = np.vstack([W_xh, W_hh]) @ da_T
    return d_in_T[:D].T, d_in_T[D:].T, dc * f, dW_T[:, :D].T, dW_T[:, D:D + H].T, dW_T[:, -1]


# Wrong --------------------------------------------------------------------------------------------------------

def of_gates(dc_sum, do, c_prev, i, f, g, o):
    """da by (4), (3) and (2)."""
    return np.hstack([dc_sum * g * i * (1 - i), dc_sum * c_prev * f * (1 - f), dc_sum * i * (1 - g ** 2),
                      do * o * (1 - o)])


def backward(dc_sum, do, x, h_prev, c_prev, i, f, g, o, W_xh, W_hh):
    """(4) to (1), for those that go wrong before."""
    return linear(of_gates(dc_sum, do, c_prev, i, f, g, o), dc_sum * f, x, h_prev, W_xh, W_hh)


def linear(da, dc_prev, x, h_prev, W_xh, W_hh):
    """(1), for those that go wrong before."""
    return da @ W_xh.T, da @ W_hh.T, dc_prev, x.T @ da, h_prev.T @ da, da.sum(axis=0)


def wrong_carry(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """the carry dc from step t+1 is missing: c_t has only got what came through (5)

    Named by: carry dc missing | term `dc` missing (5)"""
    return backward(dh * o * (1 - np.tanh(c) ** 2), dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_only_the_carry(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """h does not reach c: the term dh o (1 - tanh^2 c) of (5) is missing, dc is only what step t+1 brought

    Named by: term dh o (1 - tanh missing | term `dh * o * (1 missing (5)"""
    return backward(dc, dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_dc_prev_without_h(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """dc_prev passes on dc as step t+1 brought it, without what h has added in (5); the gates are right

    Named by: dc_prev without h added | `dc` stands where `dc_sum` (4) for `dc_prev`"""
    dx, dh_prev, _, dW_xh, dW_hh, db = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    return dx, dh_prev, dc * f, dW_xh, dW_hh, db


def wrong_dc_prev_without_f(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """dc is handed on to c_prev unchanged: the factor f of (4) is missing

    Named by: c_prev factor f missing | factor `f` missing (4) for `dc_prev`"""
    dx, dh_prev, _, dW_xh, dW_hh, db = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    return dx, dh_prev, dc + dh * o * (1 - np.tanh(c) ** 2), dW_xh, dW_hh, db


def wrong_dc_prev_by_i(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """dc_prev is dc times the input gate i, and in (4) c_prev stands beside f

    Named by: dc_prev i f (4) beside | `i` stands where `f` (4) for `dc_prev`"""
    dx, dh_prev, _, dW_xh, dW_hh, db = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    return dx, dh_prev, (dc + dh * o * (1 - np.tanh(c) ** 2)) * i, dW_xh, dW_hh, db


def wrong_no_slope_at_c(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """tanh's derivative at c is missing in (5): dc += dh o

    Named by: tanh's derivative missing c (5) | factor `1 - np.tanh(c) ** 2` missing (5)"""
    return backward(dc + dh * o, dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_slope_of_c_itself(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """tanh's derivative in (5) is 1 - c^2, as if c were already the tanh

    Named by: 1 - c^2 (5) | `np.tanh(c)` without function (5) for `dc_sum`"""
    return backward(dc + dh * o * (1 - c * c), dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_slope_of_h(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """tanh's derivative in (5) is 1 - h^2, as in a simple RNN; but h is o tanh(c)

    Named by: 1 - h^2 (5)"""
    h = o * np.tanh(c)
    return backward(dc + dh * o * (1 - h * h), dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_no_o_on_the_way_to_c(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """on the way from h to c the factor o of (5) is missing

    Named by: from h to c factor o missing (5) | factor `o` missing (5) for `dc_sum`"""
    return backward(dc + dh * (1 - np.tanh(c) ** 2), dh * np.tanh(c), x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_do_by_c(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """do is dh c: in (5) o is multiplied with tanh(c), not with c

    Named by: do (5) tanh(c) not with c | `np.tanh(c)` without function (5) for `do`"""
    return backward(dc + dh * o * (1 - np.tanh(c) ** 2), dh * c, x, h_prev, c_prev, i, f, g, o, W_xh, W_hh)


def wrong_df_by_c(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """df is dc c_t, and (4) multiplies f with c_{t-1}

    Named by: df (4) c_{t-1} c_t | `c` stands where `c_prev` (4) for `df`"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g * i * (1 - i), dc_sum * c * f * (1 - f), dc_sum * i * (1 - g ** 2),
                             dh * np.tanh(c) * o * (1 - o)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_i_and_g_exchanged(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """di is dc i and dg is dc g: in (4) each is multiplied with the other one

    Named by: di dg each other (4) | `i` stands where `g` `g` stands where `i` (4) for `di` for `dg`"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * i * i * (1 - i), dc_sum * c_prev * f * (1 - f), dc_sum * g * (1 - g ** 2),
                             dh * np.tanh(c) * o * (1 - o)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_sigmoid_twice(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """sigmoid's derivative is taken of the outputs i, f, o once more as of an input: sigmoid(i) (1 - sigmoid(i)) in (2)

    Named by: sigmoid's derivative outputs i, f, o once more | sigmoid's derivative of the output as if input all 3"""
    def slope(s):
        s = 1 / (1 + np.exp(-s))
        return s * (1 - s)
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g * slope(i), dc_sum * c_prev * slope(f), dc_sum * i * (1 - g ** 2),
                             dh * np.tanh(c) * slope(o)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_no_slope_of_sigmoid(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """sigmoid's derivative is missing in (2): the gradients of i, f, o are taken for those of a_i, a_f, a_o

    Named by: sigmoid's derivative missing (2) | sigmoid's derivative missing all 3"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g, dc_sum * c_prev, dc_sum * i * (1 - g ** 2), dh * np.tanh(c)]), dc_sum * f,
                  x, h_prev, W_xh, W_hh)


def wrong_g_is_a_gate(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """sigmoid's derivative g (1 - g) is applied to the candidate, where (3) has a tanh

    Named by: sigmoid's derivative g (3) tanh | derivative of sigmoid where tanh `g` (3)"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g * i * (1 - i), dc_sum * c_prev * f * (1 - f), dc_sum * i * g * (1 - g),
                             dh * np.tanh(c) * o * (1 - o)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_no_slope_of_g(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """tanh's derivative 1 - g^2 is missing in (3)

    Named by: tanh's derivative g missing (3) | factor `1 - g ** 2` missing (3)"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g * i * (1 - i), dc_sum * c_prev * f * (1 - f), dc_sum * i,
                             dh * np.tanh(c) * o * (1 - o)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_order_of_the_gates(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """the blocks of da lie in the order i f o g, and in (1) it is i f g o

    Named by: order i f o g | `da_g` `da_o` each other's place (1) | order gates g and o exchanged"""
    dc_sum = dc + dh * o * (1 - np.tanh(c) ** 2)
    return linear(np.hstack([dc_sum * g * i * (1 - i), dc_sum * c_prev * f * (1 - f), dh * np.tanh(c) * o * (1 - o),
                             dc_sum * i * (1 - g ** 2)]), dc_sum * f, x, h_prev, W_xh, W_hh)


def wrong_h_of_this_step(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """dW_hh uses h_t where (1) has h_{t-1}

    Named by: dW_hh h_t where h_{t-1}"""
    dx, dh_prev, dc_prev, dW_xh, _, db = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    da = of_gates(dc + dh * o * (1 - np.tanh(c) ** 2), dh * np.tanh(c), c_prev, i, f, g, o)
    return dx, dh_prev, dc_prev, dW_xh, (o * np.tanh(c)).T @ da, db


def wrong_dh_added(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """dh itself is added to dh_prev, as if there were a way around the step

    Named by: dh added to dh_prev | dh_prev term dh too many"""
    dx, dh_prev, *rest = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    return dx, dh_prev + dh, *rest


def wrong_mean(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """the gradients of the weights and of the bias are averaged over the batch, and should be summed

    Named by: averaged over the batch weights | dW_xh dW_hh, db it is 1/B of"""
    dx, dh_prev, dc_prev, *weights = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    return dx, dh_prev, dc_prev, *(dW / len(x) for dW in weights)


def wrong_bias_of_each_row(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh):
    """db is da itself: nobody has summed over the rows of the batch

    Named by: db nobody summed rows | db sum missing (1) | db should have been summed over"""
    dx, dh_prev, dc_prev, dW_xh, dW_hh, _ = lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, g, o, c, W_xh, W_hh)
    da = of_gates(dc + dh * o * (1 - np.tanh(c) ** 2), dh * np.tanh(c), c_prev, i, f, g, o)
    return dx, dh_prev, dc_prev, dW_xh, dW_hh, da
