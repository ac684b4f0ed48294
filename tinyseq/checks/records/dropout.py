"""Record of ops/dropout.py. What the random numbers behind a mask are is backend/random's business: here, what is
made of them."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import at_step, dropout_bits, host, to_host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, shape_of

np = host.np


def dropout(rng: Any, kind: str) -> Sample:
    """At a step of its own, so that every call draws the same mask."""
    shape, step = shape_of(rng, kind, least=1), int(rng.integers(100))
    p = float(rng.choice([0.0, 0.5, rng.uniform(0, 0.95)]))
    settings = {} if rng.random() < 0.5 else {"path": "layers.0.dropout"}

    def f(x: Any) -> Any:
        with at_step(step):
            return ops.dropout(x, p, **settings)

    def reference(x: Any) -> Any:
        with at_step(step):
            bits = to_host(dropout_bits(shape, settings.get("path", "dropout")))
        kept = [b / 2 ** 32 >= int(p * 2 ** 32) / 2 ** 32 for b in bits.ravel().tolist()]
        return np.array([v / (1 - p) if k else 0 for v, k in zip(x.ravel(), kept, strict=True)], x.dtype).reshape(shape)
    return Sample([normal(rng, shape)], f, reference)


RECORDS = {
    "dropout": Record(dropout, (
        Mistake(lambda: ops.dropout(tensor([1.0]), 1), ("dropout", "[0, 1)", "got 1")),
        Mistake(lambda: ops.dropout(tensor([1.0]), -0.1), ("dropout", "[0, 1)", "got -0.1")),
        Mistake(lambda: ops.dropout(tensor(1.0), 0.5), ("dropout", "first axis", "()")),
        Mistake(lambda: ops.dropout(tensor([1, 2]), 0.5), ("dropout", "int64", "floating-point"))),
        kinds=tuple(kind for kind in KINDS if kind != "scalar")),
}
