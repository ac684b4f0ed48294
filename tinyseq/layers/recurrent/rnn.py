"""The simple (Elman) recurrent network, twice: one step for the tape, and the whole sequence by hand.

Shapes: B sequences, T steps, D inputs, H units.

    (1) a_t = x_t W_xh + h_{t-1} W_hh + b_h               (B, H)
    (2) h_t = phi(a_t)                                    (B, H)     phi: tanh, relu or sigmoid

Elman 1990.
"""
import math

from tinyseq.autograd import Tensor, op
from tinyseq.backend import fuse, uniform, workspace, xp
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.recurrent.sequence import InputProducts, check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import HiddenState
from tinyseq.ops import relu, sigmoid, tanh
from tinyseq.ops.activations import sigmoid_in_place

PHI = {"tanh": tanh, "relu": relu, "sigmoid": sigmoid}


def rnn_step(x_t, h, W_xh, W_hh, b_h, nonlinearity="tanh"):
    """One step by the tape, equations (1) and (2).  x_t (B, D) or ids (B,), h (B, H) -> (h,)"""
    a = from_input(x_t, W_xh) + h @ W_hh + b_h             # (1)
    h = PHI[nonlinearity](a)                               # (2)
    return (h,)


def rnn_unrolled(x, h, W_xh, W_hh, b_h, alive, nonlinearity="tanh"):
    """T calls of rnn_step.  x (B, T, D) or ids (B, T) -> hs (B, T, H), last h"""
    hs, (h,) = unrolled(lambda x_t, h: rnn_step(x_t, h, W_xh, W_hh, b_h, nonlinearity), x, (h,), alive)
    return hs, h


@op
def rnn_sequence(x, h0, W_xh, W_hh, b_h, alive, nonlinearity="tanh"):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh += dL/dh_t from above
        da  = dh phi'(a_t)       tanh: 1 - h_t^2,  relu: 1 where h_t > 0,  sigmoid: h_t (1 - h_t)      (2)
        dh  = da W_hh^T          handed on to step t-1                                                  (1)

    and after the loop dW_xh = sum_t x_t^T da_t, dW_hh = sum_t h_{t-1}^T da_t, db_h = sum_t da_t."""
    check_sizes("rnn_sequence", 1, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    phi_in_place, phi_backward = IN_PLACE[nonlinearity]
    inputs = InputProducts(x, W_xh, b_h)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    for t, n in enumerate(alive):
        h = hs[t + 1, :n]
        xp.matmul(hs[t, :n], W_hh, out=h)                  # (1)
        inputs.add_to(h, t)                                # (1)
        phi_in_place(h)                                    # (2)
        hs[t + 1, n:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, H), h0.dtype)
        W_hh_T = xp.ascontiguousarray(W_hh.T)
        for t in reversed(range(T)):
            n = alive[t]
            dh[:n] += dhs[:n, t]                           # from above and from the future
            da = das[t, :n]
            phi_backward(hs[t + 1, :n], dh[:n], da)        # (2)
            das[t, n:] = 0
            xp.matmul(da, W_hh_T, out=dh[:n])              # (1)
        dx, dW_xh, db_h = inputs.backward(das)             # (1)
        dW_hh = hs[:T].reshape(T * B, H).T @ das.reshape(T * B, H)                  # (1)
        return dx, dh, dW_xh, dW_hh, db_h

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


@fuse
def _tanh(a):
    xp.tanh(a, out=a)


@fuse
def _tanh_backward(h, dh, da):
    xp.multiply(h, h, out=da)
    xp.subtract(1, da, out=da)
    da *= dh


@fuse
def _relu(a):
    xp.maximum(a, 0, out=a)


@fuse
def _relu_backward(h, dh, da):
    xp.multiply(dh, h > 0, out=da)


@fuse
def _sigmoid_backward(h, dh, da):
    xp.subtract(1, h, out=da)
    da *= h
    da *= dh


IN_PLACE = {"tanh": (_tanh, _tanh_backward), "relu": (_relu, _relu_backward),
            "sigmoid": (fuse(sigmoid_in_place), _sigmoid_backward)}


class RNNCell(Module):
    """One layer of RNN in one direction: the equations (1) and (2) at the head of this page.

    Made with  D: inputs.  H: units.  method: "by_hand" (rnn_sequence) or "by_tape" (rnn_unrolled).
               nonlinearity: "tanh", "relu" or "sigmoid".
    Weights    W_xh (D, H), W_hh (H, H), b_h (H,), from U(-1/sqrt(H), 1/sqrt(H)).
    Call       x (B, T, D) or ids (B, T), HiddenState, alive -> hs (B, T, H), HiddenState
    Raises     ValueError for another nonlinearity.
    By hand    in the docstring of rnn_sequence."""

    def __init__(self, D: int, H: int, method: str, nonlinearity: str = "tanh"):
        if nonlinearity not in PHI:
            raise ValueError(f"nonlinearity is one of {', '.join(PHI)}; got {nonlinearity!r}")
        limit = 1 / math.sqrt(H)
        self.W_xh = Parameter(uniform((D, H), limit))
        self.W_hh = Parameter(uniform((H, H), limit))
        self.b_h = Parameter(uniform((H,), limit))
        self.nonlinearity = nonlinearity
        self.over_time = rnn_sequence if method == "by_hand" else rnn_unrolled

    def initial_state(self, B: int) -> HiddenState:
        """Zeros."""
        return HiddenState(Tensor(xp.zeros((B, self.W_hh.shape[0]), self.W_hh.dtype)))

    def __call__(self, x, state: HiddenState, alive: list[int]) -> tuple[Tensor, HiddenState]:
        hs, h = self.over_time(x, state.h, self.W_xh, self.W_hh, self.b_h, alive=alive,
                               nonlinearity=self.nonlinearity)
        return hs, HiddenState(h)
