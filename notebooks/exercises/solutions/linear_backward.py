"""The way back through a linear layer: the solution, other right answers, and mistakes that people make."""
import numpy as np


def linear_backward(dy, x, W):
    dx = dy @ W.T                                          # (1)
    dW = x.T @ dy                                          # (1)
    db = dy.sum(axis=0)                                    # (1)
    return dx, dW, db


# Right --------------------------------------------------------------------------------------------------------

def right_loop(dy, x, W):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(dy.shape[1])
    for n in range(len(x)):
        dx[n] = W @ dy[n]
        dW += np.outer(x[n], dy[n])
        db += dy[n]
    return dx, dW, db


def right_einsum(dy, x, W):
    return np.einsum("nk,dk->nd", dy, W), np.einsum("nd,nk->dk", x, dy), np.einsum("nk->k", dy)


def right_entry_by_entry(dy, x, W):
    """As the equation has it, every index by itself."""
    (N, D), K = x.shape, W.shape[1]
    dx, dW, db = np.zeros((N, D)), np.zeros((D, K)), np.zeros(K)
    for k in reversed(range(K)):
        for n in range(N):
            db[k] += dy[n, k]
            for d in range(D):
                dx[n, d] += dy[n, k] * W[d, k]
                dW[d, k] += x[n, d] * dy[n, k]
    return dx, dW, db


def right_one_matrix(dy, x, W):
    """b as a last row of W, beside a column of ones; all products transposed."""
    with_ones = np.hstack([x, np.ones((len(x), 1))])
    dWb_T = dy.T @ with_ones
    return (W @ dy.T).T, dWb_T[:, :-1].T, dWb_T[:, -1]


def right_broadcast(dy, x, W):
    """All products first, and then the sums."""
    return (dy[:, None, :] * W).sum(axis=2), (x[:, :, None] * dy[:, None, :]).sum(axis=0), np.ones(len(dy)) @ dy


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_mean(dy, x, W):
    """the bias gradient is averaged over the batch

    Named by: db averaged | db 1/N of dx, dW. | db mean sum dx, dW."""
    dx, dW, _ = linear_backward(dy, x, W)
    return dx, dW, dy.mean(axis=0)


def wrong_mean_of_dW(dy, x, W):
    """dW is averaged over the N rows, and should be summed

    Named by: dW averaged already: dx, db | dW: 1/N of already: dx, db | mean sum `x.T @ dy` `dW`"""
    return dy @ W.T, x.T @ dy / len(x), dy.sum(axis=0)


def wrong_mean_of_both(dy, x, W):
    """dW and db are averaged over the N rows; L is a sum over them, and dy already holds any 1/N

    Named by: dW averaged already: dx. | dW (and db): 1/N of"""
    return dy @ W.T, np.mean([np.outer(one, other) for one, other in zip(x, dy, strict=True)], axis=0), dy.mean(axis=0)


def wrong_mean_of_dx(dy, x, W):
    """dx is divided by N: each row of x has a y of its own, so nothing is averaged

    Named by: dx divided by N | dx 1/N of dW, db."""
    _, dW, db = linear_backward(dy, x, W)
    return dy @ W.T / len(x), dW, db


def wrong_transposed(dy, x, W):
    """dW is dy^T x, (K, D): transposed, where W is (D, K)

    Named by: dW transposed | dW other order"""
    return dy @ W.T, dy.T @ x, dy.sum(axis=0)


def wrong_axis_of_db(dy, x, W):
    """db is summed over the K entries of a row, and b is added to each of the N rows

    Named by: db axis 1 | db summed over K"""
    return dy @ W.T, x.T @ dy, dy.sum(axis=1)


def wrong_db_of_each_row(dy, x, W):
    """db is dy itself: the sum over the rows is missing

    Named by: db sum missing dx, dW. | db should have been summed"""
    return dy @ W.T, x.T @ dy, dy


def wrong_db_of_everything(dy, x, W):
    """db is a single number, the sum of all of dy, as if one b served all K entries

    Named by: db single number sum | db goes over axis None"""
    return dy @ W.T, x.T @ dy, dy.sum()


def wrong_last_row(dy, x, W):
    """dW and db are those of the last row alone: a loop over the rows that assigns where it should add

    Named by: dW db last row alone | last term `x.T @ dy` last term `dy.sum(axis=0)`"""
    for n in range(len(x)):
        dW = np.outer(x[n], dy[n])
        db = dy[n]
    return dy @ W.T, dW, db


def wrong_without_dy(dy, x, W):
    """dx is the slope alone, the sum of W over k: the factor dy that comes from above is missing

    Named by: dx factor dy missing | dx `dy` is missing in `dy @ W.T` already: dW, db"""
    dx = np.tile(W.sum(axis=1), (len(x), 1))
    return dx, x.T @ dy, dy.sum(axis=0)


def wrong_sign(dy, x, W):
    """dW and db have the other sign, that of the step which goes down: the gradient itself has no minus

    Named by: dW db sign turned | dW db other sign"""
    return dy @ W.T, -x.T @ dy, -dy.sum(axis=0)


def wrong_db_by_x(dy, x, W):
    """db is multiplied with x as if b stood beside it: in (1) b stands alone, its slope is 1

    Named by: db multiplied x"""
    return dy @ W.T, x.T @ dy, (x.sum(axis=1, keepdims=True) * dy).sum(axis=0)
