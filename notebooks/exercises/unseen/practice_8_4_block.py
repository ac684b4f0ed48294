"""Mistakes that the diagnosis of practice-8.4-block has never seen."""
import numpy as np
from solutions.practice_8_4_block import practice_8_4_block


def normed(x, axis=-1):
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt((centred ** 2).mean(axis=axis, keepdims=True) + 1e-5)


def block(x, W_q, W_k, W_v, W_o, W_1, W_2, norm_axis=-1, softmax_axis=-1):
    n = normed(x, norm_axis)
    e = (n @ W_q) @ (n @ W_k).transpose(0, 2, 1) / np.sqrt(x.shape[2])
    e = np.where(np.tril(np.ones(e.shape[1:], bool)), e, -np.inf)
    p = np.exp(e - e.max(axis=softmax_axis, keepdims=True))
    u = x + p / p.sum(axis=softmax_axis, keepdims=True) @ (n @ W_v) @ W_o
    return u, u + np.maximum(0, normed(u, norm_axis) @ W_1) @ W_2


def wrong_norm_over_steps(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """Mean and variance of (1) and (6) are those of each channel over the steps, not of each step over its channels.

    Named by: norm over steps | mean variance steps | normalised axis T | mean steps instead channels
    """
    return block(x, W_q, W_k, W_v, W_o, W_1, W_2, norm_axis=1)


def wrong_softmax_over_queries(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """The softmax of (4) goes over the queries t and not over the keys s: columns add up to 1, not rows.

    Named by: softmax over queries | softmax over t | softmax columns | alpha columns add up | softmax wrong axis
    """
    return block(x, W_q, W_k, W_v, W_o, W_1, W_2, softmax_axis=1)


def wrong_second_way_from_x(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """In (7) the second branch is added to x and not to u, so the attention is not on the way straight through.

    Named by: y x instead u | y added to x | (7) x + | branch added x
    """
    u, y = practice_8_4_block(x, W_q, W_k, W_v, W_o, W_1, W_2)
    return u, y - u + x
