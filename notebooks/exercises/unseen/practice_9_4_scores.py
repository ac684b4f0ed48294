"""Mistakes that the diagnosis of practice-9.4-scores has never seen."""
import numpy as np
from solutions.practice_9_4_scores import practice_9_4_scores


def wrong_no_root(q, k, W, W_q, W_k, v):
    """dot of (1) is divided by d and not by its root.

    Named by: dot d instead sqrt | dot divided by d root | dot root missing | dot sqrt(d) d
    """
    dot, general, additive = practice_9_4_scores(q, k, W, W_q, W_k, v)
    return dot / np.sqrt(q.shape[3]), general, additive


def wrong_W_on_the_other_side(q, k, W, W_q, W_k, v):
    """general of (2) is q W^T k: W stands transposed, with the query on its right side.

    Named by: general W transpose | general W^T | general W other side | general W turned
    """
    dot, _, additive = practice_9_4_scores(q, k, W, W_q, W_k, v)
    return dot, q @ W.transpose(0, 2, 1) @ k.transpose(0, 1, 3, 2), additive


def wrong_tanh_of_each(q, k, W, W_q, W_k, v):
    """additive of (3) takes the tanh of q W_q and of k W_k, each by itself, and not of their sum.

    Named by: additive tanh each | additive tanh sum | tanh before sum | two tanh additive
    """
    dot, general, _ = practice_9_4_scores(q, k, W, W_q, W_k, v)
    h = np.tanh(q @ W_q)[:, :, :, None] + np.tanh(k @ W_k)[:, :, None]
    return dot, general, (h * v[:, None, None]).sum(axis=-1)
