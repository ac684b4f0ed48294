"""Matrix products."""
import math

from tinyseq.autograd import op
from tinyseq.backend import memory_order, workspace, xp
from tinyseq.ops.arithmetic import reduced
from tinyseq.ops.broadcasting import fit, misfit


@op
def matmul(a, b):
    """y = a b                              da = dy b^T,  db = a^T dy

    a (..., n, k), b (..., k, m) -> y (..., n, m), the leading axes broadcast; b (k, m) serves every leading index
    of a by one large product. A vector stands for a row on the left and for a column on the right. Over k = 0
    entries the sum is 0.
    Raises ValueError if the sizes k differ, or the leading axes do not broadcast."""
    if not _ndim(a) or not _ndim(b):
        raise ValueError(f"matmul multiplies arrays of at least one axis; got {_named(a)} and {_named(b)}: for numbers "
                         "take *")
    if a.shape[-1] != b.shape[-min(b.ndim, 2)]:
        raise ValueError(f"matmul: the last axis of {a.shape} and the {'last' if b.ndim == 1 else 'last but one'} of "
                         f"{b.shape} must have the same size; they have {a.shape[-1]} and {b.shape[-min(b.ndim, 2)]}"
                         f"{_repair(a.shape, b.shape)}")
    if not fit(a.shape[:-2], b.shape[:-2]):
        raise ValueError(f"{misfit('matmul', a.shape[:-2], b.shape[:-2])}. These are the leading axes of {a.shape} and "
                         f"{b.shape}: all but the last two")
    if b.ndim == 2 and a.ndim >= 2:
        return _by_rows(a, b)
    if a.ndim == 1 or b.ndim == 1:
        return _with_vector(a, b)

    def backward(dy):
        return (reduced(xp.matmul(dy, b.swapaxes(-1, -2)), a), reduced(xp.matmul(a.swapaxes(-1, -2), dy), b))
    return xp.matmul(a, b), backward


@op
def linear(x, W, b=None):
    """y = x W + b                          dx = dy W^T,  dW = x^T dy,  db = sum of dy over all rows

    x (..., D), W (D, K), b (K,) or None -> y (..., K). All rows of x go through one product, and b is added in place.
    Raises ValueError if the sizes do not fit."""
    if not _ndim(x) or W.ndim != 2 or x.shape[-1] != W.shape[0] or (b is not None and b.shape != W.shape[1:]):
        raise ValueError(f"linear takes x (..., D), W (D, K) and b (K,); got {_named(x)}, {W.shape} and "
                         f"{None if b is None else b.shape}: bring the last axis of x to D, and b to K")
    return _by_rows(x, W, b)


def _by_rows(x, W, b=None):
    """x (..., k) times W (k, m), plus b (m,): all rows of x in one product, in the order of memory."""
    order, back = memory_order(x)
    lead = tuple(x.shape[i] for i in order[:-1])
    rows = x.transpose(order).reshape(math.prod(lead), x.shape[-1])                 # a view, if memory allows
    y = xp.matmul(rows, W, out=workspace((len(rows), W.shape[1]), xp.result_type(x, W)))
    if b is not None:
        y += b

    def backward(dy):
        dy_rows = dy.transpose(order).reshape(len(rows), W.shape[1])
        dx = xp.matmul(dy_rows, W.T, out=workspace(rows.shape, dy.dtype))
        dW = xp.matmul(rows.T, dy_rows, out=workspace(W.shape, dy.dtype))
        db = None if b is None else xp.ones(len(rows), dy.dtype) @ dy_rows
        return (dx.reshape(*lead, x.shape[-1]).transpose(back), dW, db)[:2 if b is None else 3]
    return y.reshape(*lead, W.shape[1]).transpose(back), backward


def _with_vector(a, b):
    """A vector is a matrix of one row (a) or one column (b)."""
    A, B = (a[None, :] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)

    def backward(dy):
        dY = dy[..., None, :] if a.ndim == 1 and b.ndim > 1 else dy[..., None] if a.ndim > 1 else dy.reshape(1, 1)
        dA, dB = reduced(xp.matmul(dY, B.swapaxes(-1, -2)), A), reduced(xp.matmul(A.swapaxes(-1, -2), dY), B)
        return dA.reshape(a.shape), dB.reshape(b.shape)
    return xp.matmul(a, b), backward


def _ndim(a):
    return getattr(a, "ndim", 0)


def _named(a):
    """What came, for a message."""
    return f"shape {a.shape}" if hasattr(a, "shape") else type(a).__name__


def _repair(a, b):
    """The transposed factor that would fit, if one does."""
    if len(b) > 1 and a[-1] == b[-1]:
        return f". The second one transposed would fit: b.swap(-1, -2) is {(*b[:-2], b[-1], b[-2])}"
    if len(a) > 1 and a[-2] == b[-min(len(b), 2)]:
        return f". The first one transposed would fit: a.swap(-1, -2) is {(*a[:-2], a[-1], a[-2])}"
    if len(a) == 2 == len(b) and a[0] == b[1]:
        return ". In the other order, b @ a, they would fit"
    return ""
