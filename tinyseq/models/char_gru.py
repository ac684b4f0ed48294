"""The GRU character model (chapter 7.3), in both forms of the GRU.

    (1) r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)                                (B, H)
    (2) z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)                                (B, H)
    (3) n_t = tanh(x_t W_xn + (r_t * h_{t-1}) W_hn + b_n)              "book"       (B, H)
        n_t = tanh(x_t W_xn + b_n + r_t * (h_{t-1} W_hn + b_hn))       "cudnn"
    (4) h_t = (1 - z_t) * h_{t-1} + z_t * n_t                          "book"       (B, H)
        h_t = (1 - z_t) * n_t + z_t * h_{t-1}                          "cudnn"
    (5) y_t = h_t W_hy + b_y,   P(x_{t+1} | x_1..x_t) = softmax(y_t)                (B, V)

x_t is the one-hot row of character t. The cells and their back-propagation through time: layers/recurrent/gru.py and
gru_cudnn.py; the output layer and the loss: layers/recurrent/language.py. Chung et al. 2014; Cho et al. 2014.
"""
from dataclasses import dataclass

from tinyseq.layers import GRU, RecurrentLanguageModel


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units
    variant: str = "book"              # or "cudnn": which (3) and (4) are in force
    dropout: float = 0.0               # of h_t before (5)


TINY = Config(V=5, H=4)

PRESETS = {
    "quick": {"steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.012, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 64, "lr": 0.008, "warmup": 100, "dropout": 0.2},
    "book": {"steps": 435_600, "batch": 256, "seq_len": 180, "batches": "windows", "lr": 0.01, "schedule": "constant",
             "clip_norm": None, "clip_value": 0.5, "evaluate_every": 4356},
}


class CharGRU(RecurrentLanguageModel):
    """Equations (1)-(5). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        super().__init__(GRU(config.V, config.H, variant=config.variant), config.V, config.dropout)


Model = CharGRU
