"""practice-7.4-turn: a solution, other right ones, and mistakes."""
import numpy as np


def practice_7_4_turn(x, f, g, lengths):
    rows, t = np.arange(len(x)), np.arange(x.shape[1])
    is_step = t < lengths[:, None]
    places = np.where(is_step, lengths[:, None] - 1 - t, 0)                     # (1)
    y = np.where(is_step[:, :, None], x[rows[:, None], places], 0)              # (1)
    last = lengths - 1                                                          # (2)
    p = np.concatenate((f[rows, last], g[:, 0]), axis=1)                        # (2)
    return y, p


# Right --------------------------------------------------------------------------------------------------------

def right_row_by_row(x, f, g, lengths):
    y = np.zeros_like(x)
    p = np.zeros((len(x), 2 * f.shape[2]))
    for b, n in enumerate(lengths):
        y[b, :n] = x[b, :n][::-1]                                               # (1)
        p[b] = np.concatenate((f[b, n - 1], g[b, 0]))                           # (2)
    return y, p


def right_step_by_step(x, f, g, lengths):
    y, ends = np.zeros(x.shape), np.zeros(f[:, 0].shape)
    for t in range(x.shape[1]):
        for b in range(len(x)):
            if t < lengths[b]:
                y[b, t] = x[b, lengths[b] - 1 - t]
                ends[b] = f[b, t]
    return y, np.hstack((ends, g[:, 0]))


def right_turned_and_rolled(x, f, g, lengths):
    """The whole row turned; then rolled to its beginning, and what is not text set to 0."""
    T = x.shape[1]
    y = np.stack([np.roll(row[::-1], n - T, axis=0) for row, n in zip(x, lengths, strict=True)])
    y[np.arange(T)[None, :] >= np.reshape(lengths, (-1, 1))] = 0
    return y, np.stack((np.take_along_axis(f, lengths[:, None, None] - 1, axis=1)[:, 0], g[:, 0]), axis=1).reshape(
        len(x), -1)


def right_by_permutations(x, f, g, lengths):
    """A matrix for each row that turns it; a row of it picks the last step."""
    T = x.shape[1]
    turns = np.zeros((len(x), T, T))
    for b, n in enumerate(lengths):
        turns[b, :n, :n] = np.eye(n)[::-1]
    return turns @ x, np.concatenate((np.einsum("bt,bth->bh", turns[:, 0], f), g[:, 0]), axis=-1)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_padding_first(x, f, g, lengths):
    """the whole row is turned, so that the padding comes first, and should stay behind

    Named by: padding comes first | whole row turned"""
    return x[:, ::-1], practice_7_4_turn(x, f, g, lengths)[1]


def wrong_zeros_first(x, f, g, lengths):
    """the padding is set to 0 and the whole row turned: the text begins late, behind the zeros

    Named by: padding comes first 0 | whole row turned 0 | zeros first | y runs backwards along T"""
    is_step = np.arange(x.shape[1]) < lengths[:, None]
    return (x * is_step[:, :, None])[:, ::-1], practice_7_4_turn(x, f, g, lengths)[1]


def wrong_padding_left(x, f, g, lengths):
    """what stands behind the text is left as it was, and in (1) it is 0

    Named by: behind left as it was 0 | choice missing (1)"""
    y, p = practice_7_4_turn(x, f, g, lengths)
    is_step = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return np.where(is_step, y, x), p


def wrong_one_off(x, f, g, lengths):
    """it reads x[b, lengths_b - t], one place too far: y[b, 0] is padding

    Named by: one step off behind | `1` (1) missing | `lengths[:, None]` for `lengths[:, None] - 1` (1)"""
    rows, t = np.arange(len(x))[:, None], np.arange(x.shape[1])
    y = x[rows, np.clip(lengths[:, None] - t, 0, x.shape[1] - 1)]
    return y * (t < lengths[:, None])[:, :, None], practice_7_4_turn(x, f, g, lengths)[1]


def wrong_last_of_all_steps(x, f, g, lengths):
    """f is taken at the last of the T steps, f[:, -1], which is padding in a shorter text

    Named by: forward last of the T steps padding | f[:, -1] padding"""
    return practice_7_4_turn(x, f, g, lengths)[0], np.concatenate((f[:, -1], g[:, 0]), axis=1)


def wrong_both_at_the_end(x, f, g, lengths):
    """both directions are taken at the text's last step, where the backward one has read one step alone

    Named by: both directions last step backward one"""
    rows = np.arange(len(x))
    return practice_7_4_turn(x, f, g, lengths)[0], np.concatenate((f[rows, lengths - 1], g[rows, lengths - 1]), axis=1)


def wrong_backward_at_the_end_of_all(x, f, g, lengths):
    """both directions are taken at the last of the T steps, hs[:, -1]

    Named by: both directions last of the T steps"""
    return practice_7_4_turn(x, f, g, lengths)[0], np.concatenate((f[:, -1], g[:, -1]), axis=1)


def wrong_halves_exchanged(x, f, g, lengths):
    """the backward half comes first: p is [g; f] and in (2) [f; g]

    Named by: halves exchanged | backward first (2) | each other's place (2)"""
    rows = np.arange(len(x))
    return practice_7_4_turn(x, f, g, lengths)[0], np.concatenate((g[:, 0], f[rows, lengths - 1]), axis=1)


def wrong_behind_the_text(x, f, g, lengths):
    """f is taken at `lengths`, one step behind the text

    Named by: forward one step late behind | `lengths` `lengths - 1` (2) | `1` missing (2)"""
    rows, behind = np.arange(len(x)), np.minimum(lengths, f.shape[1] - 1)
    return practice_7_4_turn(x, f, g, lengths)[0], np.concatenate((f[rows, behind], g[:, 0]), axis=1)


def wrong_added(x, f, g, lengths):
    """the two directions are added, and in (2) they stand side by side

    Named by: added side by side | p shape H 2H | p (B, H)"""
    return practice_7_4_turn(x, f, g, lengths)[0], f[np.arange(len(x)), lengths - 1] + g[:, 0]


def wrong_batch_turned(x, f, g, lengths):
    """the rows of the batch are turned round, x[::-1], and not the steps of each

    Named by: rows of the batch turned | runs backwards along B"""
    is_step = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return (x * is_step)[::-1], practice_7_4_turn(x, f, g, lengths)[1]


def wrong_not_turned(x, f, g, lengths):
    """the texts are not turned: y is x with zeros behind

    Named by: nothing turned | not turned | y x wherever 0"""
    is_step = (np.arange(x.shape[1]) < lengths[:, None])[:, :, None]
    return x * is_step, practice_7_4_turn(x, f, g, lengths)[1]
