"""Mistakes that the diagnosis of embedding-backward has never seen."""
import numpy as np


def wrong_twice_in_one_column(dy, ids, W):
    """An id that stands in the same step of two sequences counts once in dW, as A[ids] += keeps only the last.

    Named by: dW once repeated | dW same id last | dW duplicate lost | dW twice only one
    """
    dW = np.zeros_like(W)
    T = ids.shape[1]
    for t in range(T):
        dW[ids[:, t]] += dy[:, t]
    return dW


def wrong_averaged_over_places(dy, ids, W):
    """A row of dW is averaged over the places where its id stands, where it should be their sum.

    Named by: dW averaged | dW mean places | dW divided often | dW divided count
    """
    dW = np.zeros_like(W)
    B, T = ids.shape
    for n in range(B):
        for t in range(T):
            dW[ids[n, t]] += dy[n, t]
    often = np.bincount(ids.ravel(), minlength=len(W))[:, None]
    return dW / np.maximum(often, 1)


def wrong_id_0_as_padding(dy, ids, W):
    """Row 0 of dW is left 0, as if the id 0 were padding; in (1) it is an id like the others.

    Named by: row 0 dW padding | id 0 nothing | row 0 dW missing | id 0 left out
    """
    dW = np.zeros_like(W)
    B, T = ids.shape
    for n in range(B):
        for t in range(T):
            dW[ids[n, t]] += dy[n, t]
    dW[0] = 0
    return dW
