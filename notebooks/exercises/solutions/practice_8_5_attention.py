"""practice-8.5-attention: a solution, other right ones, and mistakes."""
import numpy as np

from tinyseq.autograd import tensor
from tinyseq.layers import MultiHeadAttention


def practice_8_5_attention(x, W_q, W_k, W_v, W_o, nh):
    B, T, C = x.shape
    d = C // nh
    q = (x @ W_q).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (1) (2)
    k = (x @ W_k).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (1) (2)
    v = (x @ W_v).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (1) (2)
    e = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d)                                # (3)
    e = np.where(np.tril(np.ones((T, T), bool)), e, -np.inf)                    # (3)
    p = np.exp(e - e.max(axis=-1, keepdims=True))                               # (3)
    alpha = p / p.sum(axis=-1, keepdims=True)                                   # (3)
    c = alpha @ v                                                               # (4)
    y = c.transpose(0, 2, 1, 3).reshape(B, T, C) @ W_o                          # (5)
    return alpha, y


# Right --------------------------------------------------------------------------------------------------------

def right_head_by_head(x, W_q, W_k, W_v, W_o, nh):
    """Each head by itself; W_o in blocks of rows, whose products are added up."""
    d, T = x.shape[2] // nh, x.shape[1]
    alphas, y = [], 0
    for h in range(nh):
        part = slice(h * d, (h + 1) * d)
        e = np.einsum("btd,bsd->bts", x @ W_q[:, part], x @ W_k[:, part]) * d ** -0.5
        p = np.exp(e) * np.tril(np.ones((T, T)))
        alphas.append(p / p.sum(2, keepdims=True))
        y = y + alphas[-1] @ (x @ W_v[:, part]) @ W_o[part]
    return np.stack(alphas, axis=1), y


def right_by_einsum(x, W_q, W_k, W_v, W_o, nh):
    """The weights are split, not what they make."""
    C, T = x.shape[2], x.shape[1]
    q, k, v = (np.einsum("btc,chd->bhtd", x, W.reshape(C, nh, C // nh)) for W in (W_q, W_k, W_v))
    e = np.einsum("bhtd,bhsd->bhts", q, k) / (C / nh) ** 0.5
    e = e + np.where(np.arange(T) > np.arange(T)[:, None], -1e30, 0)
    alpha = np.exp(e - np.logaddexp.reduce(e, axis=-1)[..., None])
    return alpha, np.einsum("bhts,bhsd,hdc->btc", alpha, v, W_o.reshape(nh, C // nh, C))


def right_entry_by_entry(x, W_q, W_k, W_v, W_o, nh):
    B, T, C = x.shape
    d, alpha, y = C // nh, np.zeros((B, nh, T, T)), np.zeros((B, T, C))
    for b in range(B):
        q, k, v = x[b].dot(W_q), x[b].dot(W_k), x[b].dot(W_v)
        for t in range(T):
            c = np.zeros(C)
            for h in range(nh):
                own = range(h * d, h * d + d)
                scores = np.array([sum(q[t, i] * k[s, i] for i in own) for s in range(t + 1)]) / np.sqrt(d)
                p = np.exp(scores - scores.max())
                alpha[b, h, t, :t + 1] = p / p.sum()
                c[h * d:h * d + d] = alpha[b, h, t, :t + 1] @ v[:t + 1, h * d:h * d + d]
            y[b, t] = c @ W_o
    return alpha, y


def right_by_the_layer(x, W_q, W_k, W_v, W_o, nh):
    """The library's layer, with these weights."""
    layer = MultiHeadAttention(x.shape[2], nh, bias=False, causal=True).astype("float64")
    layer.load_state_dict({"W_q": W_q, "W_k": W_k, "W_v": W_v, "W_o": W_o})
    y, alpha = layer(tensor(x), tensor(x))
    return alpha.numpy(), y.numpy()


def right_heads_beside_the_batch(x, W_q, W_k, W_v, W_o, nh):
    """Heads and batch as one axis."""
    B, T, C = x.shape
    def split(a):
        return np.concatenate(np.split(a, nh, axis=2), axis=0)
    q, k, v = split(x @ W_q), split(x @ W_k), split(x @ W_v)
    e = q @ k.swapaxes(1, 2) / np.sqrt(C // nh)
    e[:, np.triu_indices(T, 1)[0], np.triu_indices(T, 1)[1]] = -np.inf
    p = np.exp(e - e.max(axis=2, keepdims=True))
    alpha = p / p.sum(axis=2, keepdims=True)
    y = np.concatenate(np.split(alpha @ v, nh, axis=0), axis=2) @ W_o
    return alpha.reshape(nh, B, T, T).swapaxes(0, 1), y


# Wrong --------------------------------------------------------------------------------------------------------

def heads(a, nh):
    B, T, C = a.shape
    return a.reshape(B, T, nh, C // nh).transpose(0, 2, 1, 3)


def joined(c):
    return c.transpose(0, 2, 1, 3).reshape(c.shape[0], c.shape[2], -1)


def weights(e, axis=-1, mask=None):
    T = e.shape[-1]
    e = np.where(np.tril(np.ones((T, T), bool)) if mask is None else mask, e, -np.inf)
    p = np.exp(e - e.max())
    return p / p.sum(axis=axis, keepdims=True)


def by(x, W_q, W_k, W_v, W_o, nh, split=heads, scale=None, **settings):
    """All of it, for those that go wrong in one place."""
    q, k, v = split(x @ W_q, nh), split(x @ W_k, nh), split(x @ W_v, nh)
    alpha = weights(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1] if scale is None else scale), **settings)
    return alpha, joined(alpha @ v) @ W_o


def wrong_scaled_by_all_channels(x, W_q, W_k, W_v, W_o, nh):
    """the scores are divided by sqrt(C), and in (3) by sqrt(d), of a head's width

    Named by: channels C root d (3) | `C` stands where `d` (3)"""
    return by(x, W_q, W_k, W_v, W_o, nh, scale=x.shape[2])


def wrong_not_scaled(x, W_q, W_k, W_v, W_o, nh):
    """the scores are not divided by sqrt(d) in (3)

    Named by: not divided root width (3) | division `np.sqrt(d)` missing (3)"""
    return by(x, W_q, W_k, W_v, W_o, nh, scale=1)


def wrong_reshape_alone(x, W_q, W_k, W_v, W_o, nh):
    """the heads are cut off by a reshape to (B, nh, T, d), which mixes steps and channels

    Named by: reshape mixes steps channels (2)"""
    B, T, C = x.shape
    return by(x, W_q, W_k, W_v, W_o, nh, split=lambda a, nh: a.reshape(B, nh, T, C // nh))


def wrong_every_nth_channel(x, W_q, W_k, W_v, W_o, nh):
    """a head has every nh-th channel: reshape(B, T, d, nh) stands for reshape(B, T, nh, d)

    Named by: every nh-th channel side by side (2) | `nh` `d` each other's place (2)"""
    B, T, C = x.shape
    return by(x, W_q, W_k, W_v, W_o, nh, split=lambda a, nh: a.reshape(B, T, C // nh, nh).transpose(0, 3, 1, 2))


def wrong_joined_by_a_reshape(x, W_q, W_k, W_v, W_o, nh):
    """the heads are put together by a reshape alone: the transpose of (5) is missing

    Named by: reshape alone (5) | transpose missing (5)"""
    alpha, _ = by(x, W_q, W_k, W_v, W_o, nh)
    return alpha, (alpha @ heads(x @ W_v, nh)).reshape(x.shape) @ W_o


def wrong_joined_entry_by_entry(x, W_q, W_k, W_v, W_o, nh):
    """the channels of the heads alternate in (5): (B, T, d, nh) was reshaped, not (B, T, nh, d)

    Named by: entry by entry (5) | alternate (5)"""
    alpha, _ = by(x, W_q, W_k, W_v, W_o, nh)
    return alpha, (alpha @ heads(x @ W_v, nh)).transpose(0, 2, 3, 1).reshape(x.shape) @ W_o


def wrong_no_output(x, W_q, W_k, W_v, W_o, nh):
    """W_o is missing in (5)

    Named by: W_o missing (5)"""
    alpha, _ = by(x, W_q, W_k, W_v, W_o, nh)
    return alpha, joined(alpha @ heads(x @ W_v, nh))


def wrong_values_are_x(x, W_q, W_k, W_v, W_o, nh):
    """the values are x, and in (1) x W_v

    Named by: W_v missing (1) | values x itself (1)"""
    alpha, _ = by(x, W_q, W_k, W_v, W_o, nh)
    return alpha, joined(alpha @ heads(x, nh)) @ W_o


def wrong_no_mask(x, W_q, W_k, W_v, W_o, nh):
    """no mask: a step sees those that follow it

    Named by: mask missing | sees follow"""
    return by(x, W_q, W_k, W_v, W_o, nh, mask=True)


def wrong_turned_mask(x, W_q, W_k, W_v, W_o, nh):
    """the mask is transposed: a step sees itself and those that follow it

    Named by: mask transposed follow"""
    return by(x, W_q, W_k, W_v, W_o, nh, mask=np.triu(np.ones((x.shape[1],) * 2, bool)))


def wrong_mask_after_softmax(x, W_q, W_k, W_v, W_o, nh):
    """the mask comes after the softmax: the rows of alpha do not add up to 1

    Named by: mask after softmax | add up to 1"""
    q, k, v = (heads(x @ W, nh) for W in (W_q, W_k, W_v))
    alpha = np.tril(weights(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), mask=True))
    return alpha, joined(alpha @ v) @ W_o


def wrong_softmax_over_heads(x, W_q, W_k, W_v, W_o, nh):
    """the softmax of (3) goes over the heads

    Named by: softmax heads keys (3) | axis 1 (3)"""
    q, k, v = (heads(x @ W, nh) for W in (W_q, W_k, W_v))
    e = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    p = np.exp(e) * np.tril(np.ones(e.shape[-2:]))
    total = p.sum(axis=1, keepdims=True)
    alpha = p / np.where(total == 0, 1, total)
    return alpha, joined(alpha @ v) @ W_o


def wrong_softmax_over_queries(x, W_q, W_k, W_v, W_o, nh):
    """the softmax of (3) goes over the queries t

    Named by: softmax queries keys (3) | axis 2 (3) | axis -2 (3)"""
    return by(x, W_q, W_k, W_v, W_o, nh, axis=2)


def wrong_q_and_k(x, W_q, W_k, W_v, W_o, nh):
    """q and k stand in each other's place in (3)

    Named by: q k changed places (3) | `q` `k` each other's place (3) | `W_q` `W_k` places"""
    return by(x, W_k, W_q, W_v, W_o, nh)
