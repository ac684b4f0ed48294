"""practice-9.2-window: a solution, other right ones, and mistakes."""
import numpy as np


def practice_9_2_window(e, h, lengths, w):
    T = e.shape[1]
    back = np.arange(T)[:, None] - np.arange(T)                                 # (1)
    there = np.arange(T) < lengths[:, None]                                     # (1)
    seen = (back >= 0) & (back < w) & there[:, None, :] & there[:, :, None]     # (1)
    p = np.where(seen, np.exp(e), 0)                                            # (2)
    total = p.sum(axis=-1, keepdims=True)                                       # (2)
    alpha = p / np.where(total == 0, 1, total)                                  # (2)
    z = alpha @ h                                                               # (3)
    return alpha, z


# Right --------------------------------------------------------------------------------------------------------

def right_step_by_step(e, h, lengths, w):
    alpha, z = np.zeros_like(e), np.zeros_like(h)
    for b in range(len(e)):
        for t in range(int(lengths[b])):
            first = max(0, t - w + 1)
            p = np.exp(e[b, t, first:t + 1] - e[b, t, first:t + 1].max())
            alpha[b, t, first:t + 1] = p / p.sum()
            for s in range(first, t + 1):
                z[b, t] += alpha[b, t, s] * h[b, s]
    return alpha, z


def right_by_triangles(e, h, lengths, w):
    """The window is a triangle without a smaller one; what is hidden is -inf, what is not a number 0."""
    T = e.shape[1]
    band = np.tril(np.ones((T, T))) - np.tril(np.ones((T, T)), -w)
    there = (np.arange(T)[None] < np.asarray(lengths)[:, None]).astype(float)
    seen = band * there[:, None] * there[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        m = e + np.log(seen)
        p = np.exp(m - m.max(axis=2)[:, :, None])
        alpha = np.nan_to_num(p / np.einsum("bts->bt", p)[:, :, None])
    return alpha, np.einsum("bts,bsd->btd", alpha, h)


def right_large_negative(e, h, lengths, w):
    """A large negative number for what is hidden, and what is left of it taken away in the end."""
    T = e.shape[1]
    t, s = np.indices((T, T))
    ends = np.asarray(lengths).reshape(-1, 1, 1)
    hidden = (s > t) | (t - s >= w) | (s >= ends) | (t >= ends)
    m = np.where(hidden, -1e30, e)
    p = np.exp(m - m.max(axis=-1, keepdims=True))
    alpha = np.where(hidden, 0.0, p / p.sum(axis=-1, keepdims=True))
    return alpha, (alpha[..., None] * h[:, None]).sum(axis=2)


def right_of_each_sequence(e, h, lengths, w):
    """Each sequence at its own length, then put back among zeros."""
    alpha, z = np.zeros(e.shape), np.zeros(h.shape)
    for b, n in enumerate(int(n) for n in lengths):
        part = np.exp(e[b, :n, :n]) * np.triu(np.tril(np.ones((n, n))), 1 - w)
        alpha[b, :n, :n] = part / part.sum(axis=1)[:, None]
        z[b, :n] = alpha[b, :n, :n].dot(h[b, :n])
    return alpha, z


# Wrong --------------------------------------------------------------------------------------------------------

def through(e, h, seen):
    """(2) and (3), for those that see something else."""
    p = np.where(seen, np.exp(e), 0)
    total = p.sum(axis=-1, keepdims=True)
    alpha = p / np.where(total == 0, 1, total)
    return alpha, alpha @ h


def band(e, w, before=0):
    back = np.arange(e.shape[1])[:, None] - np.arange(e.shape[1])
    return (back >= before) & (back < w)


def there(e, lengths):
    alive = np.arange(e.shape[1]) < lengths[:, None]
    return alive[:, None] & alive[:, :, None]


def wrong_one_too_many(e, h, lengths, w):
    """a step sees w steps before itself, w + 1 in all: w counts the step itself

    Named by: one step too many | `back <= w` (1)"""
    return through(e, h, band(e, w + 1) & there(e, lengths))


def wrong_one_too_few(e, h, lengths, w):
    """a step sees w - 1 steps, itself among them

    Named by: one step too few | `w - 1` (1)"""
    return through(e, h, band(e, w - 1) & there(e, lengths))


def wrong_not_itself(e, h, lengths, w):
    """a step sees the w - 1 before it, and not itself

    Named by: not see itself | `back > 0` (1)"""
    return through(e, h, band(e, w, 1) & there(e, lengths))


def wrong_no_window(e, h, lengths, w):
    """a step sees all before it: the window is missing

    Named by: window missing | `back < w` missing (1)"""
    return through(e, h, band(e, e.shape[1]) & there(e, lengths))


def wrong_both_sides(e, h, lengths, w):
    """the window stands on both sides: a step sees those that follow it

    Named by: both sides | follow it window"""
    back = np.arange(e.shape[1])[:, None] - np.arange(e.shape[1])
    return through(e, h, (abs(back) < w) & there(e, lengths))


def wrong_lengths_ignored(e, h, lengths, w):
    """the lengths are not used: padding sees and is seen

    Named by: lengths no part | lengths not used"""
    return through(e, h, np.broadcast_to(band(e, w), e.shape))


def wrong_padding_looks(e, h, lengths, w):
    """steps behind the end of a sequence look at what is there: padding hides keys, and should hide queries as well

    Named by: behind the end see something rows 0 | `there[:, :, None]` missing (1)"""
    return through(e, h, band(e, w) & (np.arange(e.shape[1]) < lengths[:, None])[:, None])


def wrong_nan(e, h, lengths, w):
    """rows that see nothing are divided by their sum, 0, and are not numbers

    Named by: nothing divided 0 | not finite | `total` 0"""
    p = np.where(band(e, w) & there(e, lengths), np.exp(e), 0)
    alpha = p / p.sum(axis=-1, keepdims=True)
    return alpha, alpha @ h


def wrong_mask_after_softmax(e, h, lengths, w):
    """the softmax runs over all steps and the mask comes afterwards: rows do not add up to 1

    Named by: mask after softmax | add up to 1"""
    p = np.exp(e - e.max(axis=-1, keepdims=True))
    alpha = p / p.sum(axis=-1, keepdims=True) * (band(e, w) & there(e, lengths))
    return alpha, alpha @ h


def wrong_softmax_over_queries(e, h, lengths, w):
    """the softmax goes over the queries t, and should go over s

    Named by: softmax queries keys | axis 1 (2) | axis -2 (2)"""
    p = np.where(band(e, w) & there(e, lengths), np.exp(e), 0)
    total = p.sum(axis=1, keepdims=True)
    alpha = p / np.where(total == 0, 1, total)
    return alpha, alpha @ h


def wrong_hidden_is_0(e, h, lengths, w):
    """the scores of what is hidden are 0 and not -inf, so that it is still seen

    Named by: hidden score 0 -inf"""
    p = np.exp(np.where(band(e, w) & there(e, lengths), e, 0))
    alpha = p / p.sum(axis=-1, keepdims=True)
    return alpha, alpha @ h


def wrong_other_axis_of_alpha(e, h, lengths, w):
    """z sums over the queries: alpha is transposed in (3)

    Named by: alpha transposed (3) | z `alpha` axis (3)"""
    alpha, _ = practice_9_2_window(e, h, lengths, w)
    return alpha, alpha.transpose(0, 2, 1) @ h


def wrong_largest_alone(e, h, lengths, w):
    """z is the state with the largest weight, and in (3) the weighted sum of all

    Named by: z largest (3)"""
    alpha, _ = practice_9_2_window(e, h, lengths, w)
    best = np.take_along_axis(h, alpha.argmax(axis=-1)[:, :, None], axis=1)
    return alpha, np.where(alpha.any(axis=-1)[:, :, None], best, 0)


def wrong_scores_divided_once_more(e, h, lengths, w):
    """the scores e are divided by sqrt(D) before the softmax of (2), which has them as they are

    Named by: alpha scores divided | alpha sqrt(D) | alpha e scaled | alpha root of D"""
    return practice_9_2_window(e / np.sqrt(h.shape[2]), h, lengths, w)
