"""The causal mask, there and back: the solution, other right answers, and mistakes that people make."""
import numpy as np


def causal_mask(e, dalpha):
    seen = np.tril(np.ones(e.shape[1:], bool))                                          # (1)
    m = np.where(seen, e, -np.inf)                                                      # (1)
    raised = np.exp(m - m.max(axis=2, keepdims=True))                                   # (2)
    alpha = raised / raised.sum(axis=2, keepdims=True)                                  # (2)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))                 # (2)
    return alpha, de


# Right --------------------------------------------------------------------------------------------------------

def right_row_by_row(e, dalpha):
    """Each row ends with its own step: nothing to mask."""
    alpha, de = np.zeros_like(e), np.zeros_like(e)
    for b, t in np.ndindex(e.shape[:2]):
        a = np.exp(e[b, t, :t + 1])
        a = a / a.sum()
        alpha[b, t, :t + 1] = a
        de[b, t, :t + 1] = (np.diag(a) - np.outer(a, a)) @ dalpha[b, t, :t + 1]
    return alpha, de


def right_large_negative(e, dalpha):
    """-10^9 is far enough; the gradient of what is hidden is set to 0."""
    T = e.shape[1]
    hidden = np.triu(np.full((T, T), -1e9), 1)
    a = np.exp(e + hidden)
    a = a / np.sum(a, -1, keepdims=True)
    de = a * dalpha - a * np.einsum("bts,bts->bt", a, dalpha)[..., None]
    de[:, hidden < 0] = 0
    return a, de


def right_masked_after_the_exponential(e, dalpha):
    """A product with 0 and 1, before the row is added up."""
    t = np.arange(e.shape[1])
    seen = 1.0 * (t[None, :] <= t[:, None])
    raised = seen * np.exp(e)
    total = np.einsum("bts->bt", raised)[:, :, None]
    draised = (dalpha - (dalpha * raised).sum(axis=-1, keepdims=True) / total) / total
    return raised / total, draised * raised


def right_log_softmax(e, dalpha):
    """By logarithms, step by step, and the Jacobian of all rows at once."""
    T = e.shape[2]
    log_total = np.stack([np.logaddexp.reduce(e[:, t, :t + 1], axis=-1) for t in range(T)], axis=1)
    alpha = np.tril(np.exp(e - log_total[:, :, None]))
    jacobian = np.einsum("bts,sr->btsr", alpha, np.eye(T)) - np.einsum("bts,btr->btsr", alpha, alpha)
    return alpha, np.einsum("btsr,btr->bts", jacobian, dalpha)


# Wrong --------------------------------------------------------------------------------------------------------

def softmax(m, axis=2):
    raised = np.exp(m - m.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def back(alpha, dalpha):
    return alpha * (dalpha - (alpha * dalpha).sum(axis=2, keepdims=True))


def of_mask(seen, e, dalpha):
    """There and back with another mask."""
    with np.errstate(invalid="ignore"):
        alpha = softmax(np.where(seen, e, -np.inf))
    return alpha, back(alpha, dalpha)


def tril(e, k=0):
    return np.tril(np.ones(e.shape[1:], bool), k)


def wrong_no_mask(e, dalpha):
    """the mask of (1) is missing: every step sees the future

    Named by: mask missing sees the future | choice of `np.where(seen, e, -np.inf)` missing `e` everywhere (1)
    | `np.tril without its function (1), for `seen`"""
    return of_mask(True, e, dalpha)


def wrong_past_hidden(e, dalpha):
    """the mask is turned round: it hides the past, s < t, where (1) hides the future, s > t

    Named by: mask hides the past where (1) the future
    | `np.triu(np.ones(e.shape[1:], bool))` stands where np.tril (1)"""
    return of_mask(tril(e).T, e, dalpha)


def wrong_own_step_hidden(e, dalpha):
    """a step does not see itself: the mask has s < t where (1) has s <= t, and nothing is left for the first step

    Named by: s < t where (1) s <= t itself | `np.tril(np.ones(e.shape[1:], bool), -1)` stands where (1)"""
    return of_mask(tril(e, -1), e, dalpha)


def wrong_next_step_seen(e, dalpha):
    """the mask is one step too wide: it has s <= t + 1, so that each step sees the next one

    Named by: mask one step too wide s <= t + 1 | `np.tril(np.ones(e.shape[1:], bool), 1)` stands where (1)"""
    return of_mask(tril(e, 1), e, dalpha)


def wrong_own_step_alone_hidden(e, dalpha):
    """in the mask True and False have changed places: what (1) shows is hidden, and the future alone is seen

    Named by: mask True False changed places | `np.triu(np.ones(e.shape[1:], bool), 1)` stands where (1)
    | `np.where(seen, -np.inf, e)` stands where `np.where(seen, e, -np.inf)`"""
    return of_mask(~tril(e), e, dalpha)


def wrong_scores_times_the_mask(e, dalpha):
    """hidden scores are made 0 by a product with the mask, and e^0 is 1: in (1) they are -inf

    Named by: hidden scores 0 (1) -inf | `0.0` stands where `-np.inf` (1)"""
    alpha = softmax(e * tril(e))
    return alpha, back(alpha, dalpha)


def wrong_small_number(e, dalpha):
    """hidden scores are -1 and not -inf: e^-1 still takes part in the softmax

    Named by: hidden scores are -1 not -inf | `-1.0` stands where `-np.inf` (1)"""
    alpha = softmax(np.where(tril(e), e, -1.0))
    return alpha, back(alpha, dalpha)


def wrong_masked_after_the_softmax(e, dalpha):
    """the weights are set to 0 after the softmax (2): the future took part in the sum, and rows no longer add up to 1

    Named by: weights set to 0 after the softmax (2) rows no longer add up to 1
    | alpha along Tk right but for a factor should add up to 1"""
    alpha = softmax(e) * tril(e)
    return alpha, back(alpha, dalpha)


def wrong_softmax_over_queries(e, dalpha):
    """the softmax (2) runs over the queries t, and should run over the keys s

    Named by: softmax (2) over the queries | axis 1 stands where axis 2 belongs"""
    alpha = softmax(np.where(tril(e), e, -np.inf), axis=1)
    return alpha, alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))


def wrong_way_back_without_the_mask(e, dalpha):
    """the mask is forgotten on the way back: de is that of the softmax of all scores

    Named by: mask forgotten on the way back | de not 0 at where it should be 0 already: alpha"""
    return of_mask(tril(e), e, dalpha)[0], back(softmax(e), dalpha)


def wrong_no_sum(e, dalpha):
    """the sum over the row is missing in the softmax's derivative: de is alpha dalpha alone

    Named by: sum over the row missing softmax's
    | term `(alpha * dalpha).sum(axis=2, keepdims=True)` missing already: alpha"""
    alpha = of_mask(tril(e), e, dalpha)[0]
    return alpha, alpha * dalpha


def wrong_softmax_as_a_sigmoid(e, dalpha):
    """the softmax's derivative is alpha (1 - alpha), as of a sigmoid: what other scores of the row do is missing

    Named by: alpha (1 - alpha) sigmoid other scores | softmax's derivative sigmoid already: alpha"""
    alpha = of_mask(tril(e), e, dalpha)[0]
    return alpha, alpha * (1 - alpha) * dalpha


def wrong_only_the_mask_on_the_way_back(e, dalpha):
    """de is dalpha where the mask lets it through: the softmax's derivative is missing

    Named by: de dalpha softmax's derivative is missing | de: it is dalpha wherever it is not 0 already: alpha"""
    alpha = of_mask(tril(e), e, dalpha)[0]
    return alpha, dalpha * tril(e)


def wrong_unmasked_sum_on_the_way_back(e, dalpha):
    """on the way back the sum of the softmax's derivative is that of the weights without a mask; elsewhere it is there

    Named by: way back sum without a mask"""
    alpha, open_alpha = of_mask(tril(e), e, dalpha)[0], softmax(e)
    return alpha, alpha * (dalpha - (open_alpha * dalpha).sum(axis=2, keepdims=True))
