"""Mistakes that the diagnosis of practice-7.5-model has never seen."""
from tinyseq.layers import (
    GRU,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    ContextOutput,
    DotAttention,
    Embedding,
    Encoder,
    LuongDecoder,
    Output,
    PlainDecoder,
    Seq2Seq,
)


def wrong_looks_before(V_source, V_target, sos, eos, H, attention):
    """The decoder looks by s_{t-1}, and its GRU' of (2) reads the context beside the row of E', as Bahdanau has it.

    Named by: weights Bahdanau | decoder GRU reads context | weights 32 + H | GRU' context W_xh
    """
    encoder, rows = Encoder(Embedding(V_source, 32), GRU(32, H)), Embedding(V_target, 32)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, GRU(32, H), Output(H, V_target)), sos, eos)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)
    output = AttentionalOutput(H, H, H, V_target)
    return Seq2Seq(encoder, BahdanauDecoder(rows, GRU(32 + H, H), score, output), sos, eos)


def wrong_context_alone(V_source, V_target, sos, eos, H, attention):
    """u_t of (5) is the context c_t alone: there is no W_c, and s_t decides nothing but where to look.

    Named by: weights W_c missing | W_c not there | ContextOutput AttentionalOutput | u_t context alone
    """
    encoder, rows, stack = Encoder(Embedding(V_source, 32), GRU(32, H)), Embedding(V_target, 32), GRU(32, H)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, stack, Output(H, V_target)), sos, eos)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)
    return Seq2Seq(encoder, LuongDecoder(rows, stack, score, ContextOutput(H, V_target)), sos, eos)


def wrong_dot_not_scaled(V_source, V_target, sos, eos, H, attention):
    """The dot product of (3) is not divided by sqrt(H).

    Named by: scale sqrt not | scale 1 root | dot product not divided | scaled=True missing
    """
    encoder, rows, stack = Encoder(Embedding(V_source, 32), GRU(32, H)), Embedding(V_target, 32), GRU(32, H)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, stack, Output(H, V_target)), sos, eos)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention()
    return Seq2Seq(encoder, LuongDecoder(rows, stack, score, AttentionalOutput(H, H, H, V_target)), sos, eos)
