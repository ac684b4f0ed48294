"""One result beside what it should be: where it differs, and in which way, as far as numbers alone can tell."""
import math
import re
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.exercises.moved import by_rows, moved

np = host.np

NEAR = 1e-6                              # of the largest entry: numbers in float64 from any order of summation agree


@dataclass
class Difference:
    """A result that is not what it should be.

    where    "36 of 36 entries differ; at [2, 5] yours is 0.12 and should be -0.4"
    way      "each entry is half of what it should be", or ""
    """
    symbol: str
    where: str
    way: str = ""


class Around(NamedTuple):
    """What is known of a result: the names of its axes, the gates along the last one, the arguments, sizes by name."""
    axes: list[str]
    gates: str
    given: dict[str, Any]
    sizes: dict[str, int]


def difference(symbol: str, got: Any, right: Any, around: Around) -> Difference | None:
    """How `got` differs from `right`; None if it does not."""
    right = np.asarray(right)
    if got.shape != right.shape:
        axes = ", ".join(around.axes)
        return Difference(symbol, f"its shape is {got.shape}, and should be {right.shape}, ({axes})",
                          _other_axes(got, right, around.axes))
    if same(got, right):
        return None
    if not np.isfinite(got).all():
        bad = np.argwhere(~np.isfinite(got))
        return Difference(symbol, f"{len(bad)} of {got.size} entries are not finite; the first at {_place(bad[0])}")
    wrong = abs(got - right) > NEAR * np.abs(right).max()
    worst = np.unravel_index(int(np.argmax(abs(got - right))), right.shape)
    where = f"{int(wrong.sum())} of {right.size} entries differ"
    if right.ndim:
        where += f"; at {_place(worst)} yours is {got[worst]:.6g} and should be {right[worst]:.6g}"
    else:
        where = f"yours is {float(got):.6g} and should be {float(right):.6g}"
    return Difference(symbol, where, _way(got, right, wrong, around))


def same(got: Any, right: Any) -> bool:
    """Whether two arrays hold the same numbers, but for rounding."""
    if got.shape != right.shape:
        return False
    if right.dtype.kind in "iub":
        return bool((got == right).all())
    if not right.size:
        return True
    largest = float(np.abs(right[np.isfinite(right)]).max(initial=0))
    return bool(np.allclose(got, right, rtol=1e-9, atol=NEAR * largest if largest else NEAR))


def vague(way: str) -> bool:
    """Whether a way in which a result is wrong could be that of several mistakes."""
    return not way or way.endswith("alone is wrong") or bool(re.search(r"is -?\d\S* times", way))


def _way(got: Any, right: Any, wrong: Any, around: Around) -> str:
    """In which way the entries are wrong; "" for none that is known here. The most particular comes first."""
    if not got.any():
        return "it is 0 everywhere"
    if same(got, -right):
        return "the sign is turned"
    if right.ndim > 1 and right.shape == right.shape[::-1] and same(got, right.T):
        return "it is transposed"
    for axis, name in enumerate(around.axes):
        if shifted := _shift(got, right, axis):
            return f"it is right but one place further {shifted} along {name}"
        if same(np.flip(got, axis), right):
            return f"it is right but runs backwards along {name}"
    if right.dtype.kind == "f" and (elsewhere := moved(got, right, around.axes, around.given)):
        return elsewhere
    ratio = _ratio(got[wrong], right[wrong], around.sizes | _numbers(around.given))
    where = _where(wrong, around)
    if ratio:
        return f"{where or 'it'} is {ratio} what it should be"
    if right.dtype.kind == "f" and (squared := _of_squares(got, right)):
        return squared
    for symbol, x in ((symbol, np.asarray(x)) for symbol, x in around.given.items()):
        if x.shape == right.shape and same(got, x):
            return f"it is {symbol} as it was given"
        if x.shape == right.shape and x.dtype.kind == "f":
            if bound := _cut_off(got, x, around.given):
                return f"each entry of {symbol} is cut off at {bound}"
            if same(got - right, x) or same(right - got, x):
                return f"the term {symbol} is {'too many' if same(got - right, x) else 'missing'}"
            for factor, words in ((x, symbol), (1 - x, f"1 - {symbol}"), (1 - x * x, f"1 - {symbol}^2"),
                                  (x * (1 - x), f"{symbol} (1 - {symbol})")):
                if same(got, right * factor):
                    return f"there is a factor {words} too many"
                if same(right, got * factor):
                    return f"the factor {words} is missing"
    rows = by_rows(got, right, around.axes, around.given)
    return f"{where} alone is wrong{rows and f'; {rows}'}" if where else rows


def _other_axes(got: Any, right: Any, names: list[str]) -> str:
    """What has become of the axes; "" if that is not known."""
    for order in permutations(range(right.ndim)):
        if got.shape == tuple(right.shape[axis] for axis in order):
            lie = ", ".join(names[axis] for axis in order)
            return "it is transposed" if right.ndim == 2 else f"its axes lie in the order {lie}"
    if got.size == right.size and same(got.reshape(right.shape), right):
        return "its numbers are right, in another shape"
    if got.ndim == right.ndim and (found := _of_same_ndim(got, right, names)):
        return found
    for count in range(1, got.ndim - right.ndim + 1):
        for summed in combinations(range(got.ndim), count):
            if same(got.sum(axis=summed), right):
                axes = f"axis {summed[0]}" if count == 1 else f"axes {', '.join(map(str, summed))}"
                return f"its {axes} should have been summed over"
    return ""


def _of_same_ndim(got: Any, right: Any, names: list[str]) -> str:
    """As many axes, and other sizes: what should have been summed, added or kept; "" if that is not known."""
    for axis, (size, should) in enumerate(zip(got.shape, right.shape, strict=True)):
        filled = np.moveaxis(right, axis, 0)
        filled = filled[filled.any(axis=tuple(range(1, filled.ndim)))]
        if size != should == 1 and same(got.sum(axis=axis, keepdims=True), right):
            return f"its axis {axis} should have been summed over, and stay with the size 1"
        if size == 2 * should and same(sum(np.split(got, 2, axis=axis)), right):
            return f"its two halves along {names[axis]} should have been added"
        if size < should and same(np.moveaxis(got, axis, 0), filled):
            return f"along {names[axis]} those that should be 0 were left out"
    return ""


def _where(wrong: Any, around: Around) -> str:
    """The part that is wrong, where the rest is right: "gate f", "what is at 0 along T"."""
    for axis, name in enumerate(around.axes):
        bad = wrong.any(axis=tuple(i for i in range(wrong.ndim) if i != axis))
        if around.gates and axis == wrong.ndim - 1 and len(bad) % len(around.gates) == 0:
            of_gates = bad.reshape(len(around.gates), -1).any(axis=1)
            if not of_gates.all():
                gates = [gate for gate, is_bad in zip(around.gates, of_gates, strict=True) if is_bad]
                return f"gate {' and '.join(gates)}"
        elif not bad.all():
            return f"what is at {', '.join(map(str, np.flatnonzero(bad)))} along {name}"
    return ""


def _shift(got: Any, right: Any, axis: int) -> str:
    """"on" or "back" if the numbers are those of the place before or behind."""
    a, n = np.moveaxis(got, axis, 0), np.moveaxis(right, axis, 0)
    if len(n) > 2 and n.any():
        if same(a[1:], n[:-1]):
            return "on"
        if same(a[:-1], n[1:]):
            return "back"
    return ""


def _numbers(given: dict[str, Any]) -> dict[str, float]:
    """The arguments that are numbers, such as a rate p, and 1 - p."""
    found = {name: x for name, x in given.items() if isinstance(x, float) and x > 0}
    return found | {f"(1 - {name})": 1 - x for name, x in found.items() if x < 1}


def _ratio(a: Any, n: Any, sizes: dict[str, Any]) -> str:
    """The factor of the entries that are wrong, in words: "twice", "1/B of", "0.37 times"; "" if it is not one."""
    factor = float(a @ n / (n @ n)) if n.dtype.kind == "f" and len(n) > 1 and n.any() else 0.0
    if not factor or not same(a, factor * n):
        return ""
    if abs(factor - 2) < 1e-9:
        return "twice"
    products = {f"({' '.join(some)})": math.prod(sizes[name] for name in some) for count in (2, 3)
                for some in combinations(sizes, count)}
    for name, size in (sizes | products).items():
        if not size:
            continue
        for value, words in ((1 / size, f"1/{name} of"), (size, f"{name} times"), (size ** -0.5, f"1/sqrt({name}) of"),
                             (size ** 0.5, f"sqrt({name}) times")):
            if size != 1 and abs(factor - value) < 1e-9 * value:
                return f"{words} ({name.strip('()')} = {size:.4g})"
    for value, words in ((1 / factor, "1/{} of"), (factor, "{} times")):
        if abs(value - round(value)) < 1e-9 and value > 0:
            return words.format(round(value))
    return f"{factor:.4g} times"


def _of_squares(got: Any, right: Any) -> str:
    """Whether a root is missing, or too many."""
    if same(got, right * right):
        return "it is the square of what it should be"
    return "it is the root of what it should be" if (got >= 0).all() and same(got * got, right) else ""


def _cut_off(got: Any, x: Any, given: dict[str, Any]) -> str:
    """The name of the number that bounds each entry of x, if that is what was made of x."""
    for name, bound in given.items():
        if x.ndim and isinstance(bound, float) and bound > 0 and (abs(x) > bound).any() \
                and same(got, np.clip(x, -bound, bound)):
            return name
    return ""


def _place(index: Any) -> str:
    return f"[{', '.join(str(int(i)) for i in index)}]"
