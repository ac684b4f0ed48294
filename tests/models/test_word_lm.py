"""The word model's page: its equations, tied and untied, its gradients and that it reads in one direction."""
import dataclasses

import numpy as np
import pytest

from tinyseq import autograd, checks
from tinyseq.backend import at_step, host, manual_seed, to_host
from tinyseq.models import word_lm as page
from tinyseq.training.words import WordTask

TIED = pytest.mark.parametrize("tied", [True, False])


def tiny(**settings):
    manual_seed(0)
    return page.WordLM(dataclasses.replace(page.TINY, **settings)).astype("float64")


def some_ids(B=2, T=6):
    return host.np.random.default_rng(0).integers(0, page.TINY.V, (B, T))


@TIED
def test_every_weight_of_tiny_has_the_right_gradient(tied):
    model, batch = tiny(tied=tied), WordTask.tiny_batch(page.TINY, host.np.random.default_rng(0))
    report = checks.gradcheck(lambda: model.loss(batch)[0], params=model)
    assert {name for name, _ in report.checked} == {name for name, _ in model.named_parameters()}
    assert model.count() <= 500


@TIED
def test_parameters(tied):
    V, H = 5093, 256
    model = page.WordLM(page.Config(V=V, H=H, tied=tied))
    assert model.count() == V * H + 4 * (H * H + H * H + H) + V + (0 if tied else H * V)


@TIED
def test_logits_are_the_equations_of_the_page(tied):
    model, ids = tiny(tied=tied), some_ids()
    E = to_host(model.E.data)
    W_hy = E.T if tied else to_host(model.W_hy.data)
    hs, _ = model.stack(autograd.tensor(E[ids]))
    expected = to_host(hs.data) @ W_hy + to_host(model.b_y.data)
    np.testing.assert_allclose(model(ids)[0].numpy(), expected, atol=1e-12)


def test_a_tied_row_learns_from_reading_and_from_writing():
    model = tiny(tied=True)
    ids = some_ids()
    logits, _ = model(np.zeros_like(ids))                  # word 0 alone is read
    gradient, = autograd.gradients(logits[:, :, 3].sum(), [model.E])
    is_learning = (to_host(gradient) != 0).any(axis=1)
    assert is_learning.tolist() == [v in (0, 3) for v in range(page.TINY.V)]


@TIED
def test_it_reads_in_one_direction_and_rows_do_not_meet(tied):
    model = tiny(tied=tied).eval()
    checks.assert_causal(lambda ids: model(ids)[0], some_ids())
    checks.assert_batch_independent(lambda ids: model(ids)[0], some_ids(3))


@pytest.mark.parametrize("cut", [1, 3])
def test_word_by_word_and_in_chunks_is_reading_at_once(cut):
    model, ids = tiny().eval(), some_ids()
    at_once, _ = model(ids)
    state, logits = None, []
    for t in range(0, ids.shape[1], cut):
        part, state = model(ids[:, t:t + cut], state)
        logits.append(part.numpy())
    np.testing.assert_allclose(np.concatenate(logits, axis=1), at_once.numpy(), atol=1e-12)
    state = model.start(2)
    for t in range(ids.shape[1]):
        y, state = model.step(ids[:, t], state)
        np.testing.assert_allclose(y.numpy(), at_once.numpy()[:, t], atol=1e-12)


def test_dropout_falls_on_what_is_read_and_on_what_is_said():
    model = tiny(dropout=0.5)
    assert [model.dropout_of_words.p, model.dropout.p] == [0.5, 0.5]
    ids = some_ids()
    with at_step(0):
        noisy = model(ids)[0].numpy()
    assert not np.allclose(noisy, model.eval()(ids)[0].numpy())
