"""The simple recurrent network: one step, and the whole sequence."""
from tinyseq.autograd import Tensor
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.recurrent.rnn import rnn_step, rnn_unrolled


@exercise("rnn-step-backward", "7.1", gives="dx (B, D), dh_prev (B, H), dW_xh (D, H), dW_hh (H, H), db (H)")
def rnn_step_backward(draw: Draw) -> Case:
    """The way back through one step of a recurrent network.

    (1) a = x W_xh + h_prev W_hh + b     x (B, D), h_prev (B, H), W_xh (D, H), W_hh (H, H), b (H,) -> a (B, H)
    (2) h = tanh(a)                      (B, H)

    Given   dh (B, H), which is dL/dh, all that comes back to h; x (B, D); h_prev, h (B, H); W_xh (D, H), W_hh (H, H)
    Hint    Go from (2) to (1). In (2) each entry of h depends on one entry of a: what is its slope, written by h?
    Hint    With da, the gradient of a, (1) is a linear layer with two inputs, x and h_prev, each with a matrix of its
            own.
    Hint    For y = x W the gradient of x is a product of dy with W, and that of W one of x with dy; one factor of each
            is transposed, and shapes tell which.
    Look    dx: da goes back through the matrix that x is multiplied with in (1).
    Look    dh_prev: first (2), then the matrix that h_prev is multiplied with in (1).
    Look    dW_xh: x is what W_xh is multiplied with in (1); it meets da, after (2) and not before.
    Look    dW_hh: which of the two states is W_hh multiplied with in (1)?
    Look    db: b is added to each row of a; the rows of the batch are added up."""
    B, D, H = draw.sizes(3)
    x, h_prev = draw.array(B, D), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, H), draw.array(H, H), draw.array(H)
    (dh,), (h,), grads = draw.way_back(rnn_step, x, h_prev, W_xh, W_hh, b)
    given = {"dh": dh, "x": x, "h_prev": h_prev, "h": h, "W_xh": W_xh, "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh_prev", "dW_xh", "dW_hh", "db"), grads, strict=True)))


@exercise("rnn-bptt", "7.1", gives="dx (B, T, D), dh0 (B, H), dW_xh (D, H), dW_hh (H, H), db (H)")
def rnn_bptt(draw: Draw) -> Case:
    """Back-propagation through time in a recurrent network.

    (1) a_t = x_t W_xh + h_{t-1} W_hh + b        (B, H)    for t = 1 .. T, from h_0
    (2) h_t = tanh(a_t)                          (B, H)
    (3) L reads every h_t, and (1) of step t+1 reads h_t

    Given   dhs (B, T, H), which is what each h_t gets from L itself; x (B, T, D); h0 (B, H); hs (B, T, H), the states
            h_1 .. h_T, so that hs[:, 0] is h_1, as x[:, 0] is x_1; W_xh (D, H), W_hh (H, H)
    Hint    Two read h_t, by (3): which two gradients meet at h_t, and which of them has to be computed before?
    Hint    So the loop runs from the last step to the first. What a step hands on to the one before, call it carry;
            after the last step there is none.
    Hint    Each step is rnn-step-backward, with dL/dh_t as its dh. The same weights are used at every step: what
            happens to their gradients?
    Look    dx: dx[:, t] needs da of its own step, which holds what later steps bring back.
    Look    dh0: it is what the first step hands on to the state before it.
    Look    dW_xh: the steps are added up, and each pairs its x with its own da.
    Look    dW_hh: the steps are added up, and each pairs its da with the state that (1) has read; the first read h_0.
    Look    db: b is added at each step and to each row."""
    B, T, D, H = draw.sizes(4, least=3)
    x, h0 = draw.array(B, T, D), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, H), draw.array(H, H) / H ** 0.5, draw.array(H)
    (dhs,), (hs,), grads = draw.way_back(_states, x, h0, W_xh, W_hh, b)
    given = {"dhs": dhs, "x": x, "h0": h0, "hs": hs, "W_xh": W_xh, "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh0", "dW_xh", "dW_hh", "db"), grads, strict=True)))


def _states(x: Tensor, h0: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor) -> Tensor:
    """h_t of all steps, (B, T, H)."""
    B, T = x.shape[:2]
    return rnn_unrolled(x, h0, W_xh, W_hh, b, [B] * T)[0]
