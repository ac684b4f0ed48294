"""practice-7.4-pool: a solution, other right ones, and mistakes."""
import numpy as np


def practice_7_4_pool(h, lengths):
    T = h.shape[1]
    is_step = (np.arange(T) < lengths[:, None])[:, :, None]
    largest = np.where(is_step, h, -np.inf).max(axis=1)                         # (1)
    mean = np.where(is_step, h, 0).sum(axis=1) / lengths[:, None]               # (2)
    return largest, mean


# Right --------------------------------------------------------------------------------------------------------

def right_row_by_row(h, lengths):
    largest, mean = [], []
    for row, length in zip(h, lengths, strict=True):
        text = row[:length]                                                     # (1) (2)
        largest.append(text.max(axis=0))                                        # (1)
        mean.append(text.sum(axis=0) / length)                                  # (2)
    return np.stack(largest), np.stack(mean)


def right_step_by_step(h, lengths):
    """A running maximum and a running sum, in which only rows that go on take part."""
    largest, total = h[:, 0].copy(), np.zeros_like(h[:, 0])
    for t in range(h.shape[1]):
        goes_on = lengths > t
        largest[goes_on] = np.maximum(largest[goes_on], h[goes_on, t])
        total[goes_on] += h[goes_on, t]
    return largest, total / lengths.reshape(-1, 1)


def right_by_weights(h, lengths):
    """The mean as a product with weights 1/length and 0; the maximum with something taken off the padding."""
    B, T, _ = h.shape
    weights = np.zeros((B, T))
    for b in range(B):
        weights[b, :lengths[b]] = 1 / lengths[b]
    far = np.ptp(h) + 1
    largest = np.max(h - far * (weights == 0)[:, :, None], axis=1)
    return largest, np.einsum("bt,btc->bc", weights, h)


def right_by_padding_with_the_first(h, lengths):
    """The first step stands in the padding, which changes no maximum; the sum by cumulated sums."""
    outside = np.arange(h.shape[1])[None, :] >= np.asarray(lengths)[:, None]
    filled = h.copy()
    filled[outside] = np.repeat(h[:, :1], h.shape[1], axis=1)[outside]
    sums = np.cumsum(h, axis=1)[np.arange(len(h)), lengths - 1]
    return np.sort(filled, axis=1)[:, -1], sums / lengths[:, None]


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_padding_in_both(h, lengths):
    """padding is read as if it were text: both go over all T steps

    Named by: padding all T | padding both"""
    return h.max(axis=1), h.mean(axis=1)


def wrong_zeros_in_the_maximum(h, lengths):
    """the padding is 0 in the maximum (1), and 0 wins where all of a text's numbers are below it

    Named by: 0 wins below | `0` `-np.inf` (1) | 0.0 -np.inf (1)"""
    is_step = (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return (h * is_step).max(axis=1), practice_7_4_pool(h, lengths)[1]


def wrong_mean_over_all_steps(h, lengths):
    """the sum of (2) is divided by T, and should be by the text's length

    Named by: divided by T length"""
    is_step = (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return practice_7_4_pool(h, lengths)[0], (h * is_step).mean(axis=1)


def wrong_padding_in_the_sum(h, lengths):
    """padding is added up as well in (2)

    Named by: padding sum | mean choice missing `h` everywhere (2)"""
    return practice_7_4_pool(h, lengths)[0], h.sum(axis=1) / lengths[:, None]


def wrong_sum(h, lengths):
    """the sum is not divided by the length in (2)

    Named by: not divided (2) | division `lengths[:, None]` missing (2)"""
    largest, mean = practice_7_4_pool(h, lengths)
    return largest, mean * lengths[:, None]


def wrong_one_step_too_many(h, lengths):
    """the mask takes t <= length: one place of padding is read as well

    Named by: t <= length padding | `np.arange(T) <= lengths[:, None]`"""
    T = h.shape[1]
    is_step = (np.arange(T) <= lengths[:, None])[:, :, None]
    return np.where(is_step, h, -np.inf).max(axis=1), np.where(is_step, h, 0).sum(axis=1) / is_step.sum(axis=1)


def wrong_mask_turned_round(h, lengths):
    """the mask is turned round: the padding is read, and the text is not

    Named by: mask turned round | `np.arange(T) >= lengths[:, None]`"""
    T = h.shape[1]
    is_step = (np.arange(T) >= lengths[:, None])[:, :, None]
    return np.where(is_step, h, -np.inf).max(axis=1), np.where(is_step, h, 0).sum(axis=1) / lengths[:, None]


def wrong_over_the_units(h, lengths):
    """both go along the last axis, the C numbers of a step, and should go over the steps

    Named by: axis 2 | along C steps | shape (B, T)"""
    is_step = (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return np.where(is_step, h, -np.inf).max(axis=2), np.where(is_step, h, 0).mean(axis=2)


def wrong_exchanged(h, lengths):
    """largest and mean are returned in the other order

    Named by: largest mean exchanged | `largest` `mean` each other's place"""
    return practice_7_4_pool(h, lengths)[::-1]


def wrong_longest_text(h, lengths):
    """all rows are cut at the longest text's length, as if they had all as many steps

    Named by: cut longest all | padding longest"""
    longest = lengths.max()
    return h[:, :longest].max(axis=1), h[:, :longest].mean(axis=1)


def wrong_absolute(h, lengths):
    """largest is that of the absolute values, and (1) minds the sign

    Named by: absolute sign (1)"""
    is_step = (np.arange(h.shape[1]) < lengths[:, None])[:, :, None]
    return np.abs(h * is_step).max(axis=1), practice_7_4_pool(h, lengths)[1]


def wrong_last_step(h, lengths):
    """largest is the last step of the text, as of pooling "last", and (1) is a maximum

    Named by: largest last step maximum"""
    return h[np.arange(len(h)), lengths - 1], practice_7_4_pool(h, lengths)[1]
