"""The transformer as an encoder-decoder: no recurrence on either side.

    (1) h_1..h_Tk    = transformer(E[source])                   (B, Tk, C)           each symbol sees all the others
    (2) u_t, alpha_t = decoder(E'[id_{t-1}], h_1..h_Tk)         (B, C), (B, nh, Tk)  and the symbols before it
    (3) y_t          = dropout(u_t) W_y + b_y                   (B, V)

(1) is an Encoder whose stack is a Transformer with causal=False; (2) is TransformerDecoder. Nothing is handed over but
the h_s: there is no last state, and so no bridge. alpha_t is where the last block's cross-attention looks, each head
for itself. With the true symbols given all steps are one call; where the answer is written each step is one symbol,
and what the blocks have read of those before it lies in their caches. Vaswani et al. 2017, section 3.
"""
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.seq2seq.decoder import Decoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoded, Encoder, check_width
from tinyseq.layers.seq2seq.output import Output
from tinyseq.layers.transformer.decoder_stack import DecoderStack
from tinyseq.layers.transformer.stack import Transformer


class TransformerDecoder(Decoder):
    """The equations (2) and (3) at the head of this page.

    Made with  embedding (V, C).  stack: a DecoderStack of C channels.  output: Output(C, V).  Dropout is the stack's.
    Call       as Decoder; a whole target is one call of the stack. Weights (B, nh, Tq, Tk) come out.
    Raises     ValueError if the widths do not fit."""

    goes_on = False

    def __init__(self, embedding: Embedding, stack: DecoderStack, output: Output):
        super().__init__(embedding, stack, output)
        check_width("TransformerDecoder", stack, embedding.W.shape[1], "C")

    def start(self, cells: StackState | None, encoded: Encoded) -> DecoderState:
        memories = self.stack.memory(encoded.hs, encoded.mask)
        return DecoderState(self.stack.initial_state(len(encoded.hs)), memory=memories)

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        u, cells, alpha = self.stack(e, state.memory, state.cells)                  # (2)
        return u, DecoderState(cells, state.t + e.shape[1], state.memory, weights=alpha)


def transformer_encoder_decoder(config: Any, V_source: int, V_target: int) -> tuple[Encoder, TransformerDecoder]:
    """The two halves of a Seq2Seq, as these fields of a config say:

        C, num_heads, FF, norm, activation, bias, positions    of both, as DecoderStack has them
        num_layers                                             blocks of each
        dropout                                                inside the blocks, of the rows and before the output"""
    C, settings = config.C, {"norm": config.norm, "activation": config.activation, "FF": config.FF,
                             "dropout": config.dropout, "bias": config.bias, "positions": config.positions}
    decoder = DecoderStack(C, config.num_layers, config.num_heads, **settings)
    encoder = Transformer(C, config.num_layers, config.num_heads, causal=False, **settings)
    return (Encoder(Embedding(V_source, C), encoder),
            TransformerDecoder(Embedding(V_target, C), decoder, Output(C, V_target, config.dropout)))
