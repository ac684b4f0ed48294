"""practice-8.3-error: a solution, other right ones, and mistakes."""
from functools import cache

import numpy as np


def practice_8_3_error(said, said_lengths, right, right_lengths):
    edits = np.zeros(len(said), int)
    for n in range(len(said)):
        a, b = said[n, :said_lengths[n]], right[n, :right_lengths[n]]                               # (2)
        d = np.zeros((len(a) + 1, len(b) + 1), int)
        d[:, 0] = np.arange(len(a) + 1)                                                             # (1)
        d[0] = np.arange(len(b) + 1)                                                                # (1)
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                change = d[i - 1, j - 1] + int(a[i - 1] != b[j - 1])                                # (1)
                d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, change)                             # (1)
        edits[n] = d[-1, -1]                                                                        # (2)
    phones = edits.sum() / right_lengths.sum()                                                      # (3)
    words = (edits > 0).mean()                                                                      # (4)
    return edits, phones, words


# Right --------------------------------------------------------------------------------------------------------

def words_of(said, said_lengths, right, right_lengths):
    return [(list(a[:i]), list(b[:j])) for a, i, b, j in zip(said, said_lengths, right, right_lengths, strict=True)]


def right_one_row_at_a_time(said, said_lengths, right, right_lengths):
    edits = []
    for a, b in words_of(said, said_lengths, right, right_lengths):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            above, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
        edits.append(row[-1])
    return np.array(edits), sum(edits) / sum(right_lengths), np.mean([e > 0 for e in edits])


def right_recursive(said, said_lengths, right, right_lengths):
    def fewest(a, b):
        @cache
        def d(i, j):
            if not i or not j:
                return i + j
            if a[i - 1] == b[j - 1]:
                return d(i - 1, j - 1)
            return 1 + min(d(i - 1, j), d(i, j - 1), d(i - 1, j - 1))
        return d(len(a), len(b))
    edits = np.array([fewest(a, b) for a, b in words_of(said, said_lengths, right, right_lengths)])
    return edits, edits.sum() / right_lengths.sum(), np.count_nonzero(edits) / len(edits)


def right_all_words_at_once(said, said_lengths, right, right_lengths):
    """The tables of all words side by side; each is read at its own lengths."""
    (N, Ta), Tb = said.shape, right.shape[1]
    d = np.zeros((N, Ta + 1, Tb + 1), int) + np.arange(Ta + 1)[:, None] + np.arange(Tb + 1)
    for i in range(Ta):
        for j in range(Tb):
            d[:, i + 1, j + 1] = np.minimum(np.minimum(d[:, i, j + 1], d[:, i + 1, j]) + 1,
                                            d[:, i, j] + (said[:, i] != right[:, j]))
    edits = d[range(N), said_lengths, right_lengths]
    return edits, edits.sum() / right_lengths.sum(), 1 - (edits == 0).mean()


def right_by_distance(said, said_lengths, right, right_lengths):
    """Breadth first: which places of the two words can be reached with 0, 1, 2, ... edits."""
    def fewest(a, b):
        def slid(i, j):
            while i < len(a) and j < len(b) and a[i] == b[j]:
                i, j = i + 1, j + 1
            return i, j
        reached, count, seen = {slid(0, 0)}, 0, set()
        while (len(a), len(b)) not in reached:
            seen |= reached
            following = {(i + di, j + dj) for i, j in reached for di, dj in ((1, 0), (0, 1), (1, 1))
                         if i + di <= len(a) and j + dj <= len(b)}
            reached, count = {slid(*place) for place in following} - seen, count + 1
        return count
    edits = np.array([fewest(a, b) for a, b in words_of(said, said_lengths, right, right_lengths)])
    return edits, edits.sum() / right_lengths.sum(), sum(edits != 0) / len(edits)


# Wrong --------------------------------------------------------------------------------------------------------

def summed(edits, right_lengths):
    """(3) and (4), for those that go wrong before."""
    edits = np.asarray(edits)
    return edits, edits.sum() / right_lengths.sum(), (edits > 0).mean()


def wrong_place_by_place(said, said_lengths, right, right_lengths):
    """the symbols are compared place by place: one that is left out makes all behind it wrong

    Named by: places compared one by one fewest | place by place"""
    return summed([sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))
                   for a, b in words_of(said, said_lengths, right, right_lengths)], right_lengths)


def wrong_behind_the_end(said, said_lengths, right, right_lengths):
    """what stands behind the words' ends is compared as well

    Named by: behind the words' ends compared"""
    whole = [np.full(len(x), x.shape[1]) for x in (said, right)]
    return summed(practice_8_3_error(said, whole[0], right, whole[1])[0], right_lengths)


def wrong_a_change_costs_two(said, said_lengths, right, right_lengths):
    """a change costs 2, and in (1) it is one edit

    Named by: change costs 2 one edit"""
    edits = []
    for a, b in words_of(said, said_lengths, right, right_lengths):
        d = np.add.outer(np.arange(len(a) + 1), np.arange(len(b) + 1))
        for i, x in enumerate(a, 1):
            for j, y in enumerate(b, 1):
                d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + 2 * (x != y))
        edits.append(d[-1, -1])
    return summed(edits, right_lengths)


def wrong_no_change(said, said_lengths, right, right_lengths):
    """the difference of the symbols is added to the steps to the side as well

    Named by: steps deletion insertion 1 | d[i-1, j] + 1 | the term `1` missing (1)"""
    edits = []
    for a, b in words_of(said, said_lengths, right, right_lengths):
        d = np.add.outer(np.arange(len(a) + 1), np.arange(len(b) + 1))
        for i, x in enumerate(a, 1):
            for j, y in enumerate(b, 1):
                d[i, j] = min(d[i - 1, j], d[i, j - 1], d[i - 1, j - 1]) + (x != y)
        edits.append(d[-1, -1])
    return summed(edits, right_lengths)


def wrong_first_row(said, said_lengths, right, right_lengths):
    """the table's first row and column are 0: what is left out at the beginning costs nothing

    Named by: first row column 0 | d[0, j] 0 | first row"""
    edits = []
    for a, b in words_of(said, said_lengths, right, right_lengths):
        d = np.zeros((len(a) + 1, len(b) + 1), int)
        for i, x in enumerate(a, 1):
            for j, y in enumerate(b, 1):
                d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (x != y))
        edits.append(d[-1, -1])
    return summed(edits, right_lengths)


def wrong_mean_of_words(said, said_lengths, right, right_lengths):
    """the phone error is the mean of the words' own: (3) divides sum by sum

    Named by: phones mean over words sum by sum"""
    edits, _, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, (edits / right_lengths).mean(), words


def wrong_divided_by_said(said, said_lengths, right, right_lengths):
    """the edits are divided by the symbols that were said, and should be by the right ones

    Named by: phones divided said right"""
    edits, _, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, edits.sum() / said_lengths.sum(), words


def wrong_divided_by_the_longer(said, said_lengths, right, right_lengths):
    """each word counts with the longer of its two lengths, and should with the right one

    Named by: phones longer right"""
    edits, _, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, edits.sum() / np.maximum(said_lengths, right_lengths).sum(), words


def wrong_an_edit_a_word(said, said_lengths, right, right_lengths):
    """the phone error is divided by the number of words: it is edits a word

    Named by: phones divided number of words"""
    edits, _, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, edits.mean(), words


def wrong_right_ones(said, said_lengths, right, right_lengths):
    """words is the part that is right, and should be the part that is wrong

    Named by: words right wrong part | words counts right wrong"""
    edits, phones, words = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, phones, 1 - words


def wrong_number_of_words(said, said_lengths, right, right_lengths):
    """words is how many are wrong, and should be the part of them

    Named by: words number part | words N times"""
    edits, phones, _ = practice_8_3_error(said, said_lengths, right, right_lengths)
    return edits, phones, (edits > 0).sum()
