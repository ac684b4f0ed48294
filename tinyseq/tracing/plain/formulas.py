"""How one number is made of others: its value, its slopes, and the line of arithmetic with the numbers put in.

A formula takes the numbers xs. `slopes` says how much y moves with each of them; it is given y as well, since many
slopes are short in y. `text` is given words for the numbers.
"""
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

Numbers = Sequence[float]


class Formula(NamedTuple):
    """y = value(xs), dy/dxs = slopes(xs, y), and how to write it."""
    value: Callable[[Numbers], float]
    slopes: Callable[[Numbers, float], Numbers]
    text: Callable[[Sequence[str]], str]


def _sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _share(x: float) -> float:
    """What part of a normal distribution lies below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _bell(x: float) -> float:
    return math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _held(word: str) -> str:
    """Together, where a sign would be drawn in."""
    return f"({word})" if word.startswith("-") else word


def _joined(terms: Sequence[str], sign: str) -> str:
    """Many terms are cut short."""
    return sign.join(terms if len(terms) <= 10 else [*terms[:4], "...", *terms[-2:]])


# Of one or two numbers --------------------------------------------------------------------------------------

SAME = Formula(lambda x: x[0], lambda x, y: [1.0], lambda w: w[0])
ADD = Formula(lambda x: x[0] + x[1], lambda x, y: [1.0, 1.0], lambda w: f"{w[0]} + {w[1]}")
SUB = Formula(lambda x: x[0] - x[1], lambda x, y: [1.0, -1.0], lambda w: f"{w[0]} - {_held(w[1])}")
MUL = Formula(lambda x: x[0] * x[1], lambda x, y: [x[1], x[0]], lambda w: f"{w[0]} * {w[1]}")
DIV = Formula(lambda x: x[0] / x[1], lambda x, y: [1 / x[1], -y / x[1]], lambda w: f"{w[0]} / {w[1]}")
NEG = Formula(lambda x: -x[0], lambda x, y: [-1.0], lambda w: f"-{_held(w[0])}")
EXP = Formula(lambda x: math.exp(x[0]), lambda x, y: [y], lambda w: f"e^{w[0]}")
LOG = Formula(lambda x: math.log(x[0]), lambda x, y: [1 / x[0]], lambda w: f"ln {w[0]}")
SQRT = Formula(lambda x: math.sqrt(x[0]), lambda x, y: [0.5 / y], lambda w: f"sqrt({w[0]})")
TANH = Formula(lambda x: math.tanh(x[0]), lambda x, y: [1 - y * y], lambda w: f"tanh({w[0]})")
SIGMOID = Formula(lambda x: _sigma(x[0]), lambda x, y: [y * (1 - y)], lambda w: f"sigmoid({w[0]})")
RELU = Formula(lambda x: max(x[0], 0.0), lambda x, y: [float(x[0] > 0)], lambda w: f"max({w[0]}, 0)")
SILU = Formula(lambda x: x[0] * _sigma(x[0]), lambda x, y: [_sigma(x[0]) + y * (1 - _sigma(x[0]))],
               lambda w: f"{w[0]} * sigmoid({w[0]})")
GELU = Formula(lambda x: x[0] * _share(x[0]), lambda x, y: [_share(x[0]) + x[0] * _bell(x[0])],
               lambda w: f"{w[0]} * F({w[0]})")


@cache
def power(n: float) -> Formula:
    """y = x^n"""
    return Formula(lambda x: x[0] ** n, lambda x, y: [n * x[0] ** (n - 1) if n else 0.0],
                   lambda w: f"{_held(w[0])}^{n:g}")


def _gelu_tanh(x: Numbers) -> float:
    return x[0] * 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x[0] + 0.044715 * x[0] ** 3)))


def _gelu_tanh_slopes(x: Numbers, y: float) -> Numbers:
    t = math.tanh(math.sqrt(2 / math.pi) * (x[0] + 0.044715 * x[0] ** 3))
    return [0.5 * (1 + t) + x[0] * 0.5 * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x[0] ** 2)]


GELU_TANH = Formula(_gelu_tanh, _gelu_tanh_slopes, GELU.text)

# The two coordinates of a point, turned: xs are its coordinates, then cos and sin of the angle.
TURNED_FIRST = Formula(lambda x: x[0] * x[2] - x[1] * x[3], lambda x, y: [x[2], -x[3], x[0], -x[1]],
                       lambda w: f"{w[0]} * {w[2]} - {w[1]} * {w[3]}")
TURNED_SECOND = Formula(lambda x: x[0] * x[3] + x[1] * x[2], lambda x, y: [x[3], x[2], x[1], x[0]],
                        lambda w: f"{w[0]} * {w[3]} + {w[1]} * {w[2]}")


# Of many numbers --------------------------------------------------------------------------------------------

SUM = Formula(math.fsum, lambda x, y: [1.0] * len(x), lambda w: _joined(w, " + ") or "0")
MEAN = Formula(lambda x: math.fsum(x) / len(x), lambda x, y: [1 / len(x)] * len(x),
               lambda w: f"({_joined(w, ' + ')}) / {len(w)}")
MAX = Formula(max, lambda x, y: [(v == y) / sum(u == y for u in x) for v in x], lambda w: f"max({_joined(w, ', ')})")
LOGSUMEXP = Formula(lambda x: _logsumexp(x), lambda x, y: [math.exp(v - y) for v in x],
                    lambda w: f"ln({_exponentials(w)})")


def _dot(x: Numbers) -> float:
    n = len(x) // 2
    return math.fsum(a * b for a, b in zip(x[:n], x[n:], strict=True))


def _dot_slopes(x: Numbers, y: float) -> Numbers:
    n = len(x) // 2
    return [*x[n:], *x[:n]]


def _dot_text(w: Sequence[str]) -> str:
    n = len(w) // 2
    return _joined([f"{a} * {b}" for a, b in zip(w[:n], w[n:], strict=True)], " + ") or "0"


# xs are the entries of a row, then those of a column; with a bias that comes first of all.
DOT = Formula(_dot, _dot_slopes, _dot_text)
DOT_AND_BIAS = Formula(lambda x: math.fsum([_dot(x[1:]), x[0]]), lambda x, y: [1.0, *_dot_slopes(x[1:], y)],
                       lambda w: f"{_dot_text(w[1:])} + {w[0]}")


def _exponentials(words: Sequence[str]) -> str:
    return _joined([f"e^{word}" for word in words], " + ")


def _logsumexp(x: Numbers) -> float:
    largest = max(x)
    return largest + math.log(math.fsum(math.exp(v - largest) for v in x))


@cache
def softmax(i: int) -> Formula:
    """The i-th probability of the scores xs."""
    def value(x: Numbers) -> float:
        largest = max(x)
        return math.exp(x[i] - largest) / math.fsum(math.exp(v - largest) for v in x)

    def slopes(x: Numbers, y: float) -> Numbers:
        largest = max(x)
        total = math.fsum(math.exp(v - largest) for v in x)
        return [y * ((j == i) - math.exp(v - largest) / total) for j, v in enumerate(x)]
    return Formula(value, slopes, lambda w: f"e^{w[i]} / ({_exponentials(w)})")


def cross_entropy(targets: Sequence[int | None], V: int) -> Formula:
    """The sum of -ln softmax(row)_target over rows of V scores; None: the row counts for nothing."""
    def rows(x: Sequence) -> list[tuple[int, Sequence]]:
        return [(t, x[n * V:(n + 1) * V]) for n, t in enumerate(targets) if t is not None]

    def slopes(x: Numbers, y: float) -> Numbers:
        found = [0.0] * len(x)
        for n, t in enumerate(targets):
            if t is not None:
                row = x[n * V:(n + 1) * V]
                total = _logsumexp(row)
                found[n * V:(n + 1) * V] = [math.exp(v - total) - (j == t) for j, v in enumerate(row)]
        return found
    return Formula(lambda x: math.fsum(_logsumexp(row) - row[t] for t, row in rows(x)), slopes,
                   lambda w: "-" + _joined([f"ln(e^{row[t]} / ({_exponentials(row)}))" for t, row in rows(w)], " - "))


SQUARES = Formula(lambda x: math.fsum((a - b) ** 2 for a, b in _pairs(x)),
                  lambda x, y: [*(2 * (a - b) for a, b in _pairs(x)), *(2 * (b - a) for a, b in _pairs(x))],
                  lambda w: _joined([f"({a} - {b})^2" for a, b in _pairs(w)], " + "))


def _pairs(x: Sequence) -> list[tuple]:
    n = len(x) // 2
    return list(zip(x[:n], x[n:], strict=True))
