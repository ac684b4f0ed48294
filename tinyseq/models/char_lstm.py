"""The LSTM character model (chapter 7.2).

    (1) i_t, f_t, o_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i), and so for f, o     (B, H)
    (2) g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)                                   (B, H)
    (3) c_t = f_t * c_{t-1} + i_t * g_t                                             (B, H)
    (4) h_t = o_t * tanh(c_t)                                                       (B, H)
    (5) y_t = h_t W_hy + b_y,   P(x_{t+1} | x_1..x_t) = softmax(y_t)                (B, V)

x_t is the one-hot row of character t. The cell and its back-propagation through time: layers/recurrent/lstm.py; the
output layer and the loss: layers/recurrent/language.py. Hochreiter and Schmidhuber 1997; Graves 2013.
"""
from dataclasses import dataclass

from tinyseq.layers import LSTM, RecurrentLanguageModel


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units
    dropout: float = 0.0               # of h_t before (5)


TINY = Config(V=5, H=4)

PRESETS = {
    "quick": {"steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.03, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 64, "lr": 0.02, "warmup": 100, "dropout": 0.2},
    "book": {"steps": 435_600, "batch": 256, "seq_len": 180, "batches": "windows", "lr": 0.01, "schedule": "constant",
             "clip_norm": None, "clip_value": 0.5, "evaluate_every": 4356},
}


class CharLSTM(RecurrentLanguageModel):
    """Equations (1)-(5). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        super().__init__(LSTM(config.V, config.H), config.V, config.dropout)


Model = CharLSTM
