"""Mistakes that the diagnosis of practice-8.3-error has never seen."""
import numpy as np
from solutions.practice_8_3_error import practice_8_3_error


def wrong_first_row(said, said_lengths, right, right_lengths):
    """The first row d[0, j] of (1) is 0 and not j: what `right` begins with can be left out for nothing.

    Named by: d[0 first row 0 | d[0, j] 0 | first row zero | d[0, j] j
    """
    edits = np.zeros(len(said), int)
    for n in range(len(said)):
        a, b = said[n, :said_lengths[n]], right[n, :right_lengths[n]]
        d = np.zeros((len(a) + 1, len(b) + 1), int)
        d[:, 0] = np.arange(len(a) + 1)
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + int(a[i - 1] != b[j - 1]))
        edits[n] = d[-1, -1]
    return edits, edits.sum() / right_lengths.sum(), (edits > 0).mean()


def wrong_mean_of_words(said, said_lengths, right, right_lengths):
    """phones of (3) is the mean over the words of edits / length, and not one sum over another.

    Named by: phones mean words | phones each word equally | phones mean of ratios | phones short words
    """
    edits, _, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, (edits / right_lengths).mean(), words


def wrong_right_words(said, said_lengths, right, right_lengths):
    """words of (4) is the part of the words without an edit, the accuracy and not the error.

    Named by: words without edit | words right instead wrong | words 1 - | words accuracy
    """
    edits, phones, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, phones, 1 - words
