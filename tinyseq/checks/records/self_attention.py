"""Record of ops/self_attention.py: against one sequence and one head at a time."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host, to_device
from tinyseq.checks.records.attention import attended
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.heads import KINDS, sizes
from tinyseq.checks.records.record import Mistake, Record, Sample
from tinyseq.checks.records.rotary import turned
from tinyseq.checks.records.softmax import a_mask

np = host.np
NAMES = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")


def a_size(rng: Any, kind: str) -> tuple[int, int, int, int]:
    """B, heads, T, d: small ones, since a step of the checker goes through all of it; d even as often as not."""
    B, heads, T, d = sizes(rng, kind) if kind != "large" else (2, 2, 7, 6)
    d = max(d, 1)
    return B, heads, T, 2 * d if kind == "plain" and rng.random() < 0.5 else d


class Settings:
    """Those of a draw: turns for an even d, a mask, a bias."""

    def __init__(self, rng: Any, B: int, heads: int, T: int, d: int):
        self.heads = heads
        self.mask = a_mask(rng, (B, heads, T, T), -1)
        self.bias = normal(rng, (heads, T, T)) if rng.random() < 0.5 else None
        of_rows = (B, T) if rng.random() < 0.5 else (T,)
        self.phi = rng.uniform(-4, 4, (*of_rows, 1, d // 2)) if d % 2 == 0 and rng.random() < 0.7 else None

    def of_op(self, dtype: Any) -> dict[str, Any]:
        phi, bias = self.phi, self.bias
        return {"num_heads": self.heads, "mask": None if self.mask is None else to_device(self.mask),
                "bias": None if bias is None else to_device(bias.astype(dtype)),
                "turns": None if phi is None else tuple(to_device(f(phi).astype(dtype)) for f in (np.cos, np.sin))}


def weights(rng: Any, C: int, bias: bool) -> dict[str, Any]:
    return {name: normal(rng, (C, C) if name[0] == "W" else (C,)) / C ** 0.5
            for name in NAMES[:8 if bias else 4]}


def looked(x: Any, w: dict[str, Any], s: Settings) -> tuple:
    """y, k and v, head by head."""
    B, T, C = x.shape
    by_head = (B, T, s.heads, C // s.heads)
    q, k, v = (x @ w[f"W_{letter}"] + w.get(f"b_{letter}", 0) for letter in "qkv")
    if s.phi is not None:
        q, k = (turned(a.reshape(by_head), s.phi).reshape(x.shape) for a in (q, k))
    shape = (B, s.heads, T, T)
    mask = np.broadcast_to(True if s.mask is None else s.mask, shape)
    bias = np.broadcast_to(0.0 if s.bias is None else s.bias, shape)
    c = np.zeros_like(x)
    for b, h in np.ndindex(B, s.heads):
        of_head = slice(h * by_head[3], (h + 1) * by_head[3])
        c[b, :, of_head] = attended(q[b][:, of_head], k[b][:, of_head], v[b][:, of_head], mask[b, h], bias[b, h])[0]
    return c @ w["W_o"] + w.get("b_o", 0), k, v


def draw(rng: Any, kind: str) -> Sample:
    """With biases or without, turned or not, any mask, with a bias of the scores or without."""
    B, heads, T, d = a_size(rng, kind)
    s, w = Settings(rng, B, heads, T, d), weights(rng, heads * d, bool(rng.random() < 0.6))
    return Sample([normal(rng, (B, T, heads * d)), *w.values()],
                  lambda x, *given: ops.self_attention(x, *given, **s.of_op(x.dtype)),
                  lambda x, *given: looked(x, dict(zip(w, given, strict=True)), s), ("x", *w))


def some(*shape: int) -> Any:
    return tensor(np.ones(shape))


x, W, b = some(2, 3, 4), some(4, 4), some(4)
MISTAKES = (
    Mistake(lambda: ops.self_attention(x[0], W, W, W, W, num_heads=2), ("(B, T, C)", "(3, 4)")),
    Mistake(lambda: ops.self_attention(x, W, W, some(4, 3), W, num_heads=2), ("(C, C)", "(4, 3)")),
    Mistake(lambda: ops.self_attention(x, W, W, W, W, num_heads=3), ("divides C", "(2, 3, 4)", "and 3")),
    Mistake(lambda: ops.self_attention(x, W, W, W, W, b, num_heads=2), ("four biases", "got 1", "C=4")),
    Mistake(lambda: ops.self_attention(x, W, W, W, W, b, b, b, some(3), num_heads=2), ("four biases", "(3,)", "C=4")),
)

RECORDS = {"self_attention": Record(draw, MISTAKES, KINDS)}
