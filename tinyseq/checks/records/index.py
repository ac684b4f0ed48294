"""Record of ops/index.py: against NumPy's own x[index]."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import shape_of

np = host.np
x23 = tensor(np.ones((2, 3)))


def take(rng: Any, kind: str) -> Sample:
    """Numbers, slices, new axes, "...", arrays and masks, in any mixture that NumPy takes."""
    shape = shape_of(rng, kind)
    arrays = str(rng.choice(["none", "numbers", "mask"])) if shape else "none"
    forms = [(), (1,), (0,)] if 0 in shape else [(), (1,), (4,), (3, 1), (3, 4)]
    index = masked(rng, shape) if arrays == "mask" else [a_part(rng, n, forms * (arrays == "numbers")) for n in shape]
    if index and rng.random() < 0.3:
        index = index[:rng.integers(len(index)) + 1]                       # the last axes are not mentioned
    elif rng.random() < 0.3:
        index = with_dots(rng, index)
    while rng.random() < 0.25:
        index.insert(int(rng.integers(len(index) + 1)), None)
    form = str(rng.choice(["host", "list", "device", "tensor"]))

    def given(part: Any) -> Any:
        if not isinstance(part, np.ndarray) or form == "host" or (form == "list" and not part.size):
            return part
        return part.tolist() if form == "list" else to_device(part) if form == "device" else tensor(part)

    def f(x: Any) -> Any:
        parts = tuple(given(part) for part in index)
        return x[parts[0] if len(parts) == 1 else parts]
    return Sample([normal(rng, shape)], f, lambda x: x[tuple(index)])


def a_part(rng: Any, n: int, forms: list) -> Any:
    """What may stand for an axis of size n: a slice, a number, perhaps an array of one of these shapes."""
    chance = rng.random()
    if forms and chance < 0.6:
        return rng.integers(-n, n, forms[rng.integers(len(forms))]) if n else np.zeros(0, int)
    if chance < 0.8 or not n:
        start, stop = (None if rng.random() < 0.4 else int(i) for i in rng.integers(-n - 1, n + 2, 2))
        return slice(start, stop, [None, 1, 2, -1, -2][rng.integers(5)])
    return int(rng.integers(-n, n))


def masked(rng: Any, shape: tuple[int, ...]) -> list:
    """A mask for one axis or several in a row; slices, numbers and perhaps an array of as many numbers beside it."""
    first = int(rng.integers(len(shape)))
    behind = int(rng.integers(first + 1, len(shape) + 1))
    mask = rng.random(shape[first:behind]) < rng.choice([0, 0.5, 1])
    parts: list = [a_part(rng, n, []) for n in shape]
    if behind < len(shape) and shape[behind] and rng.random() < 0.5:
        parts[behind] = rng.integers(-shape[behind], shape[behind], mask.sum())
    return [*parts[:first], mask, *parts[behind:]]


def with_dots(rng: Any, index: list) -> list:
    """The same index with "..." instead of some whole slices, or for no axis at all."""
    at = int(rng.integers(len(index) + 1))
    behind = at
    while behind < len(index) and isinstance(index[behind], slice) and rng.random() < 0.8:
        behind += 1
    return [*index[:at], ..., *index[behind:]]


RECORDS = {
    "take": Record(take, (
        Mistake(lambda: x23[2], ("axis 0 of (2, 3)", "size 2", "from -2 to 1", "got 2")),
        Mistake(lambda: x23[:, -4], ("axis 1 of (2, 3)", "size 3", "got -4")),
        Mistake(lambda: x23[:, [0, 3, -1]], ("axis 1 of (2, 3)", "size 3", "got 3")),
        Mistake(lambda: x23[to_device(np.array([-3]))], ("axis 0 of (2, 3)", "size 2", "got -3")),
        Mistake(lambda: x23[0, 0, 0], ("for 3 axes", "(2, 3) has 2")),
        Mistake(lambda: x23[..., 0, ...], ("'...'", "2 times")),
        Mistake(lambda: x23[[True, False, True]], ("mask (3,)", "size 3", "axis 0 of (2, 3)", "has 2")),
        Mistake(lambda: x23[np.ones((2, 2), bool)], ("mask (2, 2)", "axis 1", "(2, 3)", "has 3")),
        Mistake(lambda: x23[[0, 1], [0, 1, 2]], ("(2,)", "(3,)", "x[rows][:, columns]")),
        Mistake(lambda: x23[True], ("bool", "masks with axes")),
        Mistake(lambda: x23[1.0], ("whole numbers, slices", "float64")),
        Mistake(lambda: x23["a"], ("whole numbers, slices", "<U1")),
    )),
}
