"""One step of a causal block by hand: what it makes of a single symbol where no gradient is wanted.

A text is written symbol by symbol, and the numbers of one symbol are so few that to call an op costs more than what
the op computes. So this page works on plain arrays. The equations are those of block.py and of layers/attention for
T = 1; K steps are in the cache, d = C / nh.

    (1) q, k, v = n W_q + b_q, n W_k + b_k, n W_v + b_v,   n = norm_1(x)      (B, C)
    (2) alpha   = softmax of [k_1; ..; k_K; k] q / sqrt(d)                    (B, nh, K + 1)   in each head for itself
    (3) c       = alpha [v_1; ..; v_K; v]                                     (B, nh, d)
    (4) u       = x + [c of head 0; ...] W_o + b_o                            (B, C)
    (5) y       = u + feed_forward(norm_2(u))                                 (B, C)

With post-norm n = x, and the norms stand around the sums (4) and (5).
"""
import math
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import xp
from tinyseq.layers.attention.cache import KeyValueCache, advanced
from tinyseq.layers.attention.multihead import MultiHeadAttention
from tinyseq.layers.attention.relative import distance_bias, turned
from tinyseq.layers.linear import Linear
from tinyseq.layers.norm import LayerNorm
from tinyseq.layers.transformer.feed_forward import ACTIVATIONS, FeedForward


def one_step(block: Any, x: Any, cache: KeyValueCache) -> tuple[Any, KeyValueCache]:
    """A TransformerBlock that is not in training, and one symbol of each sequence:  x (B, C) -> y (B, C), cache"""
    pre = block.norm == "pre"
    c, cache = _attended(block.attention, _normed(x, block.norm_1) if pre else x, cache)
    u = x + c                                                                       # (4)
    u = u if pre else _normed(u, block.norm_1)
    y = u + _fed_forward(block.feed_forward, _normed(u, block.norm_2) if pre else u)            # (5)
    return y if pre else _normed(y, block.norm_2), cache


def _attended(layer: MultiHeadAttention, n: Any, cache: KeyValueCache) -> tuple[Any, KeyValueCache]:
    """(1)-(4) but for the sum:  n (B, C) -> (B, C), cache"""
    (B, C), nh, t = n.shape, layer.num_heads, cache.before
    heads = (B, -1, nh, C // nh)
    q, k = (_placed(layer, _product(n, W, b).reshape(heads), t)                     # (1)  (B, 1, nh, d)
            for W, b in ((layer.W_q, layer.b_q), (layer.W_k, layer.b_k)))
    keys = cache.keys.followed_by(Tensor(k.reshape(B, 1, C)))
    values = cache.values.followed_by(Tensor(_product(n, layer.W_v, layer.b_v)[:, None]))       # (1)
    e = xp.matmul(keys.tensor.data.reshape(heads).transpose(0, 2, 1, 3), q.transpose(0, 2, 3, 1))[..., 0]
    e *= 1 / math.sqrt(C // nh)                                                     # (2)  (B, nh, K + 1)
    if layer.positions == "alibi":
        K = len(cache.keys)
        e += distance_bias(nh, 1, K + 1, K, e.dtype)[:, 0]
    if (real := cache.is_real()) is not None:                                       # the new key always is
        e[:, :, :-1] += xp.where(real[:, None], xp.zeros((), e.dtype), -xp.inf)
    e -= e.max(axis=-1, keepdims=True)
    xp.exp(e, out=e)
    e /= e.sum(axis=-1, keepdims=True)                                              # (2)
    c = xp.matmul(e[:, :, None], values.tensor.data.reshape(heads).transpose(0, 2, 1, 3))       # (3)  (B, nh, 1, d)
    return _product(c.reshape(B, C), layer.W_o, layer.b_o), advanced(cache, keys, values, 1, layer.window)    # (4)


def _placed(layer: MultiHeadAttention, a: Any, t: Any) -> Any:
    """a (B, 1, nh, d), turned by the angles of step t where positions are rotary."""
    return turned(Tensor(a), t).data if layer.positions == "rotary" else a


def _fed_forward(layer: FeedForward, n: Any) -> Any:
    """n (B, C) -> (B, C)"""
    inside = ACTIVATIONS[layer.activation](Tensor(_through(layer.into, n))).data
    return _through(layer.back, inside if layer.gate is None else inside * _through(layer.gate, n))


def _through(layer: Linear, x: Any) -> Any:
    return _product(x, layer.W, layer.b)


def _product(x: Any, W: Tensor, b: Tensor | None) -> Any:
    """x (B, D) -> x W + b (B, K)"""
    y = x @ W.data
    if b is not None:
        y += b.data
    return y


def _normed(x: Any, norm: LayerNorm) -> Any:
    """x (B, C) -> (B, C), each row with mean 0 and variance 1, times gamma, plus beta."""
    C = x.shape[1]
    n = x - x.sum(axis=1, keepdims=True) / C
    n /= xp.sqrt(xp.einsum("bc,bc->b", n, n) / C + norm.epsilon)[:, None]
    n *= norm.gamma.data
    if norm.beta is not None:
        n += norm.beta.data
    return n
