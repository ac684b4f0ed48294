"""The transformer-based RNN as a forecaster: a window of a series in, its next value out (chapter 8.5, exercise 8.4).

    (1) h_t = LSTM(x_t, h_{t-1})                                                    (B, H)    t = 1 .. T; or GRU, RNN
    (2) v_1..v_T = transformer(h_1..h_T)                                            (B, T, H) causal
    (3) y = dropout(v_T) W + b                                                      (B, 1)    forecast of x_{T+1}

x_t (B, 1) is the t-th number of a window of T. (1) and (2) are those of transformer_rnn, without symbols. Windows and
baselines: training/forecasting.py; the layers: layers/transformer/recurrent_transformer.py. Wang et al. 2019.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import xp
from tinyseq.layers import GRU, LSTM, RNN, Dropout, Linear, Module, RecurrentTransformer, Transformer

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class Config:
    """The sizes."""
    H: int = 16                        # units, and width of the blocks
    cell: str = "lstm"                 # or "gru", "rnn"
    num_layers: int = 1                # blocks
    num_heads: int = 2
    FF: int | None = None              # of the layer inside a block; None: 4 H
    positions: str | None = "rotary"   # or "alibi", "sinusoidal", None
    dropout: float = 0.0               # inside the blocks, and of v_T


TINY = Config(H=4)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 600, "batch": 32, "seq_len": 12, "lr": 0.01, "optimiser": "adamw", "weight_decay": 0.1,
              "warmup": 50, "evaluate_every": 50, "threads": 1, "dropout": 0.1},
    "long": {"steps": 2000, "batch": 32, "seq_len": 20, "lr": 0.002, "optimiser": "adamw", "weight_decay": 0.1,
             "warmup": 50, "evaluate_every": 50, "threads": 1, "dropout": 0.2},
    # The book forecasts nothing with it. These are the sizes and the rate of its chapter 8.5.
    "book": {"H": 256, "FF": 512, "num_heads": 1, "positions": "sinusoidal", "dropout": 0.3, "steps": 4000, "batch": 32,
             "seq_len": 10, "lr": 0.01, "schedule": "constant", "clip_norm": None, "clip_value": 5.0,
             "evaluate_every": 100, "threads": 1},
}


class HybridForecaster(Module):
    """Equations (1)-(3).

    Made with  config.
    Weights    those of the stack; W (H, 1) and b (1,).
    Call       windows (B, T, 1) -> y (B, 1)
    Raises     ValueError for a cell that is none."""

    task = "forecasting"

    def __init__(self, config: Config):
        if config.cell not in CELLS:
            raise ValueError(f"cell is one of {', '.join(CELLS)}; got {config.cell!r}")
        transformer = Transformer(config.H, config.num_layers, config.num_heads, FF=config.FF, dropout=config.dropout,
                                  positions=config.positions)
        self.stack = RecurrentTransformer(CELLS[config.cell](1, config.H), transformer)
        self.dropout = Dropout(config.dropout)
        self.output = Linear(config.H, 1)

    def __call__(self, windows: Any) -> Tensor:
        vs, _ = self.stack(windows)                                                 # (1) (2)
        return self.output(self.dropout(vs[:, -1]))                                 # (3)   (B, H), (B, 1)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of (y - target)^2 over the batch, and the number of targets:  L = sum_b (y_b - target_b)^2  (4)"""
        return ops.mse(self(batch.windows), batch.targets, reduction="sum"), len(batch.targets)     # (4)

    def predict(self, windows: Any) -> Any:
        """The forecasts as an array: windows (B, T, 1) -> (B, 1). Keeps no graph."""
        with no_grad():
            return self(xp.asarray(windows)).data


Model = HybridForecaster
