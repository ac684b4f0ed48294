"""A gradient that is 0 but for a few rows: what a batch asks of an embedding of 50,000 words.

A sentence of twenty words picks twenty rows of W (V, C), and dL/dW is 0 in all others. Written out, those zeros cost
more than the rest of the training step. A RowGrad keeps the rows that are not 0 and their numbers, and nothing in it
depends on V.

The rows are known to the host, which checked the ids anyway: two RowGrads are added without a question to the device.
"""
import math
from typing import Any

from tinyseq.backend import host, scatter_add, to_device, to_host, xp

np = host.np


class RowGrad:
    """dL/dW (V, ...) of which the rows `rows` are `values`, and all others 0.

    rows    (K,)      whole numbers on the host, ascending, none twice
    index   (K,)      the same on the device
    values  (K, ...)  on the device
    shape             of W

    NumPy gets the whole of it, zeros and all: np.asarray(row_grad)."""
    __array_ufunc__ = None               # array + row_grad is no sum that NumPy could write down; `added` is

    def __init__(self, rows: Any, values: Any, shape: tuple[int, ...]):
        self.rows, self.index, self.values, self.shape = rows, to_device(rows), values, shape

    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))

    @classmethod
    def summed(cls, ids: Any, dys: Any, shape: tuple[int, ...]) -> "RowGrad":
        """Row v is the sum of dys[n] over all n with ids[n] = v, in a fixed order: it has the same bits each time.

        ids (...) on the host; dys (..., K, ...) begin with their axes, and end like a row of `shape`."""
        rows, places = np.unique(ids.reshape(-1), return_inverse=True)
        flat = dys.reshape(ids.size, math.prod(shape[1:]))
        values = scatter_add(len(rows), to_device(places), flat)                    # (rows, K)
        return cls(rows, values.reshape(len(rows), *shape[1:]), shape)

    def dense(self) -> Any:
        """The array with all its zeros."""
        whole = xp.zeros(self.shape, self.dtype)
        whole[self.index] = self.values
        return whole

    def copy(self) -> "RowGrad":
        """The same rows with numbers of their own."""
        return RowGrad(self.rows, self.values.copy(), self.shape)

    def __array__(self, dtype=None, copy=None):
        return to_host(self.dense()).__array__(dtype)

    def __repr__(self) -> str:
        return f"RowGrad({len(self.rows)} rows of {self.shape}, {self.dtype})"


def dense(gradient: Any) -> Any:
    """A gradient as an array."""
    return gradient.dense() if isinstance(gradient, RowGrad) else gradient


def entries(gradient: Any) -> Any:
    """The array, not a copy, of all entries that are not 0: to measure them, or to change them in place."""
    return gradient.values if isinstance(gradient, RowGrad) else gradient


def added(total: Any, gradient: Any) -> Any:
    """total + gradient. Either may be an array or a RowGrad; the sum is a RowGrad only where both are.

    Where `total` is an array it becomes the sum itself, without a copy."""
    if isinstance(total, RowGrad) and isinstance(gradient, RowGrad):
        rows = np.concatenate((total.rows, gradient.rows))
        return RowGrad.summed(rows, xp.concatenate((total.values, gradient.values)), total.shape)
    if isinstance(total, RowGrad):
        return added(xp.array(gradient), total)
    if isinstance(gradient, RowGrad):
        total[gradient.index] += gradient.values                                    # no row stands there twice
    else:
        total += gradient
    return total
