"""practice-9.3-cache: a solution, other right ones, and mistakes."""
import numpy as np


def practice_9_3_cache(q, k, v, old_keys, old_values):
    K, T, d = old_keys.shape[1], q.shape[1], q.shape[2]
    keys = np.concatenate([old_keys, k], axis=1)                                                    # (1)
    values = np.concatenate([old_values, v], axis=1)                                                # (1)
    e = q @ keys.transpose(0, 2, 1) / np.sqrt(d)                                                    # (2)
    e = np.where(np.tri(T, K + T, K), e, -np.inf)                                                   # (2)
    a = np.exp(e - e.max(axis=2, keepdims=True))                                                    # (3)
    alpha = a / a.sum(axis=2, keepdims=True)                                                        # (3)
    c = alpha @ values                                                                              # (4)
    return keys, alpha, c


# Right --------------------------------------------------------------------------------------------------------

def right_step_by_step(q, k, v, old_keys, old_values):
    """As in writing: one symbol at a time, each put into the cache before it is asked about."""
    B, T, d = q.shape
    keys, values = old_keys, old_values
    alpha, c = np.zeros((B, T, old_keys.shape[1] + T)), np.zeros((B, T, d))
    for t in range(T):
        keys, values = np.append(keys, k[:, t:t + 1], axis=1), np.append(values, v[:, t:t + 1], axis=1)
        a = np.exp((keys @ q[:, t, :, None])[..., 0] / d ** 0.5)
        alpha[:, t, :keys.shape[1]] = a / a.sum(axis=1, keepdims=True)
        c[:, t] = (alpha[:, t, :keys.shape[1], None] * values).sum(axis=1)
    return keys, alpha, c


def right_einsum(q, k, v, old_keys, old_values):
    keys, values = np.hstack([old_keys, k]), np.hstack([old_values, v])
    (T, d), S = q.shape[1:], keys.shape[1]
    is_seen = np.arange(S) <= S - T + np.arange(T)[:, None]
    a = np.exp(np.einsum("btd,bsd->bts", q / np.sqrt(d), keys)) * is_seen
    alpha = a / np.einsum("bts->bt", a)[..., None]
    return keys, alpha, np.einsum("bts,bsd->btd", alpha, values)


def right_as_part_of_the_whole(q, k, v, old_keys, old_values):
    """The whole text's S x S, of which the last T rows are kept; the queries of the old steps are nobody's."""
    K, d = old_keys.shape[1], q.shape[2]
    keys, values = (np.concatenate(pair, 1) for pair in ((old_keys, k), (old_values, v)))
    queries = np.concatenate([old_keys * 0, q], axis=1)
    e = queries @ np.swapaxes(keys, 1, 2) * d ** -0.5 + np.triu(np.full((keys.shape[1],) * 2, -np.inf), 1)
    a = np.exp(e - np.logaddexp.reduce(e, axis=2, keepdims=True))
    return keys, a[:, K:], a[:, K:] @ values


def right_two_parts(q, k, v, old_keys, old_values):
    """Old and new steps apart, joined by their shares of the sum."""
    d = q.shape[2]
    old, new = (np.exp(q @ x.transpose(0, 2, 1) / d ** 0.5) for x in (old_keys, k))
    new = np.tril(new)
    total = old.sum(axis=2, keepdims=True) + new.sum(axis=2, keepdims=True)
    c = (old @ old_values + new @ v) / total
    return np.concatenate([old_keys, k], axis=1), np.concatenate([old, new], axis=2) / total, c


# Wrong --------------------------------------------------------------------------------------------------------

def attended(q, keys, values, seen):
    """(2)-(4), for those that go wrong in the mask."""
    e = np.where(seen, q @ keys.transpose(0, 2, 1) / np.sqrt(q.shape[2]), -np.inf)
    a = np.exp(e)
    alpha = a / a.sum(axis=2, keepdims=True)
    return keys, alpha, alpha @ values


def both(k, v, old_keys, old_values):
    return np.concatenate([old_keys, k], axis=1), np.concatenate([old_values, v], axis=1)


def wrong_mask_from_nought(q, k, v, old_keys, old_values):
    """the mask begins anew with the new steps: query t sees the keys up to t, and should see those up to K + t

    Named by: mask forgets K + t | mask K + t"""
    keys, values = both(k, v, old_keys, old_values)
    return attended(q, keys, values, np.tri(q.shape[1], keys.shape[1]))


def wrong_no_mask(q, k, v, old_keys, old_values):
    """there is no mask: a new step sees the new steps behind it

    Named by: no mask behind"""
    keys, values = both(k, v, old_keys, old_values)
    return attended(q, keys, values, np.ones((q.shape[1], keys.shape[1])))


def wrong_not_itself(q, k, v, old_keys, old_values):
    """a step does not see itself

    Named by: step does not see itself"""
    keys, values = both(k, v, old_keys, old_values)
    return attended(q, keys, values, np.tri(q.shape[1], keys.shape[1], old_keys.shape[1] - 1))


def wrong_one_further(q, k, v, old_keys, old_values):
    """a step sees the one behind it as well

    Named by: sees the one behind it too"""
    keys, values = both(k, v, old_keys, old_values)
    return attended(q, keys, values, np.tri(q.shape[1], keys.shape[1], old_keys.shape[1] + 1))


def wrong_new_ones_first(q, k, v, old_keys, old_values):
    """the new keys and values are put before the old ones, and should stand behind them

    Named by: new keys before the old behind"""
    keys, values = both(old_keys, old_values, k, v)
    return attended(q, keys, values, np.tri(q.shape[1], keys.shape[1], old_keys.shape[1]))


def wrong_not_scaled(q, k, v, old_keys, old_values):
    """the scores are not divided by sqrt(d)

    Named by: scores not divided sqrt(d) | division by `np.sqrt(d)` missing"""
    return practice_9_3_cache(q * q.shape[2] ** 0.5, k, v, old_keys, old_values)


def wrong_divided_by_d(q, k, v, old_keys, old_values):
    """the scores are divided by d, and should be by its root

    Named by: scores divided by d root | division by `np.sqrt(d)` twice"""
    return practice_9_3_cache(q / q.shape[2] ** 0.5, k, v, old_keys, old_values)


def wrong_mixes_keys(q, k, v, old_keys, old_values):
    """c mixes the keys, and should mix the values

    Named by: c mixes keys values | `keys` stands where `values` belongs (4)"""
    keys, alpha, _ = practice_9_3_cache(q, k, v, old_keys, old_values)
    return keys, alpha, alpha @ keys


def wrong_masked_with_nought(q, k, v, old_keys, old_values):
    """what is hidden gets the score 0 and not -inf: it keeps a weight

    Named by: hidden 0 -inf | `-np.inf` 0 mask | not 0 at places where it should be 0"""
    keys, values = both(k, v, old_keys, old_values)
    e = q @ keys.transpose(0, 2, 1) / np.sqrt(q.shape[2]) * np.tri(q.shape[1], keys.shape[1], old_keys.shape[1])
    a = np.exp(e)
    alpha = a / a.sum(axis=2, keepdims=True)
    return keys, alpha, alpha @ values


def wrong_mask_behind_the_softmax(q, k, v, old_keys, old_values):
    """the mask comes behind the softmax: the weights no longer add up to 1

    Named by: mask behind softmax add up to 1 | along S right but for a factor add up to 1"""
    keys, values = both(k, v, old_keys, old_values)
    _, alpha, _ = attended(q, keys, values, np.ones((q.shape[1], keys.shape[1])))
    alpha = alpha * np.tri(q.shape[1], keys.shape[1], old_keys.shape[1])
    return keys, alpha, alpha @ values


def wrong_softmax_over_queries(q, k, v, old_keys, old_values):
    """the softmax goes over the queries, and should go over the keys

    Named by: softmax over queries keys | goes over axis 1"""
    keys, values = both(k, v, old_keys, old_values)
    a = np.exp(q @ keys.transpose(0, 2, 1) / np.sqrt(q.shape[2]))
    a = a * np.tri(q.shape[1], keys.shape[1], old_keys.shape[1])
    alpha = a / a.sum(axis=1, keepdims=True)
    return keys, alpha, alpha @ values
