"""What the other rooms need beyond the array interface, on the strict backend: CuPy's side of it, rehearsed."""
from typing import Any

import numpy as np

from tinyseq.backend.strict.array import Array
from tinyseq.backend.strict.fusing import fuse
from tinyseq.backend.strict.namespace import xp
from tinyseq.backend.strict.saved import saved

__all__ = ["device", "fuse", "peak_memory", "saved", "to_device", "to_host", "workspace", "xp"]

to_device = xp.asarray
workspace = xp.empty               # always other memory, full of NaN: what is read before it is written shows


def to_host(a: Any) -> np.ndarray:
    """Any array, number or list -> NumPy array; of a device array a copy, for which the host waits."""
    return a.get() if isinstance(a, Array) else np.asarray(a)


def device() -> str:
    """What computes, in words."""
    return "strict (NumPy with the manners of CuPy)"


def peak_memory() -> int:
    """As on NumPy."""
    from tinyseq.backend.on_numpy import peak_memory

    return peak_memory()
