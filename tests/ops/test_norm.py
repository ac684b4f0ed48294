"""Normalisation: the by-hand layer norm equals the composed one; what the other two keep and lose."""
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.checks import gradcheck

np = host.np


def drawn(rng, *shapes):
    return [tensor(rng.standard_normal(shape), requires_grad=True) for shape in shapes]


@hypothesis_settings(max_examples=60, derandomize=True)
@given(st.lists(st.integers(0, 4), max_size=3), st.integers(1, 7), st.sampled_from([1e-5, 1e-3, 0.3]),
       st.integers(0, 99))
def test_by_hand_and_by_the_tape_agree(lead, C, epsilon, seed):
    rng = np.random.default_rng(seed)
    inputs = drawn(rng, (*lead, C), (C,), (C,))
    dy = to_device(rng.standard_normal((*lead, C)))
    results = []
    for f in (ops.layer_norm, ops.layer_norm_composed):
        y = f(*inputs, epsilon=epsilon)
        results.append([y.numpy(), *map(to_host, gradients((y * dy).sum(), inputs))])
    for hand, tape in zip(*results, strict=True):
        scale = max(1, abs(tape).max(initial=0))
        np.testing.assert_allclose(hand, tape, rtol=1e-10, atol=1e-10 * scale)


def test_layer_norm_brings_each_position_to_mean_0_and_variance_1():
    x, = drawn(np.random.default_rng(0), (5, 6, 50))
    y = ops.layer_norm(x * 7 + 3, tensor(np.ones(50)), tensor(np.zeros(50))).numpy()
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(-1), 1, rtol=1e-5)


def test_rms_norm_brings_each_position_to_root_mean_square_1_and_keeps_its_direction():
    x, = drawn(np.random.default_rng(0), (5, 6, 50))
    y = ops.rms_norm(x + 2, tensor(np.ones(50))).numpy()
    np.testing.assert_allclose((y ** 2).mean(-1), 1, rtol=1e-5)
    ratio = y / (x.numpy() + 2)
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[..., :1], ratio.shape))


def test_rms_norm_is_layer_norm_where_the_mean_is_0():
    x = np.random.default_rng(0).standard_normal((4, 6))
    x -= x.mean(-1, keepdims=True)
    gamma = tensor(np.arange(6.0))
    np.testing.assert_allclose(ops.rms_norm(tensor(x), gamma).numpy(),
                               ops.layer_norm(tensor(x), gamma, tensor(np.zeros(6))).numpy(), atol=1e-12)


@pytest.mark.parametrize("shape, axis", [((8, 3), -1), ((4, 5, 3), 2), ((4, 3, 2, 5), 1), ((3, 6), 0)])
def test_batch_norm_brings_each_channel_to_mean_0_and_variance_1(shape, axis):
    x, gamma, beta = drawn(np.random.default_rng(0), shape, (3,), (3,))
    y, mean, variance = ops.batch_norm(x, gamma, beta, channel_axis=axis)
    others = tuple(i for i in range(len(shape)) if i != axis % len(shape))
    np.testing.assert_allclose(mean.numpy(), x.numpy().mean(others))
    np.testing.assert_allclose(variance.numpy(), x.numpy().var(others))
    np.testing.assert_allclose(y.numpy().mean(others), beta.numpy(), atol=1e-12)
    np.testing.assert_allclose(y.numpy().std(others), abs(gamma.numpy()), rtol=1e-4)


def test_batch_norm_is_layer_norm_of_the_transpose():
    x, one, zero = tensor(np.random.default_rng(0).standard_normal((5, 4))), tensor(np.ones(4)), tensor(np.zeros(4))
    y, _, _ = ops.batch_norm(x, one, zero)
    right = ops.layer_norm(x.transpose(), tensor(np.ones(5)), tensor(np.zeros(5))).numpy().T
    np.testing.assert_allclose(y.numpy(), right, atol=1e-12)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_each_output_of_batch_norm_carries_gradients_alone(part):
    inputs = drawn(np.random.default_rng(0), (4, 3, 2), (3,), (3,))
    gradcheck(lambda *arrays: ops.batch_norm(*arrays, channel_axis=1)[part] ** 2, *inputs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_entries_give_beta_and_no_gradient(dtype):
    """The variance is 0: without epsilon this would be 0 / 0."""
    x, gamma = tensor(np.full((3, 4), 5.0), requires_grad=True, dtype=dtype), tensor(np.arange(4.0), dtype=dtype)
    beta = tensor(np.arange(4.0), dtype=dtype)
    for y in (ops.layer_norm(x, gamma, beta), ops.batch_norm(x, gamma, beta)[0]):
        np.testing.assert_array_equal(y.numpy(), np.tile(np.arange(4.0), (3, 1)))
        assert np.isfinite(to_host(gradients((y * y).sum(), [x])[0])).all()


def test_a_large_mean_costs_no_precision():
    """The variance is taken of x - mean; as mean(x^2) - mean^2 it would be lost in float32."""
    x = np.random.default_rng(0).standard_normal((4, 64))
    one, zero = tensor(np.ones(64), dtype="float32"), tensor(np.zeros(64), dtype="float32")
    plain, moved = (ops.layer_norm(tensor(x + c, dtype="float32"), one, zero).numpy() for c in (0, 1000))
    np.testing.assert_allclose(moved, plain, atol=2e-3)
