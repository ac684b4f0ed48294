"""The LSTM: one step, and the whole sequence."""
from typing import Any

from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import host
from tinyseq.exercises.draw import Draw
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.layers.recurrent.lstm import lstm_step
from tinyseq.ops import sigmoid, split, stack, tanh

np = host.np


@exercise("lstm-step-backward", "7.2",
          gives="dx (B, D), dh_prev (B, H), dc_prev (B, H), dW_xh (D, 4H), dW_hh (H, 4H), db (4H)", gates="ifgo")
def lstm_step_backward(draw: Draw) -> Case:
    """The way back through one step of an LSTM.

    (1) a       = x W_xh + h_prev W_hh + b      (B, 4H)    a_i, a_f, a_g, a_o side by side
    (2) i, f, o = sigmoid of a_i, a_f, a_o      (B, H)
    (3) g       = tanh(a_g)                     (B, H)
    (4) c       = f * c_prev + i * g            (B, H)
    (5) h       = o * tanh(c)                   (B, H)

    Given   dh, dc (B, H), which are dL/dh and what step t+1 brings back to c; x (B, D); h_prev, c_prev (B, H);
            i, f, g, o, c (B, H); W_xh (D, 4H), W_hh (H, 4H)
    Hint    Go from (5) to (1). c is read by (5) and by step t+1: which two gradients meet there?
    Hint    With that sum, dc_sum say, (4) gives the gradients of f, i, g and c_prev, each a product of two arrays.
    Hint    A sigmoid s has the derivative s (1 - s), tanh has 1 - tanh^2. The four da side by side go through (1) as
            through a linear layer with two inputs.
    Look    dc_prev: what reaches c comes from h through (5) and from step t+1; then (4) passes it on.
    Look    dh_prev, dx: both stand in (1), each beside a matrix of its own.
    Look    dW_xh, dW_hh: in (1) W_xh is multiplied with x, and W_hh with h_prev; the rows of the batch are added up.
    Look    db: b is added to each row of a."""
    B, D, H = draw.sizes(3)
    x, h_prev, c_prev = draw.array(B, D), draw.array(B, H), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, 4 * H), draw.array(H, 4 * H), draw.array(4 * H)
    (dh, dc), (_, c), grads = draw.way_back(lstm_step, x, h_prev, c_prev, W_xh, W_hh, b)
    i, f, g, o = _gates(x @ W_xh + h_prev @ W_hh + b)
    given = {"dh": dh, "dc": dc, "x": x, "h_prev": h_prev, "c_prev": c_prev, "i": i, "f": f, "g": g, "o": o, "c": c,
             "W_xh": W_xh, "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db"), grads, strict=True)))


@exercise("lstm-bptt", "7.2",
          gives="dx (B, T, D), dh0 (B, H), dc0 (B, H), dW_xh (D, 4H), dW_hh (H, 4H), db (4H)", gates="ifgo")
def lstm_bptt(draw: Draw) -> Case:
    """Back-propagation through time in an LSTM.

    (1) a_t     = x_t W_xh + h_{t-1} W_hh + b      (B, 4H)    a_i, a_f, a_g, a_o side by side, for t = 1 .. T
    (2) i, f, o = sigmoid of a_i, a_f, a_o         (B, H)
    (3) g       = tanh(a_g)                        (B, H)
    (4) c_t     = f * c_{t-1} + i * g              (B, H)
    (5) h_t     = o * tanh(c_t)                    (B, H)
    (6) L reads every h_t; (1) of step t+1 reads h_t, and (4) of step t+1 reads c_t

    Given   dhs (B, T, H), which is what each h_t gets from L itself; x (B, T, D); h0, c0 (B, H); hs, cs (B, T, H), the
            states of the steps 1 .. T, so that cs[:, 0] is c_1 and c0 is c_0; gates (B, T, 4H), i f g o of all steps
            side by side; W_xh (D, 4H), W_hh (H, 4H)
    Hint    Two things come back from step t+1, one to h_t and one to c_t, by (6). Call them carry_h and carry_c: what
            are they after the last step?
    Hint    At step t, c_t is read by (5) and by (4) of step t+1. What meets at c_t goes back through (4) as in
            lstm-step-backward, and one of its four parts is the carry_c of the step before.
    Hint    Each step is lstm-step-backward with dh = dhs[:, t] + carry_h and dc = carry_c. The weights are the same at
            every step: what happens to their gradients?
    Look    dx: dx[:, t] needs da of its own step, which holds what later steps bring back to h_t and to c_t.
    Look    dh0: it is what the first step hands on to the state before it, through (1).
    Look    dc0: from step to step the cell's gradient goes through (4); what joins it at each step comes through (5).
    Look    dW_xh: the steps are added up, and each pairs its x with its own da.
    Look    dW_hh: the steps are added up, and each pairs its da with the state that (1) has read; the first read h_0.
    Look    db: b is added at each step and to each row."""
    B, T, D, H = draw.sizes(4, least=3)
    x, h0, c0 = draw.array(B, T, D), draw.array(B, H), draw.array(B, H)
    W_xh, W_hh, b = draw.array(D, 4 * H), draw.array(H, 4 * H) / H ** 0.5, draw.array(4 * H)
    inputs = x, h0, c0, W_xh, W_hh, b
    (dhs,), (hs,), grads = draw.way_back(lambda *inputs: _states(*inputs)[0], *inputs)
    cs = _states(*map(tensor, inputs))[1].numpy()
    h_before = np.concatenate((h0[:, None], hs[:, :-1]), axis=1)
    gates = np.concatenate(_gates(x @ W_xh + h_before @ W_hh + b), axis=2)
    given = {"dhs": dhs, "x": x, "h0": h0, "c0": c0, "hs": hs, "cs": cs, "gates": gates, "W_xh": W_xh, "W_hh": W_hh}
    return Case(given, dict(zip(("dx", "dh0", "dc0", "dW_xh", "dW_hh", "db"), grads, strict=True)))


def _states(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    """h_t and c_t of all steps, (B, T, H) each."""
    hs, cs = [], []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, *weights)
        hs.append(h)
        cs.append(c)
    return stack(*hs, axis=1), stack(*cs, axis=1)


def _gates(a: Any) -> list[Any]:
    """i, f, g and o of pre-activations, as arrays."""
    a_i, a_f, a_g, a_o = split(tensor(a), 4)
    return [gate.numpy() for gate in (sigmoid(a_i), sigmoid(a_f), tanh(a_g), sigmoid(a_o))]
