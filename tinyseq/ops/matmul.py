"""Matrix products."""
import math

from tinyseq.autograd import op
from tinyseq.backend import workspace, xp
from tinyseq.ops.arithmetic import reduced


@op
def matmul(a, b):
    """y = a b                              da = dy b^T,  db = a^T dy

    a (..., n, k), b (..., k, m) -> y (..., n, m), the leading axes broadcast; b (k, m) serves every leading index
    of a by one large product. A vector stands for a row on the left and for a column on the right."""
    if not a.ndim or not b.ndim or a.shape[-1] != b.shape[-min(b.ndim, 2)]:
        raise ValueError(f"matmul: the last axis of {a.shape} and the {'last' if b.ndim == 1 else 'last but one'} of "
                         f"{b.shape} must have the same size")
    if b.ndim == 2 and a.ndim >= 2:
        return _by_rows(a, b)
    if a.ndim == 1 or b.ndim == 1:
        return _with_vector(a, b)

    def backward(dy):
        return (reduced(xp.matmul(dy, b.swapaxes(-1, -2)), a), reduced(xp.matmul(a.swapaxes(-1, -2), dy), b))
    return xp.matmul(a, b), backward


def _by_rows(x, W):
    """x (..., k) times W (k, m): all rows of x in one product, in the order in which they lie in memory."""
    order, back = _memory_order(x)
    lead = tuple(x.shape[i] for i in order[:-1])
    rows = x.transpose(order).reshape(math.prod(lead), x.shape[-1])                 # a view, if memory allows
    y = xp.matmul(rows, W, out=workspace((len(rows), W.shape[1]), x.dtype))

    def backward(dy):
        dy_rows = dy.transpose(order).reshape(len(rows), W.shape[1])
        dx = xp.matmul(dy_rows, W.T, out=workspace(rows.shape, x.dtype))
        return dx.reshape(*lead, x.shape[-1]).transpose(back), rows.T @ dy_rows
    return y.reshape(*lead, W.shape[1]).transpose(back), backward


def _memory_order(x):
    """The order of axes in which x lies in memory, the last axis staying last; and the order that undoes it.

    A recurrent layer keeps its states time-major; this lets a Linear after it read them where they are."""
    order = (*sorted(range(x.ndim - 1), key=lambda i: (-x.strides[i], i)), x.ndim - 1)
    return order, tuple(order.index(i) for i in range(x.ndim))


def _with_vector(a, b):
    """A vector is a matrix of one row (a) or one column (b)."""
    A, B = (a[None, :] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)

    def backward(dy):
        dY = dy[..., None, :] if a.ndim == 1 and b.ndim > 1 else dy[..., None] if a.ndim > 1 else dy.reshape(1, 1)
        dA, dB = reduced(xp.matmul(dY, B.swapaxes(-1, -2)), A), reduced(xp.matmul(A.swapaxes(-1, -2), dY), B)
        return dA.reshape(a.shape), dB.reshape(b.shape)
    return xp.matmul(a, b), backward
