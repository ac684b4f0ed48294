"""Bahdanau's decoder: it looks first, by the state before the step, and what it sees goes into the step.

    (1) e_t          = E[id_{t-1}]                        (B, C)
    (2) c_t, alpha_t = attention(s_{t-1}, h_1..h_Tk)      (B, D_h), (B, Tk)     s_{t-1}: h of the last layer
    (3) s_t          = stack([e_t; c_t], s_{t-1})         (B, H)
    (4) u_t          = tanh([c_t; s_t] W_c)               (B, width)            or c_t: output.py
    (5) y_t          = u_t W_y + b_y                      (B, V)

Bahdanau et al. 2015, section 3.1 and appendix A.2, with AdditiveAttention. (3) is theirs: a GRU that reads the symbol
and the context side by side. For (4) they have a maxout layer over s_{t-1}, e_t and c_t.
"""
from tinyseq.autograd import Tensor
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.seq2seq.decoder import AttentionDecoder, DecoderState
from tinyseq.layers.seq2seq.encoder import check_width
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput
from tinyseq.ops import concat


class BahdanauDecoder(AttentionDecoder):
    """The equations (1)-(5) at the head of this page.

    Made with  embedding (V, C).  stack of C + D_h inputs and H units.  attention, output, dropout: as AttentionDecoder.
    Call       as AttentionDecoder, one step after the other."""

    feeds_back = True

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention,
                 output: AttentionalOutput | ContextOutput, dropout: float = 0.0):
        super().__init__(embedding, stack, attention, output, dropout)
        check_width("BahdanauDecoder", stack, embedding.W.shape[1] + output.D_context, "C + D_h")

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        s_before = state.cells[-1].h[:, None]                                       # (2)  (B, 1, H)
        c, alpha = self.attention.look(s_before, state.memory, state.t)             # (2)
        s, cells = self.stack(concat(e, c, axis=-1), state.cells)                   # (3)  (B, 1, C + D_h)
        u = self.output.join(c, s)                                                  # (4)
        return u, DecoderState(cells, state.t + 1, state.memory, weights=alpha)
