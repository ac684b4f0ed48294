"""Record of ops/crf.py: against the sum over all ways to tag a sequence, or step by step where they are too many."""
import itertools
import math
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import PRIMES

np = host.np

SEQUENCES = ("empty", "ones", "plain", "odd", "large")
ENUMERATED = 1000      # ways to tag, at most


def sizes(rng: Any, kind: str) -> tuple[int, int, int]:
    """B, T, K."""
    if kind == "large":
        return 5, 23, 11
    B, T, K = (int(n) for n in (rng.permutation(PRIMES)[:3] if kind == "odd" else
                                [1, 1, 1] if kind == "ones" else rng.integers(1, 5, 3)))
    return (0 if kind == "empty" else B), T, K


def score(y: Any, s: Any, W: Any, a: Any, b: Any) -> float:
    """Of one way y to tag a sequence with scores s (T, K)."""
    return float(a[y[0]] + b[y[-1]] + sum(s[t, k] for t, k in enumerate(y)) + sum(W[i, j] for i, j in
                                                                                   itertools.pairwise(y)))


def log_partition(s: Any, W: Any, a: Any, b: Any) -> float:
    """ln Z of one sequence: by enumeration, or as a product of matrices e^(W + s_t) where there is too much of it."""
    T, K = s.shape
    if K ** T <= ENUMERATED:
        return math.log(math.fsum(math.exp(score(y, s, W, a, b)) for y in itertools.product(range(K), repeat=T)))
    row, log_scale = np.exp((a + s[0]).astype(float)), 0.0
    for t in range(1, T):
        row = row @ np.exp((W + s[t]).astype(float))
        row, log_scale = row / row.sum(), log_scale + math.log(row.sum())
    return log_scale + math.log(row @ np.exp(b.astype(float)))


def draw(rng: Any, kind: str) -> Sample:
    """Ragged sequences."""
    B, T, K = sizes(rng, kind)
    lengths = rng.integers(1, T + 1, B)

    def reference(s: Any, W: Any, a: Any, b: Any) -> Any:
        return np.array([log_partition(row[:n], W, a, b) for row, n in zip(s, lengths, strict=True)], s.dtype)
    return Sample([normal(rng, (B, T, K)), normal(rng, (K, K)), normal(rng, (K,)), normal(rng, (K,))],
                  lambda *tensors: ops.crf_log_partition(*tensors, lengths=lengths), reference,
                  ("scores", "transitions", "start", "end"))


def called(*shapes: tuple[int, ...], lengths: Any = (4, 2)) -> Any:
    return lambda: ops.crf_log_partition(*(tensor(np.ones(shape)) for shape in shapes), lengths=np.array(lengths))


RIGHT = [(2, 4, 3), (3, 3), (3,), (3,)]

RECORDS = {
    "crf_log_partition": Record(draw, (
        Mistake(called((4, 3), *RIGHT[1:]), ("(B, T, K)", "(4, 3)")),
        Mistake(called((2, 0, 3), *RIGHT[1:]), ("at least 1", "(2, 0, 3)")),
        Mistake(called((2, 4, 3), (4, 3), (3,), (3,)), ("transitions", "K=3", "(3, 3)", "(4, 3)")),
        Mistake(called((2, 4, 3), (3, 3), (2,), (3,)), ("start", "(3,)", "(2,)")),
        Mistake(called((2, 4, 3), (3, 3), (3,), (3, 1)), ("end", "(3,)", "(3, 1)")),
        Mistake(called(*RIGHT, lengths=[4]), ("B=2", "(1,)")),
        Mistake(called(*RIGHT, lengths=[4.0, 2.0]), ("whole numbers", "float64")),
        Mistake(called(*RIGHT, lengths=[4, 0]), ("sequence 1 has 0", "leave empty sequences out")),
        Mistake(called(*RIGHT, lengths=[5, 2]), ("T=4", "sequence 0 has 5")),
    ), SEQUENCES),
}
