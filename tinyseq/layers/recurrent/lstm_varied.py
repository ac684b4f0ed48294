"""The LSTM with masks, norms and a residual inside, twice. lstm.py comes first, then variations.py.

    (1) u_t     = m_h * h_{t-1}                                               (B, H)    what the product reads
    (2) a_t     = N(x_t W_xh; gamma_x) + N(u_t W_hh; gamma_h) + b_h           (B, 4H)   a_i, a_f, a_g, a_o side by side
    (3) i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)                    (B, H)    input, forget and output gate
    (4) g       = tanh(a_g)                                                   (B, H)    the candidate
    (5) c_t     = f * c_{t-1} + i * g                                         (B, H)    the cell
    (6) h_t     = o * tanh(c_t) + residual_t                                 (B, H)

An option that is off is None: no mask m_h, no residual; without a gain N(a) = a.
"""
from tinyseq.autograd import Tensor, op
from tinyseq.backend import workspace, xp
from tinyseq.layers.recurrent.lstm import LSTMCell, _backward, _blocks, _forward
from tinyseq.layers.recurrent.sequence import check_sizes, from_input, history, last_states, unrolled
from tinyseq.layers.recurrent.states import LSTMState
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
from tinyseq.ops import gather, sigmoid, split, tanh


def lstm_varied_step(x_t, h, c, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask):
    """One step by the tape, equations (1)-(6).  x_t (B, D) or ids (B,), h, c and residual_t (B, H) -> h, c"""
    u = masked(h, mask)                                                             # (1)
    a = normed(from_input(x_t, W_xh), gamma_x) + normed(u @ W_hh, gamma_h) + b_h    # (2)
    a_i, a_f, a_g, a_o = split(a, 4)                                                # (2)
    i = sigmoid(a_i)                                                                # (3)
    f = sigmoid(a_f)                                                                # (3)
    o = sigmoid(a_o)                                                                # (3)
    g = tanh(a_g)                                                                   # (4)
    c = f * c + i * g                                                               # (5)
    h = plus(o * tanh(c), residual_t)                                                      # (6)
    return h, c


def lstm_varied_unrolled(x, h, c, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None):
    """T calls of lstm_varied_step.  x (B, T, D) or ids (B, T), residual (B, T, H) -> hs (B, T, H), last h, last c"""
    def step(x_t, h, c, residual_t=None):
        return lstm_varied_step(x_t, h, c, W_xh, W_hh, b_h, gamma_x, gamma_h, residual_t, mask)
    hs, state = unrolled(step, x, (h, c), alive, residual)
    return hs, *state


@op
def lstm_varied_sequence(x, h0, c0, W_xh, W_hh, b_h, gamma_x, gamma_h, residual, alive, mask=None):
    """The same function of the same arguments by hand, as one op.

    Backward, from the last step to the first, with dh and dc holding what step t+1 asks of step t:

        dh  += dL/dh_t from above,  dresidual_t = dh                                  (6)
        da, dc from dh and dc as in lstm_sequence                              (6) (5) (4) (3)
        du   = back through N and W_hh,  dh = m_h du      handed on to step t-1      (2) (1)

    and after the loop dW_hh = sum_t u_t^T dq_t, where dq_t is the gradient of the product u_t W_hh."""
    check_sizes("lstm_varied_sequence", 4, x, [h0, c0], W_xh, W_hh, b_h)
    T, (B, H) = len(alive), h0.shape
    inputs, products = NormedInputs(x, W_xh, b_h, gamma_x), StateProducts(W_hh, gamma_h, T, B)
    hs, cs = history(h0, T), history(c0, T)                # hs[k] is h after k steps
    tanh_cs = workspace((T, B, H), h0.dtype)
    gates = workspace((T, B, 4 * H), h0.dtype)             # a_t at first, then i f g o
    for t, n in enumerate(alive):
        a, h = gates[t, :n], hs[t + 1, :n]
        a[...] = products.forward(masked(hs[t, :n], mask), t)                           # (1) (2)
        inputs.add_to(a, t)                                                             # (2)
        _forward(*_blocks(a), cs[t, :n], cs[t + 1, :n], tanh_cs[t, :n], h)              # (3)-(6)
        if residual is not None:
            h += residual[:n, t]                                                               # (6)
        hs[t + 1, n:] = 0

    def backward(dhs, dh_last, dc_last):
        dh, dc, scratch = dh_last.copy(), dc_last.copy(), xp.empty_like(dh_last)
        das = workspace((T, B, 4 * H), h0.dtype)
        dresidual = None if residual is None else workspace(residual.shape, residual.dtype)
        gradients = StateGradients(products)
        for t in reversed(range(T)):
            n = alive[t]
            dh[:n] += dhs[:n, t]                           # from above and from the future
            if dresidual is not None:
                dresidual[:n, t], dresidual[n:, t] = dh[:n], 0                                      # (6)
            da = das[t, :n]
            _backward(*_blocks(gates[t, :n]), cs[t, :n], tanh_cs[t, :n], dh[:n], dc[:n], *_blocks(da), scratch[:n])
            das[t, n:] = 0
            dh[:n] = masked(gradients.backward(da, t), mask)                            # (2) (1)
        dx, dW_xh, db_h, dgamma_x = inputs.backward(das)                                # (2)
        dW_hh, dgamma_h = gradients.weights()                                           # (2)
        return dx, dh, dc, dW_xh, dW_hh, db_h, dgamma_x, dgamma_h, dresidual

    return (hs[1:].transpose(1, 0, 2), last_states(hs, alive), last_states(cs, alive)), backward


class VariedLSTMCell(Varied, LSTMCell):
    """One layer of LSTM in one direction: the equations (1)-(6) at the head of this page.

    Made with  D, H, method as LSTMCell.  layer_norm: whether the products are normalised.  recurrent_dropout: the
               probability p of the masks.
    Weights    LSTMCell's;  with layer_norm gamma_x (4H,) and gamma_h (4H,), from 1.
    Call       x (B, T, D) or ids (B, T), LSTMState, alive, Masks, residual (B, T, H) or None -> hs (B, T, H), LSTMState
    By hand    in the docstring of lstm_varied_sequence."""

    def __init__(self, D: int, H: int, method: str, layer_norm: bool, recurrent_dropout: float):
        super().__init__(D, H, method)
        self.vary(layer_norm, recurrent_dropout)
        self.over_time = lstm_varied_sequence if method == "by_hand" else lstm_varied_unrolled

    def __call__(self, x, state: LSTMState, alive: list[int], masks: Masks = NO_MASKS,
                 residual: Tensor | None = None) -> tuple[Tensor, LSTMState]:
        x, W_xh = self.masked_input(x, masks.x)
        hs, h, c = self.over_time(x, state.h, state.c, W_xh, self.W_hh, self.b_h, self.gamma_x, self.gamma_h, residual,
                                  alive=alive, mask=masks.h)
        return hs, LSTMState(h, c)

    def pre_activations(self, x, h_before: Tensor) -> Tensor:
        """a_t of all steps, without masks: equation (2)."""
        from_x = gather(self.W_xh, x) if x.ndim == 2 else x @ self.W_xh
        return normed(from_x, self.gamma_x) + normed(h_before @ self.W_hh, self.gamma_h) + self.b_h
