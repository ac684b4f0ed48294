"""Convolutions: small ones by hand, and what must not change them. Random ones against loops: the records."""
from hypothesis import assume, given
from hypothesis import strategies as st

from tinyseq import ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device, to_host
from tinyseq.ops import conv

np = host.np


def normal(seed, *shape, dtype="float64"):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True, dtype=dtype)


def with_gradients(f, *inputs):
    """y and the gradients of a weighted sum of it, as NumPy arrays."""
    y = f(*inputs)
    u = np.cos(np.arange(y.size)).reshape(y.shape).astype(y.numpy().dtype)
    return [y.numpy(), *(to_host(dx) for dx in gradients((y * to_device(u)).sum(), inputs))]


def assert_same(some, others, **tolerance):
    for a, b in zip(some, others, strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


def test_the_kernel_slides_over_the_sequence_and_is_not_flipped():
    x, W = tensor([[[1.0], [2.0], [3.0], [4.0]]]), tensor([[[1.0], [10.0]]])         # (1, 4, 1), (1, 2, 1)
    assert ops.conv1d(x, W).numpy().ravel().tolist() == [21, 32, 43]
    assert ops.conv1d(x, W, tensor([0.5])).numpy().ravel().tolist() == [21.5, 32.5, 43.5]
    assert ops.conv1d(x, W, None, stride=2).numpy().ravel().tolist() == [21, 43]
    assert ops.conv1d(x, W, padding=1).numpy().ravel().tolist() == [10, 21, 32, 43, 4]
    assert ops.conv1d(x, W, dilation=3).numpy().ravel().tolist() == [41]


def test_the_gradient_of_an_entry_comes_from_every_window_that_sees_it():
    x = tensor(np.arange(12.0).reshape(1, 1, 3, 4), requires_grad=True)
    W = tensor(np.ones((1, 2, 2, 1)), requires_grad=True)
    y = ops.conv2d(x, W)
    assert y.numpy().tolist() == [[[[10, 14, 18], [26, 30, 34]]]]
    dx, dW = gradients(y.sum(), [x, W])
    assert to_host(dx).tolist() == [[[[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]]]]
    assert to_host(dW).ravel().tolist() == [18, 24, 42, 48]


def test_a_row_of_windows_is_a_view_of_what_was_unfolded():
    windows = conv.windows_over("conv2d", (9, 8), (3, 2), (2, 1), (0, 0))
    unfolded = conv._unfolded(normal(0, 3, 4, 9, 8).data, windows, groups=2)
    assert unfolded.shape == (2, 9, 2, 2, 7, 3)            # as large as two images, not as six
    for row in range(4):
        seen = conv._seen(unfolded, windows, row)
        assert seen.shape == (2, 3 * 2 * 2, 7 * 3)
        before = to_host(seen).copy()
        unfolded[:, 2 * row] += 1                          # the first row of the image that it sees
        assert (to_host(seen)[:, :4] == before[:, :4] + 1).all()
        assert (to_host(seen)[:, 4:] == before[:, 4:]).all()


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 3))
def test_where_a_place_of_a_window_lies_in_the_image(size, kernel, stride, padding, dilation):
    assume((kernel - 1) * dilation + 1 <= size + 2 * padding)
    windows = conv.windows_over("conv2d", (1, size), (1, kernel), (1, stride), (0, padding), (1, dilation))
    for j in range(kernel):
        places = [w * stride + j * dilation - padding for w in range(windows.counts[1])]
        which, where = windows.within(j, size)
        assert places[which] == [place for place in places if 0 <= place < size] == list(range(size))[where]


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(0, 9))
def test_dilation_is_a_kernel_with_zeros_between(dilation, kernel, stride, padding, seed):
    x, W = normal(seed, 2, 3, 12, 11), normal(seed + 1, 3, kernel, 2, 2)
    spread = np.zeros((3, (kernel - 1) * dilation + 1, dilation + 1, 2))
    spread[:, ::dilation, ::dilation] = W.numpy()
    y = ops.conv2d(x, W, stride=stride, padding=padding, dilation=dilation)
    right = ops.conv2d(x, tensor(spread), stride=stride, padding=padding)
    np.testing.assert_allclose(y.numpy(), right.numpy(), atol=1e-12)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 9))
def test_groups_are_convolutions_side_by_side(groups, C, K, seed):
    x, W = normal(seed, 2, groups * C, 5, 4), normal(seed + 1, C, 3, 2, groups * K)
    y = ops.conv2d(x, W, groups=groups, padding=1)
    parts = [ops.conv2d(x[:, g * C:(g + 1) * C], W[..., g * K:(g + 1) * K], padding=1) for g in range(groups)]
    np.testing.assert_allclose(y.numpy(), ops.concat(*parts, axis=1).numpy(), atol=1e-12)


def test_a_kernel_of_one_entry_is_a_product_with_each_pixel():
    x, W, b = normal(0, 2, 3, 4, 5), normal(1, 3, 1, 1, 6), normal(2, 6)
    right = x.transpose(0, 2, 3, 1) @ W.reshape(3, 6) + b
    np.testing.assert_allclose(ops.conv2d(x, W, b).numpy(), right.transpose(0, 3, 1, 2).numpy(), atol=1e-12)


def test_a_kernel_as_large_as_the_image_is_a_linear_layer():
    x, W = normal(0, 2, 3, 4, 5), normal(1, 3, 4, 5, 6)
    np.testing.assert_allclose(ops.conv2d(x, W).numpy()[:, :, 0, 0],
                               (x.reshape(2, 60) @ W.reshape(60, 6)).numpy(), atol=1e-12)


def test_a_sequence_is_an_image_of_height_1():
    x, W, b = normal(0, 2, 9, 4), normal(1, 2, 3, 6), normal(2, 6)
    settings = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    image = ops.conv2d(x.transpose(0, 2, 1)[:, :, None], W[:, None], b, **{**settings, "padding": (0, 1)})
    sequence = ops.conv1d(x, W, b, **settings)
    assert sequence.shape == (2, 4, 6)
    np.testing.assert_array_equal(sequence.numpy(), image.numpy()[:, :, 0].transpose(0, 2, 1))


def test_the_same_bits_every_time_and_no_input_touched():
    inputs = [normal(0, 3, 4, 9, 8, dtype="float32"), normal(1, 4, 3, 3, 6, dtype="float32"),
              normal(2, 6, dtype="float32")]
    before = [x.numpy().copy() for x in inputs]
    first, second = (with_gradients(lambda x, W, b: ops.conv2d(x, W, b, padding=1), *inputs) for _ in range(2))
    assert all(a.tobytes() == b.tobytes() and a.dtype == np.float32 for a, b in zip(first, second, strict=True))
    assert all(np.array_equal(a, x.numpy()) for a, x in zip(before, inputs, strict=True))


def test_a_chain_keeps_the_batch_last_in_memory():
    x, W = normal(0, 3, 4, 9, 8), normal(1, 4, 3, 3, 4)
    y = ops.max_pool2d(ops.relu(ops.conv2d(x, W, padding=1)), 2)
    for array in (y.data, gradients(ops.conv2d(y, W).sum(), [y])[0]):
        assert array.transpose(1, 2, 3, 0).flags.c_contiguous
