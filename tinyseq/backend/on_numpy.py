"""What the other rooms need beyond the array interface, on NumPy."""
import platform
import sys
from typing import Any

import numpy as np

from tinyseq.backend.pool import workspace

__all__ = ["device", "fuse", "peak_memory", "saved", "scatter_add", "to_device", "to_host", "workspace", "xp"]

xp = np
to_host = np.asarray
to_device = np.asarray
ONE_HOT_LIMIT = 512                # up to here a product with one-hot rows is faster than sorting


def fuse(f):
    """NumPy runs pointwise functions as they are written."""
    return f


def saved(held: Any, name: str) -> Any:
    """Nothing is guarded here: what an op saved for its backward is watched on the strict backend."""
    return None


def scatter_add(size: int, index: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """out[v] = sum of rows[n] over all n with index[n] = v.   index (N,), rows (N, K) -> (size, K)

    The order of the additions is fixed, so the result has the same bits each time."""
    if size <= ONE_HOT_LIMIT:
        one_hot = workspace((len(index), size), rows.dtype)
        one_hot.fill(0)
        one_hot[np.arange(len(index)), index] = 1
        return one_hot.T @ rows
    out = np.zeros((size, rows.shape[1]), rows.dtype)
    if len(index):
        order = np.argsort(index, kind="stable")
        in_order = index[order]
        starts = np.flatnonzero(np.concatenate(([True], in_order[1:] != in_order[:-1])))
        out[in_order[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return out


def device() -> str:
    """The processor that computes, in words."""
    return f"CPU ({platform.machine()})"


def peak_memory() -> int:
    """The most memory this process has held at once, in bytes."""
    import resource  # not on Windows, and only benchmarks ask

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024          # macOS counts bytes, Linux kilobytes
