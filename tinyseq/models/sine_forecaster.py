"""The simple recurrent network that forecasts a series, a noisy sine first of all (chapter 7.1).

    (1) h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h),   h_0 = 0                        (B, H)    t = 1 .. T
    (2) y = h_T W_hy + b_y                                                          (B, 1)    forecast of x_{T+1}

x_t (B, 1) is the t-th number of a window of T. The cell and its back-propagation through time:
layers/recurrent/rnn.py; the windows and the baselines: training/forecasting.py. Elman 1990.
"""
import math
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad
from tinyseq.backend import uniform, xp
from tinyseq.layers import RNN, Module, Parameter


@dataclass(frozen=True)
class Config:
    """The sizes."""
    H: int = 10                        # units
    nonlinearity: str = "tanh"         # of (1): "tanh", "relu" or "sigmoid"


TINY = Config(H=4)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 1500, "batch": 140, "seq_len": 10, "optimiser": "adamw", "lr": 0.01, "weight_decay": 0.3,
              "schedule": "constant", "evaluate_every": 250, "threads": 1},
    "long": {"steps": 4000, "batch": 140, "seq_len": 10, "optimiser": "adamw", "lr": 0.01, "weight_decay": 1.0,
             "schedule": "constant", "evaluate_every": 500, "threads": 1},
    "book": {"steps": 60_000, "batch": 1, "seq_len": 10, "lr": 0.001, "schedule": "constant", "clip_norm": None,
             "evaluate_every": 1200, "threads": 1},
}


class SineForecaster(Module):
    """Equations (1) and (2).

    Made with  config.
    Weights    the cell's; W_hy (H, 1) and b_y (1,), from U(-1/sqrt(H), 1/sqrt(H)).
    Call       windows (B, T, 1) -> y (B, 1)"""

    task = "forecasting"

    def __init__(self, config: Config):
        self.rnn = RNN(1, config.H, nonlinearity=config.nonlinearity)
        limit = 1 / math.sqrt(config.H)
        self.W_hy = Parameter(uniform((config.H, 1), limit))
        self.b_y = Parameter(uniform((1,), limit))

    def __call__(self, windows) -> Tensor:
        # The book hands the whole window to the cell as one step of T numbers from a zero state. There is no step
        # before it then: h_0 W_hh is 0, so is dL/dW_hh = h_0^T da_1, and nothing recurrent is ever learnt. Here the
        # cell walks through the window, one number a step.
        hs, _ = self.rnn(windows)                                                   # (1)   (B, T, H)
        return hs[:, -1] @ self.W_hy + self.b_y                                     # (2)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of (y - target)^2 over the batch, and the number of targets:  L = sum_b (y_b - target_b)^2  (3)"""
        return ops.mse(self(batch.windows), batch.targets, reduction="sum"), len(batch.targets)     # (3)

    def predict(self, windows) -> Any:
        """The forecasts as an array: windows (B, T, 1) -> (B, 1). Keeps no graph."""
        with no_grad():
            return self(xp.asarray(windows)).data


Model = SineForecaster
