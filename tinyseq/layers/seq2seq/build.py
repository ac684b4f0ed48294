"""An encoder-decoder by the names of its parts, so that a model's config can choose and a study can compare them."""
from typing import Any

from tinyseq.layers.attention import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    LocalAttention,
    MultiHeadAttention,
    PredictedCentre,
)
from tinyseq.layers.attention.attention import Attention
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.recurrent import GRU, LSTM, RNN
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.layers.seq2seq.bahdanau import BahdanauDecoder
from tinyseq.layers.seq2seq.decoder import Decoder
from tinyseq.layers.seq2seq.encoder import Encoder
from tinyseq.layers.seq2seq.input_feeding import InputFeedingDecoder
from tinyseq.layers.seq2seq.luong import LuongDecoder
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput, Output
from tinyseq.layers.seq2seq.plain import PlainDecoder
from tinyseq.layers.seq2seq.self_attentive import SelfAttentiveEncoder

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
DECODERS = {"luong": LuongDecoder, "bahdanau": BahdanauDecoder, "input_feeding": InputFeedingDecoder}
OUTPUTS = ("tanh", "context")
ENCODERS = ("recurrent", "self_attentive")
HALF_WIDTH = 2                         # of local attention's window
HEADS = 4                              # of "multi_head" and of a self-attentive encoder

ATTENTIONS = {
    "none": lambda H: None,
    "additive": lambda H: AdditiveAttention(H, H, H),
    "dot": lambda H: DotAttention(),
    "scaled_dot": lambda H: DotAttention(scaled=True),
    "general": lambda H: GeneralAttention(H, H),
    "concat": lambda H: ConcatAttention(H, H, H),
    "local_monotonic": lambda H: LocalAttention(GeneralAttention(H, H), HALF_WIDTH),
    "local_predictive": lambda H: LocalAttention(GeneralAttention(H, H), HALF_WIDTH, PredictedCentre(H, H)),
    "multi_head": lambda H: MultiHeadAttention(H, HEADS),
}


def encoder_decoder(config: Any, V_source: int, V_target: int) -> tuple[Encoder, Decoder]:
    """The two halves of a Seq2Seq, as these fields of a config say:

        C                width of a symbol's row, on both sides
        H                width of the encoder's states, both directions together, and of the decoder's
        cell             a name of CELLS, and num_layers: of both stacks
        encoder          a name of ENCODERS: with "self_attentive" its states look at each other, by HEADS heads
        bidirectional    whether the encoder reads both ways
        attention        a name of ATTENTIONS; "none" makes a PlainDecoder, whatever the next two are
        decoder          a name of DECODERS
        output           a name of OUTPUTS: AttentionalOutput or ContextOutput
        dropout          of the symbols' rows, between layers, and before the output

    Raises ValueError for a name that is none, and for an odd H of two directions."""
    for field, names in (("cell", CELLS), ("encoder", ENCODERS), ("attention", ATTENTIONS), ("decoder", DECODERS),
                         ("output", OUTPUTS)):
        if getattr(config, field) not in names:
            raise ValueError(f"{field} is one of {', '.join(names)}; got {getattr(config, field)!r}")
    if config.bidirectional and config.H % 2:
        raise ValueError(f"H is shared out between the encoder's two directions, so it is even; got {config.H}")
    return _encoder(config, V_source), _decoder(config, V_target)


def _encoder(config: Any, V: int) -> Encoder:
    embedding, stack = Embedding(V, config.C), _stack(config, config.C, config.bidirectional)
    if config.encoder == "self_attentive":
        return SelfAttentiveEncoder(embedding, stack, MultiHeadAttention(config.H, HEADS), dropout=config.dropout)
    return Encoder(embedding, stack, config.dropout)


def _decoder(config: Any, V: int) -> Decoder:
    C, H, embedding = config.C, config.H, Embedding(V, config.C)
    attention: Attention | None = ATTENTIONS[config.attention](H)
    if attention is None:
        return PlainDecoder(embedding, _stack(config, C), Output(H, V, config.dropout), config.dropout)
    output = (AttentionalOutput(H, H, H, V, config.dropout) if config.output == "tanh"
              else ContextOutput(H, V, config.dropout))
    inputs = C if config.decoder == "luong" else C + H     # the others read a context, or u of the step before
    return DECODERS[config.decoder](embedding, _stack(config, inputs), attention, output, config.dropout)


def _stack(config: Any, D: int, bidirectional: bool = False) -> Stack:
    """An encoder's stack of two directions has half the units in each, so that its states are as wide as all others."""
    units = config.H // 2 if bidirectional else config.H
    between = config.dropout if config.num_layers > 1 else 0.0
    return CELLS[config.cell](D, units, config.num_layers, bidirectional, between)
