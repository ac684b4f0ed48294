"""What the other rooms need beyond the array interface, on CuPy."""
import cupy
import numpy as np

__all__ = ["device", "fuse", "peak_memory", "scatter_add", "to_device", "to_host", "workspace", "xp"]

xp = cupy
to_host = cupy.asnumpy
to_device = cupy.asarray
workspace = cupy.empty             # CuPy keeps freed memory for the next array by itself
fuse = cupy.fuse                   # one kernel instead of one for each operation


def scatter_add(size: int, index, rows):
    """out[v] = sum of rows[n] over all n with index[n] = v.   index (N,), rows (N, K) -> (size, K)

    Sorted, so that equal indices lie together; then each run is a difference of two entries of a running sum taken in
    float64. The order of the additions is fixed, so the result has the same bits each time; adding in place with
    atomic operations would not have that."""
    out = cupy.zeros((size, rows.shape[1]), rows.dtype)
    if len(index):
        order = cupy.argsort(index)
        in_order = index[order]
        last = cupy.flatnonzero(cupy.concatenate((in_order[1:] != in_order[:-1], cupy.ones(1, bool))))
        running = cupy.cumsum(rows[order], axis=0, dtype=np.float64)[last]
        running[1:] -= running[:-1].copy()
        out[in_order[last]] = running.astype(rows.dtype)
    return out


def device() -> str:
    """The processor that computes, in words."""
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    return f"GPU ({properties['name'].decode()})"


def peak_memory() -> int:
    """The most GPU memory this process has held at once, in bytes."""
    return cupy.get_default_memory_pool().total_bytes()
