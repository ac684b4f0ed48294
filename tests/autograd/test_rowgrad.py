"""Gradients by rows are the same gradients: whatever they meet, their entries are those of the dense ones."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq import layers, ops
from tinyseq.anomaly import detect_anomaly
from tinyseq.autograd import gradients, op, tensor
from tinyseq.backend import host, manual_seed, to_device, to_host, xp
from tinyseq.checks import gradcheck
from tinyseq.checks.report import GradientError
from tinyseq.layers import Embedding, Module
from tinyseq.optim import SGD, Adam, AdamW, RMSprop, SparseAdam, clip_norm, clip_value
from tinyseq.rowgrad import RowGrad, added, dense, entries
from tinyseq.training import loss_and_gradients

np = host.np
V, C = 9, 2
ids_of_any_shape = st.sampled_from([(), (0,), (3,), (2, 4), (2, 0), (7,), (1, 2, 3)]).flatmap(
    lambda shape: st.lists(st.integers(0, V - 1), min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda flat: np.array(flat, "int64").reshape(shape)))


def numbers(shape, seed=0, dtype="float64"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def embedding(V=V, C=C, sparse=True, dtype="float64"):
    manual_seed(1)
    return Embedding(V, C, sparse=sparse).astype(dtype)


def host_of(gradient):
    return to_host(dense(gradient))


def added_up(ids, dys):
    whole = np.zeros((V, C), dys.dtype)
    for place in np.ndindex(ids.shape):
        whole[ids[place]] += dys[place]
    return whole


def twins(loss):
    """dL/dW of a sparse embedding and of a dense one, both on the host; loss(embedding) is a scalar."""
    found = []
    for sparse in (True, False):
        layer = embedding(sparse=sparse)
        gradient, = gradients(loss(layer), [layer.W])
        assert isinstance(gradient, RowGrad) or not sparse
        found.append(host_of(gradient))
    return found


# RowGrad itself ---------------------------------------------------------------------------------------------

@given(ids_of_any_shape)
def test_rows_of_equal_id_are_added_up(ids):
    dys = numbers((*ids.shape, C))
    g = RowGrad.summed(ids, to_device(dys), (V, C))
    assert g.rows.tolist() == sorted(set(ids.ravel().tolist())) == to_host(g.index).tolist()
    assert g.shape == (V, C) and g.ndim == 2 and g.size == V * C and g.dtype == "float64"
    np.testing.assert_allclose(np.asarray(g), added_up(ids, dys), rtol=1e-13, atol=1e-15)
    assert np.array_equal(np.asarray(g), to_host(g.dense()))


@given(ids_of_any_shape, ids_of_any_shape, st.booleans(), st.booleans())
def test_the_sum_of_two(one, other, first_sparse, second_sparse):
    a, b = (RowGrad.summed(ids, to_device(numbers((*ids.shape, C), seed)), (V, C))
            for seed, ids in enumerate((one, other)))
    right = np.asarray(a) + np.asarray(b)
    total = a if first_sparse else a.dense()
    result = added(total, b if second_sparse else b.dense())
    assert isinstance(result, RowGrad) == (first_sparse and second_sparse)
    assert first_sparse or result is total                     # an array grows in place
    np.testing.assert_allclose(host_of(result), right, rtol=1e-13, atol=1e-15)
    if isinstance(result, RowGrad):
        assert result.rows.tolist() == sorted({*a.rows.tolist(), *b.rows.tolist()})


def test_adding_to_rows_changes_neither_of_two_that_someone_may_hold():
    a, b = (RowGrad.summed(np.array([1, 2]), xp.ones((2, C)), (V, C)) for _ in range(2))
    array = xp.ones((V, C))
    added(a, b), added(a, array)
    assert (np.asarray(a) == np.asarray(b)).all() and (to_host(array) == 1).all()


def test_a_copy_has_its_own_numbers_and_entries_are_no_copy():
    g = RowGrad.summed(np.array([1, 2]), xp.ones((2, C)), (V, C))
    other = g.copy()
    values = entries(g)
    values *= 3
    assert np.asarray(g).sum() == 12 and np.asarray(other).sum() == 4
    array = xp.ones(2)
    assert entries(array) is array and dense(array) is array
    assert repr(g) == "RowGrad(2 rows of (9, 2), float64)"


def test_the_same_bits_each_time_for_many_rows():
    """More than the one-hot product takes: the sort and the segment sums."""
    ids = np.random.default_rng(0).integers(0, 3000, 4000)
    dys = to_device(numbers((4000, 3), dtype="float32"))
    first, *others = [RowGrad.summed(ids, dys, (3000, 3)) for _ in range(3)]
    assert len(first.rows) > 512
    for g in others:
        assert to_host(g.values).tobytes() == to_host(first.values).tobytes()


# The engine -------------------------------------------------------------------------------------------------

@given(ids_of_any_shape)
def test_sparse_and_dense_embeddings_have_the_same_gradient(ids):
    u = to_device(numbers((*ids.shape, C)))
    one, other = twins(lambda layer: (layer(ids) * u).sum())
    np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("form", ["list", "host", "int32", "device", "tensor"])
def test_ids_in_every_form(form):
    ids = np.array([[1, 2], [2, 8]])
    given = {"list": ids.tolist(), "host": ids, "int32": ids.astype("int32"), "device": to_device(ids),
             "tensor": tensor(ids)}[form]
    layer = embedding()
    g, = gradients(layer(given).sum(), [layer.W])
    assert g.rows.tolist() == [1, 2, 8] and to_host(g.values)[:, 0].tolist() == [1, 2, 1]


def test_one_table_looked_up_twice():
    one, other = twins(lambda layer: (layer([1, 2, 2]) * layer([2, 5, 1])).sum())
    np.testing.assert_allclose(one, other, rtol=1e-13)


def test_weights_tied_with_an_output_layer():
    layer = embedding()

    def logits(layer):
        return ops.tanh(layer([[1, 2], [2, 5]])) @ layer.W.T
    g, = gradients((logits(layer) ** 2).sum(), [layer.W])
    assert not isinstance(g, RowGrad)                          # every row has a part in the logits
    other = embedding(sparse=False)
    right, = gradients((logits(other) ** 2).sum(), [other.W])
    np.testing.assert_allclose(to_host(g), to_host(right), rtol=1e-12)


def test_a_computed_table_gets_an_array():
    x = tensor(numbers((V, C)), requires_grad=True)
    table = x * 2
    dx, dtable = gradients((ops.gather(table, [3, 3], sparse=True) ** 2).sum(), [x, table])
    assert not isinstance(dx, RowGrad) and not isinstance(dtable, RowGrad)
    np.testing.assert_allclose(to_host(dx), 2 * to_host(dtable))


def test_backward_adds_to_what_is_there():
    layer = embedding()
    layer([1, 2]).sum().backward()
    first = layer.W.grad
    layer([2, 3]).sum().backward()
    assert isinstance(layer.W.grad, RowGrad) and layer.W.grad.rows.tolist() == [1, 2, 3]
    assert to_host(layer.W.grad.values)[:, 0].tolist() == [1, 2, 1]
    assert first.rows.tolist() == [1, 2] and (to_host(first.values) == 1).all()
    (layer.W * 1.0).sum().backward()
    assert to_host(layer.W.grad)[:, 0].tolist() == [1, 2, 3, 2, 1, 1, 1, 1, 1]
    layer([0]).sum().backward()
    assert to_host(layer.W.grad)[0, 0] == 2


def test_gradcheck_takes_it_alone_twice_and_tied():
    layer = embedding()
    assert gradcheck(lambda: ops.tanh(layer([[1, 2], [2, 7]])), params=layer)
    assert gradcheck(lambda: ops.tanh(layer([1, 2])) * layer([2, 2]), params=layer)
    assert gradcheck(lambda: ops.tanh(layer([1, 2])) @ layer.W.T, params=layer)


def test_gradcheck_finds_a_wrong_row():
    @op
    def faulty_look_up(x, ids):
        return xp.take(x, to_device(ids), axis=0), lambda dy: (RowGrad.summed((ids + 1) % V, dy, x.shape), None)
    try:
        layer = embedding()
        with pytest.raises(GradientError, match="W"):
            gradcheck(lambda: faulty_look_up(layer.W, np.array([1, 2])), params=layer)
    finally:
        del ops.OPS["faulty_look_up"]


def test_gradcheck_finds_rows_that_differ_from_run_to_run():
    calls = []

    @op
    def forgetful_look_up(x, ids):
        def backward(dy):
            calls.append(1)
            return RowGrad.summed(ids, dy * (1.0 if len(calls) == 1 else 2.0), x.shape), None
        return xp.take(x, to_device(ids), axis=0), backward
    try:
        layer = embedding()
        with pytest.raises(GradientError, match="not repeatable"):
            gradcheck(lambda: forgetful_look_up(layer.W, np.array([1, 2])), params=layer)
    finally:
        del ops.OPS["forgetful_look_up"]


@pytest.mark.filterwarnings("ignore:overflow")
def test_detect_anomaly_looks_into_the_rows():
    layer = embedding()
    with detect_anomaly():
        gradients(layer([1, 2]).sum(), [layer.W])
        layer.W.data = xp.zeros((V, C))
        with pytest.raises(FloatingPointError, match="backward of gather made an infinity in 2 of 2 entries"):
            gradients((layer([1, 1]) * 1e308).sum(), [layer.W])                    # 1e308 + 1e308


def test_the_layer_says_that_it_is_sparse():
    assert str(embedding()).startswith("Embedding(9, 2, sparse)") and "sparse" not in str(embedding(sparse=False))


# Training ---------------------------------------------------------------------------------------------------

class Rows:
    """A batch of ids (B, T) that can be shared out."""

    def __init__(self, ids, first_row=0):
        self.ids, self.first_row = ids, first_row

    def split(self, shards):
        parts = [rows for rows in np.array_split(np.arange(len(self.ids)), shards) if len(rows)]
        return [Rows(self.ids[rows], int(rows[0])) for rows in parts]

    def join(self, shards):
        pass


class Words(Module):
    def __init__(self, sparse):
        manual_seed(2)
        self.embedding, self.output = Embedding(V, C, sparse=sparse), layers.Linear(C, 1)

    def loss(self, batch):
        return (self.output(ops.tanh(self.embedding(batch.ids))) ** 2).sum(), len(batch.ids)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_shards_are_added_up(threads):
    batch = Rows(np.random.default_rng(0).integers(0, V, (7, 3)))
    models = [Words(sparse).astype("float64") for sparse in (True, False)]
    (loss, found), (other_loss, right) = (loss_and_gradients(model, batch, threads) for model in models)
    assert isinstance(found[0], RowGrad) and float(loss) == pytest.approx(float(other_loss))
    for g, other in zip(found, right, strict=True):
        np.testing.assert_allclose(host_of(g), to_host(other), rtol=1e-12, atol=1e-15)
    again = loss_and_gradients(models[0], batch, threads)[1][0]
    assert to_host(again.values).tobytes() == to_host(found[0].values).tobytes()


def test_clipping_by_norm_and_by_value():
    for clip, limit in ((clip_norm, 0.7), (clip_value, 0.2)):
        clipped, results = [], []
        for sparse in (True, False):
            model = Words(sparse).astype("float64")
            model.loss(Rows(np.array([[1, 1, 4]])))[0].backward()
            results.append(clip(model.parameters(), limit))
            clipped.append([host_of(p.grad) for p in model.parameters()])
            assert isinstance(model.embedding.W.grad, RowGrad) == sparse
        for one, other in zip(*clipped, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
        if clip is clip_norm:
            assert float(results[0]) == pytest.approx(float(results[1])) and float(results[0]) > limit


@pytest.mark.parametrize("kind, settings", [(SGD, {"lr": 0.1}), (RMSprop, {}), (Adam, {}), (AdamW, {})])
def test_other_optimisers_refuse_rows_and_change_nothing(kind, settings):
    model = Words(True)
    before = model.state_dict()
    model.loss(Rows(np.array([[1, 2]])))[0].backward()
    with pytest.raises(ValueError, match=rf"parameter 0 has a gradient by rows, which {kind.__name__} cannot take.*"
                                         "use SparseAdam, or make the Embedding with sparse=False"):
        kind(model.parameters(), **settings).step()
    for name, x in model.state_dict().items():
        assert np.array_equal(to_host(x), to_host(before[name]))
    SparseAdam(model.parameters()).step()
    moved = to_host(model.embedding.W.data) != to_host(before["embedding.W"])
    assert np.flatnonzero(moved.any(axis=1)).tolist() == [1, 2]
