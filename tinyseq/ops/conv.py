"""Convolutions over sequences and images.

All windows of all images become the columns of a matrix, one row for each entry of a window, so that the convolution is
one large product (Chellapilla et al. 2006, "High performance convolutional neural networks for document processing").
That matrix is kh kw times as large as the images: it is made, used and forgotten a band of rows of windows at a time,
and made again in the backward pass, which costs less than reading it from memory would.

Inside, images lie in memory with the batch as the last axis, (C, height, width, B): the entries at one place of
neighbouring windows then follow each other in long runs. Results are views of such arrays, so that a chain of
convolutions, activations and poolings never has to turn them round.
"""
from tinyseq.autograd import op
from tinyseq.backend import workspace, xp
from tinyseq.ops.windows import (
    Windows,
    as_image,
    as_sequence,
    check_images,
    check_sequences,
    pair,
    whole,
    windows_over,
)

BAND = 1 << 23                         # bytes of columns that are made at a time: about what stays in a cache


@op
def conv2d(x, W, /, *b, stride=1, padding=0, dilation=1, groups=1):
    """y[n, k, i, j] = b[k] + sum_cuv x[n, c, i s + u d - p, j s + v d - p] W[c, u, v, k]

    dW[c, u, v, k] = sum_nij x[n, c, i s + u d - p, j s + v d - p] dy[n, k, i, j]        db[k] = sum_nij dy[n, k, i, j]
    dx[n, c, l, m] = sum of W[c, u, v, k] dy[n, k, i, j] over all k and all windows (i, j) that have x[.., l, m] in them

    x (B, C_in, height, width), W (C_in/groups, kh, kw, C_out), b (C_out,) or None or left out
    -> y (B, C_out, height', width'),  height' = floor((height + 2p - (kh - 1) d - 1) / s) + 1, width' likewise.
    What lies outside x counts as 0. Stride s, padding p and dilation d are numbers or pairs (height, width). With
    groups, the channels of x and of y are cut into as many equal parts; a part of y sees its own part of x only.

    The kernel is not flipped, as everywhere in the field. Raises ValueError for shapes and settings that do not fit.
    Source: LeCun et al. 1989; groups: Krizhevsky et al. 2012; dilation: Yu and Koltun 2016, equation 2."""
    check_images("conv2d", x)
    _check_weights("conv2d", x, W, b, groups, channel_axis=1, kernel_axes=("kh", "kw"))
    windows = windows_over("conv2d", x.shape[2:], W.shape[1:3], pair("conv2d", "stride", stride),
                           pair("conv2d", "padding", padding, least=0), pair("conv2d", "dilation", dilation))
    y, backward = _convolution(x, W, b, windows, groups)
    return y, backward


@op
def conv1d(x, W, /, *b, stride=1, padding=0, dilation=1, groups=1):
    """y[n, t, k] = b[k] + sum_cu x[n, t s + u d - p, c] W[c, u, k]

    dW[c, u, k] = sum_nt x[n, t s + u d - p, c] dy[n, t, k]                              db[k] = sum_nt dy[n, t, k]
    dx[n, l, c] = sum of W[c, u, k] dy[n, t, k] over all k and all windows t that have x[n, l] in them

    x (B, T, C_in), W (C_in/groups, k, C_out), b (C_out,) or None or left out
    -> y (B, T', C_out),  T' = floor((T + 2p - (k - 1) d - 1) / s) + 1. Otherwise as conv2d, of an image of height 1."""
    check_sequences("conv1d", x)
    _check_weights("conv1d", x, W, b, groups, channel_axis=2, kernel_axes=("k",))
    windows = windows_over("conv1d", (1, x.shape[1]), (1, W.shape[1]), (1, whole("conv1d", "stride", stride)),
                           (0, whole("conv1d", "padding", padding, least=0)),
                           (1, whole("conv1d", "dilation", dilation)), axes=("height", "T"))
    y, of_image = _convolution(as_image(x), W[:, None], b, windows, groups)

    def backward(dy):
        dx, dW, *db = of_image(as_image(dy))
        return as_sequence(dx), dW[:, 0], *db
    return as_sequence(y), backward


def _convolution(x, W, b, windows: Windows, groups: int):
    """y (B, C_out, height', width') of x (B, C_in, height, width), and the way back."""
    (B, _, *size), (*_, K), (height, width) = x.shape, W.shape, windows.counts
    W_rows = W.reshape(-1, groups, K // groups).transpose(1, 0, 2)            # (groups, C_in/groups kh kw, K/groups)
    images = _images(x, windows)                                              # (C_in, height + 2p, width + 2p, B)
    y = workspace((groups, K // groups, height * width * B), x.dtype)
    for _, _, band, columns in _columns(images, windows, groups):
        xp.matmul(W_rows.swapaxes(1, 2), columns, out=y[..., band])
        if b and b[0] is not None:
            y[..., band] += b[0].reshape(groups, K // groups, 1)

    def backward(dy):
        db = tuple(None if bias is None else dy.sum(axis=(0, 2, 3)) for bias in b)
        dy = dy.transpose(1, 2, 3, 0).reshape(groups, K // groups, height * width * B)
        dW, dimages = xp.zeros(W_rows.shape, W.dtype), workspace(images.shape, images.dtype)
        dimages[...] = 0
        for first, rows, band, columns in _columns(images, windows, groups):
            dW += xp.matmul(columns, dy[..., band].swapaxes(1, 2))
            dcolumns = xp.matmul(W_rows, dy[..., band], out=columns)                # the columns are not needed again
            _add_columns(dimages, dcolumns, windows, first, rows)
        dx = xp.ascontiguousarray(dimages[(slice(None), *windows.inside(size))])
        return dx.transpose(3, 0, 1, 2), dW.transpose(1, 0, 2).reshape(W.shape), *db
    return y.reshape(K, height, width, B).transpose(3, 0, 1, 2), backward


def _images(x, windows: Windows):
    """x (B, C, height, width) as (C, height + 2p, width + 2p, B), zeros around each image."""
    (ph, pw), (B, C, height, width) = windows.padding, x.shape
    images = workspace((C, height + 2 * ph, width + 2 * pw, B), x.dtype)
    images[...] = 0
    images[(slice(None), *windows.inside((height, width)))] = x.transpose(1, 2, 3, 0)
    return images


def _columns(images, windows: Windows, groups: int):
    """What the windows see, a band of rows of windows at a time ("im2col"): the band's first row, its number of rows,
    its slice of all windows, and a matrix (groups, C/groups kh kw, windows of the band) for the caller to keep."""
    (C, _, _, B), (kh, kw), (height, width) = images.shape, windows.kernel, windows.counts
    most = max(BAND // max(C * kh * kw * width * B * images.dtype.itemsize, 1), 1)
    for first in range(0, height, most):
        rows = min(most, height - first)
        columns = workspace((C, kh, kw, rows, width, B), images.dtype)
        for i, j in windows.places():
            columns[:, i, j] = images[(slice(None), *windows.at(i, j, first, rows))]
        band = slice(first * width * B, (first + rows) * width * B)
        yield first, rows, band, columns.reshape(groups, C // groups * kh * kw, rows * width * B)


def _add_columns(dimages, dcolumns, windows: Windows, first: int, rows: int) -> None:
    """What was copied from one entry to several columns is added up there ("col2im"), in a fixed order."""
    (C, _, _, B), (_, width) = dimages.shape, windows.counts
    dcolumns = dcolumns.reshape(C, *windows.kernel, rows, width, B)
    for i, j in windows.places():
        dimages[(slice(None), *windows.at(i, j, first, rows))] += dcolumns[:, i, j]


def _check_weights(name: str, x, W, b: tuple, groups: int, channel_axis: int, kernel_axes: tuple[str, ...]) -> None:
    """Raises ValueError if W and b do not fit x."""
    whole(name, "groups", groups)
    if W.ndim != x.ndim or 0 in W.shape:
        raise ValueError(f"{name}: W has the axes (C_in/groups, {', '.join(kernel_axes)}, C_out), each of size 1 or "
                         f"more; got shape {W.shape}")
    C, K, other = W.shape[0] * groups, W.shape[-1], 3 - channel_axis if x.ndim == 3 else 3
    if x.shape[channel_axis] != C:
        raise ValueError(f"{name}: the channel axis ({channel_axis}) of x {x.shape} has size {x.shape[channel_axis]}, "
                         f"and W {W.shape} with groups={groups} takes {C}"
                         + (_turned(x) if x.shape[other] == C else ""))
    if K % groups:
        raise ValueError(f"{name}: the {K} channels of y cannot be cut into groups={groups} equal parts")
    if len(b) > 1 or (b and b[0] is not None and b[0].shape != (K,)):
        raise ValueError(f"{name}: b is one bias for each channel of y, of shape ({K},); got "
                         f"{', '.join(str(getattr(bias, 'shape', bias)) for bias in b)}")


def _turned(x) -> str:
    """The repair where the channels stand on another axis."""
    if x.ndim == 3:
        return ": x seems to be (B, C, T); sequences are (B, T, C) here: x.transpose(0, 2, 1)"
    return ": x seems to be (B, height, width, C); images are (B, C, height, width) here: x.transpose(0, 3, 1, 2)"
