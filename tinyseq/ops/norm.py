"""Normalisation: entries are brought to mean 0 and variance 1 (or to root mean square 1), then scaled and shifted by
gamma and beta, which are learnt.

In all three, n depends on each x_j through the statistics as well. With m(v) the mean of v over what was normalised,

    dx = (dn - m(dn) - n m(dn n)) / sigma,   dn = dy gamma                                    (1)

The two subtracted terms are the parts of dn that change only mean and variance, which the normalisation removes again.
"""
from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.arithmetic import sqrt
from tinyseq.ops.reduce import mean
from tinyseq.ops.shapes import checked_axis


@op
def layer_norm(x, gamma, beta, epsilon=1e-5):
    """n = (x - mean) / sigma,  sigma = sqrt(variance + epsilon)            dx by (1),  dgamma = sum dy n,
    y = gamma n + beta                                                      dbeta = sum dy

    x (..., C), gamma and beta (C,) -> y (..., C). Mean and variance (divided by C) of each position are those of its C
    channels; where these are all equal, n = 0. From Ba et al. 2016, "Layer normalization", equations 3 and 4.
    Raises ValueError if gamma or beta is not (C,), or if there is no channel."""
    C = _channels("layer_norm", x, -1, gamma=gamma, beta=beta)
    centred = x - x.mean(axis=-1, keepdims=True)
    sigma = xp.sqrt((centred * centred).mean(axis=-1, keepdims=True) + epsilon)     # (..., 1)
    n = centred / sigma

    def backward(dy):
        dn = dy * gamma
        dx = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sigma     # (1)
        return dx, (dy * n).reshape(-1, C).sum(axis=0), dy.reshape(-1, C).sum(axis=0)
    return n * gamma + beta, backward


def layer_norm_composed(x, gamma, beta, epsilon=1e-5):
    """layer_norm from smaller ops: the slow twin, whose derivative the tape finds by itself."""
    centred = x - mean(x, axis=-1, keepdims=True)
    variance = mean(centred * centred, axis=-1, keepdims=True)
    return centred / sqrt(variance + epsilon) * gamma + beta


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
    average = x.mean(axis=others, keepdims=True)
    centred = x - average
    variance = (centred * centred).mean(axis=others, keepdims=True)
    sigma, gamma_along = xp.sqrt(variance + epsilon), gamma.reshape(along)
    n = centred / sigma

    def backward(dy, dmean, dvariance):
        dgamma, dbeta = (dy * n).sum(axis=others), dy.sum(axis=others)
        dx = (dy - (dbeta / N).reshape(along) - n * (dgamma / N).reshape(along)) * (gamma_along / sigma)
        dx += (dmean / N).reshape(along) + n * sigma * (2 * dvariance / N).reshape(along)
        return dx, dgamma, dbeta
    return (n * gamma_along + beta.reshape(along), average.reshape(C), variance.reshape(C)), backward


def _channels(name, x, axis, **weights):
    """C, the size of this axis, where each weight is (C,)."""
    C = x.shape[checked_axis(name, axis, x.shape)]
    if not C:
        raise ValueError(f"{name}: x {x.shape} has no channel along axis {axis}; at least one is needed")
    for symbol, weight in weights.items():
        if weight.shape != (C,):
            raise ValueError(f"{name}: x {x.shape} has C={C} channels along axis {axis}, so {symbol} is ({C},); got "
                             f"{weight.shape}. Make it of that size, or bring the channels to that axis of x")
    return C
