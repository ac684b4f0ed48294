"""Mistakes that the diagnosis of scheduled-sampling has never seen."""
import numpy as np


def wrong_one_coin_for_a_row(ids, logits, coins, u, k, i):
    """(5) throws one coin for a whole row, that of t = 1, where each step t has a coin of its own.

    Named by: coin each step | one coin row | coin same all steps | coins t = 1 only
    """
    epsilon = k / (k + np.exp(i / k))
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]
    for t in range(1, ids.shape[1]):
        y = logits[read[:, t - 1]]
        own = np.argmax(y - np.log(-np.log(u[:, t])), axis=1)
        read[:, t] = np.where(coins[:, 1] < epsilon, ids[:, t], own)
    return epsilon, read


def wrong_one_logarithm(ids, logits, coins, u, k, i):
    """own_t of (4) adds the noise -ln u with one logarithm, where it is -ln(-ln u).

    Named by: own ln once | noise one logarithm | -ln(-ln u) ln missing | own logarithm inner
    """
    epsilon = k / (k + np.exp(i / k))
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]
    for t in range(1, ids.shape[1]):
        y = logits[read[:, t - 1]]
        own = np.argmax(y - np.log(u[:, t]), axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)
    return epsilon, read


def wrong_plain_sigmoid(ids, logits, coins, u, k, i):
    """epsilon of (1) is 1 / (1 + exp(i / k)): the k of the fraction is a 1.

    Named by: epsilon k 1 | epsilon k missing | epsilon k / (k + | epsilon numerator k
    """
    epsilon = 1 / (1 + np.exp(i / k))
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]
    for t in range(1, ids.shape[1]):
        y = logits[read[:, t - 1]]
        own = np.argmax(y - np.log(-np.log(u[:, t])), axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)
    return epsilon, read
