"""A transformer block by hand: attention, feed-forward layer, two norms and two sums as one op.

    pre-norm     u = x + attention(norm_1(x))             (1)      post-norm    u = norm_1(x + attention(x))
                 y = u + feed_forward(norm_2(u))          (2)                   y = norm_2(u + feed_forward(u))

Each half lies beside a way straight through. On the way back a gradient goes both ways, and the two are added:

    pre-norm     dx = dy + the way through norm and part           post-norm    ds = the way through the norm,
                                                                                dx = ds + the way through the part

The sums are done in place: what a part returns is nobody else's.
"""
from functools import partial

from tinyseq.autograd import on_arrays, op
from tinyseq.ops.feed_forward import feed_forward
from tinyseq.ops.norm import layer_norm
from tinyseq.ops.self_attention import self_attention


@op
def transformer_block(x, gamma_1, beta_1, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, gamma_2, beta_2, W_1, b_1, W_2, b_2,
                      W_3, b_3, *, norm, epsilon, activation, num_heads, turns=None, mask=None, bias=None):
    """(1) u = x + self_attention(layer_norm(x))        (B, T, C)
    (2) y = u + feed_forward(layer_norm(u))          (B, T, C)      with norm="pre"; "post" as at the head of this page

    Weights are those of layer_norm, self_attention and feed_forward, None where there is none; epsilon, activation,
    num_heads, turns, mask and bias are their settings. x (B, T, C) -> y, and of the attention k, v (B, T, C).
    Raises ValueError as they do, and for another norm. From Vaswani et al. 2017, section 3.1; Xiong et al. 2020, "On
    layer normalization in the transformer architecture"."""
    if norm not in HALVES:
        raise ValueError(f"transformer_block: norm is 'pre' or 'post'; got {norm!r}")

    def attend(a):
        return on_arrays(self_attention)(a, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, num_heads=num_heads, turns=turns,
                                         mask=mask, bias=bias)

    def feed(a):
        y, backward = on_arrays(feed_forward)(a, W_1, b_1, W_2, b_2, W_3, b_3, activation)
        return (y,), backward

    norm_1, norm_2 = (partial(on_arrays(layer_norm), gamma=gamma, beta=beta, epsilon=epsilon)
                      for gamma, beta in ((gamma_1, beta_1), (gamma_2, beta_2)))
    (u, k, v), u_backward = HALVES[norm](x, norm_1, attend)                     # (1)
    (y,), y_backward = HALVES[norm](u, norm_2, feed)                            # (2)

    def backward(dy, dk, dv):
        du, d_norm_2, d_feed = y_backward(dy)                                   # (2)
        dx, d_norm_1, d_attend = u_backward(du, dk, dv)                         # (1)
        return dx, *d_norm_1, *d_attend, *d_norm_2, *d_feed
    return (y, k, v), backward


def _pre_norm(x, norm, part):
    """x + part(norm(x)), and what else the part returns"""
    n, norm_backward = norm(x)
    (y, *others), part_backward = part(n)
    y += x

    def backward(dy, *d_others):
        dn, *d_part = part_backward(dy, *d_others)
        dx, *d_norm = norm_backward(dn)
        dx += dy
        return dx, d_norm, d_part
    return (y, *others), backward


def _post_norm(x, norm, part):
    """norm(x + part(x)), and what else the part returns"""
    (s, *others), part_backward = part(x)
    s += x
    y, norm_backward = norm(s)

    def backward(dy, *d_others):
        ds, *d_norm = norm_backward(dy)
        dx, *d_part = part_backward(ds, *d_others)
        dx += ds
        return dx, d_norm, d_part
    return (y, *others), backward


HALVES = {"pre": _pre_norm, "post": _post_norm}
