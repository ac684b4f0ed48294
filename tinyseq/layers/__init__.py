"""Layers: modules with parameters, put together from ops."""
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

__all__ = ["GRU", "LSTM", "RNN", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Buffer",
           "Conv1d", "Conv2d", "Dropout", "Embedding", "HiddenState", "LSTMState", "LayerNorm", "Linear", "MaxPool1d",
           "MaxPool2d", "Module", "Parameter", "RMSNorm", "RecurrentLanguageModel", "Sequential", "Stack", "StackState"]
