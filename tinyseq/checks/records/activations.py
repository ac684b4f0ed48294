"""Records of ops/activations.py. The references compute with Python's own numbers, one entry at a time."""
import math
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.checks.records.draws import away_from_zero, entrywise, normal, pointwise
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import shape_of


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def leaky_relu(rng: Any, kind: str) -> Sample:
    slope = {} if rng.random() < 0.5 else {"slope": float(rng.uniform(0, 1))}
    return Sample([away_from_zero(rng, shape_of(rng, kind))], lambda x: ops.leaky_relu(x, **slope),
                  entrywise(lambda x: x if x > 0 else slope.get("slope", 0.01) * x))


def elu(rng: Any, kind: str) -> Sample:
    alpha = {} if rng.random() < 0.5 else {"alpha": float(rng.uniform(0.5, 2))}
    return Sample([away_from_zero(rng, shape_of(rng, kind))], lambda x: ops.elu(x, **alpha),
                  entrywise(lambda x: x if x > 0 else alpha.get("alpha", 1.0) * (math.exp(x) - 1)))


def gelu(rng: Any, kind: str) -> Sample:
    """The exact form wide enough to reach all three of the ratios that erfc is made of."""
    x = normal(rng, shape_of(rng, kind))
    form = rng.choice(["default", "exact", "tanh"])
    if form == "tanh":
        return Sample([x], lambda x: ops.gelu(x, form="tanh"), entrywise(gelu_tanh))
    settings = {"form": "exact"} if form == "exact" else {}
    return Sample([2 * x], lambda x: ops.gelu(x, **settings), entrywise(lambda x: x * math.erfc(-x / math.sqrt(2)) / 2))


def gelu_tanh(x: float) -> float:
    return x * sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))              # (1 + tanh u) / 2 = sigma(2u)


RECORDS = {
    "tanh": Record(pointwise(ops.tanh, entrywise(math.tanh))),
    "sigmoid": Record(pointwise(ops.sigmoid, entrywise(sigmoid))),
    "relu": Record(pointwise(ops.relu, entrywise(lambda x: x if x > 0 else 0.0), numbers=away_from_zero)),
    "leaky_relu": Record(leaky_relu),
    "elu": Record(elu),
    "softplus": Record(pointwise(ops.softplus, entrywise(lambda x: math.log1p(math.exp(x))))),
    "silu": Record(pointwise(ops.silu, entrywise(lambda x: x * sigmoid(x)))),
    "gelu": Record(gelu, (
        Mistake(lambda: ops.gelu(tensor([1.0]), form="fast"), ("gelu", "'exact'", "'tanh'", "'fast'")),)),
}
