"""Records of ops/arithmetic.py. The references compute with Python's own numbers, one entry at a time."""
import math
import operator
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import away_from_zero, distinct, entrywise, normal, pointwise, positive
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import broadcast_shapes, shape_of

np = host.np


def binary(op: Callable, f: Callable, numbers: Callable = normal, number: float = 1.5) -> Callable:
    """Of two tensors, mostly; of a tensor and a Python number on either side; of a tensor and itself."""
    entries = entrywise(f)

    def draw(rng: Any, kind: str) -> Sample:
        form = rng.choice(["two", "two", "number on the left", "number on the right", "itself"])
        if form == "two":
            return Sample([numbers(rng, shape) for shape in broadcast_shapes(rng, kind, 2)], op, entries)
        x = [numbers(rng, shape_of(rng, kind))]
        if form == "number on the left":
            return Sample(x, lambda x: op(number, x), lambda x: entries(number, x))
        if form == "number on the right":
            return Sample(x, lambda x: op(x, number), lambda x: entries(x, number))
        return Sample(x, lambda x: op(x, x), lambda x: entries(x, x))
    return draw


def extreme(op: Callable, f: Callable) -> Callable:
    """Of two tensors with at least 0.05 between any two entries; or of a tensor and itself, where all are ties."""
    entries = entrywise(f)

    def draw(rng: Any, kind: str) -> Sample:
        if rng.random() < 0.2:
            return Sample([normal(rng, shape_of(rng, kind))], lambda x: op(x, x), lambda x: entries(x, x))
        if rng.random() < 0.2:
            return Sample([distinct(rng, shape_of(rng, kind))], lambda x: op(x, 0.0), lambda x: entries(x, 0.0))
        a, b = (distinct(rng, shape) for shape in broadcast_shapes(rng, kind, 2))
        return Sample([a, b + 0.05], op, entries)
    return draw


def power(rng: Any, kind: str) -> Sample:
    """Number to number's power in all ways that have a derivative."""
    entries = entrywise(operator.pow)
    form = rng.choice(["fraction", "whole", "two", "base", "whole numbers", "zero"])
    shape = shape_of(rng, kind)
    if form == "fraction":
        n = float(rng.choice([0.5, -0.5, 1.7, 2.0]))
        return Sample([positive(rng, shape)], lambda x: ops.power(x, n), lambda x: entries(x, n))
    if form == "whole":
        k = int(rng.integers(-2, 4))
        return Sample([away_from_zero(rng, shape)], lambda x: ops.power(x, k), lambda x: entries(x, k))
    if form == "base":
        return Sample([normal(rng, shape)], lambda b: ops.power(1.5, b), lambda b: entries(1.5, b))
    if form == "whole numbers":                            # an exponent that wants no gradient, under a base below 0
        whole = rng.integers(-2, 4, shape).astype(float)
        return Sample([away_from_zero(rng, shape)], lambda x: ops.power(x, to_device(whole.astype(x.dtype))),
                      lambda x: entries(x, whole.astype(x.dtype)))
    if form == "zero":                                     # 0^b is 0 for b > 0, and flat in b
        return Sample([1 + positive(rng, shape)], lambda b: ops.power(tensor(np.zeros(shape, b.dtype)), b),
                      np.zeros_like)
    a, b = broadcast_shapes(rng, kind, 2)
    return Sample([positive(rng, a), normal(rng, b)], ops.power, entries)


def clip(rng: Any, kind: str) -> Sample:
    """One bound or both, at multiples of 0.1, between the entries."""
    low, high = float(-rng.integers(0, 4)) / 10, float(rng.integers(0, 4)) / 10
    bounds = [{"low": low}, {"high": high}, {"low": low, "high": high}][rng.integers(3)]
    least, most = bounds.get("low", -math.inf), bounds.get("high", math.inf)
    return Sample([distinct(rng, shape_of(rng, kind))], lambda x: ops.clip(x, **bounds),
                  entrywise(lambda x: sorted((least, x, most))[1]))


def where(rng: Any, kind: str) -> Sample:
    """The condition broadcasts too, and may be a tensor; either choice may be a number."""
    shapes = broadcast_shapes(rng, kind, 3)
    holds = rng.random(shapes[0]) < 0.5
    condition = tensor(holds) if rng.random() < 0.5 else to_device(holds)
    entries = lambda a, b: entrywise(lambda c, a, b: a if c else b)(holds.astype(a.dtype), a, b)
    inputs = [normal(rng, shape) for shape in shapes[1:]]
    form = rng.integers(4)
    if form == 0:
        return Sample(inputs[:1], lambda a: ops.where(condition, a, 0.5), lambda a: entries(a, np.full_like(a, 0.5)))
    if form == 1:
        return Sample(inputs[:1], lambda b: ops.where(condition, 0.5, b), lambda b: entries(np.full_like(b, 0.5), b))
    return Sample(inputs, lambda a, b: ops.where(condition, a, b), entries)


def ones(*shape: int) -> Any:
    return tensor(np.ones(shape))


def misfits(name: str, op: Callable) -> tuple[Mistake, ...]:
    """What people add up: a (B, T, C) state and a (B, T) mask; a transposed matrix; a vector of the rows."""
    return (Mistake(lambda: op(ones(2, 5, 3), ones(2, 5)),
                    (name, "(2, 5, 3)", "(2, 5)", "axis -1", "3", "5", "x.reshape(2, 5, 1)")),
            Mistake(lambda: op(ones(2, 3), ones(3, 2)), (name, "(2, 3)", "(3, 2)", "axis -1", "x.transpose(1, 0)")),
            Mistake(lambda: op(ones(4), ones(4, 3)), (name, "(4,)", "(4, 3)", "x.reshape(4, 1)")),
            Mistake(lambda: op(ones(2, 5, 7), ones(2, 4, 7)), (name, "axis -2", "5", "4", "what each axis")))


RECORDS = {
    "add": Record(binary(ops.add, operator.add), misfits("add", ops.add)),
    "sub": Record(binary(ops.sub, operator.sub), misfits("sub", ops.sub)),
    "mul": Record(binary(ops.mul, operator.mul), misfits("mul", ops.mul)),
    "div": Record(binary(ops.div, operator.truediv, away_from_zero), misfits("div", ops.div)),
    "neg": Record(pointwise(ops.neg, entrywise(operator.neg))),
    "power": Record(power, (
        *misfits("power", ops.power),
        Mistake(lambda: ops.power(ones(2), [1, 2]), ("power", "argument 1 is a list", "tensor")))),
    "exp": Record(pointwise(ops.exp, entrywise(math.exp))),
    "log": Record(pointwise(ops.log, entrywise(math.log), numbers=positive)),
    "sqrt": Record(pointwise(ops.sqrt, entrywise(math.sqrt), numbers=positive)),
    "abs": Record(pointwise(ops.abs, entrywise(abs), numbers=away_from_zero)),
    "clip": Record(clip, (
        Mistake(lambda: ops.clip(ones(2)), ("clip", "low, high or both")),
        Mistake(lambda: ops.clip(ones(2), low=2, high=1), ("clip", "low = 2", "high = 1")),
        Mistake(lambda: ops.clip(ones(2), low=ones(2)), ("clip", "numbers", "ops.minimum", "ops.maximum")))),
    "maximum": Record(extreme(ops.maximum, max), misfits("maximum", ops.maximum)),
    "minimum": Record(extreme(ops.minimum, min), misfits("minimum", ops.minimum)),
    "where": Record(where, (
        *misfits("where", lambda a, b: ops.where(to_device(np.array(True)), a, b)),
        Mistake(lambda: ops.where(ones(2), ones(2), 0.0), ("where", "booleans", "float64", "!= 0")),
        Mistake(lambda: ops.where([True, False], ones(2), 0.0), ("where", "argument 0 is a list", "tensor")))),
}
