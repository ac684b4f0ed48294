"""Softmax and its logarithm: masks, rows in which nothing takes part, extreme scores."""
import warnings

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.checks import gradcheck

np = host.np
both = pytest.mark.parametrize("f", [ops.softmax, ops.log_softmax])
in_both_precisions = pytest.mark.parametrize("dtype", ["float32", "float64"])
INF = np.inf


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def computed(f, x, dtype="float64", dy=None, **settings):
    """The value, and the gradient for this dy (1, 2, 3 ...), on the host."""
    X = tensor(np.array(x), requires_grad=True, dtype=dtype)
    y = f(X, **settings)
    dy = np.arange(1.0, 1 + y.size).reshape(y.shape) if dy is None else dy
    y.backward(to_device(np.asarray(dy, dtype)))
    assert y.dtype == X.grad.dtype == np.dtype(dtype)
    return y.numpy(), to_host(X.grad)


def flags(*rows):
    return to_device(np.array(rows, bool))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_rows_lie_along_the_axis(axis):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    p, log_p = ops.softmax(tensor(x), axis=axis).numpy(), ops.log_softmax(tensor(x), axis=axis).numpy()
    np.testing.assert_allclose(p.sum(axis), 1)
    np.testing.assert_allclose(p, np.exp(x) / np.exp(x).sum(axis, keepdims=True))
    np.testing.assert_allclose(log_p, np.log(p))


@in_both_precisions
def test_a_masked_entry_has_no_probability_and_no_gradient_whatever_stands_there(dtype):
    mask = flags([1, 0, 1], [0, 1, 0])
    for rest in (0.0, 1e30, -INF, INF, np.nan):
        x = [[1.0, rest, 2.0], [rest, 3.0, rest]]
        p, dp = computed(ops.softmax, x, dtype, mask=mask)
        log_p, dlog_p = computed(ops.log_softmax, x, dtype, mask=mask)
        e = np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()
        np.testing.assert_allclose(p, [[e[0], 0, e[1]], [0, 1, 0]], rtol=1e-6)
        np.testing.assert_allclose(log_p, [[np.log(e[0]), -INF, np.log(e[1])], [-INF, 0, -INF]], rtol=1e-6)
        slope = e[0] * e[1] * 2
        np.testing.assert_allclose(dp, [[-slope, 0, slope], [0, 0, 0]], rtol=1e-5)
        np.testing.assert_allclose(dlog_p, [[1 - 4 * e[0], 0, 3 - 4 * e[1]], [0, 0, 0]], rtol=1e-5)


@in_both_precisions
@pytest.mark.parametrize("axis", [0, -1])
def test_a_row_in_which_nothing_takes_part(dtype, axis):
    x = np.random.default_rng(0).standard_normal((3, 4))
    mask = np.ones((3, 4), bool)
    mask[1 if axis else slice(None), slice(None) if axis else 2] = False
    p, dp = computed(ops.softmax, x, dtype, mask=to_device(mask), axis=axis)
    log_p, dlog_p = computed(ops.log_softmax, x, dtype, mask=to_device(mask), axis=axis)
    assert (p[~mask] == 0).all() and (dp[~mask] == 0).all() and (dlog_p[~mask] == 0).all()
    assert (log_p[~mask] == -INF).all()
    alone, dalone = computed(ops.softmax, x, dtype, axis=axis)       # the other rows know nothing of it
    np.testing.assert_array_equal(p[mask], alone[mask])
    np.testing.assert_array_equal(dp[mask], dalone[mask])
    assert np.isfinite(dlog_p).all()


@both
def test_scores_of_minus_infinity_are_masked_entries(f):
    x = np.array([[1.0, -INF, 2.0], [-INF, -INF, -INF]])
    by_scores, by_mask = computed(f, x), computed(f, np.zeros((2, 3)) + np.array([1.0, 5.0, 2.0]), mask=flags(
        [1, 0, 1], [0, 0, 0]))
    for one, other in zip(by_scores, by_mask, strict=True):
        np.testing.assert_array_equal(one, other)


@in_both_precisions
def test_extreme_scores(dtype):
    x = np.array([[1e4, 0, -1e4], [3e4, 3e4, -INF], [-3e4, -3e4, -3e4]])
    p, dp = computed(ops.softmax, x, dtype)
    np.testing.assert_allclose(p, [[1, 0, 0], [0.5, 0.5, 0], [1 / 3] * 3], rtol=1e-6)
    log_p, dlog_p = computed(ops.log_softmax, x, dtype)
    np.testing.assert_allclose(log_p[0], [0, -1e4, -2e4])
    np.testing.assert_allclose(log_p[1:], np.log([[0.5, 0.5, 1], [1 / 3] * 3]) - np.array([[0, 0, INF], [0] * 3]),
                               rtol=1e-6)
    assert np.isfinite(dp).all() and np.isfinite(dlog_p).all()


def test_what_is_not_a_number_stays_none():
    assert np.isnan(ops.softmax(tensor(np.array([1.0, np.nan, 2.0]))).numpy()).all()


@st.composite
def masked_scores(draw):
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))
    mask_shape = [n if draw(st.booleans()) else 1 for n in shape][draw(st.integers(0, len(shape))):]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return rng.standard_normal(shape), rng.random(mask_shape) < draw(st.sampled_from([0, 0.5, 1])), draw(
        st.integers(-len(shape), len(shape) - 1))


@hypothesis_settings(max_examples=80, derandomize=True)
@given(masked_scores())
def test_a_mask_is_the_same_as_leaving_entries_out(drawn):
    x, mask, axis = drawn
    p = ops.softmax(tensor(x), axis=axis, mask=to_device(mask)).numpy()
    whole = np.broadcast_to(mask, x.shape)
    e = np.where(whole, np.exp(x), 0)
    total = np.broadcast_to(e.sum(axis, keepdims=True), x.shape)
    np.testing.assert_allclose(p, np.divide(e, total, out=np.zeros_like(e), where=total > 0), rtol=1e-12)
    log_p = ops.log_softmax(tensor(x), axis=axis, mask=to_device(mask)).numpy()
    np.testing.assert_allclose(np.exp(log_p), p, rtol=1e-12)


@both
@pytest.mark.parametrize("shape, axis", [((0, 3), -1), ((3, 0), -1), ((3, 0), 0), ((0,), 0)])
def test_no_scores(f, shape, axis):
    y, dx = computed(f, np.zeros(shape), axis=axis)
    assert y.shape == dx.shape == shape


@both
def test_a_mask_may_be_the_tensor_that_a_comparison_returns(f):
    x = tensor(np.array([1.0, -1.0, 2.0]))
    np.testing.assert_array_equal(f(x, mask=x > 0).numpy(), f(x, mask=flags(1, 0, 1)).numpy())


def test_what_the_caller_holds_is_not_written_to():
    x, mask = np.random.default_rng(0).standard_normal((2, 3)), np.array([[True, False, True]])
    X, M, dy = to_device(x.copy()), to_device(mask.copy()), to_device(np.ones((2, 3)))
    for f in (ops.softmax, ops.log_softmax):
        y = f(t := tensor(X, requires_grad=True), mask=M)
        value = y.numpy().copy()
        first, second = (gradients((y * dy).sum(), [t], keep_graph=True)[0] for _ in range(2))
        np.testing.assert_array_equal(to_host(first), to_host(second))
        np.testing.assert_array_equal(y.numpy(), value)
    np.testing.assert_array_equal(to_host(X), x)
    np.testing.assert_array_equal(to_host(M), mask)
    assert (to_host(dy) == 1).all()


def test_the_derivative_where_keys_are_missing():
    """Attention to a ragged batch: some queries have no key at all."""
    rng = np.random.default_rng(0)
    mask = to_device((np.arange(5) < np.array([5, 2, 0])[:, None])[:, None, None])        # (B, 1, 1, Tk)
    values = to_device(rng.standard_normal((3, 2, 5, 4)))
    gradcheck(lambda x: ops.softmax(x, mask=mask) @ tensor(values),
              tensor(rng.standard_normal((3, 2, 4, 5)), requires_grad=True))
