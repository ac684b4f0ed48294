"""practice-7.2-perplexity: a solution, other right ones, and mistakes."""
import math

import numpy as np


def practice_7_2_perplexity(y, target, lengths):
    B, T = target.shape
    p = np.exp(y) / np.exp(y).sum(axis=2, keepdims=True)                        # (1)
    ln_p = np.log(p[np.arange(B)[:, None], np.arange(T), target])               # (2)
    is_word = np.arange(T) < lengths[:, None]
    N = is_word.sum()                                                           # (2)
    nats = -(ln_p * is_word).sum() / N                                          # (2)
    bits = nats / np.log(2)                                                     # (3)
    perplexity = np.exp(nats)                                                   # (4)
    return nats, bits, perplexity


# Right --------------------------------------------------------------------------------------------------------

def right_word_by_word(y, target, lengths):
    total, N = 0.0, 0
    for row, length in enumerate(lengths):
        for t in range(length):
            scores = y[row, t]
            total += math.log(sum(math.exp(score) for score in scores)) - scores[target[row, t]]
            N += 1
    return total / N, total / N / math.log(2), math.exp(total / N)


def right_as_a_product(y, target, lengths):
    """The perplexity as the N-th root of one over the product of all probabilities."""
    product, N = 1.0, int(lengths.sum())
    for row in range(len(y)):
        for t in range(lengths[row]):
            p = np.exp(y[row, t] - y[row, t].max())
            product *= p[target[row, t]] / p.sum()
    perplexity = (1 / product) ** (1 / N)
    return np.log(perplexity), np.log2(perplexity), perplexity


def right_words_cut_out(y, target, lengths):
    """Only the words, in one long row; in bits first."""
    scores = np.concatenate([y[row, :length] for row, length in enumerate(lengths)])
    ids = np.concatenate([target[row, :length] for row, length in enumerate(lengths)])
    shifted = scores - scores.max(axis=1, keepdims=True)
    ln_p = shifted[np.arange(len(ids)), ids] - np.log(np.exp(shifted).sum(axis=1))
    bits = -np.mean(ln_p / np.log(2))
    return bits * np.log(2), bits, 2 ** bits


def right_one_hot(y, target, lengths):
    """One-hot targets, and a weight 1/N for each word."""
    T, V = y.shape[1:]
    weight = (np.arange(T)[None] < np.asarray(lengths)[:, None]) / np.sum(lengths)
    ln_p = y - np.logaddexp.reduce(y, axis=2)[..., None]
    nats = -np.einsum("btv,btv,bt->", np.eye(V)[target], ln_p, weight)
    return nats, nats * np.log2(np.e), np.e ** nats


# Wrong --------------------------------------------------------------------------------------------------------

def ln_ps(y, target):
    """ln p of the targets (B, T), for those that go wrong behind it."""
    ln_p = y - np.log(np.exp(y).sum(axis=2, keepdims=True))
    return np.take_along_axis(ln_p, target[..., None], axis=2)[..., 0]


def words(target, lengths):
    return np.arange(target.shape[1]) < lengths[:, None]


def of(nats):
    return nats, nats / np.log(2), np.exp(nats)


def wrong_padding_counted(y, target, lengths):
    """padding counts as words: the mean (2) is over all B T places

    Named by: padding counts | `is_word` missing (2) all | padding B T"""
    return of(-ln_ps(y, target).mean())


def wrong_divided_by_all_places(y, target, lengths):
    """the sum leaves the padding out and is divided by B T, all places; N in (2) are the words alone

    Named by: divided B T N words (2) | divided by B T"""
    return of(-(ln_ps(y, target) * words(target, lengths)).sum() / target.size)


def wrong_mean_of_rows(y, target, lengths):
    """the mean is taken of each text and then over the texts: a word of a short text counts more, and in (2) all count
    the same

    Named by: mean each text count | mean of rows | text by itself mean"""
    is_word = words(target, lengths)
    return of(-((ln_ps(y, target) * is_word).sum(axis=1) / is_word.sum(axis=1)).mean())


def wrong_divided_by_texts(y, target, lengths):
    """the sum is divided by the number of texts B, and in (2) by that of words N

    Named by: divided B words N | divided number of texts"""
    return of(-(ln_ps(y, target) * words(target, lengths)).sum() / len(y))


def wrong_sum(y, target, lengths):
    """the sum is not divided by N: (2) is a mean

    Named by: not divided N (2) | `N` missing (2) | sum not divided"""
    return of(-(ln_ps(y, target) * words(target, lengths)).sum())


def wrong_sign(y, target, lengths):
    """the sign of (2) is lost: nats is below 0, and the perplexity below 1

    Named by: sign nats turned | sign (2)"""
    return of((ln_ps(y, target) * words(target, lengths)).sum() / lengths.sum())


def wrong_mean_of_perplexities(y, target, lengths):
    """the perplexity is the mean of 1/p over the words, and in (4) e to the power of the mean

    Named by: perplexity mean of 1/p | perplexity mean power (4)"""
    nats, bits, _ = practice_7_2_perplexity(y, target, lengths)
    is_word = words(target, lengths)
    return nats, bits, np.exp(-ln_ps(y, target)[is_word]).mean()


def wrong_log_of_mean(y, target, lengths):
    """nats is minus the logarithm of the mean probability, and (2) is the mean of the logarithms

    Named by: logarithm of the mean mean of the logarithms | log mean probability"""
    return of(-np.log(np.exp(ln_ps(y, target)[words(target, lengths)]).mean()))


def wrong_two_to_the_nats(y, target, lengths):
    """the perplexity is 2 to the power of nats, and the base of (4) is that of the logarithm: e

    Named by: 2 power nats e | perplexity 2 base (4)"""
    nats, bits, _ = practice_7_2_perplexity(y, target, lengths)
    return nats, bits, 2 ** nats


def wrong_e_to_the_bits(y, target, lengths):
    """the perplexity is e to the power of bits: in (4) stands nats

    Named by: perplexity bits nats (4)"""
    nats, bits, _ = practice_7_2_perplexity(y, target, lengths)
    return nats, bits, np.exp(bits)


def wrong_bits(y, target, lengths):
    """bits is nats times ln 2, and in (3) divided by it

    Named by: bits times ln 2 divided | `*` `/` (3) | bits multiplied divided (3)"""
    nats, _, perplexity = practice_7_2_perplexity(y, target, lengths)
    return nats, nats * np.log(2), perplexity


def wrong_softmax_axis(y, target, lengths):
    """the softmax runs along the steps, and in (1) along the V words

    Named by: softmax along steps | axis=1 axis=2 (1) | axis 1 2 (1)"""
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    ln_p = np.log(np.take_along_axis(p, target[..., None], axis=2)[..., 0])
    return of(-(ln_p * words(target, lengths)).sum() / lengths.sum())


def wrong_one_word_too_many(y, target, lengths):
    """the mask takes t <= lengths: one place of padding counts as a word

    Named by: <= padding one | one place padding | `<=` `<` """
    is_word = np.arange(target.shape[1]) <= lengths[:, None]
    return of(-(ln_ps(y, target) * is_word).sum() / is_word.sum())


def log_probabilities(y, target, axis=2):
    p = np.exp(y) / np.exp(y).sum(axis=axis, keepdims=True)
    return np.log(p[np.arange(len(target))[:, None], np.arange(target.shape[1]), target])


def wrong_one_place_of_padding(y, target, lengths):
    """the sum of (2) has t <= lengths_b, one place of padding of each text that has any

    Named by: nats one place padding | nats padding <= | nats first padding | nats length itself"""
    ln_p = log_probabilities(y, target)
    is_word = np.arange(target.shape[1]) <= lengths[:, None]
    nats = -(ln_p * is_word).sum() / lengths.sum()
    return nats, nats / np.log(2), np.exp(nats)
