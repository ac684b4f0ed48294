"""Mistakes that the diagnosis of linear-backward has never seen."""
import numpy as np


def wrong_dx_without_what_comes_back(dy, x, W):
    """In (1) dy/dx = W is taken for the whole gradient: dx adds up the rows of W and holds no dy.

    Named by: dx dy missing | dx without dy | dx dy not used | dx dy forgotten
    """
    dx = np.ones_like(dy) @ W.T
    dW = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dW, db


def wrong_weights_averaged_over_rows(dy, x, W):
    """dW and db of (1) are averaged over the N rows where they should be summed.

    Named by: dW averaged | dW mean | dW divided by N | dW 1/N
    """
    dx = dy @ W.T
    dW = x.T @ dy / len(x)
    db = dy.mean(axis=0)
    return dx, dW, db


def wrong_output_for_its_gradient(dy, x, W):
    """dW pairs x with the output x W of (1) where it should take dy.

    Named by: dW output dy | dW x W dy instead | dW forward dy | dW y in place of dy
    """
    dx = dy @ W.T
    dW = x.T @ (x @ W)
    db = dy.sum(axis=0)
    return dx, dW, db
