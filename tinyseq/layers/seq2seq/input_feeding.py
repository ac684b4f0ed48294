"""Input feeding: Luong's decoder is told what it has looked at and said before.

    (1) e_t          = E[id_{t-1}]                          (B, C)
    (2) s_t          = stack([e_t; u_{t-1}], s_{t-1})       (B, H)          u_{-1} = 0
    (3) c_t, alpha_t = attention(s_t, h_1..h_Tk)            (B, D_h), (B, Tk)
    (4) u_t          = tanh([c_t; s_t] W_c)                 (B, width)      or c_t: output.py
    (5) y_t          = u_t W_y + b_y                        (B, V)

Luong et al. 2015, section 3.3: so it can know which words it has translated already. u_{t-1} needs c_{t-1}, and this
s_{t-1}: one step at a time, also with true symbols.
"""
from tinyseq.autograd import Tensor
from tinyseq.backend import xp
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.seq2seq.decoder import AttentionDecoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoded, check_width
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput
from tinyseq.ops import concat


class InputFeedingDecoder(AttentionDecoder):
    """The equations (1)-(5) at the head of this page.

    Made with  as LuongDecoder, but the stack has C + width inputs, width being that of u_t.
    Call       as AttentionDecoder, one step after the other."""

    feeds_back = True

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention,
                 output: AttentionalOutput | ContextOutput, dropout: float = 0.0):
        super().__init__(embedding, stack, attention, output, dropout)
        check_width("InputFeedingDecoder", stack, embedding.W.shape[1] + output.width, "C + width")

    def start(self, cells: StackState | None, encoded: Encoded) -> DecoderState:
        nothing = Tensor(xp.zeros((len(encoded.hs), 1, self.output.width), encoded.hs.dtype))
        return super().start(cells, encoded)._replace(fed=nothing)

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        s, cells = self.stack(concat(e, state.fed, axis=-1), state.cells)           # (2)  (B, 1, C + width)
        c, alpha = self.attention.look(s, state.memory, state.t)                    # (3)
        u = self.output.join(c, s)                                                  # (4)
        return u, DecoderState(cells, state.t + 1, state.memory, u, alpha)
