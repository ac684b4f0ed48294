"""Layers: modules with parameters, put together from ops."""
from tinyseq.layers.attention import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    KeyValueCache,
    LocalAttention,
    MultiHeadAttention,
    PredictedCentre,
    causal_mask,
    padding_mask,
)
from tinyseq.layers.conv import Conv1d, Conv2d
from tinyseq.layers.crf import CRF, viterbi
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Buffer, Module, Parameter, Table
from tinyseq.layers.norm import BatchNorm1d, BatchNorm2d, LayerNorm, RMSNorm
from tinyseq.layers.pool import AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from tinyseq.layers.positions import LearnedPositions, SinusoidalPositions
from tinyseq.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    EachTagAlone,
    HiddenState,
    LanguageModel,
    LSTMState,
    RecurrentLanguageModel,
    RecurrentTagger,
    Stack,
    StackState,
)
from tinyseq.layers.seq2seq import (
    AttentionalOutput,
    BahdanauDecoder,
    ContextOutput,
    Encoder,
    InputFeedingDecoder,
    LuongDecoder,
    Output,
    PlainDecoder,
    SelfAttention,
    SelfAttentiveEncoder,
    SelfAttentiveStack,
    SelfAttentiveState,
    Seq2Seq,
    TransformerDecoder,
)
from tinyseq.layers.sequential import Sequential
from tinyseq.layers.transformer import (
    DecoderStack,
    FeedForward,
    RecurrentTransformer,
    RecurrentTransformerState,
    Transformer,
    TransformerBlock,
    TransformerDecoderBlock,
    TransformerState,
    reach,
)
from tinyseq.layers.words import SpelledWords

__all__ = ["CRF", "GRU", "LSTM", "RNN", "AdaptiveAvgPool2d", "AdditiveAttention", "AttentionalOutput", "AvgPool1d",
           "AvgPool2d", "BahdanauDecoder", "BatchNorm1d", "BatchNorm2d", "Buffer", "ConcatAttention", "ContextOutput",
           "Conv1d", "Conv2d", "DecoderStack", "DotAttention", "Dropout", "EachTagAlone", "Embedding", "Encoder",
           "FeedForward", "GeneralAttention", "HiddenState", "InputFeedingDecoder", "KeyValueCache", "LSTMState",
           "LanguageModel", "LayerNorm", "LearnedPositions", "Linear", "LocalAttention", "LuongDecoder", "MaxPool1d",
           "MaxPool2d", "Module", "MultiHeadAttention", "Output", "Parameter", "PlainDecoder", "PredictedCentre",
           "RMSNorm", "RecurrentLanguageModel", "RecurrentTagger", "RecurrentTransformer", "RecurrentTransformerState",
           "SelfAttention", "SelfAttentiveEncoder", "SelfAttentiveStack", "SelfAttentiveState", "Seq2Seq", "Sequential",
           "SinusoidalPositions", "SpelledWords", "Stack", "StackState", "Table", "Transformer", "TransformerBlock",
           "TransformerDecoder", "TransformerDecoderBlock", "TransformerState", "causal_mask", "padding_mask", "reach",
           "viterbi"]
