"""The way back through an embedding: the solution, other right answers, and mistakes that people make."""
import numpy as np


def embedding_backward(dy, ids, W):
    dW = np.zeros_like(W)                                  # (1)
    B, T = ids.shape
    for n in range(B):
        for t in range(T):
            dW[ids[n, t]] += dy[n, t]                      # (1)
    return dW


# Right --------------------------------------------------------------------------------------------------------

def right_add_at(dy, ids, W):
    dW = np.zeros(W.shape)
    np.add.at(dW, ids, dy)
    return dW


def right_one_hot(dy, ids, W):
    """As a linear layer of one-hot rows."""
    o = np.eye(len(W))[ids].reshape(-1, len(W))            # (1)
    dW = o.T @ dy.reshape(-1, W.shape[1])                  # (1)
    return dW


def right_einsum(dy, ids, W):
    return np.einsum("ntv,ntc->vc", ids[:, :, None] == np.arange(len(W)), dy)


def right_symbol_by_symbol(dy, ids, W):
    return np.stack([dy[ids == v].sum(axis=0) for v in range(len(W))])


def right_sorted(dy, ids, W):
    """Equal ids come to lie side by side, and each run is added up."""
    order = np.argsort(ids, axis=None, kind="stable")
    rows = dy.reshape(-1, dy.shape[2])[order]
    present, starts = np.unique(ids.reshape(-1)[order], return_index=True)
    dW = np.zeros_like(W)
    dW[present] = np.add.reduceat(rows, starts, axis=0)
    return dW


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_last(dy, ids, W):
    """of an id that is there several times only the last dy is kept: dW[ids] += dy adds nothing up in NumPy

    Named by: only the last kept | takes the place of `dW[ids[n, t]]` not added"""
    dW = np.zeros_like(W)
    dW[ids] += dy
    return dW


def wrong_mean_of_each(dy, ids, W):
    """the dy of an id are averaged over the places where it stands, and should be summed

    Named by: averaged over the places id | dW: along C right but for a factor, another one for each row"""
    dW = np.zeros_like(W)
    np.add.at(dW, ids, dy)
    return dW / np.maximum(np.bincount(ids.reshape(-1), minlength=len(W)), 1)[:, None]


def wrong_mean_of_all(dy, ids, W):
    """dW is divided by B T, the number of places: it is a sum over them

    Named by: divided by B T | 1/(B T) of | mean stands where the sum `dW`"""
    return embedding_backward(dy, ids, W) / ids.size


def wrong_mean_of_batch(dy, ids, W):
    """dW is averaged over the batch, divided by B, and should be summed

    Named by: averaged batch | dW: it is 1/B of"""
    return sum(embedding_backward(dy[n:n + 1], ids[n:n + 1], W) for n in range(len(ids))) / len(ids)


def wrong_counts(dy, ids, W):
    """dW counts how often each id is there: the factor dy is missing

    Named by: counts how often factor dy missing | `dy.reshape(-1, W.shape[1])` is missing as if it were 1"""
    counts = np.bincount(ids.reshape(-1), minlength=len(W)).astype(float)
    return np.repeat(counts[:, None], W.shape[1], axis=1)


def wrong_from_one(dy, ids, W):
    """the rows are those of ids - 1, as if the ids began at 1: all rows lie a place too early

    Named by: ids - 1 rows | one place further back along V"""
    dW = np.zeros_like(W)
    np.add.at(dW, ids - 1, dy)
    return dW


def wrong_step_before(dy, ids, W):
    """row ids[n, t] gets dy[n, t-1], that of a step before

    Named by: dy[n, t-1] step before | `dy[n, t - 1]` stands where `dy[n, t]`"""
    dW = np.zeros_like(W)
    np.add.at(dW, ids, np.roll(dy, 1, axis=1))
    return dW


def wrong_times_W(dy, ids, W):
    """dW is multiplied with W: y is W's row itself, so its slope is 1

    Named by: multiplied with W slope | factor W too many"""
    dW = np.zeros_like(W)
    for v, row in zip(ids.reshape(-1), dy.reshape(ids.size, -1), strict=True):
        dW[v] += row * W[v]
    return dW


def wrong_first_example(dy, ids, W):
    """only the first example of the batch reaches dW: all B of them are added up

    Named by: only the first example | first pass loop over `n`"""
    dW = np.zeros_like(W)
    np.add.at(dW, ids[0], dy[0])
    return dW


def wrong_transposed(dy, ids, W):
    """dW is (C, V): transposed, and W has a row for each symbol

    Named by: dW transposed"""
    return np.einsum("ntc,ntv->cv", dy, np.eye(len(W))[ids])


def wrong_on_top_of_W(dy, ids, W):
    """dW began as a copy of W, and should begin with 0: the gradient does not hold the weights

    Named by: copy W begin with 0 | term W too many | `np.zeros_like(W)` is without its function"""
    dW = W.copy()
    np.add.at(dW, ids, dy)
    return dW


def wrong_rows_that_were_read(dy, ids, W):
    """dW has only the rows that were looked up, without those that are 0: W's shape is (V, C)

    Named by: only the rows that were looked up | dW: along V those that should be 0 were left out"""
    present, which = np.unique(ids, return_inverse=True)
    dW = np.zeros((len(present), W.shape[1]))
    np.add.at(dW, which.reshape(-1), dy.reshape(ids.size, -1))
    return dW
