"""The bridge: from the states in which the encoder ended to those in which the decoder begins.

Where both stacks have one direction and the same sizes, the states are handed on as they are (Sutskever et al. 2014).
Otherwise, for each layer l and each part p of its state (h, and of an LSTM also c),

    (1) p_dec^l = tanh(p_enc^l W + b),    p_enc^l = [forward; backward] with two directions       (B, H)

Bahdanau et al. 2015, appendix A.2.2, have (1) with the backward state alone, which has read the first word last. Here
it is given both ends. Its tanh keeps h where the cells keep it, between -1 and 1; for c it is our choice.
"""
from tinyseq.autograd import Tensor
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.recurrent.states import StackState
from tinyseq.ops import concat, tanh


class Bridge(Module):
    """The equation (1) at the head of this page, or nothing at all.

    Made with  encoder, decoder: the two stacks; the decoder's has one direction.
    Weights    W (H_enc or 2 H_enc, H) and b (H,) for each layer and part, where (1) is needed.
    Call       state of the encoder (StackState) -> state of the decoder (StackState)
    Raises     ValueError for stacks of different depth, and for an LSTM beside an RNN or GRU, whose states differ."""

    def __init__(self, encoder: Stack, decoder: Stack):
        layers, parts = len(decoder.cells), type(decoder.initial_state(1)[0])
        depth = len(encoder.cells) // encoder.directions
        if depth != layers:
            raise ValueError(f"a decoder begins, layer by layer, where the encoder ended; the encoder has {depth} "
                             f"layers, the decoder {layers}: make them equally deep")
        if type(encoder.initial_state(1)[0]) is not parts:
            raise ValueError(f"the states of {type(encoder).__name__} and {type(decoder).__name__} differ: an LSTM has "
                             "h and c, the others only h. Make both stacks of one kind")
        self.directions, self.parts = encoder.directions, parts
        is_needed = encoder.directions == 2 or encoder.H != decoder.H
        self.linears = [Linear(encoder.directions * encoder.H, decoder.H)
                        for _ in range(layers * len(parts._fields))] if is_needed else []

    def __call__(self, state: StackState) -> StackState:
        if not self.linears:
            return state
        linears = iter(self.linears)

        def crossed(*ends: Tensor) -> Tensor:
            return tanh(next(linears)(concat(*ends, axis=-1)))                      # (1)

        layers = (state[first:first + self.directions] for first in range(0, len(state), self.directions))
        return StackState(self.parts(*map(crossed, *layer)) for layer in layers)
