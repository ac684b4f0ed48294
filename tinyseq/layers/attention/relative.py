"""Positions inside attention: what a query makes of a key depends on how far apart they stand, and on no step number.

    "rotary"   q_t and k_s are turned by angles t theta_i and s theta_i, so that q_t . k_s depends on t - s alone
               (ops/rotary.py; Su et al. 2021)
    "alibi"    from every score goes slope |t - s|, with a slope for each head; no weight and no angle
               (Press, Smith and Lewis 2022, section 3)
"""
from functools import lru_cache
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp
from tinyseq.layers.attention.masks import causal_mask
from tinyseq.layers.positions import angles
from tinyseq.ops import rotary

POSITIONS = ("rotary", "alibi")


def turned(x: Tensor, t: Any) -> Tensor:
    """x (B, T, nh, d), whose first step is t, a number or one for each sequence (B,): each head turned."""
    cos, sin = turns(t, x.shape[1], x.shape[3], str(x.dtype))
    return rotary(x, cos=cos, sin=sin)


def turns(t: Any, T: int, d: int, dtype: str) -> tuple[Any, Any]:
    """cos and sin of the angles of T steps from t on, a number (T, 1, d/2) or one for each sequence (B, T, 1, d/2)."""
    if isinstance(t, int):
        return _turns(t, T, d, dtype)
    return _cos_sin(to_host(t)[:, None] + to_host(range(T)), d, dtype)


@lru_cache(maxsize=8)                                      # all layers of a model turn by the same angles
def _turns(t: int, T: int, d: int, dtype: str) -> tuple[Any, Any]:
    return _cos_sin(to_host(range(t, t + T)), d, dtype)


def _cos_sin(steps: Any, d: int, dtype: str) -> tuple[Any, Any]:
    """cos and sin (..., 1, d/2), of steps (...)."""
    a = angles(steps, d)[..., None, :]
    return xp.cos(a).astype(dtype), xp.sin(a).astype(dtype)


def slopes(num_heads: int) -> list[float]:
    """2^(-8 h / num_heads) for heads h = 1 .. num_heads: from one that hardly looks back to one that hardly minds."""
    return [2 ** (-8 * (h + 1) / num_heads) for h in range(num_heads)]


def distance_bias(num_heads: int, Tq: int, Tk: int, before: int, dtype: Any) -> Any:
    """(nh, Tq, Tk): -slope |t - s|, where query i stands at t = before + i and key s at s."""
    distance = xp.abs(xp.arange(before, before + Tq)[:, None] - xp.arange(Tk)).astype(dtype)
    return -slope_array(num_heads, dtype) * distance


@lru_cache(maxsize=4)                                      # the same for all layers of a model
def score_bias(T: int, num_heads: int, positions: str | None, causal: bool, window: int | None, dtype: str) -> Any:
    """What is added to the scores (B, nh, T, T) of a whole sequence: -inf where a step may not look, and -slope |t - s|
    with "alibi"; None if there is nothing to add."""
    bias = distance_bias(num_heads, T, T, 0, dtype) if positions == "alibi" else None
    if not causal:
        return bias
    return xp.where(causal_mask(T, window), xp.zeros((), dtype) if bias is None else bias, -xp.inf)


def slope_array(num_heads: int, dtype: Any) -> Any:
    """The slopes, (nh, 1, 1)."""
    return xp.asarray(slopes(num_heads), dtype)[:, None, None]
