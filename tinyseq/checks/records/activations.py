"""Records of ops/activations.py."""
from tinyseq import ops
from tinyseq.backend import host
from tinyseq.checks.records.draws import away_from_zero, pointwise
from tinyseq.checks.records.record import Record

np = host.np

RECORDS = {
    "tanh": Record(pointwise(ops.tanh, np.tanh)),
    "sigmoid": Record(pointwise(ops.sigmoid, lambda x: 1 / (1 + np.exp(-x)))),
    "relu": Record(pointwise(ops.relu, lambda x: np.where(x > 0, x, 0), numbers=away_from_zero)),
}
