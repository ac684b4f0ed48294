"""How a backward behaves, whatever numbers it returns: it changes nothing that it was given, and repeats itself."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinyseq.autograd import Node, Tensor, gradients
from tinyseq.backend import host, to_device, to_host
from tinyseq.checks.problem import Problem
from tinyseq.checks.report import GradientError
from tinyseq.rowgrad import dense

np = host.np


class Snapshot:
    """The bits of the inputs and parameters, to see later who wrote into them."""

    def __init__(self, inputs: tuple, targets: dict[str, Tensor]):
        named = {f"input {i}": x for i, x in enumerate(inputs) if hasattr(x, "dtype") and hasattr(x, "shape")}
        self.tensors = {**named, **targets}
        self.bits = {name: _bits(x) for name, x in self.tensors.items()}

    def check(self, who: str) -> None:
        """Raise GradientError if a tensor is not what it was."""
        for name, x in self.tensors.items():
            if _bits(x) != self.bits[name]:
                raise GradientError(f"{who} modified {name}: the next call sees other numbers, and so does everyone "
                                    "who shares the array; compute into a new one", (name,), patterns=("modified",))


def analytic_gradient(problem: Problem, before: Snapshot) -> dict[str, Any]:
    """dL/dx by backward, for each target; a GradientError if backward misbehaves on the way."""
    nodes = _nodes(problem.outputs)
    loss = problem.loss(problem.u)
    with _watched(nodes, problem.targets):
        found = gradients(loss, problem.targets.values(), keep_graph=True)
    before.check("backward")
    first = dict(zip(problem.targets, found, strict=True))
    _check_second_run(problem, nodes, loss, first)
    before.check("a second backward")
    return {name: to_host(dx) for name, dx in first.items()}


def check_repeats(problem: Problem) -> None:
    """Raise GradientError if f gives other values when it is called again with the same inputs."""
    again = problem.values()
    close = again.shape == problem.y_0.shape and np.allclose(again, problem.y_0, rtol=1e-9, atol=1e-12, equal_nan=True)
    if not close:
        raise GradientError("f differs from call to call: fix its randomness (gradcheck compares values at several "
                            "points, so f must give the same values for the same inputs: a fixed seed, no state)",
                            patterns=("not repeatable",))


def _check_second_run(problem: Problem, nodes: list[Node], loss: Tensor, first: dict[str, Any]) -> None:
    """`.backward()` on top of a `.grad` that already holds dx must make it exactly 2 dx."""
    leaves = {name: x for name, x in problem.targets.items() if x.node is None}
    touched = {id(x): x for node in nodes for x in node.parents if x is not None} | {id(x): x for x in leaves.values()}
    grads = [(x, x.grad) for x in touched.values()]
    try:
        for name, x in leaves.items():
            x.grad = first[name].copy()
        loss.backward(keep_graph=True)
        twice = {name: to_host(x.grad) for name, x in leaves.items()}
    finally:
        for x, grad in grads:
            x.grad = grad
    off = [name for name in leaves if not np.array_equal(twice[name], 2 * to_host(first[name]), equal_nan=True)]
    if off:
        again = dict(zip(problem.targets, gradients(loss, problem.targets.values(), keep_graph=True), strict=True))
        unlike = [name for name in first if _bits(again[name]) != _bits(first[name])] or _not_doubled(twice, first)
        if unlike:
            raise GradientError(f"the gradient of {', '.join(unlike)} is not repeatable: backward over the same graph "
                                "gives other numbers the second time (does it change what it saved, or read memory "
                                "that it never wrote?)", tuple(unlike), patterns=("not repeatable",))
        raise GradientError(f"the gradient of {', '.join(off)} is not added to the .grad that was there: .backward() "
                            "must add, so that losses can share parameters", tuple(off), patterns=("not added",))


def _not_doubled(twice: dict[str, Any], first: dict[str, Any]) -> list[str]:
    """Whose .grad is neither old + new (2 dx) nor the new alone (dx): there the second run gave something else."""
    return [name for name, g in twice.items() if not any(np.array_equal(g, k * to_host(first[name]), equal_nan=True)
                                                         for k in (1, 2))]


def _nodes(outputs: list[Tensor]) -> list[Node]:
    """Every recorded call behind the outputs."""
    found: dict[int, Node] = {}
    waiting = [y.node for y in outputs if y.node]
    while waiting:
        node = waiting.pop()
        if node.number not in found:
            found[node.number] = node
            waiting += [x.node for x in node.parents if x is not None and x.node]
    return list(found.values())


@contextmanager
def _watched(nodes: list[Node], targets: dict[str, Tensor]) -> Iterator[None]:
    """While this lasts, what goes into and comes out of every op's backward is looked at."""
    names = {id(x): name for name, x in targets.items()}
    unwatched = [(node, node.backward) for node in nodes]
    for node in nodes:
        node.backward = _watch(node, names)
    try:
        yield
    finally:
        for node, backward in unwatched:
            node.backward = backward


def _watch(node: Node, names: dict[int, str]) -> Any:
    """The backward of a node, which complains by the names of op and tensors."""
    inner, here = node.backward, tuple(names[id(x)] for x in node.parents if id(x) in names)
    assert inner is not None

    def backward(*dys: Any) -> Any:
        bits = [_bits(dy) for dy in dys]
        try:
            dxs = inner(*dys)
        except Exception as error:
            raise GradientError(f"the backward of {node.name} fails with {type(error).__name__}: {error}",
                                here) from error
        for slot, dy in enumerate(dys):
            if _bits(dy) != bits[slot]:
                raise GradientError(f"the backward of {node.name} modified the gradient that came in for its output "
                                    f"{slot}: others may still need it; compute into a new array", here,
                                    patterns=("modified",))
        if isinstance(dxs, tuple) and len(dxs) == len(node.parents):       # else the engine says what is wrong
            for i, (x, dx) in enumerate(zip(node.parents, dxs, strict=True)):
                if x is not None and dx is not None:
                    _check_kind(node, names.get(id(x), f"argument {i}"), x, dx)
        return dxs
    return backward


def _check_kind(node: Node, name: str, x: Tensor, dx: Any) -> None:
    """A gradient has the shape and the dtype of what it belongs to."""
    for word, came, expected in (("shape", tuple(dx.shape), x.shape), ("dtype", dx.dtype, x.dtype)):
        if came != expected:
            raise GradientError(f"the gradient of {name} has the wrong {word}: {name} is {x.dtype} {x.shape}, and the "
                                f"backward of {node.name} returned {dx.dtype} {tuple(dx.shape)}", (name,),
                                patterns=(word,))


def _bits(x: Any) -> tuple:
    """What must not change: dtype, shape and every bit."""
    array = to_host(to_device(x.data if isinstance(x, Tensor) else dense(x)))
    return array.dtype, array.shape, array.tobytes()
