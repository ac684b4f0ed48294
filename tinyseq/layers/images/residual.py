"""Residual blocks: what a block learns is added to what it was given.

    (1) r = F(x)                           (B, C_out, h', w')      convolutions, each normalised, between them ReLU
    (2) r = r + attention(r)               (B, C_out, h', w')      where the block has one (attention.py)
    (3) y = ReLU(r + P(x))                 (B, C_out, h', w')

P(x) = x where the shapes agree; otherwise the shortcut is projected, by a 1x1 convolution with the block's stride, and
normalised. dy/dx then has a part that no weight of the block stands in, so a deep stack trains as a shallow one does.

    BasicBlock     F: 3x3 (stride), 3x3                              two layers
    Bottleneck     F: 1x1, 3x3 (stride), 1x1 to four times the width    three; the 3x3 works on few channels

He et al. 2016, "Deep residual learning for image recognition", sections 3.2, 3.3 and figure 5. There the bottleneck's
stride is that of its first 1x1, which throws three of four places away unseen; here, as everywhere since, it is that of
the 3x3 (Goyal et al. 2017, section 5.1).
"""
import math

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import normal
from tinyseq.layers.conv import Conv2d
from tinyseq.layers.images.attention import PlaceAttention
from tinyseq.layers.module import Module
from tinyseq.layers.norm import BatchNorm2d
from tinyseq.layers.sequential import Sequential


class Block(Module):
    """Equations (1)-(3) of this page; a subclass makes F.

    Made with  in_channels.  width: channels of the 3x3 convolutions.  stride: 1, or 2 to halve height and width.
               num_heads: of the attention in (2); 0: none.
    Weights    W of each convolution, from N(0, 2 / (C_out kh kw)) (He et al. 2015); gamma and beta of each norm; no
               other biases, which a norm would take away again.
    Call       x (B, in_channels, h, w) -> y (B, expansion width, ceil(h / stride), ceil(w / stride))
    Raises     ValueError if x has other axes or channels, or num_heads does not divide those of y."""

    expansion: int                         # channels of y, by width

    def __init__(self, in_channels: int, width: int, stride: int = 1, num_heads: int = 0):
        self.C = self.expansion * width
        self.build(in_channels, width, stride)
        self.attention = PlaceAttention(self.C, num_heads) if num_heads else None
        same = stride == 1 and in_channels == self.C
        self.downsample = None if same else Sequential(conv(in_channels, self.C, 1, stride), BatchNorm2d(self.C))

    def build(self, in_channels: int, width: int, stride: int) -> None:
        """The layers of F."""
        raise NotImplementedError

    def branch(self, x: Tensor) -> Tensor:
        """F(x), equation (1)."""
        raise NotImplementedError

    def __call__(self, x: Tensor) -> Tensor:
        r = self.branch(x)                                                          # (1)
        if self.attention is not None:
            r = self.attention(r)                                                   # (2)
        return ops.relu(r + (x if self.downsample is None else self.downsample(x)))     # (3)


class BasicBlock(Block):
    """F: 3x3, 3x3."""

    expansion = 1

    def build(self, in_channels: int, width: int, stride: int) -> None:
        self.conv1, self.bn1 = conv(in_channels, width, 3, stride), BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), BatchNorm2d(width)

    def branch(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv2(ops.relu(self.bn1(self.conv1(x)))))              # (1)


class Bottleneck(Block):
    """F: 1x1, 3x3, 1x1."""

    expansion = 4

    def build(self, in_channels: int, width: int, stride: int) -> None:
        self.conv1, self.bn1 = conv(in_channels, width, 1), BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), BatchNorm2d(4 * width)

    def branch(self, x: Tensor) -> Tensor:
        r = ops.relu(self.bn1(self.conv1(x)))                                       # (1)
        r = ops.relu(self.bn2(self.conv2(r)))                                       # (1)
        return self.bn3(self.conv3(r))                                              # (1)


def conv(in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> Conv2d:
    """A convolution without bias that keeps height and width but for its stride, with He's weights."""
    made = Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False)
    made.W.data = normal(made.W.shape, math.sqrt(2 / (out_channels * kernel * kernel)))
    return made
