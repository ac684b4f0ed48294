"""What the other rooms need beyond the array interface, on CuPy."""
from typing import Any

import cupy

__all__ = ["device", "fuse", "peak_memory", "saved", "to_device", "to_host", "workspace", "xp"]

xp = cupy
to_host = cupy.asnumpy
to_device = cupy.asarray
workspace = cupy.empty             # CuPy keeps freed memory for the next array by itself
fuse = cupy.fuse                   # one kernel instead of one for each operation


def saved(held: Any, name: str) -> Any:
    """Nothing is guarded here: what an op saved for its backward is watched on the strict backend."""
    return None


def device() -> str:
    """The processor that computes, in words."""
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    return f"GPU ({properties['name'].decode()})"


def peak_memory() -> int:
    """The most GPU memory this process has held at once, in bytes."""
    return cupy.get_default_memory_pool().total_bytes()
