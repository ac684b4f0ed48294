"""Mistakes that the diagnosis of practice-7.5-teacher has never seen."""
import numpy as np
from solutions.practice_7_5_teacher import practice_7_5_teacher


def wrong_reads_the_answer(target, lengths, y, sos):
    """read of (1) has SOS in its first place, but is not shifted: at t > 0 it is target[t], the word to be said.

    Named by: read not shifted | read target[t] | read answer itself | read word itself
    | [1:] for [:-1] (1), for `read`
    """
    _, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    read = target.copy()
    read[:, 0] = sos
    return read, L, number, dy


def wrong_without_eos(target, lengths, y, sos):
    """The last symbol of each sentence, EOS, is left out of (3) to (5).

    Named by: EOS left out | last symbol left out | EOS missing | EOS not counted | leaves EOS out
    """
    read, _, _, _ = practice_7_5_teacher(target, lengths, y, sos)
    _, L, number, dy = practice_7_5_teacher(target, lengths - 1, y, sos)
    return read, L, number, dy


def wrong_mean_gradient(target, lengths, y, sos):
    """dy of (5) is divided by the number of symbols, though L is a sum.

    Named by: dy divided number | dy mean sum | dy averaged | dy 1 / number
    """
    read, L, number, dy = practice_7_5_teacher(target, lengths, y, sos)
    return read, L, number, dy / np.sum(lengths)
