"""Sequence to sequence: one stack of cells reads a sentence, another writes one, and attention joins the two.

Reading order: encoder.py, bridge.py, output.py, decoder.py (what all decoders share), plain.py, luong.py,
input_feeding.py, bahdanau.py, scheduled_sampling.py, seq2seq.py (all of it together).
"""
from tinyseq.layers.seq2seq.bahdanau import BahdanauDecoder
from tinyseq.layers.seq2seq.bridge import Bridge
from tinyseq.layers.seq2seq.decoder import AttentionDecoder, Decoder, DecoderState
from tinyseq.layers.seq2seq.encoder import Encoded, Encoder
from tinyseq.layers.seq2seq.input_feeding import InputFeedingDecoder
from tinyseq.layers.seq2seq.luong import LuongDecoder
from tinyseq.layers.seq2seq.output import AttentionalOutput, ContextOutput, Output
from tinyseq.layers.seq2seq.plain import PlainDecoder
from tinyseq.layers.seq2seq.scheduled_sampling import exponential_decay, inverse_sigmoid_decay, linear_decay
from tinyseq.layers.seq2seq.seq2seq import Seq2Seq

__all__ = ["AttentionDecoder", "AttentionalOutput", "BahdanauDecoder", "Bridge", "ContextOutput", "Decoder",
           "DecoderState", "Encoded", "Encoder", "InputFeedingDecoder", "LuongDecoder", "Output", "PlainDecoder",
           "Seq2Seq", "exponential_decay", "inverse_sigmoid_decay", "linear_decay"]
