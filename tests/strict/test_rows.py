"""Gradients by rows never make the host wait, and never compute in float64 what is float32."""
import pytest

from tinyseq import layers, ops
from tinyseq.autograd import gradients
from tinyseq.backend import host, to_device
from tinyseq.backend.strict import synchronisations
from tinyseq.optim import SparseAdam, clip_norm, clip_value
from tinyseq.rowgrad import RowGrad, added

np = host.np


@pytest.mark.parametrize("V", [7, 2000])
def test_a_training_step_of_a_sparse_embedding_never_waits(V):
    """Twice looked up, two shards added, both ways to clip, moved; with few rows, and more than the one-hot product."""
    layer = layers.Embedding(V, 3, sparse=True)
    optimiser, rng = SparseAdam(layer.parameters()), np.random.default_rng(0)
    with synchronisations() as seen:
        for _ in range(2):
            ids = rng.integers(0, V, (2, 2, 30, 40))
            shards = [gradients((ops.tanh(layer(a)) * layer(b)).sum(), [layer.W])[0] for a, b in ids]
            layer.W.grad = added(*shards)
            clip_norm([layer.W], 1.0)
            clip_value([layer.W], 0.5)
            optimiser.step()
    assert seen.count == 0, str(seen)
    assert isinstance(layer.W.grad, RowGrad) and layer.W.grad.dtype == "float32"


def test_ids_on_the_device_make_it_wait_once():
    layer = layers.Embedding(7, 3, sparse=True)
    ids = to_device(np.array([1, 2]))
    with synchronisations() as seen:
        gradients(layer(ids).sum(), [layer.W])
    assert seen.count == 1
