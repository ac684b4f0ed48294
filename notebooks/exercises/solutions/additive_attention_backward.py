"""The way back through additive attention: the solution, other right answers, and mistakes that people make."""
import numpy as np


def additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha):
    dalpha = (dc[:, None] * h).sum(axis=2)                                              # (4)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))                 # (3)
    dv = (de[:, :, None] * u).sum(axis=(0, 1))                                          # (2)
    da = de[:, :, None] * v * (1 - u ** 2)                                              # (2) (1)
    da_q = da.sum(axis=1)                                                               # (1)
    dq = da_q @ W_q.T                                                                   # (1)
    dh = da @ W_k.T + alpha[:, :, None] * dc[:, None]                                   # (1) (4)
    dW_q = q.T @ da_q                                                                   # (1)
    dW_k = np.einsum("bth,bta->ha", h, da)                                              # (1)
    return dq, dh, dW_q, dW_k, dv


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dc, q, h, W_q, W_k, v, u, alpha):
    """The sum of the softmax's derivative is that of c dc."""
    c = np.einsum("bt,bth->bh", alpha, h)
    de = alpha * np.einsum("bth,bh->bt", h - c[:, None], dc)
    da = np.einsum("bt,a,bta->bta", de, v, 1 - u * u)
    return (np.einsum("bta,da->bd", da, W_q), np.einsum("bta,ha->bth", da, W_k) + np.einsum("bt,bh->bth", alpha, dc),
            np.einsum("bd,bta->da", q, da), np.einsum("bth,bta->ha", h, da), np.einsum("bt,bta->a", de, u))


def right_step_by_step(dc, q, h, W_q, W_k, v, u, alpha):
    dq, dh, dW_q, dW_k, dv = (np.zeros_like(x) for x in (q, h, W_q, W_k, v))
    for b in range(len(q)):
        dalpha = h[b] @ dc[b]
        row = dalpha @ alpha[b]
        for t in range(h.shape[1]):
            de = alpha[b, t] * (dalpha[t] - row)
            dv += de * u[b, t]
            da = de * v * (1 - u[b, t]) * (1 + u[b, t])
            dq[b] += W_q @ da
            dh[b, t] = W_k @ da + alpha[b, t] * dc[b]
            dW_q += np.outer(q[b], da)
            dW_k += np.outer(h[b, t], da)
    return dq, dh, dW_q, dW_k, dv


def right_by_the_jacobian(dc, q, h, W_q, W_k, v, u, alpha):
    """The matrix of the softmax's derivatives; weights from flattened rows; products transposed."""
    B, T, H = h.shape
    jacobian = alpha[:, :, None] * (np.eye(T) - alpha[:, None])
    de = (jacobian @ (h @ dc[:, :, None]))[:, :, 0]
    da = (de[:, :, None] * v - de[:, :, None] * v * u ** 2).reshape(B * T, -1)
    rows_q = np.repeat(q, T, axis=0)
    dh = (W_k @ da.T).T.reshape(B, T, H) + alpha[:, :, None] @ dc[:, None]
    return (da @ W_q.T).reshape(B, T, -1).sum(axis=1), dh, (da.T @ rows_q).T, (da.T @ h.reshape(B * T, H)).T, \
        u.reshape(B * T, -1).T @ de.reshape(-1)


def right_as_concat(dc, q, h, W_q, W_k, v, u, alpha):
    """(1) as [q; h] times one matrix, and u computed again."""
    (B, T), D = h.shape[:2], q.shape[1]
    both = np.concatenate([np.broadcast_to(q[:, None], (B, T, D)), h], axis=2)
    W = np.vstack([W_q, W_k])
    s = np.tanh(both @ W)
    weights = np.exp(s @ v) / np.exp(s @ v).sum(axis=1, keepdims=True)
    dalpha = np.matmul(h, dc[:, :, None]).squeeze(2)
    de = weights * dalpha - weights * np.sum(weights * dalpha, axis=1, keepdims=True)
    da = de[..., None] * (v / np.cosh(both @ W) ** 2)
    d_both = da @ W.T
    dW = np.tensordot(both, da, axes=((0, 1), (0, 1)))
    return (d_both[..., :D].sum(axis=1), d_both[..., D:] + weights[..., None] * dc[:, None], dW[:D], dW[D:],
            np.tensordot(de, s, axes=2))


# Wrong --------------------------------------------------------------------------------------------------------

def of_scores(dc, h, alpha):
    """de by (4) and (3)."""
    dalpha = (dc[:, None] * h).sum(axis=2)
    return alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))


def from_scores(de, dc, q, h, W_q, W_k, v, u, alpha):
    """(2) and (1), for those that go wrong before."""
    dv = (de[:, :, None] * u).sum(axis=(0, 1))
    return from_sums(de[:, :, None] * v * (1 - u ** 2), dv, dc, q, h, W_q, W_k, alpha)


def from_sums(da, dv, dc, q, h, W_q, W_k, alpha):
    """(1), for those that go wrong before."""
    return (da.sum(axis=1) @ W_q.T, da @ W_k.T + alpha[:, :, None] * dc[:, None], q.T @ da.sum(axis=1),
            np.einsum("bth,bta->ha", h, da), dv)


def wrong_h_as_key_alone(dc, q, h, W_q, W_k, v, u, alpha):
    """dh lacks the term alpha dc of (4): h is a value as well as a key

    Named by: dh lacks term alpha dc (4) | term `alpha[:, :, None] * dc[:, None]` missing (4)"""
    dq, dh, *rest = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return dq, dh - alpha[:, :, None] * dc[:, None], *rest


def wrong_h_as_value_alone(dc, q, h, W_q, W_k, v, u, alpha):
    """dh lacks the term da W_k^T of (1): h is a key as well as a value

    Named by: dh lacks term da W_k^T (1) | term `da @ W_k.T` missing (1)"""
    dq, _, *rest = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return dq, alpha[:, :, None] * dc[:, None], *rest


def wrong_value_without_its_weight(dc, q, h, W_q, W_k, v, u, alpha):
    """the term of dh that comes through (4) is dc without its factor alpha

    Named by: dh (4) without factor alpha | factor `alpha[:, :, None]` missing (4) dh:"""
    dq, dh, *rest = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return dq, dh + (1 - alpha[:, :, None]) * dc[:, None], *rest


def wrong_no_slope(dc, q, h, W_q, W_k, v, u, alpha):
    """tanh's derivative 1 - u^2 is missing in (1)

    Named by: tanh's derivative missing (1) | factor `1 - u ** 2` missing (1)"""
    de = of_scores(dc, h, alpha)
    return from_sums(de[:, :, None] * v, (de[:, :, None] * u).sum(axis=(0, 1)), dc, q, h, W_q, W_k, alpha)


def wrong_tanh_twice(dc, q, h, W_q, W_k, v, u, alpha):
    """tanh's derivative in (1) is 1 - tanh(u)^2, and u is already the output of tanh: a tanh too many

    Named by: tanh's derivative (1) tanh(u) already too many | tanh's derivative output input tanh too many `u`"""
    de = of_scores(dc, h, alpha)
    return from_sums(de[:, :, None] * v * (1 - np.tanh(u) ** 2), (de[:, :, None] * u).sum(axis=(0, 1)), dc, q, h, W_q,
                     W_k, alpha)


def wrong_no_v(dc, q, h, W_q, W_k, v, u, alpha):
    """the factor v of (2) is missing: de goes to all A entries of u alike, as if (2) added up u

    Named by: factor v (2) missing | factor `v` missing (2)"""
    de = of_scores(dc, h, alpha)
    return from_sums(de[:, :, None] * (1 - u ** 2), (de[:, :, None] * u).sum(axis=(0, 1)), dc, q, h, W_q, W_k, alpha)


def wrong_softmax_without_its_sum(dc, q, h, W_q, W_k, v, u, alpha):
    """the sum over the states is missing in the softmax's derivative (3): de is alpha dalpha alone

    Named by: sum over the states missing softmax's (3)
    | term `(alpha * dalpha).sum(axis=1, keepdims=True)` missing (3) | softmax's derivative lost sum"""
    de = alpha * (dc[:, None] * h).sum(axis=2)
    return from_scores(de, dc, q, h, W_q, W_k, v, u, alpha)


def wrong_softmax_as_a_sigmoid(dc, q, h, W_q, W_k, v, u, alpha):
    """the softmax's derivative is alpha (1 - alpha), as of a sigmoid: what the other states of the row do is missing

    Named by: alpha (1 - alpha) sigmoid other states | softmax's derivative sigmoid"""
    de = alpha * (1 - alpha) * (dc[:, None] * h).sum(axis=2)
    return from_scores(de, dc, q, h, W_q, W_k, v, u, alpha)


def wrong_softmax_over_the_batch(dc, q, h, W_q, W_k, v, u, alpha):
    """the sum of the softmax's derivative (3) runs over the batch, and should run over the states

    Named by: softmax's (3) over the batch | (alpha * dalpha).sum goes over axis 0 (3)"""
    dalpha = (dc[:, None] * h).sum(axis=2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=0, keepdims=True))
    return from_scores(de, dc, q, h, W_q, W_k, v, u, alpha)


def wrong_past_the_softmax(dc, q, h, W_q, W_k, v, u, alpha):
    """the softmax's derivative is missing: dalpha is taken for de of (3)

    Named by: softmax's derivative missing dalpha for de | softmax's derivative is missing
    | `dalpha` stands where `de`"""
    return from_scores((dc[:, None] * h).sum(axis=2), dc, q, h, W_q, W_k, v, u, alpha)


def wrong_dv_before_the_softmax(dc, q, h, W_q, W_k, v, u, alpha):
    """dv is the sum of dalpha u: what comes for the weights, and not de, what comes for the scores of (2)

    Named by: dv dalpha not de (2) | `dalpha` stands where `de` (2) dv: already: dq, dh, dW_q, dW_k"""
    *rest, _ = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return *rest, ((dc[:, None] * h).sum(axis=2)[:, :, None] * u).sum(axis=(0, 1))


def wrong_dv_by_weights(dc, q, h, W_q, W_k, v, u, alpha):
    """dv is the sum of alpha u: alpha stands where (2) needs de

    Named by: dv alpha where (2) de | `alpha` stands where `de` (2) dv: already: dq, dh, dW_q, dW_k"""
    *rest, _ = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return *rest, (alpha[:, :, None] * u).sum(axis=(0, 1))


def wrong_dq_averaged(dc, q, h, W_q, W_k, v, u, alpha):
    """dq and dW_q are averaged over the T states, and should be summed

    Named by: dq dW_q averaged states | mean stands where da.sum(axis=1) (1) dq: dW_q: | dq dW_q 1/T of already: dh,"""
    dq, dh, dW_q, dW_k, dv = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return dq / h.shape[1], dh, dW_q / h.shape[1], dW_k, dv


def wrong_mean_over_the_batch(dc, q, h, W_q, W_k, v, u, alpha):
    """the gradients of the weights W_q, W_k and v are averaged over the batch, and should be summed

    Named by: W_q, W_k v averaged over the batch | dW_q dW_k, dv 1/B of already: dq, dh"""
    dq, dh, *weights = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return dq, dh, *(dW / len(q) for dW in weights)


def wrong_only_the_last_state(dc, q, h, W_q, W_k, v, u, alpha):
    """in a loop over the states dq and dW_q are set, and should be added to: only the last state is left of (1)

    Named by: dq dW_q loop only the last state | only the last term of the sum in `da.sum(axis=1)` loop (1)"""
    _, dh, _, dW_k, dv = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    da = of_scores(dc, h, alpha)[:, -1:] * v * (1 - u[:, -1] ** 2)
    return da @ W_q.T, dh, q.T @ da, dW_k, dv


def wrong_product_of_sums(dc, q, h, W_q, W_k, v, u, alpha):
    """dW_k is made of h and da, each summed over the states first: (1) needs the sum of the products, not a product of
    sums

    Named by: dW_k sum of the products not a product of sums | dW_k: product of sums where sum of products along t"""
    dq, dh, dW_q, _, dv = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    da = of_scores(dc, h, alpha)[:, :, None] * v * (1 - u ** 2)
    return dq, dh, dW_q, h.sum(axis=1).T @ da.sum(axis=1), dv


def wrong_matrix_of_u(dc, q, h, W_q, W_k, v, u, alpha):
    """dv is the sum of de (1 - u^2): in (2) v is multiplied with u itself, tanh's derivative comes only in (1)

    Named by: dv (2) u itself derivative only in (1)"""
    *rest, _ = additive_attention_backward(dc, q, h, W_q, W_k, v, u, alpha)
    return *rest, (of_scores(dc, h, alpha)[:, :, None] * (1 - u ** 2)).sum(axis=(0, 1))
