"""Channels that belong to several heads, and back: how attention sees the C channels of a step."""
from tinyseq.autograd import op


@op
def split_heads(x, heads):
    """y[b, h, t, i] = x[b, t, h d + i],  d = C / heads                     dx[b, t, h d + i] = dy[b, h, t, i]

    x (B, T, C) -> y (B, heads, T, d), of the same memory. Raises ValueError if x has other axes, or for a number of
    heads that does not divide C."""
    if x.ndim != 3 or heads < 1 or x.shape[2] % heads:
        raise ValueError(f"split_heads takes x (B, T, C) and a number of heads that divides C; got {x.shape} and "
                         f"{heads}")
    B, T, C = x.shape
    y = x.reshape(B, T, heads, C // heads).transpose(0, 2, 1, 3)                    # (B, heads, T, d)
    return y, lambda dy: (dy.transpose(0, 2, 1, 3).reshape(B, T, C), None)


@op
def join_heads(x):
    """y[b, t, h d + i] = x[b, h, t, i]                                     dx[b, h, t, i] = dy[b, t, h d + i]

    x (B, heads, T, d) -> y (B, T, C), C = heads d: what split_heads did, undone. Raises ValueError for other axes."""
    if x.ndim != 4:
        raise ValueError(f"join_heads takes x (B, heads, T, d); got {x.shape}")
    B, heads, T, d = x.shape
    y = x.transpose(0, 2, 1, 3).reshape(B, T, heads * d)
    return y, lambda dy: (dy.reshape(B, T, heads, d).transpose(0, 2, 1, 3),)
