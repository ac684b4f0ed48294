"""An LSTM character model whose states look back at each other, through a window (chapter 9.3).

    (1) h_t          = LSTM(x_t, h_{t-1})                                           (B, H)
    (2) z_t, alpha_t = attention(h_t, h_{t-w+1}..h_t)                               (B, H)    w: the window
    (3) u_t          = tanh([h_t; z_t] W + b),  [h_t; z_t]  or  h_t + z_t           (B, H),   or (B, 2H)
    (4) y_t          = dropout(u_t) W_hy + b_y,   P(id_{t+1} | id_1..id_t) = softmax(y_t)     (B, V)

The chapter's equations have the mask that keeps a step from what follows; its program lacks it, and draws new random
queries, keys and values at each call. Without a window a step sees all that was before: then the state grows with the
text, and each symbol costs more than the one before. The causal stack: layers/seq2seq/self_attentive_stack.py.
benchmarks/self_attention.py compares windows. Cheng et al. 2016; Daniluk et al. 2017.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers import LSTM, MultiHeadAttention, RecurrentLanguageModel, SelfAttentiveStack


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 256                       # units
    num_heads: int = 4
    window: int | None = 64            # how many steps a step sees, itself among them; None: all
    join: str = "feed_forward"         # or "concat", "add": (3)
    dropout: float = 0.0               # of u_t


TINY = Config(V=5, H=4, num_heads=2, window=3)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.01, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 64, "lr": 0.01, "warmup": 100, "dropout": 0.2},
    "book": {"num_heads": 1, "window": None, "join": "concat", "dropout": 0.3, "steps": 217_800, "batch": 256,
             "seq_len": 180, "batches": "windows", "lr": 0.01, "schedule": "exponential", "decay_every": 4356,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 4356},
}


class SelfAttentiveLSTM(RecurrentLanguageModel):
    """Equations (1)-(4). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        attention = MultiHeadAttention(config.H, config.num_heads, weights=False)
        stack = SelfAttentiveStack(LSTM(config.V, config.H), attention, config.join, config.window)
        super().__init__(stack, config.V, config.dropout)


Model = SelfAttentiveLSTM
