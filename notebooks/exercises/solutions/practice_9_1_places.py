"""practice-9.1-places: a solution, other right ones, and mistakes."""
import numpy as np


def practice_9_1_places(x, W_q, W_k, W_v, W_o, nh):
    B, C, h, w = x.shape
    T, d = h * w, C // nh
    s = x.transpose(0, 2, 3, 1).reshape(B, T, C)                                # (1)
    q = (s @ W_q).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (2)
    k = (s @ W_k).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (2)
    v = (s @ W_v).reshape(B, T, nh, d).transpose(0, 2, 1, 3)                    # (2)
    e = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d)                                # (3)
    e = np.exp(e - e.max(axis=3, keepdims=True))                                # (3)
    alpha = e / e.sum(axis=3, keepdims=True)                                    # (3)
    a = (alpha @ v).transpose(0, 2, 1, 3).reshape(B, T, C) @ W_o                # (4)
    y = x + a.reshape(B, h, w, C).transpose(0, 3, 1, 2)                         # (5)
    return s, alpha, y


# Right --------------------------------------------------------------------------------------------------------

def right_head_by_head(x, W_q, W_k, W_v, W_o, nh):
    """Each head with its columns; what the heads return is concatenated."""
    C, h, w = x.shape[1:]
    s, d = np.stack([x[:, :, i, j] for i in range(h) for j in range(w)], axis=1), C // nh
    weights, contexts = [], []
    for m in range(nh):
        mine = slice(m * d, (m + 1) * d)
        e = np.exp((s @ W_q[:, mine]) @ (s @ W_k[:, mine]).swapaxes(1, 2) * d ** -0.5)
        weights.append(e / e.sum(axis=2, keepdims=True))
        contexts.append(weights[-1] @ (s @ W_v[:, mine]))
    a = np.concatenate(contexts, axis=2) @ W_o
    return s, np.stack(weights, axis=1), x + a.swapaxes(1, 2).reshape(x.shape)


def right_by_einsum(x, W_q, W_k, W_v, W_o, nh):
    B, C = x.shape[:2]
    s = np.einsum("bcij->bijc", x).reshape(B, -1, C)
    q, k, v = (np.einsum("btc,cmi->bmti", s, W.reshape(C, nh, -1)) for W in (W_q, W_k, W_v))
    e = np.einsum("bmti,bmsi->bmts", q, k) / (C / nh) ** 0.5
    alpha = np.exp(e - np.log(np.exp(e).sum(axis=-1, keepdims=True)))
    a = np.einsum("bmts,bmsi,mio->bot", alpha, v, W_o.reshape(nh, -1, C))
    return s, alpha, a.reshape(x.shape) + x


def right_image_by_image(x, W_q, W_k, W_v, W_o, nh):
    """Channels first all the way: (C, T) for one image."""
    B, C, h, w = x.shape
    d = C // nh
    s, alpha, y = np.zeros((B, h * w, C)), np.zeros((B, nh, h * w, h * w)), x.copy()
    for b in range(B):
        of_one = x[b].reshape(C, h * w)
        s[b] = of_one.T
        q, k, v = W_q.T @ of_one, W_k.T @ of_one, W_v.T @ of_one
        c = np.zeros((C, h * w))
        for m in range(nh):
            rows = slice(m * d, (m + 1) * d)
            e = q[rows].T @ k[rows] / np.sqrt(d)
            e = np.exp(e - e.max())
            alpha[b, m] = (e.T / e.sum(axis=1)).T
            c[rows] = v[rows] @ alpha[b, m].T
        y[b] += (W_o.T @ c).reshape(C, h, w)
    return s, alpha, y


def right_query_by_query(x, W_q, W_k, W_v, W_o, nh):
    """One place asks at a time."""
    B, C, h, w = x.shape
    s = np.moveaxis(x, 1, 3).reshape(B, h * w, C)
    q, k, v = ((s @ W).reshape(B, h * w, nh, C // nh) for W in (W_q, W_k, W_v))
    alpha, y = np.zeros((B, nh, h * w, h * w)), np.array(x)
    for t in range(h * w):
        e = np.exp((q[:, t, None] * k).sum(axis=3) / np.sqrt(C // nh))          # (B, T, nh)
        e /= e.sum(axis=1, keepdims=True)
        alpha[:, :, t] = e.swapaxes(1, 2)
        y[:, :, t // w, t % w] += (e[..., None] * v).sum(axis=1).reshape(B, C) @ W_o
    return s, alpha, y


# Wrong --------------------------------------------------------------------------------------------------------

def attended(s, W_q, W_k, W_v, W_o, nh, scale=None, axis=3):
    """(2) to (4), for those that go wrong before or behind."""
    B, T, C = s.shape
    q, k, v = ((s @ W).reshape(B, T, nh, -1).transpose(0, 2, 1, 3) for W in (W_q, W_k, W_v))
    e = q @ k.transpose(0, 1, 3, 2) / np.sqrt(scale or C // nh)
    e = np.exp(e - e.max())
    alpha = e / e.sum(axis=axis, keepdims=True)
    return alpha, (alpha @ v).transpose(0, 2, 1, 3).reshape(B, T, C) @ W_o


def places_of(x):
    """(1)"""
    return x.transpose(0, 2, 3, 1).reshape(len(x), -1, x.shape[1])


def put_back(a, x):
    """The second term of (5)."""
    B, C, h, w = x.shape
    return a.reshape(B, h, w, C).transpose(0, 3, 1, 2)


def wrong_reshaped_only(x, W_q, W_k, W_v, W_o, nh):
    """s is x reshaped to (B, T, C): its rows are pieces of channels, and in (1) each holds the channels of one place

    Named by: s x reshaped axis moved | transpose missing (1) | s rows channels place"""
    B, C, h, w = x.shape
    s = x.reshape(B, h * w, C)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh)
    return s, alpha, x + put_back(a, x)


def wrong_put_back_by_reshape(x, W_q, W_k, W_v, W_o, nh):
    """a (B, T, C) is reshaped to (B, C, h, w) without moving the channels to the front first, in (5)

    Named by: a reshape transpose (5) | reshaped channels front (5) | y a axes channels"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh)
    return s, alpha, x + a.reshape(x.shape)


def wrong_column_by_column(x, W_q, W_k, W_v, W_o, nh):
    """the places are read column by column, and in (1) row by row: i w + j

    Named by: column by column (1) | s x axes order 0, 3, 2, 1 | s transpose (1)"""
    B, C, h, w = x.shape
    s = x.transpose(0, 3, 2, 1).reshape(B, h * w, C)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh)
    return s, alpha, x + a.reshape(B, w, h, C).transpose(0, 3, 2, 1)


def wrong_scale_of_all_channels(x, W_q, W_k, W_v, W_o, nh):
    """the scores are divided by sqrt(C), and in (3) by sqrt(d): each head has d = C / nh channels

    Named by: sqrt(C) sqrt(d) (3) | `C` stands where `d` (3) | `np.sqrt(C)` `np.sqrt(d)`"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh, scale=x.shape[1])
    return s, alpha, x + put_back(a, x)


def wrong_not_scaled(x, W_q, W_k, W_v, W_o, nh):
    """the scores are not divided by sqrt(d) in (3)

    Named by: division sqrt(d) missing (3) | not divided sqrt(d) (3)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh, scale=1)
    return s, alpha, x + put_back(a, x)


def wrong_softmax_over_queries(x, W_q, W_k, W_v, W_o, nh):
    """the softmax of (3) goes over the queries: the columns of alpha add up to 1, and its rows should

    Named by: softmax queries (3) | axis 2 (3) | axis -2 (3)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh, axis=2)
    return s, alpha, x + put_back(a, x)


def wrong_softmax_over_all_heads(x, W_q, W_k, W_v, W_o, nh):
    """the softmax of (3) goes over the heads, and should go over the keys of each

    Named by: softmax heads (3) | axis 1 (3)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh, axis=1)
    return s, alpha, x + put_back(a, x)


def wrong_residual_missing(x, W_q, W_k, W_v, W_o, nh):
    """x is missing in (5): y is what the attention returns alone

    Named by: term x missing | `x` missing (5) | x missing (5)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, W_o, nh)
    return s, alpha, put_back(a, x)


def wrong_heads_interleaved(x, W_q, W_k, W_v, W_o, nh):
    """head m takes every nh-th column in (2), and should take d neighbours, m d to m d + d - 1

    Named by: head columns neighbours (2) | `d` `nh` place (2) | columns every (2)"""
    s = places_of(x)
    B, T, C = s.shape
    q, k, v = ((s @ W).reshape(B, T, -1, nh).transpose(0, 3, 1, 2) for W in (W_q, W_k, W_v))
    e = np.exp(q @ k.transpose(0, 1, 3, 2) / np.sqrt(C // nh))
    alpha = e / e.sum(axis=3, keepdims=True)
    return s, alpha, x + put_back((alpha @ v).transpose(0, 2, 3, 1).reshape(B, T, C) @ W_o, x)


def wrong_heads_cut_from_places(x, W_q, W_k, W_v, W_o, nh):
    """q, k and v are reshaped to (B, nh, T, d) at once, so that a head gets some of the places with all of their
    channels, and in (2) it gets some of the columns of all places

    Named by: reshaped (B, nh, T, d) (2) | transpose missing (2) | heads columns places (2)"""
    s = places_of(x)
    B, T, C = s.shape
    q, k, v = ((s @ W).reshape(B, nh, T, -1) for W in (W_q, W_k, W_v))
    e = np.exp(q @ k.transpose(0, 1, 3, 2) / np.sqrt(C // nh))
    alpha = e / e.sum(axis=3, keepdims=True)
    return s, alpha, x + put_back((alpha @ v).reshape(B, T, C) @ W_o, x)


def wrong_joined_without_moving(x, W_q, W_k, W_v, W_o, nh):
    """the heads (B, nh, T, d) are reshaped to (B, T, C) in (4) without moving them behind the places first

    Named by: heads reshape moving (4) | transpose missing (4)"""
    s = places_of(x)
    B, T, C = s.shape
    alpha, _ = attended(s, W_q, W_k, W_v, W_o, nh)
    v = (s @ W_v).reshape(B, T, nh, -1).transpose(0, 2, 1, 3)
    return s, alpha, x + put_back((alpha @ v).reshape(B, T, C) @ W_o, x)


def wrong_values_not_projected(x, W_q, W_k, W_v, W_o, nh):
    """the values are s itself, and in (2) they are s W_v

    Named by: values W_v (2) | `W_v` missing (2) | v s W_v"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, np.eye(x.shape[1]), W_o, nh)
    return s, alpha, x + put_back(a, x)


def wrong_output_not_projected(x, W_q, W_k, W_v, W_o, nh):
    """W_o is missing in (4)

    Named by: W_o missing (4)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_k, W_v, np.eye(x.shape[1]), nh)
    return s, alpha, x + put_back(a, x)


def wrong_keys_like_queries(x, W_q, W_k, W_v, W_o, nh):
    """the keys are made with W_q as well, and in (2) with W_k

    Named by: keys W_q W_k (2) | `W_q` stands where `W_k` (2) | `q` stands where `k` belongs (3)"""
    s = places_of(x)
    alpha, a = attended(s, W_q, W_q, W_v, W_o, nh)
    return s, alpha, x + put_back(a, x)


def wrong_weights_transposed(x, W_q, W_k, W_v, W_o, nh):
    """the product is W s with rows and columns exchanged: each W of (2) is transposed

    Named by: W transposed (2) | `W_q` `W_k` transposed"""
    s = places_of(x)
    alpha, a = attended(s, W_q.T, W_k.T, W_v.T, W_o, nh)
    return s, alpha, x + put_back(a, x)
