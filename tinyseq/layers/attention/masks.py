"""Masks say where attention may look: booleans (B, Tk) or (B, Tq, Tk), True where a query may look at a key.

Masks are joined by &: a causal model over ragged batches takes causal_mask(T) & padding_mask(lengths, T)[:, None].
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.backend import to_host, xp


def causal_mask(T: int, window: int | None = None, before: int = 0, keys: int | None = None) -> Any:
    """(1, T, before + T): query t may look at the keys up to its own, which is key before + t, and of these at the last
    `window` (None: at all). The same for every sequence, so the first axis has size 1.

    before   how many keys stand before that of the first query: those of steps that have been made already
    keys     how many there are, where they do not end with that of the last query: then the last axis has that size
    Raises ValueError if there is no step, for a window in which there is none, and for before < 0."""
    if T < 1:
        raise ValueError(f"causal_mask: there is at least one step; got T={T}")
    if before < 0 or (window is not None and window < 1):
        raise ValueError("causal_mask: a query looks at its own key at least, and before it there are none or some; "
                         f"got window={window}, before={before}")
    Tk = before + T if keys is None else keys
    back = xp.arange(before, before + T)[:, None] - xp.arange(Tk)                   # how many steps ago (T, Tk)
    return ((back >= 0) if window is None else (back >= 0) & (back < window))[None]


def padding_mask(lengths: Any, T: int) -> Any:
    """(B, T): sequence b is lengths[b] steps long, and what stands behind them is looked at by nobody.

    Raises ValueError unless lengths are whole numbers from 0 to T, one a sequence."""
    array = to_host(lengths.data if isinstance(lengths, Tensor) else lengths)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise ValueError("padding_mask: lengths are whole numbers (B,), one a sequence; got "
                         f"{array.dtype} {array.shape}")
    if array.size and (array.min() < 0 or array.max() > T):
        row = int(array.argmin() if array.min() < 0 else array.argmax())
        raise ValueError(f"padding_mask: lengths go from 0 to T={T}; sequence {row} has {array[row]}: T is the number "
                         "of steps that the batch is padded to")
    return xp.arange(T) < xp.asarray(array)[:, None]
