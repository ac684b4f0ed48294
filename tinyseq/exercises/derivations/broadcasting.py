"""Broadcasting: small arrays that are repeated until they fit."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise


@exercise("broadcasting-backward", "introduction", gives="dx (B, 1, C), dw (T, 1), db (C)")
def broadcasting_backward(draw: Draw) -> Case:
    """The way back through a product and a sum of arrays that broadcast.

    (1) y = x w + b             entry by entry:  y[n, t, c] = x[n, 0, c] w[t, 0] + b[c]
                                x (B, 1, C), w (T, 1), b (C,) -> y (B, T, C)

    Given   dy (B, T, C), which is dL/dy; x (B, 1, C); w (T, 1)
    Hint    Were x, w and b all of the shape (B, T, C), nothing would be summed. What would each gradient be then?
    Hint    Broadcasting is copying: x[n, 0, c] stands at T places of y. What comes back from all of its copies belongs
            to the one entry.
    Hint    First the product with the other factor, of the shape (B, T, C), then a sum over the axes along which the
            array was repeated; an axis of size 1 stays.
    Look    dx: along which axis was x repeated, and what stands beside it in the product?
    Look    dw: it was repeated along two axes, and one of them it does not even have.
    Look    db: b[c] stands in each y[n, t, c], whatever n and t are."""
    B, T, C = draw.sizes(3)
    x, w, b = draw.array(B, 1, C), draw.array(T, 1), draw.array(C)
    (dy,), _, (dx, dw, db) = draw.way_back(lambda x, w, b: x * w + b, x, w, b)
    return Case({"dy": dy, "x": x, "w": w}, {"dx": dx, "dw": dw, "db": db})
