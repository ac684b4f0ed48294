"""The gradient checker: does the derivative that backward returns agree with the one that the values show?

For outputs y = f(x) and random weights u, L = sum u y is a scalar with nothing symmetric about it: a sum of the
outputs alone would let mistakes cancel. First one random direction v through all inputs and parameters at once:

    d/ds L(x + s v) at s = 0    must be    sum dL/dx v                                          (1)

That costs a few evaluations whatever the sizes. If it fails, the same for each tensor alone, then for each entry of
the tensors that are wrong, so that the message can name parameter, gate, index and time step.
"""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tinyseq.autograd import Tensor, gradients, no_grad
from tinyseq.backend import at_step, host, to_device, to_host
from tinyseq.checks.derivative import Kink, derivative
from tinyseq.checks.diagnosis import GradientError, describe

TOLERANCE = 1e-6                       # relative to the size of the terms that are added up
LOCATED = 2000                         # entries of a wrong tensor that are looked at one by one


@dataclass(frozen=True)
class Report:
    """What was found right: the tensors by name and shape."""
    checked: tuple[tuple[str, tuple[int, ...]], ...]

    def __str__(self) -> str:
        entries = sum(host.np.prod(shape, dtype=int) for _, shape in self.checked)
        return f"gradient right for {entries} entries of {len(self.checked)} tensors, to {TOLERANCE:g}"


def gradcheck(f: Callable[..., Any], *inputs: Any, params: Any = None, seed: int = 0) -> Report:
    """Check the gradient of f(*inputs) with respect to every input tensor that requires one, and to `params`.

    f           returns a Tensor of any shape, or a tuple of Tensors; the same values for the same inputs
    inputs      Tensors, float64 where they require a gradient; anything else is handed to f as it is
    params      None, a Module, a dict of names and tensors, or a list of tensors that f uses; float64
    seed        of the random u and v

    Returns a Report. Raises GradientError, which names what is wrong and where; ValueError if there is nothing to
    check or a tensor is not float64 (float32 rounds at 1e-7: too coarse to tell a small mistake from noise)."""
    targets = _named(inputs, params)
    rng = host.np.random.default_rng(seed)
    problem = _Problem(f, inputs, targets, rng)
    v = [rng.standard_normal(x.shape) for x in targets.values()]
    if problem.error_along(dict(zip(targets, v, strict=True))) <= TOLERANCE:
        return Report(tuple((name, x.shape) for name, x in targets.items()))
    wrong = [name for name, direction in zip(targets, v, strict=True)
             if problem.error_along({name: direction}) > TOLERANCE]
    raise GradientError(describe(problem, wrong or list(targets), LOCATED))


class _Problem:
    """L = sum u f(x) around one point, its analytic gradient and its numerical derivatives."""

    def __init__(self, f: Callable[..., Any], inputs: tuple, targets: dict[str, Tensor], rng):
        self.f, self.inputs, self.targets = f, inputs, targets
        with at_step(0):
            self.outputs = _outputs(f(*inputs))
        self.u = [rng.standard_normal(y.shape) for y in self.outputs]
        self.analytic = self.gradient(self.u)

    def gradient(self, u: list) -> dict[str, Any]:
        """dL/dx by backward, for each target."""
        with at_step(0):
            outputs = _outputs(self.f(*self.inputs))
        if not any(y.requires_grad for y in outputs):
            raise GradientError("no output depends on a tensor that requires a gradient: f breaks the graph, "
                                "perhaps by .detach(), .numpy() or no_grad")
        parts = [(y * to_device(w)).sum() for y, w in zip(outputs, u, strict=True) if y.requires_grad]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return dict(zip(self.targets, map(to_host, gradients(total, self.targets.values())), strict=True))

    def numeric(self, direction: Mapping[str, Any], u: list | None = None) -> tuple[float, float]:
        """The left side of (1), and by how much it may be off. Every target is put back as it was."""
        weights = self.u if u is None else u
        before = {name: self.targets[name].data for name in direction}

        def along(s: float) -> float:
            for name, v in direction.items():
                self.targets[name].data = before[name] + s * to_device(v)
            with no_grad(), at_step(0):
                outputs = _outputs(self.f(*self.inputs))
            return float(sum((to_host(y.data) * w).sum() for y, w in zip(outputs, weights, strict=True)))
        try:
            return derivative(along)
        finally:
            for name, data in before.items():
                self.targets[name].data = data

    def error_along(self, direction: Mapping[str, Any], u: list | None = None) -> float:
        """How far (1) is off in this direction beyond what rounding explains, relative to the size of its terms."""
        analytic = self.analytic if u is None else self.gradient(u)
        terms = host.np.concatenate([(analytic[name] * v).ravel() for name, v in direction.items()])
        try:
            slope, uncertainty = self.numeric(direction, u)
        except Kink:
            raise GradientError("f has a kink here (a relu at 0, a max with two winners), or differs from call to "
                                "call: no derivative to compare with. Check at another point, or fix f's randomness"
                                ) from None
        scale = max(float(host.np.sqrt((terms ** 2).sum())), abs(slope), 1e-8)
        return max(abs(float(terms.sum()) - slope) - uncertainty, 0.0) / scale


def _outputs(y: Any) -> list[Tensor]:
    """The tensors that f returned."""
    outputs = list(y) if isinstance(y, tuple | list) else [y]
    if not outputs or not all(isinstance(part, Tensor) for part in outputs):
        raise ValueError(f"gradcheck needs f to return a Tensor or a tuple of Tensors; got {type(y).__name__}")
    return outputs


def _named(inputs: Iterable[Any], params: Any) -> dict[str, Tensor]:
    """All tensors to check, by the name a message should use."""
    targets = {f"input {i}": x for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad}
    if hasattr(params, "named_parameters"):
        targets.update(params.named_parameters())
    elif isinstance(params, Mapping):
        targets.update(params)
    elif params is not None:
        targets.update({f"params[{i}]": p for i, p in enumerate(params)})
    if not targets:
        raise ValueError("nothing to check: no input requires a gradient and no params were given")
    for name, x in targets.items():
        if x.dtype != host.np.float64:
            raise ValueError(f"gradcheck needs float64, and {name} is {x.dtype}: rounding at 1e-7 would hide small "
                             "mistakes. Use tensor(..., dtype='float64') or module.astype('float64')")
    return targets
