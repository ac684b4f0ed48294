"""The simple recurrent network with masks, norms and a residual inside, twice. rnn.py comes first, then variations.py.

    (1) u_t = m_h * h_{t-1}                                                   (B, H)    what the product reads
    (2) a_t = N(x_t W_xh; gamma_x) + N(u_t W_hh; gamma_h) + b_h               (B, H)
    (3) h_t = phi(a_t) + residual_t                                          (B, H)    phi: tanh, relu or sigmoid

An option that is off is None: no mask m_h, no residual; without a gain N(a) = a.
"""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import workspace
from tinyseq.layers.recurrent.rnn import IN_PLACE, PHI, RNNCell
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


def rnn_varied_step(x_t, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask, nonlinearity="tanh"):
    """One step by the tape, equations (1)-(3).  x_t (B, D) or ids (B,), h and residual_t (B, H) -> (h,)"""
    u = masked(h, mask)                                                             # (1)
    a = normed(from_input(x_t, W_xh), gamma_x) + normed(u @ W_hh, gamma_h) + b_h    # (2)
    h = plus(PHI[nonlinearity](a), residual_t)                                             # (3)
    return (h,)


def rnn_varied_unrolled(x, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None, nonlinearity="tanh"):
    """T calls of rnn_varied_step.  x (B, T, D) or ids (B, T), residual (B, T, H) -> hs (B, T, H), last h"""
    def step(x_t, h, residual_t=None):
        return rnn_varied_step(x_t, h, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask, nonlinearity)
    hs, (h,) = unrolled(step, x, (h,), alive, residual)
    return hs, h


@op
def rnn_varied_sequence(x, h0, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None, nonlinearity="tanh"):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh holding what step t+1 asks of step t:

        dh  += dL/dh_t from above,  dresidual_t = dh                                  (3)
        da   = dh phi'(a_t)                                                    (3)
        du   = back through N and W_hh,  dh = m_h du      handed on to step t-1      (2) (1)

    and after the loop dW_hh = sum_t u_t^T dq_t, where dq_t is the gradient of the product u_t W_hh."""
    check_sizes("rnn_varied_sequence", 1, x, [h0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    phi_in_place, phi_backward = IN_PLACE[nonlinearity]
    inputs, products = NormedInputs(x, W_xh, b_h, gamma_x), StateProducts(W_hh, gamma_h, T, B)
    hs = history(h0, T)                                    # hs[k] is h after k steps
    phis = workspace((T, B, H), h0.dtype)                  # a_t at first, then phi(a_t)
    for t, n in enumerate(alive):
        a, h = phis[t, :n], hs[t + 1, :n]
        a[...] = products.forward(masked(hs[t, :n], mask), t)              # (1) (2)
        inputs.add_to(a, t)                                                # (2)
        phi_in_place(a)                                                    # (3)
        h[...] = plus(a, None if residual is None else residual[:n, t])                  # (3)
        hs[t + 1, n:] = 0

    def backward(dhs, dh_last):
        dh = dh_last.copy()
        das = workspace((T, B, H), h0.dtype)
        dresidual = None if residual is None else workspace(residual.shape, residual.dtype)
        gradients = StateGradients(products)
        for t in reversed(range(T)):
            n = alive[t]
            dh[:n] += dhs[:n, t]                           # from above and from the future
            if dresidual is not None:
                dresidual[:n, t], dresidual[n:, t] = dh[:n], 0         # (3)
            phi_backward(phis[t, :n], dh[:n], das[t, :n])  # (3)
            das[t, n:] = 0
            dh[:n] = masked(gradients.backward(das[t, :n], t), mask)       # (2) (1)
        dx, dW_xh, db_h, dgamma_x = inputs.backward(das)                                # (2)
        dW_hh, dgamma_h = gradients.weights()                                           # (2)
        return dx, dh, dW_xh, dW_hh, db_h, dgamma_x, dgamma_h, dresidual

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive)), backward


class VariedRNNCell(Varied, RNNCell):
    """One layer of RNN in one direction: the equations (1)-(3) at the head of this page.

    Made with  D, H, method, nonlinearity as RNNCell.  layer_norm: whether the products are normalised.
               recurrent_dropout: the probability p of the masks.
    Weights    RNNCell's;  with layer_norm gamma_x (H,) and gamma_h (H,), from 1.
    Call       x (B, T, D) or ids (B, T), HiddenState, alive, Masks, residual (B, T, H) or None
               -> hs (B, T, H), HiddenState
    By hand    in the docstring of rnn_varied_sequence."""

    def __init__(self, D: int, H: int, method: str, layer_norm: bool, recurrent_dropout: float,
                 nonlinearity: str = "tanh"):
        super().__init__(D, H, method, nonlinearity)
        self.vary(layer_norm, recurrent_dropout)
        self.over_time = rnn_varied_sequence if method == "by_hand" else rnn_varied_unrolled

    def __call__(self, x, state: HiddenState, alive: list[int], masks: Masks = NO_MASKS,
                 residual: Tensor | None = None) -> tuple[Tensor, HiddenState]:
        x, W_xh = self.masked_input(x, masks.x)
        hs, h = self.over_time(x, state.h, W_xh, self.W_hh, self.b_h, self.gamma_x, self.gamma_h, residual, alive=alive,
                               mask=masks.h, nonlinearity=self.nonlinearity)
        return hs, HiddenState(h)
