"""The decoder without attention: all it knows of the source is the state that it begins with.

    (1) e_t = E[id_{t-1}]                      (B, C)
    (2) s_t = stack(e_t, s_{t-1})              (B, H)      s_{-1} comes from the encoder's last state (bridge.py)
    (3) y_t = s_t W_y + b_y                    (B, V)

Sutskever et al. 2014. However long the source is, it has to fit into s_{-1}: the bottleneck that attention removes.
"""
from tinyseq.autograd import Tensor
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.seq2seq.decoder import Decoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoded, check_width
from tinyseq.layers.seq2seq.output import Output


class PlainDecoder(Decoder):
    """The equations (1)-(3) at the head of this page.

    Made with  embedding (V, C).  stack of C inputs and H units.  output: Output(H, V).  dropout: of e_t.
    Call       as Decoder; a whole target is one call of the stack. There are no attention weights: None."""

    def __init__(self, embedding: Embedding, stack: Stack, output: Output, dropout: float = 0.0):
        if type(output) is not Output:
            raise ValueError("PlainDecoder has no context to give to the output layer: it takes an Output(H, V); got "
                             f"{type(output).__name__}")
        super().__init__(embedding, stack, output, dropout)
        check_width("PlainDecoder", stack, embedding.W.shape[1], "C")

    def start(self, cells: StackState | None, encoded: Encoded) -> DecoderState:
        return DecoderState(cells)

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        s, cells = self.stack(e, state.cells)                                       # (2)
        return s, DecoderState(cells, state.t + e.shape[1])
