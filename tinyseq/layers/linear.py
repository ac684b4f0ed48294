"""The affine map."""
import math

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers.module import Module, Parameter


class Linear(Module):
    """y = x W + b                                                            (1)   (..., K)

    Made with  D: size of x's last axis.  K: size of y's.  bias: whether there is a b.
    Weights    W (D, K) and b (K,), from U(-1/sqrt(D), 1/sqrt(D)).
    Call       x (..., D) -> y (..., K)
    Raises     ValueError if x's last axis is not D.
    By hand    dx = dy W^T,  dW = x^T dy,  db = sum of dy over rows."""

    def __init__(self, D: int, K: int, bias: bool = True):
        if D < 1 or K < 1:
            raise ValueError(f"Linear maps sizes of at least 1; got D={D}, K={K}")
        limit = 1 / math.sqrt(D)
        self.W = Parameter(uniform((D, K), limit))
        self.b = Parameter(uniform((K,), limit)) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        D = self.W.shape[0]
        if x.shape[-1] != D:
            raise ValueError(f"Linear {self.path}: the last axis of x {x.shape} should be D={D}".replace(" :", ":"))
        y = x @ self.W                                                              # (1)
        return y if self.b is None else y + self.b

    def describe(self) -> str:
        return "{}, {}".format(*self.W.shape)
