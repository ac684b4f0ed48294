"""Rows picked by number. A row picked twice gets the gradients of both."""
import math

from tinyseq.autograd import op
from tinyseq.backend import scatter_add, to_device, to_host, xp


def checked_ids(ids, V: int, what: str):
    """Whole numbers from 0 to V-1, on the device; a GPU would wrap others round without a word.

    Raises ValueError for numbers that are not whole or out of range."""
    ids = to_host(xp.asarray(ids.data if hasattr(ids, "requires_grad") else ids))
    if ids.dtype.kind not in "iu":
        raise ValueError(f"{what} are whole numbers; got {ids.dtype} of shape {ids.shape}")
    if ids.size and (ids.min() < 0 or ids.max() >= V):
        wrong = ids.min() if ids.min() < 0 else ids.max()
        raise ValueError(f"{what} go from 0 to {V - 1}; got {wrong}")
    return to_device(ids)


@op
def gather(x, ids):
    """y = x[ids]: rows of x (V, ...) picked by ids of any shape            dx[v] = sum of dy where ids = v

    The sum is taken in a fixed order, so it has the same bits each time. Also an embedding's look-up."""
    ids = checked_ids(ids, x.shape[0], "ids of rows")

    def backward(dy):
        rows = dy.reshape(ids.size, math.prod(x.shape[1:]))
        return scatter_add(x.shape[0], ids.reshape(-1), rows).reshape(x.shape), None
    return xp.take(x, ids, axis=0), backward
