"""The way back through one step of a GRU: the solution, other right answers, and mistakes that people make."""
import numpy as np


def gru_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh):
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (n - h_prev)                                                      # (4)
    dn = dh * z                                                                 # (4)
    da_n = dn * (1 - n ** 2)                                                    # (3)
    ds = da_n @ W_hn.T                                                          # (3)
    dr = ds * h_prev                                                            # (3)
    da_r = dr * r * (1 - r)                                                     # (1)
    da_z = dz * z * (1 - z)                                                     # (2)
    dh_prev = dh * (1 - z) + ds * r + da_r @ W_hr.T + da_z @ W_hz.T             # (4) (3) (1) (2)
    da = np.concatenate((da_r, da_z, da_n), axis=1)                             # (1) (2) (3)
    dx = da @ W_xh.T                                                            # (1) (2) (3)
    dW_xh = x.T @ da                                                            # (1) (2) (3)
    dW_hr = h_prev.T @ da_r                                                     # (1)
    dW_hz = h_prev.T @ da_z                                                     # (2)
    dW_hn = (r * h_prev).T @ da_n                                               # (3)
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)                       # (1) (2) (3)
    db = da.sum(axis=0)                                                         # (1) (2) (3)
    return dx, dh_prev, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dh, x, h_prev, r, z, n, W_xh, W_hh):
    H = dh.shape[1]
    da_n = dh * z * (1 - n) * (1 + n)
    ds = np.einsum("bk,hk->bh", da_n, W_hh[:, 2 * H:])
    da = np.concatenate([ds * h_prev * (r - r * r), dh * (n - h_prev) * (z - z * z), da_n], axis=-1)
    dW_hh = np.einsum("bh,bk->hk", h_prev, da)
    dW_hh[:, 2 * H:] = np.einsum("bh,bk->hk", h_prev * r, da_n)
    dh_prev = dh - dh * z + r * ds + np.einsum("bk,hk->bh", da[:, :2 * H], W_hh[:, :2 * H])
    return np.einsum("bk,dk->bd", da, W_xh), dh_prev, np.einsum("bd,bk->dk", x, da), dW_hh, np.einsum("bk->k", da)


def right_row_by_row(dh, x, h_prev, r, z, n, W_xh, W_hh):
    H = dh.shape[1]
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h_prev)
    dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    for row in range(len(x)):
        da = np.zeros(3 * H)
        for k in range(H):
            da[H + k] = dh[row, k] * (n[row, k] - h_prev[row, k]) * z[row, k] * (1 - z[row, k])
            da[2 * H + k] = dh[row, k] * z[row, k] * (1 - n[row, k] ** 2)
        ds = W_hh[:, 2 * H:] @ da[2 * H:]
        da[:H] = ds * h_prev[row] * r[row] * (1 - r[row])
        dx[row] = W_xh @ da
        dh_prev[row] = W_hh[:, :2 * H] @ da[:2 * H] + r[row] * ds + (1 - z[row]) * dh[row]
        dW_xh += np.outer(x[row], da)
        dW_hh[:, :2 * H] += np.outer(h_prev[row], da[:2 * H])
        dW_hh[:, 2 * H:] += np.outer(r[row] * h_prev[row], da[2 * H:])
        db += da
    return dx, dh_prev, dW_xh, dW_hh, db


def right_gate_by_gate(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """Each gate as a linear layer of its own; (4) as h_prev + z (n - h_prev)."""
    W_x, W_h = np.split(W_xh, 3, axis=1), np.split(W_hh, 3, axis=1)
    da_n = (1 - n * n) * z * dh
    ds = (W_h[2] @ da_n.T).T
    das = [r * (1 - r) * h_prev * ds, (z - z ** 2) * (n - h_prev) * dh, da_n]
    reads = [h_prev, h_prev, r * h_prev]
    dh_prev = dh - z * dh + ds * r
    for da, W in zip(das[:2], W_h[:2], strict=True):
        dh_prev = dh_prev + da @ W.T
    return (sum(da @ W.T for da, W in zip(das, W_x, strict=True)), dh_prev, np.hstack([x.T @ da for da in das]),
            np.hstack([(da.T @ read).T for da, read in zip(das, reads, strict=True)]),
            np.concatenate([np.ones(len(x)) @ da for da in das]))


def right_transposed(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """Columns instead of rows, as the book writes them."""
    H = dh.shape[1]
    dh_T, h_T, r_T, z_T, n_T = dh.T, h_prev.T, r.T, z.T, n.T
    a_n = dh_T * z_T / np.cosh(np.arctanh(n_T)) ** 2
    s = W_hh[:, 2 * H:].dot(a_n)
    a = np.vstack([s * h_T * r_T * (1 - r_T), dh_T * (n_T - h_T) * z_T * (1 - z_T), a_n])
    back = W_hh[:, :2 * H].dot(a[:2 * H]) + s * r_T + dh_T * (1 - z_T)
    reads = np.stack([h_T, h_T, h_T * r_T])                                     # (3, H, B)
    dW_hh = np.matmul(reads, a.reshape(3, H, -1).transpose(0, 2, 1))            # (3, H, H)
    return (W_xh.dot(a)).T, back.T, a.dot(x).T, np.hstack(list(dW_hh)), a.sum(axis=1)


# Wrong --------------------------------------------------------------------------------------------------------

def rest(das, ds, dh_direct, x, h_prev, r, W_xh, W_hh):
    """(1) to (3), for those that go wrong elsewhere; das: da_r, da_z, da_n."""
    W_hr, W_hz, _ = np.split(W_hh, 3, axis=1)
    da_r, da_z, da_n = das
    da = np.hstack(das)
    return (da @ W_xh.T, dh_direct + ds * r + da_r @ W_hr.T + da_z @ W_hz.T, x.T @ da,
            np.hstack([h_prev.T @ da_r, h_prev.T @ da_z, (r * h_prev).T @ da_n]), da.sum(axis=0))


def from_mixture(dz, dn, dh_direct, x, h_prev, r, z, n, W_xh, W_hh):
    """All behind (4)."""
    da_n = dn * (1 - n ** 2)
    ds = da_n @ np.split(W_hh, 3, axis=1)[2].T
    return rest((ds * h_prev * r * (1 - r), dz * z * (1 - z), da_n), ds, dh_direct, x, h_prev, r, W_xh, W_hh)


def parts(dh, h_prev, r, z, n, W_hh):
    """ds and da_r, da_z, da_n, as they should be."""
    da_n = dh * z * (1 - n ** 2)
    ds = da_n @ np.split(W_hh, 3, axis=1)[2].T
    return ds, (ds * h_prev * r * (1 - r), dh * (n - h_prev) * z * (1 - z), da_n)


def wrong_z_and_rest(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """z and 1 - z are exchanged, as in PyTorch's GRU: (4) has (1 - z) * h_prev + z * n

    Named by: z and 1 - z exchanged | `z` and `1 - z` each other's place everywhere `n` and `h_prev` each other's dz |
    dz wrong sign `z` and `1 - z` each other's place everywhere"""
    return from_mixture(dh * (h_prev - n), dh * (1 - z), dh * z, x, h_prev, r, z, n, W_xh, W_hh)


def wrong_sign_of_dz(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dz has the wrong sign: by (4) it is dh (n - h_prev), not dh (h_prev - n)

    Named by: dz wrong sign | `n` and `h_prev` stand in each other's place (4) for `dz`"""
    return from_mixture(dh * (h_prev - n), dh * z, dh * (1 - z), x, h_prev, r, z, n, W_xh, W_hh)


def wrong_dz_without_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dz is dh n: the term h_prev is missing, which 1 - z is multiplied with in (4)

    Named by: dz term h_prev missing (4) | term `h_prev` missing (4) for `dz`"""
    return from_mixture(dh * n, dh * z, dh * (1 - z), x, h_prev, r, z, n, W_xh, W_hh)


def wrong_dn_without_z(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """the factor z is missing on the way from h to n in (4)

    Named by: factor z missing to n (4) | factor `z` missing (4) for `dn`"""
    return from_mixture(dh * (n - h_prev), dh, dh * (1 - z), x, h_prev, r, z, n, W_xh, W_hh)


def wrong_no_way_around(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dh_prev lacks the direct way through (4), dh (1 - z)

    Named by: dh_prev lacks (4) dh (1 - z) | term `dh * (1 - z)` missing for `dh_prev`"""
    return from_mixture(dh * (n - h_prev), dh * z, 0, x, h_prev, r, z, n, W_xh, W_hh)


def wrong_way_around_by_z(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """the direct way to dh_prev is dh z, and (4) has 1 - z beside h_prev

    Named by: direct way dh_prev z 1 - z | `z` stands where `1 - z` belongs for `dh_prev`"""
    return from_mixture(dh * (n - h_prev), dh * z, dh * z, x, h_prev, r, z, n, W_xh, W_hh)


def wrong_candidate_to_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dh_prev lacks the way through the candidate, ds r of (3)

    Named by: dh_prev lacks candidate ds r (3) | term `ds * r` missing for `dh_prev`"""
    ds, das = parts(dh, h_prev, r, z, n, W_hh)
    return rest(das, 0 * ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)


def wrong_gates_to_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dh_prev lacks the ways through both gates, (1) and (2)

    Named by: dh_prev lacks gates (1) (2) | term `da_r @ W_hr.T` missing term `da_z @ W_hz.T` missing"""
    ds, das = parts(dh, h_prev, r, z, n, W_hh)
    dx, _, *weights = rest(das, ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)
    return dx, dh * (1 - z) + ds * r, *weights


def wrong_ds_unreset(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """what comes back through W_hn reaches h_prev without the reset: the factor r of (3) is missing in dh_prev

    Named by: reset factor r missing dh_prev | factor `r` missing for `dh_prev`"""
    ds, das = parts(dh, h_prev, r, z, n, W_hh)
    return rest(das, ds, dh * (1 - z) + ds * (1 - r), x, h_prev, r, W_xh, W_hh)


def wrong_dW_hn_of_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dW_hn uses h_prev, as in cuDNN's form; in (3) W_hn is multiplied with r * h_prev

    Named by: dW_hn h_prev r * h_prev (3) | factor `r` missing (3) for `dW_hn`"""
    dx, dh_prev, dW_xh, _, db = gru_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh)
    return dx, dh_prev, dW_xh, h_prev.T @ np.hstack(parts(dh, h_prev, r, z, n, W_hh)[1]), db


def wrong_all_of_dW_hh_reset(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """all of dW_hh uses r * h_prev, and the gates of (1) and (2) have read h_prev itself

    Named by: dW_hh r * h_prev gates (1) (2) h_prev itself"""
    dx, dh_prev, dW_xh, _, db = gru_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh)
    return dx, dh_prev, dW_xh, (r * h_prev).T @ np.hstack(parts(dh, h_prev, r, z, n, W_hh)[1]), db


def wrong_dr_without_W(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dr is da_n h_prev: on the way from n to r the product with W_hn of (3) is missing

    Named by: dr product with W_hn missing (3) | `da_n` stands where `ds` (3) for `dr`"""
    ds, (_, da_z, da_n) = parts(dh, h_prev, r, z, n, W_hh)
    return rest((da_n * h_prev * r * (1 - r), da_z, da_n), ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)


def wrong_dr_without_h_prev(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """dr is ds alone: the factor h_prev of (3) is missing

    Named by: dr factor h_prev missing (3) | factor `h_prev` missing (3) for `dr`"""
    ds, (_, da_z, da_n) = parts(dh, h_prev, r, z, n, W_hh)
    return rest((ds * r * (1 - r), da_z, da_n), ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)


def wrong_no_slope_of_n(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """tanh's derivative 1 - n^2 is missing in (3)

    Named by: tanh's derivative n missing (3) | factor `1 - n ** 2` missing (3)"""
    return from_mixture(dh * (n - h_prev), dh * z / (1 - n ** 2), dh * (1 - z), x, h_prev, r, z, n, W_xh, W_hh)


def wrong_sigmoid_twice(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """sigmoid's derivative is taken of the outputs r and z once more as of an input: sigmoid(r) (1 - sigmoid(r))

    Named by: sigmoid's derivative outputs r and z once more | sigmoid's derivative of the output as if input all 2"""
    def slope(s):
        s = 1 / (1 + np.exp(-s))
        return s * (1 - s)
    ds, (_, _, da_n) = parts(dh, h_prev, r, z, n, W_hh)
    das = ds * h_prev * slope(r), dh * (n - h_prev) * slope(z), da_n
    return rest(das, ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)


def wrong_no_slope_of_r(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """sigmoid's derivative r (1 - r) is missing in (1)

    Named by: sigmoid's derivative r missing (1)"""
    ds, (_, da_z, da_n) = parts(dh, h_prev, r, z, n, W_hh)
    return rest((ds * h_prev, da_z, da_n), ds, dh * (1 - z), x, h_prev, r, W_xh, W_hh)


def wrong_order(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """the blocks lie in the order z r n, and should lie in the order r z n

    Named by: order z r n | `da_r` and `da_z` each other's place `dW_hr` and `dW_hz` each other's place"""
    _, dh_prev, *_ = gru_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh)
    _, (da_r, da_z, da_n) = parts(dh, h_prev, r, z, n, W_hh)
    da = np.hstack([da_z, da_r, da_n])
    return (da @ W_xh.T, dh_prev, x.T @ da, np.hstack([h_prev.T @ da_z, h_prev.T @ da_r, (r * h_prev).T @ da_n]),
            da.sum(axis=0))


def wrong_mean(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """the gradients of the weights and of the biases are averaged over the batch, and should be summed

    Named by: averaged over the batch weights | dW_xh dW_hh, db it is 1/B of"""
    dx, dh_prev, *weights = gru_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh)
    return dx, dh_prev, *(dW / len(x) for dW in weights)
