"""Self-attention in networks that see images: the CNN of 9.1 and the ResNet of 9.2."""
from dataclasses import replace
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, gradients, no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.data import Images
from tinyseq.errata.measures import difference, gradient_size, largest, refusal, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import Linear, MultiHeadAttention
from tinyseq.layers.images import Bottleneck, PlaceAttention, ResNet
from tinyseq.layers.images.residual import conv
from tinyseq.layers.images.resnet import halved
from tinyseq.models.attention_cnn import TINY, AttentionCNN
from tinyseq.training.images import Encoder

np = host.np


def map_of(*shape: int) -> Tensor:
    """A map of features (B, C, h, w), as a ReLU leaves it."""
    return tensor(np.maximum(rng().normal(size=shape), 0), dtype="float32")


@specimen("sequence-of-one", "9.1", "layers/images/attention.py")
def sequence_of_one() -> list[Row]:
    """Self-attention over a sequence of one: there is nothing to choose from.

    Book    the map is flattened into one vector of 1024, which is the whole sequence: x (B, 1, 1024)
    Wrong   The softmax over a single score is 1, whatever the query and the key are. So dL/dW_q = dL/dW_k = 0, two of
            the four matrices never learn, and what is left is a linear layer after another.
    Cure    the sequence is that of the places: 16 of 64 channels (the map is 4 x 4)"""
    manual_seed(0)
    x = map_of(8, 64, 4, 4)
    faulty, sound = MultiHeadAttention(1024, 1), PlaceAttention(64, 4)
    y, alpha = faulty(x.reshape(8, 1, 1024))
    found = []
    for out, attention in ((y, faulty), (sound(x), sound.attention)):
        grads = gradients((out * out).sum(), [attention.W_q, attention.W_k])
        found.append((largest(grads[0]), sum(int((values(g) == 0).sum()) for g in grads)))
    return [Row("largest |dL/dW_q|", *(size for size, _ in found)),
            Row("entries of W_q and W_k without a gradient", *(dead for _, dead in found)),
            Row("smallest weight alpha", float(values(alpha).min()), float(values(sound.weights(x)).min()))]


@specimen("divided-twice", "9.1, 9.2", "training/images.py")
def divided_twice() -> list[Row]:
    """Pixels are divided by 255 two times.

    Book    images / 255, of images which the library has divided by 255 on reading them
    Wrong   No pixel is above 1/255. The first layer sees next to nothing, and its gradient, which is a product with the
            pixels, is as small; two images look the same to the network.
    Cure    once; better the mean and the deviation of the training part: each colour at mean 0 and deviation 1"""
    pixels, labels = rng().integers(0, 256, (16, 1, 14, 14)).astype("uint8"), np.arange(16) % 3
    sound = Encoder.of(Images(pixels, labels), "abc").batch(pixels, labels)
    manual_seed(0)
    model, columns = AttentionCNN(replace(TINY, C1=8, C2=8, H=32)), []
    for batch in (replace(sound, images=(pixels / 255 / 255).astype("float32")), sound):
        with no_grad():
            y = values(model(batch))
        columns.append((float(batch.images.std()), gradient_size(model.loss(batch)[0] / 16, model.conv1.W),
                        difference(y[0], y[1])))
    what = ["deviation of the pixels", "largest |dL/dW| of the first convolution", "difference of two images' logits"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("convolutions-without-relu", "9.1", "models/attention_cnn.py")
def convolutions_without_relu() -> list[Row]:
    """There is no nonlinearity but the pooling between two convolutions.

    Book    x = pool(conv1(images)),  x = pool(conv2(x)),  h = relu(x W_h + b_h)
    Wrong   The largest of four numbers, all moved by b, is moved by b. So the bias of conv1 passes the pooling and
            conv2 as it is, and that of conv2 can do the same thing: 32 + 64 biases that a later one makes superfluous.
            What a unit cannot do is to be silent.
    Cure    a ReLU after each convolution: what lies below 0 is 0. Here b_1 moves by 1 and b_2 makes up for it."""
    images = tensor(rng().normal(size=(4, 1, TINY.size, TINY.size)))
    changes, silent = [], []
    for relu in (False, True):
        manual_seed(0)
        model = AttentionCNN(TINY).astype("float64")
        phi = ops.relu if relu else lambda x: x

        def maps(model: Any = model, phi: Any = phi) -> Any:
            with no_grad():
                return values(model.pool(phi(model.conv2(model.pool(phi(model.conv1(images)))))))

        before = maps()
        assert model.conv1.b is not None and model.conv2.b is not None
        model.conv1.b.data = model.conv1.b.data + 1
        model.conv2.b.data = model.conv2.b.data - model.conv2.W.data.sum(axis=(0, 1, 2))        # of (C1, 3, 3, C2)
        changes.append(difference(maps(), before))
        silent.append(float((before == 0).mean()))
    return [Row("change of the map that conv2 leaves", *changes), Row("part of its entries that is silent", *silent)]


@specimen("channels-along-the-width", "9.2", "layers/images/attention.py")
def channels_along_the_width() -> list[Row]:
    """A layer for channels is applied to the axis of the image's width.

    Book    q = x W_q with W_q (C, C) and x (B, C, h, w)
    Wrong   A linear layer maps the last axis, and that is w: 8 pixels where 256 channels are expected. Had they been as
            many, rows of pixels would have looked at each other within each channel, and no place at any other place.
    Cure    (B, C, h, w) -> (B, h w, C): the sequence of places, and back"""
    manual_seed(0)
    x, W_q = map_of(1, 256, 8, 8), Linear(256, 256)
    places = PlaceAttention(256, 1)._places(x)
    return [Row("entries of the axis that W_q (256, 256) maps", x.shape[-1], places.shape[-1]),
            Row("tinyseq says", refusal(lambda: W_q(x)), None)]


@specimen("evaluation-for-ever", "9.2", "layers/norm.py")
def evaluation_for_ever() -> list[Row]:
    """The batch normalisation of the blocks never normalises.

    Book    a block is always called with train = false, in training too
    Wrong   In evaluation it goes by the running mean and deviation, which only training moves: they stay 0 and 1, and
            (x - 0) / 1 is x. A network of 50 layers is trained without a norm in any of its blocks.
    Cure    model.train() reaches every part. A block that is given features at five times the usual size."""
    x, columns = map_of(8, 16, 6, 6) * 5.0, []
    for training in (False, True):
        manual_seed(0)
        block = Bottleneck(16, 4)
        block.train() if training else block.eval()
        with no_grad():
            r = block.branch(x)
        moved = largest(block.bn1.running_mean)
        columns.append((float(values(r).std()), moved))
    what = ["deviation of what the block adds", "largest change of a running mean"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("shortcut-as-it-is", "9.2", "layers/images/residual.py")
def shortcut_as_it_is() -> list[Row]:
    """No ReLU after the sum, no norm on the shortcut.

    Book    y = F(x) + P(x), with P a 1x1 convolution where the shapes differ
    Wrong   F(x) has been normalised and P(x) has not: of large features the shortcut drowns the block. And without a
            ReLU what leaves one block enters the next one's first convolution as it is: linear after linear.
    Cure    y = relu(F(x) + norm(P(x))) (He et al. 2016)"""
    manual_seed(0)
    x = map_of(8, 16, 6, 6) * 5.0
    block, P = Bottleneck(16, 8), conv(16, 32, 1)
    with no_grad():
        assert block.downsample is not None
        F, faulty, projected = block.branch(x), values(P(x)), values(block.downsample(x))
        y = values(block(x))
    of_block = values(F).std()
    return [Row("deviation of the shortcut / of the block", float(faulty.std() / of_block),
                float(projected.std() / of_block)),
            Row("part of the outputs below 0", float((values(F) + faulty < 0).mean()), float((y < 0).mean()))]


@specimen("attention-over-one-place", "9.2", "layers/images/resnet.py")
def attention_over_one_place() -> list[Row]:
    """In the last stage the map is 1 x 1, and its attention has one place to look at.

    Book    32 x 32 pixels through a stem that quarters them and three stages that halve them; attention in every block
    Wrong   After the last stage a single place is left: the softmax is 1, queries and keys have no gradient. In the
            three blocks of 2048 channels these are weights by the million.
    Cure    a stem for small images, and no attention where there is nothing to choose from (ResNet, attention_from)"""
    side = 32
    for _ in range(5):                                     # the stem twice, the last three stages
        side = halved(side)
    manual_seed(0)
    attention = MultiHeadAttention(8, 1)
    dead = 3 * 2 * (2048 * 2048 + 2048)
    sizes = []
    for places in (side * side, 4):
        x = tensor(rng().normal(size=(4, places, 8)), dtype="float32")
        y, _ = attention(x)
        sizes.append(largest(gradients((y * y).sum(), [attention.W_q])[0]))
    net = ResNet(50, 10, width=4, attention_from=1, size=32)
    ours = sum(p.size for name, p in net.named_parameters() if name.startswith("layer4") and "attention" in name)
    return [Row("weights of queries and keys over one place", dead, ours),
            Row("largest |dL/dW_q| (sound: a map of 2 x 2)", *sizes), Row("places of the last map", side * side, None)]
