"""The convolutional network that says what an image shows, with self-attention over its places (chapter 9.1).

    (1) x = pool(ReLU(conv1(images)))           (B, C1, h1, w1)      5x5 windows, then the largest of each 2x2
    (2) x = x + attention over its places       where attention = 1: 12 x 12 = 144 places of C1 channels
    (3) x = pool(ReLU(conv2(x)))                (B, C2, h2, w2)
    (4) x = x + attention over its places       where attention = 2: 4 x 4 = 16 places of C2 channels
    (5) h = dropout(ReLU(x, as one row, W_h + b_h))       (B, H)
    (6) y = h W_y + b_y,   P(label = k | image) = softmax(y)_k       (B, K)

The sequence that is attended over is that of the places of a map: layers/images/attention.py. The book flattens the map
first, which leaves a sequence of length one, and has no ReLU in (1) and (3). The convolutions: ops/conv.py; data and
measure: training/images.py. LeCun et al. 1998 for (1), (3), (5); Wang et al. 2018 for (2), (4).
"""
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.layers import Conv2d, Dropout, Linear, MaxPool2d, Module
from tinyseq.layers.images import PlaceAttention, check_images


@dataclass(frozen=True)
class Config:
    """The sizes."""
    channels: int = 1                  # colours of the images; the data decide
    size: int = 28                     # their height and width; the data decide
    K: int = 10                        # labels; the data decide
    C1: int = 32                       # channels of the first convolution
    C2: int = 64                       # and of the second
    kernel: int = 5                    # of both
    H: int = 1024                      # units of (5)
    attention: int = 2                 # after which convolution it stands: 1 or 2; 0: there is none
    num_heads: int = 4                 # of the attention
    dropout: float = 0.5               # of h


TINY = Config(size=14, K=3, C1=2, C2=4, kernel=3, H=4, num_heads=2, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 5160, "batch": 64, "lr": 0.001, "warmup": 200, "weight_decay": 0.01, "optimiser": "adamw",
              "augment": "flip", "evaluate_every": 860},
    "long": {"steps": 17200, "batch": 64, "lr": 0.001, "warmup": 200, "weight_decay": 0.01, "optimiser": "adamw",
             "augment": "shift_flip", "evaluate_every": 860},
    # Ten epochs of 55,000 images.
    "book": {"steps": 2150, "batch": 256, "lr": 1e-4, "schedule": "constant", "clip_norm": None,
             "evaluate_every": 215},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    "mnist": {"quick": {"steps": 1400, "augment": "shift", "evaluate_every": 140},
              "long": {"steps": 4200, "augment": "shift", "evaluate_every": 140},
              "book": {"steps": 180, "evaluate_every": 18}},
}


class AttentionCNN(Module):
    """Equations (1)-(6).

    Made with  config.
    Weights    those of conv1, conv2 and the attention; W_h (C2 h2 w2, H), W_y (H, K) and their biases.
    Call       a batch with images (B, channels, size, size) -> y (B, K)
    Use        .attention_weights(batch) -> (B, nh, T, T) of the attention, as an array
    Raises     ValueError for an attention that is not 0, 1 or 2, images too small for both convolutions, and images
               of another size."""

    task = "images"
    head = "output"

    def __init__(self, config: Config):
        if config.attention not in (0, 1, 2):
            raise ValueError(f"attention stands after convolution 1 or 2, or 0, nowhere; got {config.attention}")
        side = config.size
        for _ in range(2):
            side = (side - config.kernel + 1) // 2
        if side < 1:
            raise ValueError(f"two convolutions of {config.kernel} x {config.kernel}, each with a pooling, leave "
                             f"nothing of images of {config.size} x {config.size}: take a smaller kernel")
        self.config = config
        self.conv1 = Conv2d(config.channels, config.C1, config.kernel)
        self.conv2 = Conv2d(config.C1, config.C2, config.kernel)
        self.pool = MaxPool2d(2)
        width = {1: config.C1, 2: config.C2}
        self.attention = PlaceAttention(width[config.attention], config.num_heads) if config.attention else None
        self.hidden = Linear(config.C2 * side * side, config.H)
        self.dropout = Dropout(config.dropout)
        self.output = Linear(config.H, config.K)

    def __call__(self, batch: Any) -> Tensor:
        x = self.attended(self.first(batch), 1)                                     # (1) (2)
        x = self.attended(self.pool(ops.relu(self.conv2(x))), 2)                    # (3) (4)
        h = self.dropout(ops.relu(self.hidden(x.reshape(len(x), -1))))              # (5)  (B, C2 h2 w2), (B, H)
        return self.output(h)                                                       # (6)

    def first(self, batch: Any) -> Tensor:
        """The map of (1)."""
        images = tensor(batch.images, dtype=self.output.W.dtype)
        check_images(self, images, self.config.channels, self.config.size)
        return self.pool(ops.relu(self.conv1(images)))                              # (1)

    def attended(self, x: Tensor, after: int) -> Tensor:
        """x, with attention if it stands after this convolution."""
        return x if self.attention is None or self.config.attention != after else self.attention(x)

    def attention_weights(self, batch: Any) -> Any:
        """How much each place looks at each other, (B, nh, T, T). Raises ValueError where there is no attention."""
        if self.attention is None:
            raise ValueError("this network has no attention: train one with attention=1 or attention=2")
        with no_grad():
            x = self.first(batch)
            return self.attention.weights(x if self.config.attention == 1 else self.pool(ops.relu(self.conv2(x))))

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(label), and the number of images:  L = -sum_b ln softmax(y_b)_label  (7)"""
        return ops.cross_entropy(self(batch), batch.labels, reduction="sum"), len(batch.labels)     # (7)

    def predict(self, batch: Any) -> Any:
        """P(label = k | image) as an array (B, K). Keeps no graph."""
        with no_grad():
            return ops.softmax(self(batch)).data


Model = AttentionCNN
