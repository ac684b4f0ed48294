"""Mistakes that the diagnosis of practice-9.3-cache has never seen."""
import numpy as np


def cached(q, k, v, old_keys, old_values, mask, scaled=True, mixed="values"):
    K, T, d = old_keys.shape[1], q.shape[1], q.shape[2]
    keys, values = np.concatenate([old_keys, k], axis=1), np.concatenate([old_values, v], axis=1)
    e = q @ keys.transpose(0, 2, 1) / (np.sqrt(d) if scaled else 1)
    e = np.where(mask(T, K), e, -np.inf)
    a = np.exp(e - e.max(axis=2, keepdims=True))
    alpha = a / a.sum(axis=2, keepdims=True)
    return keys, alpha, alpha @ (keys if mixed == "keys" else values)


def right_mask(T, K):
    return np.tri(T, K + T, K)


def wrong_mask_from_zero(q, k, v, old_keys, old_values):
    """The mask of (2) is j <= t, without the K of the cache: the new steps do not see the newest of the old ones.

    Named by: mask K missing | j <= t without K | alpha K offset | mask K + t
    """
    return cached(q, k, v, old_keys, old_values, lambda T, K: np.tri(T, K + T))


def wrong_keys_mixed(q, k, v, old_keys, old_values):
    """c_t of (4) mixes the keys and not the values.

    Named by: c keys instead values | c mixes keys | c keys not values
    """
    return cached(q, k, v, old_keys, old_values, right_mask, mixed="keys")


def wrong_not_scaled(q, k, v, old_keys, old_values):
    """The scores of (2) are not divided by sqrt(d).

    Named by: sqrt(d) missing | not divided root | scores sqrt(d) | e without sqrt(d)
    """
    return cached(q, k, v, old_keys, old_values, right_mask, scaled=False)
