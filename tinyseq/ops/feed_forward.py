"""The feed-forward layer of a transformer block by hand, as one op."""
from collections.abc import Callable
from functools import partial

from tinyseq.autograd import on_arrays, op
from tinyseq.ops.activations import gelu, relu, silu
from tinyseq.ops.matmul import linear

INSIDE: dict[str, Callable] = {
    "relu": on_arrays(relu), "gelu": on_arrays(gelu), "gelu_tanh": partial(on_arrays(gelu), form="tanh"),
    "swiglu": on_arrays(silu)}


@op
def feed_forward(x, W_1, b_1, W_2, b_2, W_3=None, b_3=None, activation="gelu"):
    """a = x W_1 + b_1                      (1)    dh = dy W_2^T,  dW_2 = h^T dy,  db_2 = sum of dy over all rows
    h = f(a)                                (2)    da = dh f'(a)
    y = h W_2 + b_2                         (3)    dx = da W_1^T,  dW_1 = x^T da,  db_1 = sum of da

    x (..., C), W_1 (C, FF), W_2 (FF, C), b_1, b_2 or None -> y (..., C). f: "relu", "gelu" or "gelu_tanh"; with
    "swiglu" f = silu, and there is a gate g = x W_3 + b_3, W_3 (C, FF), so that h = f(a) g: then da = dh g f'(a) and
    dg = dh f(a). Raises ValueError for another activation, for a gate of others, and if shapes do not fit.
    From Vaswani et al. 2017, equation 2; Shazeer 2020, "GLU variants improve transformer", equation 6."""
    if activation not in INSIDE or (W_3 is not None) != (activation == "swiglu"):
        raise ValueError(f"feed_forward: the activation is one of {', '.join(INSIDE)}, and W_3 belongs to swiglu; got "
                         f"{activation!r} {'without' if W_3 is None else 'with'} W_3")
    a, into_backward = on_arrays(linear)(x, W_1, b_1)                           # (1)
    f, f_backward = INSIDE[activation](a)                                       # (2)
    if W_3 is not None:
        g, gate_backward = on_arrays(linear)(x, W_3, b_3)
    y, back_backward = on_arrays(linear)(f if W_3 is None else f * g, W_2, b_2)                 # (3)

    def backward(dy):
        dh, *d_back = back_backward(dy)                                         # (3)
        da, = f_backward(dh if W_3 is None else dh * g)                         # (2)
        dx, *d_into = into_backward(da)                                         # (1)
        d_gate = []
        if W_3 is not None:
            dh *= f
            dx_by_gate, *d_gate = gate_backward(dh)
            dx += dx_by_gate
        return dx, *_two(d_into), *_two(d_back), *_two(d_gate)
    return y, backward


def _two(gradients):
    """The gradients of a weight and of its bias, None where there is none."""
    return (*gradients, None, None)[:2]
