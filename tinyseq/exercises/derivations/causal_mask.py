"""The causal mask: no step looks at a later one."""
from typing import Any

from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.attention import causal_mask as seen
from tinyseq.ops import softmax


@exercise("causal-mask", "9.4", gives="alpha (B, Tq, Tk), de (B, Tq, Tk)")
def causal_mask(draw: Draw) -> Case:
    """Weights that see no future, and the way back.

    (1) m[t, s]  = e[t, s] if s <= t, else -inf        (B, Tq, Tk)    of query t and key s; there are as many of both
    (2) alpha    = softmax over the keys of m          (B, Tq, Tk)

    Given   e (B, Tq, Tk), Tq = Tk; dalpha (B, Tq, Tk), which is dL/dalpha
    Hint    Write down alpha for three steps. Which entries are 0, and what does each row add up to?
    Hint    What is hidden must be gone before the softmax adds up a row. e^(-inf) is 0; the largest score of what is
            left may be subtracted from a row first.
    Hint    The softmax of (2) has the same derivative as one without a mask, with the alpha that the mask has made. A
            hidden score has moved nothing, so its gradient is known.
    Look    alpha: look at one row t. Up to which s should it be above 0, and does it add up to 1?
    Look    de: dalpha goes back through (2) with the alpha of (2); does what is hidden get 0, and does each row add up
            to 0?"""
    B, T = draw.sizes(2, least=3)
    (dalpha,), (alpha,), (de,) = draw.way_back(weights, e := draw.array(B, T, T))
    return Case({"e": e, "dalpha": dalpha}, {"alpha": alpha, "de": de})


def weights(e: Any) -> Any:
    """(1) and (2)"""
    return softmax(e, mask=seen(e.shape[1]))
