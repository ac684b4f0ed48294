"""Rearrangements: what the records do not draw."""
import pytest

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host

np = host.np


def weights(shape):
    return np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape)


def gradient(y, x):
    return to_host(gradients((y * to_device(weights(y.shape))).sum(), [x])[0])


PAIRS = {                                                  # an op, and one that takes its result back
    "reshape": (lambda x: x.reshape(4, -1), lambda y: y.reshape(2, 3, 4)),
    "transpose": (lambda x: x.transpose(2, 0, 1), lambda y: y.transpose(1, 2, 0)),
    "swap": (lambda x: ops.swap(x, 0, -1), lambda y: ops.swap(y, 0, -1)),
    "expand": (lambda x: ops.expand(x, (0, 2)), lambda y: ops.squeeze(y, axis=(0, 2))),
    "flip": (lambda x: ops.flip(x, axis=(0, -1)), lambda y: ops.flip(y, axis=(0, -1))),
    "roll": (lambda x: ops.roll(x, 5, 1), lambda y: ops.roll(y, -5, 1)),
    "pad": (lambda x: ops.pad(x, [(1, 2), (0, 1), (3, 0)], value=7.0), lambda y: y[1:3, :3, 3:]),
    "split": (lambda x: ops.concat(*ops.split(x, [1, 0, 2], axis=1), axis=1), lambda y: y),
    "stack": (lambda x: ops.stack(x, x * 2, axis=1), lambda y: y[:, 0]),
    "repeat": (lambda x: ops.repeat(x, 3, 1), lambda y: y[:, ::3]),
    "broadcast": (lambda x: ops.broadcast(x, (5, 2, 3, 4)), lambda y: y[2]),
    "reverse": (lambda x: ops.reverse(x, [3, 1]), lambda y: ops.reverse(y, [3, 1])),
}


@pytest.mark.parametrize("name", PAIRS)
def test_there_and_back(name):
    there, back = PAIRS[name]
    x = tensor(weights((2, 3, 4)), requires_grad=True)
    y = back(there(x))
    np.testing.assert_array_equal(y.numpy(), x.numpy())
    np.testing.assert_array_equal(gradient(y, x), weights(x.shape))


@pytest.mark.parametrize("name", ["reshape", "transpose", "swap", "expand", "flip", "split", "broadcast"])
def test_what_only_looks_at_memory_in_another_way_copies_nothing(name):
    there = (lambda x: ops.split(x, 2, axis=0)[1]) if name == "split" else PAIRS[name][0]
    x = tensor(weights((2, 3, 4)))
    y = there(x)
    before = y.numpy().copy()
    x.data += 1                                            # the test may; ops must not
    np.testing.assert_array_equal(y.numpy(), before + 1)


def test_an_input_given_twice_gets_both_gradients():
    x = tensor(weights((2, 3)), requires_grad=True)
    np.testing.assert_array_equal(to_host(gradients(ops.concat(x, x, axis=0).sum(), [x])[0]), np.full((2, 3), 2))
    np.testing.assert_array_equal(to_host(gradients(ops.stack(x, x, x).sum(), [x])[0]), np.full((2, 3), 3))


def test_parts_that_nobody_uses_get_no_gradient():
    x = tensor(weights((2, 6)), requires_grad=True)
    dx = to_host(gradients(ops.split(x, [1, 2, 3])[1].sum(), [x])[0])
    np.testing.assert_array_equal(dx, [[0, 1, 1, 0, 0, 0]] * 2)


def test_padding_gets_no_gradient_and_keeps_the_dtype():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = ops.pad(x, [(1, 1)], value=-float("inf"))
    assert y.dtype == "float32" and np.isneginf(y.numpy()[[0, 3]]).all()
    np.testing.assert_allclose(to_host(gradients(ops.exp(y).sum(), [x])[0]), np.exp([1, 2]), rtol=1e-6)


def test_gradients_of_views_are_whole_arrays():
    x = tensor(weights((2, 1, 3)), requires_grad=True)
    for y in (ops.broadcast(x, (2, 4, 3)), ops.swap(x, 0, 2), ops.flip(x), ops.squeeze(x)):
        x.grad = None
        (y * 2).sum().backward()
        x.grad += 1                                        # what the user holds may be written to
        assert x.grad.shape == x.shape
