"""The transformer written out in PyTorch is the one of tinyseq, also where a text goes on behind a window."""
import numpy as np
import pytest

from tinyseq.backend import manual_seed
from tinyseq.models import char_transformer

pytestmark = pytest.mark.oracle


def test_it_is_the_same_model():
    import torch
    from transformer_reference import TransformerReference

    manual_seed(0)
    ours = char_transformer.Model(char_transformer.Config(V=7, C=8, num_layers=2, num_heads=2, context=5)).eval()
    theirs, ids = TransformerReference(ours), np.random.default_rng(0).integers(0, 7, (3, 24))
    mine, state, other = None, None, None
    for part in np.split(ids, 3, axis=1):
        mine, state = ours(part, state)
        logits, other = theirs(torch.tensor(part), other)
        np.testing.assert_allclose(mine.numpy(), logits.detach().numpy(), atol=1e-5)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.add_(1.0)
    before = ours.state_dict()
    theirs.write_back(ours)
    for name, value in ours.state_dict().items():
        np.testing.assert_allclose(value, before[name] + 1, rtol=1e-6)
