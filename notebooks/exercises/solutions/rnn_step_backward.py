"""The way back through one step of a recurrent network: the solution, other right answers, and mistakes of people."""
import numpy as np


def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h ** 2)                                                      # (2)
    dx = da @ W_xh.T                                                            # (1)
    dh_prev = da @ W_hh.T                                                       # (1)
    dW_xh = x.T @ da                                                            # (1)
    dW_hh = h_prev.T @ da                                                       # (1)
    db = da.sum(axis=0)                                                         # (1)
    return dx, dh_prev, dW_xh, dW_hh, db


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dh, x, h_prev, h, W_xh, W_hh):
    da = np.einsum("bh,bh->bh", dh, (1 + h) * (1 - h))
    return (np.einsum("bh,dh->bd", da, W_xh), np.einsum("bh,kh->bk", da, W_hh), np.einsum("bd,bh->dh", x, da),
            np.einsum("bk,bh->kh", h_prev, da), np.einsum("bh->h", da))


def right_row_by_row(dh, x, h_prev, h, W_xh, W_hh):
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h_prev)
    dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for b in reversed(range(len(x))):
        da = dh[b] - dh[b] * h[b] * h[b]
        dx[b], dh_prev[b] = W_xh @ da, W_hh @ da
        dW_xh += x[b][:, None] * da
        dW_hh += h_prev[b][:, None] * da
        db += da
    return dx, dh_prev, dW_xh, dW_hh, db


def right_one_linear_layer(dh, x, h_prev, h, W_xh, W_hh):
    """(1) as [x h_prev 1] times one matrix; all products transposed."""
    D, H = W_xh.shape
    da_T = (dh / np.cosh(np.arctanh(h)) ** 2).T
    d_in = np.vstack([W_xh, W_hh]) @ da_T
    dW_T = da_T @ np.hstack([x, h_prev, np.ones((len(x), 1))])
    return d_in[:D].T, d_in[D:].T, dW_T[:, :D].T, dW_T[:, D:D + H].T, dW_T[:, -1]


def right_by_diagonals(dh, x, h_prev, h, W_xh, W_hh):
    """Jacobians written out: dh_prev[b] = dh[b] diag(1 - h^2) W_hh^T."""
    slopes = np.stack([np.diag(1 - row ** 2) for row in h])                     # (B, H, H)
    da = np.matmul(dh[:, None], slopes)[:, 0]
    return (np.tensordot(da, W_xh, axes=(1, 1)), np.tensordot(da, W_hh, axes=(1, 1)),
            sum(np.outer(*rows) for rows in zip(x, da, strict=True)),
            sum(np.outer(*rows) for rows in zip(h_prev, da, strict=True)), np.ones(len(x)) @ da)


# Wrong --------------------------------------------------------------------------------------------------------

def linear(da, x, h_prev, W_xh, W_hh):
    """(1), for those that go wrong before."""
    return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


def wrong_no_slope(dh, x, h_prev, h, W_xh, W_hh):
    """tanh's derivative 1 - h^2 is missing in (2): dh is taken for da

    Named by: tanh's derivative missing (2) | factor `1 - h ** 2` missing (2)"""
    return linear(dh, x, h_prev, W_xh, W_hh)


def wrong_no_slope_for_W_xh(dh, x, h_prev, h, W_xh, W_hh):
    """dW_xh is x^T dh, without tanh's derivative: what meets x in (1) is da

    Named by: dW_xh without tanh's derivative | `dh` stands where `da` for `dW_xh`"""
    dx, dh_prev, _, dW_hh, db = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev, x.T @ dh, dW_hh, db


def wrong_no_slope_for_b(dh, x, h_prev, h, W_xh, W_hh):
    """db is the sum of dh, without tanh's derivative: b is added in (1), before the tanh of (2)

    Named by: db without tanh's derivative | `dh` stands where `da` for `db`"""
    *others, _ = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return *others, dh.sum(axis=0)


def wrong_no_slope_for_h_prev(dh, x, h_prev, h, W_xh, W_hh):
    """dh_prev is dh W_hh^T, without tanh's derivative

    Named by: dh_prev without tanh's derivative | `dh` stands where `da` for `dh_prev`"""
    dx, _, dW_xh, dW_hh, db = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh @ W_hh.T, dW_xh, dW_hh, db


def wrong_tanh_twice(dh, x, h_prev, h, W_xh, W_hh):
    """tanh's derivative in (2) is 1 - tanh^2(h), as if h were the input of the tanh and not its output

    Named by: 1 - tanh^2(h) (2) | tanh's derivative of the output as if input `h` (2)"""
    return linear(dh * (1 - np.tanh(h) ** 2), x, h_prev, W_xh, W_hh)


def wrong_slope_of_h_prev(dh, x, h_prev, h, W_xh, W_hh):
    """tanh's derivative in (2) is 1 - h_{t-1}^2, that of the step before

    Named by: 1 - h_{t-1}^2 (2) | `h_prev` stands where `h` belongs (2)"""
    return linear(dh * (1 - h_prev ** 2), x, h_prev, W_xh, W_hh)


def wrong_slope_of_sigmoid(dh, x, h_prev, h, W_xh, W_hh):
    """sigmoid's derivative h (1 - h) stands in (2), which has a tanh

    Named by: sigmoid's derivative (2) tanh | derivative of sigmoid where tanh `h` (2)"""
    return linear(dh * h * (1 - h), x, h_prev, W_xh, W_hh)


def wrong_slope_not_squared(dh, x, h_prev, h, W_xh, W_hh):
    """tanh's derivative in (2) is 1 - h, and h should be squared

    Named by: 1 - h squared (2) | power of `h` missing (2)"""
    return linear(dh * (1 - h), x, h_prev, W_xh, W_hh)


def wrong_slope_twice(dh, x, h_prev, h, W_xh, W_hh):
    """tanh's derivative is there twice: da is multiplied with 1 - h^2 once more on its way to the weights and inputs

    Named by: tanh's derivative twice | factor `1 - h ** 2` twice (2)"""
    da = dh * (1 - h * h)
    return linear(da * (1 - h * h), x, h_prev, W_xh, W_hh)


def wrong_through_the_step_before(dh, x, h_prev, h, W_xh, W_hh):
    """dh_prev has gone through the tanh of step t-1 already: there is a factor 1 - h_{t-1}^2 too many

    Named by: dh_prev factor 1 - h_{t-1}^2 too many | dh_prev factor 1 - h_prev^2 too many"""
    dx, dh_prev, *weights = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev * (1 - h_prev ** 2), *weights


def wrong_slope_behind_the_product(dh, x, h_prev, h, W_xh, W_hh):
    """dh_prev is (dh W_hh^T) (1 - h^2): on the way back (2) comes before (1), not behind it

    Named by: dh_prev (2) comes before (1)"""
    dx, _, *weights = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh @ W_hh.T * (1 - h ** 2), *weights


def wrong_W_hh_not_transposed(dh, x, h_prev, h, W_xh, W_hh):
    """dh_prev is da W_hh, and W_hh should be transposed

    Named by: dh_prev W_hh transposed should | `W_hh.T` not transposed for `dh_prev`"""
    dx, _, *weights = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh * (1 - h ** 2) @ W_hh, *weights


def wrong_h_of_this_step(dh, x, h_prev, h, W_xh, W_hh):
    """dW_hh uses h_t where (1) has h_{t-1}

    Named by: dW_hh h_t where h_{t-1} | `h` stands where `h_prev` for `dW_hh`"""
    dx, dh_prev, dW_xh, _, db = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev, dW_xh, h.T @ (dh * (1 - h ** 2)), db


def wrong_dW_hh_transposed(dh, x, h_prev, h, W_xh, W_hh):
    """dW_hh is da^T h_{t-1}, which is transposed

    Named by: dW_hh transposed"""
    dx, dh_prev, dW_xh, _, db = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev, dW_xh, (dh * (1 - h ** 2)).T @ h_prev, db


def wrong_dh_added(dh, x, h_prev, h, W_xh, W_hh):
    """dh itself is added to dh_prev, as if there were a way around the step

    Named by: dh added to dh_prev | dh_prev term dh too many"""
    dx, dh_prev, *weights = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev + dh, *weights


def wrong_mean(dh, x, h_prev, h, W_xh, W_hh):
    """the gradients of the weights and of the bias are averaged over the batch, and should be summed

    Named by: averaged over the batch weights | dW_xh dW_hh, db it is 1/B of"""
    dx, dh_prev, *weights = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return dx, dh_prev, *(dW / len(x) for dW in weights)


def wrong_mean_of_b(dh, x, h_prev, h, W_xh, W_hh):
    """the bias gradient is averaged over the batch, and should be summed

    Named by: bias averaged over the batch | mean stands where `da.sum(axis=0)` for `db` | db 1/B of"""
    *others, _ = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return *others, (dh * (1 - h ** 2)).mean(axis=0)


def wrong_sum_over_units(dh, x, h_prev, h, W_xh, W_hh):
    """db is summed over the units, and should be summed over the rows of the batch

    Named by: db summed over the units | `da.sum(axis=0)` over axis 1 for `db`"""
    *others, _ = rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh)
    return *others, (dh * (1 - h ** 2)).sum(axis=1)
