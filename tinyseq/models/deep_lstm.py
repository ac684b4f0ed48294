"""Stacked LSTMs, a character model in depth (chapters 7.4 and 8.3).

    (1) h_t^1 = LSTM_1(x_t, h_{t-1}^1)                                                          (B, H)
    (2) h_t^l = LSTM_l(dropout(h_t^{l-1}), h_{t-1}^l) + r_t^l,    l = 2 .. num_layers           (B, H)
    (3) y_t   = dropout(h_t^L) W_hy + b_y,   P(x_{t+1} | x_1..x_t) = softmax(y_t)               (B, V)

    residual    r_t^l
    None        0: the plain stack
    "add"       h_t^{l-1}, outside the recurrence: the next step reads LSTM_l's own state
    "skip2"     h_t^{l-2}, outside the recurrence, from l = 3 on
    "inside"    h_t^{l-2} as chapter 8.3 writes it: the sum is the state that the next step reads, from l = 3 on

A residual connection is a way for the gradient to reach the lower layers at its full size: dh^{l-1} = dh^l + what comes
through LSTM_l. Without it each layer has to learn to hand on what it was given. benchmarks/depth.py measures what that
is worth for 1, 2, 4 and 8 layers. The stack: layers/recurrent/stack.py. Graves 2013, section 2 (stacks); He et al. 2016
(residuals); Wu et al. 2016, section 3.1 (residuals between LSTMs); Ba et al. 2016 (layer normalisation).
"""
from dataclasses import dataclass

from tinyseq.layers import LSTM, RecurrentLanguageModel


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units of each layer
    num_layers: int = 3
    residual: str | None = "add"       # or None, "skip2", "inside"
    layer_norm: bool = False           # of the products of input and state
    dropout: float = 0.0               # between layers, and of the last one's output
    recurrent_dropout: float = 0.0     # of inputs and states, one mask for all steps


TINY = Config(V=4, H=3)

PRESETS = {
    "quick": {"steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.01, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 64, "lr": 0.01, "warmup": 100, "dropout": 0.2},
    "book": {"steps": 217_800, "batch": 256, "seq_len": 180, "batches": "windows", "lr": 0.01,
             "schedule": "exponential", "decay_every": 4356, "decay_factor": 0.95, "clip_norm": None,
             "clip_value": 5.0, "dropout": 0.3, "evaluate_every": 4356},
}


class DeepLSTM(RecurrentLanguageModel):
    """Equations (1)-(3). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        between = config.dropout if config.num_layers > 1 else 0.0
        stack = LSTM(config.V, config.H, config.num_layers, dropout=between, residual=config.residual,
                     layer_norm=config.layer_norm, recurrent_dropout=config.recurrent_dropout)
        super().__init__(stack, config.V, config.dropout)


Model = DeepLSTM
