"""For every op: examples on which its gradient is checked, by the tests and by `tinyseq gradcheck`.

An example is a function of a random generator that returns (f, inputs): f takes the inputs as tensors and returns what
the op returns; `inputs` are float64 arrays. A new op needs a line here. The by-hand sequences of the recurrent cells
have theirs in layers/recurrent/examples.py.
"""
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.gradcheck import Report, gradcheck

np = host.np

Example = Callable[[Any], tuple[Callable[..., Any], list]]


def check(example: Example, seed: int = 0) -> Report:
    """Gradcheck one example."""
    f, inputs = example(np.random.default_rng(seed))
    return gradcheck(f, *(tensor(x, requires_grad=True) for x in inputs))


def plain(f, *shapes):
    """f at normal random inputs."""
    return lambda rng: (f, [rng.standard_normal(shape) for shape in shapes])


def positive(f, *shapes):
    """f at inputs from 0.5 to 2, either side of no pole."""
    return lambda rng: (f, [rng.uniform(0.5, 2, shape) for shape in shapes])


def away_from_zero(f, shape):
    """f at inputs of either sign, at least 0.1 from 0."""
    return lambda rng: (f, [rng.choice([-1, 1], shape) * rng.uniform(0.1, 2, shape)])


def distinct(f, shape):
    """f at inputs that lie at least 0.1 apart, so that no two are the largest at once."""
    return lambda rng: (f, [rng.permutation(np.prod(shape)).reshape(shape) * 0.1])


def ids(*values):
    return to_device(np.array(values))


PAIRS = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 4), (3, 1)), ((), (2, 3)), ((1,), (1, 1)), ((0, 3), (3,))]
MATRICES = [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 1, 2, 3), (5, 3, 4)), ((3,), (3,)),
            ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (2, 3, 4)), ((5, 2, 3), (3,)), ((1, 1), (1, 1)), ((0, 3), (3, 2)),
            ((2, 2, 3), (2, 3, 1))]
AXES = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 2)}, {"axis": (-1, 0), "keepdims": True}]

EXAMPLES = {
    "add": [plain(ops.add, *pair) for pair in PAIRS] + [plain(lambda x: 2.0 + x, (2,)), plain(lambda x: x + 2.0, (2,))],
    "sub": [plain(ops.sub, *pair) for pair in PAIRS] + [plain(lambda x: 2.0 - x, (2,)), plain(lambda x: x - 2.0, (2,))],
    "mul": [plain(ops.mul, *pair) for pair in PAIRS] + [plain(lambda x: 2.0 * x, (2,)), plain(lambda x: x * x, (2,))],
    "div": [positive(ops.div, *pair) for pair in PAIRS] + [positive(lambda x: 2.0 / x, (2,))],
    "neg": [plain(ops.neg, (2, 3)), plain(ops.neg, ())],
    "power": [positive(lambda x, n=n: x ** n, (2, 3)) for n in (0, 1, 2, 3, 0.5, -1)]
             + [away_from_zero(lambda x: x ** 3, (2, 3))],
    "exp": [plain(ops.exp, (2, 3)), plain(ops.exp, ())],
    "log": [positive(ops.log, (2, 3)), positive(ops.log, ())],
    "sqrt": [positive(ops.sqrt, (2, 3)), positive(ops.sqrt, ())],
    "where": [plain(lambda a, b: ops.where(ids(0, 1, 1) > 0, a, b), *pair)
              for pair in [((2, 3), (2, 3)), ((3,), (2, 3)), ((2, 1), ()), ((1,), (1, 1))]]
             + [plain(lambda a: ops.where(ids(0, 1, 1) > 0, a, 0.0), (3,))],
    "dropout": [plain(lambda x: ops.dropout(x, 0.5), (4, 3)), plain(lambda x: ops.dropout(x, 0.0), (4,)),
                plain(lambda x: ops.dropout(x, 0.3, path="a.b"), (2, 3, 4))],
    "gather": [plain(lambda x: ops.gather(x, ids(2, 0, 2, 2)), (3, 2)),
               plain(lambda x: ops.gather(x, ids([0, 1], [1, 1])), (2, 3, 2)),
               plain(lambda x: ops.gather(x, ids(1, 1)), (3,)), plain(lambda x: ops.gather(x, 1), (3, 2)),
               plain(lambda x: ops.gather(x, ids(999, 0, 999)), (1000, 2)),
               plain(lambda x: ops.gather(x, np.zeros((2, 0), int)), (3, 2))],
    "cross_entropy": [plain(lambda x: ops.cross_entropy(x, ids(0, 3, 3)), (3, 4)),
                      plain(lambda x: ops.cross_entropy(x, ids([0, -1], [-1, 2]), ignore_index=-1), (2, 2, 4)),
                      plain(lambda x: ops.cross_entropy(x, ids(1, 2), ignore_index=2, reduction="sum"), (2, 3)),
                      plain(lambda x: ops.cross_entropy(x, ids(-1, -1), ignore_index=-1, reduction="sum"), (2, 3)),
                      plain(lambda x: ops.cross_entropy(x.transpose(1, 0, 2), ids([0, 1, 2], [3, 2, 1])), (3, 2, 4)),
                      plain(lambda x: ops.cross_entropy(x, to_device(np.array(1))), (3,)),
                      plain(lambda x: ops.cross_entropy(x, ids(0, 0)), (2, 1))],
    "mse": [plain(ops.mse, (2, 3), (2, 3)), plain(lambda y, t: ops.mse(y, t, reduction="sum"), (4,), (4,)),
            plain(ops.mse, (), ())],
    "matmul": [plain(ops.matmul, *pair) for pair in MATRICES]
              + [plain(lambda a, b: a.transpose(1, 0, 2) @ b, (5, 2, 3), (3, 4)),
                 plain(lambda a, b: a.transpose(2, 0, 1) @ b, (3, 2, 5), (2, 4)),
                 plain(lambda a, b: a.transpose() @ b.transpose(), (3, 2), (4, 3))],
    "sum": [plain(lambda x, s=s: ops.sum(x, **s), (2, 3, 4)) for s in AXES]
           + [plain(ops.sum, ()), plain(ops.sum, (0, 2))],
    "mean": [plain(lambda x, s=s: ops.mean(x, **s), (2, 3, 4)) for s in AXES] + [plain(ops.mean, ())],
    "max": [distinct(lambda x, s=s: ops.max(x, **s), (2, 3, 4)) for s in AXES] + [plain(ops.max, ())],
    "reshape": [plain(lambda x: x.reshape(3, -1), (2, 6)), plain(lambda x: x.reshape((4, 3)), (2, 6)),
                plain(lambda x: x.reshape(1, 1), ()), plain(lambda x: x.transpose().reshape(-1), (2, 3))],
    "transpose": [plain(lambda x: x.transpose(), (2, 3, 4)), plain(lambda x: x.transpose(1, 2, 0), (2, 3, 4)),
                  plain(lambda x: x.transpose(-1, 0, 1), (2, 3, 4)),
                  plain(lambda x: x.transpose((2, 0, 1)), (2, 3, 4))],
    "concat": [plain(lambda a, b: ops.concat(a, b), (2, 3), (2, 1)), plain(lambda a: ops.concat(a, a, axis=0), (2, 3)),
               plain(lambda a, b, c: ops.concat(a, b, c, axis=1), (2, 1, 2), (2, 0, 2), (2, 3, 2))],
    "stack": [plain(lambda a, b: ops.stack(a, b), (2, 3), (2, 3)), plain(lambda a: ops.stack(a, a, axis=-1), (2, 3)),
              plain(lambda a, b: ops.stack(a, b, axis=1), (2,), (2,)), plain(lambda a: ops.stack(a), ())],
    "split": [plain(lambda x: ops.split(x, 3), (2, 6)), plain(lambda x: ops.split(x, 2, axis=0), (4, 3)),
              plain(lambda x: ops.split(x, 4)[2], (8,)), plain(lambda x: ops.split(x, 1), (2,))],
    "take": [plain(lambda x, i=i: x[i], (3, 4, 2)) for i in (0, -1, slice(1, None), (slice(None), 2), (..., 1),
                                                             (slice(None, None, -2), None, 3), np.int64(1))],
    "reverse": [plain(lambda x: ops.reverse(x, ids(3, 2, 0)), (3, 4, 2)), plain(lambda x: ops.reverse(x, [1]), (1, 1))],
    "tanh": [plain(ops.tanh, (2, 3)), plain(ops.tanh, ())],
    "sigmoid": [plain(ops.sigmoid, (2, 3)), plain(ops.sigmoid, ())],
    "relu": [away_from_zero(ops.relu, (2, 3)), away_from_zero(ops.relu, ())],
    "softmax": [plain(ops.softmax, (3, 4)), plain(lambda x: ops.softmax(x, axis=0), (3, 4)),
                plain(ops.softmax, (2, 1))],
    "log_softmax": [plain(ops.log_softmax, (3, 4)), plain(lambda x: ops.log_softmax(x, axis=1), (2, 3, 2))],
}
