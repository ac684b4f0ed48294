"""The second half of a transformer block: at each step, by itself, through a wider layer and back."""
from collections.abc import Callable

from tinyseq.autograd import Tensor
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.ops import gelu, relu, silu

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu, "gelu": gelu, "gelu_tanh": lambda x: gelu(x, form="tanh"), "swiglu": silu}


class FeedForward(Module):
    """y = f(x W_1 + b_1) W_2 + b_2                                          (1)   (..., C)

    with f = relu, gelu (exact) or gelu_tanh (its approximation, ops.gelu). "swiglu" has a second way in, and f = silu:

    y = (silu(x W_1 + b_1) * (x W_3 + b_3)) W_2 + b_2                        (2)   (..., C)

    Made with  C: channels.  FF: width of the layer inside; None: 4 C, or for swiglu 8 C / 3, rounded up, which has as
               many weights.  activation: "relu", "gelu", "gelu_tanh" or "swiglu".  bias: whether there are b_1, b_2,
               b_3.
    Weights    into (C, FF): W_1, b_1.  back (FF, C): W_2, b_2.  gate (C, FF), of swiglu alone: W_3, b_3. All Linear.
    Call       x (..., C) -> y (..., C)
    Raises     ValueError for another activation, or sizes below 1.
    Source     Vaswani et al. 2017, equation 2; Shazeer 2020, "GLU variants improve transformer", equation 6."""

    def __init__(self, C: int, FF: int | None = None, activation: str = "gelu", bias: bool = True):
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}; got {activation!r}")
        FF = default_width(C, activation) if FF is None else FF
        self.activation = activation
        self.into, self.back = Linear(C, FF, bias), Linear(FF, C, bias)
        self.gate = Linear(C, FF, bias) if activation == "swiglu" else None

    def __call__(self, x: Tensor) -> Tensor:
        inside = ACTIVATIONS[self.activation](self.into(x))                         # (1) (2)  (..., FF)
        return self.back(inside if self.gate is None else inside * self.gate(x))    # (1) (2)  (..., FF), (..., C)

    def describe(self) -> str:
        return self.activation


def default_width(C: int, activation: str) -> int:
    """What FF=None stands for."""
    return -(-8 * C // 3) if activation == "swiglu" else 4 * C
