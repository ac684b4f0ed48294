"""The affine map."""
import math

from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.named import check_tensor, named
from tinyseq.ops import linear


class Linear(Module):
    """y = x W + b                                                            (1)   (..., K)

    Made with  D: size of x's last axis.  K: size of y's.  bias: whether there is a b.
    Weights    W (D, K) and b (K,), from U(-1/sqrt(D), 1/sqrt(D)).
    Call       x (..., D) -> y (..., K)
    Raises     ValueError if x's last axis is not D, or if x holds whole numbers.
    By hand    ops.linear."""

    def __init__(self, D: int, K: int, bias: bool = True):
        if D < 1 or K < 1:
            raise ValueError(f"Linear maps sizes of at least 1; got D={D}, K={K}")
        limit = 1 / math.sqrt(D)
        self.W = Parameter(uniform((D, K), limit))
        self.b = Parameter(uniform((K,), limit)) if bias else None

    def __call__(self, x: Tensor) -> Tensor:
        self.check(x)
        return linear(x, self.W, self.b)                                            # (1)

    def check(self, x: Tensor) -> None:
        """Raise ValueError, which says what to do, if x does not fit."""
        D = self.W.shape[0]
        check_tensor(self, x)
        if x.dtype.kind != "f":
            raise ValueError(f"{named(self)}: x holds floating-point numbers; got {x.dtype} of shape {x.shape}: ids go "
                             f"through an Embedding first, or become one-hot rows of width D={D}; other whole numbers "
                             f"are converted, by tensor(x, dtype='{self.W.dtype}')")
        if not x.ndim or x.shape[-1] != D:
            raise ValueError(f"{named(self)}: the last axis of x {x.shape} should be D={D}{self._advice(x)}")

    def _advice(self, x: Tensor) -> str:
        """What to do about an x that does not fit, where the mistake is a usual one."""
        D, K = self.W.shape
        if x.ndim > 1 and x.shape[-2] == D:
            order = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
            return f": the axis before it is; x seems to be transposed, x.transpose{order} turns it"
        if x.ndim > 2 and math.prod(x.shape[1:]) == D:
            return f": all axes but the batch together are; bring each example into a row, x.reshape({x.shape[0]}, {D})"
        if x.ndim and x.shape[-1] == K:
            return f": it is K; Linear({K}, {D}) maps {K} to {D}, this one is Linear({D}, {K})"
        return f": for this x make Linear({x.shape[-1]}, {K})" if x.ndim else ": a single number has no axes"

    def describe(self) -> str:
        return "{}, {}".format(*self.W.shape)
