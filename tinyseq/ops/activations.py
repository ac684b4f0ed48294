"""Nonlinearities, entry by entry."""
import math

from tinyseq.autograd import op
from tinyseq.backend import pieces, workspace, xp
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
    if form not in SHARES:
        raise ValueError(f"gelu: form is 'exact' or 'tanh'; got {form!r}")
    share = SHARES[form]
    xs = x.reshape(-1)
    y, slope = workspace(xs.shape, x.dtype), workspace(xs.shape, x.dtype)
    for i in pieces(xs.size):
        F, dF = share(xs[i])
        xp.multiply(xs[i], F, out=y[i])
        dF *= xs[i]
        xp.add(F, dF, out=slope[i])

    def backward(dy):
        return (xp.multiply(dy, slope.reshape(x.shape), out=workspace(x.shape, x.dtype)),)
    return y.reshape(x.shape), backward


def _exact_share(x):
    """F(x) and F'(x) = e^(-x^2/2) / sqrt(2 pi)."""
    bell = x * x
    bell *= -0.5
    xp.exp(bell, out=bell)
    F = 0.5 * erfc(x * -math.sqrt(0.5)) if x.dtype == xp.float64 else _share_to_seven_digits(x, bell)
    bell *= 1 / math.sqrt(2 * math.pi)
    return F, bell


def _share_to_seven_digits(x, bell):
    """F(x) to 1e-7, enough for float32: for x > 0 it is 1 - bell (a_1 t + ... + a_5 t^5) / 2 with
    t = 1 / (1 + p x / sqrt 2), and F(-x) = 1 - F(x). Abramowitz and Stegun 1964, 7.1.26; Hastings 1955."""
    per_p = 1 / (0.3275911 * math.sqrt(0.5))
    t = xp.abs(x)
    t += per_p
    xp.divide(per_p, t, out=t)
    tail = t * (-0.5 * 1.061405429)
    for a in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += -0.5 * a
        tail *= t
    tail *= bell
    tail += 0.5                                            # F(|x|) - 1/2
    xp.copysign(tail, x, out=tail)
    tail += 0.5
    return tail


def _tanh_share(x):
    """F(x) and F'(x) = (1 - tanh^2 u) u' / 2,  u' = sqrt(2/pi) (1 + 3 * 0.044715 x^2)."""
    scale, cubic = math.sqrt(2 / math.pi), 0.044715
    square = cubic * x * x
    t = xp.tanh(scale * x * (1 + square))
    du = scale * (1 + 3 * square)
    return 0.5 * (1 + t), 0.5 * (1 - t * t) * du


SHARES = {"exact": _exact_share, "tanh": _tanh_share}
