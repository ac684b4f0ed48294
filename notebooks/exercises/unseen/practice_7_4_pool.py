"""Mistakes that the diagnosis of practice-7.4-pool has never seen."""
import numpy as np
from solutions.practice_7_4_pool import practice_7_4_pool


def wrong_one_step_too_many(h, lengths):
    """The mask of (1) and (2) is t <= lengths_b, so that the first step of padding is in maximum and sum.

    Named by: one step too many | t <= lengths | first padding step | step behind the end
    """
    is_step = (np.arange(h.shape[1]) <= lengths[:, None])[:, :, None]
    largest = np.where(is_step, h, -np.inf).max(axis=1)
    return largest, np.where(is_step, h, 0).sum(axis=1) / lengths[:, None]


def wrong_mean_over_T(h, lengths):
    """mean of (2) leaves the padding out of the sum, but divides by T and not by lengths_b.

    Named by: mean divided T | mean by T lengths | mean T instead lengths
    """
    largest, _ = practice_7_4_pool(h, lengths)
    is_step = (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return largest, np.where(is_step, h, 0).mean(axis=1)


def wrong_zero_in_padding(h, lengths):
    """In (1) the padding is 0 and no -inf, so that largest is 0 where all of a text is negative.

    Named by: largest 0 padding | largest negative 0 | largest zero padding
    """
    shown = h * (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return shown.max(axis=1), shown.sum(axis=1) / lengths[:, None]
