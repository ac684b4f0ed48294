"""A row of weights for each symbol."""
from tinyseq.autograd import Tensor
from tinyseq.backend import normal
from tinyseq.layers.module import Module, Parameter
from tinyseq.ops import gather


class Embedding(Module):
    """y = W[ids]                                                             (1)   (..., C)

    The same as one-hot rows times W, at the cost of a look-up.

    Made with  V: number of symbols.  C: size of a row.
    Weights    W (V, C), from N(0, 1).
    Call       ids (...), whole numbers -> y (..., C)
    Raises     ValueError if an id is not a whole number from 0 to V-1.
    By hand    dW[v] = sum of dy over the positions where ids = v, in a fixed order."""

    def __init__(self, V: int, C: int):
        if V < 1 or C < 1:
            raise ValueError(f"Embedding has sizes of at least 1; got V={V}, C={C}")
        self.W = Parameter(normal((V, C), 1.0))

    def __call__(self, ids) -> Tensor:
        return gather(self.W, ids)                                                  # (1)

    def describe(self) -> str:
        return "{}, {}".format(*self.W.shape)
