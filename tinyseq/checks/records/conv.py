"""Records of ops/conv.py: the references go window by window."""
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.record import Mistake, Record, Sample

np = host.np

KINDS = ("empty", "ones", "plain", "odd", "large")         # nothing broadcasts, and a scalar is no sequence or image


def window_settings(rng: Any, kind: str, dilated: bool = True) -> tuple[int, int, int, int, int]:
    """Along one axis: its size, and the kernel, stride, padding and dilation of windows of which at least one fits."""
    if kind == "ones":
        return 1, 1, 1, 0, 1
    kernel, stride = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    dilation = int(rng.integers(1, 4)) if dilated else 1
    padding = int(rng.integers(0, kernel // 2 + 1))
    least = max((kernel - 1) * dilation + 1 - 2 * padding, 1)          # the kernel is then as large as the padded input
    more = {"odd": (0, 3, 5, 7), "large": (9, 12)}.get(kind, (0, 1, 2, 3))
    return least + int(rng.choice(more)), kernel, stride, padding, dilation


def as_setting(rng: Any, pair: tuple[int, int]) -> Any:
    """A pair of equal numbers may be given as one."""
    return pair[0] if pair[0] == pair[1] and rng.random() < 0.8 else pair


def channels(rng: Any, kind: str) -> tuple[int, int, int, int]:
    """B, C_in, C_out, groups."""
    if kind == "ones":
        return 1, 1, 1, 1
    groups = int(rng.integers(1, 4))
    C, K = (5, 7) if kind == "odd" else (int(n) for n in rng.integers(1, 3, 2))
    if kind == "odd":
        groups = 1
    B = 0 if kind == "empty" else 3 if kind == "odd" else int(rng.integers(1, 4))
    return B, groups * C, groups * K, groups


def draw_conv2d(rng: Any, kind: str) -> Sample:
    B, C, K, groups = channels(rng, kind)
    along = [window_settings(rng, kind) for _ in range(2)]
    size, kernel, stride, padding, dilation = zip(*along, strict=True)
    settings = {"stride": as_setting(rng, stride), "padding": as_setting(rng, padding),
                "dilation": as_setting(rng, dilation), "groups": groups}
    inputs = [rng.standard_normal((B, C, *size)), rng.standard_normal((C // groups, *kernel, K))]
    return with_bias(rng, ops.conv2d, settings, inputs, K,
                     lambda x, W, *b: convolved(x, W, b, stride, padding, dilation, groups))


def draw_conv1d(rng: Any, kind: str) -> Sample:
    B, C, K, groups = channels(rng, kind)
    T, k, stride, padding, dilation = window_settings(rng, kind)
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    inputs = [rng.standard_normal((B, T, C)), rng.standard_normal((C // groups, k, K))]

    def reference(x: Any, W: Any, *b: Any) -> Any:
        image = x.swapaxes(1, 2)[:, :, None]
        return convolved(image, W[:, None], b, (1, stride), (0, padding), (1, dilation), groups)[:, :, 0].swapaxes(1, 2)
    return with_bias(rng, ops.conv1d, settings, inputs, K, reference)


def with_bias(rng: Any, op: Callable, settings: dict, inputs: list, K: int, reference: Callable) -> Sample:
    """With a bias, without one, or with None for one."""
    choice = rng.integers(3)
    if choice == 0:
        return Sample([*inputs, rng.standard_normal(K)], lambda x, W, b: op(x, W, b, **settings), reference,
                      ("x", "W", "b"))
    none = (None,) if choice == 1 else ()
    return Sample(inputs, lambda x, W: op(x, W, *none, **settings), reference, ("x", "W"))


def convolved(x: Any, W: Any, b: tuple, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """y entry by entry, from the definition."""
    (ph, pw), (Cg, kh, kw, K) = padding, W.shape
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    places = [starts(n, k, s, d) for n, k, s, d in zip(x.shape[2:], (kh, kw), stride, dilation, strict=True)]
    y = np.zeros((len(x), K, len(places[0]), len(places[1])), x.dtype)
    for k in range(K):
        group = k // (K // groups)
        for i, top in enumerate(places[0]):
            for j, left in enumerate(places[1]):
                window = x[:, group * Cg:(group + 1) * Cg, top:top + (kh - 1) * dilation[0] + 1:dilation[0],
                           left:left + (kw - 1) * dilation[1] + 1:dilation[1]]
                y[:, k, i, j] = (window * W[..., k]).sum(axis=(1, 2, 3)) + (b[0][k] if b else 0)
    return y


def starts(size: int, kernel: int, stride: int, dilation: int = 1) -> list[int]:
    """Where the windows begin that end inside."""
    return [start for start in range(0, size, stride) if start + (kernel - 1) * dilation < size]


def ones(*shape: int) -> Any:
    return tensor(np.ones(shape))


def conv_mistakes() -> tuple[Mistake, ...]:
    images, W = ones(2, 3, 8, 9), ones(3, 5, 5, 4)
    return (
        Mistake(lambda: ops.conv2d(ones(2, 8, 9, 3), W), ("conv2d", "channel axis (1)", "size 8", "takes 3",
                                                          "x.transpose(0, 3, 1, 2)")),
        Mistake(lambda: ops.conv2d(ones(2, 4, 8, 9), W), ("channel axis (1)", "size 4", "takes 3")),
        Mistake(lambda: ops.conv2d(images, W, groups=2), ("groups=2", "takes 6")),
        Mistake(lambda: ops.conv2d(ones(2, 9, 8, 8), W, groups=3), ("4 channels of y", "groups=3")),
        Mistake(lambda: ops.conv2d(images, W, groups=0), ("groups", "from 1 on", "got 0")),
        Mistake(lambda: ops.conv2d(ones(3, 8, 9), W), ("(B, C, height, width)", "(3, 8, 9)", "x[None]")),
        Mistake(lambda: ops.conv2d(ones(2, 784), W), ("(2, 784)", "x.reshape(B, C, height, width)")),
        Mistake(lambda: ops.conv2d(tensor(np.ones((2, 3, 8, 9), np.uint8)), W), ("floating-point", "uint8", "/ 255")),
        Mistake(lambda: ops.conv2d(images, ones(3, 5, 4)), ("(C_in/groups, kh, kw, C_out)", "(3, 5, 4)")),
        Mistake(lambda: ops.conv2d(ones(2, 3, 4, 9), W), ("kernel of 5", "height axis has 4", "padding=1")),
        Mistake(lambda: ops.conv2d(images, W, dilation=(1, 3), padding=1),
                ("dilation 3", "reaches over 13", "width axis has 9, 11 with its padding", "padding=2")),
        Mistake(lambda: ops.conv2d(images, W, stride=(1, 0)), ("stride", "(height, width)", "(1, 0)")),
        Mistake(lambda: ops.conv2d(images, W, stride=(1, 1, 1)), ("stride", "(1, 1, 1)")),
        Mistake(lambda: ops.conv2d(images, W, padding=-1), ("padding", "from 0 on", "got -1")),
        Mistake(lambda: ops.conv2d(images, W, ones(3)), ("bias", "(4,)", "(3,)")),
        Mistake(lambda: ops.conv2d(images, W, ones(4), 2), ("bias", "(4,), 2")),
    )


def conv1d_mistakes() -> tuple[Mistake, ...]:
    x, W = ones(2, 8, 3), ones(3, 5, 4)
    return (
        Mistake(lambda: ops.conv1d(ones(2, 3, 8), W), ("conv1d", "channel axis (2)", "size 8", "takes 3", "(B, C, T)",
                                                       "x.transpose(0, 2, 1)")),
        Mistake(lambda: ops.conv1d(ones(8, 3), W), ("(B, T, C)", "(8, 3)", "x[None]")),
        Mistake(lambda: ops.conv1d(tensor(np.ones((2, 8, 3), int)), W), ("floating-point", "int64")),
        Mistake(lambda: ops.conv1d(ones(2, 4, 3), W), ("kernel of 5", "T axis has 4", "padding=1")),
        Mistake(lambda: ops.conv1d(x, W, stride=(1, 1)), ("stride", "whole number", "(1, 1)")),
        Mistake(lambda: ops.conv1d(x, W, ones(5)), ("bias", "(4,)", "(5,)")),
    )


RECORDS = {
    "conv2d": Record(draw_conv2d, conv_mistakes(), KINDS),
    "conv1d": Record(draw_conv1d, conv1d_mistakes(), KINDS),
}
