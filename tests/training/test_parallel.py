"""One batch, several threads: the same gradient, the same masks, the same state as with one."""
import os
import threading
from dataclasses import dataclass

import numpy as np
import pytest

from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import manual_seed, to_host
from tinyseq.data import Rows
from tinyseq.exercises.child import run
from tinyseq.layers import BatchNorm1d, Linear, Module
from tinyseq.models import char_gru, char_lstm, char_rnn
from tinyseq.training import TextBatch, default_threads, loss_and_gradients
from tinyseq.training.parallel import one_blas_thread_each, wants_whole_batches

PAGES = [char_rnn, char_lstm, char_gru]


def model_of(page, dropout=0.0):
    manual_seed(0)
    return page.Model(page.Config(V=7, H=5, dropout=dropout)).astype("float64")


def batch_of(model, B, T=6, with_state=False):
    rng = np.random.default_rng(B)
    ids, targets = rng.integers(0, 7, (2, B, T))
    state = model.start(B)
    if with_state:
        state = state.with_arrays([rng.standard_normal(a.shape) for a in state.arrays()])
    return TextBatch(ids, targets, state if with_state else None)


def computed(model, B, threads, step=0, with_state=False):
    """The loss, the gradients and the last state's arrays, on the host."""
    batch = batch_of(model, B, with_state=with_state)
    loss, grads = loss_and_gradients(model, batch, threads, step)
    return [float(loss), *map(to_host, grads), *map(to_host, batch.last_state.arrays())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
@pytest.mark.parametrize("B", [1, 2, 4, 7])                  # fewer rows than threads, and uneven shares
@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("with_state", [False, True])
def test_the_number_of_threads_changes_nothing(page, B, dropout, with_state):
    model = model_of(page, dropout)
    alone = computed(model, B, 1, 3, with_state)
    for threads in (2, 3):
        for one, other in zip(alone, computed(model, B, threads, 3, with_state), strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)


def test_the_same_threads_give_the_same_bits():
    model = model_of(char_lstm, 0.5).astype("float32")
    batch = [computed(model, 7, 3) for _ in range(5)]
    for other in batch[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(batch[0], other, strict=True))


def test_dropout_depends_on_the_step():
    model = model_of(char_lstm, 0.5)
    assert computed(model, 4, 2, 0)[0] == pytest.approx(computed(model, 4, 1, 0)[0], rel=1e-12)
    assert computed(model, 4, 2, 0)[0] != pytest.approx(computed(model, 4, 2, 1)[0], rel=1e-6)


def test_the_loss_is_the_mean_and_its_derivative_the_gradient():
    model = model_of(char_lstm)
    loss, grads = loss_and_gradients(model, batch_of(model, 5), 2)
    with no_grad():
        total, count = model.loss(batch_of(model, 5))
    assert count == 30 and float(loss) == pytest.approx(total.item() / 30, rel=1e-12)
    W, g, h = model.parameters()[-1], grads[-1], 1e-6            # along the gradient of the output's bias
    before = W.data.copy()
    values = []
    for sign in (1, -1):
        W.data = before + sign * h * g
        values.append(float(loss_and_gradients(model, batch_of(model, 5), 1)[0]))
    assert (values[0] - values[1]) / (2 * h) == pytest.approx(float((g * g).sum()), rel=1e-6)


def test_gradients_come_in_the_order_of_the_parameters_and_leave_grad_alone():
    model = model_of(char_gru)
    _, grads = loss_and_gradients(model, batch_of(model, 4), 2)
    assert [g.shape for g in grads] == [p.shape for p in model.parameters()]
    assert all(p.grad is None for p in model.parameters())


def test_shares_are_in_order_and_as_equal_as_can_be():
    batch = batch_of(model_of(char_rnn), 7, with_state=True)
    shards = batch.split(3)
    assert [len(shard.ids) for shard in shards] == [3, 2, 2]
    assert [shard.first_row for shard in shards] == [0, 3, 5]
    assert np.array_equal(np.concatenate([shard.ids for shard in shards]), batch.ids)
    assert np.array_equal(np.concatenate([shard.targets for shard in shards]), batch.targets)
    h = [to_host(shard.state.arrays()[0]) for shard in shards]
    assert np.array_equal(np.concatenate(h), to_host(batch.state.arrays()[0]))
    assert len(batch.split(20)) == 7


def test_a_share_can_be_shared_again():
    inner = batch_of(model_of(char_rnn), 7).split(2)[1].split(2)
    assert [shard.first_row for shard in inner] == [4, 6]


def test_the_last_states_are_joined_in_the_order_of_the_rows():
    model = model_of(char_lstm)
    batch = batch_of(model, 5)
    loss_and_gradients(model, batch, 3)
    rows = [model(batch.ids[row:row + 1])[1].arrays() for row in range(5)]
    for part, joined in enumerate(batch.last_state.arrays()):
        alone = np.concatenate([to_host(row[part]) for row in rows])
        np.testing.assert_allclose(to_host(joined), alone, atol=1e-12)


def test_the_last_state_is_cut_off_from_its_history():
    model = model_of(char_lstm)
    batch = batch_of(model, 4)
    loss_and_gradients(model, batch, 2)
    assert not any(part.requires_grad for cell in batch.last_state for part in cell)


def test_an_error_in_a_thread_reaches_the_caller():
    model = model_of(char_rnn)
    batch = batch_of(model, 4)
    batch.ids[3, 0] = 99                                         # the second thread's
    with pytest.raises(ValueError, match="99"):
        loss_and_gradients(model, batch, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_makes_threads_of_its_own():
    model = model_of(char_rnn)
    batch = batch_of(model, 4)
    here, _ = loss_and_gradients(model, batch, 2)                # the pool of this process has its threads now
    called = run(lambda: to_host(loss_and_gradients(model, batch, 2)[0]), [{}], 20)
    assert not called.ending and called.calls[0].returned[0] == to_host(here)


def test_several_threads_compute_at_once():
    model, seen = model_of(char_rnn), threading.Barrier(2, timeout=10)
    whole = model.loss

    def loss(batch):
        seen.wait()                                              # passes only if both are inside
        return whole(batch)
    model.loss = loss
    loss_and_gradients(model, batch_of(model, 4), 2)


class Normalised(Module):
    """What a row becomes depends on the others of its batch."""

    def __init__(self):
        self.linear, self.norm = Linear(3, 2), BatchNorm1d(2)

    def loss(self, batch):
        y = self.norm(self.linear(tensor(batch.x)))
        return (y * y * y).sum(), len(batch.x)


@dataclass(kw_only=True)
class Numbers(Rows):
    x: np.ndarray


def test_batch_normalisation_sees_each_batch_whole_and_counts_it_once():
    batch = Numbers(x=np.random.default_rng(0).standard_normal((7, 3)))
    found = []
    for threads in (1, 2, 3):
        manual_seed(0)
        model = Normalised().astype("float64")
        assert wants_whole_batches(model)
        loss, grads = loss_and_gradients(model, batch, threads)
        found.append([loss, *grads, model.norm.running_mean.data, model.norm.running_variance.data])
    for other in found[1:]:
        assert all(np.array_equal(to_host(a), to_host(b)) for a, b in zip(found[0], other, strict=True))
    assert len(model.norm.running_mean.data) == 2 and to_host(model.norm.running_mean.data).any()


def test_in_use_or_frozen_it_does_not():
    assert not wants_whole_batches(Normalised().eval())
    model = Normalised()
    model.norm.freeze()
    assert not wants_whole_batches(model.train())
    assert not wants_whole_batches(model_of(char_rnn))


def test_default_threads():
    assert 1 <= default_threads() <= 8


def test_blas_has_one_thread_inside_and_what_it_had_after():
    from threadpoolctl import threadpool_info

    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    before = threads()
    with one_blas_thread_each():
        assert all(n == 1 for n in threads())
    assert threads() == before
