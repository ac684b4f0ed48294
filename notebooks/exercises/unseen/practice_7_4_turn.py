"""Mistakes that the diagnosis of practice-7.4-turn has never seen."""
import numpy as np
from solutions.practice_7_4_turn import practice_7_4_turn


def wrong_whole_row(x, f, g, lengths):
    """In (1) the whole row of T steps is turned, from T - 1 and not from lengths_b - 1: padding comes first.

    Named by: y whole row | y T - 1 | y padding first | y turned T | largest of `lengths` for all of them (1)
    """
    _, p = practice_7_4_turn(x, f, g, lengths)
    is_step = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return np.where(is_step, x[:, ::-1], 0), p


def wrong_both_at_the_end(x, f, g, lengths):
    """p of (2) takes g at the last step of the text too, where the backward direction has read one step alone.

    Named by: p g last first | g last instead | g at the last step | g read one step
    """
    y, _ = practice_7_4_turn(x, f, g, lengths)
    rows = np.arange(len(x))
    return y, np.concatenate((f[rows, lengths - 1], g[rows, lengths - 1]), axis=1)


def wrong_order(x, f, g, lengths):
    """p of (2) has the halves exchanged, [g; f].

    Named by: p halves exchanged | p g before f | p order g f | p halves swapped
    """
    y, p = practice_7_4_turn(x, f, g, lengths)
    H = f.shape[2]
    return y, np.concatenate((p[:, H:], p[:, :H]), axis=1)
