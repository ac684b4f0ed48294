"""Output layers: from the decoder's state s_t, and the context c_t where there is attention, to the logits.

    (1)  u_t = s_t                             Output             without attention
    (1') u_t = tanh([c_t; s_t] W_c)            AttentionalOutput  Luong et al. 2015, equation 5; chapter 8.4 as well
    (1") u_t = c_t                             ContextOutput      chapter 8.4's second form
    (2)  y_t = dropout(u_t) W_y + b_y          (B, Tq, V)         P(id_t = v | ids before it, source) = softmax(y_t)_v

With (1") the state decides where to look, and what is seen there is all that the output knows.
"""
import math

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.named import named
from tinyseq.ops import concat, tanh


class Output(Module):
    """(2), over u_t of any origin.

    Made with  width: of u_t.  V: number of symbols.  dropout: of u_t, while training.
    Weights    W_y (width, V), b_y (V,), from U(-1/sqrt(width), 1/sqrt(width)).
    Call       u (B, Tq, width) -> logits (B, Tq, V)
    Raises     ValueError if the width does not fit."""

    def __init__(self, width: int, V: int, dropout: float = 0.0):
        if width < 1 or V < 1:
            raise ValueError(f"{type(self).__name__} has sizes of at least 1; got width={width}, V={V}")
        self.width, self.V = width, V
        self.dropout = Dropout(dropout)
        self.W_y = _weights(width, V)
        self.b_y = Parameter(uniform((V,), 1 / math.sqrt(width)))

    def __call__(self, u: Tensor) -> Tensor:
        if u.shape[-1] != self.width:
            raise ValueError(f"{named(self)} is made with width={self.width}; got {u.shape}: make it with "
                             f"width={u.shape[-1]}")
        return self.dropout(u) @ self.W_y + self.b_y                                # (2)

    def describe(self) -> str:
        return f"{self.width}, {self.V}"


class AttentionalOutput(Output):
    """(1') and (2).

    Made with  D_context: width of c_t.  H: width of s_t.  width: of u_t.  V, dropout: as in Output.
    Weights    W_c (D_context + H, width), from U(-1/sqrt(n), 1/sqrt(n)) for n inputs; those of Output.
    Call       join(c, s), each (B, Tq, ...) -> u (B, Tq, width);  output(u) -> logits (B, Tq, V)"""

    def __init__(self, D_context: int, H: int, width: int, V: int, dropout: float = 0.0):
        super().__init__(width, V, dropout)
        self.D_context, self.H = D_context, H
        self.W_c = _weights(D_context + H, width)

    def join(self, c: Tensor, s: Tensor) -> Tensor:
        """u_t of all steps."""
        check_context(self, c)
        return tanh(concat(c, s, axis=-1) @ self.W_c)                               # (1')  (B, Tq, width)

    def describe(self) -> str:
        return f"{self.D_context}, {self.H}, {super().describe()}"


class ContextOutput(Output):
    """(1") and (2).

    Made with  D_context: width of c_t.  V, dropout: as in Output.
    Call       join(c, s) -> c;  output(c) -> logits (B, Tq, V)"""

    def __init__(self, D_context: int, V: int, dropout: float = 0.0):
        super().__init__(D_context, V, dropout)
        self.D_context = D_context

    def join(self, c: Tensor, s: Tensor) -> Tensor:
        """u_t of all steps."""
        check_context(self, c)
        return c                                                                    # (1")


def check_context(output: AttentionalOutput | ContextOutput, c: Tensor) -> None:
    """Raise ValueError unless contexts have the width that the layer is made for."""
    if c.shape[-1] != output.D_context:
        raise ValueError(f"{named(output)} is made with D_context={output.D_context}, and attention fetches contexts "
                         f"of width {c.shape[-1]}, that of its values: make it with D_context={c.shape[-1]}")


def _weights(n: int, width: int) -> Parameter:
    return Parameter(uniform((n, width), 1 / math.sqrt(n)))
