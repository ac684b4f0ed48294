"""The way back through the cross-entropy of a softmax, with padding: the solution, other right answers, and mistakes
that people make."""
import numpy as np


def cross_entropy_backward(dL, logits, t):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))                      # (1)
    p = e / e.sum(axis=1, keepdims=True)                                        # (1)
    q = np.eye(logits.shape[1])[t]                                              # (2)
    counts = t >= 0                                                             # (2)
    dlogits = dL * (p - q) * counts[:, None] / counts.sum()                     # (3)
    return dlogits


# Right --------------------------------------------------------------------------------------------------------

def right_loop(dL, logits, t):
    dlogits = np.zeros_like(logits)
    M = sum(1 for target in t if target != -1)
    for n, target in enumerate(t):
        if target == -1:
            continue
        p = np.exp(logits[n]) / np.exp(logits[n]).sum()
        dlogits[n] = p
        dlogits[n, target] -= 1
        dlogits[n] *= dL / M
    return dlogits


def right_rows_that_count(dL, logits, t):
    dlogits = np.zeros_like(logits)
    rows = np.flatnonzero(t != -1)
    shifted = logits[rows] - logits[rows].max(axis=1, keepdims=True)
    p = np.exp(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    p[np.arange(len(rows)), t[rows]] -= 1
    dlogits[rows] = p * (dL / len(rows))
    return dlogits


def right_one_hot(dL, logits, t):
    """A target of -1 has a row of nothing but 0."""
    q = (t[:, None] == np.arange(logits.shape[1])).astype(float)
    M = q.sum()
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    return np.einsum("nv,n->nv", p - q, q.sum(axis=1)) / M * dL


def right_through_p(dL, logits, t):
    """(3), (2), and then the way back through a softmax."""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)              # (1)
    q = np.eye(logits.shape[1])[t] * (t[:, None] >= 0)                          # (2)
    dl = dL / q.sum()                                                           # (3)
    dp = -dl * q / p                                                            # (2)
    dlogits = p * (dp - (dp * p).sum(axis=1, keepdims=True))                    # (1)
    return dlogits


# Wrong --------------------------------------------------------------------------------------------------------

def softmax(logits, axis=1):
    """(1), for those that go wrong later."""
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(logits, t):
    return (t[:, None] == np.arange(logits.shape[1])).astype(float)


def wrong_sign(dL, logits, t):
    """dlogits is q - p: the sign is turned, that of the minus in (2)

    Named by: sign turned q - p | dlogits: the sign is turned"""
    return dL * (one_hot(logits, t) - softmax(logits)) * (t >= 0)[:, None] / (t >= 0).sum()


def wrong_no_target(dL, logits, t):
    """dlogits is p alone: at the target the term -1 of (2) is missing

    Named by: target term -1 missing | term `q` missing"""
    return dL * softmax(logits) * (t >= 0)[:, None] / (t >= 0).sum()


def wrong_no_softmax(dL, logits, t):
    """dlogits is -q alone: the term p is missing, which comes from the denominator of (1)

    Named by: term p missing | `p` is taken for 0 | sum `(dp * p).sum term missing"""
    return -dL * one_hot(logits, t) / (t >= 0).sum()


def wrong_of_p(dL, logits, t):
    """dlogits is -q/p: that is the gradient of p, and the way back through the softmax (1) is missing

    Named by: -q/p | softmax (1) missing"""
    return -dL * one_hot(logits, t) / softmax(logits) / (t >= 0).sum()


def wrong_padding_counted(dL, logits, t):
    """the sum is divided by N, with the padding; (3) divides by M, the number of targets that count

    Named by: divided N padding M | all entries are counted `counts.sum()`"""
    return dL * (softmax(logits) - one_hot(logits, t)) * (t >= 0)[:, None] / len(t)


def wrong_sum(dL, logits, t):
    """the division by M of (3) is missing: that is the gradient of the sum of the losses

    Named by: division by M missing | division by `counts.sum()` missing | division by `q.sum()` missing"""
    return dL * (softmax(logits) - one_hot(logits, t)) * (t >= 0)[:, None]


def wrong_mean_of_entries(dL, logits, t):
    """dlogits is divided by V too many: L is a mean over targets, and not over the entries of their rows

    Named by: divided by V | dlogits: 1/V of"""
    return dL * np.where(t[:, None] >= 0, softmax(logits) - one_hot(logits, t), 0) / ((t >= 0).sum() * logits.shape[1])


def wrong_mask(dL, logits, t):
    """the mask is forgotten on the way back: rows of padding get p, and should get 0

    Named by: mask forgotten padding | factor `counts[:, None]` missing | padding should 0"""
    return dL * (softmax(logits) - one_hot(logits, t)) / (t >= 0).sum()


def wrong_last_class(dL, logits, t):
    """rows of padding are rows of the class V-1, since t = -1 counts from the end: they should get 0

    Named by: padding class V-1 | factor `counts[:, None]` missing | padding should 0"""
    dlogits = softmax(logits)
    dlogits[np.arange(len(t)), t] -= 1
    return dL * dlogits / (t >= 0).sum()


def wrong_no_dL(dL, logits, t):
    """the factor dL is missing: L stands at the end only if nobody computes further with it

    Named by: factor dL missing | factor `dL` missing"""
    return (softmax(logits) - one_hot(logits, t)) * (t >= 0)[:, None] / (t >= 0).sum()


def wrong_axis(dL, logits, t):
    """softmax over the batch axis: p is divided by the sums of the columns, and in (1) it is those of the rows

    Named by: softmax batch axis | sum(axis=1, goes over axis 0 (1) `p` |
    axis 0 stands where axis 1 belongs `e` and `p`"""
    return dL * (softmax(logits, axis=0) - one_hot(logits, t)) * (t >= 0)[:, None] / (t >= 0).sum()


def wrong_softmax_twice(dL, logits, t):
    """p is the softmax of a softmax: logits are not yet probabilities, but one softmax is enough

    Named by: softmax of a softmax"""
    return dL * (softmax(softmax(logits)) - one_hot(logits, t)) * (t >= 0)[:, None] / (t >= 0).sum()


def wrong_no_p_but_logits(dL, logits, t):
    """the logits stand where p belongs: dlogits is logits - q, as of a squared error

    Named by: logits where p belongs | `logits` stands where `p`"""
    return dL * (logits - one_hot(logits, t)) * (t >= 0)[:, None] / (t >= 0).sum()
