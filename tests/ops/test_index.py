"""x[...], gather, scatter and take_along_axis: entries taken twice, indices below 0, indices of host and device."""
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinyseq import ops
from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.backend.on_numpy import ONE_HOT_LIMIT

np = host.np


def added_up(x, index, u):
    """sum of u over the places in x that the index takes its entries from, by NumPy's own unbuffered addition."""
    dx = np.zeros(x.shape)
    np.add.at(dx, index, u)
    return dx


@st.composite
def indexed(draw):
    """An array and an index into it: slices, numbers, "...", new axes; or arrays of numbers; or a mask."""
    shape = draw(arrays.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    form = draw(st.sampled_from(["basic", "numbers", "mask"]))
    if form == "basic":
        return shape, draw(arrays.basic_indices(shape, allow_ellipsis=True, allow_newaxis=True))
    if form == "mask":
        return shape, draw(arrays.arrays(bool, shape[:draw(st.integers(1, len(shape)))]))
    return shape, draw(arrays.integer_array_indices(shape, result_shape=arrays.array_shapes(max_dims=2, max_side=3)))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(indexed())
def test_take_is_numpys(case):
    shape, index = case
    x = np.random.default_rng(0).standard_normal(shape)
    X = tensor(x, requires_grad=True)
    y = ops.take(X, index)
    assert y.shape == x[index].shape
    np.testing.assert_array_equal(y.numpy(), x[index])
    u = np.cos(np.arange(y.size)).reshape(y.shape)
    dx = to_host(gradients((y * to_device(u)).sum(), [X])[0])
    np.testing.assert_allclose(dx, added_up(x, index, u), rtol=1e-12, atol=1e-12)


MIXED = [np.s_[:, [0, 2]], np.s_[[1, 0, 1]], np.s_[[0, 1], [2, 2]], np.s_[0, :, [1, 1]], np.s_[:, 0, [1, -1]],
         np.s_[[[0], [1]], [0, 1, 2]], np.s_[[0, 1], :, [0, 3]], np.s_[:, [0, 2], ..., [0, 3]],
         np.s_[[0, 1], None, [0, 1]], np.s_[None, ::-1, [0, 2], 1:], np.s_[..., [True, False, True, True]],
         np.s_[-1, [True, False, True]], np.s_[[], :], np.s_[:, 1, [], None],
         np.s_[np.uint8(1), np.array([0, 2], "uint8")]]


@pytest.mark.parametrize("index", MIXED, ids=str)
@pytest.mark.parametrize("where", ["host", "device", "tensor"])
def test_slices_numbers_and_arrays_mixed(index, where):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    X = tensor(x, requires_grad=True)

    def placed(part):
        if not isinstance(part, list | np.ndarray) or where == "host" or np.size(part) == 0:
            return part
        part = to_device(np.asarray(part))
        return Tensor(part) if where == "tensor" else part
    y = X[tuple(placed(part) for part in index) if isinstance(index, tuple) else placed(index)]
    right = x[index]
    assert y.shape == right.shape
    np.testing.assert_array_equal(y.numpy(), right)
    u = np.sin(np.arange(y.size)).reshape(y.shape)
    dx = to_host(gradients((y * to_device(u)).sum(), [X])[0])
    np.testing.assert_allclose(dx, added_up(x, index, u), rtol=1e-12, atol=1e-12)


def test_one_entry_is_an_array_that_stands_for_itself():
    x = tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = x[1, -1]
    assert y.shape == () and y.data.shape == () and y.item() == 5
    np.testing.assert_array_equal(to_host(gradients(y * y, [x])[0]), [[0, 0, 0], [0, 0, 10]])
    assert [row.shape for row in x] == [(3,), (3,)]


TAKERS = {
    "take": lambda x, ids, columns: x[ids],
    "take of columns": lambda x, ids, columns: ops.swap(x, 0, 1)[:, ids],
    "take of entries": lambda x, ids, columns: x[ids, columns],
    "gather": lambda x, ids, columns: ops.gather(x, ids),
    "take_along_axis": lambda x, ids, columns: ops.take_along_axis(x, np.stack([ids] * 7, axis=1), 0),
}


@pytest.mark.parametrize("V", [5, ONE_HOT_LIMIT + 1])
@pytest.mark.parametrize("taker", TAKERS)
def test_entries_taken_often_add_up_to_the_same_bits_each_time(taker, V):
    rng = np.random.default_rng(0)
    x = tensor(rng.standard_normal((V, 7)), requires_grad=True, dtype="float32")
    ids, columns = rng.integers(0, 5, 3000), rng.integers(0, 7, 3000)

    def dx():
        y = TAKERS[taker](x, ids, columns)
        u = np.random.default_rng(1).standard_normal(y.shape).astype("float32")
        return to_host(gradients((y * to_device(u)).sum(), [x])[0])
    first = dx()
    assert first.any() and not first[5:].any()
    assert all(dx().tobytes() == first.tobytes() for _ in range(3))


def test_scatter_is_the_transpose_of_gather():
    rng = np.random.default_rng(0)
    x, rows, ids = rng.standard_normal((6, 3)), rng.standard_normal((4, 2, 3)), rng.integers(0, 6, (4, 2))
    picked, spread = ops.gather(tensor(x), ids).numpy(), ops.scatter(tensor(rows), ids, 6).numpy()
    assert (picked * rows).sum() == pytest.approx((x * spread).sum(), rel=1e-12)
    np.testing.assert_allclose(spread, added_up(x, ids, rows), rtol=1e-12)


def test_ids_in_every_form_are_the_same_ids():
    x = tensor(np.arange(8.0).reshape(4, 2))
    ids = np.array([[3, 0], [1, 1]])
    right = x.numpy()[ids]
    for given_ids in (ids.tolist(), ids, ids.astype("uint8"), ids[:, ::-1][:, ::-1], to_device(ids), tensor(ids)):
        np.testing.assert_array_equal(ops.gather(x, given_ids).numpy(), right)
        np.testing.assert_array_equal(x[given_ids].numpy(), right)
    assert ops.gather(x, []).shape == x[[]].shape == (0, 2)


COUNT = """
import tinyseq as ts
from tinyseq import ops
from tinyseq.backend import host, to_device
from tinyseq.backend.strict.synchronisations import synchronisations

np = host.np
x = ts.tensor(np.ones((4, 3)), requires_grad=True)
ids, mask = np.array([1, 3, 1]), np.array([True, False, True, True])
on_host = [lambda: x[ids], lambda: x[[0, 1]], lambda: x[ids, ids - 1], lambda: x[mask], lambda: x[1:, -1],
           lambda: x[..., ids - 1], lambda: ops.gather(x, ids), lambda: ops.gather(x, [[0], [1]]),
           lambda: ops.scatter(x, np.arange(4), 9), lambda: ops.take_along_axis(x, np.zeros((1, 3), int), 0),
           lambda: ops.reverse(x, [1, 2, 3, 0])]
on_device = [lambda: x[to_device(ids)], lambda: x[to_device(mask)], lambda: ops.gather(x, to_device(ids))]
for calls, waits in ((on_host, 0), (on_device, 1)):
    for i, call in enumerate(calls):
        with synchronisations() as seen:
            ts.gradients(call().sum(), [x])
        assert seen.count == waits, f"{waits} {i}: {seen}"
"""


def test_indices_of_the_host_do_not_make_a_device_wait():
    ran = subprocess.run([sys.executable, "-c", COUNT], env={**os.environ, "TINYSEQ_BACKEND": "strict"},
                         capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
