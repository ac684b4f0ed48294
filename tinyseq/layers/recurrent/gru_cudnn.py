"""The GRU with its reset gate after the recurrent product, twice: one step for the tape, the sequence by hand.

Shapes: B sequences, T steps, D inputs, H units. The blocks lie side by side in the order r z n, so that
W_xh = [W_xr W_xz W_xn], and so for W_hh and b_h. The recurrent product of the candidate has a bias of its own, b_hn,
inside the reset: it cannot be merged with b_n outside.

    (1) r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)              (B, H)    reset gate
    (2) z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)              (B, H)    update gate
    (3) u_t = h_{t-1} W_hn + b_hn                                 (B, H)
    (4) n_t = tanh(x_t W_xn + b_n + r_t * u_t)                    (B, H)    the candidate
    (5) h_t = (1 - z_t) * n_t + z_t * h_{t-1}                     (B, H)

This is the GRU of cuDNN, hence of PyTorch and of Keras: one product h_{t-1} W_hh serves all three blocks. Mind that z
keeps the old state here, where the book's form (gru.py) lets z take the new one.
"""
import math

from tinyseq.autograd import Tensor, op
from tinyseq.backend import fuse, uniform, workspace, xp
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.recurrent.sequence import InputProducts, check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import HiddenState
from tinyseq.ops import sigmoid, split, tanh
from tinyseq.ops.activations import sigmoid_in_place


def gru_cudnn_step(x_t, h, W_xh, W_hh, b_h, b_hn):
    """One step by the tape, equations (1)-(5).  x_t (B, D) or ids (B,), h (B, H) -> (h,)"""
    x_r, x_z, x_n = split(from_input(x_t, W_xh) + b_h, 3)  # (1) (2) (4)
    h_r, h_z, h_n = split(h @ W_hh, 3)                     # (1) (2) (3)
    r = sigmoid(x_r + h_r)                                 # (1)
    z = sigmoid(x_z + h_z)                                 # (2)
    u = h_n + b_hn                                         # (3)
    n = tanh(x_n + r * u)                                  # (4)
    h = (1 - z) * n + z * h                                # (5)
    return (h,)


def gru_cudnn_unrolled(x, h, W_xh, W_hh, b_h, b_hn, alive):
    """T calls of gru_cudnn_step.  x (B, T, D) or ids (B, T) -> hs (B, T, H), last h"""
    hs, (h,) = unrolled(lambda x_t, h: gru_cudnn_step(x_t, h, W_xh, W_hh, b_h, b_hn), x, (h,), alive)
    return hs, h


@op
def gru_cudnn_sequence(x, h0, W_xh, W_hh, b_h, b_hn, alive):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh  += dL/dh_t from above
        da_z = dh (h_{t-1} - n) z (1 - z)                                      (5) (2)
        da_n = dh (1 - z) (1 - n^2)                                            (5) (4)
        da_r = da_n u r (1 - r)                                                (4) (1)
        du   = da_n r                                                          (4)
        dh   = dh z + [da_r da_z du] W_hh^T       handed on to step t-1        (5) (1) (2) (3)

    and after the loop dW_xh = sum_t x_t^T [da_r da_z da_n], dW_hh = sum_t h_{t-1}^T [da_r da_z du],
    db_h = sum_t [da_r da_z da_n], db_hn = sum_t du_t."""
    check_sizes("gru_cudnn_sequence", 3, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    inputs = InputProducts(x, W_xh, b_h)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    us = workspace((T, B, H), h0.dtype)
    gates = workspace((T, B, 3 * H), h0.dtype)             # pre-activations at first, then r z n
    for t, alive_t in enumerate(alive):
        h, a, u = hs[t, :alive_t], gates[t, :alive_t], us[t, :alive_t]
        xp.matmul(h, W_hh, out=a)                          # (1) (2) (3)
        xp.add(a[:, 2 * H:], b_hn, out=u)                  # (3)
        a[:, 2 * H:] = 0
        inputs.add_to(a, t)                                # (1) (2) (4)
        _forward(*_blocks(a), u, h, hs[t + 1, :alive_t])   # (1) (2) (4) (5)
        hs[t + 1, alive_t:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, 3 * H), h0.dtype)           # of the pre-activations, as the inputs see them
        dus = workspace((T, B, 3 * H), h0.dtype)           # the same as the recurrent product sees them: r z u
        W_hh_T = xp.ascontiguousarray(W_hh.T)
        for t in reversed(range(T)):
            alive_t = alive[t]
            dh_t, du = dh[:alive_t], dus[t, :alive_t]
            dh_t += dhs[:alive_t, t]                       # from above and from the future
            _backward(*_blocks(gates[t, :alive_t]), us[t, :alive_t], hs[t, :alive_t], dh_t,
                      *_blocks(das[t, :alive_t]), du[:, 2 * H:])
            du[:, :2 * H] = das[t, :alive_t, :2 * H]
            dh_t += du @ W_hh_T                            # (1) (2) (3)
            das[t, alive_t:] = dus[t, alive_t:] = 0
        dx, dW_xh, db_h = inputs.backward(das)             # (1) (2) (4)
        rows = dus.reshape(T * B, 3 * H)
        dW_hh, db_hn = hs[:T].reshape(T * B, H).T @ rows, rows[:, 2 * H:].sum(axis=0)              # (1) (2) (3)
        return dx, dh, dW_xh, dW_hh, db_h, db_hn

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


def _blocks(a):
    """(B, 3H) -> the views of r, z, n."""
    H = a.shape[1] // 3
    return a[:, :H], a[:, H:2 * H], a[:, 2 * H:]


@fuse
def _forward(r, z, n, u, h_before, h):
    """Equations (1), (2), (4), (5) in place: r, z, n come as pre-activations, n still without r u."""
    sigmoid_in_place(r)                                    # (1)
    sigmoid_in_place(z)                                    # (2)
    xp.multiply(r, u, out=h)                               # h lends its room
    n += h                                                 # (4)
    xp.tanh(n, out=n)                                      # (4)
    xp.subtract(h_before, n, out=h)                        # (5)  h = n + z (h_{t-1} - n)
    h *= z
    h += n


@fuse
def _backward(r, z, n, u, h_before, dh, da_r, da_z, da_n, du):
    """The pointwise part of one backward step: fills the da and du, and dh becomes dh z."""
    xp.subtract(1, z, out=da_z)                            # (5)  dh (1 - z)
    da_z *= dh
    xp.multiply(n, n, out=da_n)                            # (4)  da_n = dh (1 - z) (1 - n^2)
    xp.subtract(1, da_n, out=da_n)
    da_n *= da_z
    dh *= z                                                # (5)
    xp.subtract(h_before, n, out=du)                       # (5) (2)  da_z = dh (1 - z) z (h_{t-1} - n)
    da_z *= z
    da_z *= du
    xp.multiply(da_n, r, out=du)                           # (4)  du = da_n r
    xp.subtract(1, r, out=da_r)                            # (4) (1)  da_r = du u (1 - r)
    da_r *= u
    da_r *= du


class CudnnGRUCell(Module):
    """One layer of GRU ("cudnn") in one direction: the equations (1)-(5) at the head of this page.

    Made with  D: inputs.  H: units.  method: "by_hand" (gru_cudnn_sequence) or "by_tape" (gru_cudnn_unrolled).
    Weights    W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), b_hn (H,), from U(-1/sqrt(H), 1/sqrt(H)).
    Call       x (B, T, D) or ids (B, T), HiddenState, alive -> hs (B, T, H), HiddenState
    By hand    in the docstring of gru_cudnn_sequence."""

    def __init__(self, D: int, H: int, method: str):
        limit, gates = 1 / math.sqrt(H), ("r", "z", "n")
        self.W_xh = Parameter(uniform((D, 3 * H), limit), blocks=gates)
        self.W_hh = Parameter(uniform((H, 3 * H), limit), blocks=gates)
        self.b_h = Parameter(uniform((3 * H,), limit), blocks=gates)
        self.b_hn = Parameter(uniform((H,), limit))
        self.over_time = gru_cudnn_sequence if method == "by_hand" else gru_cudnn_unrolled

    def initial_state(self, B: int) -> HiddenState:
        """Zeros."""
        return HiddenState(Tensor(xp.zeros((B, self.W_hh.shape[0]), self.W_hh.dtype)))

    def __call__(self, x, state: HiddenState, alive: list[int]) -> tuple[Tensor, HiddenState]:
        hs, h = self.over_time(x, state.h, self.W_xh, self.W_hh, self.b_h, self.b_hn, alive=alive)
        return hs, HiddenState(h)
