"""Mistakes that the diagnosis of practice-7.2-perplexity has never seen."""
import numpy as np
from solutions.practice_7_2_perplexity import practice_7_2_perplexity


def chosen(y, target):
    """ln p of the targets, and the mask's columns."""
    B, T = target.shape
    p = np.exp(y) / np.exp(y).sum(axis=2, keepdims=True)
    return np.log(p[np.arange(B)[:, None], np.arange(T), target]), np.arange(T)


def wrong_mean_of_means(y, target, lengths):
    """nats of (2) is the mean of the texts' means, so that a word of a short text counts more.

    Named by: nats mean each text | nats texts equally | nats mean of means | nats short text more
    """
    ln_p, t = chosen(y, target)
    nats = -((ln_p * (t < lengths[:, None])).sum(axis=1) / lengths).mean()
    return nats, nats / np.log(2), np.exp(nats)


def wrong_number_with_padding(y, target, lengths):
    """The sum of (2) leaves padding out, but N is B T, with the padding.

    Named by: nats divided B T | N padding counted | nats number padding | nats N B T
    """
    ln_p, t = chosen(y, target)
    nats = -(ln_p * (t < lengths[:, None])).mean()
    return nats, nats / np.log(2), np.exp(nats)


def wrong_power_of_two(y, target, lengths):
    """perplexity of (4) is 2^nats, where the logarithm has the base e.

    Named by: perplexity 2^nats | perplexity base 2 | perplexity power 2 | perplexity bits nats
    """
    nats, bits, _ = practice_7_2_perplexity(y, target, lengths)
    return nats, bits, 2 ** nats
