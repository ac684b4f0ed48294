"""Attention by blocks equals attention, forward and backward, and its memory grows with T alone."""
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, name, to_device, to_host
from tinyseq.layers import causal_mask

np = host.np


def drawn(*shapes, dtype="float64"):
    rng = np.random.default_rng(0)
    return [tensor(rng.standard_normal(shape), requires_grad=True, dtype=dtype) for shape in shapes]


def with_gradients(f, inputs):
    y = f(*inputs)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    return [y.numpy(), *map(to_host, gradients((y * tensor(dy, dtype=y.dtype)).sum(), inputs))]


@settings(max_examples=60 if name == "numpy" else 5, derandomize=True, deadline=None)
@given(T=st.integers(1, 9), before=st.integers(0, 4), window=st.sampled_from([None, 1, 3]), block=st.integers(1, 10),
       padded=st.booleans(), sloped=st.booleans())
def test_it_is_attention_under_a_causal_mask(T, before, window, block, padded, sloped):
    B, nh, Tk = 2, 3, before + T
    inputs = drawn((B, nh, T, 4), (B, nh, Tk, 4), (B, nh, Tk, 2))
    present = to_device((np.arange(Tk) < np.array([[Tk], [Tk // 2]]))[:, None, None]) if padded else None
    seen = causal_mask(T, window, before)[:, None]
    distance = abs(before + np.arange(T)[:, None] - np.arange(Tk))
    slopes = np.array([0.5, 0.1, 1.0])[:, None, None]
    whole = with_gradients(lambda q, k, v: ops.attention(
        q, k, v, mask=seen if present is None else seen & present,
        bias=to_device(-slopes * distance) if sloped else None)[0], inputs)
    lean = with_gradients(lambda q, k, v: ops.lean_attention(
        q, k, v, mask=present, causal=True, window=window, before=before, block=block,
        slopes=to_device(slopes) if sloped else None), inputs)
    for one, other in zip(lean, whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-6), ("float64", 1e-12)])
def test_over_several_blocks_of_the_usual_size(dtype, tolerance):
    T = 700 if name == "numpy" else 300
    inputs = drawn(*[(1, 2, T, 8)] * 3, dtype=dtype)
    seen = causal_mask(T)[:, None]
    whole = ops.attention(*inputs, mask=seen)[0].numpy()
    np.testing.assert_allclose(ops.lean_attention(*inputs, causal=True).numpy(), whole, rtol=0, atol=tolerance)


def test_a_query_that_sees_nothing_fetches_nothing():
    inputs = drawn((2, 3, 4), (2, 5, 4), (2, 5, 2))
    present = to_device(np.array([[[True] * 5], [[False] * 5]]))
    y, dq, dk, dv = with_gradients(lambda q, k, v: ops.lean_attention(q, k, v, mask=present), inputs)
    assert y[0].any() and dq[0].any()
    assert not (y[1].any() or dq[1].any() or dk[1].any() or dv[1].any())


def test_large_scores_do_not_overflow():
    q, k, v = drawn((2, 3), (4, 3), (4, 2), dtype="float32")
    for part in with_gradients(lambda *x: ops.lean_attention(*x, block=1),
                               [q, tensor(k * 1e4, requires_grad=True), v]):
        assert np.isfinite(part).all()


@pytest.mark.backend("numpy")          # whose memory tracemalloc sees
def test_memory_grows_with_the_steps_not_with_their_square():
    def peak(T):
        inputs = drawn(*[(1, 1, T, 4)] * 3, dtype="float32")
        tracemalloc.start()
        try:
            with_gradients(lambda *x: ops.lean_attention(*x, causal=True, block=32), inputs)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak(1024) < 3 * peak(512) < 1024 * 1024 * 4    # less than a single matrix of weights
