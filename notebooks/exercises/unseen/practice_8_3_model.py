"""Mistakes that the diagnosis of practice-8.3-model has never seen."""
from solutions.practice_8_3_model import practice_8_3_model

from tinyseq.layers import (
    GRU,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    DotAttention,
    Embedding,
    Encoder,
    LuongDecoder,
    Output,
    PlainDecoder,
    Seq2Seq,
)


def wrong_one_direction(V_source, V_target, sos, eos, H, attention):
    """The encoder of (1) has a forward GRU of H units alone, and so the state is handed on without the bridge of (2).

    Named by: weights one direction | weights backward GRU | weights bridge missing | encoder one direction
    """
    encoder, rows = Encoder(Embedding(V_source, 32), GRU(32, H)), Embedding(V_target, 32)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, GRU(32, H), Output(H, V_target)), sos, eos)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)
    output = AttentionalOutput(H, H, H, V_target)
    return Seq2Seq(encoder, BahdanauDecoder(rows, GRU(32 + H, H), score, output), sos, eos)


def wrong_looks_after(V_source, V_target, sos, eos, H, attention):
    """The decoder looks after the step, by s_t, as Luong has it: GRU' of (5) reads the row of E' without c_t.

    Named by: weights decoder GRU context | weights 32 + H | GRU' without c_t | LuongDecoder BahdanauDecoder
    """
    encoder = Encoder(Embedding(V_source, 32), GRU(32, H // 2, bidirectional=True))
    rows = Embedding(V_target, 32)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, GRU(32, H), Output(H, V_target)), sos, eos)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)
    return Seq2Seq(encoder, LuongDecoder(rows, GRU(32, H), score, AttentionalOutput(H, H, H, V_target)), sos, eos)


def wrong_padding_seen(V_source, V_target, sos, eos, H, attention):
    """The encoder gives no mask, so that the softmax of (4) goes over the padding as well.

    Named by: looks padding | alpha padding above 0 | total less than 1 | attention mask missing
    """
    class Unmasked(Encoder):
        def __call__(self, ids, lengths=None):
            return super().__call__(ids, lengths)._replace(mask=None)
    model = practice_8_3_model(V_source, V_target, sos, eos, H, attention)
    return Seq2Seq(Unmasked(model.encoder.embedding, model.encoder.stack), model.decoder, sos, eos)
