"""practice-7.5-model: a solution, other right ones, and mistakes."""
from types import SimpleNamespace

from tinyseq import ops
from tinyseq.layers import (
    GRU,
    LSTM,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    ConcatAttention,
    ContextOutput,
    DotAttention,
    Embedding,
    Encoder,
    Linear,
    LuongDecoder,
    Output,
    PlainDecoder,
    Seq2Seq,
)
from tinyseq.layers.seq2seq import DecoderState, encoder_decoder


def parts(V_source, V_target, H, attention, encoder=Encoder, luong=LuongDecoder, scaled=True, inputs=32, cell=GRU,
          output=None):
    """Encoder and decoder, for those that differ in one part."""
    reader = encoder(Embedding(V_source, 32), cell(32, H))
    if attention == "none":
        return reader, PlainDecoder(Embedding(V_target, 32), cell(32, H), Output(H, V_target))
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=scaled)
    return reader, luong(Embedding(V_target, 32), cell(inputs, H), score,
                         output or AttentionalOutput(H, H, H, V_target))


def practice_7_5_model(V_source, V_target, sos, eos, H, attention):
    encoder = Encoder(Embedding(V_source, 32), GRU(32, H))                                          # (1)
    rows, stack = Embedding(V_target, 32), GRU(32, H)                                               # (2)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, stack, Output(H, V_target)), sos, eos)           # (6)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)    # (3)
    output = AttentionalOutput(H, H, H, V_target)                                                   # (5)
    return Seq2Seq(encoder, LuongDecoder(rows, stack, score, output), sos, eos)                     # (4)


# Right --------------------------------------------------------------------------------------------------------

def right_a_class(V_source, V_target, sos, eos, H, attention):
    class Mine(Seq2Seq):
        def __init__(self):
            super().__init__(*parts(V_source, V_target, H, attention), sos, eos)
    return Mine()


def right_by_name(V_source, V_target, sos, eos, H, attention):
    """The library's own, by the names of the parts."""
    config = SimpleNamespace(C=32, H=H, cell="gru", num_layers=1, encoder="recurrent", bidirectional=False,
                             attention=attention.replace(" ", "_"), decoder="luong", output="tanh", dropout=0.0)
    return Seq2Seq(*encoder_decoder(config, V_source, V_target), sos, eos)


def right_concat(V_source, V_target, sos, eos, H, attention):
    """One matrix over query and key side by side is the same function as two."""
    encoder, decoder = parts(V_source, V_target, H, attention)
    if attention == "additive":
        decoder.attention = ConcatAttention(H, H, H)
    return Seq2Seq(encoder, decoder, sos, eos)


def right_own_score(V_source, V_target, sos, eos, H, attention):
    """The scores written out, the root taken of both sides."""
    class Mine(DotAttention):
        def prepared(self, keys):
            return keys * H ** -0.25

        def scores(self, queries, keys):
            return (queries[:, :, None] * H ** -0.25 * keys[:, None]).sum(axis=-1)

        def prepared_values(self, values):
            return values
    encoder, decoder = parts(V_source, V_target, H, attention)
    if attention == "scaled dot":
        decoder.attention = Mine()
    return Seq2Seq(encoder, decoder, sos, eos)


def right_own_step(V_source, V_target, sos, eos, H, attention):
    """The decoder's step written out, one symbol after the other, and W_c as a layer of its own."""
    class Mine(LuongDecoder):
        feeds_back = True

        def advance(self, e, state):
            hs, cells = self.stack(e, state.cells)
            c, alpha = self.attention.look(hs[:, 0], state.memory, state.t)
            u = ops.tanh(ops.concat(c, hs[:, 0], axis=-1) @ self.output.W_c)
            return u[:, None], DecoderState(cells, state.t + 1, state.memory, weights=alpha[:, None])
    return Seq2Seq(*parts(V_source, V_target, H, attention, luong=Mine), sos, eos)


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_not_scaled(V_source, V_target, sos, eos, H, attention):
    """the dot product is not divided by sqrt(H)

    Named by: dot product not scaled | scale sqrt(H)"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, scaled=False), sos, eos)


def wrong_divided_by_H(V_source, V_target, sos, eos, H, attention):
    """the dot product is divided by H, and should be by its root

    Named by: dot product divided by H root"""
    class Mine(DotAttention):
        def scores(self, queries, keys):
            return super().scores(queries, keys) / H
    encoder, decoder = parts(V_source, V_target, H, attention, scaled=False)
    if attention == "scaled dot":
        decoder.attention = Mine()
    return Seq2Seq(encoder, decoder, sos, eos)


def wrong_always_plain(V_source, V_target, sos, eos, H, attention):
    """the argument is not used: there is never any attention

    Named by: no attention whatever"""
    return Seq2Seq(*parts(V_source, V_target, H, "none"), sos, eos)


def wrong_always_additive(V_source, V_target, sos, eos, H, attention):
    """the argument is not used: attention is always additive

    Named by: additive attention whatever"""
    return Seq2Seq(*parts(V_source, V_target, H, "additive"), sos, eos)


def wrong_padding_is_looked_at(V_source, V_target, sos, eos, H, attention):
    """the mask is lost on its way to the attention: padding has a share of the weights

    Named by: padding looked at attention | looks padding 0"""
    class Mine(LuongDecoder):
        def start(self, cells, encoded):
            return super().start(cells, encoded._replace(mask=None))
    return Seq2Seq(*parts(V_source, V_target, H, attention, luong=Mine), sos, eos)


def wrong_lengths_lost(V_source, V_target, sos, eos, H, attention):
    """the encoder reads the padding too: the lengths of the sources are not used

    Named by: padding read lengths | source padding"""
    class Mine(Encoder):
        def __call__(self, ids, lengths=None):
            return super().__call__(ids)
    return Seq2Seq(*parts(V_source, V_target, H, attention, Mine), sos, eos)


def wrong_starts_at_zero(V_source, V_target, sos, eos, H, attention):
    """the decoder begins with zeros and not with the encoder's last state: without attention it hears nothing

    Named by: decoder begins nothing encoder's last state | s_{-1} nothing"""
    class Mine(Seq2Seq):
        def _begin(self, source, lengths):
            encoded = self.encoder(source, lengths)
            return self.decoder.start(self.decoder.stack.initial_state(len(source)), encoded)
    return Mine(*parts(V_source, V_target, H, attention), sos, eos)


def wrong_context_alone(V_source, V_target, sos, eos, H, attention):
    """the output is made of the context alone: (5) has the state beside it

    Named by: context alone (5) output"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, output=ContextOutput(H, V_target)), sos, eos)


def wrong_before_the_step(V_source, V_target, sos, eos, H, attention):
    """attention stands before the step and its context goes into the GRU, which should read the word alone

    Named by: context goes into step word alone"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, luong=BahdanauDecoder, inputs=32 + H), sos, eos)


def wrong_lstm(V_source, V_target, sos, eos, H, attention):
    """both sides are LSTMs, which have four thirds of a GRU's weights

    Named by: LSTM four thirds weights"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, cell=LSTM), sos, eos)


def wrong_reads_the_answer(V_source, V_target, sos, eos, H, attention):
    """the states of the decoder are averaged over all steps: y_t has seen the words that it is to say

    Named by: sees words to say | reads before alone"""
    class Mine(Seq2Seq):
        def __call__(self, source, ids, source_lengths=None, truth=None):
            logits, alpha = super().__call__(source, ids, source_lengths, truth)
            return logits + logits.mean(axis=1, keepdims=True), alpha
    return Mine(*parts(V_source, V_target, H, attention), sos, eos)


def wrong_softmax_over_the_batch(V_source, V_target, sos, eos, H, attention):
    """the softmax goes over the rows of the batch, and should go over the words of the source

    Named by: softmax over keys row knows | rows softmax"""
    class Mine(LuongDecoder):
        def advance(self, e, state):
            s, cells = self.stack(e, state.cells)
            scores = self.attention.scores(s, state.memory.keys)
            alpha = ops.softmax(scores, axis=0)
            if state.memory.mask is not None:
                alpha = ops.where(state.memory.mask, alpha, 0.0)
            u = self.output.join(alpha @ state.memory.values, s)
            return u, DecoderState(cells, state.t + e.shape[1], state.memory, weights=alpha)
    return Seq2Seq(*parts(V_source, V_target, H, attention, luong=Mine), sos, eos)


def wrong_unused_projection(V_source, V_target, sos, eos, H, attention):
    """a projection of the keys was made and is never called: its weights have no part in the loss

    Named by: silent never called layer | never called no part in the loss"""
    class Mine(Seq2Seq):
        def __init__(self):
            super().__init__(*parts(V_source, V_target, H, attention), sos, eos)
            self.project = Linear(H, H, bias=False)
    return Mine()
