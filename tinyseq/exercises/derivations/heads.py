"""Several heads: channels that lie side by side become sequences of their own, and come back."""
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.ops import split_heads as split


@exercise("split-heads", "9.1", gives="y (B, nh, T, d), dx (B, T, C)")
def split_heads(draw: Draw) -> Case:
    """Channels split among heads, and the way back.

    (1) y[b, h, t, i] = x[b, t, h d + i]        x (B, T, C), C = nh d -> y (B, nh, T, d)    head h has d neighbours

    Given   x (B, T, C); dy (B, nh, T, d), which is dL/dy
    Hint    A reshape keeps the order in which the numbers lie in memory. Into which two axes, and in which order, does
            it cut the axis of h d + i?
    Hint    After such a cut the heads stand behind the steps. A reshape cannot bring them in front; what can?
    Hint    No number is changed or added up, so each entry of dy goes to the one place that its y came from: the two
            moves undone, the last one first.
    Look    y: follow one number, x[0, 1, 0], the first channel of the second step: it belongs to y[0, 0, 1, 0].
    Look    dx: follow dy[0, 1, 0, 0], the first entry of the second head at the first step: it belongs to channel d."""
    B, T, nh, d = draw.sizes(4)
    x = draw.array(B, T, nh * d)
    (dy,), (y,), (dx, _) = draw.way_back(split, x, nh)
    return Case({"x": x, "dy": dy}, {"y": y, "dx": dx})
