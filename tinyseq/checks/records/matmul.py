"""Record of ops/matmul.py: against sums written in Einstein's notation."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, broadcast_shapes, shape_of

np = host.np
x23 = tensor(np.ones((2, 3)))


def matmul(rng: Any, kind: str) -> Sample:
    """Two matrices, two batches of them, or a vector on either side or on both; by function or by operator."""
    n, k, m = (int(size) for size in rng.permutation({"ones": [1, 1, 1], "odd": [2, 3, 5], "large": [11, 13, 17]}
                                                     .get(kind, rng.integers(1, 5, 3))))
    if kind == "empty" and rng.random() < 0.7:
        n, k, m = (0 if i == 0 else size for i, size in zip(rng.permutation(3), (n, k, m), strict=True))
    batch = "plain" if kind == "large" else "broadcast" if kind == "empty" and 0 in (n, k, m) else kind
    lead_a, lead_b = (broadcast_shapes(rng, batch, 2, most=2) if batch in ("broadcast", "empty")
                      else [shape_of(rng, batch, most=2)] * 2)
    form = str(rng.choice(["matrices", "batches", "by one matrix", "vector a", "vector b", "vectors"]))
    a = {"matrices": (n, k), "vector a": (k,), "vectors": (k,)}.get(form, (*lead_a, n, k))
    b = {"matrices": (k, m), "by one matrix": (k, m), "vector b": (k,), "vectors": (k,)}.get(form, (*lead_b, k, m))
    left = "k" if len(a) == 1 else "...nk"
    right = "k" if len(b) == 1 else "...km"
    result = "..." + "n" * (len(a) > 1) + "m" * (len(b) > 1)
    operator = rng.random() < 0.5
    return Sample([normal(rng, a), normal(rng, b)], lambda a, b: a @ b if operator else ops.matmul(a, b),
                  lambda a, b: np.einsum(f"{left},{right}->{result}", a, b))


def linear(rng: Any, kind: str) -> Sample:
    """Any number of axes before the last; with b and without."""
    *lead, D = shape_of(rng, kind, least=1)
    K, has_b = (1 if kind == "ones" else int(rng.integers(1, 6))), bool(rng.random() < 0.7)
    K = 0 if kind == "empty" and rng.random() < 0.2 else K
    return Sample([normal(rng, (*lead, D)), normal(rng, (D, K)), *([normal(rng, (K,))] if has_b else [])], ops.linear,
                  lambda x, W, b=0: np.einsum("...d,dk->...k", x, W) + b)


RECORDS = {
    "linear": Record(linear, (
        Mistake(lambda: ops.linear(x23, x23), ("linear", "x (..., D)", "(2, 3)", "None")),
        Mistake(lambda: ops.linear(x23, tensor(np.ones((3, 4))), tensor(np.ones(3))), ("(3, 4)", "(3,)", "b to K")),
        Mistake(lambda: ops.linear(x23, tensor(np.ones(3))), ("W (D, K)", "(3,)")),
        Mistake(lambda: ops.linear(tensor(np.array(1.0)), x23), ("shape ()", "(2, 3)")),
    ), tuple(kind for kind in KINDS if kind != "scalar")),
    "matmul": Record(matmul, (
        Mistake(lambda: x23 @ x23, ("last axis of (2, 3)", "last but one of (2, 3)", "3 and 2", "b.swap(-1, -2)")),
        Mistake(lambda: x23 @ tensor(np.ones((2, 4))), ("(2, 3)", "(2, 4)", "3 and 2", "a.swap(-1, -2) is (3, 2)")),
        Mistake(lambda: x23 @ tensor(np.ones((4, 2))), ("3 and 4", "b @ a")),
        Mistake(lambda: x23 @ tensor(np.ones((5, 7))), ("3 and 5", "same size")),
        Mistake(lambda: x23 @ tensor(np.ones(4)), ("last axis of (2, 3)", "last of (4,)", "3 and 4")),
        Mistake(lambda: tensor(np.ones((2, 3, 4))) @ tensor(np.ones((5, 4, 3))),
                ("leading axes", "(2, 3, 4)", "(5, 4, 3)", "size 2", "5")),
        Mistake(lambda: x23 @ 2.0, ("shape (2, 3)", "float", "*")),
        Mistake(lambda: tensor(np.array(1.0)) @ x23, ("shape ()", "*")),
    ), tuple(kind for kind in KINDS if kind != "scalar")),
}
