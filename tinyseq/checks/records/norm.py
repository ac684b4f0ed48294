"""Records of ops/norm.py. The references take one position, or one channel, at a time.

The entries of x lie apart from each other: where the variance is near 0, these functions are so steep that no
difference quotient follows them.
"""
import math
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.draws import distinct, normal
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.shapes import KINDS, an_axis, shape_of

np = host.np

WITH_AXES = tuple(kind for kind in KINDS if kind != "scalar")
WITH_A_BATCH = tuple(kind for kind in WITH_AXES if kind != "empty")
EPSILONS = [1e-5, 1e-3, 0.3]


def normalised(values: Any, epsilon: float) -> tuple[list[float], float, float]:
    """These numbers brought to mean 0 and variance 1; what their mean and variance were."""
    mean = math.fsum(values) / len(values)
    variance = math.fsum((v - mean) ** 2 for v in values) / len(values)
    return [(v - mean) / math.sqrt(variance + epsilon) for v in values], mean, variance


def divided_by_rms(values: Any, epsilon: float) -> list[float]:
    """These numbers brought to root mean square 1."""
    rms = math.sqrt(math.fsum(v * v for v in values) / len(values) + epsilon)
    return [v / rms for v in values]


def of_positions(f: Callable, of_one: Callable, weights: int) -> Callable:
    """The draw of a norm over the last axis, with gamma alone or with beta as well."""
    def draw(rng: Any, kind: str) -> Sample:
        shape, epsilon = shape_of(rng, kind, least=1), float(rng.choice(EPSILONS))
        while not shape[-1]:
            shape = shape_of(rng, kind, least=1)           # empty, but for the channels

        def reference(x: Any, gamma: Any, beta: Any = 0) -> Any:
            y = np.zeros(shape, x.dtype)
            for place in np.ndindex(shape[:-1]):
                y[place] = np.array(of_one([float(v) for v in x[place]], epsilon)) * gamma + beta
            return y
        return Sample([distinct(rng, shape), *(normal(rng, shape[-1:]) for _ in range(weights))],
                      lambda *inputs: f(*inputs, epsilon=epsilon), reference)
    return draw


def draw_batch_norm(rng: Any, kind: str) -> Sample:
    shape, epsilon = shape_of(rng, kind, least=2), float(rng.choice(EPSILONS))
    axis = an_axis(rng, shape)

    def reference(x: Any, gamma: Any, beta: Any) -> tuple:
        y, mean, variance = (np.zeros(s, x.dtype) for s in (shape, gamma.shape, gamma.shape))
        for c in range(shape[axis]):
            channel = np.moveaxis(x, axis, 0)[c]
            n, mean[c], variance[c] = normalised([float(v) for v in channel.flat], epsilon)
            np.moveaxis(y, axis, 0)[c] = np.reshape(n, channel.shape) * gamma[c] + beta[c]
        return y, mean, variance
    C = shape[axis]
    return Sample([distinct(rng, shape), normal(rng, (C,)), normal(rng, (C,))],
                  lambda x, gamma, beta: ops.batch_norm(x, gamma, beta, channel_axis=axis, epsilon=epsilon), reference)


x23, x20, three, two = (tensor(np.ones(shape)) for shape in ((2, 3), (2, 0), 3, 2))

RECORDS = {
    "layer_norm": Record(of_positions(ops.layer_norm, lambda values, e: normalised(values, e)[0], 2), (
        Mistake(lambda: ops.layer_norm(x23, two, three), ("layer_norm", "(2, 3)", "C=3", "gamma", "(2,)")),
        Mistake(lambda: ops.layer_norm(x23, three, x23), ("layer_norm", "(2, 3)", "C=3", "beta", "(3,)")),
        Mistake(lambda: ops.layer_norm(x20, x20[0], x20[0]), ("layer_norm", "(2, 0)", "no channel", "axis -1")),
        Mistake(lambda: ops.layer_norm(tensor(np.array(1.0)), three, three), ("layer_norm", "axis -1", "()")),
    ), WITH_AXES),
    "rms_norm": Record(of_positions(ops.rms_norm, divided_by_rms, 1), (
        Mistake(lambda: ops.rms_norm(x23, two), ("rms_norm", "(2, 3)", "C=3", "gamma", "(2,)")),
        Mistake(lambda: ops.rms_norm(x20, x20[0]), ("rms_norm", "(2, 0)", "no channel")),
    ), WITH_AXES),
    "batch_norm": Record(draw_batch_norm, (
        Mistake(lambda: ops.batch_norm(x23, two, three), ("batch_norm", "(2, 3)", "C=3", "axis -1", "gamma", "(2,)")),
        Mistake(lambda: ops.batch_norm(x23, two, three, channel_axis=0), ("C=2", "axis 0", "beta", "(3,)")),
        Mistake(lambda: ops.batch_norm(x23, two, two, channel_axis=2), ("batch_norm", "axis 2", "(2, 3)")),
        Mistake(lambda: ops.batch_norm(three, three, three), ("batch_norm", "(3,)", "no batch")),
        Mistake(lambda: ops.batch_norm(x23[:0], three, three), ("batch_norm", "(0, 3)", "no batch")),
    ), WITH_A_BATCH),
}
