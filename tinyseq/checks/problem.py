"""One gradient check as a mathematical object: L = sum u f(x) around one point."""
import itertools
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from tinyseq.autograd import Node, Tensor, gradients, no_grad
from tinyseq.backend import at_step, host, to_device, to_host, xp
from tinyseq.checks.derivative import EPSILON, Line
from tinyseq.checks.report import GradientError

np = host.np


class Part(NamedTuple):
    """A part of L: one output alone, of a sequence (B, T, H) one step t alone, of that the first row alone."""
    output: int
    t: int | None = None
    first_row: bool = False


class Problem:
    """f at its inputs, the graph of that call, and L = sum u f for random weights u.

    All outputs lie side by side in one vector on the host: `y_0` at this point, and `u` beside it."""

    def __init__(self, f: Callable[..., Any], inputs: tuple, targets: dict[str, Tensor], rng: Any):
        self.f, self.inputs, self.targets = f, inputs, targets
        self.outputs = self._call()                        # recorded: backward runs over this graph
        if not any(y.requires_grad for y in self.outputs):
            raise GradientError("no output depends on a tensor that requires a gradient: f breaks the graph, "
                                "perhaps by .detach(), .numpy() or no_grad")
        ends = itertools.accumulate(y.size for y in self.outputs)
        self.spans = [slice(end - y.size, end) for end, y in zip(ends, self.outputs, strict=True)]
        y_0 = _side_by_side(self.outputs)
        self.finite = np.isfinite(y_0)                     # an infinity has no derivative: it counts as 0 throughout
        self.y_0 = np.where(self.finite, y_0, 0)
        self.u = signed(rng, y_0.shape) * self.finite

    def _call(self) -> list[Tensor]:
        """The floating-point outputs of f."""
        with at_step(0):
            y = self.f(*self.inputs)
        outputs = list(y) if isinstance(y, tuple | list) else [y]
        if not outputs or not all(isinstance(part, Tensor) for part in outputs):
            raise ValueError(f"gradcheck needs f to return a Tensor or a tuple of Tensors; got {type(y).__name__}")
        return [part for part in outputs if part.dtype.kind == "f"]

    def values(self) -> Any:
        """All outputs as the tensors stand now."""
        with no_grad():
            y = _side_by_side(self._call())
        return np.where(self.finite, y, 0) if y.shape == self.finite.shape else y

    def line(self, direction: Mapping[str, Any]) -> Line:
        """s -> the outputs when every target x in `direction` is x + s v. Afterwards x is what it was."""
        before = {name: self.targets[name].data for name in direction}
        v = {name: to_device(v) for name, v in direction.items()}

        def y(s: float) -> Any:
            try:
                for name, data in before.items():
                    self.targets[name].data = data + s * v[name]
                with np.errstate(all="ignore"):            # a step may leave the domain of f; the values show it
                    return self.values()
            finally:
                for name, data in before.items():
                    self.targets[name].data = data
        return y

    def coarseness(self, direction: Mapping[str, Any]) -> float:
        """How far rounding of x + s v displaces s, at most."""
        return max((EPSILON * float(abs(to_host(self.targets[name].data)[v != 0]).max(initial=0))
                    for name, v in direction.items()), default=0.0)

    def loss(self, u: Any) -> Tensor:
        """L as a tensor whose backward hands each output its part of u.

        No op stands in between: what the backward of f writes into, it writes into these very arrays."""
        cotangents = [to_device(u[span].reshape(y.shape).copy())
                      for span, y in zip(self.spans, self.outputs, strict=True)]
        value = xp.zeros((), self.outputs[0].dtype)
        parents = [y if y.requires_grad else None for y in self.outputs]
        node = Node("loss", parents, (value,), lambda dL: tuple(cotangents), None)
        return Tensor(value, True, node)

    def gradient(self, u: Any) -> dict[str, Any]:
        """dL/dx by backward, for each target, on the host."""
        found = gradients(self.loss(u), self.targets.values(), keep_graph=True)
        return dict(zip(self.targets, map(to_host, found), strict=True))

    def rounding(self, u: Any) -> dict[str, float]:
        """By how much rounding may move the numbers of each dL/dx: it shows when u changes in its last bits.

        That is far below any mistake, unless large terms cancel on the way back."""
        before, rng = self.gradient(u), np.random.default_rng(0)
        found = dict.fromkeys(before, 0.0)
        for _ in range(3):
            after = self.gradient(u * (1 + EPSILON * rng.uniform(-8, 8, u.shape)))
            for name, dx in before.items():
                off = np.nan_to_num(abs(after[name] - dx), nan=0, posinf=0)
                found[name] = max(found[name], 8 * float(off.max(initial=0)))
        return found

    @cached_property
    def rounding_of_all(self) -> dict[str, float]:
        """The rounding of dL/dx for the whole L, worked out once."""
        return self.rounding(self.u)

    def sequence(self, output: int) -> bool:
        """Whether an output is a sequence (B, T, H) of several steps."""
        shape = self.outputs[output].shape
        return len(shape) == 3 and shape[1] > 1

    def parts(self) -> list[Part]:
        """The parts of L, in the order of `sums`."""
        parts = []
        for k, y in enumerate(self.outputs):
            parts.append(Part(k))
            if self.sequence(k):
                parts += [Part(k, t, first) for first in (False, True) for t in range(y.shape[1])]
        return parts

    def sums(self, y: Any) -> Any:
        """sum u y over each part of L, for a vector y of outputs."""
        terms, found = self.u * y, []
        for k, (span, output) in enumerate(zip(self.spans, self.outputs, strict=True)):
            found.append(terms[span].sum(keepdims=True))
            if self.sequence(k):
                steps = terms[span].reshape(output.shape).sum(axis=2)           # (B, T)
                found += [steps.sum(axis=0), steps[0] if len(steps) else np.zeros(output.shape[1])]
        return np.concatenate(found)

    def weights(self, part: Part) -> Any:
        """u where it belongs to this part of L, 0 elsewhere."""
        span, shape = self.spans[part.output], self.outputs[part.output].shape
        u = np.zeros_like(self.u)
        kept, whole = u[span].reshape(shape), self.u[span].reshape(shape)          # views
        if part.t is None:
            kept[...] = whole
        else:
            rows = slice(0, 1) if part.first_row else slice(None)
            kept[rows, part.t] = whole[rows, part.t]
        return u


def signed(rng: Any, shape: tuple[int, ...]) -> Any:
    """Random numbers of either sign and none of them near 0: an entry with weight 0 could hide a mistake."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)


def _side_by_side(outputs: list[Tensor]) -> Any:
    return np.concatenate([to_host(y.data).reshape(-1) for y in outputs]) if outputs else np.zeros(0)
