"""Scheduled sampling: the solution, other right answers, and mistakes that people make."""
import math

import numpy as np


def scheduled_sampling(ids, logits, coins, u, k, i):
    epsilon = k / (k + np.exp(i / k))                                           # (1)
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]                                                      # (2)
    for t in range(1, ids.shape[1]):
        y = logits[read[:, t - 1]]                                              # (3)
        own = np.argmax(y - np.log(-np.log(u[:, t])), axis=1)                   # (4)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)            # (5)
    return epsilon, read


# Right --------------------------------------------------------------------------------------------------------

def right_loops(ids, logits, coins, u, k, i):
    """One row and one symbol after the other."""
    epsilon = k / (k + math.exp(i / k))
    read = [[int(row[0])] for row in ids]
    for b, row in enumerate(read):
        for t in range(1, len(ids[b])):
            if coins[b, t] < epsilon:
                row.append(int(ids[b, t]))
            else:
                noisy = [y - math.log(-math.log(p)) for y, p in zip(logits[row[-1]], u[b, t], strict=True)]
                row.append(noisy.index(max(noisy)))
    return epsilon, read


def right_gumbel_first(ids, logits, coins, u, k, i):
    """All coins are thrown and all noise is made before the loop; one-hot products fetch the rows."""
    epsilon = 1 / (1 + np.exp(i / k) / k)
    is_true, gumbel = coins < epsilon, -np.log(-np.log(u))
    read = np.zeros(ids.shape, int)
    read[:, 0] = ids[:, 0]
    for t in range(1, ids.shape[1]):
        y = np.eye(len(logits))[read[:, t - 1]] @ logits + gumbel[:, t]
        read[:, t] = is_true[:, t] * ids[:, t] + ~is_true[:, t] * y.argmax(axis=-1)
    return epsilon, read


def right_races(ids, logits, coins, u, k, i):
    """(4) as a race: the smallest of -ln u / p comes first, with the probability p of softmax."""
    e = k * np.exp(-i / k)
    epsilon = e / (e + 1)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    columns = [ids[:, 0]]
    for t in range(1, ids.shape[1]):
        own = (-np.log(u[:, t]) / p[columns[-1]]).argmin(axis=1)
        columns.append(np.where(coins[:, t] >= epsilon, own, ids[:, t]))
    return epsilon, np.stack(columns, axis=1)


def right_table(ids, logits, coins, u, k, i):
    """What would be drawn after every symbol, for all rows and steps at once; the loop only looks it up."""
    epsilon = k / (k + math.e ** (i / k))
    own = np.argmax(logits[None, None] - np.log(-np.log(u))[:, :, None], axis=3)            # (B, T, V)
    rows, read = np.arange(len(ids)), np.array(ids)
    for t in range(1, ids.shape[1]):
        lies = coins[:, t] >= epsilon
        read[lies, t] = own[rows, t, read[:, t - 1]][lies]
    return [epsilon, read]


# Wrong --------------------------------------------------------------------------------------------------------

def decoded(ids, logits, coins, u, epsilon, after=None, is_true=None, first=1):
    """(2) to (5), for those that go wrong in one of them."""
    is_true = coins < epsilon if is_true is None else is_true
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]
    for t in range(first, ids.shape[1]):
        y = logits[(read if after is None else after)[:, t - 1]]
        read[:, t] = np.where(is_true[:, t], ids[:, t], np.argmax(y - np.log(-np.log(u[:, t])), axis=1))
    return epsilon, read


def rate(k, i):
    """(1)"""
    return k / (k + np.exp(i / k))


def wrong_coin(ids, logits, coins, u, k, i):
    """the coin of (5) is read the wrong way round: the truth where it is above epsilon

    Named by: coin (5) wrong way | `coins[:, t] > epsilon` stands where (5) | `ids[:, t]` `own` each other's place (5) |
    `np.where(coins[:, t] < epsilon, own, ids[:, t])` stands where (5)"""
    return decoded(ids, logits, coins, u, rate(k, i), is_true=coins > rate(k, i))


def wrong_after_the_truth(ids, logits, coins, u, k, i):
    """what the decoder says follows the true symbol: (3) reads ids where it has to be what was read

    Named by: (3) ids read true symbol | `ids` stands where `read` (3)"""
    return decoded(ids, logits, coins, u, rate(k, i), after=ids)


def wrong_one_coin_a_row(ids, logits, coins, u, k, i):
    """one coin decides for a whole row, and (5) throws one at each step

    Named by: one coin row (5) | `coins[:, 1]` stands where `coins[:, t]` (5)"""
    is_true = np.repeat(coins[:, 1:2] < rate(k, i), ids.shape[1], axis=1)
    return decoded(ids, logits, coins, u, rate(k, i), is_true=is_true)


def wrong_one_coin_a_step(ids, logits, coins, u, k, i):
    """one coin decides for all rows of a step: in (5) each row has its own

    Named by: one coin all rows step (5) | `coins[:1, t]` stands where `coins[:, t]` (5)"""
    is_true = np.repeat(coins[:1] < rate(k, i), len(ids), axis=0)
    return decoded(ids, logits, coins, u, rate(k, i), is_true=is_true)


def wrong_likeliest(ids, logits, coins, u, k, i):
    """the likeliest symbol is taken, and nothing is drawn: the term of u is missing in (4)

    Named by: likeliest (4) | term `np.log(-np.log(u[:, t]))` missing (4)"""
    epsilon, read = rate(k, i), ids.copy()
    for t in range(1, ids.shape[1]):
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], logits[read[:, t - 1]].argmax(axis=1))
    return epsilon, read


def wrong_sign_of_the_noise(ids, logits, coins, u, k, i):
    """the sign of the draw's term is turned in (4): y + ln(-ln u)

    Named by: sign term turned (4) | sign of `np.log(-np.log(u[:, t]))` turned (4)"""
    epsilon, read = rate(k, i), ids.copy()
    for t in range(1, ids.shape[1]):
        own = (logits[read[:, t - 1]] + np.log(-np.log(u[:, t]))).argmax(axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)
    return epsilon, read


def wrong_one_logarithm(ids, logits, coins, u, k, i):
    """there is one logarithm in (4) where there are two: y + ln u

    Named by: one logarithm (4) | np.log without function (4) | sign of `np.log(u[:, t])` (4)"""
    epsilon, read = rate(k, i), ids.copy()
    for t in range(1, ids.shape[1]):
        own = (logits[read[:, t - 1]] + np.log(u[:, t])).argmax(axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)
    return epsilon, read


def wrong_draws_of_the_step_before(ids, logits, coins, u, k, i):
    """own_t is drawn with u of the step before, and (4) has u[:, t]

    Named by: u step before (4) | `u[:, t - 1]` stands where `u[:, t]` (4)"""
    before = np.concatenate([u[:, :1], u[:, :-1]], axis=1)
    return decoded(ids, logits, coins, before, rate(k, i))


def wrong_coins_of_the_step_before(ids, logits, coins, u, k, i):
    """the coin is that of the step before, and (5) has coins[:, t]

    Named by: coin step before (5) | `coins[:, t - 1]` stands where `coins[:, t]` (5)"""
    return decoded(ids, logits, coins, u, rate(k, i), is_true=np.roll(coins, 1, axis=1) < rate(k, i))


def wrong_truth_of_before(ids, logits, coins, u, k, i):
    """where the truth is read it is that of the step before, ids[:, t - 1], as if SOS were not in ids yet

    Named by: truth step before ids[:, t - 1] | `ids[:, t - 1]` stands where `ids[:, t]` (5)"""
    epsilon, read = rate(k, i), ids.copy()
    for t in range(1, ids.shape[1]):
        own = np.argmax(logits[read[:, t - 1]] - np.log(-np.log(u[:, t])), axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t - 1], own)
    return epsilon, read


def wrong_epsilon_without_k(ids, logits, coins, u, k, i):
    """the division by k is missing in the exponent of (1)

    Named by: division `k` missing (1) | division by k missing (1)"""
    return decoded(ids, logits, coins, u, k / (k + np.exp(i)))


def wrong_sign_of_the_exponent(ids, logits, coins, u, k, i):
    """the sign of the exponent in (1) is turned, and epsilon rises

    Named by: sign exponent (1) turned `epsilon`"""
    return decoded(ids, logits, coins, u, k / (k + np.exp(-i / k)))


def wrong_sigmoid(ids, logits, coins, u, k, i):
    """epsilon is 1 / (1 + exp(i / k)), with a 1 in both places where (1) has k

    Named by: epsilon 1 k (1) both"""
    return decoded(ids, logits, coins, u, 1 / (1 + np.exp(i / k)))


def wrong_always_the_truth(ids, logits, coins, u, k, i):
    """read is the truth at all steps, which is teacher forcing: own_t of (5) is never read

    Named by: read truth all steps | read it is ids as it was given | `read[:, t]` missing (5)"""
    return rate(k, i), ids.copy()


def wrong_first_column(ids, logits, coins, u, k, i):
    """the first column is drawn, too: the loop of (5) begins at t = 0, and by (2) it is SOS

    Named by: loop t = 0 (2) | loop `range(1, ids.shape[1])` begins at 0"""
    return decoded(ids, logits, coins, u, rate(k, i), first=0)


def wrong_exp_lost(ids, logits, coins, u, k, i):
    """epsilon of (1) is k / (k + i), without the exp of i / k

    Named by: epsilon exp missing | epsilon without exp | epsilon exp forgotten | epsilon i instead exp"""
    epsilon = k / (k + i)
    read = np.zeros_like(ids)
    read[:, 0] = ids[:, 0]
    for t in range(1, ids.shape[1]):
        y = logits[read[:, t - 1]]
        own = np.argmax(y - np.log(-np.log(u[:, t])), axis=1)
        read[:, t] = np.where(coins[:, t] < epsilon, ids[:, t], own)
    return epsilon, read
