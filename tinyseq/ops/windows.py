"""Windows that slide over an image: how many fit, and which entries stand at the same place of each.

A convolution and a pooling look at an image (..., height, width) through windows of kh x kw entries. A window has far
fewer places than there are windows, so loops go over the places: the entries that stand at one place of all windows
are a slice of the image, with a step where the stride is not 1. A sequence is an image of height 1.
"""
from itertools import product
from numbers import Integral
from typing import NamedTuple

from tinyseq.backend import xp

Pair = tuple[int, int]                 # (height, width)


class Windows(NamedTuple):
    """kernel   entries in a window, stride   from one window to the next, padding   entries added on every side,
    dilation   from one entry of a window to the next, counts   how many windows: all of them (height, width)."""
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    counts: Pair

    def places(self):
        """Every place (i, j) of a window."""
        return product(range(self.kernel[0]), range(self.kernel[1]))

    def at(self, i: int, j: int) -> tuple[slice, slice]:
        """Where the entries at place (i, j) of all windows stand in the padded image."""
        return self._steps(0, i * self.dilation[0]), self._steps(1, j * self.dilation[1])

    def rows(self, row: int) -> slice:
        """The rows of the padded image that one row of windows sees."""
        first, (kh, _), d = row * self.stride[0], self.kernel, self.dilation[0]
        return slice(first, first + (kh - 1) * d + 1, d)

    def within(self, j: int, width: int) -> tuple[slice, slice]:
        """Which windows of a row have their place j inside an image of this width, and where in it these places are."""
        offset, stride = j * self.dilation[1] - self.padding[1], self.stride[1]
        first = min(max(-(offset // stride), 0), self.counts[1])           # the first w with w s + offset >= 0
        last = min(max((width - 1 - offset) // stride + 1, first), self.counts[1])
        start = first * stride + offset
        return slice(first, last), slice(start, start + max((last - first - 1) * stride + 1, 0), stride)

    def _steps(self, axis: int, start: int) -> slice:
        stride = self.stride[axis]
        return slice(start, start + (self.counts[axis] - 1) * stride + 1, stride)

    def inside(self, size: Pair) -> tuple[slice, slice]:
        """Where an image of this size stands in the padded image."""
        (ph, pw), (height, width) = self.padding, size
        return slice(ph, ph + height), slice(pw, pw + width)


def windows_over(name: str, size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1),
                 axes: tuple[str, str] = ("height", "width")) -> Windows:
    """The windows that fit into an image of this size; what is left over at the end is not looked at.

    Raises ValueError, in the name of the op `name`, if not even one fits."""
    counts = []
    for axis, n, k, s, p, d in zip(axes, size, kernel, stride, padding, dilation, strict=True):
        reach = (k - 1) * d + 1
        if reach > n + 2 * p:
            spread = f" with dilation {d}" if d > 1 else ""
            raise ValueError(f"{name}: a kernel of {k}{spread} reaches over {reach} entries, and the {axis} axis has "
                             f"{n}{f', {n + 2 * p} with its padding' if p else ''}: take a smaller kernel, or "
                             f"padding={-(-(reach - n) // 2)} or more")
        counts.append((n + 2 * p - reach) // s + 1)
    return Windows(kernel, stride, padding, dilation, (counts[0], counts[1]))


def whole(name: str, what: str, value, least: int = 1) -> int:
    """A setting that is a whole number. Raises ValueError for anything else."""
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name}: {what} is a whole number from {least} on; got {value!r}")
    return int(value)


def pair(name: str, what: str, value, least: int = 1) -> Pair:
    """A setting (height, width); one number stands for both. Raises ValueError for anything else."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(n, Integral) and int(n) >= least for n in both):
        raise ValueError(f"{name}: {what} is a whole number from {least} on, or two of them (height, width); "
                         f"got {value!r}")
    return int(both[0]), int(both[1])


def check_images(name: str, x) -> None:
    """Raises ValueError if x is not a batch of images (B, C, height, width) of floating-point numbers."""
    if x.dtype.kind != "f":
        raise ValueError(f"{name}: x holds floating-point numbers; got {x.dtype} of shape {x.shape}: convert it, bytes "
                         "from 0 to 255 by tensor(x, dtype='float32') / 255")
    if x.ndim != 4:
        hint = {2: ": rows of pixels (B, n) are brought into shape first, by x.reshape(B, C, height, width)",
                3: ": one image (C, height, width) needs a batch axis, x[None], and images without channels "
                   "(B, height, width) need one for them, x[:, None]"}.get(x.ndim, "")
        raise ValueError(f"{name}: x has the axes (B, C, height, width); got shape {x.shape}{hint}")


def check_sequences(name: str, x) -> None:
    """Raises ValueError if x is not a batch of sequences (B, T, C) of floating-point numbers."""
    if x.dtype.kind != "f":
        raise ValueError(f"{name}: x holds floating-point numbers; got {x.dtype} of shape {x.shape}: ids (B, T) go "
                         "through an Embedding first, other whole numbers are converted, by tensor(x, dtype='float32')")
    if x.ndim != 3:
        hint = ": one sequence (T, C) needs a batch axis, x[None]" if x.ndim == 2 else ""
        raise ValueError(f"{name}: x has the axes (B, T, C); got shape {x.shape}{hint}")


def as_image(x):
    """A sequence (B, T, C) as an image (B, C, 1, T), a view."""
    return x.transpose(0, 2, 1)[:, :, None, :]


def as_sequence(y):
    """The way back."""
    return y[:, :, 0, :].transpose(0, 2, 1)


def framed(x, windows: Windows, value: float):
    """An array of the size of x (B, C, height, width) with its padding, of one value, laid out in memory as x is."""
    (ph, pw), (B, C, height, width) = windows.padding, x.shape
    return xp.full_like(x, value, shape=(B, C, height + 2 * ph, width + 2 * pw))


def padded_with(x, windows: Windows, value: float):
    """x (B, C, height, width) with `value` around every image; x itself where there is no padding."""
    if windows.padding == (0, 0):
        return x
    padded = framed(x, windows, value)
    padded[(..., *windows.inside(x.shape[2:]))] = x
    return padded
