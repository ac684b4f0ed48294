"""Convolutions over sequences and images.

A row of windows becomes the columns of a matrix, one row for each entry of a window, so that the convolution is one
large product for each row of y (Chellapilla et al. 2006, "High performance convolutional neural networks for document
processing"). To copy every entry into all of the kh kw columns where it is needed would take as long as the products.
So images are unfolded along their width alone: row r of the image becomes kw rows, the j-th with what stands at place j
of each window. The windows of one row of y see kh neighbouring rows of the image; these lie behind one another, and
that is their matrix, as a view. It is made again in the backward pass, which is cheaper than to keep it. dx is found
in the same two steps, backwards: row by row into an array of the unfolded form, which is then folded.

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
    (B, C, *_), K, (height, width) = x.shape, W.shape[-1], windows.counts
    of_group = W.reshape(C // groups, *windows.kernel, groups, K // groups)
    W_rows = of_group.transpose(3, 4, 1, 2, 0).reshape(groups, K // groups, -1)     # (groups, K/g, kh kw C/g)
    y, unfolded = workspace((groups, K // groups, height, width * B), x.dtype), _unfolded(x, windows, groups)
    for row in range(height):
        xp.matmul(W_rows, _seen(unfolded, windows, row), out=y[:, :, row])
    if b and b[0] is not None:
        y += b[0].reshape(groups, K // groups, 1, 1)

    def backward(dy):
        db = tuple(None if bias is None else dy.sum(axis=(0, 2, 3)) for bias in b)
        dy = dy.transpose(1, 2, 3, 0).reshape(groups, K // groups, height, width * B)
        unfolded, dunfolded = _unfolded(x, windows, groups), _as_unfolded(x, windows, groups)
        columns, dW = xp.ascontiguousarray(W_rows.swapaxes(1, 2)), xp.zeros(W_rows.shape, W.dtype)
        dunfolded[...] = 0
        for row in range(height):
            dW += xp.matmul(dy[:, :, row], _seen(unfolded, windows, row).swapaxes(1, 2))
            rows = dunfolded[:, windows.rows(row)]                        # what one row was to several is added up
            rows += xp.matmul(columns, dy[:, :, row]).reshape(rows.shape)
        dW = dW.reshape(groups, K // groups, *windows.kernel, C // groups).transpose(4, 2, 3, 0, 1)
        return _folded(dunfolded, x, windows), dW.reshape(W.shape), *db
    return y.reshape(K, height, width, B).transpose(3, 0, 1, 2), backward


def _as_unfolded(x, windows: Windows, groups: int):
    """An uninitialised array for x (B, C, height, width), unfolded along its width: (groups, height + 2p, kw, C/groups,
    width', B). Entry [g, r, j, c, w] is for what window w of row r has at its place j."""
    B, C, height, _ = x.shape
    return workspace((groups, height + 2 * windows.padding[0], windows.kernel[1], C // groups, windows.counts[1], B),
                     x.dtype)


def _unfolded(x, windows: Windows, groups: int):
    """x (B, C, height, width), unfolded along its width, 0 where a place lies beside the image."""
    (ph, _), (B, C, height, width) = windows.padding, x.shape
    unfolded = _as_unfolded(x, windows, groups)
    unfolded[:, :ph], unfolded[:, ph + height:] = 0, 0
    rows = x.transpose(1, 2, 3, 0).reshape(groups, C // groups, height, width, B).swapaxes(1, 2)
    for j in range(windows.kernel[1]):
        at_place = unfolded[:, ph:ph + height, j]                         # (groups, height, C/groups, width', B)
        which, where = windows.within(j, width)
        at_place[..., :which.start, :], at_place[..., which.stop:, :] = 0, 0
        at_place[..., which, :] = rows[..., where, :]
    return unfolded


def _seen(unfolded, windows: Windows, row: int):
    """What the windows of one row of y see, a column each: (groups, kh kw C/groups, width' B)."""
    groups, _, kw, Cg, width, B = unfolded.shape
    return unfolded[:, windows.rows(row)].reshape(groups, windows.kernel[0] * kw * Cg, width * B)


def _folded(dunfolded, x, windows: Windows):
    """dx of x (B, C, height, width): what one entry was to several places of windows is added up, in a fixed order."""
    ph, (B, C, height, width), groups = windows.padding[0], x.shape, len(dunfolded)
    dx = workspace((groups, C // groups, height, width, B), x.dtype)
    dx[...] = 0
    drows = dx.swapaxes(1, 2)                                             # (groups, height, C/groups, width, B)
    for j in range(windows.kernel[1]):
        which, where = windows.within(j, width)
        drows[..., where, :] += dunfolded[:, ph:ph + height, j][..., which, :]
    return dx.reshape(C, height, width, B).transpose(3, 0, 1, 2)


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
