"""Five gradient checkers on one sample: ours, and four that are met in practice and let bugs pass.

Each takes a Sample and a seed, and raises if it finds something wrong. The weak ones are written as well as their idea
allows: each is silent on all correct code (tests/trust/test_mutants.py).
"""
from collections.abc import Callable

from tinyseq.autograd import gradients, no_grad
from tinyseq.backend import at_step, host, to_device, to_host
from tinyseq.checks.records import Sample, check_sample

np = host.np

STEP, RELATIVE = 1e-5, 1e-5                                # of central differences in float64
STEP_32 = 4e-3                                             # in float32, which rounds the loss at 1e-7,
RELATIVE_32 = 2e-2                                         # a tolerance that all correct code meets


def ours(sample: Sample, seed: int) -> None:
    """ts.gradcheck."""
    check_sample(sample, seed)


def shapes_only(sample: Sample, seed: int) -> None:
    """There is a gradient for each argument, and it has the argument's shape and dtype."""
    tensors = sample.tensors()
    for x, dx in zip(tensors.values(), _analytic(sample, _ones(sample)), strict=True):
        assert dx.shape == x.shape and dx.dtype == x.dtype


def sum_cotangent(sample: Sample, seed: int) -> None:
    """The loss is y.sum(); each argument along one random direction."""
    u, rng = _ones(sample), np.random.default_rng(seed)
    for i, dx in enumerate(_analytic(sample, u)):
        v = rng.standard_normal(dx.shape)
        _compare((dx * v).sum(), _difference(sample, u, i, v), np.abs(dx * v).sum())


def one_entry(sample: Sample, seed: int) -> None:
    """The loss is sum u y with random u; one random entry of each argument."""
    rng = np.random.default_rng(seed)
    u = [rng.standard_normal(y.shape) for y in _ones(sample)]
    for i, dx in enumerate(_analytic(sample, u)):
        if dx.size:
            v = np.zeros(dx.shape)
            v.flat[rng.integers(dx.size)] = 1
            _compare((dx * v).sum(), _difference(sample, u, i, v), np.abs(dx).max())


def float32(sample: Sample, seed: int) -> None:
    """The loss is sum u y with random u; every entry, but values and differences are taken in float32."""
    error = largest_error_32(sample, seed)
    assert error <= RELATIVE_32, error


def largest_error_32(sample: Sample, seed: int) -> float:
    """The largest difference between backward and central differences in float32, relative to the gradient's largest
    entry, or to 1. Correct code comes to 1.1e-2 (logsumexp): hence RELATIVE_32."""
    rng = np.random.default_rng(seed)
    u = [rng.standard_normal(y.shape).astype("float32") for y in _ones(sample)]
    worst = 0.0
    for i, dx in enumerate(_analytic(sample, u, "float32")):
        size = max(1.0, float(np.abs(dx).max(initial=0)))
        for entry in range(dx.size):
            v = np.zeros(dx.shape, "float32")
            v.flat[entry] = 1
            worst = max(worst, abs(dx.flat[entry] - _difference(sample, u, i, v, "float32")) / size)
    return worst


CHECKERS: dict[str, Callable[[Sample, int], None]] = {
    "ts.gradcheck": ours, "shapes only": shapes_only, "sum() cotangent": sum_cotangent,
    "one entry per argument": one_entry, "float32": float32}


def _outputs(sample: Sample, tensors: list) -> list:
    with at_step(0):
        y = sample.f(*tensors)
    return list(y) if isinstance(y, tuple) else [y]


def _ones(sample: Sample) -> list:
    with no_grad():
        return [np.ones(y.shape) for y in _outputs(sample, list(sample.tensors().values()))]


def _analytic(sample: Sample, u: list, dtype: str = "float64") -> list:
    """dL/dx for each argument, L = sum u y, on the host."""
    tensors = list(sample.tensors(dtype).values())
    parts = [(y * to_device(w.astype(dtype))).sum() for y, w in zip(_outputs(sample, tensors), u, strict=True)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return [to_host(dx) for dx in gradients(total, tensors)]


def _difference(sample: Sample, u: list, i: int, v, dtype: str = "float64") -> float:
    """(L(x_i + h v) - L(x_i - h v)) / 2h, for argument i."""
    h = STEP if dtype == "float64" else STEP_32
    losses = []
    for s in (h, -h):
        inputs = [np.asarray(x, dtype) for x in sample.inputs]
        inputs[i] = inputs[i] + np.asarray(s * v, dtype)
        moved = sample._replace(inputs=inputs)
        with no_grad():
            ys = _outputs(moved, list(moved.tensors(dtype).values()))
        losses.append(sum((to_host(y.data) * w.astype(dtype)).sum(dtype=dtype) for y, w in zip(ys, u, strict=True)))
    return float(losses[0] - losses[1]) / (2 * h)


def _compare(analytic: float, numeric: float, size: float) -> None:
    assert abs(analytic - numeric) <= RELATIVE * max(1.0, size), (analytic, numeric)
