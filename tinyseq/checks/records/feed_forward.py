"""Record of ops/feed_forward.py: the inner layer by Python's own numbers."""
import math
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.activations import gelu_tanh, sigmoid
from tinyseq.checks.records.draws import away_from_zero, entrywise, normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, shape_of

np = host.np
INSIDE: dict[str, Callable[[float], float]] = {
    "relu": lambda a: max(a, 0.0), "gelu": lambda a: a * math.erfc(-a / math.sqrt(2)) / 2, "gelu_tanh": gelu_tanh,
    "swiglu": lambda a: a * sigmoid(a)}


def weights(rng: Any, C: int, FF: int, activation: str, bias: bool) -> dict[str, Any]:
    """By name, in the op's order, those that there are; W_1 has no entry near 0 (away_from_kinks)."""
    shapes = {"W_1": (C, FF), "b_1": (FF,), "W_2": (FF, C), "b_2": (C,), "W_3": (C, FF), "b_3": (FF,)}
    return {name: (away_from_zero if name == "W_1" else normal)(rng, shape) / max(shape[0], 1) ** 0.5
            for name, shape in shapes.items()
            if (bias or name[0] == "W") and (activation == "swiglu" or name[-1] != "3")}


def away_from_kinks(rng: Any, x: Any, w: dict[str, Any]) -> Any:
    """x, of which those rows have been drawn again that bring the inner layer near 0, where relu has its kink."""
    while x.size and (near := (abs(x @ w["W_1"] + w.get("b_1", 0)) < 0.03).any(axis=-1)).any():
        x[near] = normal(rng, x[near].shape)
    return x


def in_order(w: dict[str, Any]) -> list[Any]:
    """All six, None for one that is missing."""
    return [w.get(name) for name in ("W_1", "b_1", "W_2", "b_2", "W_3", "b_3")]


def fed_forward(x: Any, w: dict[str, Any], activation: str) -> Any:
    h = entrywise(INSIDE[activation])(x @ w["W_1"] + w.get("b_1", 0))
    h = h * (x @ w["W_3"] + w.get("b_3", 0)) if activation == "swiglu" else h
    return h @ w["W_2"] + w.get("b_2", 0)


def draw(rng: Any, kind: str) -> Sample:
    """Any number of axes before the last, any activation, with biases or without."""
    shape, activation = shape_of(rng, kind, least=1), str(rng.choice(list(INSIDE)))
    w = weights(rng, shape[-1], 1 if kind == "ones" else int(rng.integers(1, 6)), activation, bool(rng.random() < 0.6))
    x = normal(rng, shape)
    x = away_from_kinks(rng, x, w) if activation == "relu" else x
    return Sample([x, *w.values()],
                  lambda x, *given: ops.feed_forward(x, *in_order(dict(zip(w, given, strict=True))),
                                                     activation=activation),
                  lambda x, *given: fed_forward(x, dict(zip(w, given, strict=True)), activation), ("x", *w))


def some(*shape: int) -> Any:
    return tensor(np.ones(shape))


x, W_1, W_2 = some(2, 3), some(3, 4), some(4, 3)

RECORDS = {"feed_forward": Record(draw, (
    Mistake(lambda: ops.feed_forward(x, W_1, None, W_2, None, activation="tanh"), ("relu, gelu", "'tanh'")),
    Mistake(lambda: ops.feed_forward(x, W_1, None, W_2, None, activation="swiglu"), ("W_3", "without")),
    Mistake(lambda: ops.feed_forward(x, W_1, None, W_2, None, W_1), ("W_3", "'gelu' with W_3")),
    Mistake(lambda: ops.feed_forward(x, W_2, None, W_1, None), ("(2, 3)", "(4, 3)")),
), tuple(kind for kind in KINDS if kind != "scalar"))}
