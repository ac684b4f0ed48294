"""Records of ops/joining.py."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, replaced, shape_of

np = host.np
WITH_AXES = tuple(kind for kind in KINDS if kind != "scalar")
x23 = tensor(np.ones((2, 3)))
x123 = tensor(np.ones((1, 2, 3)))


def concat(rng: Any, kind: str) -> Sample:
    """One to three inputs that differ in size along the axis, which is the last one if none is given."""
    shape = shape_of(rng, kind, least=1)
    axis = an_axis(rng, shape) if rng.random() < 0.7 else None
    along = -1 if axis is None else axis
    shapes = [replaced(shape, along, shape[along])]
    shapes += [replaced(shape, along, int(rng.integers(4))) for _ in range(rng.integers(3))]

    def reference(*xs: Any) -> Any:
        joined = [row for x in xs for row in np.moveaxis(x, along, 0)]
        rest = np.moveaxis(xs[0], along, 0).shape[1:]
        return np.moveaxis(np.array(joined, xs[0].dtype).reshape(len(joined), *rest), 0, along)
    return Sample([normal(rng, shape) for shape in shapes],
                  lambda *xs: ops.concat(*xs) if axis is None else ops.concat(*xs, axis=axis), reference)


def stack(rng: Any, kind: str) -> Sample:
    """One to three inputs, along any axis of the result."""
    shape, count = shape_of(rng, kind, most=3), int(rng.integers(1, 4))
    axis = an_axis(rng, (count, *shape)) if rng.random() < 0.7 else 0
    place = axis % (len(shape) + 1)
    result = (*shape[:place], count, *shape[place:])

    def reference(*xs: Any) -> Any:
        y = np.empty(result, xs[0].dtype)
        for i in np.ndindex(result):
            y[i] = xs[i[place]][(*i[:place], *i[place + 1:])]
        return y
    return Sample([normal(rng, shape) for _ in range(count)], lambda *xs: ops.stack(*xs, axis=axis), reference)


def split(rng: Any, kind: str) -> Sample:
    """Equal parts, or sizes, of which some may be 0."""
    shape = shape_of(rng, kind, least=1)
    axis = an_axis(rng, shape) if rng.random() < 0.7 else -1
    size = shape[axis]
    if rng.random() < 0.5:
        count = int(rng.choice([n for n in range(1, max(size, 3) + 1) if size % n == 0]))
        parts: Any = count
        sizes = [size // count] * count
    else:
        cuts = sorted(int(i) for i in rng.integers(0, size + 1, rng.integers(3)))
        sizes = parts = [b - a for a, b in zip([0, *cuts], [*cuts, size], strict=True)]

    def reference(x: Any) -> tuple:
        starts = [sum(sizes[:k]) for k in range(len(sizes))]
        return tuple(np.take(x, range(start, start + n), axis=axis) for start, n in zip(starts, sizes, strict=True))
    return Sample([normal(rng, shape)],
                  lambda x: ops.split(x, parts) if axis == -1 else ops.split(x, parts, axis=axis), reference)


RECORDS = {
    "concat": Record(concat, (
        Mistake(lambda: ops.concat(x23, tensor(np.ones((4, 3)))),
                ("input 1, (4, 3)", "input 0, (2, 3)", "axis 0: 4 and 2", "only axis 1")),
        Mistake(lambda: ops.concat(x23, x23, x123), ("input 2 has 3 axes", "input 0 has 2")),
        Mistake(lambda: ops.concat(x23, x23, axis=2), ("concat", "axis 2", "(2, 3)")),
        Mistake(lambda: ops.concat([x23, x23]), ("one by one", "concat(*xs)", "list")),
        Mistake(lambda: ops.concat(), ("at least one", "none")),
    ), WITH_AXES),
    "stack": Record(stack, (
        Mistake(lambda: ops.stack(x23, tensor(np.ones((2, 4)))),
                ("input 1, (2, 4)", "input 0, (2, 3)", "axis 1: 4 and 3", "concat")),
        Mistake(lambda: ops.stack(x23, x123), ("input 1 has 3 axes", "input 0 has 2")),
        Mistake(lambda: ops.stack(x23, x23, axis=3), ("stack", "axis 3", "3 axes of the result")),
        Mistake(lambda: ops.stack((x23, x23)), ("one by one", "stack(*xs)", "tuple")),
    )),
    "split": Record(split, (
        Mistake(lambda: ops.split(x23, 2), ("axis 1 of (2, 3)", "size 3", "2 equal parts", "sizes")),
        Mistake(lambda: ops.split(x23, 0), ("axis 1", "0 equal parts")),
        Mistake(lambda: ops.split(x23, [1, 1]), ("axis 1 of (2, 3)", "size 3", "(1, 1) make 2")),
        Mistake(lambda: ops.split(x23, [4, -1]), ("from 0 on", "-1")),
        Mistake(lambda: ops.split(x23, 1, axis=2), ("split", "axis 2")),
    ), WITH_AXES),
}
