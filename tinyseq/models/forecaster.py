"""The five regressors: a window of a series in, its next value out (the introduction, sections 3, 4 and 5).

    (1) f_t = cell(x_t, f_{t-1}),   g_t = cell'(x_t, g_{t+1}),   h_t = [f_t; g_t]   (B, 2H)   t = 1 .. T
        in one direction h_t = f_t; a further layer reads dropout(h_t) in place of x_t
    (2) p = [f_T; g_1]   of the last layer: what each direction ended with          (B, 2H)
    (3) y = dropout(p) W + b                                                        (B, 1)    forecast of x_{T+1}

x_t (B, 1) is the t-th number of a window of T. The introduction's five: LSTM, GRU, two LSTMs, an LSTM in both
directions, two layers of these, each of 50 units (REGRESSORS). Both directions are no leak here: the window ends
before its target, and g_t has read x_t .. x_T and nothing else. Their place is p, not h_T: g_T has read one number.

The cells: layers/recurrent/; windows and baselines: training/forecasting.py. The introduction trains all five on
random targets, of which nothing can be learnt: errata/random_targets.py. Schuster and Paliwal 1997.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import xp
from tinyseq.layers import GRU, LSTM, RNN, Dropout, Linear, Module

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class Config:
    """The sizes."""
    cell: str = "lstm"                 # or "gru", "rnn"
    H: int = 50                        # units, in each direction
    num_layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0               # between layers, and of p


TINY = Config(H=3, num_layers=2, bidirectional=True)

REGRESSORS = {
    "LSTM": Config(), "GRU": Config(cell="gru"), "2 x LSTM": Config(num_layers=2),
    "BiLSTM": Config(bidirectional=True), "2 x BiLSTM": Config(num_layers=2, bidirectional=True),
}

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 600, "batch": 32, "seq_len": 10, "lr": 0.01, "evaluate_every": 50, "threads": 1},
    "long": {"steps": 2000, "batch": 32, "seq_len": 10, "lr": 0.003, "evaluate_every": 50, "threads": 1,
             "dropout": 0.2},
    # Ten epochs of 100 windows are 40 batches of 32, the last of each epoch smaller.
    "book": {"steps": 40, "batch": 32, "seq_len": 10, "lr": 0.001, "schedule": "constant", "clip_norm": None,
             "evaluate_every": 4, "threads": 1},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {"weather": {"quick": {"lr": 0.003}}}


class Forecaster(Module):
    """Equations (1)-(3).

    Made with  config.
    Weights    the cells'; W (H, 1), with two directions (2H, 1), and b (1,).
    Call       windows (B, T, 1) -> y (B, 1)
    Raises     ValueError for a cell that is none."""

    task = "forecasting"

    def __init__(self, config: Config):
        if config.cell not in CELLS:
            raise ValueError(f"cell is one of {', '.join(CELLS)}; got {config.cell!r}")
        between = config.dropout if config.num_layers > 1 else 0.0
        self.stack = CELLS[config.cell](1, config.H, config.num_layers, config.bidirectional, between)
        self.dropout = Dropout(config.dropout)
        self.output = Linear(self.stack.directions * config.H, 1)

    def __call__(self, windows) -> Tensor:
        _, state = self.stack(windows)                                              # (1)
        ends = [s.h for s in state[-self.stack.directions:]]
        p = ops.concat(*ends, axis=-1)                                              # (2)   (B, H or 2H)
        return self.output(self.dropout(p))                                         # (3)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of (y - target)^2 over the batch, and the number of targets:  L = sum_b (y_b - target_b)^2  (4)"""
        return ops.mse(self(batch.windows), batch.targets, reduction="sum"), len(batch.targets)     # (4)

    def predict(self, windows) -> Any:
        """The forecasts as an array: windows (B, T, 1) -> (B, 1). Keeps no graph."""
        with no_grad():
            return self(xp.asarray(windows)).data


Model = Forecaster
