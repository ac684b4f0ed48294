"""Pooling: every window of an image or a sequence becomes one number, channel by channel."""
from tinyseq.autograd import op
from tinyseq.backend import xp
from tinyseq.ops.windows import (
    Windows,
    as_image,
    as_sequence,
    check_images,
    check_sequences,
    framed,
    padded_with,
    pair,
    whole,
    windows_over,
)


@op
def max_pool2d(x, k, /, *, stride=None, padding=0):
    """y = max of a window                  dx = dy where x = y in the window, shared equally between equal winners

    x (B, C, height, width) -> y (B, C, height', width'),  height' = floor((height + 2p - k) / s) + 1, width' likewise;
    what is left over at the end is not looked at. An entry in several windows gets the gradients of all. The sizes
    k, stride s (as k if None) and padding p are numbers or pairs (height, width). Padding never wins.
    Raises ValueError if no window fits or p > k/2, since a window could then see padding alone.
    Source: Ranzato et al. 2007."""
    y, backward = _max_pool(x, _windows("max_pool2d", x, k, stride, padding))
    return y, lambda dy: (backward(dy), None)


@op
def avg_pool2d(x, k, /, *, stride=None, padding=0):
    """y = mean of a window                 dx = dy / (kh kw) at each entry of the window

    Shapes and settings as max_pool2d's. Padding counts as zeros: every window is divided by kh kw.
    Source: LeCun et al. 1998, section II.B."""
    y, backward = _avg_pool(x, _windows("avg_pool2d", x, k, stride, padding))
    return y, lambda dy: (backward(dy), None)


@op
def max_pool1d(x, k, /, *, stride=None, padding=0):
    """y = max of a window                  dx = dy where x = y in the window, shared equally between equal winners

    x (B, T, C) -> y (B, T', C),  T' = floor((T + 2p - k) / s) + 1. Otherwise as max_pool2d."""
    windows = _windows_in_time("max_pool1d", x, k, stride, padding)
    y, backward = _max_pool(as_image(x), windows)
    return as_sequence(y), lambda dy: (as_sequence(backward(as_image(dy))), None)


@op
def avg_pool1d(x, k, /, *, stride=None, padding=0):
    """y = mean of a window                 dx = dy / k at each entry of the window

    x (B, T, C) -> y (B, T', C),  T' = floor((T + 2p - k) / s) + 1. Otherwise as avg_pool2d."""
    windows = _windows_in_time("avg_pool1d", x, k, stride, padding)
    y, backward = _avg_pool(as_image(x), windows)
    return as_sequence(y), lambda dy: (as_sequence(backward(as_image(dy))), None)


@op
def adaptive_avg_pool2d(x, size, /):
    """y[n, c, i, j] = mean of x over bin (i, j)            dx = dy / (entries of the bin) at each entry of it, added up

    x (B, C, height, width) -> y (B, C, *size), whatever the height and the width. Of h bins, bin i goes from row
    floor(i height / h) to row ceil((i + 1) height / h), not included, and likewise for columns; where the sizes do
    not divide, neighbouring bins share an entry. `size` is a number or a pair (h, w); size 1 is the global mean.
    Raises ValueError if x has no rows or columns."""
    check_images("adaptive_avg_pool2d", x)
    h, w = pair("adaptive_avg_pool2d", "size", size)
    if 0 in x.shape[2:]:
        raise ValueError(f"adaptive_avg_pool2d: x {x.shape} has no rows or no columns; their mean does not exist")
    bins = [(i, j, rows, columns) for i, rows in enumerate(_bins(x.shape[2], h))
            for j, columns in enumerate(_bins(x.shape[3], w))]
    y = xp.empty((*x.shape[:2], h, w), x.dtype)
    for i, j, rows, columns in bins:
        y[:, :, i, j] = x[:, :, rows, columns].mean(axis=(2, 3))

    def backward(dy):
        dx = xp.zeros_like(x)
        for i, j, rows, columns in bins:
            entries = (rows.stop - rows.start) * (columns.stop - columns.start)
            dx[:, :, rows, columns] += dy[:, :, i, j, None, None] / entries
        return dx, None
    return y, backward


def _max_pool(x, windows: Windows):
    """The largest entry of every window, and the way back."""
    padded = padded_with(x, windows, -xp.inf)
    seen = [(..., *windows.at(i, j)) for i, j in windows.places()]
    y = xp.array(padded[seen[0]])
    for place in seen[1:]:
        xp.maximum(y, padded[place], out=y)

    def backward(dy):
        winners = xp.zeros_like(y)
        for place in seen:
            winners += padded[place] == y
        share, dpadded = dy / winners, framed(x, windows, 0.0)
        for place in seen:
            dpadded[place] += share * (padded[place] == y)
        return dpadded[(..., *windows.inside(x.shape[2:]))]
    return y, backward


def _avg_pool(x, windows: Windows):
    """The mean of every window, and the way back."""
    padded = padded_with(x, windows, 0.0)
    seen = [(..., *windows.at(i, j)) for i, j in windows.places()]
    y = xp.array(padded[seen[0]])
    for place in seen[1:]:
        y += padded[place]
    y /= len(seen)

    def backward(dy):
        share, dpadded = dy / len(seen), framed(x, windows, 0.0)
        for place in seen:
            dpadded[place] += share
        return dpadded[(..., *windows.inside(x.shape[2:]))]
    return y, backward


def _windows(name: str, x, k, stride, padding) -> Windows:
    """Those of a pooling of images."""
    check_images(name, x)
    kernel = pair(name, "k", k)
    p = _narrow(name, kernel, pair(name, "padding", padding, least=0))
    return windows_over(name, x.shape[2:], kernel, kernel if stride is None else pair(name, "stride", stride), p)


def _windows_in_time(name: str, x, k, stride, padding) -> Windows:
    """Those of a pooling of sequences: an image of height 1."""
    check_sequences(name, x)
    k = whole(name, "k", k)
    p = _narrow(name, (1, k), (0, whole(name, "padding", padding, least=0)))
    return windows_over(name, (1, x.shape[1]), (1, k), (1, k if stride is None else whole(name, "stride", stride)), p,
                        axes=("height", "T"))


def _narrow(name: str, kernel: tuple[int, int], padding: tuple[int, int]) -> tuple[int, int]:
    """The padding, if every window sees more than padding."""
    for k, p in zip(kernel, padding, strict=True):
        if 2 * p > k:
            raise ValueError(f"{name}: padding is at most half of k={k}, so that no window sees padding alone; got {p}")
    return padding


def _bins(size: int, count: int) -> list[slice]:
    """`size` entries cut into `count` bins of about the same size, none empty."""
    return [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
