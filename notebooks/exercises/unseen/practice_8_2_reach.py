"""Mistakes that the diagnosis of practice-8.2-reach has never seen."""
import numpy as np


def reach(h0, W, dy, back, size):
    found = []
    for skip in (0, 1):
        h, slopes = h0, []
        for W_l in W:
            f = np.tanh(h @ W_l)
            h = f + skip * h
            slopes.append(1 - f ** 2)
        dh, sizes = dy, [size(dy)]
        for W_l, slope in zip(W[::-1], slopes[::-1], strict=True):
            dh = back(dh * slope, W_l, skip * dh)
            sizes.append(size(dh))
        found.append(np.array(sizes[::-1]))
    return found[0], found[1]


def norm(dh):
    return np.sqrt((dh * dh).sum())


def wrong_not_transposed(h0, W, dy):
    """In (5) da^l is multiplied with W_l itself, which is not transposed.

    Named by: W_l transpose | W_l^T not transposed | W_l instead W_l^T | W transpose
    """
    return reach(h0, W, dy, lambda da, W_l, straight: da @ W_l + straight, norm)


def wrong_straight_way_lost(h0, W, dy):
    """For (2) dh^l itself is not added in (5): what comes back along the residual connection is lost.

    Named by: residual dh^l not added | residual dh lost | residual + dh missing | residual connection gradient missing
    | residual missing on the way back: dh^l
    """
    return reach(h0, W, dy, lambda da, W_l, straight: da @ W_l.T, norm)


def wrong_mean_of_squares(h0, W, dy):
    """(6) is the root of the mean of the squares and not of their sum.

    Named by: (6) mean sum | root mean squares | plain mean instead sum | plain divided B H
    """
    return reach(h0, W, dy, lambda da, W_l, straight: da @ W_l.T + straight, lambda dh: np.sqrt((dh * dh).mean()))
