"""Truncated back-propagation through time: a long sequence in pieces."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.recurrent.rnn import rnn_unrolled
from tinyseq.layers.recurrent.states import HiddenState
from tinyseq.ops import concat


@exercise("truncated-bptt", "7.5", gives="dx (B, T, D), dW_xh (D, H), dW_hh (H, H), db (H)")
def truncated_bptt(draw: Draw) -> Case:
    """Truncated back-propagation through time in a recurrent network.

    (1) a_t = x_t W_xh + h_{t-1} W_hh + b        (B, H)    for t = 0 .. T-1, from h_{-1} = h0
    (2) h_t = tanh(a_t)                          (B, H)
    (3) L reads every h_t, and (1) of step t+1 reads h_t
    (4) the steps 0 .. k-1 are a piece, so are k .. 2k-1, and so on, the last one perhaps shorter: the state with which
        a piece begins is the h_{t-1} of before, taken as a given number

    Given   dhs (B, T, H), which is what each h_t gets from L itself; x (B, T, D); h0 (B, H); hs (B, T, H), the states
            h_0 .. h_{T-1}; W_xh (D, H), W_hh (H, H); k, the steps of a piece
    Hint    Compare with rnn-bptt. On the way there the numbers are the same; which arrows of the way back are gone?
    Hint    With T = 5 and k = 2 the pieces are the steps 0 1, 2 3 and 4. From which steps does something come back to
            the step before?
    Hint    A number that is given has no gradient of its own, but what it is multiplied with has. So in each step ask
            twice: what is handed to the step before, and what goes to the weights?
    Look    dx: which steps' losses should reach x_t? Those of its own piece, from t on. Look at a step behind which a
            piece ends, then at the one before it.
    Look    dW_xh: all steps of all pieces are added up, each with the da of its own.
    Look    dW_hh: it is a sum over all steps, also over the first of each piece. Which state has (1) read there?
    Look    db: b is added at each step and to each row, in all pieces."""
    B, D, H = draw.sizes(3, least=4)                       # no size is that of the three pieces
    k = 4 + int(draw.ids(2))
    T = 2 * k + 2
    x, h0 = draw.array(B, T, D), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, H), draw.array(H, H) / H ** 0.5, draw.array(H)

    def states(x: Any, W_xh: Any, W_hh: Any, b: Any) -> Any:
        return in_pieces(x, start, W_xh, W_hh, b, k)
    start = tensor(h0)
    (dhs,), (hs,), grads = draw.way_back(states, x, W_xh, W_hh, b)
    given = {"dhs": dhs, "x": x, "h0": h0, "hs": hs, "W_xh": W_xh, "W_hh": W_hh, "k": k}
    return Case(given, dict(zip(("dx", "dW_xh", "dW_hh", "db"), grads, strict=True)))


def in_pieces(x: Any, h: Any, W_xh: Any, W_hh: Any, b: Any, k: int) -> Any:
    """(1), (2) and (4): all states (B, T, H)."""
    B, T = x.shape[:2]
    hs = []
    for first in range(0, T, k):
        piece = x[:, first:first + k]
        of_piece, h = rnn_unrolled(piece, h, W_xh, W_hh, b, [B] * piece.shape[1])
        h = HiddenState(h).detach().h
        hs.append(of_piece)
    return concat(*hs, axis=1)
