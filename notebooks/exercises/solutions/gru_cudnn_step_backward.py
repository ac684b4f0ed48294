"""The way back through one step of cuDNN's GRU: the solution, other right answers, and mistakes that people make."""
import numpy as np


def gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (h_prev - n)                                                      # (5)
    dn = dh * (1 - z)                                                           # (5)
    da_n = dn * (1 - n ** 2)                                                    # (4)
    dr = da_n * u                                                               # (4)
    du = da_n * r                                                               # (4)
    da_r = dr * r * (1 - r)                                                     # (1)
    da_z = dz * z * (1 - z)                                                     # (2)
    dh_prev = dh * z + da_r @ W_hr.T + da_z @ W_hz.T + du @ W_hn.T              # (5) (1) (2) (3)
    da = np.concatenate((da_r, da_z, da_n), axis=1)                             # (1) (2) (4)
    dx = da @ W_xh.T                                                            # (1) (2) (4)
    dW_xh = x.T @ da                                                            # (1) (2) (4)
    dW_hr = h_prev.T @ da_r                                                     # (1)
    dW_hz = h_prev.T @ da_z                                                     # (2)
    dW_hn = h_prev.T @ du                                                       # (3)
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)                       # (1) (2) (3)
    db = da.sum(axis=0)                                                         # (1) (2) (4)
    db_hn = du.sum(axis=0)                                                      # (3)
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn


# Right --------------------------------------------------------------------------------------------------------

def right_two_arrays(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """What the inputs see, and what the state sees: r z n, and r z u."""
    da_n = (dh - dh * z) * (1 - n) * (1 + n)
    da = np.hstack([da_n * u * (r - r * r), dh * (h_prev - n) * (z - z * z), da_n])
    dq = da * np.hstack([np.ones_like(r), np.ones_like(z), r])
    return (np.einsum("bk,dk->bd", da, W_xh), z * dh + np.einsum("bk,hk->bh", dq, W_hh), np.einsum("bd,bk->dk", x, da),
            np.einsum("bh,bk->hk", h_prev, dq), np.einsum("bk->k", da), np.einsum("bk->k", dq)[-dh.shape[1]:])


def right_row_by_row(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    H = dh.shape[1]
    dx, dh_prev, db_hn = np.zeros_like(x), np.zeros_like(h_prev), np.zeros(H)
    dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(W_hh.shape[1])
    for row in reversed(range(len(x))):
        da, dq = np.zeros(3 * H), np.zeros(3 * H)
        for k in range(H):
            da[2 * H + k] = dh[row, k] * (1 - z[row, k]) * (1 - n[row, k] * n[row, k])
            dq[2 * H + k] = da[2 * H + k] * r[row, k]
            dq[k] = da[k] = dq[2 * H + k] * u[row, k] * (1 - r[row, k])
            dq[H + k] = da[H + k] = dh[row, k] * (h_prev[row, k] - n[row, k]) * z[row, k] * (1 - z[row, k])
        dx[row], dh_prev[row] = W_xh @ da, W_hh @ dq + z[row] * dh[row]
        dW_xh += np.outer(x[row], da)
        dW_hh += np.outer(h_prev[row], dq)
        db += da
        db_hn += dq[2 * H:]
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn


def right_one_linear_layer(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """The products of (1) to (4) as two linear layers with a bias each, [x 1] and [h_prev 1]."""
    B, H = dh.shape
    da_n = dh * (1 - z) / np.cosh(np.arctanh(n)) ** 2
    dz = dh * z * (1 - z)
    da = np.concatenate([da_n * r * u - da_n * r * u * r, dz * h_prev - dz * n, da_n], axis=1)
    dq = np.concatenate([da[:, :2 * H], da[:, 2 * H:] * r], axis=1)
    of_x = np.hstack([x, np.ones((B, 1))]).T @ da
    of_h = np.hstack([h_prev, np.ones((B, 1))]).T @ dq
    return da @ W_xh.T, dh * z + dq @ W_hh.T, of_x[:-1], of_h[:-1], of_x[-1], of_h[-1, 2 * H:]


def right_transposed(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """Columns instead of rows; (5) as n + z (h_prev - n)."""
    dh, h, r, z, n, u = (a.T for a in (dh, h_prev, r, z, n, u))
    a_n = (1 - n ** 2) * (dh - z * dh)
    a_r, a_z, a_u = r * (1 - r) * u * a_n, z * (1 - z) * (h - n) * dh, r * a_n
    W_x, W_h = np.split(W_xh, 3, axis=1), np.split(W_hh, 3, axis=1)
    dx = sum(W.dot(a) for W, a in zip(W_x, (a_r, a_z, a_n), strict=True))
    dh_prev = sum((W.dot(a) for W, a in zip(W_h, (a_u, a_z, a_r)[::-1], strict=True)), z * dh)
    return (dx.T, dh_prev.T, np.hstack([a.dot(x).T for a in (a_r, a_z, a_n)]),
            np.hstack([h.dot(a.T) for a in (a_r, a_z, a_u)]), np.concatenate([a_r, a_z, a_n]).sum(axis=1),
            a_u.sum(axis=1))


# Wrong --------------------------------------------------------------------------------------------------------

def products(da_r, da_z, da_n, du, dh_direct, x, h_prev, W_xh, W_hh):
    """The six results, for those that go wrong before."""
    da, dq = np.hstack([da_r, da_z, da_n]), np.hstack([da_r, da_z, du])
    return da @ W_xh.T, dh_direct + dq @ W_hh.T, x.T @ da, h_prev.T @ dq, da.sum(axis=0), du.sum(axis=0)


def parts(dh, h_prev, r, z, n, u):
    """da_r, da_z, da_n and du, as they should be."""
    da_n = dh * (1 - z) * (1 - n ** 2)
    return da_n * u * r * (1 - r), dh * (h_prev - n) * z * (1 - z), da_n, da_n * r


def wrong_z_and_rest(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """z and 1 - z are exchanged, as in the book's GRU: (5) has (1 - z) * n + z * h_prev

    Named by: z and 1 - z exchanged | `z` and `1 - z` each other's place everywhere `h_prev` and `n` each other's dz |
    dz wrong sign `z` and `1 - z` each other's place everywhere"""
    da_n = dh * z * (1 - n ** 2)
    return products(da_n * u * r * (1 - r), dh * (n - h_prev) * z * (1 - z), da_n, da_n * r, dh * (1 - z), x, h_prev,
                    W_xh, W_hh)


def wrong_sign_of_dz(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dz has the wrong sign: by (5) it is dh (h_prev - n), not dh (n - h_prev)

    Named by: dz wrong sign | `h_prev` and `n` stand in each other's place (5) for `dz`"""
    da_r, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, -da_z, da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_dn_by_z(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dn is dh z, as in the book's form; in (5) n is multiplied with 1 - z

    Named by: dn dh z (5) 1 - z | `z` stands where `1 - z` belongs (5) for `dn`"""
    _, da_z, _, _ = parts(dh, h_prev, r, z, n, u)
    da_n = dh * z * (1 - n ** 2)
    return products(da_n * u * r * (1 - r), da_z, da_n, da_n * r, dh * z, x, h_prev, W_xh, W_hh)


def wrong_no_way_around(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dh_prev lacks the direct way through (5), dh z

    Named by: dh_prev lacks (5) dh z | term `dh * z` missing for `dh_prev`"""
    da_r, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, da_z, da_n, du, 0, x, h_prev, W_xh, W_hh)


def wrong_way_around_by_rest(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """the direct way to dh_prev is dh (1 - z), as in the book's form; (5) has z beside h_prev

    Named by: direct way dh_prev 1 - z | `1 - z` stands where `z` belongs for `dh_prev`"""
    da_r, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, da_z, da_n, du, dh * (1 - z), x, h_prev, W_xh, W_hh)


def wrong_du_unreset(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """du is taken to be da_n: the factor r of (4) is missing in all that (3) has read

    Named by: du factor r missing (4) | factor `r` missing (4) for `du`"""
    da_r, da_z, da_n, _ = parts(dh, h_prev, r, z, n, u)
    return products(da_r, da_z, da_n, da_n, dh * z, x, h_prev, W_xh, W_hh)


def wrong_one_bias(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """db_hn is the gradient of b_n, as if the two could be merged; b_hn stands inside of the reset of (4)

    Named by: db_hn gradient of b_n | `da_n` stands where `du` for `db_hn`"""
    *others, db, _ = gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh)
    return *others, db, db[-h_prev.shape[1]:]


def wrong_inputs_reset(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """x and its bias get du in place of da_n: one array serves both products, and x never stood behind the reset

    Named by: x du in place of da_n | `du` stands where `da_n` for `da`"""
    da_r, da_z, _, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, da_z, du, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_dW_hh_unreset(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dW_hn uses da_n, and by (3) h_prev W_hn has got du

    Named by: dW_hn da_n du (3) | `da_n` stands where `du` (3) for `dW_hn`"""
    dx, dh_prev, dW_xh, _, db, db_hn = gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh)
    return dx, dh_prev, dW_xh, h_prev.T @ np.hstack(parts(dh, h_prev, r, z, n, u)[:3]), db, db_hn


def wrong_dW_hn_of_the_book(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dW_hn uses r * h_prev and du: the reset is applied twice, once before the product as in the book's form

    Named by: dW_hn reset twice | dW_hn factor `r` twice"""
    dx, dh_prev, dW_xh, dW_hh, db, db_hn = gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh)
    dW_hn = (r * h_prev).T @ parts(dh, h_prev, r, z, n, u)[3]
    return dx, dh_prev, dW_xh, np.hstack([dW_hh[:, :-len(dW_hn)], dW_hn]), db, db_hn


def wrong_dr_by_h_prev(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dr is da_n h_prev; in (4) r is multiplied with u, which is h_prev behind its product

    Named by: dr h_prev (4) u | `h_prev` stands where `u` (4) for `dr`"""
    _, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_n * h_prev * r * (1 - r), da_z, da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_dr_without_slope_of_n(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dr is dn u: on the way from n to r tanh's derivative of (4) is missing

    Named by: dr tanh's derivative missing (4) | `dn` stands where `da_n` (4) for `dr`"""
    _, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(dh * (1 - z) * u * r * (1 - r), da_z, da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_no_slope_of_n(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """tanh's derivative 1 - n^2 is missing in (4)

    Named by: tanh's derivative n missing (4) | factor `1 - n ** 2` missing (4) for `da_n`"""
    _, da_z, _, _ = parts(dh, h_prev, r, z, n, u)
    dn = dh * (1 - z)
    return products(dn * u * r * (1 - r), da_z, dn, dn * r, dh * z, x, h_prev, W_xh, W_hh)


def wrong_sigmoid_twice(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """sigmoid's derivative is taken of the outputs r and z once more as of an input: sigmoid(r) (1 - sigmoid(r))

    Named by: sigmoid's derivative outputs r and z once more | sigmoid's derivative of the output as if input all 2"""
    def slope(s):
        s = 1 / (1 + np.exp(-s))
        return s * (1 - s)
    _, _, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_n * u * slope(r), dh * (h_prev - n) * slope(z), da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_no_slope_of_sigmoid(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """sigmoid's derivative is missing in (1) and (2): dr and dz are taken for da_r and da_z

    Named by: sigmoid's derivative missing (1) and (2) | sigmoid's derivative missing all 2"""
    _, _, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_n * u, dh * (h_prev - n), da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_tanh_on_z(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """tanh's derivative 1 - z^2 is applied to the update gate, where (2) has a sigmoid

    Named by: tanh's derivative z (2) sigmoid | derivative of tanh where sigmoid `z` (2)"""
    da_r, _, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, dh * (h_prev - n) * (1 - z ** 2), da_n, du, dh * z, x, h_prev, W_xh, W_hh)


def wrong_order(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """the blocks lie in the order z r n, and should lie in the order r z n

    Named by: order z r n | `da_r` and `da_z` each other's place `dW_hr` and `dW_hz` each other's place"""
    _, dh_prev, *_, db_hn = gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh)
    da_r, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    dx, _, *weights, _ = products(da_z, da_r, da_n, du, dh * z, x, h_prev, W_xh, W_hh)
    return dx, dh_prev, *weights, db_hn


def wrong_dh_added(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """all of dh goes on to dh_prev, and by (5) only its share z does: the factor z is missing

    Named by: dh_prev factor z missing (5) | factor `z` missing (5) for `dh_prev`"""
    da_r, da_z, da_n, du = parts(dh, h_prev, r, z, n, u)
    return products(da_r, da_z, da_n, du, dh, x, h_prev, W_xh, W_hh)


def wrong_mean(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """the gradients of the weights and of the biases are averaged over the batch, and should be summed

    Named by: averaged over the batch weights | dW_xh dW_hh, db, db_hn it is 1/B of"""
    dx, dh_prev, *weights = gru_cudnn_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh)
    return dx, dh_prev, *(dW / len(x) for dW in weights)


def wrong_dW_hn_of_the_other_form(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """dW_hn is (r h_prev) times da_n, as if the reset of (4) came before the product of (3)

    Named by: reset before product | dW_hh reset h_prev instead | dW_hh (r * h_prev) | dW_hh other form"""
    W_hr, W_hz, W_hn = np.split(W_hh, 3, axis=1)
    dz = dh * (h_prev - n)
    dn = dh * (1 - z)
    da_n = dn * (1 - n ** 2)
    dr = da_n * u
    du = da_n * r
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    dh_prev = dh * z + da_r @ W_hr.T + da_z @ W_hz.T + du @ W_hn.T
    da = np.concatenate((da_r, da_z, da_n), axis=1)
    dx = da @ W_xh.T
    dW_xh = x.T @ da
    dW_hr = h_prev.T @ da_r
    dW_hz = h_prev.T @ da_z
    dW_hn = (r * h_prev).T @ da_n
    dW_hh = np.concatenate((dW_hr, dW_hz, dW_hn), axis=1)
    db = da.sum(axis=0)
    db_hn = du.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db, db_hn
