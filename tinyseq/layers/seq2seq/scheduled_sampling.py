"""Scheduled sampling: while it learns, the decoder reads more and more often what it wrote itself.

With teacher forcing the decoder always reads the true symbol before the one that it is to predict. When it is used
there is no such symbol: it reads its own, and has never learned to go on after a mistake. So at each step, for each
sequence on its own, a coin is thrown:

    (1) id_t = the true symbol         with probability epsilon
        id_t ~ softmax(y_{t-1})        otherwise, drawn from what the decoder has just said

epsilon decays with the training step i, in one of three ways:

    (2) epsilon = max(least, k - c i)              linear
    (3) epsilon = k^i,  k < 1                      exponential
    (4) epsilon = k / (k + exp(i / k)),  k >= 1    inverse sigmoid: near 1 for long, then a soft descent

Bengio et al. 2015, sections 2.3 and 2.4. No gradient flows through the draw. Coins and draws are hashes of (seed, step,
row), as dropout's masks are: neither the number of threads nor a resumed run changes them.
"""
import math
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import dropout_bits, to_device, xp


def linear_decay(step: int, k: float, c: float, least: float = 0.0) -> float:
    """(2). Raises ValueError unless 0 <= least <= k <= 1 and c >= 0."""
    if not (0 <= least <= k <= 1 and c >= 0):
        raise ValueError(f"linear decay needs 0 <= least <= k <= 1 and c >= 0; got least={least}, k={k}, c={c}")
    return max(least, k - c * step)


def exponential_decay(step: int, k: float) -> float:
    """(3). Raises ValueError unless 0 <= k < 1."""
    if not 0 <= k < 1:
        raise ValueError(f"exponential decay needs 0 <= k < 1; got k={k}")
    return k ** step


def inverse_sigmoid_decay(step: int, k: float) -> float:
    """(4), with both sides of the fraction multiplied by exp(-i/k), which cannot overflow. Raises ValueError unless
    k >= 1."""
    if not k >= 1:
        raise ValueError(f"inverse sigmoid decay needs k >= 1; got k={k}")
    e = k * math.exp(-step / k)
    return e / (e + 1)


def coins(truth: Any, T: int, path: str, dtype: Any) -> Any:
    """truth (B,), an epsilon for each row -> booleans (B, T), True where the true symbol is read.

    Raises ValueError unless each lies in [0, 1]."""
    if truth.ndim != 1 or truth.dtype.kind != "f" or truth.min() < 0 or truth.max() > 1:
        raise ValueError("truth is (B,), for each row the probability in [0, 1] that a step reads the true symbol; got "
                         f"{truth.dtype} {truth.shape}")
    return uniforms((len(truth), T), f"{path}.coins", dtype) < to_device(truth.astype(dtype))[:, None]


def drawn(logits: Tensor, path: str) -> Tensor:
    """logits (B, 1, V) -> one-hot rows (B, 1, V), v with probability softmax(logits)_v.

    The largest of y_v - ln(-ln u_v), u_v from U(0, 1), is at v with just that probability (the Gumbel-max trick). What
    is drawn stays on the device, so that the host need not wait for it."""
    u = uniforms(logits.shape, f"{path}.draws", logits.dtype)
    ids = (logits.data - xp.log(-xp.log(u))).argmax(axis=-1)                        # (B, 1)
    return Tensor((xp.arange(logits.shape[-1]) == ids[:, :, None]).astype(logits.dtype))


def uniforms(shape: tuple[int, ...], path: str, dtype: Any) -> Any:
    """Numbers from U(0, 1), never 0 or 1 themselves: float32 holds every odd multiple of 2^-24 below 1."""
    return ((dropout_bits(shape, path) >> 9).astype(dtype) + 0.5) * 2.0 ** -23
