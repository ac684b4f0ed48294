"""The gradient checker: does the derivative that backward returns agree with the one that the values show?

For outputs y = f(x) and random weights u, L = sum u y is a scalar with nothing symmetric about it: a sum of the
outputs alone would let mistakes cancel. First one random direction v through all inputs and parameters at once:

    d/ds L(x + s v) at s = 0    must be    sum dL/dx v                                          (1)

That costs a few evaluations whatever the sizes. If it fails, the same for each tensor alone, then for each entry of
the tensors that are wrong, for each part of the loss, so that the message can name tensor, gate, index, time step and
the way in which the numbers are wrong (entries.py, origin.py, patterns.py). Beside the numbers, backward must behave:
change nothing that it was given, and repeat itself (conduct.py).
"""
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import host
from tinyseq.checks.conduct import Snapshot, analytic_gradient, check_repeats
from tinyseq.checks.derivative import EPSILON, QUICK, slope, stencil
from tinyseq.checks.diagnosis import diagnosis
from tinyseq.checks.entries import Evidence
from tinyseq.checks.kinks import find_kinks, judge_kinks, straddles
from tinyseq.checks.problem import Problem, signed
from tinyseq.checks.report import TOLERANCE, Report

np = host.np

LOCATED = 2000                         # entries of a wrong tensor that are looked at one by one


def gradcheck(f: Callable[..., Any], *inputs: Any, params: Any = None, seed: int = 0) -> Report:
    """Check the gradient of f(*inputs) with respect to every input tensor that requires one, and to `params`.

    f           returns a Tensor of any shape, or a tuple of Tensors; the same values for the same inputs
    inputs      Tensors, float64 where they require a gradient; anything else is handed to f as it is
    params      what else f uses, float64: None, a Module, a tensor, a dict of names and tensors, or a list of tensors
                or of pairs (name, tensor). A tensor that comes twice is checked once, under its first name
    seed        of the random u and v

    Returns a Report, which is true. It lists the kinks: entries at which f has no derivative (a relu at 0, a max with
    two winners), where backward may give any value between the two slopes. Raises GradientError, which names what is
    wrong and where, also if backward or f writes into its inputs or does not repeat itself; ValueError if there is
    nothing to check or a tensor is not float64 (float32 rounds at 1e-7: too coarse to tell a small mistake from
    noise)."""
    targets = _named(inputs, params)
    before = Snapshot(inputs, targets)
    rng = np.random.default_rng(seed)
    problem = Problem(f, inputs, targets, rng)
    before.check("f")
    check_repeats(problem)
    analytic = analytic_gradient(problem, before)
    v = {name: signed(rng, x.shape) for name, x in targets.items()}
    checked = tuple((name, x.shape) for name, x in targets.items())
    verdict = _verdict(problem, analytic, v)
    if verdict == "right":
        return Report(checked)
    kinks: dict[str, Any] = {}
    if verdict == "kink":
        kinks = find_kinks(problem, v)
        v = {name: np.where(kinks[name], 0, direction) for name, direction in v.items()}
        verdict = _verdict(problem, analytic, v)
    if verdict == "right":
        return Report(checked, judge_kinks(problem, analytic, kinks))
    suspects = [name for name in v if _verdict(problem, analytic, {name: v[name]}) != "right"] or list(v)
    evidence = Evidence(problem, analytic, kinks, suspects, LOCATED)
    if not evidence.names and (verdict != "wrong" or not evidence.sharp()):
        # no common direction serves all entries, but each is right
        return Report(checked, judge_kinks(problem, analytic, kinks))
    raise diagnosis(evidence, suspects, judge_kinks(problem, analytic, kinks))


def _verdict(problem: Problem, analytic: dict[str, Any], direction: dict[str, Any]) -> str:
    """Whether (1) holds in this direction: "right", "wrong", "kink" if f has no derivative in it, or "unclear" if none
    can be measured, because f bends or jumps close by at every step size."""
    terms = np.concatenate([(analytic[name] * v).reshape(-1) for name, v in direction.items()])
    expected, size = float(terms.sum()), float(np.sqrt((terms ** 2).sum()))
    total = lambda y: np.atleast_1d(problem.u @ y)
    y = problem.line(direction)
    quick = stencil(y, QUICK, problem.y_0)
    rounding = 4 * EPSILON * float(abs(problem.u).sum())                   # of dL/dx, where it is as good as zero
    noise = 4 * EPSILON * float(total(abs(problem.y_0) * np.sign(problem.u))[0]) / QUICK
    coarseness = problem.coarseness(direction)
    bent = quick.bends(coarseness) & (problem.u != 0)
    if abs(expected - float(total(quick.slope())[0])) <= TOLERANCE * size + noise + rounding and not bent.any():
        return "right"
    if straddles(problem, direction):
        return "kink"
    careful = slope(y, problem.y_0, problem.u, total, coarseness)
    value, uncertainty = float(careful.value[0]), float(careful.uncertainty[0])
    size = max(size, abs(value))
    rounding += sum(problem.rounding_of_all[name] * float(abs(v).sum()) for name, v in direction.items())
    if abs(expected - value) <= TOLERANCE * size + rounding + 3 * uncertainty:
        return "right" if np.isfinite(uncertainty) else "unclear"
    return "wrong"


def _named(inputs: Iterable[Any], params: Any) -> dict[str, Tensor]:
    """All tensors to check, each once, by the name a message should use."""
    found = {f"input {i}": x for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad}
    if isinstance(params, Tensor):
        found["params"] = params
    elif params is not None:
        params = params.named_parameters() if hasattr(params, "named_parameters") else params
        pairs = params.items() if isinstance(params, Mapping) else enumerate(params)
        found.update(_pair(key, value) for key, value in pairs)
    names = {id(x): name for name, x in reversed(found.items())}
    targets = {name: x for name, x in found.items() if names[id(x)] == name}
    if not targets:
        raise ValueError("nothing to check: no input requires a gradient and no params were given")
    for name, x in targets.items():
        if x.dtype != np.float64:
            raise ValueError(f"gradcheck needs float64, and {name} is {x.dtype}: rounding at 1e-7 would hide small "
                             "mistakes. Use tensor(..., dtype='float64') or module.astype('float64')")
    return targets


def _pair(key: Any, value: Any) -> tuple[str, Tensor]:
    """The name of one of params and its tensor; a tensor of a list is called by its place."""
    name, x = value if isinstance(value, tuple) else (key if isinstance(key, str) else f"params[{key}]", value)
    if not isinstance(x, Tensor):
        raise ValueError(f"gradcheck: params are tensors, by name or in a list; {name} is {type(x).__name__}")
    return name, x
