"""ResNet with self-attention in its residual blocks (chapter 9.2), and what is transferred from it (chapter 9.5).

    (1) v = ResNet's features of the images       (B, C)       stem, stages of blocks, the mean over all places
    (2) y = v W + b,   P(label = k | image) = softmax(y)_k       (B, K)

In the blocks of the last stages, r = F(x) + attention over the places of F(x), where a map has more than one place:
layers/images/residual.py. depth=50, width=64, stem="imagenet", attention_from=5 is the ResNet-50 of He et al. 2016
(25,557,032 parameters at 1,000 labels), depth=18 the ResNet-18 (11,689,512); the defaults are a ResNet-18 a quarter as
wide, for small images. The book's ResNet-50 attends along rows of pixels as if these were channels, keeps its batch
normalisation in evaluation mode, and has no ReLU after the sum and no norm on the shortcut.

Batch normalisation looks at all rows of a batch: it is computed whole (training/parallel.py). start_from: another run,
or a file of torchvision's weights (interop/torchvision.py). Data and measure: training/images.py.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.files import load
from tinyseq.interop import to_pytorch, weights_from_pytorch
from tinyseq.layers.images import ResNet, check_images


@dataclass(frozen=True)
class Config:
    """The sizes."""
    channels: int = 1                  # colours of the images; the data decide
    size: int = 28                     # their height and width; the data decide
    K: int = 10                        # labels; the data decide
    depth: int = 18                    # or 10, 34, 50
    width: int = 16                    # channels of the first stage; ResNet's own: 64
    stem: str = "small"                # or "imagenet", for images of 100 pixels and more
    stages: int = 4                    # of blocks
    attention_from: int = 3            # stages from this one on attend; 5: none
    num_heads: int = 4                 # of the attention


TINY = Config(size=4, K=3, depth=10, width=2, stages=2, attention_from=2, num_heads=2)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 3440, "batch": 64, "lr": 0.003, "warmup": 200, "weight_decay": 0.05, "optimiser": "adamw",
              "augment": "flip", "evaluate_every": 860},
    "long": {"steps": 10320, "batch": 64, "lr": 0.003, "warmup": 200, "weight_decay": 0.05, "optimiser": "adamw",
             "augment": "shift_flip", "evaluate_every": 860},
    # Twenty epochs of 45,000 photographs.
    "book": {"depth": 50, "width": 64, "stem": "imagenet", "attention_from": 1, "steps": 7040, "batch": 128,
             "optimiser": "sgd", "lr": 0.01, "schedule": "constant", "clip_norm": None, "evaluate_every": 352},
}
# Half of the labels of Fashion-MNIST are half as many images. Digits have fewer still, and must not be mirrored.
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    **{half: {"quick": {"steps": 1720, "evaluate_every": 430}, "long": {"steps": 5160, "evaluate_every": 430}}
       for half in ("fashion-mnist-0-4", "fashion-mnist-5-9")},
    "mnist": {"quick": {"steps": 700, "augment": "shift", "evaluate_every": 140},
              "long": {"steps": 2100, "augment": "shift", "evaluate_every": 140}},
}


class AttentionResNet(ResNet):
    """Equations (1) and (2).

    Made with  config.
    Weights    those of layers.images.ResNet.
    Call       a batch with images (B, channels, size, size) -> y (B, K)
    Use        .attention_weights(batch) -> (B, nh, T, T) of the first block that attends, as an array
    Raises     ValueError as ResNet, and for images of another size."""

    task = "images"
    head = "fc"

    def __init__(self, config: Config):
        super().__init__(config.depth, config.K, config.channels, config.width, config.stem, config.stages,
                         config.attention_from, config.num_heads, config.size)
        self.channels, self.size = config.channels, config.size

    def __call__(self, batch: Any) -> Tensor:
        return super().__call__(self.images(batch))                                 # (1) (2)

    def images(self, batch: Any) -> Tensor:
        """Those of a batch, of the size that the model was made for."""
        images = tensor(batch.images, dtype=self.fc.W.dtype)
        check_images(self, images, self.channels, self.size)
        return images

    def attention_weights(self, batch: Any) -> Any:
        """As ResNet's, of a batch."""
        return super().attention_weights(self.images(batch))

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(label), and the number of images:  L = -sum_b ln softmax(y_b)_label  (3)"""
        return ops.cross_entropy(self(batch), batch.labels, reduction="sum"), len(batch.labels)     # (3)

    def predict(self, batch: Any) -> Any:
        """P(label = k | image) as an array (B, K). Keeps no graph."""
        with no_grad():
            return ops.softmax(self(batch)).data

    def pretrained(self, source: str) -> dict[str, Any]:
        """The weights in a safetensors file of torchvision's, whose head, of other labels, is left out
        (training/start.py). Raises ValueError for a file that is none, or whose weights do not fit."""
        if source.endswith((".pth", ".pt")):
            raise ValueError(f"{source} is a pickle, which only PyTorch opens: save it there as safetensors, by "
                             "safetensors.torch.save_file(torch.load(path), new_path), and name the new file")
        mine = to_pytorch(self)
        kept = {name: mine[name] for name in mine if name.startswith("fc.") or name.endswith("num_batches_tracked")}
        theirs = {**load(source).tensors, **kept}
        try:
            return weights_from_pytorch(self, theirs)
        except ValueError as error:
            raise ValueError(f"{source}: {error}. torchvision's resnet18 fits depth=18, its resnet50 depth=50, both "
                             "with width=64, stem=imagenet, attention_from=5 and images in three colours") from None


Model = AttentionResNet
