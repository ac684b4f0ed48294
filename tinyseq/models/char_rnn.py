"""The simple recurrent character model (chapter 7.1).

    (1) h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)                                   (B, H)
    (2) y_t = h_t W_hy + b_y,   P(x_{t+1} | x_1..x_t) = softmax(y_t)                (B, V)

x_t is the one-hot row of character t. The cell and its back-propagation through time: layers/recurrent/rnn.py; the
output layer and the loss: layers/recurrent/language.py. Elman 1990.
"""
from dataclasses import dataclass

from tinyseq.layers import RNN, RecurrentLanguageModel


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units
    nonlinearity: str = "tanh"         # of (1): "tanh", "relu" or "sigmoid"
    dropout: float = 0.0               # of h_t before (2)


TINY = Config(V=5, H=4)

PRESETS = {
    "quick": {"steps": 3000, "batch": 32, "seq_len": 64, "lr": 0.008, "warmup": 100},
    "long": {"steps": 10_000, "batch": 32, "seq_len": 64, "lr": 0.008, "warmup": 100},
    "book": {"steps": 435_600, "batch": 256, "seq_len": 180, "batches": "windows", "lr": 0.01, "schedule": "constant",
             "clip_norm": None, "clip_value": 0.5, "evaluate_every": 4356},
}


class CharRNN(RecurrentLanguageModel):
    """Equations (1) and (2). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        super().__init__(RNN(config.V, config.H, nonlinearity=config.nonlinearity), config.V, config.dropout)


Model = CharRNN
