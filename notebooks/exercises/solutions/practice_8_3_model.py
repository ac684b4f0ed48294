"""practice-8.3-model: a solution, other right ones, and mistakes."""
from types import SimpleNamespace

from tinyseq import ops
from tinyseq.layers import (
    GRU,
    LSTM,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    ConcatAttention,
    DotAttention,
    Embedding,
    Encoder,
    Linear,
    LuongDecoder,
    Output,
    PlainDecoder,
    Seq2Seq,
    padding_mask,
)
from tinyseq.layers.seq2seq import DecoderState, encoder_decoder


def parts(V_source, V_target, H, attention, encoder=Encoder, bahdanau=BahdanauDecoder, scaled=True, inputs=0, cell=GRU,
          both=True, units=0):
    """Encoder and decoder, for those that differ in one part."""
    stack = cell(32, units or H // 2, bidirectional=both)
    wide = stack.H * stack.directions
    reader = encoder(Embedding(V_source, 32), stack)
    if attention == "none":
        return reader, PlainDecoder(Embedding(V_target, 32), cell(32, H), Output(H, V_target))
    score = AdditiveAttention(H, wide, H) if attention == "additive" else DotAttention(scaled=scaled)
    return reader, bahdanau(Embedding(V_target, 32), cell(inputs or 32 + wide, H), score,
                            AttentionalOutput(wide, H, H, V_target))


def practice_8_3_model(V_source, V_target, sos, eos, H, attention):
    encoder = Encoder(Embedding(V_source, 32), GRU(32, H // 2, bidirectional=True))                 # (1)
    rows = Embedding(V_target, 32)                                                                  # (5)
    if attention == "none":
        return Seq2Seq(encoder, PlainDecoder(rows, GRU(32, H), Output(H, V_target)), sos, eos)      # (7)
    score = AdditiveAttention(H, H, H) if attention == "additive" else DotAttention(scaled=True)    # (3)
    output = AttentionalOutput(H, H, H, V_target)                                                   # (6)
    return Seq2Seq(encoder, BahdanauDecoder(rows, GRU(32 + H, H), score, output), sos, eos)         # (5)


# Right --------------------------------------------------------------------------------------------------------

def right_a_class(V_source, V_target, sos, eos, H, attention):
    class Mine(Seq2Seq):
        def __init__(self):
            super().__init__(*parts(V_source, V_target, H, attention), sos, eos)
    return Mine()


def right_by_name(V_source, V_target, sos, eos, H, attention):
    """The library's own, by the names of the parts."""
    config = SimpleNamespace(C=32, H=H, cell="gru", num_layers=1, encoder="recurrent", bidirectional=True,
                             attention=attention.replace(" ", "_"), decoder="bahdanau", output="tanh", dropout=0.0)
    return Seq2Seq(*encoder_decoder(config, V_source, V_target), sos, eos)


def right_concat(V_source, V_target, sos, eos, H, attention):
    """One matrix over query and key side by side is the same function as two."""
    encoder, decoder = parts(V_source, V_target, H, attention)
    if attention == "additive":
        decoder.attention = ConcatAttention(H, H, H)
    return Seq2Seq(encoder, decoder, sos, eos)


def right_own_step(V_source, V_target, sos, eos, H, attention):
    """The decoder's step written out."""
    class Mine(BahdanauDecoder):
        def advance(self, e, state):
            before = state.cells[-1].h
            scores = self.attention.scores(before[:, None], state.memory.keys)
            alpha = ops.softmax(scores, mask=state.memory.mask)
            c = (alpha[:, 0, :, None] * state.memory.values).sum(axis=1)
            hs, cells = self.stack(ops.concat(e[:, 0], c, axis=-1)[:, None], state.cells)
            u = ops.tanh(ops.concat(c, hs[:, 0], axis=-1) @ self.output.W_c)
            return u[:, None], DecoderState(cells, state.t + 1, state.memory, weights=alpha)
    return Seq2Seq(*parts(V_source, V_target, H, attention, bahdanau=Mine), sos, eos)


def right_two_encoders(V_source, V_target, sos, eos, H, attention):
    """A stack for each direction, the backward one over the letters turned round within their lengths, and a bridge of
    one's own."""
    class Mine(Seq2Seq):
        def __init__(self):
            encoder, decoder = parts(V_source, V_target, H, attention, both=False, units=H)
            super().__init__(encoder, decoder, sos, eos)
            self.forwards, self.backwards = GRU(32, H // 2), GRU(32, H // 2)
            self.rows, self.encoder, self.ends = encoder.embedding, None, Linear(H, H)

        def _begin(self, source, lengths):
            x, B = self.rows(source), len(source)
            lengths = [source.shape[1]] * B if lengths is None else lengths
            f, f_end = self.forwards(x, lengths=lengths)
            g, g_end = self.backwards(ops.reverse(x, lengths), lengths=lengths)
            hs = ops.concat(f, ops.reverse(g, lengths), axis=-1)
            start = ops.tanh(self.ends(ops.concat(f_end[0].h, g_end[0].h, axis=-1)))
            cells = self.decoder.stack.initial_state(B)
            cells = type(cells)([cells[0]._replace(h=start)])
            return self.decoder.start(cells, SimpleNamespace(hs=hs, mask=padding_mask(lengths, source.shape[1])))
    return Mine()


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_not_scaled(V_source, V_target, sos, eos, H, attention):
    """the dot product is not divided by sqrt(H)

    Named by: dot product not scaled | scale sqrt(H)"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, scaled=False), sos, eos)


def wrong_one_way(V_source, V_target, sos, eos, H, attention):
    """the encoder reads in one direction alone: h_j knows nothing of the letters behind it

    Named by: encoder one direction alone both"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, both=False, units=H), sos, eos)


def wrong_behind_the_step(V_source, V_target, sos, eos, H, attention):
    """attention stands behind the step, as in Luong's decoder: the context does not go into the GRU

    Named by: context not into decoder's step behind"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, bahdanau=LuongDecoder, inputs=32), sos, eos)


def wrong_padding_is_looked_at(V_source, V_target, sos, eos, H, attention):
    """the mask is lost on its way to the attention: padding has a share of the weights

    Named by: padding looked at attention | looks padding 0"""
    class Mine(BahdanauDecoder):
        def start(self, cells, encoded):
            return super().start(cells, encoded._replace(mask=None))
    return Seq2Seq(*parts(V_source, V_target, H, attention, bahdanau=Mine), sos, eos)


def wrong_masked_after_the_softmax(V_source, V_target, sos, eos, H, attention):
    """the weights of padding are set to 0 behind the softmax: those of the letters no longer add up to 1

    Named by: total add up to 1 softmax"""
    class Mine(BahdanauDecoder):
        def advance(self, e, state):
            memory = state.memory
            alpha = ops.softmax(self.attention.scores(state.cells[-1].h[:, None], memory.keys))
            alpha = alpha if memory.mask is None else ops.where(memory.mask, alpha, 0.0)
            c = alpha @ memory.values
            hs, cells = self.stack(ops.concat(e, c, axis=-1), state.cells)
            return self.output.join(c, hs), DecoderState(cells, state.t + 1, memory, weights=alpha)
    return Seq2Seq(*parts(V_source, V_target, H, attention, bahdanau=Mine), sos, eos)


def wrong_lengths_lost(V_source, V_target, sos, eos, H, attention):
    """the lengths are not used: the backward GRU begins in the padding

    Named by: padding read lengths backward | padding read lengths"""
    class Mine(Encoder):
        def __call__(self, ids, lengths=None):
            return super().__call__(ids)
    return Seq2Seq(*parts(V_source, V_target, H, attention, Mine), sos, eos)


def wrong_mask_without_lengths(V_source, V_target, sos, eos, H, attention):
    """the attention has its mask, but the backward GRU was not told the lengths: it reads the padding first

    Named by: padding read lengths backward"""
    class Mine(Encoder):
        def __call__(self, ids, lengths=None):
            return super().__call__(ids)._replace(mask=super().__call__(ids, lengths).mask)
    return Seq2Seq(*parts(V_source, V_target, H, attention, Mine), sos, eos)


def wrong_starts_at_zero(V_source, V_target, sos, eos, H, attention):
    """the decoder begins with zeros, and the bridge is not used

    Named by: decoder begins nothing | silent bridge"""
    class Mine(Seq2Seq):
        def _begin(self, source, lengths):
            encoded = self.encoder(source, lengths)
            return self.decoder.start(self.decoder.stack.initial_state(len(source)), encoded)
    return Mine(*parts(V_source, V_target, H, attention), sos, eos)


def wrong_always_additive(V_source, V_target, sos, eos, H, attention):
    """the argument is not used: attention is always additive

    Named by: additive attention whatever"""
    return Seq2Seq(*parts(V_source, V_target, H, "additive"), sos, eos)


def wrong_lstm(V_source, V_target, sos, eos, H, attention):
    """both sides are LSTMs, which have four thirds of a GRU's weights

    Named by: LSTM four thirds weights"""
    return Seq2Seq(*parts(V_source, V_target, H, attention, cell=LSTM), sos, eos)


def wrong_spare_projection(V_source, V_target, sos, eos, H, attention):
    """a second output layer was made and is never called: its weights have no part in the loss

    Named by: silent never called layer | never called no part in the loss"""
    class Mine(Seq2Seq):
        def __init__(self):
            super().__init__(*parts(V_source, V_target, H, attention), sos, eos)
            self.second = Linear(H, V_target)
    return Mine()


def wrong_reads_the_answer(V_source, V_target, sos, eos, H, attention):
    """the decoder is given the phone that it is to say, and not the one before it

    Named by: sees phones to say | reads one further"""
    class Mine(Seq2Seq):
        def __call__(self, source, ids, source_lengths=None, truth=None):
            ahead = ids.copy()
            ahead[:, :-1] = ids[:, 1:]
            return super().__call__(source, ahead, source_lengths, truth)
    return Mine(*parts(V_source, V_target, H, attention), sos, eos)
