"""practice-7.3-streams: a solution, other right ones, and mistakes."""
import numpy as np


def practice_7_3_streams(ids, B, T, k, o):
    N = len(ids)
    S = (N - T) // (B * T)                                                      # (1)
    b, t = np.arange(B)[:, None], np.arange(T)[None, :]
    places = o + b * S * T + k * T + t                                          # (2)
    x = ids[places]                                                             # (2)
    y = ids[places + 1]                                                         # (3)
    return x, y, S


# Right --------------------------------------------------------------------------------------------------------

def right_place_by_place(ids, B, T, k, o):
    S = int((len(ids) - T) / (B * T))
    x, y = np.zeros((B, T), int), np.zeros((B, T), int)
    for b in range(B):
        for t in range(T):
            place = o + (b * S + k) * T + t
            x[b, t], y[b, t] = ids[place], ids[place + 1]
    return x, y, S


def right_pieces(ids, B, T, k, o):
    """A piece for each reader, as rows; x and y are columns of them."""
    S = (len(ids) - T) // (B * T)
    read, follow = (ids[o + later:o + later + B * S * T].reshape(B, S * T) for later in (0, 1))
    return read[:, k * T:(k + 1) * T], follow[:, k * T:(k + 1) * T], S


def right_all_windows(ids, B, T, k, o):
    """All windows of all readers, then those of step k."""
    S = (len(ids) - T) // B // T
    windows = np.stack([ids[o + T * i:o + T * i + T + 1] for i in range(B * S)]).reshape(B, S, T + 1)
    return windows[:, k, :T], windows[:, k, 1:], S


def right_by_taking_turns(ids, B, T, k, o):
    """Readers that go on from step to step."""
    S, text = (len(ids) - T) // (B * T), list(ids)
    at = [o + reader * S * T for reader in range(B)]
    for _ in range(k):
        at = [place + T for place in at]
    rows = [text[place:place + T + 1] for place in at]
    return [row[:-1] for row in rows], [row[1:] for row in rows], S


# Wrong --------------------------------------------------------------------------------------------------------

def batch(ids, places):
    """x and y at these places; at the end of the text, what there is."""
    return ids[np.clip(places, 0, len(ids) - 1)], ids[np.clip(places + 1, 0, len(ids) - 1)]


def parts(ids, B, T):
    return (len(ids) - T) // (B * T), np.arange(B)[:, None], np.arange(T)


def wrong_target_is_x(ids, B, T, k, o):
    """y is x: the target should be the id that follows

    Named by: y x itself follows | y `1` missing (3)"""
    x, _, S = practice_7_3_streams(ids, B, T, k, o)
    return x, x, S


def wrong_rows_one_behind_the_other(ids, B, T, k, o):
    """the rows of a step lie one behind the other in the text: no row goes on where it ended, and the state handed on
    is that of another place

    Named by: rows one behind the other | row go on where it ended"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + (k * B + b) * T + t), S


def wrong_first_window_again(ids, B, T, k, o):
    """the step k has no part: each step reads the first windows again

    Named by: k no part | `k` (2) 0 | k first windows again"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + b * S * T + t), S


def wrong_one_place_a_step(ids, B, T, k, o):
    """a step goes on by one place, and by T in (2)

    Named by: step one place T | factor `T` missing (2)"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + b * S * T + k + t), S


def wrong_readers_side_by_side(ids, B, T, k, o):
    """reader b begins at b T, right beside its neighbour, and in (2) at b S T

    Named by: begin T apart S T | factor `S` missing (2)"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + b * T + k * T + t), S


def wrong_no_offset(ids, B, T, k, o):
    """the offset o is left out in (2)

    Named by: offset o left out | `o` missing (2)"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, b * S * T + k * T + t), S


def wrong_steps_of_one_reader(ids, B, T, k, o):
    """S is not divided by B: there are B readers in (1)

    Named by: S B missing (1) | S factor `B` (1) | S divided B (1)"""
    x, y, _ = practice_7_3_streams(ids, B, T, k, o)
    return x, y, (len(ids) - T) // T


def wrong_steps_first(ids, B, T, k, o):
    """x and y lie as (T, B), and the batch is always first

    Named by: transposed x | (T, B) first"""
    x, y, S = practice_7_3_streams(ids, B, T, k, o)
    return x.T, y.T, S


def wrong_columns_are_readers(ids, B, T, k, o):
    """the places run down the rows: x[b, t] lies B places before x[b, t + 1]

    Named by: places B t | down the rows | `b` `t` (2)"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + k * B * T + t * B + b), S


def wrong_k_from_one(ids, B, T, k, o):
    """the steps are counted from 1: step k reads what step k - 1 should

    Named by: k from 1 | k - 1 | step before"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + b * S * T + (k - 1) * T + t), S


def wrong_overlapping_windows(ids, B, T, k, o):
    """a step goes on by T - 1 places: the last id of a window is read twice, and in (2) it goes on by T

    Named by: T - 1 (2) | T - 1 places T"""
    S, b, t = parts(ids, B, T)
    return *batch(ids, o + b * S * T + k * (T - 1) + t), S


def wrong_target_two_behind(ids, B, T, k, o):
    """y lies two places behind x, and in (3) it is the next one

    Named by: y two places next | 2 where 1 (3)"""
    S, b, t = parts(ids, B, T)
    places = o + b * S * T + k * T + t
    return ids[places], ids[np.clip(places + 2, 0, len(ids) - 1)], S


def wrong_target_goes_round(ids, B, T, k, o):
    """(3) turns x round by one, so that the last target of each row is its own first symbol

    Named by: y last first | y last own row | y roll | y wraps | last column y"""
    S = (len(ids) - T) // (B * T)
    b, t = np.arange(B)[:, None], np.arange(T)[None, :]
    x = ids[o + b * S * T + k * T + t]
    return x, np.roll(x, -1, axis=1), S


def wrong_length_of_a_piece(ids, B, T, k, o):
    """in (2) the piece of reader b begins at b (N - T) / B, where b S T whole windows would end

    Named by: piece begins S T | piece length | reader b begins piece | piece N / B"""
    S = (len(ids) - T) // (B * T)
    b, t = np.arange(B)[:, None], np.arange(T)[None, :]
    places = o + b * ((len(ids) - T) // B) + k * T + t
    return ids[places], ids[places + 1], S
