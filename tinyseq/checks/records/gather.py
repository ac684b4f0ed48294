"""Records of ops/gather.py."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, shape_of

np = host.np
WITH_AXES = tuple(kind for kind in KINDS if kind != "scalar")
FORMS = ("list", "host", "int32", "device", "tensor")
x23 = tensor(np.ones((2, 3)))


def some_ids(rng: Any, V: int) -> Any:
    """Ids below V of a random shape, some of them more than once; none if there are none."""
    shapes = [(0,), (2, 0), (), (3,), (2, 3), (7, 1, 2)]
    shape = shapes[rng.integers(6 if V else 2)]
    return rng.integers(0, max(V, 1), shape)


def in_form(ids: Any, form: str) -> Any:
    """The ids as a user may have them: numbers, or an array on the host or on the device."""
    if form == "list" and ids.size:                        # the list of an empty array forgets its other axes
        return ids.tolist()
    if form in ("device", "tensor"):
        return to_device(ids) if form == "device" else tensor(ids)
    return ids.astype("int32") if form == "int32" else ids


def gather(rng: Any, kind: str) -> Sample:
    """Rows of many axes or of none, picked by ids in any form; the gradient whole or by rows."""
    shape = shape_of(rng, kind, least=1)
    ids, form, sparse = some_ids(rng, shape[0]), str(rng.choice(FORMS)), bool(rng.integers(2))

    def reference(x: Any) -> Any:
        rows = [x[v] for v in ids.ravel()]
        return np.array(rows, x.dtype).reshape(ids.shape + shape[1:])
    return Sample([normal(rng, shape)], lambda x: ops.gather(x, in_form(ids, form), sparse=sparse), reference)


def scatter(rng: Any, kind: str) -> Sample:
    """Into more rows than there are ids, or fewer."""
    shape = shape_of(rng, kind)
    axes, form = int(rng.integers(len(shape) + 1)), str(rng.choice(FORMS))
    size = int(rng.choice([1, 2, 5, 600]))
    ids = rng.integers(0, size, shape[:axes])

    def reference(rows: Any) -> Any:
        y = np.zeros((size, *shape[axes:]))
        for i in np.ndindex(ids.shape):
            y[ids[i]] += rows[i]
        return y.astype(rows.dtype)
    return Sample([normal(rng, shape)], lambda rows: ops.scatter(rows, in_form(ids, form), size), reference)


def take_along_axis(rng: Any, kind: str) -> Sample:
    """More entries than the axis has, fewer, or none."""
    shape = shape_of(rng, kind, least=1)
    axis, form = an_axis(rng, shape), str(rng.choice(FORMS[1:]))
    picked = list(shape)
    picked[axis] = int(rng.integers(6)) if shape[axis] else 0
    ids = rng.integers(0, max(shape[axis], 1), picked)

    def reference(x: Any) -> Any:
        y = np.empty(picked, x.dtype)
        for i in np.ndindex(y.shape):
            source = list(i)
            source[axis] = ids[i]
            y[i] = x[tuple(source)]
        return y
    return Sample([normal(rng, shape)], lambda x: ops.take_along_axis(x, in_form(ids, form), axis), reference)


RECORDS = {
    "gather": Record(gather, (
        Mistake(lambda: ops.gather(x23, [0, 2]), ("ids of rows", "from 0 to 1", "2")),
        Mistake(lambda: ops.gather(x23, to_device(np.array([[-1]]))), ("ids of rows", "from 0 to 1", "-1")),
        Mistake(lambda: ops.gather(x23, [1.0]), ("whole numbers", "float64")),
        Mistake(lambda: ops.gather(x23, np.zeros(0)), ("whole numbers", "float64")),
        Mistake(lambda: ops.gather(tensor(np.ones((0, 3))), [0]), ("nothing to point at", "size 0", "got 0")),
        Mistake(lambda: ops.gather(tensor(1.0), 0), ("scalar has no rows",)),
    ), WITH_AXES),
    "scatter": Record(scatter, (
        Mistake(lambda: ops.scatter(x23, [0, 2], 2), ("scatter: ids", "from 0 to 1", "2")),
        Mistake(lambda: ops.scatter(x23, [0, 1, 1], 2), ("rows (2, 3)", "(3,)")),
        Mistake(lambda: ops.scatter(x23, [0.0, 1.0], 2), ("whole numbers", "float64")),
    )),
    "take_along_axis": Record(take_along_axis, (
        Mistake(lambda: ops.take_along_axis(x23, [[0], [3]], 1), ("axis 1 of (2, 3)", "from 0 to 2", "3")),
        Mistake(lambda: ops.take_along_axis(x23, [0, 1], 1), ("ids (2,)", "x (2, 3)", "axis 1")),
        Mistake(lambda: ops.take_along_axis(x23, [[0], [1], [1]], 1), ("ids (3, 1)", "x (2, 3)", "axis 1")),
        Mistake(lambda: ops.take_along_axis(x23, [[0], [1]], 2), ("take_along_axis", "axis 2", "(2, 3)")),
    ), WITH_AXES),
}
