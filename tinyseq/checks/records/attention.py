"""Record of ops/attention.py: against sums over one query and one key at a time."""
import math
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import PRIMES
from tinyseq.checks.records.softmax import ROWS, a_mask, by_rows, probabilities

np = host.np

LARGE = {"lead": (2, 2), "Tq": 11, "Tk": 13, "d": 7, "dv": 9}


def sizes(rng: Any, kind: str) -> dict[str, Any]:
    """lead, Tq, Tk, d, dv."""
    if kind == "large":
        return LARGE
    Tq, Tk, d, dv, *lead = (int(n) for n in (rng.permutation([*PRIMES, 1]) if kind == "odd" else
                                             [1] * 6 if kind == "ones" else rng.integers(1, 5, 6)))
    found: dict[str, Any] = {"lead": tuple(lead[:rng.integers(3)]), "Tq": Tq, "Tk": Tk, "d": d, "dv": dv}
    if kind == "empty":
        empty = str(rng.choice(["lead", "Tq", "Tk", "dv"]))
        found[empty] = (0, 2) if empty == "lead" else 0
    return found


def attended(query: Any, keys: Any, values: Any, mask: Any, bias: Any = 0.0) -> tuple:
    """Context and weights, number by number."""
    lead, (Tq, d), (Tk, dv) = query.shape[:-2], query.shape[-2:], values.shape[-2:]
    e = np.zeros((*lead, Tq, Tk), query.dtype)
    for *place, i, j in np.ndindex(e.shape):
        q, k = query[(*place, i)], keys[(*place, j)]
        e[(*place, i, j)] = math.fsum(float(a) * float(b) for a, b in zip(q, k, strict=True)) / math.sqrt(d)
    alpha = by_rows(probabilities, e + np.asarray(bias, e.dtype), -1, mask)
    y = np.zeros((*lead, Tq, dv), query.dtype)
    for *place, i, c in np.ndindex(y.shape):
        row, column = alpha[(*place, i)], values[(*place, slice(None), c)]
        y[(*place, i, c)] = math.fsum(float(a) * float(v) for a, v in zip(row, column, strict=True))
    return y, alpha


def draw(rng: Any, kind: str) -> Sample:
    """Any number of leading axes up to two, any mask, with a bias or without."""
    lead, Tq, Tk, d, dv = sizes(rng, kind).values()
    mask = a_mask(rng, (*lead, Tq, Tk), -1)
    given = None if mask is None else to_device(mask)
    bias = normal(rng, tuple(n if rng.random() < 0.7 else 1 for n in (*lead, Tq, Tk))) if rng.random() < 0.5 else None

    def f(query: Any, keys: Any, values: Any) -> Any:
        added = None if bias is None else to_device(bias.astype(query.dtype))
        return ops.attention(query, keys, values, mask=given, bias=added)
    return Sample([normal(rng, (*lead, Tq, d)), normal(rng, (*lead, Tk, d)), normal(rng, (*lead, Tk, dv))], f,
                  lambda query, keys, values: attended(query, keys, values, mask, 0.0 if bias is None else bias),
                  ("query", "keys", "values"))


def some(*shape: int) -> Any:
    return tensor(np.ones(shape))


def flags(*shape: int) -> Any:
    return to_device(np.ones(shape, bool))


q, k, v = some(2, 4, 3), some(2, 5, 3), some(2, 5, 6)

RECORDS = {
    "attention": Record(draw, (
        Mistake(lambda: ops.attention(q[:, 0], k, v), ("(2, 3)", "(..., Tq, d)", "query[..., None, :]")),
        Mistake(lambda: ops.attention(some(3, 4, 3), k, v), ("(3, 4, 3)", "(2, 5, 3)", "batch and heads")),
        Mistake(lambda: ops.attention(q, some(2, 5, 4), v), ("width d", "3 and 4", "(2, 5, 4)", "project")),
        Mistake(lambda: ops.attention(q[..., :0], k[..., :0], v), ("at least 1", "0 and 0", "(2, 4, 0)")),
        Mistake(lambda: ops.attention(q, k, some(2, 4, 6)), ("5 keys and 4 values", "(2, 4, 6)")),
        Mistake(lambda: ops.attention(q, k, v, mask=flags(4, 6)), ("mask (4, 6)", "(2, 4, 5)", "axis -1", "size 6")),
        Mistake(lambda: ops.attention(q, k, v, mask=flags(2, 5)), ("mask (2, 5)", "axis -2", "mask[:, None, None, :]")),
        Mistake(lambda: ops.attention(q, k, v, bias=to_device(np.ones((4, 6)))), ("bias", "(4, 6)", "(2, 4, 5)")),
        Mistake(lambda: ops.attention(q, k, v, mask=to_device(np.ones((4, 5)))), ("booleans", "float64", "mask > 0")),
    ), ROWS),
}
