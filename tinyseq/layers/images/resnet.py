"""ResNet: a stem, stages of residual blocks, the mean over all places, a linear layer.

    (1) x = stem(images)             "imagenet": 7x7 with stride 2, norm, ReLU, max-pool 3x3 with stride 2   size / 4
                                     "small":    3x3, norm, ReLU                                            size
    (2) x = stage_k(x)               k = 1 .. 4; from the second on, the first block halves height and width
    (3) v = mean of x over places    (B, expansion 2^(stages-1) width)
    (4) y = v W + b                  (B, K)

The names of the parts are torchvision's, so that its weights fit (interop/torchvision.py). For images of 32 x 32 and
less, the stem "imagenet" throws away what there is to see: after four stages a map of 1 x 1 is left. He et al. 2016,
table 1; the small stem: section 4.2.
"""
from typing import Any, NamedTuple

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.layers.images.residual import BasicBlock, Block, Bottleneck, conv
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.layers.norm import BatchNorm2d
from tinyseq.layers.pool import MaxPool2d
from tinyseq.layers.sequential import Sequential


class Depth(NamedTuple):
    """What a ResNet of so many layers is made of."""
    block: type[Block]
    counts: tuple[int, int, int, int]      # blocks of each stage


DEPTHS = {10: Depth(BasicBlock, (1, 1, 1, 1)), 18: Depth(BasicBlock, (2, 2, 2, 2)),
          34: Depth(BasicBlock, (3, 4, 6, 3)), 50: Depth(Bottleneck, (3, 4, 6, 3))}
STEMS = ("imagenet", "small")


class ResNet(Module):
    """Equations (1)-(4) of this page.

    Made with  depth: 10, 18, 34 or 50.  K: labels.  channels: of the images.  width: channels of the first stage's 3x3
               convolutions; each stage doubles them.  stem: "imagenet" or "small".  stages: how many of the four there
               are.  attention_from: stages from this one on have self-attention in their blocks; None: none has.
               num_heads: of it.  size: of the images; a stage whose map is 1 x 1 gets no attention, which would have
               nothing to choose from.
    Weights    those of its blocks; the stem's W; fc.W and fc.b as Linear's.
    Call       images (B, channels, height, width) -> y (B, K)
    Use        .features(images) -> v;  .attention_weights(images), for pictures/images.py
    Raises     ValueError for a depth, a stem or a number of stages that is none, and as its layers."""

    def __init__(self, depth: int, K: int, channels: int = 3, width: int = 64, stem: str = "imagenet", stages: int = 4,
                 attention_from: int | None = None, num_heads: int = 1, size: int = 224):
        if depth not in DEPTHS or stem not in STEMS or not 1 <= stages <= 4:
            raise ValueError(f"ResNet: depth is one of {', '.join(map(str, DEPTHS))}, stem one of {', '.join(STEMS)}, "
                             f"stages 1 to 4; got {depth}, {stem!r}, {stages}")
        block, counts = DEPTHS[depth]
        self.conv1 = conv(channels, width, 7, stride=2) if stem == "imagenet" else conv(channels, width, 3)
        self.bn1 = BatchNorm2d(width)
        self.pool = MaxPool2d(3, stride=2, padding=1) if stem == "imagenet" else None
        self.depth, self.stages = depth, stages
        size, C = (halved(halved(size)) if stem == "imagenet" else size), width
        for k in range(1, stages + 1):
            size = halved(size) if k > 1 else size
            attends = attention_from is not None and k >= attention_from and size > 1
            blocks = []
            for i in range(counts[k - 1]):
                stride = 2 if k > 1 and i == 0 else 1
                blocks.append(block(C, width * 2 ** (k - 1), stride, num_heads if attends else 0))
                C = blocks[-1].C
            setattr(self, f"layer{k}", Sequential(*blocks))
        self.fc = Linear(C, K)

    def __call__(self, images: Tensor) -> Tensor:
        return self.fc(self.features(images))                                       # (4)

    def features(self, images: Tensor) -> Tensor:
        """v (B, C), equations (1)-(3)."""
        x = self.stem(images)                                                       # (1)
        for block in self.blocks():
            x = block(x)                                                            # (2)
        return x.mean(axis=(2, 3))                                                  # (3)

    def stem(self, images: Tensor) -> Tensor:
        """The map of (1)."""
        x = ops.relu(self.bn1(self.conv1(images)))
        return x if self.pool is None else self.pool(x)

    def blocks(self) -> list[Block]:
        """Those of all stages, from the first."""
        return [block for k in range(1, self.stages + 1) for block in getattr(self, f"layer{k}")]

    def attention_weights(self, images: Tensor) -> Any:
        """How much each place looks at each other in the first block that attends, where the map is finest: an array
        (B, nh, T, T). Keeps no graph. Raises ValueError where no block attends."""
        with no_grad():
            x = self.stem(images)
            for block in self.blocks():
                if block.attention is not None:
                    return block.attention.weights(block.branch(x))
                x = block(x)
        raise ValueError("no block of this network has attention: make it with attention_from=1, 2, 3 or 4, where the "
                         "map has more than one place")

    def describe(self) -> str:
        return f"depth {self.depth}, {self.conv1.W.shape[-1]} channels wide"


def halved(size: int) -> int:
    """Height or width after a convolution or a pooling with stride 2 that keeps the border."""
    return (size + 1) // 2
