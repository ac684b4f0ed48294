"""Mistakes that the diagnosis of beam-search has never seen."""
import numpy as np


def wrong_sos_counted(log_p, width, T, alpha, sos, eos):
    """The length n of (4) counts sos too, so that it is one too large.

    Named by: score n too large | score n one | score n sos | score length + 1
    """
    V = len(log_p)
    beams, total = np.zeros((1, 0), int), np.zeros(1)
    found: list = []
    ln_P = np.zeros(0)
    for t in range(T):
        last = beams[:, -1] if t else np.array([sos])
        candidates = np.ravel(total[:, None] + log_p[last])
        m = width - len(found)
        best = np.argsort(-candidates, kind="stable")[:m]
        beams = np.column_stack([beams[best // V], best % V])
        total = candidates[best]
        is_complete = (beams[:, -1] == eos) | np.full(len(best), t + 1 == T)
        found = found + beams[is_complete].tolist()
        ln_P = np.append(ln_P, total[is_complete])
        beams, total = beams[~is_complete], total[~is_complete]
    n = np.array([len(ids) for ids in found])
    score = ln_P / ((5 + n + 1) / 6) ** alpha
    order = np.argsort(-score)[:width]
    ids = np.array([ids + [-1] * (T - len(ids)) for ids in found])
    return ids[order], score[order]


def wrong_order_by_ln_P(log_p, width, T, alpha, sos, eos):
    """The answers are put in order by ln P, where the best score of (4) comes first.

    Named by: order ln P score | sorted ln P | order not score | rows order score
    """
    V = len(log_p)
    beams, total = np.zeros((1, 0), int), np.zeros(1)
    found: list = []
    ln_P = np.zeros(0)
    for t in range(T):
        last = beams[:, -1] if t else np.array([sos])
        candidates = np.ravel(total[:, None] + log_p[last])
        m = width - len(found)
        best = np.argsort(-candidates, kind="stable")[:m]
        beams = np.column_stack([beams[best // V], best % V])
        total = candidates[best]
        is_complete = (beams[:, -1] == eos) | np.full(len(best), t + 1 == T)
        found = found + beams[is_complete].tolist()
        ln_P = np.append(ln_P, total[is_complete])
        beams, total = beams[~is_complete], total[~is_complete]
    n = np.array([len(ids) for ids in found])
    score = ln_P / ((5 + n) / 6) ** alpha
    order = np.argsort(-ln_P)[:width]
    ids = np.array([ids + [-1] * (T - len(ids)) for ids in found])
    return ids[order], score[order]


def wrong_kept_by_the_last_symbol(log_p, width, T, alpha, sos, eos):
    """(2) ranks the candidates by log_p of their last symbol alone, where it is ln P of the whole beam.

    Named by: candidates last symbol alone | ranked without ln P beam | kept log_p alone | ranks ln P beam missing
    """
    V = len(log_p)
    beams, total = np.zeros((1, 0), int), np.zeros(1)
    found: list = []
    ln_P = np.zeros(0)
    for t in range(T):
        last = beams[:, -1] if t else np.array([sos])
        candidates = np.ravel(total[:, None] + log_p[last])
        m = width - len(found)
        best = np.argsort(-np.ravel(log_p[last]), kind="stable")[:m]
        beams = np.column_stack([beams[best // V], best % V])
        total = candidates[best]
        is_complete = (beams[:, -1] == eos) | np.full(len(best), t + 1 == T)
        found = found + beams[is_complete].tolist()
        ln_P = np.append(ln_P, total[is_complete])
        beams, total = beams[~is_complete], total[~is_complete]
    n = np.array([len(ids) for ids in found])
    score = ln_P / ((5 + n) / 6) ** alpha
    order = np.argsort(-score)[:width]
    ids = np.array([ids + [-1] * (T - len(ids)) for ids in found])
    return ids[order], score[order]
