"""Poolings: small ones by hand, and what sets one way of pooling apart from others. Random ones: the records."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_host

np = host.np


def image(rows):
    return tensor(np.array([[rows]], "float64"), requires_grad=True)


def gradient(y, x):
    return to_host(gradients(y.sum(), [x])[0])[0, 0].tolist()


def test_max_pool_by_hand():
    x = image([[1, 5, 2, 9], [3, 4, 8, 7], [0, 0, 0, 6]])
    y = ops.max_pool2d(x, 2)                               # the last row is left over
    assert y.numpy().tolist() == [[[[5, 9]]]]
    assert gradient(y, x) == [[0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_winner_of_several_windows_gets_all_their_gradients():
    x = image([[1, 5, 2, 0]])
    assert gradient(ops.max_pool2d(x, (1, 2), stride=1), x) == [[0, 2, 1, 0]]


def test_equal_winners_share():
    x = image([[1, 3, 3], [3, 0, 2]])
    assert gradient(ops.max_pool2d(x, (2, 3)), x) == pytest.approx(np.array([[0, 1 / 3, 1 / 3], [1 / 3, 0, 0]]))
    assert gradient(ops.max_pool2d(x, 2, stride=1), x) == [[0, 1.0, 0.5], [0.5, 0, 0]]


def test_padding_never_wins_but_counts_in_a_mean():
    x = image([[-4, -2], [-6, -8]])
    assert ops.max_pool2d(x, 2, padding=1).numpy().tolist() == [[[[-4, -2], [-6, -8]]]]
    assert ops.avg_pool2d(x, 2, padding=1).numpy().tolist() == [[[[-1, -0.5], [-1.5, -2]]]]
    assert gradient(ops.max_pool2d(x, 2, padding=1), x) == [[1, 1], [1, 1]]
    assert gradient(ops.avg_pool2d(x, 2, padding=1), x) == [[0.25, 0.25], [0.25, 0.25]]


def test_avg_pool_is_a_convolution_of_each_channel_with_a_constant():
    x = tensor(np.random.default_rng(0).standard_normal((2, 3, 7, 8)))
    W = tensor(np.full((1, 3, 2, 3), 1 / 6))
    right = ops.conv2d(x, W, stride=(2, 3), padding=(1, 0), groups=3)
    np.testing.assert_allclose(ops.avg_pool2d(x, (3, 2), stride=(2, 3), padding=(1, 0)).numpy(), right.numpy(),
                               atol=1e-12)


@pytest.mark.parametrize("pool1d, pool2d", [(ops.max_pool1d, ops.max_pool2d), (ops.avg_pool1d, ops.avg_pool2d)])
def test_a_sequence_is_an_image_of_height_1(pool1d, pool2d):
    x = tensor(np.random.default_rng(0).standard_normal((2, 9, 4)))
    y = pool1d(x, 3, stride=2, padding=1)
    right = pool2d(x.transpose(0, 2, 1)[:, :, None], (1, 3), stride=(1, 2), padding=(0, 1))
    assert y.shape == (2, 5, 4)
    np.testing.assert_array_equal(y.numpy(), right.numpy()[:, :, 0].transpose(0, 2, 1))


def test_bins_that_do_not_divide_share_entries():
    x = image([[1, 2, 4, 8, 16]])                          # bins [1 2], [2 4 8], [8 16]
    y = ops.adaptive_avg_pool2d(x, (1, 3))
    assert y.numpy().ravel().tolist() == pytest.approx([1.5, 14 / 3, 12])
    assert gradient(y, x)[0] == pytest.approx([1 / 2, 1 / 2 + 1 / 3, 1 / 3, 1 / 3 + 1 / 2, 1 / 2])


def test_more_bins_than_entries_repeat_them():
    assert ops.adaptive_avg_pool2d(image([[1, 3]]), (2, 3)).numpy().tolist() == [[[[1, 2, 3], [1, 2, 3]]]]


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))
def test_adaptive_pooling_is_plain_where_the_sizes_divide(h, w, kh, kw):
    x = tensor(np.random.default_rng(h + 7 * w).standard_normal((2, 3, h * kh, w * kw)))
    np.testing.assert_allclose(ops.adaptive_avg_pool2d(x, (h, w)).numpy(), ops.avg_pool2d(x, (kh, kw)).numpy(),
                               atol=1e-12)
    np.testing.assert_allclose(ops.adaptive_avg_pool2d(x, 1).numpy()[..., 0, 0], x.numpy().mean((2, 3)), atol=1e-12)


def test_float32_stays_float32():
    x = tensor(np.ones((1, 2, 4, 6)), requires_grad=True, dtype="float32")
    for y in (ops.max_pool2d(x, 3, padding=1), ops.avg_pool2d(x, 3, padding=1), ops.adaptive_avg_pool2d(x, 3)):
        assert y.dtype == np.float32 and gradients(y.sum(), [x])[0].dtype == np.float32
