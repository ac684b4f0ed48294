"""Dropout (Srivastava et al. 2014)."""
from tinyseq.autograd import op
from tinyseq.backend import dropout_bits, xp


@op
def dropout(x, p, path="dropout"):
    """y = x m / (1 - p),  m = 1 with probability 1 - p, else 0             dx = dy m / (1 - p)

    The division keeps the expected value of y at x, so nothing changes when dropout is switched off. The first axis
    is the batch; `path` is the name of the layer, from which, with the seed and the step, the mask is computed.
    Raises ValueError unless 0 <= p < 1 and x is a batch of floating-point numbers."""
    if not 0 <= p < 1:
        raise ValueError(f"a dropout probability lies in [0, 1); got {p}")
    if not x.ndim or x.dtype.kind != "f":
        raise ValueError("dropout takes floating-point numbers whose first axis is the batch; "
                         f"got {x.dtype} of shape {x.shape}")
    kept = dropout_bits(x.shape, path) >= xp.uint32(p * 2 ** 32)
    m = kept.astype(x.dtype) * xp.asarray(1 / (1 - p), x.dtype)
    return x * m, lambda dy: (dy * m, None)
