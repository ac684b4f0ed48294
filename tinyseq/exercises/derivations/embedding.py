"""An embedding: a row of weights for each symbol."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import gather


@exercise("embedding-backward", "8.1", gives="dW (V, C)")
def embedding_backward(draw: Draw) -> Case:
    """The way back through an embedding.

    (1) y = W[ids]                       y[n, t, c] = W[ids[n, t], c]
                                         W (V, C), ids (B, T) -> y (B, T, C)

    Given   dy (B, T, C), which is dL/dy; ids (B, T), whole numbers from 0 to V-1; W (V, C)
    Hint    Which entries of y does row v of W stand in? How often can that be?
    Hint    With one-hot rows o (B, T, V), y would be the matrix product o W. What is the way back through that?
    Hint    So row v of dW is a sum over some of the places n, t. In NumPy, mind what happens in A[ids] += ... with an
            id that is there twice.
    Look    dW: make a small case with ids = [[0, 0, 2]] and a dy of nothing but 1. Which three sums should the rows 0,
            1 and 2 be?"""
    B, T, V, C = draw.sizes(4, least=3)
    W = draw.array(V, C)
    ids = draw.rng.permutation(V)[draw.ids(V - 1, B, T)]   # at least one symbol is never there
    ids[-1, -1] = ids[0, 0]                                # and at least one twice
    (dy,), _, (dW, _) = draw.way_back(gather, W, ids)
    return Case({"dy": dy, "ids": ids, "W": W}, {"dW": dW})
