"""Ops that compute: which formula makes each entry of the result, and of which entries of which arguments.

Each function takes the arguments and settings, as those of arranging.py, and returns the result's shape and, entry by
entry, (formula, places).
"""
from collections.abc import Callable
from itertools import product
from typing import Any

from tinyseq.tracing.plain import formulas as f
from tinyseq.tracing.plain.arranging import Place
from tinyseq.tracing.plain.arrays import Array, Shape, at, axes_of, axis_of, broadcast, broadcast_shape, places, strides

Entry = tuple[f.Formula, list[Place]]
Computed = tuple[Shape, list[Entry]]


def pointwise(formula: f.Formula) -> Callable[..., Computed]:
    """Entry by entry, each argument repeated to the shape of the result."""
    def made(arguments: list[Any], settings: dict[str, Any]) -> Computed:
        shape = broadcast_shape(*(x.shape for x in arguments))
        each = [broadcast(x.shape, shape) for x in arguments]
        return shape, [(formula, list(enumerate(row))) for row in zip(*each, strict=True)]
    return made


def power(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, n = arguments
    return x.shape, [(f.power(n.data[0]), [(0, i)]) for i in range(len(x.data))]


def gelu(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    return pointwise(f.GELU_TANH if settings.get("form") == "tanh" else f.GELU)(arguments[:1], {})


def where(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    shape = broadcast_shape(*(x.shape for x in arguments))
    holds, *each = (broadcast(x.shape, shape) for x in arguments)
    chosen = [(1, a) if arguments[0].data[c] else (2, b) for c, a, b in zip(holds, *each, strict=True)]
    return shape, [(f.SAME, [place]) for place in chosen]


def reduction(formula: f.Formula) -> Callable[..., Computed]:
    """All entries along some axes become one."""
    def made(arguments: list[Any], settings: dict[str, Any]) -> Computed:
        x = arguments[0]
        axes = axes_of(settings.get("axis"), len(x.shape))
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        inner = [at(i, x.shape) for i in places(tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))]
        entries = [(formula, [(0, at(i, x.shape) + j) for j in inner]) for i in places(kept)]
        return kept if settings.get("keepdims") else tuple(n for i, n in enumerate(x.shape) if i not in axes), entries
    return made


def softmax(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, mask = arguments[0], settings.get("mask")
    axis, steps = axis_of(settings.get("axis", -1), len(x.shape)), strides(x.shape)
    takes_part = [True] * len(x.data) if mask is None else [mask.data[i] for i in broadcast(mask.shape, x.shape)]
    entries: list[Entry] = []
    for place, index in enumerate(places(x.shape)):
        row = [place + (j - index[axis]) * steps[axis] for j in range(x.shape[axis])]
        seen = [p for p in row if takes_part[p]]
        entries.append((f.softmax(seen.index(place)), [(0, p) for p in seen]) if takes_part[place] else (f.SUM, []))
    return x.shape, entries


def matmul(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    a, b = arguments
    A = a.shape if len(a.shape) > 1 else (1, *a.shape)
    B = b.shape if len(b.shape) > 1 else (*b.shape, 1)
    lead, k = broadcast_shape(A[:-2], B[:-2]), A[-1]
    of_a, of_b = broadcast(A[:-2], lead), broadcast(B[:-2], lead)
    entries = []
    for x, y in zip(of_a, of_b, strict=True):
        for i, j in product(range(A[-2]), range(B[-1])):
            row = [(0, (x * A[-2] + i) * k + p) for p in range(k)]
            entries.append((f.DOT, [*row, *((1, (y * k + p) * B[-1] + j) for p in range(k))]))
    rows = (A[-2],) if len(a.shape) > 1 else ()
    columns = (B[-1],) if len(b.shape) > 1 else ()
    return (*lead, *rows, *columns), entries


def linear(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, W, *b = arguments
    (D, K), rows = W.shape, len(x.data) // W.shape[0]
    has_bias = bool(b) and b[0] is not None
    entries = []
    for r, j in product(range(rows), range(K)):
        terms = [*((0, r * D + p) for p in range(D)), *((1, p * K + j) for p in range(D))]
        entries.append((f.DOT_AND_BIAS, [(2, j), *terms]) if has_bias else (f.DOT, terms))
    return (*x.shape[:-1], K), entries


def rotary(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, cos = arguments[:2]                                 # cos and sin stand behind x: run.py
    n = x.shape[-1] // 2
    angles = broadcast(cos.shape, (*x.shape[:-1], n))
    entries = []
    for place, index in enumerate(places(x.shape)):
        i = index[-1] % n
        first, row = place - index[-1] + i, place // x.shape[-1]
        angle = angles[row * n + i]
        formula = f.TURNED_FIRST if index[-1] < n else f.TURNED_SECOND
        entries.append((formula, [(0, first), (0, first + n), (1, angle), (2, angle)]))
    return x.shape, entries


# Windows ----------------------------------------------------------------------------------------------------

def conv2d(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, W, *b = arguments
    (B, _, *size), (Cg, *kernel, K) = x.shape, W.shape
    groups, has_bias = settings.get("groups", 1), bool(b) and b[0] is not None
    starts = [_starts(size[i], kernel[i], settings, i) for i in (0, 1)]
    shape, entries = (B, K, len(starts[0]), len(starts[1])), []
    for n, k, i, j in places(shape):
        of_x, of_W = [], []
        for c, u, v in places((Cg, *kernel)):
            at_x = [start + _pair(settings, "dilation", 1)[a] * o
                    for a, (start, o) in enumerate(((starts[0][i], u), (starts[1][j], v)))]
            if all(0 <= p < s for p, s in zip(at_x, size, strict=True)):
                of_x.append((0, at((n, k // (K // groups) * Cg + c, *at_x), x.shape)))
                of_W.append((1, at((c, u, v, k), W.shape)))
        entries.append((f.DOT_AND_BIAS, [(2, k), *of_x, *of_W]) if has_bias else (f.DOT, [*of_x, *of_W]))
    return shape, entries


def conv1d(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, W, *b = arguments
    (B, T, _), (Cg, k, K) = x.shape, W.shape
    stride, padding, dilation = (settings.get(name, least) for name, least in _SETTINGS)
    groups, has_bias = settings.get("groups", 1), bool(b) and b[0] is not None
    shape = (B, (T + 2 * padding - (k - 1) * dilation - 1) // stride + 1, K)
    entries = []
    for n, t, o in places(shape):
        seen = [(c, u, t * stride + u * dilation - padding) for c in range(Cg) for u in range(k)]
        inside = [(c, u, s) for c, u, s in seen if 0 <= s < T]
        of_x = [(0, at((n, s, o // (K // groups) * Cg + c), x.shape)) for c, _, s in inside]
        of_W = [(1, at((c, u, o), W.shape)) for c, u, _ in inside]
        entries.append((f.DOT_AND_BIAS, [(2, o), *of_x, *of_W]) if has_bias else (f.DOT, [*of_x, *of_W]))
    return shape, entries


def max_pool2d(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    x, k = arguments[:2]
    kernel = tuple(k.data) * 2 if isinstance(k, Array) else k
    stride = settings.get("stride")
    settings = {**settings, "stride": kernel if stride is None else stride}
    starts = [_starts(x.shape[2 + i], kernel[i], settings, i) for i in (0, 1)]
    shape, entries = (*x.shape[:2], len(starts[0]), len(starts[1])), []
    for n, c, i, j in places(shape):
        window = [(p, q) for p in range(starts[0][i], starts[0][i] + kernel[0]) if 0 <= p < x.shape[2]
                  for q in range(starts[1][j], starts[1][j] + kernel[1]) if 0 <= q < x.shape[3]]
        entries.append((f.MAX, [(0, at((n, c, p, q), x.shape)) for p, q in window]))
    return shape, entries


_SETTINGS = (("stride", 1), ("padding", 0), ("dilation", 1))


def _pair(settings: dict[str, Any], name: str, default: int) -> tuple[int, int]:
    value = settings.get(name, default)
    return (value, value) if isinstance(value, int) else tuple(value)


def _starts(size: int, k: int, settings: dict[str, Any], axis: int) -> list[int]:
    """Where each window begins along an axis, below 0 in the padding."""
    stride, padding, dilation = (_pair(settings, name, least)[axis] for name, least in _SETTINGS)
    count = (size + 2 * padding - (k - 1) * dilation - 1) // stride + 1
    return [i * stride - padding for i in range(count)]


# Losses -----------------------------------------------------------------------------------------------------

def cross_entropy(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    logits, targets = arguments[:2]
    ignored = settings.get("ignore_index")
    kept = [None if t == ignored else int(t) for t in targets.data]
    return (), [(f.cross_entropy(kept, logits.shape[-1]), [(0, i) for i in range(len(logits.data))])]


def mse(arguments: list[Any], settings: dict[str, Any]) -> Computed:
    n = len(arguments[0].data)
    return (), [(f.SQUARES, [*((0, i) for i in range(n)), *((1, i) for i in range(n))])]


COMPUTING: dict[str, Callable[..., Computed]] = {
    "add": pointwise(f.ADD), "sub": pointwise(f.SUB), "mul": pointwise(f.MUL), "div": pointwise(f.DIV),
    "neg": pointwise(f.NEG), "exp": pointwise(f.EXP), "log": pointwise(f.LOG), "sqrt": pointwise(f.SQRT),
    "tanh": pointwise(f.TANH), "sigmoid": pointwise(f.SIGMOID), "relu": pointwise(f.RELU), "silu": pointwise(f.SILU),
    "gelu": gelu, "power": power, "where": where, "sum": reduction(f.SUM), "mean": reduction(f.MEAN),
    "max": reduction(f.MAX), "logsumexp": reduction(f.LOGSUMEXP), "softmax": softmax, "matmul": matmul,
    "linear": linear, "rotary": rotary, "conv2d": conv2d, "conv1d": conv1d, "max_pool2d": max_pool2d,
    "cross_entropy": cross_entropy, "mse": mse,
}
