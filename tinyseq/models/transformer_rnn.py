"""The transformer-based RNN: a recurrent layer below blocks of causal self-attention (chapter 8.5).

    (1) h_t = LSTM(x_t, h_{t-1})                                                    (B, H)    or GRU, RNN
    (2) x^0_t = dropout(h_t + p_t)                                                  (B, H)    where positions are added
    (3) u^l = x^{l-1} + dropout(attention(norm(x^{l-1})))                           (B, T, H) causal, l = 1 .. layers
    (4) x^l = u^l + dropout(gelu(norm(u^l) W_1 + b_1) W_2 + b_2)                    (B, T, H)
    (5) y_t = dropout(norm(x^L_t)) W_hy + b_y,   P(id_{t+1} | id_1..id_t) = softmax(y_t)      (B, V)

The book's program has neither recurrence nor norms, one head without queries, keys and values, and no mask; this is
what its text describes. x_t is the one-hot row of character t. A step looks back `context` steps, so that a symbol
costs the same however long the text is; what lies further back is left to h_t. Rotary positions turn the queries and
keys of (3), and there is no p_t; the book's are sinusoidal. Both halves: layers/transformer/recurrent_transformer.py.

Vaswani et al. 2017; attention over recurrent states in a language model: Daniluk et al. 2017, Merity 2019; recurrent
layers below self-attention also in Wang et al. 2019, "R-Transformer".
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers import GRU, LSTM, RNN, RecurrentLanguageModel, RecurrentTransformer, Transformer, reach

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    H: int = 136                       # units, and width of the blocks: together as many weights as char_lstm
    cell: str = "lstm"                 # or "gru", "rnn"
    num_layers: int = 1                # blocks
    num_heads: int = 4
    FF: int | None = None              # of the layer inside (4); None: 4 H
    context: int = 64                  # how many steps a step sees, itself among them
    positions: str | None = "rotary"   # or "alibi", "sinusoidal", "learned", None
    dropout: float = 0.0


TINY = Config(V=5, H=4, num_heads=2, context=3)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 2000, "batch": 32, "seq_len": 64, "lr": 0.004, "warmup": 100},
    "long": {"steps": 5000, "batch": 32, "seq_len": 64, "lr": 0.004, "warmup": 100, "H": 256, "dropout": 0.2},
    "book": {"H": 256, "FF": 512, "context": 180, "num_heads": 1, "positions": "sinusoidal", "dropout": 0.3,
             "steps": 217_800, "batch": 256, "seq_len": 180, "batches": "windows", "lr": 0.01, "schedule": "constant",
             "clip_norm": None, "clip_value": 5.0, "evaluate_every": 4356},
}


class TransformerRNN(RecurrentLanguageModel):
    """Equations (1)-(5). Call: ids (B, T), state or None -> logits (B, T, V), state."""

    def __init__(self, config: Config):
        if config.cell not in CELLS:
            raise ValueError(f"cell is one of {', '.join(CELLS)}; got {config.cell!r}")
        transformer = Transformer(config.H, config.num_layers, config.num_heads, FF=config.FF, dropout=config.dropout,
                                  **reach(config.positions, config.context))
        stack = RecurrentTransformer(CELLS[config.cell](config.V, config.H), transformer)
        super().__init__(stack, config.V, config.dropout)


Model = TransformerRNN
