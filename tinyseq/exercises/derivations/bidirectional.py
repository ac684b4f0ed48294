"""Two recurrent networks that read a sentence from both ends."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.recurrent.rnn import rnn_unrolled
from tinyseq.ops import concat, reverse


@exercise("bidirectional-backward", "7.4",
          gives="dx (B, T, D), dW_f (D, H), dU_f (H, H), dW_b (D, H), dU_b (H, H)")
def bidirectional_backward(draw: Draw) -> Case:
    """The way back through a bidirectional network, of rows that end at different steps.

    For each row, with its own length n, and t = 0 .. n-1:

    (1) f_t = tanh(x_t W_f + f_{t-1} U_f)        (H,)     reads from the first step on, f_{-1} = 0
    (2) b_t = tanh(x_t W_b + b_{t+1} U_b)        (H,)     reads from the row's last step back, b_n = 0
    (3) y_t = [f_t  b_t]                         (2H,)    side by side
    (4) y_t = 0                                           at the padded steps t = n .. T-1, which nobody reads

    Given   dy (B, T, 2H), which is dL/dy, with numbers at padded steps too; x (B, T, D), y (B, T, 2H); lengths (B,),
            whole numbers; W_f, W_b (D, H), U_f, U_b (H, H)
    Hint    By (3) there are two networks that share nothing but x. For each: in which order did it make its states,
            and in which order do the gradients come back?
    Hint    What a step hands back goes to the step whose state it has read: in (1) that is t-1, and in (2)?
    Hint    A padded step is no step, by (4): what should its da be, whatever dy holds there and whatever a neighbour
            hands over?
    Look    dx: x_t is read by (1) and by (2). Look at the padded steps as well.
    Look    dW_f: the loop of the f's runs from the last step to the first; padded steps bring nothing.
    Look    dU_f: it is multiplied with f_{t-1}, half of a y.
    Look    dW_b: for the b's, what comes later in time was computed earlier. Which way does the carry run?
    Look    dU_b: it is multiplied with b_{t+1}; and behind the row's own end?"""
    B, T, D, H = draw.sizes(4, least=3)
    lengths = np.maximum(2, T - np.arange(B))              # the first row has no padding
    x = draw.array(B, T, D)
    W_f, U_f, W_b, U_b = (draw.array(n, H) / n ** 0.5 for n in (D, H, D, H))

    def states(x: Any, W_f: Any, U_f: Any, W_b: Any, U_b: Any) -> Any:
        return both_ways(x, W_f, U_f, W_b, U_b, lengths.tolist())
    (dy,), (y,), grads = draw.way_back(states, x, W_f, U_f, W_b, U_b)
    given = {"dy": dy, "x": x, "y": y, "lengths": lengths, "W_f": W_f, "U_f": U_f, "W_b": W_b, "U_b": U_b}
    return Case(given, dict(zip(("dx", "dW_f", "dU_f", "dW_b", "dU_b"), grads, strict=True)))


def both_ways(x: Any, W_f: Any, U_f: Any, W_b: Any, U_b: Any, lengths: list[int]) -> Any:
    """(1) to (4); the rows have to be sorted, longest first."""
    alive = [sum(n > t for n in lengths) for t in range(x.shape[1])]
    nothing = tensor(np.zeros((x.shape[0], U_f.shape[0])))
    bias = tensor(np.zeros(U_f.shape[0]))
    f, _ = rnn_unrolled(x, nothing, W_f, U_f, bias, alive)
    b, _ = rnn_unrolled(reverse(x, lengths), nothing, W_b, U_b, bias, alive)
    return concat(f, reverse(b, lengths), axis=-1)
