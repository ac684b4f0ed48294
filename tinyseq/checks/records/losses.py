"""Records of ops/losses.py."""
import math
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import away_from_zero, normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import shape_of

np = host.np


def cross_entropy(logits: Any, targets: Any, ignore_index: int | None, reduction: str, label_smoothing: float,
                  weights: Any) -> Any:
    """Position by position, from the definition."""
    V = logits.shape[-1]
    w = np.ones(V) if weights is None else weights
    total, count = 0.0, 0.0
    for place in np.ndindex(targets.shape):
        t = int(targets[place])
        if t == ignore_index:
            continue
        row = [float(v) for v in logits[place]]
        ln_total = math.log(math.fsum(map(math.exp, row)))
        for v in range(V):
            q = (1 - label_smoothing) * (v == t) * w[t] + label_smoothing * w[v] / V
            total -= q * (row[v] - ln_total)
        count += w[t]
    return np.asarray(total / count if reduction == "mean" else total, logits.dtype)


def draw_cross_entropy(rng: Any, kind: str) -> Sample:
    lead = shape_of(rng, kind, most=3)
    V = {"ones": 1, "odd": 11}.get(kind) or int(rng.integers(1, 6))
    targets = rng.integers(0, V, lead)
    settings: dict[str, Any] = {
        "ignore_index": None if rng.random() < 0.4 else int(rng.choice([-1, -100, 0])),
        "reduction": str(rng.choice(["mean", "sum"])),
        "label_smoothing": float(rng.choice([0, 0, 0.1, rng.random(), 1])) if V > 1 else 0.0,     # else dx = 0, rounded
        "weights": None if rng.random() < 0.5 else rng.uniform(0.5, 2, V)}
    if settings["ignore_index"] is not None and rng.random() < 0.8:
        targets = np.where(rng.random(lead) < 0.3, settings["ignore_index"], targets)
    if not (targets != settings["ignore_index"]).any():
        settings["reduction"] = "sum"                      # of none there is no mean
    given = targets if rng.random() < 0.7 else to_device(targets)
    return Sample([normal(rng, (*lead, V))], lambda x: ops.cross_entropy(x, given, **settings),
                  lambda x: cross_entropy(x, targets, **settings))


def pairs(f: Callable, of_one: Callable, numbers: Callable, **choices: list) -> Callable:
    """The draw of a loss that compares entry by entry. of_one: the loss of one entry; numbers: draws both inputs."""
    def draw(rng: Any, kind: str) -> Sample:
        shape = shape_of(rng, kind)
        chosen = {name: float(rng.choice(values)) for name, values in choices.items()}
        reduction = "sum" if kind == "empty" else str(rng.choice(["mean", "sum"]))

        def reference(y: Any, t: Any) -> Any:
            total = math.fsum(of_one(float(a), float(b), **chosen) for a, b in zip(y.flat, t.flat, strict=True))
            return np.asarray(total / y.size if reduction == "mean" else total, y.dtype)
        return Sample(numbers(rng, shape, **chosen), lambda y, t: f(y, t, reduction=reduction, **chosen), reference)
    return draw


def both_normal(rng: Any, shape: tuple[int, ...]) -> list:
    return [normal(rng, shape), normal(rng, shape)]


def apart(rng: Any, shape: tuple[int, ...]) -> list:
    """Predictions and targets that lie at least 0.1 apart."""
    target = normal(rng, shape)
    return [target + away_from_zero(rng, shape), target]


def within_and_beyond(rng: Any, shape: tuple[int, ...], delta: float) -> list:
    """Errors on either side of delta, none so near that a small step changes the side."""
    size = np.where(rng.random(shape) < 0.5, rng.uniform(0, delta - 0.1, shape), rng.uniform(delta + 0.1, 4, shape))
    target = normal(rng, shape)
    return [target + rng.choice([-1, 1], shape) * size, target]


def logits_and_shares(rng: Any, shape: tuple[int, ...]) -> list:
    """Logits, and targets between 0 and 1."""
    return [3 * normal(rng, shape), rng.random(shape)]


def binary(x: float, t: float) -> float:
    p = 1 / (1 + math.exp(-x))
    return -(t * math.log(p) + (1 - t) * math.log(1 - p))


def huber(y: float, t: float, delta: float) -> float:
    e = abs(y - t)
    return e * e / 2 if e <= delta else delta * (e - delta / 2)


def mistakes(f: Callable) -> tuple[Mistake, ...]:
    """The same for all that compare entry by entry."""
    x, name = tensor(np.ones((2, 3))), f.__name__
    return (
        Mistake(lambda: f(x, tensor(np.ones(3))), (name, "(2, 3)", "(3,)", "same shape", "reshape")),
        Mistake(lambda: f(tensor(np.ones((2, 1))), tensor(np.ones(2))), (name, "(2, 1)", "(2,)")),
        Mistake(lambda: f(x, [1.0, 2.0]), (name, "(2, 3)", "list")),
        Mistake(lambda: f(x, x, reduction="none"), (name, "'mean' or 'sum'", "'none'")),
        Mistake(lambda: f(tensor(np.ones((0, 3))), tensor(np.ones((0, 3)))), (name, "(0, 3)", "mean of none")),
    )


x23, x235 = tensor(np.ones((2, 3))), tensor(np.ones((2, 3, 5)))
CROSS_ENTROPY = (
    Mistake(lambda: ops.cross_entropy(x23, [0, 1, 2]), ("(2, 3)", "(2,)", "(3,)")),
    Mistake(lambda: ops.cross_entropy(x235, np.zeros((2, 5), int)), ("(2, 3, 5)", "(2, 3)", "(2, 5)", "transpose")),
    Mistake(lambda: ops.cross_entropy(x23, np.eye(3)[:2]), ("(2, 3)", "(2,)", "whole numbers", "argmax")),
    Mistake(lambda: ops.cross_entropy(tensor(1.0), 0), ("(..., V)", "()")),
    Mistake(lambda: ops.cross_entropy(tensor(np.ones((2, 0))), [0, 0]), ("at least one class", "(2, 0)")),
    Mistake(lambda: ops.cross_entropy(x23, [0.0, 1.0]), ("whole numbers", "float64")),
    Mistake(lambda: ops.cross_entropy(x23, [0, 3]), ("0 to 2", "3", "ignore_index")),
    Mistake(lambda: ops.cross_entropy(x23, [-1, 0]), ("0 to 2", "-1", "ignore_index")),
    Mistake(lambda: ops.cross_entropy(x23, [-1, -2], ignore_index=-1), ("0 to 2", "-2")),
    Mistake(lambda: ops.cross_entropy(x23, [-1, -1], ignore_index=-1), ("every target is ignored", "mean of none")),
    Mistake(lambda: ops.cross_entropy(x23, [0, 1], weights=[0, 0, 1]), ("weight 0", "mean of none")),
    Mistake(lambda: ops.cross_entropy(tensor(np.ones((0, 3))), np.zeros(0, int)), ("mean of none",)),
    Mistake(lambda: ops.cross_entropy(x23, [0, 1], reduction="none"), ("'mean' or 'sum'", "'none'")),
    Mistake(lambda: ops.cross_entropy(x23, [0, 1], label_smoothing=1.5), ("label_smoothing", "[0, 1]", "1.5")),
    Mistake(lambda: ops.cross_entropy(x23, [0, 1], weights=[1.0, 2.0]), ("weights (3,)", "(2, 3)", "(2,)")),
)
HUBER = (Mistake(lambda: ops.huber(x23, x23, delta=0), ("huber", "delta", "above 0", "0")),)

RECORDS = {
    "cross_entropy": Record(draw_cross_entropy, CROSS_ENTROPY),
    "binary_cross_entropy": Record(pairs(ops.binary_cross_entropy, binary, logits_and_shares),
                                   mistakes(ops.binary_cross_entropy)),
    "mse": Record(pairs(ops.mse, lambda y, t: (y - t) ** 2, both_normal), mistakes(ops.mse)),
    "mae": Record(pairs(ops.mae, lambda y, t: abs(y - t), apart), mistakes(ops.mae)),
    "huber": Record(pairs(ops.huber, huber, within_and_beyond, delta=[0.5, 1.0, 2.5]), mistakes(ops.huber) + HUBER),
}
