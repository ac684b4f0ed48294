"""Dropout as a layer."""
from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.layers.module import Module
from tinyseq.layers.named import check_tensor, in_the_name_of, named


class Dropout(Module):
    """y = x m / (1 - p),  m = 1 with probability 1 - p, else 0,  while training;  y = x otherwise    (1)

    Made with  p: the probability that an entry is set to 0, in [0, 1).
    Call       x (B, ...) -> y (B, ...)
    Raises     ValueError if p is not in [0, 1), or if x has no batch axis.
    Source     Srivastava et al. 2014, in the form that rescales while training."""

    def __init__(self, p: float):
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: p, the part of the entries that is dropped, lies in [0, 1); got {p}"
                             + ("; a percentage is divided by 100" if 1 < p <= 100 else ""))
        self.p = p

    def __call__(self, x: Tensor) -> Tensor:
        check_tensor(self, x)
        if not x.ndim:
            raise ValueError(f"{named(self)}: the first axis of x is the batch, (B, ...); got a single number")
        if not self.training or self.p == 0:
            return x
        with in_the_name_of(self, "dropout"):
            return ops.dropout(x, self.p, path=self.path)                           # (1)

    def describe(self) -> str:
        return f"{self.p}"
