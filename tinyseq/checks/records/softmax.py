"""Records of ops/softmax.py. The references go through the rows one by one."""
import math
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, shape_of

np = host.np

ROWS = tuple(kind for kind in KINDS if kind != "scalar")


def a_mask(rng: Any, shape: tuple[int, ...], axis: int) -> Any:
    """None, or booleans that broadcast to this shape; often some rows have nothing that takes part."""
    if rng.random() < 0.3:
        return None
    mask = rng.random([n if rng.random() < 0.7 else 1 for n in shape]) < 0.6
    if rng.random() < 0.5:
        mask &= rng.random([1 if i == axis % len(shape) else n for i, n in enumerate(mask.shape)]) < 0.7
    while mask.ndim and len(mask) == 1 and rng.random() < 0.5:
        mask = mask[0]                                     # axes of size 1 in front may be left out
    return mask


def by_rows(f: Callable, x: Any, axis: int, mask: Any) -> Any:
    """f of the entries of each row that take part, one row at a time; 0 for all others."""
    mask = np.broadcast_to(True if mask is None else mask, x.shape)
    y = np.zeros(x.shape, x.dtype)
    x_rows, y_rows, mask_rows = (np.moveaxis(a, axis, -1) for a in (x, y, mask))
    for place in np.ndindex(x_rows.shape[:-1]):
        taking_part = [i for i in range(x_rows.shape[-1]) if mask_rows[place][i]]
        if taking_part:
            y_rows[place][taking_part] = f([float(x_rows[place][i]) for i in taking_part])
    return y


def probabilities(row: list[float]) -> list[float]:
    total = math.fsum(map(math.exp, row))
    return [math.exp(v) / total for v in row]


def log_probabilities(row: list[float]) -> list[float]:
    return [v - math.log(math.fsum(map(math.exp, row))) for v in row]


def draw_softmax(rng: Any, kind: str) -> Sample:
    shape = shape_of(rng, kind, least=1)
    axis = an_axis(rng, shape)
    mask = a_mask(rng, shape, axis)
    given = None if mask is None else to_device(mask)
    return Sample([rng.standard_normal(shape)], lambda x: ops.softmax(x, axis=axis, mask=given),
                  lambda x: by_rows(probabilities, x, axis, mask))


def draw_log_softmax(rng: Any, kind: str) -> Sample:
    """The -inf of masked entries are replaced by 0, so that a loss can be made of the rest."""
    shape = shape_of(rng, kind, least=1)
    axis = an_axis(rng, shape)
    mask = a_mask(rng, shape, axis)
    given = None if mask is None else to_device(mask)

    def f(x: Any) -> Any:
        y = ops.log_softmax(x, axis=axis, mask=given)
        return y if given is None else ops.where(given, y, 0.0)
    return Sample([rng.standard_normal(shape)], f, lambda x: by_rows(log_probabilities, x, axis, mask))


def mistakes(f: Callable) -> tuple[Mistake, ...]:
    """The same for both."""
    x, scores = tensor(np.ones((2, 3))), tensor(np.ones((2, 4, 5, 3)))

    def flags(*shape: int) -> Any:
        return to_device(np.ones(shape, bool))
    return (
        Mistake(lambda: f(x, axis=2), (f.__name__, "axis 2", "(2, 3)")),
        Mistake(lambda: f(tensor(1.0)), (f.__name__, "axis -1", "()")),
        Mistake(lambda: f(x, mask=to_device(np.ones((2, 3)))), (f.__name__, "booleans", "float64", "mask > 0")),
        Mistake(lambda: f(x, mask=[[True, False, True]]), (f.__name__, "booleans", "list")),
        Mistake(lambda: f(x, mask=flags(2, 4)), (f.__name__, "(2, 4)", "(2, 3)", "axis -1", "size 4", "scores 3")),
        Mistake(lambda: f(scores, mask=flags(2, 3)), ("(2, 3)", "(2, 4, 5, 3)", "axis -2", "mask[:, None, None, :]")),
        Mistake(lambda: f(x, mask=flags(1, 2, 3)), ("(1, 2, 3)", "3 axes", "(2, 3)", "2")),
    )


RECORDS = {
    "softmax": Record(draw_softmax, mistakes(ops.softmax), ROWS),
    "log_softmax": Record(draw_log_softmax, mistakes(ops.log_softmax), ROWS),
}
