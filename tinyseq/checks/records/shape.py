"""Records of ops/shape.py: where each entry goes, one by one."""
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, replaced, shape_of, some_axes

np = host.np
WITH_AXES = tuple(kind for kind in KINDS if kind != "scalar")
x23 = tensor(np.ones((2, 3)))
x123 = tensor(np.ones((1, 2, 3)))


def picked(x: Any, shape: Any, source: Callable[[tuple], tuple]) -> Any:
    """y_i = x_source(i)."""
    y = np.empty(shape, x.dtype)
    for i in np.ndindex(y.shape):
        y[i] = x[source(i)]
    return y


def reshape(rng: Any, kind: str) -> Sample:
    """Axes are exchanged, merged and added; the largest may be left to be worked out."""
    shape = shape_of(rng, kind)
    sizes = [int(n) for n in rng.permutation(shape)]
    if len(sizes) > 1 and rng.random() < 0.5:
        sizes[:2] = [sizes[0] * sizes[1]]
    if rng.random() < 0.3:
        sizes.insert(int(rng.integers(len(sizes) + 1)), 1)
    asked, place = list(sizes), int(rng.integers(len(sizes))) if sizes else None
    if place is not None and 0 not in sizes[:place] + sizes[place + 1:] and rng.random() < 0.5:
        asked[place] = -1
    as_numbers = rng.random() < 0.5

    def reference(x: Any) -> Any:
        entries = iter([x[i] for i in np.ndindex(x.shape)])
        return np.array([next(entries) for _ in range(x.size)], x.dtype).reshape(sizes)
    return Sample([normal(rng, shape)], lambda x: x.reshape(*asked) if as_numbers else x.reshape(tuple(asked)),
                  reference)


def transpose(rng: Any, kind: str) -> Sample:
    """Reversed, or in a random order, its axes counted from either end."""
    shape = shape_of(rng, kind)
    order = [int(i) for i in rng.permutation(len(shape))]
    form = int(rng.integers(3))
    if form == 0:
        order = list(range(len(shape)))[::-1]
    named = [i - len(shape) if rng.random() < 0.3 else i for i in order]

    def reference(x: Any) -> Any:
        return picked(x, [x.shape[i] for i in order], lambda i: tuple(i[order.index(j)] for j in range(x.ndim)))
    return Sample([normal(rng, shape)],
                  lambda x: x.transpose() if form == 0 else x.transpose(*named) if form == 1 else x.transpose(named),
                  reference)


def swap(rng: Any, kind: str) -> Sample:
    """Any two axes, perhaps the same one twice."""
    shape = shape_of(rng, kind, least=1)
    a, b = an_axis(rng, shape), an_axis(rng, shape)

    def swapped(i: Any) -> tuple:
        several = list(i)
        several[a], several[b] = several[b], several[a]
        return tuple(several)
    return Sample([normal(rng, shape)], lambda x: ops.swap(x, a, b), lambda x: picked(x, swapped(x.shape), swapped))


def expand(rng: Any, kind: str) -> Sample:
    """One new axis, or some."""
    shape = shape_of(rng, kind, most=3)
    result = list(shape)
    for _ in range(int(rng.integers(1, 3))):
        result.insert(int(rng.integers(len(result) + 1)), -1)
    new = [int(i) for i in rng.permutation([i for i, n in enumerate(result) if n < 0])]
    named = tuple(i - len(result) if rng.random() < 0.5 else i for i in new)
    return Sample([normal(rng, shape)], lambda x: ops.expand(x, named[0] if len(named) == 1 else named),
                  lambda x: picked(x, [abs(n) for n in result], lambda i: tuple(np.delete(i, new))))


def squeeze(rng: Any, kind: str) -> Sample:
    """All axes of size 1, one of them, or some, or none of them: ()."""
    shape = list(shape_of(rng, kind, most=3))
    for _ in range(int(rng.integers(3))):
        shape.insert(int(rng.integers(len(shape) + 1)), 1)
    ones = [i for i, n in enumerate(shape) if n == 1]
    chosen = [int(i) for i in rng.permutation(ones)[:rng.integers(len(ones) + 1)]]
    every = rng.random() < 0.4
    gone = ones if every else chosen
    named = tuple(i - len(shape) if rng.random() < 0.5 else i for i in chosen)
    axis = None if every else named[0] if len(named) == 1 else named
    kept = [i for i in range(len(shape)) if i not in gone]

    def source(i: tuple) -> tuple:
        return tuple(i[kept.index(j)] if j in kept else 0 for j in range(len(shape)))
    return Sample([normal(rng, tuple(shape))], lambda x: ops.squeeze(x, axis=axis),
                  lambda x: picked(x, [shape[j] for j in kept], source))


def flip(rng: Any, kind: str) -> Sample:
    """All axes, one or some."""
    shape = shape_of(rng, kind)
    axis = some_axes(rng, shape)
    axes = range(len(shape)) if axis is None else [i % len(shape) for i in np.atleast_1d(axis)]
    return Sample([normal(rng, shape)], lambda x: ops.flip(x, axis=axis),
                  lambda x: picked(x, shape, lambda i: tuple(shape[j] - 1 - k if j in axes else k
                                                             for j, k in enumerate(i))))


def roll(rng: Any, kind: str) -> Sample:
    """By less than the axis or by more, in either direction."""
    shape = shape_of(rng, kind, least=1)
    axis, shift = an_axis(rng, shape), int(rng.integers(-9, 10))
    return Sample([normal(rng, shape)], lambda x: ops.roll(x, shift, axis),
                  lambda x: picked(x, shape, lambda i: replaced(i, axis, (i[axis] - shift) % shape[axis])))


def pad(rng: Any, kind: str) -> Sample:
    """With 0 or something else, on either side."""
    shape = shape_of(rng, kind, most=3)
    widths = [(int(rng.integers(3)), int(rng.integers(3))) for _ in shape]
    setting = {"value": float(rng.normal())} if rng.random() < 0.5 else {}

    def reference(x: Any) -> Any:
        y = np.full([a + n + b for (a, b), n in zip(widths, x.shape, strict=True)], setting.get("value", 0), x.dtype)
        for i in np.ndindex(x.shape):
            y[tuple(k + a for k, (a, _) in zip(i, widths, strict=True))] = x[i]
        return y
    return Sample([normal(rng, shape)], lambda x: ops.pad(x, widths, **setting), reference)


def repeat(rng: Any, kind: str) -> Sample:
    """From no time to three times."""
    shape = shape_of(rng, kind, least=1)
    axis, times = an_axis(rng, shape), int(rng.integers(4))
    return Sample([normal(rng, shape)], lambda x: ops.repeat(x, times, axis),
                  lambda x: picked(x, replaced(shape, axis, shape[axis] * times),
                                   lambda i: replaced(i, axis, i[axis] // times)))


def broadcast(rng: Any, kind: str) -> Sample:
    """To more axes, to other sizes than 1, 0 among them, or to the shape that x has."""
    shape = shape_of(rng, kind, most=3)
    whole = [int(rng.integers(4)) if n == 1 else n for n in shape]
    whole = [int(n) for n in rng.integers(1, 4, rng.integers(3))] + whole
    return Sample([normal(rng, shape)], lambda x: ops.broadcast(x, tuple(whole)),
                  lambda x: picked(x, whole, lambda i: tuple(k if n > 1 else 0 for k, n in
                                                             zip(i[len(i) - x.ndim:], x.shape, strict=True))))


def reverse(rng: Any, kind: str) -> Sample:
    """Lengths from 0 to T, as a list or as an array of host or device."""
    shape = shape_of(rng, kind, least=2)
    lengths = [int(n) for n in rng.integers(0, shape[1] + 1, shape[0])]
    form = rng.choice(["list", "host", "device"])
    given = lengths if form == "list" else np.array(lengths, int)
    return Sample([normal(rng, shape)], lambda x: ops.reverse(x, to_device(given) if form == "device" else given),
                  lambda x: picked(x, shape, lambda i: replaced(i, 1, lengths[i[0]] - 1 - i[1])
                                   if i[1] < lengths[i[0]] else i))


RECORDS = {
    "reshape": Record(reshape, (
        Mistake(lambda: x23.reshape(2, 4), ("(2, 3)", "6 entries", "(2, 4)", "8", "-1")),
        Mistake(lambda: x23.reshape((4, -1)), ("(2, 3)", "(4, -1)", "6 is no multiple of 4")),
        Mistake(lambda: x23.reshape(-1, -1), ("one size may be -1", "2")),
        Mistake(lambda: tensor(np.ones((0, 3))).reshape(0, -1), ("-1 could be anything", "(0, -1)")),
        Mistake(lambda: x23.reshape(-2, 3), ("whole numbers from -1 on", "-2")),
        Mistake(lambda: x23.reshape(1.5, 4), ("whole numbers", "1.5")),
    )),
    "transpose": Record(transpose, (
        Mistake(lambda: x123.transpose(0, 1), ("2 of the 3 axes", "(1, 2, 3)", "swap")),
        Mistake(lambda: x23.transpose(0, 0), ("(0, 0)", "twice")),
        Mistake(lambda: x23.transpose(0, 2), ("transpose", "axis 2", "2 axes of (2, 3)", "from -2 to 1")),
    )),
    "swap": Record(swap, (
        Mistake(lambda: ops.swap(x23, 1, 2), ("swap", "axis 2", "(2, 3)", "from -2 to 1")),
        Mistake(lambda: ops.swap(x23, 0.0, 1), ("an axis is a whole number", "0.0")),
        Mistake(lambda: ops.swap(tensor(1.0), 0, 0), ("swap", "a scalar has none")),
    ), WITH_AXES),
    "expand": Record(expand, (
        Mistake(lambda: ops.expand(x23, 3), ("expand", "axis 3", "3 axes of the result", "from -3 to 2")),
        Mistake(lambda: ops.expand(x23, (0, -4)), ("expand", "(0, -4)", "the result", "twice")),
    )),
    "squeeze": Record(squeeze, (
        Mistake(lambda: ops.squeeze(x123, axis=1), ("axis 1 of (1, 2, 3)", "size 2", "size 1")),
        Mistake(lambda: ops.squeeze(x123, axis=3), ("squeeze", "axis 3", "(1, 2, 3)")),
    )),
    "flip": Record(flip, (
        Mistake(lambda: ops.flip(x23, axis=2), ("flip", "axis 2", "(2, 3)")),
        Mistake(lambda: ops.flip(x23, axis=(1, -1)), ("flip", "(1, -1)", "twice")),
    )),
    "roll": Record(roll, (
        Mistake(lambda: ops.roll(x23, 1, 2), ("roll", "axis 2", "(2, 3)")),
        Mistake(lambda: ops.roll(x23, (1, 1), (0, 1)), ("roll", "one whole number", "(1, 1)")),
    ), WITH_AXES),
    "pad": Record(pad, (
        Mistake(lambda: ops.pad(x23, 1), ("pad", "(2, 3)", "2 pairs", "got 1")),
        Mistake(lambda: ops.pad(x23, [(1, 1)]), ("pad", "2 pairs", "[(1, 1)]")),
        Mistake(lambda: ops.pad(x23, [(1, 1), (0, -1)]), ("pad", "from 0 on", "-1")),
    )),
    "repeat": Record(repeat, (
        Mistake(lambda: ops.repeat(x23, 2, 2), ("repeat", "axis 2", "(2, 3)")),
        Mistake(lambda: ops.repeat(x23, -1, 0), ("repeat", "from 0 on", "-1")),
        Mistake(lambda: ops.repeat(x23, [1, 2], 0), ("repeat", "the same for all entries", "[1, 2]")),
    ), WITH_AXES),
    "broadcast": Record(broadcast, (
        Mistake(lambda: ops.broadcast(x23, (2, 4)), ("axis -1 of (2, 3)", "size 3", "(2, 4) 4", "expand")),
        Mistake(lambda: ops.broadcast(x23, (3,)), ("(2, 3) has 2 axes", "(3,) has only 1")),
        Mistake(lambda: ops.broadcast(x23, (-1, 3)), ("from 0 on", "-1")),
    )),
    "reverse": Record(reverse, (
        Mistake(lambda: ops.reverse(x23, [1, 1, 1]), ("2 sequences", "(3,)")),
        Mistake(lambda: ops.reverse(x23, [1, 4]), ("lengths go from 0 to 3", "4")),
        Mistake(lambda: ops.reverse(x23, [1, -1]), ("lengths go from 0 to 3", "-1")),
        Mistake(lambda: ops.reverse(x23, [1.0, 1.0]), ("lengths are whole numbers", "float64")),
        Mistake(lambda: ops.reverse(tensor(np.ones(3)), [1, 1, 1]), ("(B, T, ...)", "(3,)")),
    ), WITH_AXES),
}
