"""Record of ops/transformer_block.py: the references of its parts, put together."""
from typing import Any

from tinyseq import ops
from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.checks.records import feed_forward, self_attention
from tinyseq.checks.records.draws import normal
from tinyseq.checks.records.heads import KINDS
from tinyseq.checks.records.norm import normalised
from tinyseq.checks.records.record import Mistake, Record, Sample

np = host.np
ORDER = ("gamma_1", "beta_1", *self_attention.NAMES, "gamma_2", "beta_2", "W_1", "b_1", "W_2", "b_2", "W_3", "b_3")


def weights(rng: Any, C: int, activation: str, bias: bool) -> dict[str, Any]:
    """By name, in the op's order, those that there are."""
    norms = {name: normal(rng, (C,)) for name in ("gamma_1", "beta_1", "gamma_2", "beta_2") if bias or name[0] == "g"}
    found = {**norms, **self_attention.weights(rng, C, bias), **feed_forward.weights(rng, C, 3, activation, bias)}
    return {name: found[name] for name in ORDER if name in found}


def normed(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    n = np.zeros_like(x)
    for place in np.ndindex(x.shape[:-1]):
        n[place] = normalised([float(a) for a in x[place]], epsilon)[0]
    return n * gamma + beta


def computed(x: Any, w: dict[str, Any], s: self_attention.Settings, activation: str, norm: str,
             epsilon: float) -> tuple:
    """y, k and v."""
    def norm_1(a: Any) -> Any:
        return normed(a, w["gamma_1"], w.get("beta_1", 0), epsilon)

    def norm_2(a: Any) -> Any:
        return normed(a, w["gamma_2"], w.get("beta_2", 0), epsilon)
    if norm == "pre":
        y, k, v = self_attention.looked(norm_1(x), w, s)
        u = x + y
        return u + feed_forward.fed_forward(norm_2(u), w, activation), k, v
    y, k, v = self_attention.looked(x, w, s)
    u = norm_1(x + y)
    return norm_2(u + feed_forward.fed_forward(u, w, activation)), k, v


def draw(rng: Any, kind: str) -> Sample:
    """All settings of its parts, and both places of the norms."""
    B, heads, T, d = self_attention.a_size(rng, kind)
    norm, activation, bias = str(rng.choice(["pre", "post"])), str(rng.choice(list(feed_forward.INSIDE))), rng.random()
    epsilon = float(rng.choice([0.1, 0.3]))                # far from 0: norm.py says why
    s, w = self_attention.Settings(rng, B, heads, T, d), weights(rng, heads * d, activation, bool(bias < 0.6))

    def f(x: Any, *given: Any) -> Any:
        named = dict(zip(w, given, strict=True))
        return ops.transformer_block(x, *(named.get(name) for name in ORDER), norm=norm, epsilon=epsilon,
                                     activation=activation, **s.of_op(x.dtype))
    return Sample([normal(rng, (B, T, heads * d)), *w.values()], f,
                  lambda x, *given: computed(x, dict(zip(w, given, strict=True)), s, activation, norm, epsilon),
                  ("x", *w))


def some(*shape: int) -> Any:
    return tensor(np.ones(shape))


def called(x: Any = None, norm: str = "pre", num_heads: int = 2, activation: str = "gelu", C: int = 4) -> Any:
    """A block of width 4, with something wrong."""
    W, g = some(4, 4), some(C)
    return ops.transformer_block(some(2, 3, 4) if x is None else x, g, None, W, W, W, W, None, None, None, None, g,
                                 None, some(4, 5), None, some(5, 4), None, None, None, norm=norm, epsilon=1e-5,
                                 activation=activation, num_heads=num_heads)


RECORDS = {"transformer_block": Record(draw, (
    Mistake(lambda: called(norm="before"), ("'pre' or 'post'", "'before'")),
    Mistake(lambda: called(num_heads=3), ("divides C", "and 3")),
    Mistake(lambda: called(some(2, 3, 5)), ("C=5", "(4,)")),
    Mistake(lambda: called(activation="swiglu"), ("swiglu", "without W_3")),
    Mistake(lambda: called(C=3), ("C=4", "(3,)")),
), KINDS)}
