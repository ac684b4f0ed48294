"""Large arrays in memory that is used again.

A training step at the book's sizes fills hundreds of megabytes, and the operating system hands out fresh memory page
by page: touching it for the first time costs several times more than computing on it. So a large array that nobody
holds any more leaves its memory here, and the next one of about that size takes it over.

Nobody has to give anything back: NumPy keeps the `_Lease` alive as the base of the array and of all its views, and
when the last of them is gone, the lease returns the memory. An array that a reader still holds is never reused.
"""
import math
from threading import RLock

import numpy as np

SMALL = 1 << 20                    # bytes; below this the allocator of the C library does as well
KEPT = 1 << 31                     # bytes of idle memory that are kept
# What an expression makes comes from the C library. That of Linux gives a block back to the operating system as soon
# as it is free, unless one as large has been freed before; 32 MiB is the most it learns from.
np.empty((1 << 25) - (1 << 16), np.uint8)

_idle: dict[int, list[np.ndarray]] = {}        # size -> idle blocks, the size that was given back last at the end
_kept = 0                                      # bytes in them
_lock = RLock()                                # giving back may happen anywhere, in the middle of itself too


class _Lease:
    """Owns a block for as long as an array looks into it."""

    def __init__(self, block: np.ndarray):
        self.block = block
        self.__array_interface__ = block.__array_interface__

    def __del__(self):
        _give_back(self.block)


def workspace(shape: tuple[int, ...], dtype) -> np.ndarray:
    """An uninitialised array, like np.empty, in memory that was used before where there is some."""
    wanted = math.prod(shape) * np.dtype(dtype).itemsize
    if wanted < SMALL:
        return np.empty(shape, dtype)
    block = _taken(_rounded(wanted))
    return np.asarray(_Lease(block))[:wanted].view(dtype).reshape(shape)


def _taken(size: int) -> np.ndarray:
    """An idle block of this size, or a new one."""
    global _kept
    with _lock:
        if not (idle := _idle.get(size)):
            return np.empty(size, np.uint8)
        _kept -= size
        return idle.pop()


def _give_back(block: np.ndarray) -> None:
    """Keep the block for its next use; where too much is kept, free what has been idle longest."""
    global _kept
    with _lock:
        blocks = _idle.pop(block.nbytes, [])
        blocks.append(block)
        _idle[block.nbytes] = blocks                       # now the last of all sizes
        _kept += block.nbytes
        while _kept > KEPT:
            oldest = next(iter(_idle))
            if _idle[oldest]:
                _idle[oldest].pop()
                _kept -= oldest
            else:
                del _idle[oldest]


def idle_bytes() -> int:
    """Memory that waits for its next use."""
    return _kept


def _rounded(n: int) -> int:
    """n rounded up to a multiple of an eighth of its power of two, so that ragged batches share blocks."""
    eighth = 1 << max(n.bit_length() - 4, 0)
    return -(-n // eighth) * eighth
