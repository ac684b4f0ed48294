"""The bidirectional network that says what a sequence is: spam or not, for or against, whose name (chapters 7.4, 8.2).

    (1) x_t = E[id_t]   of a text,   or the vector of step t   of a series              (B, T, D)
    (2) f_t = cell(x_t, f_{t-1}),   g_t = cell'(x_t, g_{t+1}),   h_t = [f_t; g_t]       (B, T, 2H)
    (3) p = [max_t h_t; (1/T) sum_t h_t]    "max_mean",   over the T steps of each      (B, 4H)
        p = [f_T; g_1]                      "last",       what each direction ended with (B, 2H)
    (4) s = dropout(p) W + b,   P(label = k | sequence) = softmax(s)_k                  (B, K)

The cell is an LSTM or a GRU, in one direction or two. Words are letters, words or vectors of numbers: the corpus says
which. The cells: layers/recurrent/; data and measure: training/classification.py. Schuster and Paliwal 1997; the
maximum over time: Collobert et al. 2011, Conneau et al. 2017.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import to_host, xp
from tinyseq.layers import GRU, LSTM, Dropout, Embedding, Linear, Module

CELLS = {"lstm": LSTM, "gru": GRU}
POOLINGS = {"max_mean": 2, "last": 1}  # how many vectors of h's width stand in p


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 4000                      # symbols; 0: the sequences are series of vectors; the data decide
    channels: int = 0                  # of a series' vectors; the data decide
    K: int = 2                         # labels; the data decide
    D: int = 64                        # of a symbol's row
    H: int = 64                        # units, in each direction
    num_layers: int = 1
    cell: str = "lstm"                 # or "gru"
    bidirectional: bool = True
    pooling: str = "max_mean"          # or "last": which (3) is in force
    dropout: float = 0.5               # of x and p, and between layers


TINY = Config(V=5, K=3, D=3, H=3, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 650, "batch": 32, "seq_len": 60, "lr": 0.003, "warmup": 50, "evaluate_every": 65},
    "long": {"steps": 1300, "batch": 32, "seq_len": 60, "lr": 0.003, "warmup": 50, "evaluate_every": 130},
    "book": {"steps": 850, "batch": 256, "seq_len": 180, "lr": 0.01, "schedule": "exponential", "decay_every": 17,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 17, "H": 256,
             "dropout": 0.3},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    **{corpus: {"quick": {"steps": 600, "lr": 0.003, "evaluate_every": 100},
                "long": {"steps": 1200, "lr": 0.002, "evaluate_every": 100, "H": 128}}
       for corpus in ("rt-polarity", *(f"rt-polarity-{k}" for k in range(1, 5)))},
    "language-names": {"quick": {"steps": 2000, "batch": 64, "evaluate_every": 200, "H": 96, "dropout": 0.3},
                       "long": {"steps": 4000, "batch": 64, "evaluate_every": 200, "H": 128, "dropout": 0.3}},
    "japanese-vowels": {"quick": {"steps": 400, "batch": 16, "evaluate_every": 400},
                        "long": {"steps": 1200, "batch": 16, "evaluate_every": 1200}},
}


class TextClassifier(Module):
    """Equations (1)-(4).

    Made with  config.
    Weights    E (V, D), from N(0, 0.1^2), where the sequences are texts; the cells'; W and b.
    Call       a batch with inputs, ids (B, T) or vectors (B, T, channels), and lengths (B,) -> scores (B, K)
    Raises     ValueError for a cell or a pooling that is none, an empty sequence, and inputs that do not fit."""

    task = "classification"

    def __init__(self, config: Config):
        if config.cell not in CELLS or config.pooling not in POOLINGS:
            raise ValueError(f"cell is one of {', '.join(CELLS)}, pooling one of {', '.join(POOLINGS)}; got "
                             f"{config.cell!r} and {config.pooling!r}")
        if config.V:
            self.embedding = Embedding(config.V, config.D)
            self.embedding.W.data *= 0.1
        self.dropout_x = Dropout(config.dropout)
        self.stack = CELLS[config.cell](config.D if config.V else config.channels, config.H, config.num_layers,
                                        config.bidirectional, config.dropout if config.num_layers > 1 else 0.0)
        self.dropout_p = Dropout(config.dropout)
        width = self.stack.directions * config.H
        self.output = Linear(POOLINGS[config.pooling] * width, config.K)
        self.V, self.pooling = config.V, config.pooling

    def __call__(self, batch: Any) -> Tensor:
        if 0 in to_host(batch.lengths):
            raise ValueError("a sequence to classify has at least one step; one of this batch has none: leave it out")
        x = self.embedding(batch.inputs) if self.V else tensor(batch.inputs, dtype=self.output.W.dtype)     # (1)
        hs, state = self.stack(self.dropout_x(x), lengths=batch.lengths)                                    # (2)
        if self.pooling == "last":
            p = ops.concat(*(s.h for s in state[-self.stack.directions:]), axis=-1)                         # (3)
        else:
            lengths = xp.asarray(batch.lengths)[:, None]
            is_step = (xp.arange(hs.shape[1])[None, :] < lengths)[:, :, None]
            # |h| < 1, so a padded step never wins
            largest = ops.where(is_step, hs, -1.0).max(axis=1)                                             # (3) (B, 2H)
            p = ops.concat(largest, hs.sum(axis=1) / lengths.astype(hs.dtype), axis=-1)                     # (3)
        return self.output(self.dropout_p(p))                                                               # (4)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(label), and the number of sequences:  L = -sum_b ln softmax(s_b)_label  (5)"""
        return ops.cross_entropy(self(batch), batch.labels, reduction="sum"), len(batch.labels)     # (5)

    def predict(self, batch: Any) -> Any:
        """P(label = k | sequence) as an array (B, K). Keeps no graph."""
        with no_grad():
            return ops.softmax(self(batch)).data


Model = TextClassifier
