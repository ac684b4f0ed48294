"""Records of ops/reduce.py. The references gather the entries that become one, and hand them to Python."""
import math
import statistics
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import distinct, normal, positive
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, shape_of, some_axes

np = host.np
Axes = int | tuple[int, ...] | None


def over(axis: Axes, keepdims: bool, f: Callable) -> Callable:
    """The reference: f of the list of numbers that become one, for each entry of the result."""
    def reference(x: Any) -> Any:
        axes = np.arange(x.ndim) if axis is None else np.array(axis).reshape(-1) % x.ndim
        y = np.empty([1 if i in axes else n for i, n in enumerate(x.shape)], x.dtype)
        for place in np.ndindex(y.shape):
            entries = x[tuple(slice(None) if i in axes else place[i] for i in range(x.ndim))]
            y[place] = f([float(v) for v in entries.ravel()])
        return y if keepdims else y.squeeze(tuple(int(i) for i in axes))
    return reference


def reduction(op: Callable, f: Callable, numbers: Callable = normal, of_nothing: bool = True) -> Callable:
    """Over all axes, one or several, counted from either end. `of_nothing`: also over axes that are empty."""
    def draw(rng: Any, kind: str) -> Sample:
        shape, axis = shape_and_axes(rng, kind, of_nothing)
        keepdims = bool(rng.random() < 0.5)
        return Sample([numbers(rng, shape)], lambda x: op(x, axis=axis, keepdims=keepdims), over(axis, keepdims, f))
    return draw


def shape_and_axes(rng: Any, kind: str, of_nothing: bool = True) -> tuple[tuple[int, ...], Axes]:
    """A shape, and axes to reduce; unless `of_nothing`, with an entry at least."""
    if kind != "empty" or of_nothing:
        shape = shape_of(rng, kind)
        return shape, some_axes(rng, shape)
    shape = shape_of(rng, kind, least=2)
    full = [i for i, n in enumerate(shape) if n]
    return shape, tuple(full) if rng.random() < 0.5 else full[0] - len(shape)


def var(rng: Any, kind: str) -> Sample:
    """With ddof where there are entries enough."""
    shape, axis = shape_and_axes(rng, kind, of_nothing=False)
    n = math.prod(shape[i] for i in (range(len(shape)) if axis is None else np.array(axis).reshape(-1)))
    ddof = int(rng.integers(0, min(n, 3)))
    keepdims = bool(rng.random() < 0.5)
    return Sample([normal(rng, shape)], lambda x: ops.var(x, axis=axis, keepdims=keepdims, ddof=ddof),
                  over(axis, keepdims, lambda xs: statistics.pvariance(xs) * n / (n - ddof)))


def prod(rng: Any, kind: str) -> Sample:
    """Numbers of either sign and about 1 in size; with no zero, about one, many. Two zeros make a product flat; where
    all products are, no slope is left to compare with, so there the zeros give way."""
    shape, axis = shape_and_axes(rng, kind)
    x = np.asarray(rng.choice([-1, 1], shape) * rng.uniform(0.8, 1.25, shape))
    zero = rng.random(shape) < rng.choice([0, 1 / max(x.size, 1), 0.3])
    if not (np.sum(zero, axis=axis) > 1).all():
        x[zero] = 0
    keepdims = bool(rng.random() < 0.5)
    return Sample([x], lambda x: ops.prod(x, axis=axis, keepdims=keepdims), over(axis, keepdims, math.prod))


def logsumexp(rng: Any, kind: str) -> Sample:
    """Some entries far from the others, some -inf, but one at least finite among those that become one."""
    shape, axis = shape_and_axes(rng, kind, of_nothing=False)
    axes = range(len(shape)) if axis is None else np.array(axis).reshape(-1) % len(shape)
    first = tuple(slice(1) if i in axes else slice(None) for i in range(len(shape)))
    x = np.asarray(rng.standard_normal(shape) * rng.choice([1, 300]))
    finite = x[first].copy()
    x[rng.random(shape) < rng.choice([0, 0.5])] = -np.inf
    x[first] = finite
    keepdims = bool(rng.random() < 0.5)
    return Sample([x], lambda x: ops.logsumexp(x, axis=axis, keepdims=keepdims), over(axis, keepdims, ln_sum_exp))


def ln_sum_exp(xs: list[float]) -> float:
    largest = max(xs)
    return largest + math.log(math.fsum(math.exp(x - largest) for x in xs))


def cumsum(rng: Any, kind: str) -> Sample:
    """All of one sign, so that no sum is small beside its terms. The reference is a product with a triangle of ones."""
    shape = shape_of(rng, kind, least=1)
    axis = an_axis(rng, shape)
    triangle = np.tri(shape[axis])
    return Sample([positive(rng, shape)], lambda x: ops.cumsum(x, axis=axis),
                  lambda x: np.moveaxis(np.tensordot(triangle.astype(x.dtype), x, (1, axis)), 0, axis))


def ones(*shape: int) -> Any:
    return tensor(np.ones(shape))


def bad_axes(op: Callable) -> tuple[Mistake, ...]:
    return (Mistake(lambda: op(ones(2, 3), axis=2), (op.__name__, "axis 2", "(2, 3)", "-2 to 1")),
            Mistake(lambda: op(ones(2, 3), axis=(0, -4)), (op.__name__, "axis -4", "(2, 3)")),
            Mistake(lambda: op(ones(2, 3), axis=(0, -2)), (op.__name__, "(0, -2)", "twice")))


def nothing(op: Callable) -> tuple[Mistake, ...]:
    return (Mistake(lambda: op(ones(0, 3), axis=0), (op.__name__, "over no entries", "(0, 3)", "axis 0")),
            Mistake(lambda: op(ones(0)), (op.__name__, "over no entries", "(0,)")))


RECORDS = {
    "sum": Record(reduction(ops.sum, math.fsum), bad_axes(ops.sum)),
    "mean": Record(reduction(ops.mean, statistics.fmean, of_nothing=False), bad_axes(ops.mean) + nothing(ops.mean)),
    "var": Record(var, (*bad_axes(ops.var), *nothing(ops.var),
                        Mistake(lambda: ops.var(ones(3, 1), axis=1, ddof=1),
                                ("var", "(3, 1)", "1 entries", "axis 1", "ddof=1")))),
    "max": Record(reduction(ops.max, max, distinct, of_nothing=False), bad_axes(ops.max) + nothing(ops.max)),
    "min": Record(reduction(ops.min, min, distinct, of_nothing=False), bad_axes(ops.min) + nothing(ops.min)),
    "prod": Record(prod, bad_axes(ops.prod)),
    "cumsum": Record(cumsum, (Mistake(lambda: ops.cumsum(ones(2, 3), axis=2), ("cumsum", "axis 2", "(2, 3)")),
                              Mistake(lambda: ops.cumsum(ones(), axis=0), ("cumsum", "axis 0", "scalar"))),
                     kinds=tuple(kind for kind in KINDS if kind != "scalar")),
    "logsumexp": Record(logsumexp, bad_axes(ops.logsumexp)),
}
