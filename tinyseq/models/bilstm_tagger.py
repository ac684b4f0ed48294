"""The bidirectional LSTM that tags the words of a sentence (chapters 7.4 and 8.2).

    (1) c_w = relu(max_l conv(L[letters of w])_l)                        spelling       (B, T, F)
    (2) x_t = dropout([E[w_t]; c_{w_t}])                                                (B, T, C + F)
    (3) f_t = LSTM(x_t, f_{t-1}),   g_t = LSTM'(x_t, g_{t+1}),   h_t = [f_t; g_t]       (B, T, 2H)
    (4) s_t = dropout(h_t) W + b                                                        (B, T, K)
    (5) P(y_t = k | the sentence) = softmax(s_t)_k

Both directions have weights of their own. To know the words on both sides is no leak here: the tag stands in none of
them. (As a language model a bidirectional network would read the answer.) Each tag is chosen by itself; the page
bilstm_crf chooses them together. The layers: layers/words.py, layers/recurrent/tagger.py and stack.py; data and
measure: training/tagging.py. Schuster and Paliwal 1997; Graves and Schmidhuber 2005; letters: Santos and Zadrozny 2014.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers import EachTagAlone


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 8000                      # words; the data decide
    A: int = 120                       # letters; the data decide
    K: int = 17                        # tags; the data decide
    C: int = 64                        # of a word's row
    D: int = 16                        # of a letter's row
    F: int = 64                        # features of the spelling
    H: int = 128                       # units, in each direction
    num_layers: int = 1
    dropout: float = 0.5


TINY = Config(V=5, A=4, K=3, C=2, D=2, F=2, H=3, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 1600, "batch": 32, "seq_len": 60, "lr": 0.004, "warmup": 100, "evaluate_every": 400},
    "long": {"steps": 6000, "batch": 32, "seq_len": 60, "lr": 0.004, "warmup": 100, "evaluate_every": 400},
    "book": {"steps": 19_600, "batch": 32, "seq_len": 180, "lr": 0.01, "schedule": "exponential", "decay_every": 392,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 392, "H": 256,
             "dropout": 0.3},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    "wnut17": {"quick": {"steps": 300, "batch": 16, "lr": 0.008, "evaluate_every": 20, "H": 64, "dropout": 0.3},
               "long": {"steps": 600, "batch": 16, "lr": 0.005, "evaluate_every": 20, "dropout": 0.3}},
}


class BiLSTMTagger(EachTagAlone):
    """Equations (1)-(5). Call: a batch -> scores (B, T, K)."""

    task = "tagging"


Model = BiLSTMTagger
