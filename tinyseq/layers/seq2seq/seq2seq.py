"""Encoder, bridge and decoder together: P(target | source), one symbol after the other.

    (1) h_1..h_Tk, s_Tk = encoder(source)                              encoder.py
    (2) s_{-1}          = bridge(s_Tk)                                 bridge.py; a transformer has neither
    (3) y_0..y_Tq       = decoder(SOS, id_0 .. id_{Tq-1}; s_{-1}, h)   plain.py, luong.py, input_feeding.py,
                                                                       bahdanau.py, transformer.py
    (4) L = -ln P(target | source) = -sum_t ln softmax(y_t)_{id_t}     the last id_t is EOS: to stop is predicted, too
"""
from collections.abc import Sequence
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import to_host
from tinyseq.layers.module import Module
from tinyseq.layers.named import named
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.seq2seq.bridge import Bridge
from tinyseq.layers.seq2seq.decoder import Decoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoder, checked_axes, checked_lengths, side_by_side

IGNORED = -1                                               # the target at steps behind a row's end


class Seq2Seq(Module):
    """The equations (1)-(4) at the head of this page.

    Made with  encoder: an Encoder.  decoder: one of the decoders, whose attention takes keys of the encoder's width.
               sos, eos: the ids that the decoder reads first and says last.
    Weights    those of encoder and decoder, and of the bridge between them where the two differ in size.
    Call       source (B, Tk), ids (B, Tq), source_lengths=None, truth=None -> logits (B, Tq, V), weights (B, Tq, Tk),
               with heads (B, nh, Tq, Tk)
               ids are what the decoder reads, from SOS on; truth as in Decoder; weights are None without attention
    Raises     ValueError if stacks, widths or lengths do not fit, for an empty source, and for a decoder that begins
               with a state where the encoder ends with none."""

    def __init__(self, encoder: Encoder, decoder: Decoder, sos: int, eos: int):
        if sos == eos or not (0 <= sos < decoder.output.V and 0 <= eos < decoder.output.V):
            raise ValueError(f"sos and eos are two different ids from 0 to V-1={decoder.output.V - 1} of the target's "
                             f"vocabulary; got sos={sos}, eos={eos}")
        if decoder.goes_on and not isinstance(encoder.stack, Stack):
            raise ValueError(f"{type(decoder).__name__} goes on from the state in which the encoder ended, and a "
                             f"{type(encoder.stack).__name__} ends in none: take a TransformerDecoder, or an RNN, LSTM "
                             "or GRU for the encoder")
        self.encoder, self.decoder = encoder, decoder
        self.bridge = Bridge(encoder.stack, decoder.stack) if decoder.goes_on else None
        self.sos, self.eos = sos, eos

    def __call__(self, source: Any, ids: Any, source_lengths: Any = None,
                 truth: Any = None) -> tuple[Tensor, Tensor | None]:
        logits, state = self.decoder(ids, self._begin(source, source_lengths), truth)           # (3)
        return logits, state.weights

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(target | source) over the batch (4), and the number of symbols predicted.

        batch   .source (B, Tk), .source_lengths (B,);  .target (B, Tq), .target_lengths (B,), each row with its EOS and
                without SOS;  .truth, as in Decoder: None for teacher forcing. Any valid ids may stand behind a row's
                end: they count for nothing"""
        target = to_host(batch.target)
        B, Tq = checked_axes(f"{named(self)}: target", target)
        if len(batch.source) != B:
            raise ValueError(f"{named(self)}: each source has its target; got {len(batch.source)} sources and {B} "
                             "targets")
        lengths = checked_lengths(f"{named(self)}: target", batch.target_lengths, B, Tq)
        logits, _ = self(batch.source, shifted(target, self.sos), batch.source_lengths, batch.truth)
        wanted = target.copy()
        wanted[to_host(range(Tq)) >= lengths[:, None]] = IGNORED
        return ops.cross_entropy(logits, wanted, ignore_index=IGNORED, reduction="sum"), int(lengths.sum())    # (4)

    def start(self, B: int, source: Sequence[Any] | None = None) -> DecoderState:
        """The state before the first symbol of B answers; source: B sequences of ids, of any lengths from 1 on."""
        if source is None or len(source) != B:
            found = "none" if source is None else len(source)
            raise ValueError(f"{named(self)} answers sentences: start(B={B}, source) takes B of them; got {found}")
        return self._begin(*side_by_side(f"{named(self)}: source", source))

    def step(self, ids: Any, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """One symbol further: ids (B,), at first SOS -> logits (B, V), state. state.weights (B, 1, Tk) is where it
        looked. Costs the same however much is written already."""
        ids = ids if hasattr(ids, "dtype") else to_host(ids)
        logits, state = self.decoder(ids[:, None], state)
        return logits[:, 0], state

    def attention_map(self, source: Any, answer: Any) -> Any:
        """Where the decoder looked while it said each symbol of an answer to one source, both sequences of ids: an
        array (Tq, Tk), with heads (nh, Tq, Tk). Raises ValueError for a decoder without attention, and as start."""
        state = self.start(1, [source])
        if state.memory is None:
            raise ValueError(f"{type(self.decoder).__name__} has no attention to draw a map of")
        ids, _ = side_by_side(f"{named(self)}: answer", [answer])
        with no_grad():
            _, state = self.decoder(shifted(ids, self.sos), state)
        return state.weights.data[0]

    def _begin(self, source: Any, lengths: Any) -> DecoderState:
        encoded = self.encoder(source, lengths)                                     # (1)
        if self.bridge is None:
            return self.decoder.start(None, encoded)
        assert encoded.state is not None
        return self.decoder.start(self.bridge(encoded.state), encoded)              # (2)


def shifted(target: Any, sos: int) -> Any:
    """What the decoder reads: SOS and all symbols of the target (B, Tq) but the last, (B, Tq)."""
    ids = target.copy()
    ids[:, 1:] = target[:, :-1]
    ids[:, 0] = sos
    return ids
