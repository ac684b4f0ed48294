"""Self-attention over the places of a map of features: what stands here may ask what stands there, however far.

    (1) s_t = x[:, :, i, j],   t = i w + j             (B, T, C)       the T = h w places, row by row, as a sequence
    (2) a   = attention of s over s                    (B, T, C)       multi-head; weights (B, nh, T, T)
    (3) y   = x + a, put back in their places          (B, C, h, w)

The sequence is that of the places: each has C channels, and T > 1. (A map that is flattened into one vector is a
sequence of length one. Its softmax is 1 whatever the queries and keys are, and their weights learn nothing.) Attention
itself does not know where a place is: the convolutions before it, which see the border, tell it.

Wang et al. 2018, "Non-local neural networks"; Zhang et al. 2019, "Self-attention generative adversarial networks".
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.attention import MultiHeadAttention
from tinyseq.layers.module import Module
from tinyseq.layers.named import named


class PlaceAttention(Module):
    """Equations (1)-(3) of this page.

    Made with  C: channels.  num_heads: nh, which divides C.
    Weights    those of MultiHeadAttention(C, num_heads).
    Call       x (B, C, h, w) -> y (B, C, h, w)
    Use        .weights(x) -> (B, nh, T, T), how much place t looks at each other, as an array (pictures/images.py)
    Raises     ValueError if num_heads does not divide C, or x has other axes or channels, or one place alone."""

    def __init__(self, C: int, num_heads: int):
        self.attention = MultiHeadAttention(C, num_heads)

    def __call__(self, x: Tensor) -> Tensor:
        a, _ = self.attention(self._places(x))                                      # (2)
        B, C, h, w = x.shape
        return x + a.reshape(B, h, w, C).transpose(0, 3, 1, 2)                      # (3)

    def weights(self, x: Tensor) -> Any:
        return self.attention(self._places(x))[1].data                              # (2)

    def _places(self, x: Tensor) -> Tensor:
        if x.ndim != 4 or x.shape[1] != self.attention.C or x.shape[2] * x.shape[3] < 2:
            raise ValueError(f"{named(self)} takes a map x (B, {self.attention.C}, h, w) of two places or more; got "
                             f"{x.shape}")
        B, C, h, w = x.shape
        return x.transpose(0, 2, 3, 1).reshape(B, h * w, C)                         # (1)


def check_images(layer: Any, x: Any, channels: int, size: int) -> None:
    """Raise ValueError, in the layer's name, unless x is images (B, channels, size, size)."""
    if x.ndim != 4 or tuple(x.shape[1:]) != (channels, size, size):
        raise ValueError(f"{named(layer)} takes images (B, {channels}, {size}, {size}); got {tuple(x.shape)}: cut or "
                         "scale them to that size, or make the model with theirs")
