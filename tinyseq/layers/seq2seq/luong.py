"""Luong's decoder, which is also the book's: attention after the step, by the state that the step has reached.

    (1) e_t          = E[id_{t-1}]                  (B, C)
    (2) s_t          = stack(e_t, s_{t-1})          (B, H)
    (3) c_t, alpha_t = attention(s_t, h_1..h_Tk)    (B, D_h), (B, Tk)
    (4) u_t          = tanh([c_t; s_t] W_c)         (B, width)         or c_t: output.py
    (5) y_t          = u_t W_y + b_y                (B, V)

Luong et al. 2015, section 3, with the scores dot, general and concat, global and local. The decoders of chapters 7.4
and 8.4 score by s_t as well: what 8.4 calls Bahdanau attention is this page with ConcatAttention. Bahdanau's own
decoder looks before the step: bahdanau.py.

No c_t goes into the stack, so with true symbols (2) is one call for all steps, and so is (3).
"""
from tinyseq.autograd import Tensor
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.seq2seq.decoder import AttentionDecoder, DecoderState
from tinyseq.layers.seq2seq.encoder import check_width
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput


class LuongDecoder(AttentionDecoder):
    """The equations (1)-(5) at the head of this page.

    Made with  embedding (V, C).  stack of C inputs and H units.  attention, output, dropout: as AttentionDecoder.
    Call       as AttentionDecoder; a whole target is one call of the stack and one of the attention."""

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention,
                 output: AttentionalOutput | ContextOutput, dropout: float = 0.0):
        super().__init__(embedding, stack, attention, output, dropout)
        check_width("LuongDecoder", stack, embedding.W.shape[1], "C")

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        s, cells = self.stack(e, state.cells)                                       # (2)
        c, alpha = self.attention.look(s, state.memory, state.t)                    # (3)
        u = self.output.join(c, s)                                                  # (4)
        return u, DecoderState(cells, state.t + e.shape[1], state.memory, weights=alpha)
