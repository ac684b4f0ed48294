"""The second half of a transformer block: at each step, by itself, through a wider layer and back."""
from collections.abc import Callable

from tinyseq.autograd import Tensor
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.layers.twins import check_method
from tinyseq.ops import feed_forward, gelu, relu, silu

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu, "gelu": gelu, "gelu_tanh": lambda x: gelu(x, form="tanh"), "swiglu": silu}


class FeedForward(Module):
    """y = f(x W_1 + b_1) W_2 + b_2                                          (1)   (..., C)

    with f = relu, gelu (exact) or gelu_tanh (its approximation, ops.gelu). "swiglu" has a second way in, and f = silu:

    y = (silu(x W_1 + b_1) * (x W_3 + b_3)) W_2 + b_2                        (2)   (..., C)

    Made with  C: channels.  FF: width of the layer inside; None: 4 C, or for swiglu 8 C / 3, rounded up, which has as
               many weights.  activation: "relu", "gelu", "gelu_tanh" or "swiglu".  bias: whether there are b_1, b_2,
               b_3.  method: "by_hand" or "by_tape", the fast twin or the slow one.
    Weights    into (C, FF): W_1, b_1.  back (FF, C): W_2, b_2.  gate (C, FF), of swiglu alone: W_3, b_3. All Linear.
    Call       x (..., C) -> y (..., C)
    Raises     ValueError for another activation or method, or sizes below 1.
    By hand    ops.feed_forward.
    Source     Vaswani et al. 2017, equation 2; Shazeer 2020, "GLU variants improve transformer", equation 6."""

    def __init__(self, C: int, FF: int | None = None, activation: str = "gelu", bias: bool = True,
                 method: str = "by_hand"):
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}; got {activation!r}")
        check_method("FeedForward", method)
        FF = default_width(C, activation) if FF is None else FF
        self.activation, self.method = activation, method
        self.into, self.back = Linear(C, FF, bias), Linear(FF, C, bias)
        self.gate = Linear(C, FF, bias) if activation == "swiglu" else None

    def __call__(self, x: Tensor) -> Tensor:
        if self.method == "by_hand":
            self.into.check(x)
            return feed_forward(x, *self.in_order(), activation=self.activation)    # (1) (2)
        inside = ACTIVATIONS[self.activation](self.into(x))                         # (1) (2)  (..., FF)
        return self.back(inside if self.gate is None else inside * self.gate(x))    # (1) (2)  (..., FF), (..., C)

    def in_order(self) -> tuple[Tensor | None, ...]:
        """W_1, b_1, W_2, b_2, W_3, b_3, as ops.feed_forward takes them."""
        gate = (None, None) if self.gate is None else (self.gate.W, self.gate.b)
        return self.into.W, self.into.b, self.back.W, self.back.b, *gate

    def describe(self) -> str:
        return self.activation


def default_width(C: int, activation: str) -> int:
    """What FF=None stands for."""
    return -(-8 * C // 3) if activation == "swiglu" else 4 * C
