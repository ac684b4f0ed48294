"""Dropout in front of a linear layer."""
from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise


@exercise("dropout-backward", "8.3", gives="dx (N, D), dW (D, K)")
def dropout_backward(draw: Draw) -> Case:
    """The way back through dropout and the linear layer behind it.

    (1) z = x m / (1 - p)                x, m, z (N, D)     entry by entry; m is 0 where an entry is dropped, else 1
    (2) y = z W                          W (D, K) -> y (N, K)

    Given   dy (N, K), which is dL/dy; x (N, D); m (N, D), the mask that was drawn on the way forward; p, the
            probability with which an entry was dropped; W (D, K)
    Hint    Begin with (2), a linear layer without a bias. Which array went into it?
    Hint    From (2) comes dz. In (1) each entry of x has a factor of its own; for x that is a constant.
    Hint    If m is 0, does a small change of x change anything? If m is 1, by how much more does z change than x?
    Look    dx: it should be 0 just where x was dropped. And does every number that stands beside x in (1) stand in it?
    Look    dW: in (2) W is multiplied with what came out of (1)."""
    N, D, K = draw.sizes(3, least=3)
    x, W, p = draw.array(N, D), draw.array(D, K), float(draw.rng.uniform(0.2, 0.4))
    m = (draw.rng.uniform(size=(N, D)) >= p).astype("float64")
    m[0, 0], m[0, 1] = 0, 1                                # at least one of each
    (dy,), _, (dx, dW) = draw.way_back(lambda x, W: (x * tensor(m / (1 - p))) @ W, x, W)
    return Case({"dy": dy, "x": x, "m": m, "p": p, "W": W}, {"dx": dx, "dW": dW})
