"""A row of weights for each symbol."""
from tinyseq.autograd import Tensor
from tinyseq.backend import normal
from tinyseq.layers.module import Module, Table
from tinyseq.layers.named import named
from tinyseq.ops import gather


class Embedding(Module):
    """y = W[ids]                                                             (1)   (..., C)

    The same as one-hot rows times W, at the cost of a look-up.

    Made with  V: number of symbols.  C: size of a row.  sparse: dW as a RowGrad, which holds the rows that were looked
               up and no others, so that a step costs the same whatever V is; optim.SparseAdam goes with it.
    Weights    W (V, C), from N(0, 1).
    Call       ids (...), whole numbers -> y (..., C)
    Raises     ValueError if an id is not a whole number from 0 to V-1.
    By hand    dW[v] = sum of dy over the positions where ids = v, in a fixed order."""

    def __init__(self, V: int, C: int, sparse: bool = False):
        if V < 1 or C < 1:
            raise ValueError(f"Embedding has sizes of at least 1; got V={V}, C={C}")
        self.W = Table(normal((V, C), 1.0))
        self.sparse = sparse

    def __call__(self, ids) -> Tensor:
        name = f"{named(self)}, V={self.W.shape[0]}"
        if hasattr(ids, "dtype") and ids.dtype.kind not in "iu":
            raise ValueError(f"{name}: ids are whole numbers; got {ids.dtype} of shape {ids.shape}{self._advice(ids)}")
        try:
            return gather(self.W, ids, sparse=self.sparse)                          # (1)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def _advice(self, x) -> str:
        """What to do about numbers that are not whole."""
        if x.ndim and x.shape[-1] == self.W.shape[0]:
            return ": these look like one-hot rows; give the numbers themselves, rows.argmax(axis=-1)"
        return ": if they are ids, convert them, ids.astype('int64')"

    def describe(self) -> str:
        return "{}, {}".format(*self.W.shape) + (", sparse" if self.sparse else "")
