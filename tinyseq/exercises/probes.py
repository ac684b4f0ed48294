"""What a model does, in whole numbers: how many weights it has, and what depends on what.

A piece of a practice asks for a model. Two models that are both right may have other weights, so it is not their
numbers that are compared, but what is the same for all that are right.
"""
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor, gradients, no_grad
from tinyseq.backend import host, to_host
from tinyseq.layers import Module
from tinyseq.rowgrad import dense

np = host.np
Shaped = tuple[str, tuple[int, ...]]     # a parameter's name and shape
Function = Callable[[Any], Any]          # of an array (B, T, ...), to a Tensor (B, ...) or (B, T, ...)


def as_model(returned: Any) -> Any:
    """What an answer returned, a Module of whatever class. Raises TypeError if it is no model."""
    if isinstance(returned, Module):
        return returned
    advice = ": return an object, not its class" if isinstance(returned, type) else ""
    raise TypeError("the answer should return a model, a tinyseq.layers.Module; got a "
                    f"{type(returned).__name__}{advice}")


def values(y: Any) -> Any:
    """A tensor's numbers as a NumPy array. Raises TypeError for what is no tensor."""
    if isinstance(y, Tensor):
        return to_host(y.data)
    raise TypeError(f"the model should return a tensor; got a {type(y).__name__}")


def scores(y: Any) -> Any:
    """The values of y (..., K), of which a softmax is to be taken. Raises ValueError if one has been taken."""
    numbers = values(y)
    if numbers.ndim and (numbers >= 0).all() and np.allclose(numbers.sum(axis=-1), 1):
        raise ValueError("what the model returns adds up to 1 along the last axis, so it went through a softmax: "
                         "return the scores before it, for the loss takes their softmax by itself")
    return numbers


class Noted(NamedTuple):
    """A result, and what can be said about it in words, such as which parameters are too many."""
    value: Any
    words: str


def count(model: Module) -> Any:
    """How many weights it has."""
    return np.asarray(model.count())


def total(parts: Iterable[Module]) -> int:
    """How many weights the layers of a model have."""
    return sum(part.count() for part in parts)


def arrays(model: Module, parts: Iterable[Module]) -> str:
    """Which of a model's arrays of weights differ in shape from those of the parts that it should have, in words; "" if
    none does, or if they are only cut into other pieces."""
    wanted = [(f"{type(part).__name__}.{name}", p.shape) for part in parts for name, p in part.named_parameters()]
    there = [(name, p.shape) for name, p in model.named_parameters()]
    if sum(np.prod(shape) for _, shape in wanted) == sum(np.prod(shape) for _, shape in there):
        return ""
    surplus, missing = _without(there, wanted), _without(wanted, there)
    if not missing:
        return f"{_listed(surplus)} should not be there"
    verb = "belongs" if len(missing) == 1 else "belong"
    return f"{_listed(surplus)} where {_listed(missing)} {verb}" if surplus else f"there is no {_listed(missing)}"


def _without(some: list[Shaped], others: list[Shaped]) -> list[Shaped]:
    """Those that have none of the same shape among the others; first those find theirs that end in the same name."""
    left, others = [*some], [*others]
    for of_name in (True, False):
        for one in [*left]:
            same = [other for other in others if one[1] == other[1]
                    and (not of_name or one[0].split(".")[-1] == other[0].split(".")[-1])]
            if same:
                others.remove(same[0])
                left.remove(one)
    return left


def _listed(some: list[Shaped]) -> str:
    said = [f"{name} {'x'.join(map(str, shape)) or 'a number'}" for name, shape in some[:4]]
    return ", ".join([*said, *([f"{len(some) - 4} more"] if some[4:] else [])])


def silent(model: Module, loss: Tensor) -> Any:
    """How many of its parameters have no part in the loss: arrays whose gradient is 0 everywhere; and which."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    idle = [not to_host(dense(g)).any() for g in gradients(loss, parameters)]
    return Noted(np.asarray(sum(idle)), idle_ones([name for name, one in zip(names, idle, strict=True) if one]))


def idle_ones(names: list[str]) -> str:
    """The names of parameters that have no part, in words; "" for none."""
    more = f" and {len(names) - 6} more" if names[6:] else ""
    return f"the parameters {', '.join(names[:6])}{more} have no part in the loss" if names else ""


def sees(f: Function, x: Any) -> Any:
    """Which steps of y = f(x) hang on which steps of x: (T of y, T of x), 1 where y_t does, in any row."""
    return _changes(f, x, axis=1)


def mixes(f: Function, x: Any) -> Any:
    """Which rows of y = f(x) hang on which rows of x: (B, B), 1 where they do. Of rows that keep to themselves: eye."""
    return _changes(f, x, axis=0)


def usual(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What mistakes would make of results that many models have: what is wrong -> some of the results."""
    mistakes: dict[str, dict[str, Any]] = {}
    if "rows" in expected:
        B = len(expected["rows"])
        mistakes["every row hangs on all rows: something is computed over the batch, along the first axis"] = {
            "rows": np.ones((B, B), int)}
        mistakes["a row hangs on those before it: the first axis, of the rows, is taken for that of the steps"] = {
            "rows": np.tril(np.ones((B, B), int))}
        if "sees" in expected:
            alone = np.eye(np.shape(expected["sees"])[-1], dtype=int)
            mistakes["the axes of rows and steps are taken for each other: what should go from step to step goes from "
                     "row to row"] = {"rows": np.tril(np.ones((B, B), int)),
                                      "sees": alone[-1] if np.ndim(expected["sees"]) == 1 else alone}
    if np.size(expected.get("heads", ())) and {"H", "num_heads"} <= set(given):
        mistakes["num_heads and a head's width have changed places: there are H / num_heads heads"] = {
            "heads": np.full_like(expected["heads"], given["H"] // given["num_heads"])}
    return mistakes


def drops(f: Function, x: Any) -> Any:
    """1 if two calls differ, as with dropout in training, and 0 if not."""
    return np.asarray(int(not np.array_equal(_called(f, x), _called(f, x))))


def _changes(f: Function, x: Any, axis: int) -> Any:
    """Which places of y along an axis are others when x is another one at a place along it."""
    y, columns = _called(f, x), []
    for place in range(x.shape[axis]):
        here = tuple(place if i == axis else slice(None) for i in range(x.ndim))
        changed = x.copy()
        changed[here] = x[here] + 1 if x.dtype.kind == "f" else np.where(x[here] == x.max(), x.min(), x.max())
        differs = _called(f, changed) != y
        columns.append(differs.any(axis=tuple(i for i in range(y.ndim) if i != axis)))
    return np.stack(columns, axis=1).astype(int)


def _called(f: Function, x: Any) -> Any:
    with no_grad():
        return values(f(x))
