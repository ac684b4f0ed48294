"""Products: matmul and einsum, beyond what their records draw."""
import pytest

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host

np = host.np


def random(*shape, dtype="float64"):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(dtype)


def gradients_of(y, *xs):
    return [to_host(dx) for dx in gradients((y * to_device(random(*y.shape, dtype=y.dtype))).sum(), xs)]


SAME = {                                                   # equations, and the same without them
    "ij,jk->ik": ([(2, 3), (3, 4)], lambda a, b: a @ b),
    "ij,jk": ([(2, 3), (3, 4)], lambda a, b: a @ b),
    "...ij,...jk->...ik": ([(5, 1, 2, 3), (4, 3, 2)], lambda a, b: a @ b),
    "...,...": ([(2, 1, 3), (4, 1)], lambda a, b: a * b),
    "bqd,bkd->bqk": ([(2, 3, 4), (2, 5, 4)], lambda q, k: q @ ops.swap(k, 1, 2)),
    "bthd,hdc->btc": ([(2, 3, 2, 4), (2, 4, 5)], lambda x, W: x.reshape(2, 3, 8) @ W.reshape(8, 5)),
    "i,i": ([(3,), (3,)], lambda a, b: a @ b),
    "i,j": ([(3,), (4,)], lambda a, b: ops.expand(a, 1) * b),
    "ba": ([(2, 3)], lambda x: x.transpose()),
    "ij->": ([(2, 3)], lambda x: x.sum()),
    ",ij,": ([(), (2, 3), ()], lambda a, x, b: a * x * b),
    "ii": ([(3, 3)], lambda x: x[[0, 1, 2], [0, 1, 2]].sum()),
    "ii->i": ([(3, 3)], lambda x: x[[0, 1, 2], [0, 1, 2]]),
    "bi,ij,bj->b": ([(2, 3), (3, 4), (2, 4)], lambda x, W, y: ((x @ W) * y).sum(axis=1)),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("equation", SAME)
def test_einsum_says_what_other_ops_say(equation, dtype):
    shapes, by_ops = SAME[equation]
    xs = [tensor(random(*shape, dtype=dtype), requires_grad=True) for shape in shapes]
    y, right = ops.einsum(equation, *xs), by_ops(*xs)
    assert y.dtype == dtype and y.shape == right.shape
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(y.numpy(), right.numpy(), rtol=tolerance, atol=tolerance)
    for dx, expected in zip(gradients_of(y, *xs), gradients_of(right, *xs), strict=True):
        assert dx.dtype == dtype
        np.testing.assert_allclose(dx, expected, rtol=tolerance, atol=tolerance)


def test_what_lies_off_the_diagonal_does_not_count():
    x = random(3, 3)
    x[0, 1], x[2, 0] = np.nan, np.inf
    X = tensor(x, requires_grad=True)
    y = ops.einsum("ii->i", X)
    np.testing.assert_array_equal(y.numpy(), x.diagonal())
    np.testing.assert_array_equal(to_host(gradients((y * np.inf).sum(), [X])[0]), np.where(np.eye(3), np.inf, 0))


def test_the_same_tensor_in_several_terms_gets_all_its_gradients():
    x = tensor(random(3), requires_grad=True)
    dx, = gradients(ops.einsum("i,i,i->", x, x, x), [x])
    np.testing.assert_allclose(to_host(dx), 3 * x.numpy() ** 2, rtol=1e-12)


def test_whole_numbers_may_stand_beside_float64():
    W = tensor(random(3, 2), requires_grad=True)
    y = tensor(np.eye(3, dtype=int)) @ W
    np.testing.assert_array_equal(y.numpy(), W.numpy())
    np.testing.assert_allclose(gradients_of(y, W)[0], random(3, 2))


def test_a_sum_over_nothing_is_zero():
    for a, b in (((2, 0), (0, 3)), ((4, 2, 0), (4, 0, 3)), ((4, 2, 0), (0, 3)), ((0,), (0, 3)), ((2, 0), (0,)),
                 ((0,), (0,))):
        A, B = tensor(random(*a), requires_grad=True), tensor(random(*b), requires_grad=True)
        y = A @ B
        assert not y.numpy().any() and y.shape == np.matmul(A.numpy(), B.numpy()).shape
        assert [dx.shape for dx in gradients(y.sum(), [A, B])] == [a, b]
