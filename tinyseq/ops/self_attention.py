"""Multi-head self-attention by hand: the projections, the heads and what they look at, as one op.

Queries, keys and values are projections of the same x, so their weights stand side by side, and one product serves all
three: W = [W_q, W_k, W_v] (C, 3C). On the way back one product each gives dx and dW.
"""
from tinyseq.autograd import on_arrays, op
from tinyseq.backend import workspace, xp
from tinyseq.ops.attention import attended, attended_backward
from tinyseq.ops.matmul import linear
from tinyseq.ops.rotary import rotary


@op
def self_attention(x, W_q, W_k, W_v, W_o, b_q=None, b_k=None, b_v=None, b_o=None, *, num_heads, turns=None, mask=None,
                   bias=None):
    """(1) q, k, v = x W + b, W = [W_q, W_k, W_v], b = [b_q, b_k, b_v]         dx = [dq, dk, dv] W^T
                                                   (B, T, C) each         dW = x^T [dq, dk, dv], db = its sum over rows
    (2) q, k turned, where there are `turns`                              dq, dk turned back
    (3) c = attention(q, k, v) in each head        (B, nh, T, d)          dq, dk, dv as of ops.attention
    (4) y = [c of head 0; ...] W_o + b_o           (B, T, C)              dc = dy W_o^T, dW_o = c^T dy, db_o = sum of dy

    x (B, T, C), W_q, W_k, W_v, W_o (C, C), biases (C,) or all None -> y, k, v (B, T, C) each. num_heads: nh, which
    divides C = nh d. turns: None, or cos and sin as ops.rotary takes them for q (B, T, nh, d). mask and bias: as
    ops.attention has them for scores (B, nh, T, T). Raises ValueError for other shapes.
    From Vaswani et al. 2017, section 3.2.2."""
    _check(x, (W_q, W_k, W_v, W_o), (b_q, b_k, b_v, b_o), num_heads)
    B, T, C = x.shape
    by_head = (B, T, 3, num_heads, C // num_heads)
    W, b = xp.concatenate((W_q, W_k, W_v), axis=1), None if b_q is None else xp.concatenate((b_q, b_k, b_v))
    qkv, projected_backward = on_arrays(linear)(x, W, b)                        # (1)  (B, T, 3C)
    turned_backward = None
    if turns is not None:
        q_and_k = qkv.reshape(by_head)[:, :, :2]                                # (B, T, 2, nh, d)
        cos, sin = (a[..., None, :, :] for a in turns)
        q_and_k[...], turned_backward = on_arrays(rotary)(q_and_k, cos=cos, sin=sin)            # (2)
    q, k, v = _heads(qkv.reshape(by_head))
    c, alpha = attended(q, k, v, mask, bias)                                    # (3)  (B, nh, T, d)
    y, joined_backward = on_arrays(linear)(c.transpose(0, 2, 1, 3).reshape(B, T, C), W_o, b_o)  # (4)

    def backward(dy, dk_out, dv_out):
        dc, dW_o, *db_o = joined_backward(dy)                                   # (4)
        dqkv = workspace(qkv.shape, qkv.dtype)
        dq, dk, dv = _heads(dqkv.reshape(by_head))
        attended_backward(q, k, v, alpha, _heads(dc.reshape(B, T, 1, *by_head[3:]))[0], None, dq, dk, dv)     # (3)
        dqkv[..., C:2 * C] += dk_out
        dqkv[..., 2 * C:] += dv_out
        if turned_backward is not None:
            dq_and_dk = dqkv.reshape(by_head)[:, :, :2]
            dq_and_dk[...], = turned_backward(dq_and_dk)                        # (2)
        dx, dW, *db = projected_backward(dqkv)                                  # (1)
        return dx, *_thirds(dW), dW_o, *(_thirds(db[0]) if db else (None,) * 3), *(db_o or (None,))
    return (y, qkv[..., C:2 * C], qkv[..., 2 * C:]), backward


def _heads(a):
    """a (B, T, n, nh, d) -> n views (B, nh, T, d)"""
    return a.transpose(2, 0, 3, 1, 4)


def _thirds(a):
    """a (..., 3C) -> three views (..., C)"""
    C = a.shape[-1] // 3
    return a[..., :C], a[..., C:2 * C], a[..., 2 * C:]


def _check(x, weights, biases, num_heads):
    """Raise ValueError, with what came, if shapes do not fit."""
    C = x.shape[-1] if x.ndim else 0
    if x.ndim != 3 or any(W.shape != (C, C) for W in weights) or num_heads < 1 or C % num_heads or not C:
        raise ValueError("self_attention takes x (B, T, C), four weights (C, C) and a number of heads that divides C; "
                         f"got {x.shape}, {', '.join(str(W.shape) for W in weights)} and {num_heads}")
    given = [b for b in biases if b is not None]
    if len(given) not in (0, 4) or any(b.shape != (C,) for b in given):
        raise ValueError(f"self_attention has four biases (C,) or none; got {len(given)} of shapes "
                         f"{', '.join(str(b.shape) for b in given)} for C={C}")
