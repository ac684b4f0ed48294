"""Mistakes that the diagnosis of practice-9.2-window has never seen."""
import numpy as np


def wrong_both_sides(e, h, lengths, w):
    """In (1) the window lies on both sides of t, |t - s| < w: steps behind t are seen, too.

    Named by: window both sides | alpha later steps seen | s behind t | steps after t
    """
    T = e.shape[1]
    back = np.abs(np.arange(T)[:, None] - np.arange(T))
    return weighted(e, h, (back < w) & alive(T, lengths)[:, None, :] & alive(T, lengths)[:, :, None])


def wrong_queries_of_padding(e, h, lengths, w):
    """In (1) t < lengths_b is missing: steps t behind the end of a sequence see its last ones, and are no rows of 0.

    Named by: rows behind the end | t < lengths | alpha row 0 padding | t behind end sees
    """
    T = e.shape[1]
    back = np.arange(T)[:, None] - np.arange(T)
    return weighted(e, h, (back >= 0) & (back < w) & alive(T, lengths)[:, None, :])


def wrong_mask_after_softmax(e, h, lengths, w):
    """In (2) the softmax goes over all s, and what is not seen becomes 0 behind it: rows add up to less than 1.

    Named by: mask after softmax | mask behind softmax | alpha add up less 1 | alpha not add up 1 | softmax over all
    """
    T = e.shape[1]
    back = np.arange(T)[:, None] - np.arange(T)
    seen = (back >= 0) & (back < w) & alive(T, lengths)[:, None, :] & alive(T, lengths)[:, :, None]
    p = np.exp(e)
    alpha = np.where(seen, p / p.sum(axis=-1, keepdims=True), 0)
    return alpha, alpha @ h


def alive(T, lengths):
    return np.arange(T) < lengths[:, None]


def weighted(e, h, seen):
    p = np.where(seen, np.exp(e), 0)
    total = p.sum(axis=-1, keepdims=True)
    alpha = p / np.where(total == 0, 1, total)
    return alpha, alpha @ h
