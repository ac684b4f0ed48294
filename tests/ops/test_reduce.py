"""Ties, zeros, infinities and nothing at all, reduced. Values and gradients: test_registry.py."""
import re
import warnings

import pytest

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_host

np = host.np


def gradient_of(f, x):
    x = tensor(np.array(x, "float64"), requires_grad=True)
    return to_host(gradients(f(x).sum(), [x])[0]).tolist()


@pytest.mark.parametrize("op, x", [(ops.max, [[3, 3, 1], [0, 2, 1]]), (ops.min, [[-1, -1, 2], [0, -2, 1]])])
def test_equal_winners_share_the_gradient(op, x):
    assert gradient_of(lambda x: op(x, axis=1), x) == [[0.5, 0.5, 0], [0, 1, 0]]
    assert gradient_of(lambda x: op(x, axis=(0, -1), keepdims=True), [[1, 1], [1, 1]]) == [[0.25, 0.25], [0.25, 0.25]]


def test_the_gradient_of_a_product_with_zeros():
    x = [[2, 3, 4], [2, 0, 4], [0, 3, 0]]
    assert gradient_of(lambda x: ops.prod(x, axis=1), x) == [[12, 8, 6], [0, 8, 0], [0, 0, 0]]


def test_a_cumulative_sum_hands_each_gradient_to_all_before():
    assert gradient_of(lambda x: ops.cumsum(x, axis=0), [1, 1, 1]) == [3, 2, 1]


def test_variance_as_numpy_has_it():
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    for ddof in (0, 1, 2.5):
        np.testing.assert_allclose(ops.var(tensor(x), axis=(0, 2), ddof=ddof).numpy(), x.var((0, 2), ddof=ddof))


def test_what_there_is_of_nothing():
    nothing = tensor(np.zeros((0, 2)), requires_grad=True)
    for op, right in ((ops.sum, 0), (ops.prod, 1), (ops.logsumexp, -np.inf)):
        y = op(nothing, axis=0)
        assert y.numpy().tolist() == [right, right]
        assert gradients(y.sum(), [nothing])[0].shape == (0, 2)
        assert op(nothing, axis=1).shape == (0,)
    assert ops.cumsum(nothing, axis=0).shape == (0, 2)
    for op in (ops.mean, ops.var, ops.max, ops.min):
        with pytest.raises(ValueError, match=re.escape(f"{op.__name__} over no entries: shape (0, 2), axis 0")):
            op(nothing, axis=0)
        assert op(nothing, axis=1, keepdims=True).shape == (0, 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp_of_extremes(dtype):
    inf = np.inf
    x = tensor(np.array([[-inf, -inf], [-inf, 2], [1e4, 1e4], [-1e4, -1e4], [1, 0]]), requires_grad=True, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = ops.logsumexp(x, axis=1)
        right = [-inf, 2, 1e4 + np.log(2), -1e4 + np.log(2), 1 + np.log1p(np.exp(-1))]
        np.testing.assert_allclose(y.numpy(), right, rtol=1e-7)
        dx, = gradients(y.sum(), [x])
        assert ops.logsumexp(tensor([inf, 0.0])).item() == inf
    np.testing.assert_allclose(to_host(dx)[:4], [[0, 0], [0, 1], [0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize("name", ["sum", "mean", "var", "max", "min", "prod", "logsumexp"])
def test_axes_that_do_not_exist(name):
    x = tensor(np.ones((2, 3)))
    for axis, words in ((2, "axis 2 .*(2, 3).* -2 to 1"), ((0, -4), "axis -4"), ((1, -1), "(1, -1) .* twice")):
        pattern = words.replace("(", r"\(").replace(")", r"\)")
        with pytest.raises(ValueError, match=f"^{name}: .*{pattern}"):
            ops.OPS[name](x, axis=axis)
    with pytest.raises(ValueError, match=f"^{name}: .*scalar"):
        ops.OPS[name](tensor(1.0), axis=0)


def test_whole_numbers_and_booleans_can_be_counted():
    x = tensor(np.array([[1, 2], [3, 4]]))
    assert ops.sum(ops.greater(x, 1)).item() == 3
    assert ops.max(x, axis=0).numpy().tolist() == [3, 4] and ops.prod(x).item() == 24
