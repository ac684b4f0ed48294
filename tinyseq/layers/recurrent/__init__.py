"""Recurrent layers: each cell twice on a page of its own, stacked in stack.py.

Reading order: sequence.py (what all cells share), states.py, rnn.py, lstm.py, gru.py, gru_cudnn.py; variations.py (what
may be built into a recurrence: masks, norms, a residual) and the same four cells with it, rnn_varied.py and so on;
stack.py, language.py (a stack that predicts the next symbol), tagger.py (one that tags words).
"""
from tinyseq.layers.recurrent.language import LanguageModel, RecurrentLanguageModel
from tinyseq.layers.recurrent.stack import GRU, LSTM, RNN, Stack
from tinyseq.layers.recurrent.states import HiddenState, LSTMState, StackState
from tinyseq.layers.recurrent.tagger import EachTagAlone, RecurrentTagger

__all__ = ["GRU", "LSTM", "RNN", "EachTagAlone", "HiddenState", "LSTMState", "LanguageModel", "RecurrentLanguageModel",
           "RecurrentTagger", "Stack", "StackState"]
