"""Chapter 8.1's page: three networks of one size, what each may read (by the leak detectors), every gradient."""
import numpy as np
import pytest

from tinyseq import autograd, checks, ops
from tinyseq.backend import host, manual_seed, to_device, to_host
from tinyseq.layers import LSTM
from tinyseq.models import three_language_models as page
from tinyseq.training.masked import MaskedTask

V, T = page.TINY.V, 6


def tiny():
    manual_seed(0)
    return page.ThreeLanguageModels(page.TINY).astype("float64")


def some_ids(B=2):
    return host.np.random.default_rng(0).integers(0, V, (B, T))


def one_at_a_time(model):
    """ids (B, T) -> (B, T, V): the masked model's logits of each step while that step alone is masked."""
    def f(ids):
        steps = [model.masked(ids, host.np.full((len(ids), 1), t)) for t in range(ids.shape[1])]
        return ops.concat(*steps, axis=1)
    return f


# What each may read -----------------------------------------------------------------------------------------

def test_the_autoregressive_one_reads_what_came_before():
    model = tiny()
    checks.assert_causal(model.autoregressive, some_ids())
    checks.assert_answer_unseen(model.autoregressive, some_ids())


def test_the_bidirectional_one_reads_both_sides_and_never_the_answer():
    model = tiny()
    checks.assert_answer_unseen(model.bidirectional, some_ids())
    with pytest.raises(AssertionError, match="depends on input step"):
        checks.assert_causal(model.bidirectional, some_ids())


def test_the_masked_one_does_not_know_what_is_masked_and_reads_both_sides():
    model = tiny()
    checks.assert_answer_unseen(one_at_a_time(model), some_ids())
    with pytest.raises(AssertionError, match="depends on input step"):
        checks.assert_causal(one_at_a_time(model), some_ids())


def test_masked_places_are_hidden_from_each_other():
    model, places = tiny(), host.np.array([[1, 2, 4], [0, 3, 5]])
    ids, others = some_ids(), some_ids()
    host.np.put_along_axis(others, places, (host.np.take_along_axis(ids, places, 1) + 1) % V, axis=1)
    assert np.array_equal(model.masked(ids, places).numpy(), model.masked(others, places).numpy())
    others[0, 0] = (others[0, 0] + 1) % V                  # one that is not masked
    assert not np.array_equal(model.masked(ids, places).numpy()[0], model.masked(others, places).numpy()[0])


@pytest.mark.parametrize("name", ["autoregressive", "bidirectional"])
def test_rows_do_not_meet(name):
    checks.assert_batch_independent(getattr(tiny(), name), some_ids(3))


def test_a_step_further_to_either_side_would_be_noticed(monkeypatch):
    """With h_t in place of h_{t-1}, or g_t in place of g_{t+1}, as the book has it."""
    for shift in ("step_before", "step_after"):
        with monkeypatch.context() as patch:
            patch.setattr(page, shift, lambda hs: hs)
            with pytest.raises(AssertionError, match="which it is to predict"):
                checks.assert_answer_unseen(tiny().bidirectional, some_ids())


def test_a_second_layer_would_be_noticed():
    """Its states know all steps, whatever is taken of them."""
    model = tiny().bidirectional
    model.stack = LSTM(V, 2, num_layers=2, bidirectional=True).astype("float64")
    with pytest.raises(AssertionError, match="in one layer only"):
        checks.assert_answer_unseen(model, some_ids())


# Equations --------------------------------------------------------------------------------------------------

def test_the_ends_of_a_window_stand_on_zeros():
    model, ids = tiny(), some_ids()
    b = to_host(model.autoregressive.output.b.data)
    np.testing.assert_allclose(model.autoregressive(ids).numpy()[:, 0], np.tile(b, (2, 1)))
    both = model.bidirectional
    hs, gs = np.split(both.stack(ids)[0].numpy(), 2, axis=-1)
    W, b = to_host(both.output.W.data), to_host(both.output.b.data)
    H = hs.shape[-1]
    y = both(ids).numpy()
    np.testing.assert_allclose(y[:, 0], gs[:, 1] @ W[H:] + b, atol=1e-12)
    np.testing.assert_allclose(y[:, -1], hs[:, -2] @ W[:H] + b, atol=1e-12)
    np.testing.assert_allclose(y[:, 2], hs[:, 1] @ W[:H] + gs[:, 3] @ W[H:] + b, atol=1e-12)


def test_mask_is_a_symbol_of_its_own():
    model, ids = tiny(), some_ids()
    places = host.np.array([[2], [5]])
    masked = ids.copy()
    masked[[0, 1], [2, 5]] = V
    both, _ = model.masked.stack(masked)
    expected = model.masked.output(both).numpy()[[0, 1], [2, 5]]
    np.testing.assert_allclose(model.masked(ids, places).numpy()[:, 0], expected, atol=1e-12)
    assert np.array_equal(ids, some_ids()), "the reader's ids stay as they were"
    np.testing.assert_allclose(model.masked(to_device(ids), places).numpy()[:, 0], expected, atol=1e-12)


def test_one_step_further_is_the_next_of_the_whole():
    model, ids = tiny(), some_ids()
    at_once = model.autoregressive(ids).numpy()
    state = model.start(2)
    for t in range(T - 1):
        y, state = model.step(ids[:, t], state)
        np.testing.assert_allclose(y.numpy(), at_once[:, t + 1], atol=1e-12)


# Loss and sizes ---------------------------------------------------------------------------------------------

def surprises(logits, ids):
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, ids[..., None], axis=-1)[..., 0]


def test_the_loss_is_the_mean_of_the_three():
    model, batch = tiny(), MaskedTask.tiny_batch(page.TINY, host.np.random.default_rng(0))
    ids, places = batch.ids, batch.places
    total, count = model.loss(batch)
    each = [surprises(model.autoregressive(ids).numpy(), ids).mean(),
            surprises(model.bidirectional(ids).numpy(), ids).mean(),
            surprises(model.masked(ids, places).numpy(), np.take_along_axis(ids, places, axis=1)).mean()]
    assert count == 3 * ids.size
    assert total.item() / count == pytest.approx(np.mean(each))


def test_they_share_no_weight():
    model, batch = tiny(), MaskedTask.tiny_batch(page.TINY, host.np.random.default_rng(0))
    weights = model.autoregressive.parameters()
    together = autograd.gradients(model.loss(batch)[0], weights)
    nats = ops.cross_entropy(model.autoregressive(batch.ids), batch.ids, reduction="sum")
    for one, other in zip(together, autograd.gradients(nats, weights), strict=True):
        np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-12)


@pytest.mark.parametrize("V, H", [(65, 256), (65, 128), (4, 4), (30, 17)])
def test_they_are_of_one_size(V, H):
    h = page.units_of_equal_size(V, H)
    one_way = page.Autoregressive(V, H).count() - V        # without b, of which each has one

    def weights(h):
        return 8 * (V * h + h * h + h) + 2 * h * V
    assert weights(h) <= one_way < weights(h + 1)
    assert page.Bidirectional(V, h).count() - V == weights(h)
    assert page.Masked(V, h).count() - V == weights(h) + 8 * h       # a row for MASK


def test_the_smallest_size_is_one_unit():
    assert page.units_of_equal_size(65, 1) == 1


def test_book_sizes():
    book = page.PRESETS["book"]
    assert (book["batch"], book["seq_len"], book["lr"], book["clip_value"]) == (256, 180, 0.01, 0.5)
    assert book["steps"] == 20 * book["evaluate_every"] == 20 * ((1_115_394 - 180) // 256)
    assert page.Config().H == 256
