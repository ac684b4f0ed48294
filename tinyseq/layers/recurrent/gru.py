"""The GRU with its reset gate before the recurrent product, twice: one step for the tape, the sequence by hand.

Shapes: B sequences, T steps, D inputs, H units. The blocks lie side by side in the order r z n, so that
W_xh = [W_xr W_xz W_xn], and so for W_hh and b_h.

    (1) r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)              (B, H)    reset gate
    (2) z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)              (B, H)    update gate
    (3) n_t = tanh(x_t W_xn + (r_t * h_{t-1}) W_hn + b_n)         (B, H)    the candidate
    (4) h_t = (1 - z_t) * h_{t-1} + z_t * n_t                     (B, H)

Chung, Gulcehre, Cho and Bengio 2014, equations 5-8; this is the form that textbooks print. Cho et al. 2014 wrote it
with z and 1 - z exchanged. The form of cuDNN and PyTorch, which resets after the product, has a page of its own:
gru_cudnn.py.
"""
import math

from tinyseq.autograd import Tensor, op
from tinyseq.backend import fuse, uniform, workspace, xp
from tinyseq.layers.module import Module, Parameter
from tinyseq.layers.recurrent.sequence import InputProducts, check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import HiddenState
from tinyseq.ops import sigmoid, split, tanh
from tinyseq.ops.activations import sigmoid_in_place


def gru_step(x_t, h, W_xh, W_hh, b_h):
    """One step by the tape, equations (1)-(4).  x_t (B, D) or ids (B,), h (B, H) -> (h,)"""
    x_r, x_z, x_n = split(from_input(x_t, W_xh) + b_h, 3)  # (1) (2) (3)
    W_hr, W_hz, W_hn = split(W_hh, 3)                      # (1) (2) (3)  (H, H) each
    r = sigmoid(x_r + h @ W_hr)                            # (1)
    z = sigmoid(x_z + h @ W_hz)                            # (2)
    n = tanh(x_n + (r * h) @ W_hn)                         # (3)
    h = (1 - z) * h + z * n                                # (4)
    return (h,)


def gru_unrolled(x, h, W_xh, W_hh, b_h, alive):
    """T calls of gru_step.  x (B, T, D) or ids (B, T) -> hs (B, T, H), last h"""
    hs, (h,) = unrolled(lambda x_t, h: gru_step(x_t, h, W_xh, W_hh, b_h), x, (h,), alive)
    return hs, h


@op
def gru_sequence(x, h0, W_xh, W_hh, b_h, alive):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh  += dL/dh_t from above
        da_z = dh (n - h_{t-1}) z (1 - z)                                      (4) (2)
        da_n = dh z (1 - n^2)                                                  (4) (3)
        ds   = da_n W_hn^T,  s = r h_{t-1}                                     (3)
        da_r = ds h_{t-1} r (1 - r)                                            (3) (1)
        dh   = dh (1 - z) + ds r + [da_r da_z] [W_hr W_hz]^T      handed on to step t-1

    and after the loop dW_xh = sum_t x_t^T da_t, [dW_hr dW_hz] = sum_t h_{t-1}^T [da_r da_z],
    dW_hn = sum_t s_t^T da_n, db_h = sum_t da_t."""
    check_sizes("gru_sequence", 3, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    W_hrz, W_hn = xp.ascontiguousarray(W_hh[:, :2 * H]), xp.ascontiguousarray(W_hh[:, 2 * H:])
    inputs = InputProducts(x, W_xh, b_h)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    ss = workspace((T, B, H), h0.dtype)                    # r_t h_{t-1}
    gates = workspace((T, B, 3 * H), h0.dtype)             # pre-activations at first, then r z n
    for t, alive_t in enumerate(alive):
        h, a, s = hs[t, :alive_t], gates[t, :alive_t], ss[t, :alive_t]
        r, z, n = _blocks(a)
        a[:, :2 * H] = h @ W_hrz                           # (1) (2)
        n.fill(0)
        inputs.add_to(a, t)                                # (1) (2) (3)
        _gates(r, z, h, s)                                 # (1) (2)
        n += s @ W_hn                                      # (3)
        _mix(z, n, h, hs[t + 1, :alive_t])                 # (3) (4)
        hs[t + 1, alive_t:] = ss[t, alive_t:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, 3 * H), h0.dtype)
        W_hrz_T, W_hn_T = xp.ascontiguousarray(W_hrz.T), xp.ascontiguousarray(W_hn.T)
        for t in reversed(range(T)):
            alive_t = alive[t]
            dh_t, h, da = dh[:alive_t], hs[t, :alive_t], das[t, :alive_t]
            r, z, n = _blocks(gates[t, :alive_t])
            da_r, da_z, da_n = _blocks(da)
            dh_t += dhs[:alive_t, t]                       # from above and from the future
            _unmix(z, n, h, dh_t, da_z, da_n)              # (4) (3) (2)
            ds = da_n @ W_hn_T                             # (3)
            _reset_backward(r, h, ds, da_r, dh_t)          # (3) (1)
            dh_t += da[:, :2 * H] @ W_hrz_T                # (1) (2)
            das[t, alive_t:] = 0
        dx, dW_xh, db_h = inputs.backward(das)             # (1) (2) (3)
        rows = das.reshape(T * B, 3 * H)
        dW_hh = xp.concatenate((hs[:T].reshape(T * B, H).T @ rows[:, :2 * H],                      # (1) (2)
                                ss.reshape(T * B, H).T @ rows[:, 2 * H:]), axis=1)                 # (3)
        return dx, dh, dW_xh, dW_hh, db_h

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


def _blocks(a):
    """(B, 3H) -> the views of r, z, n."""
    H = a.shape[1] // 3
    return a[:, :H], a[:, H:2 * H], a[:, 2 * H:]


@fuse
def _gates(r, z, h, s):
    """Equations (1) and (2) in place, and s = r h_{t-1}."""
    sigmoid_in_place(r)                                    # (1)
    sigmoid_in_place(z)                                    # (2)
    xp.multiply(r, h, out=s)                               # (3)


@fuse
def _mix(z, n, h_before, h):
    """Equations (3) and (4): n comes as a pre-activation; h = h_{t-1} + z (n - h_{t-1})."""
    xp.tanh(n, out=n)                                      # (3)
    xp.subtract(n, h_before, out=h)                        # (4)
    h *= z
    h += h_before


@fuse
def _unmix(z, n, h_before, dh, da_z, da_n):
    """Back through (4): fills da_z and da_n, and dh becomes dh (1 - z)."""
    xp.multiply(n, n, out=da_n)                            # da_n = dh z (1 - n^2)
    xp.subtract(1, da_n, out=da_n)
    da_n *= z
    da_n *= dh
    xp.subtract(1, z, out=da_z)                            # dh (1 - z)
    dh *= da_z
    xp.subtract(n, h_before, out=da_z)                     # da_z = dh (1 - z) (n - h_{t-1}) z
    da_z *= z
    da_z *= dh


@fuse
def _reset_backward(r, h_before, ds, da_r, dh):
    """Back through s = r h_{t-1}: fills da_r, and adds ds r to dh."""
    xp.subtract(1, r, out=da_r)                            # da_r = ds h_{t-1} r (1 - r)
    ds *= r
    dh += ds
    da_r *= ds
    da_r *= h_before


class GRUCell(Module):
    """One layer of GRU ("book") in one direction: the equations (1)-(4) at the head of this page.

    Made with  D: inputs.  H: units.  method: "by_hand" (gru_sequence) or "by_tape" (gru_unrolled).
    Weights    W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), from U(-1/sqrt(H), 1/sqrt(H)).
    Call       x (B, T, D) or ids (B, T), HiddenState, alive -> hs (B, T, H), HiddenState
    By hand    in the docstring of gru_sequence."""

    def __init__(self, D: int, H: int, method: str):
        limit, gates = 1 / math.sqrt(H), ("r", "z", "n")
        self.W_xh = Parameter(uniform((D, 3 * H), limit), blocks=gates)
        self.W_hh = Parameter(uniform((H, 3 * H), limit), blocks=gates)
        self.b_h = Parameter(uniform((3 * H,), limit), blocks=gates)
        self.over_time = gru_sequence if method == "by_hand" else gru_unrolled

    def initial_state(self, B: int) -> HiddenState:
        """Zeros."""
        return HiddenState(Tensor(xp.zeros((B, self.W_hh.shape[0]), self.W_hh.dtype)))

    def __call__(self, x, state: HiddenState, alive: list[int]) -> tuple[Tensor, HiddenState]:
        hs, h = self.over_time(x, state.h, self.W_xh, self.W_hh, self.b_h, alive=alive)
        return hs, HiddenState(h)
