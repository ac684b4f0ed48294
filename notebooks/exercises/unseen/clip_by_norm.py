"""Mistakes that the diagnosis of clip-by-norm has never seen."""
import numpy as np


def wrong_norms_added_up(dW_xh, dW_hh, db, limit):
    """The norm is the sum of the three arrays' own norms, where (1) has one root over the sum of all squares.

    Named by: norm sum of norms | norm three roots | norm each array root added | norm one root
    """
    norm = np.sqrt(np.sum(dW_xh ** 2)) + np.sqrt(np.sum(dW_hh ** 2)) + np.sqrt(np.sum(db ** 2))
    factor = min(1, limit / norm)
    cW_xh = factor * dW_xh
    cW_hh = factor * dW_hh
    cb = factor * db
    return norm, cW_xh, cW_hh, cb


def wrong_root_of_the_mean(dW_xh, dW_hh, db, limit):
    """The squares in (1) are averaged over all entries, where they are summed.

    Named by: norm mean | norm averaged | norm divided number entries | norm root mean
    """
    norm = np.sqrt(np.mean(np.concatenate((dW_xh.ravel(), dW_hh.ravel(), db)) ** 2))
    factor = min(1, limit / norm)
    cW_xh = factor * dW_xh
    cW_hh = factor * dW_hh
    cb = factor * db
    return norm, cW_xh, cW_hh, cb


def wrong_each_entry_clipped(dW_xh, dW_hh, db, limit):
    """Each entry is cut to -limit .. limit by itself, where (3) shortens all of them by one factor.

    Named by: entry clipped itself | each entry limit | clipped by value | entries cut limit
    """
    norm = np.sqrt(np.sum(dW_xh ** 2) + np.sum(dW_hh ** 2) + np.sum(db ** 2))
    cW_xh = np.clip(dW_xh, -limit, limit)
    cW_hh = np.clip(dW_hh, -limit, limit)
    cb = np.clip(db, -limit, limit)
    return norm, cW_xh, cW_hh, cb
