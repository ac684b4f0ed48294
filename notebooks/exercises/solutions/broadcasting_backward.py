"""The way back through arrays that broadcast: the solution, other right answers, and mistakes that people make."""
import numpy as np


def broadcasting_backward(dy, x, w):
    dx = (dy * w).sum(axis=1, keepdims=True)               # (1)
    dw = (dy * x).sum(axis=(0, 2))[:, None]                # (1)
    db = dy.sum(axis=(0, 1))                               # (1)
    return dx, dw, db


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dy, x, w):
    return np.einsum("ntc,ti->nic", dy, w), np.einsum("ntc,nic->ti", dy, x), np.einsum("ntc->c", dy)


def right_loop(dy, x, w):
    B, T, C = dy.shape
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(C)
    for n in range(B):
        for t in range(T):
            for c in range(C):
                dx[n, 0, c] += dy[n, t, c] * w[t, 0]
                dw[t, 0] += dy[n, t, c] * x[n, 0, c]
                db[c] += dy[n, t, c]
    return dx, dw, db


def right_products(dy, x, w):
    """Sums of products as matrix products."""
    B, T, C = dy.shape
    dw = sum(dy[n] @ x[n].T for n in range(B))
    return w.T @ dy, dw, np.ones(B * T) @ dy.reshape(B * T, C)


def right_copies(dy, x, w):
    """All arrays as large as y, then the sum over the copies of each, one axis after the other."""
    of_x = dy * np.broadcast_to(w, dy.shape)
    of_w = dy * np.broadcast_to(x, dy.shape)
    dx = np.add.reduce(of_x, axis=1, keepdims=True)
    dw = of_w.sum(axis=2, keepdims=True).sum(axis=0)
    return dx, dw, dy.sum(axis=1).sum(axis=0)


def right_step_by_step(dy, x, w):
    """Over t first, as along the time of a sequence."""
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), 0.0
    for t in reversed(range(dy.shape[1])):
        dx[:, 0] += w[t] * dy[:, t]
        dw[t] = np.vdot(x[:, 0], dy[:, t])
        db = db + dy[:, t].sum(axis=0)
    return dx, dw, db


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_dx_not_summed(dy, x, w):
    """dx is not summed over t: it has the shape of y, (B, T, C), and that of x belongs there

    Named by: dx not summed t | dx sum missing already: dw, db | dx axis 1 should have been summed"""
    _, dw, db = broadcasting_backward(dy, x, w)
    return dy * w, dw, db


def wrong_axis_gone(dy, x, w):
    """dx is (B, C): the axis of size 1 is gone, and x has it

    Named by: dx axis size 1 gone | dx: numbers are right, in another shape"""
    _, dw, db = broadcasting_backward(dy, x, w)
    return np.einsum("ntc,ti->nc", dy, w), dw, db


def wrong_axis_of_w_gone(dy, x, w):
    """dw is (T,): the axis of size 1 is gone, and w has it

    Named by: dw axis size 1 gone | dw: numbers are right, in another shape"""
    dx, _, db = broadcasting_backward(dy, x, w)
    return dx, np.einsum("ntc,nic->t", dy, x), db


def wrong_dx_mean(dy, x, w):
    """dx is averaged over t, and the copies should be summed

    Named by: dx averaged t | dx: 1/T of already: dw, db | dx: mean `(dy * w).sum already: dw, db"""
    _, dw, db = broadcasting_backward(dy, x, w)
    return (dy * w).mean(axis=1, keepdims=True), dw, db


def wrong_dx_without_w(dy, x, w):
    """dx is the sum of dy: the factor w is missing, beside which x stands in (1)

    Named by: dx factor w missing | factor `w` missing `dx` already: dw, db"""
    _, dw, db = broadcasting_backward(dy, x, w)
    return dy.sum(axis=1, keepdims=True), dw, db


def wrong_dw_without_x(dy, x, w):
    """dw is the sum of dy: the factor x is missing, beside which w stands in (1)

    Named by: dw factor x missing | factor `x` missing `dw` already: dx, db"""
    dx, _, db = broadcasting_backward(dy, x, w)
    return dx, dy.sum(axis=(0, 2)).reshape(-1, 1), db


def wrong_sum_before_product(dy, x, w):
    """dx is the sum of dy times the sum of w: the product belongs into the sum, entry by entry

    Named by: dx sum of dy times the sum of w | product of sums `dy` and of `w` `dx`"""
    _, dw, db = broadcasting_backward(dy, x, w)
    return dy.sum(axis=1, keepdims=True) * w.sum(), dw, db


def wrong_db_over_the_batch_only(dy, x, w):
    """db is summed over the batch alone, (T, C): b is repeated along t as well

    Named by: db batch alone | db over axis 0 | db should have been summed"""
    dx, dw, _ = broadcasting_backward(dy, x, w)
    return dx, dw, dy.sum(axis=0)


def wrong_db_over_the_channels(dy, x, w):
    """db is summed over the channels and the batch, (T,): b has the channels, and is repeated along the two others

    Named by: db channels | db goes over axis (0, 2)"""
    dx, dw, _ = broadcasting_backward(dy, x, w)
    return dx, dw, dy.sum(axis=(0, 2))


def wrong_db_mean(dy, x, w):
    """db is averaged over the batch and over t, and should be summed

    Named by: db averaged | db: 1/(B T) of | db: mean `dy.sum"""
    dx, dw, _ = broadcasting_backward(dy, x, w)
    return dx, dw, dy.mean(axis=(0, 1))


def wrong_db_mean_of_batch(dy, x, w):
    """db is averaged over the batch, and should be summed over it as over t

    Named by: db averaged batch already: dx, dw | db 1/B of | db divided by the size of axis 0 alone"""
    dx, dw, _ = broadcasting_backward(dy, x, w)
    return dx, dw, dy.sum(axis=1).mean(axis=0)


def wrong_dw_of_the_first(dy, x, w):
    """dw is that of the first example alone: w serves all B of them, and they are added up

    Named by: dw first example | only the first term along axis 0 `dw` | dw over the batch missing"""
    dx, _, db = broadcasting_backward(dy, x, w)
    return dx, (dy[0] * x[0]).sum(axis=1, keepdims=True), db


def wrong_dw_over_everything(dy, x, w):
    """dw is summed over t as well, and so is the same at every t: w has an entry for each t

    Named by: dw summed over t | dw goes over axis None | dw goes over axis (0, 1, 2)"""
    dx, _, db = broadcasting_backward(dy, x, w)
    return dx, np.full_like(w, (dy * x).sum()), db
