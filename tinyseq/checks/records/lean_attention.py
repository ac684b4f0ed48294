"""Record of ops/lean_attention.py: against sums over one query and one key at a time."""
from typing import Any

from tinyseq import ops
from tinyseq.backend import host, to_device
from tinyseq.checks.records.attention import attended, flags, k, q, sizes, some, v
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.softmax import ROWS, a_mask

np = host.np


def seen(Tq: int, Tk: int, causal: bool, window: int | None, before: int) -> Any:
    """(Tq, Tk): which keys each query sees, one pair at a time."""
    found = np.ones((Tq, Tk), bool)
    for i, j in np.ndindex(found.shape):
        back = before + i - j
        found[i, j] = not causal or 0 <= back < (window or back + 1)
    return found


def draw(rng: Any, kind: str) -> Sample:
    """Up to two leading axes; causal or not, with a window, steps before, slopes and a mask of keys; several blocks."""
    lead, Tq, Tk, d, dv = sizes(rng, kind).values()
    causal, before, block = bool(rng.random() < 0.6), int(rng.integers(3)), int(rng.choice([1, 2, 3, 256]))
    window = int(rng.integers(1, 5)) if causal and rng.random() < 0.5 else None
    mask = a_mask(rng, (*lead, 1, Tk), -1)
    slopes = rng.uniform(0.1, 1, (*lead[-1:], 1, 1)) if rng.random() < 0.5 else None
    sees = seen(Tq, Tk, causal, window, before) & (True if mask is None else mask)
    distance = np.abs(before + np.arange(Tq)[:, None] - np.arange(Tk))
    given = None if mask is None else to_device(mask)

    def f(query: Any, keys: Any, values: Any) -> Any:
        return ops.lean_attention(query, keys, values, mask=given, causal=causal, window=window, before=before,
                                  block=block, slopes=None if slopes is None else to_device(slopes.astype(query.dtype)))
    return Sample([normal(rng, (*lead, Tq, d)), normal(rng, (*lead, Tk, d)), normal(rng, (*lead, Tk, dv))], f,
                  lambda query, keys, values: attended(query, keys, values, sees,
                                                       0.0 if slopes is None else -slopes * distance)[0],
                  ("query", "keys", "values"))


RECORDS = {
    "lean_attention": Record(draw, (
        Mistake(lambda: ops.lean_attention(q[:, 0], k, v), ("lean_attention", "(2, 3)", "(..., Tq, d)")),
        Mistake(lambda: ops.lean_attention(q, some(2, 5, 4), v), ("width d", "3 and 4")),
        Mistake(lambda: ops.lean_attention(q, k, v, mask=flags(4, 5)), ("mask (4, 5)", "(2, 1, 5)", "axis -2")),
        Mistake(lambda: ops.lean_attention(q, k, v, window=3), ("window=3", "causal=False")),
        Mistake(lambda: ops.lean_attention(q, k, v, causal=True, window=0), ("window=0", "at least 1")),
        Mistake(lambda: ops.lean_attention(q, k, v, causal=True, before=-1), ("before=-1", "at least 0")),
    ), ROWS),
}
