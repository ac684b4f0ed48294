"""The GRU of gru.py (reset before the product) with masks, norms and a residual inside, twice. gru.py comes first, then
variations.py.

    (1) u_t = m_h * h_{t-1}                                                   (B, H)    what the products read
    (2) p_t = N(x_t W_xh; gamma_x) + b_h                                      (B, 3H)   p_r, p_z, p_n side by side
    (3) [r_t z_t] = sigmoid([p_r p_z] + N(u_t [W_hr W_hz]; [gamma_r gamma_z]))          reset gate, update gate
    (4) n_t = tanh(p_n + N((r_t * u_t) W_hn; gamma_n))                        (B, H)    the candidate
    (5) h_t = (1 - z_t) * h_{t-1} + z_t * n_t + residual_t                    (B, H)

There are two products of the state, and each is normalised by itself; gamma_h = [gamma_r gamma_z gamma_n]. An option
that is off is None: no mask m_h, no residual; without a gain N(a) = a.
"""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import workspace, xp
from tinyseq.layers.recurrent.gru import GRUCell, _blocks, _gates, _mix, _reset_backward, _unmix
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


def gru_varied_step(x_t, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask):
    """One step by the tape, equations (1)-(5).  x_t (B, D) or ids (B,), h and residual_t (B, H) -> (h,)"""
    H = h.shape[1]
    W_hrz, W_hn = split(W_hh, [2 * H, H])                                           # (3) (4)  (H, 2H), (H, H)
    gamma_rz, gamma_n = (None, None) if gamma_h is None else split(gamma_h, [2 * H, H])                 # (3) (4)
    u = masked(h, mask)                                                             # (1)
    p = normed(from_input(x_t, W_xh), gamma_x) + b_h                                # (2)
    p_rz, p_n = split(p, [2 * H, H])                                                # (2)
    r, z = split(sigmoid(p_rz + normed(u @ W_hrz, gamma_rz)), 2)                    # (3)
    n = tanh(p_n + normed((r * u) @ W_hn, gamma_n))                                 # (4)
    h = plus((1 - z) * h + z * n, residual_t)                                       # (5)
    return (h,)


def gru_varied_unrolled(x, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None):
    """T calls of gru_varied_step.  x (B, T, D) or ids (B, T), residual (B, T, H) -> hs (B, T, H), last h"""
    def step(x_t, h, residual_t=None):
        return gru_varied_step(x_t, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask)
    hs, (h,) = unrolled(step, x, (h,), alive, residual)
    return hs, h


@op
def gru_varied_sequence(x, h0, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh  += dL/dh_t from above,  dresidual_t = dh                           (5)
        da_z, da_n and dh (1 - z) from dh as in gru_sequence                   (5) (4) (3)
        ds   = back through N and W_hn,  s = r u                               (4)
        da_r = ds u r (1 - r),  du = ds r                                      (4) (3)
        du  += back through N and [W_hr W_hz]                                  (3)
        dh   = dh (1 - z) + m_h du        handed on to step t-1                (5) (1)

    and after the loop [dW_hr dW_hz] = sum_t u_t^T dq_t and dW_hn = sum_t s_t^T dq_t of the other product."""
    check_sizes("gru_varied_sequence", 3, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    W_hrz, W_hn = xp.ascontiguousarray(W_hh[:, :2 * H]), xp.ascontiguousarray(W_hh[:, 2 * H:])
    gamma_rz, gamma_n = (None, None) if gamma_h is None else (gamma_h[:2 * H], gamma_h[2 * H:])
    inputs = NormedInputs(x, W_xh, b_h, gamma_x)
    of_gates, of_candidate = StateProducts(W_hrz, gamma_rz, T, B), StateProducts(W_hn, gamma_n, T, B)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    gates = workspace((T, B, 3 * H), h0.dtype)             # pre-activations at first, then r z n
    for t, alive_t in enumerate(alive):
        h_before, h, a = hs[t, :alive_t], hs[t + 1, :alive_t], gates[t, :alive_t]
        r, z, n = _blocks(a)
        u = masked(h_before, mask)                                         # (1)
        s = xp.empty_like(u)
        a[:, :2 * H] = of_gates.forward(u, t)                              # (3)
        n.fill(0)
        inputs.add_to(a, t)                                                # (2)
        _gates(r, z, u, s)                                                 # (3), s = r u
        n += of_candidate.forward(s, t)                                    # (4)
        _mix(z, n, h_before, h)                                            # (4) (5)
        if residual is not None:
            h += residual[:alive_t, t]                                     # (5)
        hs[t + 1, alive_t:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, 3 * H), h0.dtype)
        dresidual = None if residual is None else workspace(residual.shape, residual.dtype)
        gates_back, candidate_back = StateGradients(of_gates), StateGradients(of_candidate)
        for t in reversed(range(T)):
            alive_t = alive[t]
            dh_t, h_before, da = dh[:alive_t], hs[t, :alive_t], das[t, :alive_t]
            r, z, n = _blocks(gates[t, :alive_t])
            da_r, da_z, da_n = _blocks(da)
            dh_t += dhs[:alive_t, t]                       # from above and from the future
            if dresidual is not None:
                dresidual[:alive_t, t], dresidual[alive_t:, t] = dh_t, 0   # (5)
            _unmix(z, n, h_before, dh_t, da_z, da_n)                       # (5) (4) (3)
            du = xp.zeros_like(dh_t)
            ds = candidate_back.backward(da_n, t)                          # (4)
            _reset_backward(r, of_gates.us[t, :alive_t], ds, da_r, du)     # (4) (3)
            du += gates_back.backward(da[:, :2 * H], t)                    # (3)
            dh_t += masked(du, mask)                                       # (1)
            das[t, alive_t:] = 0
        dx, dW_xh, db_h, dgamma_x = inputs.backward(das)                   # (2)
        (dW_hrz, dgamma_rz), (dW_hn, dgamma_n) = gates_back.weights(), candidate_back.weights()         # (3) (4)
        dgamma_h = None if gamma_h is None else xp.concatenate((dgamma_rz, dgamma_n))
        return dx, dh, dW_xh, xp.concatenate((dW_hrz, dW_hn), axis=1), db_h, dgamma_x, dgamma_h, dresidual

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


class VariedGRUCell(Varied, GRUCell):
    """One layer of GRU ("book") in one direction: the equations (1)-(5) at the head of this page.

    Made with  D, H, method as GRUCell.  layer_norm: whether the products are normalised.  recurrent_dropout: the
               probability p of the masks.
    Weights    GRUCell's;  with layer_norm gamma_x (3H,) and gamma_h (3H,), from 1.
    Call       x (B, T, D) or ids (B, T), HiddenState, alive, Masks, residual (B, T, H) or None
               -> hs (B, T, H), HiddenState
    By hand    in the docstring of gru_varied_sequence."""

    def __init__(self, D: int, H: int, method: str, layer_norm: bool, recurrent_dropout: float):
        super().__init__(D, H, method)
        self.vary(layer_norm, recurrent_dropout)
        self.over_time = gru_varied_sequence if method == "by_hand" else gru_varied_unrolled

    def __call__(self, x, state: HiddenState, alive: list[int], masks: Masks = NO_MASKS,
                 residual: Tensor | None = None) -> tuple[Tensor, HiddenState]:
        x, W_xh = self.masked_input(x, masks.x)
        hs, h = self.over_time(x, state.h, W_xh, self.W_hh, self.b_h, self.gamma_x, self.gamma_h, residual,
                               alive=alive, mask=masks.h)
        return hs, HiddenState(h)
