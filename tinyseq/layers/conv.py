"""Convolutional layers."""
import math

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.named import check_tensor, in_the_name_of
from tinyseq.ops.windows import Pair, pair, whole


class Conv2d(Module):
    """y[n, k, i, j] = b[k] + sum_cuv x[n, c, i s + u d - p, j s + v d - p] W[c, u, v, k]                         (1)

    Made with  in_channels, out_channels: C_in and C_out.  kernel: the size of a window.  stride s: from one window to
               the next.  padding p: zeros around the image.  dilation d: from one entry of a window to the next; each
               a number or a pair (height, width).  groups: into how many parts the channels are cut, each part of y
               seeing its part of x only.  bias: whether there is a b.
    Weights    W (C_in/groups, kh, kw, C_out) and b (C_out,), from U(-1/sqrt(n), 1/sqrt(n)), n = C_in/groups kh kw,
               the number of entries that a window holds.
    Call       x (B, C_in, height, width) -> y (B, C_out, height', width'),
               height' = floor((height + 2p - (kh - 1) d - 1) / s) + 1, width' likewise
    Raises     ValueError if x has other axes or channels, is not of floating-point numbers, or if no window fits.
    By hand    dW: the windows times dy;  dx: W times dy, added up where windows overlap;  db = sum of dy. See
               ops/conv.py.
    Source     LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition"."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int | Pair, stride: int | Pair = 1,
                 padding: int | Pair = 0, dilation: int | Pair = 1, groups: int = 1, bias: bool = True):
        self.kernel = pair("Conv2d", "kernel", kernel)
        self.settings = {"stride": pair("Conv2d", "stride", stride),
                         "padding": pair("Conv2d", "padding", padding, least=0),
                         "dilation": pair("Conv2d", "dilation", dilation),
                         "groups": checked_groups("Conv2d", in_channels, out_channels, groups)}
        self.W, self.b = initial(in_channels // groups, self.kernel, out_channels, bias)

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        with in_the_name_of(self, "conv2d"):
            return ops.conv2d(x, self.W, self.b, **self.settings)                   # (1)  (B, K, height', width')

    def describe(self) -> str:
        return description(self.W, self.kernel, self.settings)


class Conv1d(Module):
    """y[n, t, k] = b[k] + sum_cu x[n, t s + u d - p, c] W[c, u, k]                                               (1)

    Made with  what Conv2d is made with, in one dimension: whole numbers.
    Weights    W (C_in/groups, kernel, C_out) and b (C_out,), from U(-1/sqrt(n), 1/sqrt(n)), n = C_in/groups kernel.
    Call       x (B, T, C_in) -> y (B, T', C_out),  T' = floor((T + 2p - (kernel - 1) d - 1) / s) + 1
    Raises     ValueError if x has other axes or channels, is not of floating-point numbers, or if no window fits.
    By hand    as Conv2d, on images of height 1."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, padding: int = 0,
                 dilation: int = 1, groups: int = 1, bias: bool = True):
        self.kernel = whole("Conv1d", "kernel", kernel)
        self.settings = {"stride": whole("Conv1d", "stride", stride),
                         "padding": whole("Conv1d", "padding", padding, least=0),
                         "dilation": whole("Conv1d", "dilation", dilation),
                         "groups": checked_groups("Conv1d", in_channels, out_channels, groups)}
        self.W, self.b = initial(in_channels // groups, (self.kernel,), out_channels, bias)

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        with in_the_name_of(self, "conv1d"):
            return ops.conv1d(x, self.W, self.b, **self.settings)                   # (1)  (B, T', K)

    def describe(self) -> str:
        return description(self.W, self.kernel, self.settings)


def checked_groups(name: str, in_channels: int, out_channels: int, groups: int) -> int:
    """groups, if it divides both numbers of channels. Raises ValueError if it does not."""
    for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if whole(name, what, channels) % whole(name, "groups", groups):
            raise ValueError(f"{name}: {what}={channels} cannot be cut into groups={groups} equal parts: take a number "
                             "of groups that divides both in_channels and out_channels")
    return groups


def initial(C: int, kernel: tuple[int, ...], K: int, bias: bool) -> tuple[Parameter, Parameter | None]:
    """W (C, *kernel, K) and b (K,), or None."""
    limit = 1 / math.sqrt(C * math.prod(kernel))
    return Parameter(uniform((C, *kernel, K), limit)), Parameter(uniform((K,), limit)) if bias else None


def description(W: Tensor, kernel: int | Pair, settings: dict) -> str:
    """The sizes, and the settings that are not the usual ones."""
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    unusual = [f", {name}={value}" for name, value in settings.items()
               if value not in (usual[name], (usual[name], usual[name]))]
    return f"{W.shape[0] * settings['groups']}, {W.shape[-1]}, kernel={kernel}" + "".join(unusual)
