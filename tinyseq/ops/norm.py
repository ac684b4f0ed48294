"""Normalisation: entries are brought to mean 0 and variance 1 (or to root mean square 1), then scaled and shifted by
gamma and beta, which are learnt.

In all three, n depends on each x_j through the statistics as well. With m(v) the mean of v over what was normalised,

    dx = (dn - m(dn) - n m(dn n)) / sigma,   dn = dy gamma                                    (1)

The two subtracted terms are the parts of dn that change only mean and variance, which the normalisation removes again.
"""
from tinyseq.autograd import op
from tinyseq.backend import pieces, workspace, xp
from tinyseq.ops.arithmetic import sqrt
from tinyseq.ops.reduce import mean
from tinyseq.ops.shapes import checked_axis


@op
def layer_norm(x, gamma, beta=None, epsilon=1e-5):
    """n = (x - mean) / sigma,  sigma = sqrt(variance + epsilon)            dx by (1),  dgamma = sum dy n,
    y = gamma n + beta                                                      dbeta = sum dy

    x (..., C), gamma and beta (C,), beta None: without it -> y (..., C). Mean and variance (divided by C) of each
    position are those of its C channels; where these are all equal, n = 0. From Ba et al. 2016, "Layer normalization",
    equations 3 and 4.
    Raises ValueError if gamma or beta is not (C,), or if there is no channel."""
    C = _channels("layer_norm", x, -1, gamma=gamma, beta=beta)
    rows = x.reshape(-1, C)
    n, y = workspace(rows.shape, x.dtype), workspace(rows.shape, x.dtype)
    per_sigma = xp.empty((len(rows), 1), x.dtype)          # 1 / sigma
    average = xp.full(C, 1 / C, x.dtype)                   # times a row: its mean
    for i in pieces(*rows.shape):
        xp.subtract(rows[i], (rows[i] @ average)[:, None], out=n[i])
        variance = xp.einsum("rc,rc->r", n[i], n[i])[:, None] / C
        per_sigma[i] = 1 / xp.sqrt(variance + epsilon)
        n[i] *= per_sigma[i]
        xp.multiply(n[i], gamma, out=y[i])
        if beta is not None:
            y[i] += beta

    def backward(dy):
        dys, dx = dy.reshape(-1, C), workspace(rows.shape, x.dtype)
        dgamma, ones, average_of_dn = xp.zeros_like(gamma), xp.ones(len(rows), x.dtype), gamma / C
        for i in pieces(*rows.shape):
            dy_n = dys[i] * n[i]
            dgamma += ones[i] @ dy_n
            dn = xp.multiply(dys[i], gamma, out=dx[i])
            dn -= (dys[i] @ average_of_dn)[:, None]                                 # (1)
            dn -= xp.multiply(n[i], (dy_n @ average_of_dn)[:, None], out=dy_n)      # (1)
            dn *= per_sigma[i]                                                      # (1)
        dbeta = None if beta is None else ones @ dys
        return dx.reshape(x.shape), dgamma, dbeta
    return y.reshape(x.shape), backward


def layer_norm_composed(x, gamma, beta=None, epsilon=1e-5):
    """layer_norm from smaller ops: the slow twin, whose derivative the tape finds by itself.

    (2) centred  = x - mean of x                             (..., C)
    (3) variance = mean of centred^2                         (..., 1)
    (4) n        = centred / sqrt(variance + epsilon)        (..., C)
    (5) y        = gamma n + beta                            (..., C)"""
    centred = x - mean(x, axis=-1, keepdims=True)                                   # (2)
    variance = mean(centred * centred, axis=-1, keepdims=True)                      # (3)
    n = centred / sqrt(variance + epsilon)                                          # (4)
    return n * gamma if beta is None else n * gamma + beta                          # (5)


@op
def rms_norm(x, gamma, epsilon=1e-5):
    """n = x / rms,  rms = sqrt(m(x^2) + epsilon)                           dx = (dn - n m(dn n)) / rms,
    y = gamma n                                                             dgamma = sum dy n

    m is the mean over the C channels of a position: x (..., C), gamma (C,) -> y (..., C). As layer_norm, without its
    first step. From Zhang and Sennrich 2019, "Root mean square layer normalization", equation 4.
    Raises ValueError if gamma is not (C,), or if there is no channel."""
    C = _channels("rms_norm", x, -1, gamma=gamma)
    rms = xp.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon)                   # (..., 1)
    n = x / rms

    def backward(dy):
        dn = dy * gamma
        return (dn - n * (dn * n).mean(axis=-1, keepdims=True)) / rms, (dy * n).reshape(-1, C).sum(axis=0)
    return n * gamma, backward


@op
def batch_norm(x, gamma, beta, channel_axis=-1, epsilon=1e-5):
    """n = (x - mean) / sigma,  sigma = sqrt(variance + epsilon)            dx by (1),  dgamma = sum dy n,
    y = gamma n + beta                                                      dbeta = sum dy

    x has C channels along `channel_axis`; gamma and beta (C,) -> y of x's shape, mean (C,), variance (C,). Mean and
    variance (divided by N) of each channel are those of its N entries along all other axes; with N = 1, n = 0. In (1)
    m(dn) is gamma dbeta/N. Where mean and variance are used further, dx also holds dmean/N + 2 dvariance (x - mean)/N.
    From Ioffe and Szegedy 2015, "Batch normalization", algorithm 1.
    Raises ValueError if gamma or beta is not (C,), or if x has no entries or no axis besides the channels."""
    C = _channels("batch_norm", x, channel_axis, gamma=gamma, beta=beta)
    others = tuple(axis for axis in range(x.ndim) if axis != channel_axis % x.ndim)
    if not others or not x.size:
        raise ValueError(f"batch_norm: x {x.shape} has no batch to take the mean over")
    along = tuple(1 if axis in others else C for axis in range(x.ndim))             # the shape in which (C,) meets x
    N = x.size // C
    average = x.mean(axis=others)
    n = x - average.reshape(along)
    variance = (n * n).mean(axis=others)
    per_sigma = 1 / xp.sqrt(variance + epsilon)            # (C,)
    n *= per_sigma.reshape(along)
    y = n * gamma.reshape(along)
    y += beta.reshape(along)

    def backward(dy, dmean, dvariance):
        dgamma, dbeta = (dy * n).sum(axis=others), dy.sum(axis=others)
        scale = gamma * per_sigma                          # dx = scale dy + what (1) subtracts, term by term:
        of_mean, of_variance = (dmean - scale * dbeta) / N, (2 * dvariance / per_sigma - scale * dgamma) / N
        dx = n * of_variance.reshape(along)
        dx += of_mean.reshape(along)
        dx += dy * scale.reshape(along)
        return dx, dgamma, dbeta
    return (y, average, variance), backward


def _channels(name, x, axis, **weights):
    """C, the size of this axis, where each weight is (C,)."""
    C = x.shape[checked_axis(name, axis, x.shape)]
    if not C:
        raise ValueError(f"{name}: x {x.shape} has no channel along axis {axis}; at least one is needed")
    for symbol, weight in weights.items():
        if weight is not None and weight.shape != (C,):
            raise ValueError(f"{name}: x {x.shape} has C={C} channels along axis {axis}, so {symbol} is ({C},); got "
                             f"{weight.shape}. Make it of that size, or bring the channels to that axis of x")
    return C
