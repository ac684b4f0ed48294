"""The LSTM, twice: one step for the tape, and the whole sequence with its back-propagation through time by hand.

Shapes: B sequences, T steps, D inputs, H units. The gates lie side by side in the order i f g o.

    (1) a_t     = x_t W_xh + h_{t-1} W_hh + b_h           (B, 4H)    a_i, a_f, a_g, a_o side by side
    (2) i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)    (B, H)    input, forget and output gate
    (3) g       = tanh(a_g)                               (B, H)     the candidate
    (4) c_t     = f * c_{t-1} + i * g                     (B, H)     the cell
    (5) h_t     = o * tanh(c_t)                           (B, H)

Hochreiter and Schmidhuber 1997; the forget gate: Gers, Schmidhuber and Cummins 2000.
"""
import math
from typing import Any

from tinyseq.autograd import Tensor, op
from tinyseq.backend import fuse, to_device, uniform, workspace, xp
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.recurrent.sequence import InputProducts, check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import LSTMState
from tinyseq.ops import concat, gather, sigmoid, split, tanh
from tinyseq.ops.activations import sigmoid_in_place


def lstm_step(x_t, h, c, W_xh, W_hh, b_h):
    """One step by the tape, equations (1)-(5).  x_t (B, D) or ids (B,), h (B, H), c (B, H) -> h, c"""
    a = from_input(x_t, W_xh) + h @ W_hh + b_h             # (1)
    a_i, a_f, a_g, a_o = split(a, 4)                       # (1)
    i = sigmoid(a_i)                                       # (2)
    f = sigmoid(a_f)                                       # (2)
    o = sigmoid(a_o)                                       # (2)
    g = tanh(a_g)                                          # (3)
    c = f * c + i * g                                      # (4)
    h = o * tanh(c)                                        # (5)
    return h, c


def lstm_unrolled(x, h, c, W_xh, W_hh, b_h, alive):
    """T calls of lstm_step.  x (B, T, D) or ids (B, T) -> hs (B, T, H), last h, last c"""
    hs, state = unrolled(lambda x_t, h, c: lstm_step(x_t, h, c, W_xh, W_hh, b_h), x, (h, c), alive)
    return hs, *state


@op
def lstm_sequence(x, h0, c0, W_xh, W_hh, b_h, alive):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh and dc holding what step t+1 asks of step t:

        dh  += dL/dh_t from above
        dc  += dh o (1 - tanh^2(c_t))                                          (5)
        da_o = dh tanh(c_t) o (1 - o)                                          (5) (2)
        da_i = dc g i (1 - i),  da_f = dc c_{t-1} f (1 - f)                    (4) (2)
        da_g = dc i (1 - g^2)                                                  (4) (3)
        dh   = da W_hh^T,  dc = dc f            handed on to step t-1          (1) (4)

    and after the loop dW_xh = sum_t x_t^T da_t, dW_hh = sum_t h_{t-1}^T da_t, db_h = sum_t da_t."""
    check_sizes("lstm_sequence", 4, x, [h0, c0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    inputs = InputProducts(x, W_xh, b_h)
    hs, cs = history(h0, T), history(c0, T)                # hs[k] is h after k steps
    tanh_cs = workspace((T, B, H), h0.dtype)
    gates = workspace((T, B, 4 * H), h0.dtype)             # a_t at first, then i f g o
    for t, n in enumerate(alive):
        a = gates[t, :n]
        xp.matmul(hs[t, :n], W_hh, out=a)                                               # (1)
        inputs.add_to(a, t)                                                             # (1)
        _forward(*_blocks(a), cs[t, :n], cs[t + 1, :n], tanh_cs[t, :n], hs[t + 1, :n])  # (2)-(5)
        hs[t + 1, n:] = 0

    def backward(dhs, dh_last, dc_last):
        dh, dc, scratch = dh_last.copy(), dc_last.copy(), xp.empty_like(dh_last)
        das = workspace((T, B, 4 * H), h0.dtype)
        W_hh_T = xp.ascontiguousarray(W_hh.T)
        for t in reversed(range(T)):
            n = alive[t]
            dh[:n] += dhs[:n, t]                           # from above and from the future
            da = das[t, :n]
            _backward(*_blocks(gates[t, :n]), cs[t, :n], tanh_cs[t, :n], dh[:n], dc[:n], *_blocks(da), scratch[:n])
            das[t, n:] = 0
            xp.matmul(da, W_hh_T, out=dh[:n])                                           # (1)
        dx, dW_xh, db_h = inputs.backward(das)                                          # (1)
        dW_hh = hs[:T].reshape(T * B, H).T @ das.reshape(T * B, 4 * H)                  # (1)
        return dx, dh, dc, dW_xh, dW_hh, db_h

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive), last_states(cs, alive)), backward


def _blocks(a):
    """(B, 4H) -> the views of i, f, g, o."""
    H = a.shape[1] // 4
    return a[:, :H], a[:, H:2 * H], a[:, 2 * H:3 * H], a[:, 3 * H:]


@fuse
def _forward(i, f, g, o, c_before, c, tanh_c, h):
    """Equations (2)-(5) in place: i, f, g, o come as pre-activations and become gates; c, tanh_c, h are filled."""
    sigmoid_in_place(i)                                    # (2)
    sigmoid_in_place(f)                                    # (2)
    sigmoid_in_place(o)                                    # (2)
    xp.tanh(g, out=g)                                      # (3)
    xp.multiply(f, c_before, out=c)                        # (4)
    xp.multiply(i, g, out=h)                               # h lends its room
    c += h                                                 # (4)
    xp.tanh(c, out=tanh_c)                                 # (5)
    xp.multiply(o, tanh_c, out=h)                          # (5)


@fuse
def _backward(i, f, g, o, c_before, tanh_c, dh, dc, da_i, da_f, da_g, da_o, scratch):
    """The pointwise part of one backward step: fills the da, and dc becomes what step t-1 gets."""
    xp.multiply(tanh_c, tanh_c, out=scratch)               # (5)  dc += dh o (1 - tanh^2 c)
    xp.subtract(1, scratch, out=scratch)
    scratch *= o
    scratch *= dh
    dc += scratch
    xp.subtract(1, o, out=da_o)                            # (5) (2)  da_o = dh tanh(c) o (1 - o)
    da_o *= o
    da_o *= tanh_c
    da_o *= dh
    xp.subtract(1, i, out=da_i)                            # (4) (2)  da_i = dc g i (1 - i)
    da_i *= i
    da_i *= g
    da_i *= dc
    xp.subtract(1, f, out=da_f)                            # (4) (2)  da_f = dc c_{t-1} f (1 - f)
    da_f *= f
    da_f *= c_before
    da_f *= dc
    xp.multiply(g, g, out=da_g)                            # (4) (3)  da_g = dc i (1 - g^2)
    xp.subtract(1, da_g, out=da_g)
    da_g *= i
    da_g *= dc
    dc *= f                                                # (4)


class LSTMCell(Module):
    """One layer of LSTM in one direction: the equations (1)-(5) at the head of this page.

    Made with  D: inputs.  H: units.  method: "by_hand" (lstm_sequence) or "by_tape" (lstm_unrolled).
    Weights    W_xh (D, 4H), W_hh (H, 4H), b_h (4H,), from U(-1/sqrt(H), 1/sqrt(H)); then the forget gate's part of
               b_h is set to 1, so that the cell begins by remembering (Jozefowicz et al. 2015).
    Call       x (B, T, D) or ids (B, T), LSTMState, alive -> hs (B, T, H), LSTMState
    By hand    in the docstring of lstm_sequence."""

    def __init__(self, D: int, H: int, method: str):
        limit, gates = 1 / math.sqrt(H), ("i", "f", "g", "o")
        self.W_xh = Parameter(uniform((D, 4 * H), limit), blocks=gates)
        self.W_hh = Parameter(uniform((H, 4 * H), limit), blocks=gates)
        self.b_h = Parameter(uniform((4 * H,), limit), blocks=gates)
        self.b_h.data[H:2 * H] = 1
        self.over_time = lstm_sequence if method == "by_hand" else lstm_unrolled

    def initial_state(self, B: int) -> LSTMState:
        """Zeros."""
        H, dtype = self.W_hh.shape[0], self.W_hh.dtype
        return LSTMState(Tensor(xp.zeros((B, H), dtype)), Tensor(xp.zeros((B, H), dtype)))

    def __call__(self, x, state: LSTMState, alive: list[int]) -> tuple[Tensor, LSTMState]:
        hs, h, c = self.over_time(x, state.h, state.c, self.W_xh, self.W_hh, self.b_h, alive=alive)
        return hs, LSTMState(h, c)

    def gates(self, x, state: LSTMState, **variation: Any) -> dict[str, Tensor]:
        """What the gates did over a sequence, for the eye: {"i", "f", "g", "o"}, each (B, T, H), equations (1)-(3).

        x (B, T, D) or ids (B, T). Every h_{t-1} is known once the sequence has been run, so no loop is needed.
        variation: the residual= of a varied cell that has one."""
        x, (B, T) = x if isinstance(x, Tensor) else to_device(x), x.shape[:2]
        hs, _ = self(x, state, [B] * T, **variation)
        h_before = concat(state.h.reshape(B, 1, -1), hs[:, :-1], axis=1)                # (B, T, H)
        a_i, a_f, a_g, a_o = split(self.pre_activations(x, h_before), 4)                # (1)
        return {"i": sigmoid(a_i), "f": sigmoid(a_f), "g": tanh(a_g), "o": sigmoid(a_o)}                # (2) (3)

    def pre_activations(self, x, h_before: Tensor) -> Tensor:
        """a_t of all steps."""
        return (gather(self.W_xh, x) if x.ndim == 2 else x @ self.W_xh) + h_before @ self.W_hh + self.b_h  # (1)
