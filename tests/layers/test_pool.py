"""Pooling layers: the ops under a name."""
import pytest

from tinyseq import layers, ops
from tinyseq.autograd import tensor
from tinyseq.backend import host

np = host.np
x2 = tensor(np.random.default_rng(0).standard_normal((2, 3, 7, 8)))
x1 = tensor(np.random.default_rng(0).standard_normal((2, 9, 4)))


@pytest.mark.parametrize("layer, x, y", [
    (layers.MaxPool2d(2), x2, ops.max_pool2d(x2, 2)),
    (layers.MaxPool2d((3, 2), stride=1, padding=(1, 0)), x2, ops.max_pool2d(x2, (3, 2), stride=1, padding=(1, 0))),
    (layers.AvgPool2d(3, 2, 1), x2, ops.avg_pool2d(x2, 3, stride=2, padding=1)),
    (layers.MaxPool1d(2), x1, ops.max_pool1d(x1, 2)),
    (layers.AvgPool1d(3, stride=1, padding=1), x1, ops.avg_pool1d(x1, 3, stride=1, padding=1)),
    (layers.AdaptiveAvgPool2d((2, 3)), x2, ops.adaptive_avg_pool2d(x2, (2, 3))),
])
def test_a_layer_is_its_op(layer, x, y):
    np.testing.assert_array_equal(layer(x).numpy(), y.numpy())
    assert layer.parameters() == []


def test_print_shows_the_settings():
    assert repr(layers.MaxPool2d(2)).startswith("MaxPool2d(2)  ")
    assert repr(layers.AvgPool1d(3, stride=1, padding=1)).startswith("AvgPool1d(3, stride=1, padding=1)  ")
    assert repr(layers.AdaptiveAvgPool2d(1)).startswith("AdaptiveAvgPool2d((1, 1))  ")


class Net(layers.Module):
    def __init__(self, pool):
        self.pool = pool


MISTAKES = {
    r"^MaxPool2d 'pool': x has the axes \(B, C, height, width\); got shape \(2, 9, 4\)":
        lambda: Net(layers.MaxPool2d(2)).pool(x1),
    r"^AvgPool1d 'pool': x has the axes \(B, T, C\); got shape \(2, 3, 7, 8\)":
        lambda: Net(layers.AvgPool1d(2)).pool(x2),
    r"^AvgPool2d 'pool': a kernel of 8 reaches over 8 entries, and the height axis has 7":
        lambda: Net(layers.AvgPool2d(8)).pool(x2),
    r"^MaxPool1d 'pool': padding is at most half of k=2.* got 2": lambda: Net(layers.MaxPool1d(2, padding=2)).pool(x1),
    r"^AdaptiveAvgPool2d 'pool': x has the axes": lambda: Net(layers.AdaptiveAvgPool2d(1)).pool(x1),
    r"^AdaptiveAvgPool2d: size is a whole number from 1 on, or two of them .* got 0":
        lambda: layers.AdaptiveAvgPool2d(0),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_explained(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()
