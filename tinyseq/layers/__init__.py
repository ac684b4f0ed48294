"""Layers: modules with parameters, put together from ops."""
from tinyseq.layers.attention import (
    AdditiveAttention,
    ConcatAttention,
    DotAttention,
    GeneralAttention,
    LocalAttention,
    MultiHeadAttention,
    PredictedCentre,
    causal_mask,
    padding_mask,
)
from tinyseq.layers.conv import Conv1d, Conv2d
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Buffer, Module, Parameter
from tinyseq.layers.norm import BatchNorm1d, BatchNorm2d, LayerNorm, RMSNorm
from tinyseq.layers.pool import AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from tinyseq.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    HiddenState,
    LSTMState,
    RecurrentLanguageModel,
    Stack,
    StackState,
)
from tinyseq.layers.sequential import Sequential

__all__ = ["GRU", "LSTM", "RNN", "AdaptiveAvgPool2d", "AdditiveAttention", "AvgPool1d", "AvgPool2d", "BatchNorm1d",
           "BatchNorm2d", "Buffer", "ConcatAttention", "Conv1d", "Conv2d", "DotAttention", "Dropout", "Embedding",
           "GeneralAttention", "HiddenState", "LSTMState", "LayerNorm", "Linear", "LocalAttention", "MaxPool1d",
           "MaxPool2d", "Module", "MultiHeadAttention", "Parameter", "PredictedCentre", "RMSNorm",
           "RecurrentLanguageModel", "Sequential", "Stack", "StackState", "causal_mask", "padding_mask"]
