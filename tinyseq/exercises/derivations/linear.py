"""The linear layer."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import linear


@exercise("linear-backward", "introduction", gives="dx (N, D), dW (D, K), db (K)")
def linear_backward(draw: Draw) -> Case:
    """The way back through a linear layer.

    (1) y = x W + b                      x (N, D), W (D, K), b (K,) -> y (N, K)

    Given   dy (N, K), which is dL/dy; x (N, D); W (D, K)
    Hint    Write one entry, y[n, k], as a sum over d. Which entries of y does W[d, k] stand in?
    Hint    dL/dW[d, k] is a sum over n of dL/dy[n, k] times what W[d, k] was multiplied with.
    Hint    A sum over n of x[n, d] dy[n, k] is a matrix product of a transposed x with something.
    Look    dx: x[n, d] stands in all K entries of row n of y; each brings dy[n, k] W[d, k].
    Look    dW: it has the shape of W, so the rows n have been summed over.
    Look    db: b is added to every row, so what comes back from the rows is added up."""
    N, D, K = draw.sizes(3)
    x, W, b = draw.array(N, D), draw.array(D, K), draw.array(K)
    (dy,), _, (dx, dW, db) = draw.way_back(linear, x, W, b)
    return Case({"dy": dy, "x": x, "W": W}, {"dx": dx, "dW": dW, "db": db})
