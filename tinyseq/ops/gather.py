"""Rows picked by number, and added up by number: each is the other's gradient."""
import math

from tinyseq.autograd import Tensor, op
from tinyseq.backend import scatter_add, to_device, to_host, xp
from tinyseq.ops.shapes import checked_axis
from tinyseq.rowgrad import RowGrad


def on_host(indices):
    """Indices as a NumPy array, to be checked. Those on the device are copied, for which a GPU has to stop once."""
    array = to_host(indices)
    return array.astype("int64") if isinstance(indices, list | tuple) and not array.size else array


def checked_ids(ids, V: int, what: str):
    """Whole numbers from 0 to V-1, on the device; a GPU would wrap others round without a word.

    A number, a list or a NumPy array is checked on the host and then moved: a GPU need not stop for it.
    Raises ValueError for numbers that are not whole or out of range, and says where the first of them stands."""
    ids = ids.data if isinstance(ids, Tensor) else ids
    array = on_host(ids)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{what} are whole numbers; got {array.dtype} of shape {array.shape}")
    wrong = (array < 0) | (array >= V)
    if wrong.any():
        place = [int(axis[0]) for axis in wrong.nonzero()] if array.ndim else []
        got = f"got {array[tuple(place)]}" + (f" at {place}" if place else "")
        raise ValueError(f"{what} go from 0 to {V - 1}; {got}" if V else
                         f"{what} have nothing to point at: that axis has size 0; {got}")
    return ids if isinstance(ids, xp.ndarray) else to_device(array)


@op
def gather(x, ids, sparse=False):
    """y = x[ids]: rows of x (V, ...) picked by ids of any shape            dx[v] = sum of dy where ids = v

    The sum is taken in a fixed order, so it has the same bits each time. Also an embedding's look-up.
    sparse: dx as a RowGrad, which holds the picked rows alone; ids on the device are then copied to the host.
    Raises ValueError if an id is not a whole number from 0 to V-1."""
    if not x.ndim:
        raise ValueError("gather: a scalar has no rows to pick from; x has shape ()")
    on_the_host = on_host(ids) if sparse else None
    ids = checked_ids(on_the_host if sparse else ids, x.shape[0], "ids of rows")
    if sparse:
        return xp.take(x, ids, axis=0), lambda dy: (RowGrad.summed(on_the_host, dy, x.shape), None)
    return xp.take(x, ids, axis=0), lambda dy: (_added_up(dy, ids, x.shape[0]), None)


@op
def scatter(rows, ids, size):
    """y[v] = sum of rows[n] over all n with ids[n] = v                     drows = dy[ids]

    rows (..., K, ...) begin with the axes of ids (...); y (size, K, ...), 0 where no id points. The transpose of
    `gather`, and as repeatable: the sum is taken in a fixed order.
    Raises ValueError if an id is not a whole number from 0 to size-1, or if the rows are not as many as the ids."""
    ids = checked_ids(ids, size, "scatter: ids")
    if rows.shape[:ids.ndim] != ids.shape:
        raise ValueError(f"scatter: rows {rows.shape} must begin with the axes of their ids, {ids.shape}")
    return _added_up(rows, ids, size), lambda dy: (xp.take(dy, ids, axis=0), None, None)


def _added_up(rows, ids, size):
    """The rows (ids' axes, K, ...) of equal id added up: (size, K, ...)."""
    K = rows.shape[ids.ndim:]
    return scatter_add(size, ids.reshape(-1), rows.reshape(ids.size, math.prod(K))).reshape(size, *K)


@op
def take_along_axis(x, ids, axis):
    """y_{..i..} = x_{..ids_{..i..}..}, along one axis                      dx_{..j..} = sum of dy where ids = j

    ids has the axes of x, and the sizes of x but along this axis; so a different entry can be picked at each place,
    such as the score of each row's target. Entries picked twice get both gradients, added in a fixed order.
    Raises ValueError if an id is not a whole number from 0 to n-1, n the size of the axis, or if the shapes differ."""
    axis = checked_axis("take_along_axis", axis, x.shape)
    n = x.shape[axis]
    ids = checked_ids(ids, n, f"take_along_axis: ids along axis {axis} of {x.shape}")
    others = x.shape[:axis] + x.shape[axis + 1:]
    if ids.ndim != x.ndim or ids.shape[:axis] + ids.shape[axis + 1:] != others:
        raise ValueError(f"take_along_axis: ids {ids.shape} and x {x.shape} have the same axes, and the same sizes but "
                         f"along axis {axis}")

    def backward(dy):
        columns = xp.moveaxis(ids, axis, -1).reshape(math.prod(others), -1 if ids.size else ids.shape[axis])
        entries = xp.arange(math.prod(others))[:, None] * n + columns               # places in x, that axis last
        summed = scatter_add(x.size, entries.reshape(-1), xp.moveaxis(dy, axis, -1).reshape(-1, 1))
        return xp.moveaxis(summed.reshape(*others, n), -1, axis), None, None
    return xp.take_along_axis(x, ids, axis), backward
