"""Nonlinearities, entry by entry."""
import math

from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.special import erfc


def sigmoid_in_place(a):
    """The sigmoid of an array (not a tensor), written over it. sigma(a) = (1 + tanh(a/2)) / 2 never overflows."""
    a *= 0.5
    xp.tanh(a, out=a)
    a += 1
    a *= 0.5


def _sigmoid(x):
    """1 / (1 + e^-x) of an array."""
    return 0.5 * (1 + xp.tanh(0.5 * x))


@op
def tanh(x):
    """y = tanh(x)                          dx = dy (1 - y^2)"""
    y = xp.tanh(x)
    return y, lambda dy: (dy * (1 - y * y),)


@op
def sigmoid(x):
    """y = 1 / (1 + e^-x)                   dx = dy y (1 - y)

    Computed as (1 + tanh(x/2)) / 2, which is the same number and never overflows."""
    y = _sigmoid(x)
    return y, lambda dy: (dy * y * (1 - y),)


@op
def relu(x):
    """y = max(x, 0)                        dx = dy where x > 0, else 0 (so 0 at the kink x = 0)"""
    return xp.maximum(x, 0), lambda dy: (dy * (x > 0),)


@op
def leaky_relu(x, slope=0.01):
    """y = x where x > 0, else slope x      dx = dy where x > 0, else slope dy (also at the kink x = 0)

    Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models"."""
    return xp.where(x > 0, x, slope * x), lambda dy: (xp.where(x > 0, dy, slope * dy),)


@op
def elu(x, alpha=1.0):
    """y = x where x > 0, else alpha (e^x - 1)             dx = dy where x > 0, else dy alpha e^x (also at x = 0)

    Smooth for alpha = 1, with a kink at 0 for others. Clevert, Unterthiner and Hochreiter 2016, "Fast and accurate
    deep network learning by exponential linear units (ELUs)", section 3."""
    below = xp.minimum(x, 0)                               # e^x of a large x would overflow, though it is not wanted
    y = xp.where(x > 0, x, alpha * xp.expm1(below))
    return y, lambda dy: (xp.where(x > 0, dy, dy * alpha * xp.exp(below)),)


@op
def softplus(x):
    """y = ln(1 + e^x)                      dx = dy sigma(x),  sigma(x) = 1 / (1 + e^-x)

    Computed as ln(e^x + e^0) from the larger of the two exponents on, so it never overflows: y = x for large x."""
    return xp.logaddexp(x, 0), lambda dy: (dy * _sigmoid(x),)


@op
def silu(x):
    """y = x sigma(x)                       dx = dy (s + y (1 - s)),  s = sigma(x) = 1 / (1 + e^-x)

    Hendrycks and Gimpel 2016 (SiLU); Ramachandran, Zoph and Le 2017 (Swish)."""
    s = _sigmoid(x)
    y = x * s
    return y, lambda dy: (dy * (s + y * (1 - s)),)


@op
def gelu(x, form="exact"):
    """y = x F(x)                           dx = dy (F(x) + x F'(x))

    "exact":  F(x) = erfc(-x / sqrt(2)) / 2, the share of a normal distribution that lies below x
    "tanh":   F(x) = (1 + tanh u) / 2,  u = sqrt(2/pi) (x + 0.044715 x^3), close to it (to 5e-4) and cheaper

    Hendrycks and Gimpel 2016, "Gaussian error linear units", section 2. Raises ValueError for another form."""
    if form not in ("exact", "tanh"):
        raise ValueError(f"gelu: form is 'exact' or 'tanh'; got {form!r}")
    if form == "tanh":
        return _gelu_tanh(x)
    F = 0.5 * erfc(x * -math.sqrt(0.5))
    slope = 1 / math.sqrt(2 * math.pi)                     # F'(x) = slope e^(-x^2/2)
    return x * F, lambda dy: (dy * (F + x * (slope * xp.exp(-0.5 * x * x))),)


def _gelu_tanh(x):
    """F'(x) = (1 - tanh^2 u) u' / 2,  u' = sqrt(2/pi) (1 + 3 * 0.044715 x^2)."""
    scale, cubic = math.sqrt(2 / math.pi), 0.044715
    t = xp.tanh(scale * x * (1 + cubic * x * x))
    F = 0.5 * (1 + t)

    def backward(dy):
        du = scale * (1 + 3 * cubic * x * x)
        return (dy * (F + 0.5 * x * (1 - t * t) * du),)
    return x * F, backward
