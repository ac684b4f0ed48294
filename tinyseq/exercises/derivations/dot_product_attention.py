"""Scaled dot-product attention."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import attention


@exercise("dot-product-attention-backward", "9.1", gives="dq (B, Tq, d), dk (B, Tk, d), dv (B, Tk, D)")
def dot_product_attention_backward(draw: Draw) -> Case:
    """The way back through scaled dot-product attention.

    (1) e     = q k^T / sqrt(d)                 (B, Tq, Tk)    of each sequence for itself
    (2) alpha = softmax over the keys of e      (B, Tq, Tk)    each row adds up to 1
    (3) y     = alpha v                         (B, Tq, D)

    Given   dy (B, Tq, D), which is dL/dy; q (B, Tq, d); k (B, Tk, d); v (B, Tk, D); alpha (B, Tq, Tk)
    Hint    (3) is a matrix product for each sequence: it has a gradient for alpha and one for v.
    Hint    In (2) each score of a row moves all weights of that row, for they add up to 1: beside what comes for the
            weight itself there is a sum over the row.
    Hint    With de (B, Tq, Tk), (1) is once more a product of two matrices and a number: q stands in it on the left, k
            on the right.
    Look    dv: which weights stand beside v[s] in (3), and for how many queries?
    Look    dq: go from (3) through (2) to (1). Does all of de add up to 0 along the keys? And every factor of (1) that
            is no query stays.
    Look    dk: key s is read by all queries; beside it stand the queries and the number of (1)."""
    B, Tq, Tk, d, D = draw.sizes(5)
    q, k, v = draw.array(B, Tq, d), draw.array(B, Tk, d), draw.array(B, Tk, D)
    (dy,), _, (dq, dk, dv) = draw.way_back(attended, q, k, v)
    alpha = attention(tensor(q), tensor(k), tensor(v))[1].numpy()
    return Case({"dy": dy, "q": q, "k": k, "v": v, "alpha": alpha}, {"dq": dq, "dk": dk, "dv": dv})


def attended(q: Any, k: Any, v: Any) -> Any:
    """(1) to (3), without the weights."""
    return attention(q, k, v, weights=False)
