"""Networks over images: attention over places by hand, residual blocks from their equations, ResNets as known."""
import math

import numpy as np
import pytest

from tinyseq import layers, ops
from tinyseq.autograd import tensor
from tinyseq.backend import manual_seed, to_host, xp
from tinyseq.checks import assert_batch_independent, gradcheck
from tinyseq.layers import conv as conv_layers
from tinyseq.layers.images import DEPTHS, BasicBlock, Bottleneck, PlaceAttention, ResNet, residual


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def normal(*shape, dtype="float64"):
    return tensor(np.random.default_rng(len(shape)).standard_normal(shape), dtype=dtype)


# Attention over places --------------------------------------------------------------------------------------

def test_attention_over_places_is_its_equations():
    layer, x = PlaceAttention(4, 2).astype("float64"), normal(2, 4, 2, 3)
    w = {name: to_host(p.data) for name, p in layer.attention.named_parameters()}
    y, found = layer(x).numpy(), to_host(layer.weights(x))
    assert found.shape == (2, 2, 6, 6)
    for image, given, of_image in zip(y, x.numpy(), found, strict=True):
        s = given.reshape(4, 6).T                                                   # (6, 4): row by row
        q, k, v = (s @ w[f"W_{n}"] + w[f"b_{n}"] for n in "qkv")
        c = np.zeros((6, 4))
        for head in range(2):
            own = slice(2 * head, 2 * head + 2)
            e = np.exp(q[:, own] @ k[:, own].T / math.sqrt(2))
            alpha = e / e.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(of_image[head], alpha, rtol=1e-10)
            c[:, own] = alpha @ v[:, own]
        np.testing.assert_allclose(image, given + (c @ w["W_o"] + w["b_o"]).T.reshape(4, 2, 3), rtol=1e-10)


def test_every_place_asks_every_other_and_no_other_image():
    layer, x = PlaceAttention(4, 2).astype("float64"), normal(2, 4, 3, 3)
    assert_batch_independent(layer, x)
    for i in range(3):
        for j in range(3):
            other = x.numpy().copy()
            other[0, :, i, j] += 1
            changed = (layer(tensor(other)).numpy() != layer(x).numpy()).all(axis=1)          # (B, 3, 3)
            assert changed[0].all() and not changed[1].any()


def test_all_of_it_learns_which_a_sequence_of_length_one_does_not_let_it():
    layer, x = PlaceAttention(4, 2).astype("float64"), normal(2, 4, 2, 2)
    loss = (layer(x) * normal(2, 4, 2, 2)).sum()
    loss.backward()
    grads = {name: abs(to_host(p.grad)).max() for name, p in layer.named_parameters()}
    assert all(value > 1e-6 for name, value in grads.items() if not name.endswith("b_k")), grads
    gradcheck(layer, x, params=layer)
    with pytest.raises(ValueError, match=r"takes a map x \(B, 4, h, w\) of two places or more; got \(2, 4, 1, 1\)"):
        layer(normal(2, 4, 1, 1))


@pytest.mark.parametrize("shape", [(2, 3, 2, 2), (2, 4, 4), (4, 2, 2)])
def test_other_maps_are_refused(shape):
    with pytest.raises(ValueError, match="PlaceAttention takes a map"):
        PlaceAttention(4, 2)(normal(*shape, dtype="float32"))


# Blocks -----------------------------------------------------------------------------------------------------

def by_hand(x, w, name, stride=1, padding=0):
    """Convolution and batch normalisation by the batch, from their definitions."""
    W, gamma, beta = w[f"conv{name}.W"], w[f"bn{name}.gamma"], w[f"bn{name}.beta"]
    return normed(convolved(x, W, stride, padding), gamma, beta)


def convolved(x, W, stride, padding):
    k = W.shape[1]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    starts = [range(0, n - k + 1, stride) for n in x.shape[2:]]
    return np.stack([np.stack([np.einsum("bcuv,cuvk->bk", x[:, :, i:i + k, j:j + k], W) for j in starts[1]], axis=-1)
                     for i in starts[0]], axis=2)


def normed(y, gamma, beta):
    mean, variance = y.mean(axis=(0, 2, 3), keepdims=True), y.var(axis=(0, 2, 3), keepdims=True)
    return (y - mean) / np.sqrt(variance + 1e-5) * gamma[:, None, None] + beta[:, None, None]


def changed(block):
    """In float64, with no gamma at 1 and no beta at 0."""
    rng = np.random.default_rng(5)
    for name, p in block.astype("float64").named_parameters():
        if name.endswith(("gamma", "beta")):
            p.data = xp.asarray(rng.uniform(0.5, 1.5, p.shape))
    return block


@pytest.mark.parametrize("kind", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("stride, in_channels", [(1, 4), (1, 8), (2, 4), (2, 8)])
def test_a_block_is_its_equations(kind, stride, in_channels):
    width = 8 // kind.expansion
    block = changed(kind(in_channels, width, stride))
    x = np.random.default_rng(0).standard_normal((3, in_channels, 5, 5))
    w = {name: to_host(p.data) for name, p in block.named_parameters()}
    if kind is BasicBlock:
        r = by_hand(np.maximum(by_hand(x, w, 1, stride, 1), 0), w, 2, 1, 1)
    else:
        r = np.maximum(by_hand(np.maximum(by_hand(x, w, 1), 0), w, 2, stride, 1), 0)          # the stride in the 3x3
        r = by_hand(r, w, 3)
    projected = stride > 1 or in_channels != 8
    assert (block.downsample is not None) == projected
    if projected:
        x_here = normed(convolved(x, w["downsample.0.W"], stride, 0), w["downsample.1.gamma"], w["downsample.1.beta"])
    np.testing.assert_allclose(block(tensor(x)).numpy(), np.maximum(r + (x_here if projected else x), 0), atol=1e-10)


@pytest.mark.parametrize("kind", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("num_heads", [0, 2])
def test_a_block_has_right_gradients(kind, num_heads):
    block, x = changed(kind(2, 2, 2, num_heads)), normal(2, 2, 3, 4)
    assert (block.attention is None) == (num_heads == 0)
    report = gradcheck(block, x, params=block)
    assert len(report.checked) == len(block.named_parameters())
    gradcheck(block, tensor(x.numpy(), requires_grad=True))


def test_the_attention_stands_in_the_branch():
    block, x = changed(BasicBlock(4, 4, 1, 2)), normal(2, 4, 3, 3)
    y = ops.relu(block.attention(block.branch(x)) + x)
    np.testing.assert_array_equal(block(x).numpy(), y.numpy())


def test_weights_keep_the_size_of_what_goes_through_them():
    """He's rule counts what a channel of y is made into."""
    W = residual.conv(64, 128, 3).W.numpy()
    assert W.std() == pytest.approx(math.sqrt(2 / (128 * 9)), rel=0.02) and abs(W.mean()) < 1e-3


# ResNets ----------------------------------------------------------------------------------------------------

@pytest.fixture
def unborn(monkeypatch):
    """Weights take no time, and no memory before they are touched."""
    for module, name in ((residual, "normal"), (conv_layers, "uniform")):
        monkeypatch.setattr(module, name, lambda shape, *_: xp.zeros(shape, "float32"))


@pytest.mark.parametrize("depth, parameters", [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032)])
def test_parameters_equal_torchvisions(unborn, depth, parameters):
    assert ResNet(depth, 1000).count() == parameters


def test_shapes_of_the_two_stems(unborn):
    for stem, size, maps in (("imagenet", 64, [16, 8, 4, 2]), ("small", 28, [28, 14, 7, 4])):
        net, x = ResNet(18, 5, channels=3, width=2, stem=stem), normal(2, 3, size, size, dtype="float32")
        x = net.bn1(net.conv1(x))
        x = net.pool(x) if stem == "imagenet" else x
        for k, side in enumerate(maps, 1):
            x = getattr(net, f"layer{k}")(x)
            assert x.shape == (2, 2 ** k, side, side)


def test_no_attention_where_there_is_one_place(unborn):
    """The book's case: photographs of 32 x 32 through the stem of ImageNet."""
    net = ResNet(50, 10, width=4, attention_from=1, num_heads=2, size=32)
    assert [block.attention is not None for k in range(1, 5) for block in getattr(net, f"layer{k}")] == (
        [True] * (3 + 4 + 6) + [False] * 3)                # maps of 8, 4, 2 and 1
    assert all(block.attention is None for block in ResNet(18, 10, width=4).layer1)
    small = ResNet(18, 10, width=4, stem="small", attention_from=3, num_heads=2, size=28)
    assert [getattr(small, f"layer{k}")[0].attention is not None for k in range(1, 5)] == [False, False, True, True]


def test_a_whole_resnet_is_its_parts_and_learns():
    net = changed(ResNet(10, 3, channels=1, width=2, stem="imagenet", stages=2))
    images = normal(4, 1, 12, 12)
    x = net.pool(ops.relu(net.bn1(net.conv1(images))))
    x = net.layer2(net.layer1(x))
    np.testing.assert_allclose(net(images).numpy(), x.numpy().mean(axis=(2, 3)) @ net.fc.W.numpy() + net.fc.b.numpy(),
                               atol=1e-12)
    gradcheck(lambda: net(images), params=net)


def test_settings_that_are_none():
    for settings in ({"depth": 20}, {"stem": "large"}, {"stages": 5}, {"stages": 0}):
        with pytest.raises(ValueError, match="depth is one of 10, 18, 34, 50, stem one of imagenet, small, stages 1"):
            ResNet(**{"depth": 10, "K": 2, "width": 2, **settings})
    with pytest.raises(ValueError, match="num_heads divides C"):
        ResNet(10, 2, width=4, attention_from=1, num_heads=3)
    assert list(DEPTHS) == [10, 18, 34, 50]


def test_names_are_torchvisions():
    names = {name for name, _ in ResNet(50, 2, width=1).named_parameters()}
    assert {"conv1.W", "bn1.gamma", "layer1.0.conv3.W", "layer1.0.downsample.0.W", "layer2.0.downsample.1.beta",
            "layer4.2.bn3.beta", "fc.b"} <= names
    assert isinstance(ResNet(10, 2, width=1).layer1, layers.Sequential)
