"""Clipping by the norm: the solution, other right answers, and mistakes that people make."""
import math

import numpy as np


def clip_by_norm(dW_xh, dW_hh, db, limit):
    norm = np.sqrt(np.sum(dW_xh ** 2) + np.sum(dW_hh ** 2) + np.sum(db ** 2))   # (1)
    factor = min(1, limit / norm)                                               # (2)
    cW_xh = factor * dW_xh                                                      # (3)
    cW_hh = factor * dW_hh                                                      # (3)
    cb = factor * db                                                            # (3)
    return norm, cW_xh, cW_hh, cb


# Right --------------------------------------------------------------------------------------------------------

def right_loop(dW_xh, dW_hh, db, limit):
    total = 0.0
    for g in (dW_xh, dW_hh, db):
        for entry in g.reshape(-1):
            total += entry * entry
    norm = math.sqrt(total)
    if norm <= limit:
        return norm, dW_xh.copy(), dW_hh.copy(), db.copy()
    return norm, dW_xh * limit / norm, dW_hh * limit / norm, db * limit / norm


def right_one_vector(dW_xh, dW_hh, db, limit):
    g = np.concatenate((dW_xh.reshape(-1), dW_hh.reshape(-1), db))
    norm = np.linalg.norm(g)
    g = g / max(norm / limit, 1)
    first, second = dW_xh.size, dW_xh.size + dW_hh.size
    return norm, g[:first].reshape(dW_xh.shape), g[first:second].reshape(dW_hh.shape), g[second:]


def right_norm_of_norms(dW_xh, dW_hh, db, limit):
    """The length of the vector of the three lengths."""
    norm = np.hypot(np.hypot(np.linalg.norm(dW_xh), np.linalg.norm(dW_hh)), np.linalg.norm(db))
    factor = limit / np.maximum(norm, limit)
    return norm, *(factor * g for g in (dW_xh, dW_hh, db))


def right_einsum(dW_xh, dW_hh, db, limit):
    squared = np.einsum("h,h", db, db) + np.einsum("ij,ij", dW_hh, dW_hh) + np.trace(dW_xh @ dW_xh.T)
    scale = np.minimum(1.0, limit * squared ** -0.5)
    return [squared ** 0.5, np.einsum(",dh->dh", scale, dW_xh), np.einsum(",ij->ij", scale, dW_hh), db * scale]


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_always(dW_xh, dW_hh, db, limit):
    """short gradients are stretched to the limit: the min with 1 is missing in (2)

    Named by: min with `1` missing (2) | min with 1 missing (2) | min `limit / norm` taken as it is (2) `factor`"""
    norm = np.sqrt((dW_xh ** 2).sum() + (dW_hh ** 2).sum() + (db ** 2).sum())
    return norm, dW_xh * limit / norm, dW_hh * limit / norm, db * limit / norm


def wrong_each_by_itself(dW_xh, dW_hh, db, limit):
    """each array is clipped by a norm of its own, and (1) goes over all entries of all three together

    Named by: each norm own"""
    norm, *_ = clip_by_norm(dW_xh, dW_hh, db, limit)
    return norm, *(g * min(1, limit / np.sqrt((g ** 2).sum())) for g in (dW_xh, dW_hh, db))


def wrong_value(dW_xh, dW_hh, db, limit):
    """each entry is cut off at the limit, which is clipping by value and turns the direction; (3) has one factor

    Named by: entry cut off at limit"""
    norm, *_ = clip_by_norm(dW_xh, dW_hh, db, limit)
    return norm, *(np.clip(g, -limit, limit) for g in (dW_xh, dW_hh, db))


def wrong_no_root(dW_xh, dW_hh, db, limit):
    """norm is the sum of the squares: the root of (1) is missing

    Named by: root (1) missing | np.sqrt without function (1) `norm` | norm the square of"""
    squared = (dW_xh ** 2).sum() + (dW_hh ** 2).sum() + (db ** 2).sum()
    factor = min(1, limit / squared)
    return squared, dW_xh * factor, dW_hh * factor, db * factor


def wrong_sum_of_norms(dW_xh, dW_hh, db, limit):
    """norm is the sum of the three norms, and (1) has one root over the sum of all squares

    Named by: norm sum of the three norms | sum of `np.sqrt` of the sum belongs (1) `norm`"""
    norm = sum(np.linalg.norm(g) for g in (dW_xh, dW_hh, db))
    factor = min(1, limit / norm)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_bias_forgotten(dW_xh, dW_hh, db, limit):
    """the entries of db are missing in the sum of (1)

    Named by: db missing (1) | term db missing (1)"""
    norm = np.sqrt((dW_xh ** 2).sum() + (dW_hh ** 2).sum())
    factor = min(1, limit / norm)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_bias_not_clipped(dW_xh, dW_hh, db, limit):
    """db is returned as it came: the factor of (3) is missing there

    Named by: db factor (3) missing | `factor` missing (3) `cb`"""
    norm, cW_xh, cW_hh, _ = clip_by_norm(dW_xh, dW_hh, db, limit)
    return norm, cW_xh, cW_hh, db.copy()


def wrong_after(dW_xh, dW_hh, db, limit):
    """norm is that of after the clipping, and (1) is that of the gradients as they came

    Named by: norm after the clipping | norm: it is limit as it was given"""
    _, *clipped = clip_by_norm(dW_xh, dW_hh, db, limit)
    return np.sqrt(sum((g ** 2).sum() for g in clipped)), *clipped


def wrong_upside_down(dW_xh, dW_hh, db, limit):
    """the fraction of (2) is upside down: norm / limit

    Named by: upside down (2)"""
    norm = np.sqrt((dW_xh ** 2).sum() + (dW_hh ** 2).sum() + (db ** 2).sum())
    factor = min(1, norm / limit)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_largest_of_both(dW_xh, dW_hh, db, limit):
    """the factor is the larger one of 1 and limit / norm: in (2) stands a min

    Named by: larger (2) min | max stands min belongs (2)"""
    norm = np.sqrt((dW_xh ** 2).sum() + (dW_hh ** 2).sum() + (db ** 2).sum())
    factor = max(1, limit / norm)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_mean(dW_xh, dW_hh, db, limit):
    """the squares are averaged over the entries: the sum of (1) has become a mean

    Named by: averaged (1) | mean of the squares stands sum of the squares belongs (1)"""
    norm = np.sqrt(np.mean(np.concatenate([g.reshape(-1) for g in (dW_xh, dW_hh, db)]) ** 2))
    factor = min(1, limit / norm)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_absolute_values(dW_xh, dW_hh, db, limit):
    """norm is the sum of the absolute values, and by (1) it is the root of the sum of the squares

    Named by: norm absolute values squares (1)"""
    norm = sum(np.abs(g).sum() for g in (dW_xh, dW_hh, db))
    factor = min(1, limit / norm)
    return norm, dW_xh * factor, dW_hh * factor, db * factor


def wrong_only_the_direction(dW_xh, dW_hh, db, limit):
    """the limit is missing in (2): what is too long is shortened to 1

    Named by: limit missing (2) | cW_xh cW_hh, cb it is 1/limit of | `limit / norm` numerator `limit` missing (2)"""
    norm = np.sqrt((dW_xh ** 2).sum() + (dW_hh ** 2).sum() + (db ** 2).sum())
    factor = 1 / norm if norm > limit else 1
    return norm, dW_xh * factor, dW_hh * factor, db * factor
