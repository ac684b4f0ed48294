"""practice-9.4-scores: a solution, other right ones, and mistakes."""
import numpy as np

from tinyseq.autograd import tensor
from tinyseq.layers import ConcatAttention, DotAttention, GeneralAttention


def practice_9_4_scores(q, k, W, W_q, W_k, v):
    d = q.shape[3]
    dot = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d)                              # (1)
    general = q @ W @ k.transpose(0, 1, 3, 2)                                   # (2)
    a = q @ W_q                                                                 # (3)
    b = k @ W_k                                                                 # (3)
    h = np.tanh(a[:, :, :, None] + b[:, :, None])                               # (3)
    additive = (h * v[:, None, None]).sum(axis=-1)                              # (3)
    return dot, general, additive


# Right --------------------------------------------------------------------------------------------------------

def right_by_einsum(q, k, W, W_q, W_k, v):
    dot = np.einsum("bhtd,bhsd->bhts", q, k) * q.shape[-1] ** -0.5
    general = np.einsum("bhtd,hde,bhse->bhts", q, W, k)
    a, b = np.einsum("bhtd,hde->bhte", q, W_q), np.einsum("bhsd,hde->bhse", k, W_k)
    return dot, general, np.einsum("bhtse,he->bhts", np.tanh(np.expand_dims(a, 3) + np.expand_dims(b, 2)), v)


def right_entry_by_entry(q, k, W, W_q, W_k, v):
    B, nh, T, d = q.shape
    dot, general, additive = (np.zeros((B, nh, T, T)) for _ in range(3))
    for b, i, t, s in np.ndindex(B, nh, T, T):
        x, y = q[b, i, t], k[b, i, s]
        dot[b, i, t, s] = (x * y).sum() / d ** 0.5
        general[b, i, t, s] = x.dot(W[i]).dot(y)
        additive[b, i, t, s] = v[i] @ np.tanh(W_q[i].T @ x + W_k[i].T @ y)
    return dot, general, additive


def right_head_by_head(q, k, W, W_q, W_k, v):
    """The queries are scaled before the product; both matrices of (3) are one, [W_q; W_k]."""
    nh, T, d = q.shape[1:]
    found = [[], [], []]
    for i in range(nh):
        turned = k[:, i].swapaxes(1, 2)
        pairs = np.concatenate([np.repeat(q[:, i, :, None], T, axis=2), np.repeat(k[:, i, None], T, axis=1)], axis=-1)
        found[0].append(q[:, i] / np.sqrt(d) @ turned)
        found[1].append(q[:, i] @ (W[i] @ turned))
        found[2].append(np.tanh(pairs @ np.vstack([W_q[i], W_k[i]])) @ v[i])
    return tuple(np.stack(one, axis=1) for one in found)


def right_transposed(q, k, W, W_q, W_k, v):
    """Keys first, and turned round in the end."""
    d = q.shape[-1]
    queries = q.transpose(0, 1, 3, 2)
    dot = (k @ queries).swapaxes(2, 3) / np.sqrt(float(d))
    general = (k @ W.transpose(0, 2, 1) @ queries).swapaxes(2, 3)
    compared = np.tanh((k @ W_k)[:, :, :, None] + (q @ W_q)[:, :, None])
    return dot, general, (compared @ v[:, None, :, None])[..., 0].swapaxes(2, 3)


def right_by_layers(q, k, W, W_q, W_k, v):
    """The library's layers, with these weights; concat is additive in another guise."""
    d, nh = q.shape[3], q.shape[1]

    def scores(layer, i, **weights):
        layer.astype("float64").load_state_dict(weights)
        return layer.scores(tensor(q[:, i]), layer.prepared(tensor(k[:, i]))).numpy()
    heads, both = range(nh), np.concatenate([W_q, W_k], axis=1)
    return (np.stack([scores(DotAttention(scaled=True), i) for i in heads], axis=1),
            np.stack([scores(GeneralAttention(d, d), i, W=W[i]) for i in heads], axis=1),
            np.stack([scores(ConcatAttention(d, d, d), i, W=both[i], v=v[i]) for i in heads], axis=1))


# Wrong --------------------------------------------------------------------------------------------------------

def replaced(place, result, q, k, W, W_q, W_k, v):
    """One of the three results, of those that go wrong in it alone."""
    found = list(practice_9_4_scores(q, k, W, W_q, W_k, v))
    found[place] = result
    return tuple(found)


def wrong_not_scaled(q, k, W, W_q, W_k, v):
    """the products of (1) are not divided by sqrt(d)

    Named by: not divided root (1) | division `np.sqrt(d)` missing (1) | dot sqrt"""
    return replaced(0, q @ k.swapaxes(2, 3), q, k, W, W_q, W_k, v)


def wrong_divided_by_d(q, k, W, W_q, W_k, v):
    """the products of (1) are divided by d, and not by its root

    Named by: divided d root (1) | division `np.sqrt(d)` twice (1)"""
    return replaced(0, q @ k.swapaxes(2, 3) / q.shape[3], q, k, W, W_q, W_k, v)


def wrong_root_of_the_steps(q, k, W, W_q, W_k, v):
    """the products of (1) are divided by the root of T, and not of d

    Named by: dot T d root (1) | `q.shape[2]` stands where `q.shape[3]` belongs"""
    return replaced(0, q @ k.swapaxes(2, 3) / np.sqrt(q.shape[2]), q, k, W, W_q, W_k, v)


def wrong_rows_and_columns(q, k, W, W_q, W_k, v):
    """in (1) t is the step of the key, and s that of the query: the scores are transposed

    Named by: transposed (1) | `q` `k` each other's place (1)"""
    return replaced(0, k @ q.swapaxes(2, 3) / np.sqrt(q.shape[3]), q, k, W, W_q, W_k, v)


def wrong_w_transposed(q, k, W, W_q, W_k, v):
    """W is transposed in (2): it multiplies k from the other side

    Named by: W transposed (2)"""
    return replaced(1, q @ (k @ W).swapaxes(2, 3), q, k, W, W_q, W_k, v)


def wrong_no_w(q, k, W, W_q, W_k, v):
    """W is missing in (2)

    Named by: W missing (2)"""
    return replaced(1, q @ k.swapaxes(2, 3), q, k, W, W_q, W_k, v)


def wrong_general_scaled(q, k, W, W_q, W_k, v):
    """(2) is divided by sqrt(d), as (1) is

    Named by: divided root (2) | general 1/sqrt(d)"""
    return replaced(1, q @ W @ k.swapaxes(2, 3) / np.sqrt(q.shape[3]), q, k, W, W_q, W_k, v)


def wrong_first_w_for_all(q, k, W, W_q, W_k, v):
    """all heads have the W of the first in (2)

    Named by: heads same W first (2)"""
    return replaced(1, q @ W[0] @ k.swapaxes(2, 3), q, k, W, W_q, W_k, v)


def compared(q, k, W_q, W_k):
    return (q @ W_q)[:, :, :, None] + (k @ W_k)[:, :, None]


def wrong_no_v(q, k, W, W_q, W_k, v):
    """the entries of tanh(...) are added up without v (3)

    Named by: v missing (3) | factor `v[:, None, None]` missing (3)"""
    return replaced(2, np.tanh(compared(q, k, W_q, W_k)).sum(axis=-1), q, k, W, W_q, W_k, v)


def wrong_no_tanh(q, k, W, W_q, W_k, v):
    """the tanh is missing in (3): then the query has no part in the softmax

    Named by: tanh missing (3) | np.tanh without its function (3)"""
    return replaced(2, compared(q, k, W_q, W_k) @ v[:, None, :, None] @ np.ones(1), q, k, W, W_q, W_k, v)


def wrong_tanh_last(q, k, W, W_q, W_k, v):
    """the tanh of (3) is taken of the product with v, and not before it

    Named by: tanh last v (3) | tanh after v (3)"""
    return replaced(2, np.tanh((compared(q, k, W_q, W_k) * v[:, None, None]).sum(-1)), q, k, W, W_q, W_k, v)


def wrong_product_of_both(q, k, W, W_q, W_k, v):
    """in (3) q W_q and k W_k are multiplied, and should be added

    Named by: product sum q W_q k W_k (3) | multiplied added (3)"""
    h = np.tanh((q @ W_q)[:, :, :, None] * (k @ W_k)[:, :, None])
    return replaced(2, (h * v[:, None, None]).sum(-1), q, k, W, W_q, W_k, v)


def wrong_w_q_and_w_k(q, k, W, W_q, W_k, v):
    """W_q and W_k stand in each other's place in (3)

    Named by: W_q W_k changed places (3) | `W_q` `W_k` each other's place"""
    return replaced(2, (np.tanh(compared(q, k, W_k, W_q)) * v[:, None, None]).sum(-1), q, k, W, W_q, W_k, v)


def wrong_rows_and_columns_of_additive(q, k, W, W_q, W_k, v):
    """in (3) the steps of keys are the rows: the scores are transposed

    Named by: transposed (3)"""
    found = practice_9_4_scores(q, k, W, W_q, W_k, v)[2]
    return replaced(2, found.swapaxes(2, 3), q, k, W, W_q, W_k, v)
