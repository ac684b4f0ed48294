"""The word language model (introduction; exercise 7.2): an LSTM that reads words and predicts each next one.

    (1) x_t = dropout(E_{id_t})                                                     (B, H)    the word's row of E
    (2) h_t = LSTM(x_t, h_{t-1})                                                    (B, H)    layers/recurrent/lstm.py
    (3) y_t = dropout(h_t) W_hy + b_y,   P(id_{t+1} | id_1..id_t) = softmax(y_t)    (B, V)

Thousands of words make E and W_hy the larger part of the model. Tied, W_hy is E^T: one row a word, for reading and for
writing; on Tiny Shakespeare that saves two fifths of the weights and costs next to nothing (validation: 3.98 nats/word,
untied 3.96). Words and line ends come from data/prose.py; training/words.py has the batches and the counting baselines.
Tied weights: Inan et al. 2017; Press and Wolf 2017. Dropout at (1) and (3) only: Zaremba et al. 2014.
"""
import math
from dataclasses import dataclass

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import uniform
from tinyseq.layers import LSTM, Dropout, LanguageModel, Parameter, StackState


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 5093                      # words; the corpus decides
    H: int = 256                       # units, and the width of a word's row
    dropout: float = 0.3               # of x_t and of h_t
    tied: bool = False                 # whether W_hy is E^T


TINY = Config(V=7, H=4, dropout=0.0)

PRESETS = {
    "quick": {"steps": 1000, "batch": 32, "seq_len": 32, "lr": 0.004, "warmup": 100, "evaluate_every": 250},
    "long": {"steps": 3000, "batch": 32, "seq_len": 32, "lr": 0.004, "warmup": 100},
    # The introduction's width, length and number of epochs; it has no word model of its own.
    "book": {"H": 50, "dropout": 0.0, "steps": 8150, "batch": 32, "seq_len": 10, "lr": 0.001, "schedule": "constant",
             "clip_norm": None, "evaluate_every": 815},
}


class WordLM(LanguageModel):
    """Equations (1)-(3).

    Made with  config.
    Weights    E (V, H), from U(-0.1, 0.1); the LSTM's; b_y (V,), zeros; untied, W_hy (H, V) from
               U(-1/sqrt(H), 1/sqrt(H)).
    Call       ids (B, T), state or None -> logits (B, T, V), state"""

    task = "words"

    def __init__(self, config: Config):
        V, H = config.V, config.H
        self.E = Parameter(uniform((V, H), 0.1))
        self.dropout_of_words = Dropout(config.dropout)
        self.stack = LSTM(H, H)
        self.dropout = Dropout(config.dropout)
        self.W_hy = None if config.tied else Parameter(uniform((H, V), 1 / math.sqrt(H)))
        self.b_y = Parameter(uniform((V,), 0.0))

    def __call__(self, ids, state: StackState | None = None) -> tuple[Tensor, StackState]:
        x = self.dropout_of_words(ops.gather(self.E, ids))                          # (1)   (B, T, H)
        hs, state = self.stack(x, state)                                            # (2)
        W_hy = self.E.transpose() if self.W_hy is None else self.W_hy               # (3)   (H, V)
        return self.dropout(hs) @ W_hy + self.b_y, state                            # (3)


Model = WordLM
