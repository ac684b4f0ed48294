"""Records of ops/pool.py: the references go window by window."""
from collections.abc import Callable
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records.conv import KINDS, as_setting, ones, starts, window_settings
from tinyseq.checks.records.draws import distinct, normal
from tinyseq.checks.records.record import Mistake, Record, Sample

np = host.np


def pool2d(op: Callable, reduce: Callable, numbers: Callable, outside: float) -> Callable:
    """The draw of a pooling of images; `outside` is what its padding counts as."""
    def draw(rng: Any, kind: str) -> Sample:
        size, kernel, stride, padding, _ = zip(*(window_settings(rng, kind, dilated=False) for _ in range(2)),
                                               strict=True)
        settings = {"padding": as_setting(rng, padding), "stride": as_setting(rng, stride)}
        stride = the_stride(rng, settings, kernel, stride)
        k = as_setting(rng, kernel)
        x = numbers(rng, (*rows_and_channels(rng, kind), *size))
        return Sample([x], lambda x: op(x, k, **settings),
                      lambda x: pooled(x, kernel, stride, padding, reduce, outside), ("x",))
    return draw


def pool1d(op: Callable, reduce: Callable, numbers: Callable, outside: float) -> Callable:
    """The draw of a pooling of sequences."""
    def draw(rng: Any, kind: str) -> Sample:
        T, k, stride, padding, _ = window_settings(rng, kind, dilated=False)
        settings = {"padding": padding, "stride": stride}
        stride = the_stride(rng, settings, k, stride)
        B, C = rows_and_channels(rng, kind)

        def reference(x: Any) -> Any:
            image = x.swapaxes(1, 2)[:, :, None]
            return pooled(image, (1, k), (1, stride), (0, padding), reduce, outside)[:, :, 0].swapaxes(1, 2)
        return Sample([numbers(rng, (B, T, C))], lambda x: op(x, k, **settings), reference, ("x",))
    return draw


def the_stride(rng: Any, settings: dict, kernel: Any, stride: Any) -> Any:
    """Left out sometimes, or None: it is then the kernel."""
    if rng.random() < 0.6:
        return stride
    settings["stride"] = None
    if rng.random() < 0.5:
        del settings["stride"]
    return kernel


def rows_and_channels(rng: Any, kind: str) -> tuple[int, int]:
    """B, C."""
    usual = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    return {"ones": (1, 1), "empty": (0, 2), "odd": (3, 2)}.get(kind, usual)


def pooled(x: Any, kernel: Any, stride: Any, padding: Any, reduce: Callable, outside: float) -> Any:
    """Window by window."""
    (kh, kw), (ph, pw) = kernel, padding
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=outside)
    rows = [[reduce(x[:, :, i:i + kh, j:j + kw]) for j in starts(x.shape[3], kw, stride[1])]
            for i in starts(x.shape[2], kh, stride[0])]
    return np.array(rows, x.dtype).transpose(2, 3, 0, 1)


def largest(window: Any) -> Any:
    return window.max(axis=(2, 3))


def average(window: Any) -> Any:
    return window.sum(axis=(2, 3)) / (window.shape[2] * window.shape[3])


def draw_adaptive(rng: Any, kind: str) -> Sample:
    """More rows than bins, as many, and fewer."""
    B, C = rows_and_channels(rng, kind)
    height, width, h, w = (1, 1, 1, 1) if kind == "ones" else (int(n) for n in rng.integers(1, 8, 4))
    if kind == "large":
        height, width = height + 10, width + 8
    size = h if rng.random() < 0.3 else (h, w)
    return Sample([rng.standard_normal((B, C, height, width))], lambda x: ops.adaptive_avg_pool2d(x, size),
                  lambda x: in_bins(x, h, size if isinstance(size, int) else w), ("x",))


def in_bins(x: Any, h: int, w: int) -> Any:
    """An entry t of n belongs to bin i of m if t < (i + 1) n / m and t + 1 > i n / m: if the two overlap."""
    def members(n: int, m: int) -> Any:
        t, i = np.arange(n)[:, None], np.arange(m)
        return ((t * m < (i + 1) * n) & ((t + 1) * m > i * n)).astype(x.dtype)
    rows, columns = members(x.shape[2], h), members(x.shape[3], w)
    return np.einsum("bcyx,yh,xw->bchw", x, rows, columns) / np.outer(rows.sum(0), columns.sum(0)).astype(x.dtype)


def mistakes_2d(name: str) -> tuple[Mistake, ...]:
    op, x = ops.OPS[name], ones(2, 3, 8, 9)
    return (
        Mistake(lambda: op(ones(3, 8, 9), 2), (name, "(B, C, height, width)", "(3, 8, 9)", "x[None]")),
        Mistake(lambda: op(tensor(np.ones((2, 3, 8, 9), int)), 2), (name, "floating-point", "int64")),
        Mistake(lambda: op(x, 0), (name, "k is a whole number", "got 0")),
        Mistake(lambda: op(x, (2, 2, 2)), (name, "(height, width)", "(2, 2, 2)")),
        Mistake(lambda: op(x, 2, stride=0), (name, "stride", "got 0")),
        Mistake(lambda: op(x, (2, 10)), (name, "kernel of 10", "width axis has 9", "padding=1")),
        Mistake(lambda: op(x, (3, 2), padding=2), (name, "half of k=3", "got 2")),
        Mistake(lambda: op(x, 3, padding=-1), (name, "padding", "from 0 on", "got -1")),
    )


def mistakes_1d(name: str) -> tuple[Mistake, ...]:
    op, x = ops.OPS[name], ones(2, 8, 3)
    return (
        Mistake(lambda: op(ones(8, 3), 2), (name, "(B, T, C)", "(8, 3)", "x[None]")),
        Mistake(lambda: op(x, 9), (name, "kernel of 9", "T axis has 8", "padding=1")),
        Mistake(lambda: op(x, 3, padding=2), (name, "half of k=3", "got 2")),
        Mistake(lambda: op(x, (2, 2)), (name, "whole number", "(2, 2)")),
        Mistake(lambda: op(x, 2, stride=-1), (name, "stride", "got -1")),
    )


RECORDS = {
    "max_pool2d": Record(pool2d(ops.max_pool2d, largest, distinct, -np.inf), mistakes_2d("max_pool2d"), KINDS),
    "avg_pool2d": Record(pool2d(ops.avg_pool2d, average, normal, 0.0), mistakes_2d("avg_pool2d"), KINDS),
    "max_pool1d": Record(pool1d(ops.max_pool1d, largest, distinct, -np.inf), mistakes_1d("max_pool1d"), KINDS),
    "avg_pool1d": Record(pool1d(ops.avg_pool1d, average, normal, 0.0), mistakes_1d("avg_pool1d"), KINDS),
    "adaptive_avg_pool2d": Record(draw_adaptive, (
        Mistake(lambda: ops.adaptive_avg_pool2d(ones(3, 8, 9), 2), ("(B, C, height, width)", "(3, 8, 9)", "x[None]")),
        Mistake(lambda: ops.adaptive_avg_pool2d(ones(2, 3, 8, 9), (2, 0)), ("size", "(height, width)", "(2, 0)")),
        Mistake(lambda: ops.adaptive_avg_pool2d(ones(2, 3, 0, 9), 1), ("(2, 3, 0, 9)", "mean does not exist")),
    ), KINDS),
}
