"""Mistakes that the diagnosis of practice-7.3-streams has never seen."""
import numpy as np
from solutions.practice_7_3_streams import practice_7_3_streams


def wrong_windows_dealt_out(ids, B, T, k, o):
    """In (2) the windows are dealt out one after the other, at o + k B T + b T: no row goes on where it ended.

    Named by: k B T | b T instead S T | row not go on | b S T piece
    """
    S = (len(ids) - T) // (B * T)
    b, t = np.arange(B)[:, None], np.arange(T)[None, :]
    places = o + k * B * T + b * T + t
    return ids[places], ids[places + 1], S


def wrong_y_turned_round(ids, B, T, k, o):
    """y of (3) is x turned by one place, so that its last column is the first of x and not what follows.

    Named by: y last column first | y last place | y rolled x | y wraps
    | turns x round by one, so that the last target is its own first
    """
    x, _, S = practice_7_3_streams(ids, B, T, k, o)
    return x, np.roll(x, -1, axis=1), S


def wrong_no_offset(ids, B, T, k, o):
    """The place o where the pass begins is left out of (2) and (3).

    Named by: o not used | o left out | o missing | o forgotten
    """
    return practice_7_3_streams(ids, B, T, k, 0)
