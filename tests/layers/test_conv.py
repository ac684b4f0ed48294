"""Convolutional layers: their weights, their settings, and the mistakes that people make with them."""
import pytest

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, manual_seed
from tinyseq.checks import gradcheck
from tinyseq.layers import Conv1d, Conv2d, Module

np = host.np


class Net(Module):
    def __init__(self):
        self.stem = [Conv2d(3, 8, 5), Conv1d(4, 6, 3)]


def images(*shape, dtype="float32"):
    return tensor(np.random.default_rng(0).standard_normal(shape), dtype=dtype)


@pytest.mark.parametrize("settings", [{}, {"stride": 2, "padding": (1, 2)}, {"dilation": (1, 2), "groups": 2},
                                      {"bias": False, "padding": 1}])
def test_conv2d(settings):
    layer = Conv2d(4, 6, (3, 2), **settings).astype("float64")
    x = tensor(images(2, 4, 7, 6, dtype="float64"), requires_grad=True)
    of_op = {name: value for name, value in settings.items() if name != "bias"}
    np.testing.assert_array_equal(layer(x).numpy(), ops.conv2d(x, layer.W, layer.b, **of_op).numpy())
    assert [name for name, _ in layer.named_parameters()] == (["W"] if "bias" in settings else ["W", "b"])
    gradcheck(layer, x, params=layer)


@pytest.mark.parametrize("settings", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"bias": False}])
def test_conv1d(settings):
    layer = Conv1d(4, 6, 3, **settings).astype("float64")
    x = tensor(images(2, 7, 4, dtype="float64"), requires_grad=True)
    of_op = {name: value for name, value in settings.items() if name != "bias"}
    np.testing.assert_array_equal(layer(x).numpy(), ops.conv1d(x, layer.W, layer.b, **of_op).numpy())
    gradcheck(layer, x, params=layer)


def test_initial_weights():
    manual_seed(0)
    layers = [Conv2d(8, 64, 5, groups=2), Conv1d(20, 50, 5)]
    for layer, shape in zip(layers, [(4, 5, 5, 64), (20, 5, 50)], strict=True):
        W = layer.W.numpy()
        assert W.shape == shape and W.dtype == np.float32
        assert 0.095 < abs(W).max() <= 0.1 and abs(layer.b.numpy()).max() <= 0.1     # n = 4 * 5 * 5 = 20 * 5 = 100
    manual_seed(0)
    assert np.array_equal(layers[0].W.numpy(), Conv2d(8, 64, 5, groups=2).W.numpy())


def test_print_shows_the_settings_that_were_made():
    assert repr(Conv2d(4, 6, 3)).splitlines()[0] == "Conv2d(4, 6, kernel=(3, 3))  222 parameters"
    assert "Conv2d(4, 6, kernel=(3, 3), padding=(1, 1), groups=2)" in repr(Conv2d(4, 6, 3, padding=1, groups=2))
    assert "Conv1d(4, 6, kernel=3, stride=2)" in repr(Conv1d(4, 6, 3, stride=2))


MISTAKES = {
    r"^Conv2d 'stem.0': the channel axis \(1\) of x \(2, 28, 28, 3\) .* x.transpose\(0, 3, 1, 2\)":
        lambda: Net().stem[0](images(2, 28, 28, 3)),
    r"^Conv2d 'stem.0': x has the axes \(B, C, height, width\); got shape \(3, 28, 28\): .* x\[None\]":
        lambda: Net().stem[0](images(3, 28, 28)),
    r"^Conv2d 'stem.0': a kernel of 5 reaches over 5 entries, and the height axis has 4: .* padding=1":
        lambda: Net().stem[0](images(2, 3, 4, 9)),
    r"^Conv2d 'stem.0': x holds floating-point numbers; got uint8 .* / 255":
        lambda: Net().stem[0](tensor(np.zeros((2, 3, 28, 28), np.uint8))),
    r"^Conv1d 'stem.1': the channel axis \(2\) of x \(2, 4, 9\) .* \(B, C, T\).* x.transpose\(0, 2, 1\)":
        lambda: Net().stem[1](images(2, 4, 9)),
    r"^Conv1d 'stem.1': x holds floating-point numbers; got int64 of shape \(2, 9\): ids .* Embedding":
        lambda: Net().stem[1](tensor(np.zeros((2, 9), int))),
    r"^Conv2d: in_channels=3 cannot be cut into groups=2": lambda: Conv2d(3, 4, 3, groups=2),
    r"^Conv1d: out_channels=3 cannot be cut into groups=2": lambda: Conv1d(4, 3, 3, groups=2),
    r"^Conv2d: in_channels is a whole number from 1 on; got 0": lambda: Conv2d(0, 3, 3),
    r"^Conv2d: kernel .* got \(3, 0\)": lambda: Conv2d(3, 3, (3, 0)),
    r"^Conv2d: padding .* got 'same'": lambda: Conv2d(3, 3, 3, padding="same"),
    r"^Conv1d: stride is a whole number .* got \(1, 1\)": lambda: Conv1d(3, 3, 3, stride=(1, 1)),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()
