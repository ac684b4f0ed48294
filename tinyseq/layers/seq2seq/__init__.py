"""Sequence to sequence: one stack of cells reads a sentence, another writes one, and attention joins the two.

Reading order: encoder.py, bridge.py, output.py, decoder.py (what all decoders share), plain.py, luong.py,
input_feeding.py, bahdanau.py, scheduled_sampling.py, seq2seq.py (all of it together), build.py (by the names of the
parts); transformer.py, which has no cells. Beside them, attention within one sequence: self_attentive.py, also as an
encoder, and self_attentive_stack.py, which is causal.
"""
from tinyseq.layers.seq2seq.bahdanau import BahdanauDecoder
from tinyseq.layers.seq2seq.bridge import Bridge
from tinyseq.layers.seq2seq.build import encoder_decoder
from tinyseq.layers.seq2seq.decoder import AttentionDecoder, Decoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoded, Encoder
from tinyseq.layers.seq2seq.input_feeding import InputFeedingDecoder
from tinyseq.layers.seq2seq.luong import LuongDecoder
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput, Output
from tinyseq.layers.seq2seq.plain import PlainDecoder
from tinyseq.layers.seq2seq.scheduled_sampling import exponential_decay, inverse_sigmoid_decay, linear_decay
from tinyseq.layers.seq2seq.self_attentive import SelfAttention, SelfAttentiveEncoder
from tinyseq.layers.seq2seq.self_attentive_stack import SelfAttentiveStack, SelfAttentiveState
from tinyseq.layers.seq2seq.seq2seq import Seq2Seq
from tinyseq.layers.seq2seq.transformer import TransformerDecoder, transformer_encoder_decoder

__all__ = ["AttentionDecoder", "AttentionalOutput", "BahdanauDecoder", "Bridge", "ContextOutput", "Decoder",
           "DecoderState", "Encoded", "Encoder", "InputFeedingDecoder", "LuongDecoder", "Output", "PlainDecoder",
           "SelfAttention", "SelfAttentiveEncoder", "SelfAttentiveStack", "SelfAttentiveState", "Seq2Seq",
           "TransformerDecoder", "encoder_decoder", "exponential_decay", "inverse_sigmoid_decay", "linear_decay",
           "transformer_encoder_decoder"]
