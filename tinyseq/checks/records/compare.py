"""Records of ops/compare.py."""
import operator
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import broadcast_shapes

np = host.np


def comparison(op: Callable, f: Callable) -> Record:
    """Entries of 0, 1 and 2, so that all three relations occur; sometimes a Python number on one side."""
    entries = np.vectorize(f, otypes=[bool])

    def draw(rng: Any, kind: str) -> Sample:
        a, b = (rng.integers(0, 3, shape).astype(float) for shape in broadcast_shapes(rng, kind, 2))
        form = rng.integers(4)
        if form == 0:
            return Sample([a], lambda a: op(a, 1.0), lambda a: entries(a, 1.0))
        if form == 1:
            return Sample([b], lambda b: op(1, b), lambda b: entries(1, b))
        return Sample([a, b], op, entries)
    mistake = Mistake(lambda: op(tensor(np.ones((2, 5))), tensor(np.ones((2, 5, 3)))),
                      (op.__name__, "(2, 5)", "(2, 5, 3)", "axis -1", "5", "3", "x.reshape(2, 5, 1)"))
    return Record(draw, (mistake,), differentiable=False)


RECORDS = {
    "equal": comparison(ops.equal, operator.eq),
    "not_equal": comparison(ops.not_equal, operator.ne),
    "less": comparison(ops.less, operator.lt),
    "less_equal": comparison(ops.less_equal, operator.le),
    "greater": comparison(ops.greater, operator.gt),
    "greater_equal": comparison(ops.greater_equal, operator.ge),
}
