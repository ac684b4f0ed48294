"""Layers: modules with parameters, put together from ops."""
from tinyseq.layers.dropout import Dropout
from tinyseq.layers.embedding import Embedding
from tinyseq.layers.linear import Linear
from tinyseq.layers.module import Module, Parameter
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

__all__ = ["GRU", "LSTM", "RNN", "Dropout", "Embedding", "HiddenState", "LSTMState", "Linear", "Module", "Parameter",
           "RecurrentLanguageModel", "Stack", "StackState"]
