"""The linear-chain conditional random field: the sum over all ways to tag a sequence.

B sequences of up to T steps, K tags. A way to tag a sequence, y_1 .. y_T, has the score

    (1) score(y) = a_{y_1} + sum_t s_{t,y_t} + sum_{t>1} W_{y_{t-1},y_t} + b_{y_T}

with scores s (B, T, K) of each step, W (K, K) of each pair of neighbours (from the row's tag to the column's), a (K,)
of beginnings and b (K,) of ends. Then P(y) = e^score(y) / Z, where Z sums over all K^T ways. That sum takes T steps
of K^2 additions (the forward algorithm):

    (2) u_1 = a + s_1,   u_t,j = s_t,j + ln sum_i e^(u_{t-1,i} + W_ij)              (B, K)
    (3) ln Z = ln sum_j e^(u_T,j + b_j)                                             (B,)

Lafferty, McCallum and Pereira 2001; the recursions: Rabiner 1989, section III, here as logarithms.
"""
from tinyseq.autograd import op
from tinyseq.backend import to_host, workspace, xp
from tinyseq.ops.arithmetic import where
from tinyseq.ops.reduce import logsumexp


@op
def crf_log_partition(scores, transitions, start, end, lengths):
    """ln Z by (2) and (3). Its derivatives are the probabilities of what the scores belong to:

        (4) v_T = b,   v_{t-1,i} = ln sum_j e^(W_ij + s_t,j + v_t,j)    from the end to the front
        (5) ds_t,j = P(y_t = j)                            = e^(u_t,j + v_t,j - ln Z)
        (6) dW_ij  = sum_{t>1} P(y_{t-1} = i, y_t = j)     = sum_{t>1} e^(u_{t-1,i} + W_ij + s_t,j + v_t,j - ln Z)
        (7) da_j   = P(y_1 = j),   db_j = P(y_T = j)

    each times the sequence's dy. scores (B, T, K), transitions (K, K), start and end (K,), lengths (B,) -> (B,).
    Scores behind a sequence's own end count for nothing. Raises ValueError if shapes do not fit or a length is not
    from 1 to T."""
    alive = checked_alive("crf_log_partition", scores, transitions, start, end, lengths)
    T = scores.shape[1]
    us = workspace((T, len(scores), len(start)), scores.dtype)
    us[0] = scores[:, 0] + start                                                            # (2)
    for t in range(1, T):
        u = scores[:, t] + _logsumexp(us[t - 1][:, :, None] + transitions, axis=1)          # (2)
        us[t] = xp.where(alive[:, t, None], u, us[t - 1])  # a row that has ended keeps its last u
    log_z = _logsumexp(us[-1] + end, axis=1)                                                # (3)

    def backward(dy):
        dscores, dtransitions = xp.zeros_like(scores), xp.zeros_like(transitions)
        v = xp.zeros_like(us[0]) + end
        for t in reversed(range(T)):
            is_alive = alive[:, t, None]
            dscores[:, t] = _weighted(us[t] + v, log_z, is_alive, dy)                       # (5)
            if t:
                to_j = xp.where(is_alive, scores[:, t] + v, 0)[:, None, :] + transitions    # (B, K, K)
                pairs = us[t - 1][:, :, None] + to_j
                dtransitions += _weighted(pairs, log_z, is_alive[:, None], dy).sum(axis=0)  # (6)
                v = xp.where(is_alive, _logsumexp(to_j, axis=2), v)                         # (4)
        dend = _weighted(us[-1] + end, log_z, alive[:, :1], dy).sum(axis=0)                         # (7)
        return dscores, dtransitions, dscores[:, 0].sum(axis=0), dend
    return log_z, backward


def crf_log_partition_composed(scores, transitions, start, end, lengths):
    """The same of tensors, from smaller ops: the slow twin, whose derivative the tape finds by itself."""
    alive = checked_alive("crf_log_partition", scores, transitions, start, end, lengths)
    u = scores[:, 0] + start                                                                # (2)
    for t in range(1, scores.shape[1]):
        u_t = scores[:, t] + logsumexp(u.reshape(*u.shape, 1) + transitions, axis=1)        # (2)
        u = where(alive[:, t, None], u_t, u)               # (2)  a row that has ended keeps its last u
    return logsumexp(u + end, axis=1)                                                       # (3)


def checked_alive(name, scores, transitions, start, end, lengths):
    """(B, T), True where a sequence has a step; if everything fits."""
    if scores.ndim != 3 or 0 in scores.shape[1:]:
        raise ValueError(f"{name}: scores are (B, T, K), with T and K of at least 1; got {scores.shape}")
    B, T, K = scores.shape
    for what, array, shape in (("transitions", transitions, (K, K)), ("start", start, (K,)), ("end", end, (K,))):
        if array.shape != shape:
            raise ValueError(f"{name}: scores {scores.shape} have K={K} tags, so {what} should be {shape}; got "
                             f"{array.shape}")
    lengths = to_host(lengths)
    if lengths.shape != (B,) or lengths.dtype.kind not in "iu":
        raise ValueError(f"{name}: lengths are B={B} whole numbers, one a sequence; got {lengths.dtype} of shape "
                         f"{lengths.shape}")
    wrong = (lengths < 1) | (lengths > T)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{name}: lengths go from 1 to T={T}; sequence {row} has {lengths[row]}: leave empty "
                         "sequences out, and give scores for every step")
    return xp.arange(T)[None, :] < xp.asarray(lengths)[:, None]


def _logsumexp(x, axis):
    """ln sum e^x along one axis, of numbers of which none is infinite."""
    largest = x.max(axis=axis, keepdims=True)
    return xp.log(xp.exp(x - largest).sum(axis=axis)) + largest.squeeze(axis)


def _weighted(logarithms, log_z, is_alive, dy):
    """dy e^(logarithms - ln Z) for each sequence, 0 where it has ended."""
    per_sequence = (-1, *[1] * (logarithms.ndim - 1))
    logarithms = xp.where(is_alive, logarithms - log_z.reshape(per_sequence), -xp.inf)
    return xp.exp(logarithms) * dy.reshape(per_sequence)
