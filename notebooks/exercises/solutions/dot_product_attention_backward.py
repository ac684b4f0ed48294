"""The way back through scaled dot-product attention: the solution, other right answers, mistakes that people make."""
import numpy as np


def dot_product_attention_backward(dy, q, k, v, alpha):
    dv = alpha.swapaxes(1, 2) @ dy                                                      # (3)
    dalpha = dy @ v.swapaxes(1, 2)                                                      # (3)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))                 # (2)
    dq = de @ k / np.sqrt(q.shape[2])                                                   # (1)
    dk = de.swapaxes(1, 2) @ q / np.sqrt(q.shape[2])                                    # (1)
    return dq, dk, dv


# Right --------------------------------------------------------------------------------------------------------

def right_einsum(dy, q, k, v, alpha):
    """The sum over a row of alpha dalpha is that of y dy."""
    y = np.einsum("bts,bsj->btj", alpha, v)
    de = np.einsum("btj,bsj->bts", dy, v) - np.einsum("btj,btj->bt", y, dy)[..., None]
    de = de * alpha * q.shape[-1] ** -0.5
    return np.einsum("bts,bsi->bti", de, k), np.einsum("bts,bti->bsi", de, q), np.einsum("bts,btj->bsj", alpha, dy)


def right_by_the_jacobian(dy, q, k, v, alpha):
    """The whole matrix of the softmax's derivatives, row by row."""
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    scale = 1 / np.sqrt(q.shape[-1])
    for b in range(len(q)):
        for t in range(q.shape[1]):
            a = alpha[b, t]
            de = (np.diag(a) - np.outer(a, a)) @ (v[b] @ dy[b, t])
            dq[b, t] = k[b].T @ de * scale
            dk[b] += np.outer(de, q[b, t]) * scale
            dv[b] += np.outer(a, dy[b, t])
    return dq, dk, dv


def right_scalar_loops(dy, q, k, v, alpha):
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    (B, Tq, d), (Tk, D) = q.shape, v.shape[1:]
    for b in range(B):
        for t in range(Tq):
            dalpha = [sum(dy[b, t, j] * v[b, s, j] for j in range(D)) for s in range(Tk)]
            row = sum(dalpha[s] * alpha[b, t, s] for s in range(Tk))
            for s in range(Tk):
                de = alpha[b, t, s] * (dalpha[s] - row) / d ** 0.5
                for i in range(d):
                    dq[b, t, i] += de * k[b, s, i]
                    dk[b, s, i] += de * q[b, t, i]
                for j in range(D):
                    dv[b, s, j] += alpha[b, t, s] * dy[b, t, j]
    return dq, dk, dv


def right_scaled_queries(dy, q, k, v, alpha):
    """The number of (1) goes to the queries; softmax from the scores; products transposed."""
    root = np.sqrt(q.shape[-1])
    e = (q / root) @ k.transpose(0, 2, 1)
    weights = np.exp(e - e.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    dalpha_T = v @ dy.transpose(0, 2, 1)
    weights_T = weights.transpose(0, 2, 1)
    de_T = dalpha_T * weights_T - weights_T * np.sum(dalpha_T * weights_T, axis=1, keepdims=True)
    return (k.transpose(0, 2, 1) @ de_T).transpose(0, 2, 1) / root, de_T @ (q / root), weights_T @ dy


# Wrong --------------------------------------------------------------------------------------------------------

def through_scores(de, q, k):
    """(1), for those that go wrong before."""
    return de @ k / np.sqrt(q.shape[2]), de.swapaxes(1, 2) @ q / np.sqrt(q.shape[2])


def wrong_no_scale(dy, q, k, v, alpha):
    """the factor 1/sqrt(d) of (1) is missing in dq and dk

    Named by: 1/sqrt(d) missing dq dk already: dv | division by `np.sqrt(q.shape[2])` missing dq: dk: already: dv
    | sqrt(d) times dq dk: already: dv"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    return dq * np.sqrt(q.shape[2]), dk * np.sqrt(q.shape[2]), dv


def wrong_divided_by_d(dy, q, k, v, alpha):
    """dq and dk are divided by d, and (1) has the root of d

    Named by: dq dk divided by d root | division by `np.sqrt(q.shape[2])` twice dq: dk: | 1/sqrt(d) of dq dk:
    | `np.sqrt(q.shape[2])` without function dq: dk:"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    return dq / np.sqrt(q.shape[2]), dk / np.sqrt(q.shape[2]), dv


def wrong_no_scale_in_dk(dy, q, k, v, alpha):
    """dk lacks the factor 1/sqrt(d) of (1); dq has it

    Named by: dk lacks 1/sqrt(d) | division by `np.sqrt(q.shape[2])` missing (1) dk: already: dq, dv
    | dk sqrt(d) times already: dq, dv"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    return dq, dk * np.sqrt(q.shape[2]), dv


def wrong_root_of_the_values_width(dy, q, k, v, alpha):
    """dq and dk are divided by the root of D, the width of the values; in (1) it is d, that of the keys

    Named by: dq dk root of D values | `v.shape[2]` stands where `q.shape[2]` dq: dk: already: dv
    | `dy.shape[2]` stands where `q.shape[2]` dq: dk: already: dv"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    scale = np.sqrt(q.shape[2] / v.shape[2])
    return dq * scale, dk * scale, dv


def wrong_no_sum_of_the_softmax(dy, q, k, v, alpha):
    """the sum over the row is missing in the softmax's derivative: de is alpha dalpha alone

    Named by: sum over the row missing softmax's | term `(alpha * dalpha).sum(axis=2, keepdims=True)` missing (2)
    | softmax's derivative lost sum"""
    de = alpha * (dy @ v.swapaxes(1, 2))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_softmax_as_a_sigmoid(dy, q, k, v, alpha):
    """the softmax's derivative is alpha (1 - alpha), as of a sigmoid: what other scores of the row do is missing

    Named by: alpha (1 - alpha) sigmoid other scores | softmax's derivative sigmoid"""
    de = dy @ v.swapaxes(1, 2) * alpha * (1 - alpha)
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_sum_over_the_queries(dy, q, k, v, alpha):
    """the softmax's sum in (2) runs over the queries, and should run over the keys

    Named by: softmax's sum (2) over the queries | (alpha * dalpha).sum goes over axis 1 (2)"""
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_sum_without_the_weights(dy, q, k, v, alpha):
    """the softmax's sum in (2) adds up dalpha, without the factor alpha beside it

    Named by: sum (2) without factor alpha | factor `alpha` is missing (2) dq: dk: already: dv"""
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - dalpha.sum(axis=2, keepdims=True))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_no_weight_before_the_bracket(dy, q, k, v, alpha):
    """the factor alpha before the bracket of the softmax's derivative is missing: de is dalpha less the sum

    Named by: factor alpha before missing softmax's | factor `alpha` is missing (2) dq: dk: already: dv
    | softmax's derivative lost factor"""
    dalpha = dy @ v.swapaxes(1, 2)
    de = dalpha - (alpha * dalpha).sum(axis=2, keepdims=True)
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_mean_in_the_softmax(dy, q, k, v, alpha):
    """the softmax's derivative in (2) takes the mean of alpha dalpha over the keys, and it should be the sum

    Named by: (2) mean sum alpha dalpha | mean stands where (alpha * dalpha).sum (2)"""
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha - (alpha * dalpha).mean(axis=2, keepdims=True))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_past_the_softmax(dy, q, k, v, alpha):
    """the softmax's derivative is missing: dalpha is taken for de and goes straight into (1)

    Named by: softmax's derivative missing dalpha for de | softmax's derivative is missing
    | `dalpha` stands where `de` (1) dq: dk:"""
    return *through_scores(dy @ v.swapaxes(1, 2), q, k), alpha.swapaxes(1, 2) @ dy


def wrong_softmax_twice(dy, q, k, v, alpha):
    """the softmax's derivative is taken at softmax(alpha), as if alpha were still the scores: a softmax too many

    Named by: softmax's derivative softmax(alpha) too many | softmax's derivative output input softmax too many"""
    again = np.exp(alpha) / np.exp(alpha).sum(axis=2, keepdims=True)
    dalpha = dy @ v.swapaxes(1, 2)
    de = again * (dalpha - (again * dalpha).sum(axis=2, keepdims=True))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_sign_of_the_sum(dy, q, k, v, alpha):
    """the sum in the softmax's derivative (2) is added, and should be taken off: its sign is turned

    Named by: sum (2) sign turned | sign of `(alpha * dalpha).sum(axis=2, keepdims=True)` turned (2)"""
    dalpha = dy @ v.swapaxes(1, 2)
    de = alpha * (dalpha + (alpha * dalpha).sum(axis=2, keepdims=True))
    return *through_scores(de, q, k), alpha.swapaxes(1, 2) @ dy


def wrong_dv_scaled(dy, q, k, v, alpha):
    """dv is divided by sqrt(d) as well; that number stands in (1), not in (3)

    Named by: dv divided by sqrt(d) (1) not in (3) | dv 1/sqrt(d) of already: dq, dk"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    return dq, dk, dv / np.sqrt(q.shape[2])


def wrong_mean_over_the_queries(dy, q, k, v, alpha):
    """dk and dv are averaged over the queries, and should be summed

    Named by: dk dv averaged over the queries | dk dv 1/Tq of already: dq
    | mean where the sum `alpha.swapaxes(1, 2) @ dy` `de.swapaxes(1, 2) @ q` already: dq"""
    dq, dk, dv = dot_product_attention_backward(dy, q, k, v, alpha)
    return dq, dk / q.shape[1], dv / q.shape[1]


def wrong_last_query_alone(dy, q, k, v, alpha):
    """in a loop over the queries dk and dv are set, and should be added to: only the last query is left

    Named by: dk dv loop only the last query | only the last term loop set not added for `dv` for `dk` already: dq"""
    dq = dot_product_attention_backward(dy, q, k, v, alpha)[0]
    last = slice(q.shape[1] - 1, None)
    _, dk, dv = dot_product_attention_backward(dy[:, last], q[:, last], k, v, alpha[:, last])
    return dq, dk, dv
