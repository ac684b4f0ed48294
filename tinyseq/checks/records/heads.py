"""Records of ops/heads.py: where each entry goes, one by one."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import shape_of

np = host.np
KINDS = ("empty", "ones", "plain", "odd", "large")


def sizes(rng: Any, kind: str) -> tuple[int, ...]:
    """B, heads, T, d; of kind empty any of B, T and d may be 0."""
    B, heads, T, d = shape_of(rng, kind, least=4)
    return B, max(heads, 1), T if heads else 0, d


def split(x: Any, heads: int) -> Any:
    B, T, C = x.shape
    d = C // heads
    y = np.zeros((B, heads, T, d), x.dtype)
    for b, h, t, i in np.ndindex(y.shape):
        y[b, h, t, i] = x[b, t, h * d + i]
    return y


def joined(x: Any) -> Any:
    B, heads, T, d = x.shape
    y = np.zeros((B, T, heads * d), x.dtype)
    for b, h, t, i in np.ndindex(x.shape):
        y[b, t, h * d + i] = x[b, h, t, i]
    return y


def draw_split(rng: Any, kind: str) -> Sample:
    """Any number of heads that divides the channels."""
    B, heads, T, d = sizes(rng, kind)
    return Sample([normal(rng, (B, T, heads * d))], lambda x: ops.split_heads(x, heads), lambda x: split(x, heads))


def draw_join(rng: Any, kind: str) -> Sample:
    """In memory as split_heads leaves it, or not."""
    B, heads, T, d = sizes(rng, kind)
    x = normal(rng, (B, T, heads, d)).transpose(0, 2, 1, 3) if rng.random() < 0.5 else normal(rng, (B, heads, T, d))
    return Sample([x], ops.join_heads, joined)


x = tensor(np.ones((2, 3, 4)))

RECORDS = {
    "split_heads": Record(draw_split, (
        Mistake(lambda: ops.split_heads(x[0], 2), ("(B, T, C)", "(3, 4)")),
        Mistake(lambda: ops.split_heads(x, 3), ("divides C", "(2, 3, 4)", "3")),
        Mistake(lambda: ops.split_heads(x, 0), ("divides C", "and 0")),
    ), KINDS),
    "join_heads": Record(draw_join, (Mistake(lambda: ops.join_heads(x), ("(B, heads, T, d)", "(2, 3, 4)")),), KINDS),
}
