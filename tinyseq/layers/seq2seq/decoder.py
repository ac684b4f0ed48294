"""What all decoders have in common: a state that goes in and comes out, and the two ways through time.

    (1) e_t  = E[id_{t-1}]                     (B, Tq, C)      the symbol before the one to predict; id_{-1} is SOS
        ...  the equations of the subclass: from e_t and the state to u_t and the next state
    (2) y_t  = output(u_t)                     (B, Tq, V)      equation (2) of output.py

**At once.** Where the stack reads nothing but e_t, all e_t are known beforehand while the true symbols are given
(teacher forcing, Williams and Zipser 1989): the whole target goes through the stack in one call, and then there is one
attention for all steps. **Step by step** everywhere else: where the context goes into the stack, which needs the state
before it; where symbols are drawn (scheduled_sampling.py); and where the answer is written.
"""
from typing import Any, NamedTuple

from tinyseq.autograd import Tensor, no_grad
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.layers.seq2seq.encoder import Encoded
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput, Output
from tinyseq.layers.seq2seq.scheduled_sampling import coins, drawn
from tinyseq.ops import concat, gather, split, where


class DecoderState(NamedTuple):
    """What a decoder knows between two symbols.

    cells     the states of its stack: a StackState, or of a transformer a TransformerState
    t         how many symbols it has read
    memory    the source, ready to be looked at: a Memory, or one for each block; None without attention
    fed       u_{t-1} (B, 1, width), where it is fed back
    weights   where the steps just made have looked (B, T, Tk), with heads (B, nh, T, Tk); for the eye"""
    cells: Any
    t: int = 0
    memory: Any = None
    fed: Tensor | None = None
    weights: Any = None

    def select(self, rows: Any) -> "DecoderState":
        """The state of these rows, in this order, a row as often as it is named: of the beams that go on."""
        def of_rows(x: Any) -> Any:
            return None if x is None else gather(x, rows)
        memory = None if self.memory is None else self.memory.select(rows)
        return DecoderState(self.cells.select(rows), self.t, memory, of_rows(self.fed), of_rows(self.weights))


class Decoder(Module):
    """The equations (1) and (2) at the head of this page; `advance` is what the subclasses differ in.

    Made with  embedding (V, C).  stack: an RNN, LSTM or GRU in one direction, or a DecoderStack (transformer.py).
               output: a layer of output.py.  dropout: of e_t, while training.
    Call       ids (B, Tq), a DecoderState, truth=None -> logits (B, Tq, V), DecoderState
               ids     what stands before each symbol to predict: ids[:, 0] is SOS at the start
               truth   None, or (B,), the probability that a step after the first reads ids rather than a symbol that
                       the decoder draws from its own prediction
    Start      start(cells, encoded) -> DecoderState; cells is the StackState to begin with, None where
               goes_on is False
    Raises     ValueError if widths do not fit, and for a stack with two directions."""

    feeds_back = False                                     # whether the stack reads more than e_t
    goes_on = True                                         # whether it begins with the state that the encoder ended in

    def __init__(self, embedding: Embedding, stack: Any, output: Output, dropout: float = 0.0):
        if stack.directions == 2:
            raise ValueError(f"{type(self).__name__}: a decoder's stack has one direction: with bidirectional=True it "
                             "would have read the symbol that it is to predict")
        V = embedding.W.shape[0]
        if output.V != V:
            raise ValueError(f"{type(self).__name__}: the symbols that are read are those that are written; the "
                             f"embedding has V={V}, the output V={output.V}")
        self.embedding, self.stack, self.output = embedding, stack, output
        self.dropout = Dropout(dropout)

    def start(self, cells: StackState | None, encoded: Encoded) -> DecoderState:
        """The state before the first symbol."""
        raise NotImplementedError

    def advance(self, e: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """e (B, T, C), T = 1 if feeds_back -> u (B, T, width), the state T symbols further"""
        raise NotImplementedError

    def __call__(self, ids: Any, state: DecoderState, truth: Any = None) -> tuple[Tensor, DecoderState]:
        e = self.dropout(self.embedding(ids))                                       # (1)
        if e.shape[1] == 1 or (truth is None and not self.feeds_back):
            u, state = self.advance(e, state)
        else:
            u, state = self._step_by_step(e, state, truth)
        return self.output(u), state                                                # (2)

    def _step_by_step(self, e: Tensor, state: DecoderState, truth: Any) -> tuple[Tensor, DecoderState]:
        """The same as `advance`, with T calls of it, and with drawn symbols if truth says so.

        (1) e_t   = e[:, t]                        (B, 1, C)
        (3) u     = [u_0 .. u_{T-1}]               (B, T, width)"""
        if self.training and self.stack.recurrent_dropout:
            raise ValueError(f"{named(self)} goes step by step, and each step would draw another mask, where "
                             "recurrent_dropout means one mask for all steps: leave it out of this stack")
        T = e.shape[1]
        is_true = None if truth is None else coins(truth, T, self.path, e.dtype)    # (B, T)
        us: list[Tensor] = []
        weights: list[Any] = []
        for t, e_t in enumerate(split(e, T, axis=1)):                               # (1)  (B, 1, C)
            if is_true is not None and t:
                e_t = where(is_true[:, t, None, None], e_t, self._own(us[-1]))
            u, state = self.advance(e_t, state)
            us.append(u)
            weights.append(state.weights)
        together = None if weights[0] is None else concat(*weights, axis=-2)        # (3)  (B, T, Tk)
        return concat(*us, axis=1), state._replace(weights=together)                # (3)  (B, T, width)

    def _own(self, u: Tensor) -> Tensor:
        """(1) of a symbol that the decoder draws itself. Its row of E is fetched by a one-hot product: a look-up would
        check the id on the host, which would have to wait for it."""
        with no_grad():
            one_hot = drawn(self.output(u), self.path)                              # (B, 1, V)
        return self.dropout(one_hot @ self.embedding.W)                             # (B, 1, C)


class AttentionDecoder(Decoder):
    """A decoder that looks at the source.

    Made with  attention: any of layers/attention, of queries of the stack's width H and keys of the encoder's, D_h.
               output: AttentionalOutput(D_h, H, width, V) or ContextOutput(D_h, V).  The rest as Decoder.
    Call       as Decoder; the state that comes out has the weights (B, Tq, Tk)."""

    output: AttentionalOutput | ContextOutput

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention,
                 output: AttentionalOutput | ContextOutput, dropout: float = 0.0):
        if not isinstance(output, AttentionalOutput | ContextOutput):
            raise ValueError(f"{type(self).__name__}: the output layer takes contexts: an AttentionalOutput or a "
                             f"ContextOutput; got {type(output).__name__}, which belongs to a PlainDecoder")
        super().__init__(embedding, stack, output, dropout)
        self.attention = attention

    def start(self, cells: StackState | None, encoded: Encoded) -> DecoderState:
        return DecoderState(cells, memory=self.attention.memory(encoded.hs, mask=encoded.mask))
