"""The GRU of gru_cudnn.py (reset after the product) with masks, norms and a residual inside, twice. gru_cudnn.py comes
first, then variations.py.

    (1) q_t = N((m_h * h_{t-1}) W_hh; gamma_h)                                (B, 3H)   q_r, q_z, q_n side by side
    (2) p_t = N(x_t W_xh; gamma_x) + b_h                                      (B, 3H)   p_r, p_z, p_n side by side
    (3) r_t, z_t = sigmoid(p_r + q_r), sigmoid(p_z + q_z)                     (B, H)    reset gate, update gate
    (4) u_t = q_n + b_hn                                                      (B, H)
    (5) n_t = tanh(p_n + r_t * u_t)                                           (B, H)    the candidate
    (6) h_t = (1 - z_t) * n_t + z_t * h_{t-1} + residual_t                    (B, H)

An option that is off is None: no mask m_h, no residual; without a gain N(a) = a.
"""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import workspace, xp
from tinyseq.layers.recurrent.gru_cudnn import CudnnGRUCell, _backward, _blocks, _forward
from tinyseq.layers.recurrent.sequence import check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import HiddenState
from tinyseq.layers.recurrent.variations import (
    NO_MASKS,
    Masks,
    NormedInputs,
    StateGradients,
    StateProducts,
    Varied,
    masked,
    normed,
    plus,
)
from tinyseq.ops import sigmoid, split, tanh


def gru_cudnn_varied_step(x_t, h, W_xh, W_hh, b_h, b_hn, gamma_x, gamma_h, residual_t, mask):
    """One step by the tape, equations (1)-(6).  x_t (B, D) or ids (B,), h and residual_t (B, H) -> (h,)"""
    q = normed(masked(h, mask) @ W_hh, gamma_h)                                     # (1)
    p = normed(from_input(x_t, W_xh), gamma_x) + b_h                                # (2)
    q_r, q_z, q_n = split(q, 3)                                                     # (1)
    p_r, p_z, p_n = split(p, 3)                                                     # (2)
    r = sigmoid(p_r + q_r)                                                          # (3)
    z = sigmoid(p_z + q_z)                                                          # (3)
    u = q_n + b_hn                                                                  # (4)
    n = tanh(p_n + r * u)                                                           # (5)
    h = plus((1 - z) * n + z * h, residual_t)                                       # (6)
    return (h,)


def gru_cudnn_varied_unrolled(x, h, W_xh, W_hh, b_h, b_hn, gamma_x, gamma_h, residual, alive, mask=None):
    """T calls of gru_cudnn_varied_step.  x (B, T, D) or ids (B, T), residual (B, T, H) -> hs (B, T, H), last h"""
    def step(x_t, h, residual_t=None):
        return gru_cudnn_varied_step(x_t, h, W_xh, W_hh, b_h, b_hn, gamma_x, gamma_h, residual_t, mask)
    hs, (h,) = unrolled(step, x, (h,), alive, residual)
    return hs, h


@op
def gru_cudnn_varied_sequence(x, h0, W_xh, W_hh, b_h, b_hn, gamma_x, gamma_h, residual, alive, mask=None):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh  += dL/dh_t from above,  dresidual_t = dh                           (6)
        da_r, da_z, da_n, du and dh z from dh as in gru_cudnn_sequence         (6) (5) (4) (3)
        dh   = dh z + m_h times [da_r da_z du] back through N and W_hh         (6) (1)

    and after the loop dW_hh = sum_t (m_h h_{t-1})^T dq_t of the product, and db_hn = sum_t du_t."""
    check_sizes("gru_cudnn_varied_sequence", 3, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    inputs, products = NormedInputs(x, W_xh, b_h, gamma_x), StateProducts(W_hh, gamma_h, T, B)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    us = workspace((T, B, H), h0.dtype)
    gates = workspace((T, B, 3 * H), h0.dtype)             # pre-activations at first, then r z n
    for t, alive_t in enumerate(alive):
        h_before, h, a, u = hs[t, :alive_t], hs[t + 1, :alive_t], gates[t, :alive_t], us[t, :alive_t]
        a[...] = products.forward(masked(h_before, mask), t)               # (1)
        xp.add(a[:, 2 * H:], b_hn, out=u)                                  # (4)
        a[:, 2 * H:] = 0
        inputs.add_to(a, t)                                                # (2)
        _forward(*_blocks(a), u, h_before, h)                              # (3) (5) (6)
        if residual is not None:
            h += residual[:alive_t, t]                                     # (6)
        hs[t + 1, alive_t:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, 3 * H), h0.dtype)           # of the pre-activations, as the inputs see them
        dresidual = None if residual is None else workspace(residual.shape, residual.dtype)
        db_hn = xp.zeros_like(b_hn)
        gradients = StateGradients(products)
        for t in reversed(range(T)):
            alive_t = alive[t]
            dh_t, da = dh[:alive_t], das[t, :alive_t]
            dh_t += dhs[:alive_t, t]                       # from above and from the future
            if dresidual is not None:
                dresidual[:alive_t, t], dresidual[alive_t:, t] = dh_t, 0   # (6)
            dq = xp.empty_like(da)                         # the same as the recurrent product sees them: r z u
            du = dq[:, 2 * H:]
            _backward(*_blocks(gates[t, :alive_t]), us[t, :alive_t], hs[t, :alive_t], dh_t, *_blocks(da), du)
            dq[:, :2 * H] = da[:, :2 * H]
            db_hn += du.sum(axis=0)                                        # (4)
            dh_t += masked(gradients.backward(dq, t), mask)                # (1)
            das[t, alive_t:] = 0
        dx, dW_xh, db_h, dgamma_x = inputs.backward(das)
        dW_hh, dgamma_h = gradients.weights()
        return dx, dh, dW_xh, dW_hh, db_h, db_hn, dgamma_x, dgamma_h, dresidual

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


class VariedCudnnGRUCell(Varied, CudnnGRUCell):
    """One layer of GRU ("cudnn") in one direction: the equations (1)-(6) at the head of this page.

    Made with  D, H, method as CudnnGRUCell.  layer_norm: whether the products are normalised.  recurrent_dropout: the
               probability p of the masks.
    Weights    CudnnGRUCell's;  with layer_norm gamma_x (3H,) and gamma_h (3H,), from 1.
    Call       x (B, T, D) or ids (B, T), HiddenState, alive, Masks, residual (B, T, H) or None
               -> hs (B, T, H), HiddenState
    By hand    in the docstring of gru_cudnn_varied_sequence."""

    def __init__(self, D: int, H: int, method: str, layer_norm: bool, recurrent_dropout: float):
        super().__init__(D, H, method)
        self.vary(layer_norm, recurrent_dropout)
        self.over_time = gru_cudnn_varied_sequence if method == "by_hand" else gru_cudnn_varied_unrolled

    def __call__(self, x, state: HiddenState, alive: list[int], masks: Masks = NO_MASKS,
                 residual: Tensor | None = None) -> tuple[Tensor, HiddenState]:
        x, W_xh = self.masked_input(x, masks.x)
        hs, h = self.over_time(x, state.h, W_xh, self.W_hh, self.b_h, self.b_hn, self.gamma_x, self.gamma_h, residual,
                               alive=alive, mask=masks.h)
        return hs, HiddenState(h)
