"""Which symbol comes next: from logits to the distribution that is drawn from."""
from typing import Any

from tinyseq.backend import host

np = host.np


def distribution(logits: Any, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None) -> Any:
    """logits (B, V), on the host -> probabilities (B, V), each row summing to 1.

    temperature   p_v ~ exp(y_v / temperature): below 1 the likely become likelier, above 1 rows level out;
                  0 is the limit, all probability on the largest logit ("greedy")
    top_k         only the k likeliest symbols are left; equal ones at the border all stay (Fan et al. 2018)
    top_p         only the likeliest symbols that together reach probability p are left (Holtzman et al. 2020)

    What is left is divided by its sum. Raises ValueError for values out of range."""
    check_settings(temperature, top_k, top_p)
    y = np.asarray(logits, np.float64)
    if temperature == 0:
        return (np.arange(y.shape[-1]) == y.argmax(axis=-1)[..., None]).astype(float)
    with np.errstate(over="ignore"):                                # far below the largest: exp(-inf) = 0
        p = np.exp((y - y.max(axis=-1, keepdims=True)) / temperature)
    p /= p.sum(axis=-1, keepdims=True)
    if top_k is not None and top_k < p.shape[-1]:
        smallest = np.partition(p, -top_k, axis=-1)[..., -top_k, None]
        p = np.where(p >= smallest, p, 0)
        p /= p.sum(axis=-1, keepdims=True)
    if top_p is not None:
        p = _nucleus(p, top_p)
    return p


def _nucleus(p: Any, top_p: float) -> Any:
    """The smallest set of likeliest symbols whose probabilities reach top_p, divided by their sum."""
    order = np.argsort(-p, axis=-1, kind="stable")
    in_order = np.take_along_axis(p, order, axis=-1)
    before = np.cumsum(in_order, axis=-1) - in_order                # what the likelier ones have already
    kept = np.zeros(p.shape, bool)
    np.put_along_axis(kept, order, before < top_p, axis=-1)
    p = np.where(kept, p, 0)
    return p / p.sum(axis=-1, keepdims=True)


def check_settings(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raises ValueError for values out of range."""
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature is 0 (greedy) or above; got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top-k is at least 1; got {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top-p lies in (0, 1]; got {top_p}")
