"""practice-8.4-block: a solution, other right ones, and mistakes."""
import numpy as np

from tinyseq.autograd import tensor
from tinyseq.layers import FeedForward, MultiHeadAttention


def practice_8_4_block(x, W_q, W_k, W_v, W_o, W_1, W_2):
    C = x.shape[2]
    centred = x - x.mean(axis=-1, keepdims=True)                                # (1)
    n = centred / np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + 1e-5)   # (1)
    q, k, v = n @ W_q, n @ W_k, n @ W_v                                         # (2)
    e = q @ k.transpose(0, 2, 1) / np.sqrt(C)                                   # (3)
    e = np.where(np.tril(np.ones(e.shape[1:], bool)), e, -np.inf)               # (3)
    p = np.exp(e - e.max(axis=-1, keepdims=True))                               # (4)
    alpha = p / p.sum(axis=-1, keepdims=True)                                   # (4)
    u = x + alpha @ v @ W_o                                                     # (5)
    centred_u = u - u.mean(axis=-1, keepdims=True)                              # (6)
    m = centred_u / np.sqrt((centred_u ** 2).mean(axis=-1, keepdims=True) + 1e-5)       # (6)
    y = u + np.maximum(0, m @ W_1) @ W_2                                        # (7)
    return u, y


# Right --------------------------------------------------------------------------------------------------------

def norm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def look(n, W_q, W_k, W_v, W_o, scale=None, hidden=-np.inf, mask=None, axis=-1):
    """The branch of (5), for those that go wrong in one place."""
    e = np.einsum("btc,bsc->bts", n @ W_q, n @ W_k) / (np.sqrt(n.shape[2]) if scale is None else scale)
    T = n.shape[1]
    e = np.where(np.tril(np.ones((T, T))) > 0 if mask is None else mask, e, hidden)
    p = np.exp(e - e.max())
    return p / p.sum(axis=axis, keepdims=True) @ n @ W_v @ W_o


def right_by_two_branches(x, W_q, W_k, W_v, W_o, W_1, W_2):
    u = x + look(norm(x), W_q, W_k, W_v, W_o)
    return u, u + (norm(u) @ W_1).clip(min=0) @ W_2


def right_step_by_step(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """Each step of each row by itself, over the steps before it."""
    B, T, C = x.shape
    u, y = np.zeros_like(x), np.zeros_like(x)
    for b in range(B):
        n = np.array([(row - row.mean()) / (row.var() + 1e-5) ** 0.5 for row in x[b]])
        for t in range(T):
            scores = [float((n[t] @ W_q) @ (n[s] @ W_k)) / C ** 0.5 for s in range(t + 1)]
            weights = [np.exp(score - max(scores)) for score in scores]
            context = sum(w * (n[s] @ W_v) for s, w in enumerate(weights)) / sum(weights)
            u[b, t] = x[b, t] + context @ W_o
            inside = norm(u[b, t]) @ W_1
            y[b, t] = u[b, t] + np.where(inside > 0, inside, 0) @ W_2
    return u, y


def right_by_products_of_weights(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """W_q W_k^T and W_v W_o, multiplied first; a finite number for what is hidden."""
    n = norm(x)
    e = n @ (W_q @ W_k.T) @ n.swapaxes(1, 2) / x.shape[2] ** 0.5
    e = e + -1e9 * np.triu(np.ones(e.shape[1:]), 1)
    e = np.exp(e - np.logaddexp.reduce(e, axis=2)[..., None])
    u = e @ (n @ (W_v @ W_o)) + x
    return u, np.einsum("btf,fc->btc", np.maximum(norm(u) @ W_1, 0), W_2) + u


def right_by_layers(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """The library's layers, with these weights."""
    C, F = W_1.shape
    attention = MultiHeadAttention(C, 1, bias=False, causal=True).astype("float64")
    attention.load_state_dict({"W_q": W_q, "W_k": W_k, "W_v": W_v, "W_o": W_o})
    feed = FeedForward(C, F, "relu", bias=False).astype("float64")
    feed.load_state_dict({"into.W": W_1, "back.W": W_2})
    n = tensor(norm(x))
    u = x + attention(n, n)[0].numpy()
    return u, u + feed(tensor(norm(u))).numpy()


# Wrong --------------------------------------------------------------------------------------------------------

def finished(u, W_1, W_2):
    """(6) and (7), for those that go wrong before."""
    return u, u + np.maximum(0, norm(u) @ W_1) @ W_2


def wrong_no_mask(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the mask of (3) is missing: a step sees those that follow it

    Named by: mask missing | sees follow | np.tril missing (3)"""
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, mask=True), W_1, W_2)


def wrong_mask_of_zeros(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """what is hidden has the score 0 in (3) and not -inf, so that a step still sees it

    Named by: hidden 0 -inf | `0.0` stands where `-np.inf` belongs (3)"""
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, hidden=0.0), W_1, W_2)


def wrong_mask_after_softmax(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the mask comes after the softmax: what is hidden is 0, but the rows of alpha do not add up to 1 (4)

    Named by: mask after softmax | alpha add up to 1 (4)"""
    n = norm(x)
    e = (n @ W_q) @ (n @ W_k).transpose(0, 2, 1) / np.sqrt(x.shape[2])
    p = np.exp(e - e.max(axis=-1, keepdims=True))
    alpha = np.tril(p / p.sum(axis=-1, keepdims=True))
    return finished(x + alpha @ (n @ W_v) @ W_o, W_1, W_2)


def wrong_strict_mask(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """in (3) a step t sees those up to t-1 and not itself; the first, which then would see nothing, sees itself

    Named by: not see itself | s < t"""
    mask = np.tril(np.ones((x.shape[1],) * 2), -1) > 0
    mask[0, 0] = True
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, mask=mask), W_1, W_2)


def wrong_not_scaled(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the scores are not divided by sqrt(C) in (3)

    Named by: sqrt(C) (3) division missing | not divided root width"""
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, scale=1.0), W_1, W_2)


def wrong_scaled_by_c(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the scores are divided by C in (3), and not by its root

    Named by: divided width should root | division `np.sqrt(C)` twice (3)"""
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, scale=x.shape[2]), W_1, W_2)


def wrong_softmax_over_queries(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the softmax of (4) goes over the queries, not over the keys s

    Named by: softmax queries should keys | axis 1 (4)"""
    return finished(x + look(norm(x), W_q, W_k, W_v, W_o, axis=1), W_1, W_2)


def wrong_no_way_through(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """x is not added in (5): the way straight through is missing

    Named by: `x` missing (5) | x not added (5) | term x missing"""
    return finished(look(norm(x), W_q, W_k, W_v, W_o), W_1, W_2)


def wrong_added_to_the_norm(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """in (5) n is added, and not x: the norm stands on the way straight through

    Named by: n added x (5) | `n` stands where `x` (5)"""
    return finished(norm(x) + look(norm(x), W_q, W_k, W_v, W_o), W_1, W_2)


def wrong_norm_after(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the norms stand after the sums, as in the first transformer: u = norm(x + ...), y = norm(u + ...)

    Named by: norms after sums"""
    u = norm(x + look(x, W_q, W_k, W_v, W_o))
    return u, norm(u + np.maximum(0, u @ W_1) @ W_2)


def wrong_second_norm_missing(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the feed-forward layer reads u, which is not normalised: (6) is missing

    Named by: (6) missing | `u` stands where `m` (7)"""
    u = x + look(norm(x), W_q, W_k, W_v, W_o)
    return u, u + np.maximum(0, u @ W_1) @ W_2


def wrong_added_to_x(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """in (7) what the feed-forward layer says is added to x, and not to u

    Named by: added x u (7) | `x` stands where `u` (7)"""
    u = x + look(norm(x), W_q, W_k, W_v, W_o)
    return u, x + np.maximum(0, norm(u) @ W_1) @ W_2


def wrong_norm_over_steps(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the mean and variance of (1) and (6) go over the steps, and not over the channels

    Named by: steps channels (1) | axis 1 stands where axis -1 belongs `centred` `centred_u`"""
    def over_steps(x):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    u = x + look(over_steps(x), W_q, W_k, W_v, W_o)
    return u, u + np.maximum(0, over_steps(u) @ W_1) @ W_2


def wrong_no_relu(x, W_q, W_k, W_v, W_o, W_1, W_2):
    """the max(0, ...) of (7) is missing: two products in a row are one

    Named by: max(0 (7) missing | maximum missing `m @ W_1` (7)"""
    u = x + look(norm(x), W_q, W_k, W_v, W_o)
    return u, u + norm(u) @ W_1 @ W_2
