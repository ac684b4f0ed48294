"""Pooling as layers: no weights."""
from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.layers.module import Module
from tinyseq.layers.named import check_tensor, in_the_name_of, named
from tinyseq.ops.windows import Pair, pair


class Pool(Module):
    """What the poolings over windows share.

    Made with  k: the size of a window.  stride: from one window to the next; k if None.  padding: entries around
               the input, at most k/2."""

    def __init__(self, k: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0):
        self.k, self.stride, self.padding = k, stride, padding

    def pooled(self, op: str, x: Tensor) -> Tensor:
        check_tensor(self, x)
        with in_the_name_of(self, op):
            return ops.OPS[op](x, self.k, stride=self.stride, padding=self.padding)

    def describe(self) -> str:
        return (f"{self.k}" + (f", stride={self.stride}" if self.stride is not None else "")
                + (f", padding={self.padding}" if self.padding else ""))


class MaxPool2d(Pool):
    """y = max of a window, channel by channel                                (1)

    Made with  k: the size of a window.  stride: from one window to the next, k if None.  padding: entries around the
               image that never win, at most k/2; each a number or a pair (height, width).
    Call       x (B, C, height, width) -> y (B, C, height', width'),
               height' = floor((height + 2 padding - k) / stride) + 1, width' likewise
    Raises     ValueError if x has other axes, if no window fits, or if the padding is more than k/2.
    By hand    dx = dy at the winners, shared equally between equal ones."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.pooled("max_pool2d", x)                                         # (1)  (B, C, height', width')


class AvgPool2d(Pool):
    """y = mean of a window, channel by channel                               (1)

    Made with  what MaxPool2d is made with; padding counts as zeros.
    Call       x (B, C, height, width) -> y (B, C, height', width'), as MaxPool2d
    Raises     as MaxPool2d.
    By hand    dx = dy / (kh kw) at each entry of the window."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.pooled("avg_pool2d", x)                                         # (1)  (B, C, height', width')


class MaxPool1d(Pool):
    """y = max of a window of steps, channel by channel                       (1)

    Made with  what MaxPool2d is made with: whole numbers.
    Call       x (B, T, C) -> y (B, T', C),  T' = floor((T + 2 padding - k) / stride) + 1
    Raises     as MaxPool2d.
    By hand    dx = dy at the winners, shared equally between equal ones."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.pooled("max_pool1d", x)                                         # (1)  (B, T', C)


class AvgPool1d(Pool):
    """y = mean of a window of steps, channel by channel                      (1)

    Made with  what MaxPool2d is made with: whole numbers; padding counts as zeros.
    Call       x (B, T, C) -> y (B, T', C), as MaxPool1d
    Raises     as MaxPool2d.
    By hand    dx = dy / k at each entry of the window."""

    def __call__(self, x: Tensor) -> Tensor:
        return self.pooled("avg_pool1d", x)                                         # (1)  (B, T', C)


class AdaptiveAvgPool2d(Module):
    """y[n, c, i, j] = mean of x over bin (i, j)                              (1)

    Made with  size: how many bins, a number or a pair (height, width). Bin i of h goes from row floor(i height / h)
               to row ceil((i + 1) height / h), not included; size 1 is the mean of the whole image.
    Call       x (B, C, height, width) -> y (B, C, *size)
    Raises     ValueError if x has other axes.
    By hand    dx = dy / (entries of the bin) at each entry of it."""

    def __init__(self, size: int | Pair):
        self.size = pair(named(self), "size", size)

    def __call__(self, x: Tensor) -> Tensor:
        with in_the_name_of(self, "adaptive_avg_pool2d"):
            return ops.adaptive_avg_pool2d(x, self.size)                            # (1)

    def describe(self) -> str:
        return f"{self.size}"
