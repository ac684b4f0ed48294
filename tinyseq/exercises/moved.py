"""A result whose numbers are right somewhere else, or row by row: reshaped without a transpose, rows that do not add
up, numbers where a mask should have left 0."""
from itertools import permutations
from typing import Any

from tinyseq.backend import host

np = host.np

MOST = 4                                 # axes whose orders are all tried


def moved(got: Any, right: Any, axes: list[str], given: dict[str, Any]) -> str:
    """Which argument these are the numbers of, or in which way they lie; "" if they are others."""
    for symbol, x in ((symbol, np.asarray(x)) for symbol, x in given.items()):
        if x.size == got.size > 1 and x.dtype.kind == "f" and x.ndim <= MOST:
            for order in permutations(range(x.ndim)):
                as_it_was = list(order) == sorted(order)
                if not (as_it_was and x.shape == got.shape) and _near(x.transpose(order).reshape(got.shape), got):
                    return f"it is {symbol} reshaped, and no axis has been moved" if as_it_was else \
                        f"it is {symbol} with its axes in the order {', '.join(map(str, order))}, and reshaped"
    if right.ndim > 1 and _near(np.sort(got, axis=None), np.sort(right, axis=None)):
        for axis, name in enumerate(axes):
            if found := _order(np.moveaxis(got, axis, 0), np.moveaxis(right, axis, 0)):
                return f"its numbers are right, but along {name} the places of the right ones are {found}"
        for axis, name in enumerate(axes):
            if other := _neighbours(got, right, axis, axes):
                return f"its numbers are right, but neighbours along {name} should be neighbours along {other}"
        return "its numbers are right, but in other places"
    return ""


def by_rows(got: Any, right: Any, axes: list[str], given: dict[str, Any]) -> str:
    """Whether there are numbers where 0 should be, or rows that are right but for a factor of their own; "" if not."""
    if right.dtype.kind != "f" or not right.ndim:
        return ""
    for symbol, x in ((symbol, np.asarray(x)) for symbol, x in given.items()):
        if x.shape == right.shape and x.dtype.kind == "f" and _near(np.where(got == 0, 0, x), got):
            return f"it is {symbol} wherever it is not 0"
    no, nothing = (abs(x) <= 1e-12 * np.abs(right).max() for x in (got, right))
    if (nothing & ~no).sum() > nothing.sum() / 2:
        return f"it is not 0 at {(nothing & ~no).sum()} places where it should be 0"
    for axis, name in enumerate(axes):
        squares = (right * right).sum(axis=axis, keepdims=True)
        factor = (got * right).sum(axis=axis, keepdims=True) / np.where(squares == 0, 1, squares)
        if right.shape[axis] > 2 and _near(factor * right, got):
            total = right.sum(axis=axis)
            should = f": it should add up to {total.flat[0]:.4g}" if np.ptp(total) < 1e-9 < abs(total.flat[0]) else ""
            return f"along {name} it is right but for a factor, another one for each row{should}"
    return ""


def _order(got: Any, right: Any) -> str:
    """"2, 0, 1": which of `right` each of `got` is; "" if one of them is none, or no other than it should be."""
    found = [[i for i, should in enumerate(right) if _near(one, should)][:1] for one in got]
    return ", ".join(str(place) for one in found for place in one) if all(found) else ""


def _neighbours(got: Any, right: Any, axis: int, axes: list[str]) -> str:
    """The axis along which most neighbours of this one should lie side by side; "" if it is this axis, or none."""
    for other, name in enumerate(axes):
        if other != axis and (_often(got, right, axis, other) or _often(right, got, other, axis)):
            return name
    return ""


def _often(one: Any, two: Any, axis: int, other: int) -> bool:
    """Whether neighbours along an axis of `one` mostly lie side by side along another one of `two`."""
    place = np.empty(one.size, int)
    place[np.argsort(one, axis=None)] = np.argsort(two, axis=None)                  # where each number lies in `two`
    steps = np.diff(np.stack(np.unravel_index(place.reshape(one.shape), two.shape)), axis=axis + 1)
    side_by_side = np.eye(one.ndim, dtype=int)[other].reshape(-1, *[1] * one.ndim)
    return bool(steps.size) and (steps == side_by_side).all(axis=0).mean() > 0.5


def _near(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max(initial=0)))
