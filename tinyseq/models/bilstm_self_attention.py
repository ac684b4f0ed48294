"""A bidirectional LSTM whose states look at each other, for tagging (chapter 9.3).

    (1) x_t = dropout([E[w_t]; c_{w_t}])                          word and spelling     (B, T, C + F)
    (2) h_1..h_T = BiLSTM(x_1..x_T)                                                     (B, T, 2H)
    (3) z_t, alpha_t = attention(h_t, h_1..h_T)                   over the sentence     (B, T, 2H)
    (4) u_t = [h_t; z_t],  tanh([h_t; z_t] W_u + b_u)  or  h_t + z_t                    (B, T, 4H), or (B, T, 2H)
    (5) s_t = dropout(u_t) W + b                                                        (B, T, K)
    (6) P(y_t = k | the sentence) = softmax(s_t)_k

(1), (2), (5) and (6) are those of bilstm_tagger. The chapter gives the network characters to predict; as it reads both
ways it would read the answer, so here it tags words, where nothing is given away. Its causal form, for language models,
is self_attentive_lstm. What (3) is worth: benchmarks/self_attention.py. The layers: layers/recurrent/tagger.py and
layers/seq2seq/self_attentive.py; data and measure: training/tagging.py. Vaswani et al. 2017; Cheng et al. 2016.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers import EachTagAlone, Linear, MultiHeadAttention, SelfAttention, padding_mask


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 8000                      # words; the data decide
    A: int = 120                       # letters; the data decide
    K: int = 17                        # tags; the data decide
    C: int = 64                        # of a word's row
    D: int = 16                        # of a letter's row
    F: int = 64                        # features of the spelling
    H: int = 128                       # units, in each direction
    num_layers: int = 1
    num_heads: int = 4
    join: str = "concat"               # or "feed_forward", "add": (4)
    dropout: float = 0.5


TINY = Config(V=5, A=4, K=3, C=2, D=2, F=2, H=2, num_heads=2, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 1600, "batch": 32, "seq_len": 60, "lr": 0.004, "warmup": 100, "evaluate_every": 400},
    "long": {"steps": 6000, "batch": 32, "seq_len": 60, "lr": 0.004, "warmup": 100, "evaluate_every": 400},
    "book": {"steps": 19_600, "batch": 32, "seq_len": 180, "lr": 0.01, "schedule": "exponential", "decay_every": 392,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 392, "H": 256,
             "num_heads": 1, "dropout": 0.3},
}


class BiLSTMSelfAttention(EachTagAlone):
    """Equations (1)-(6).

    Made with  config.
    Weights    as RecurrentTagger, W having as many rows as u_t entries; those of SelfAttention.
    Call       a batch -> scores (B, T, K)"""

    task = "tagging"

    def __init__(self, config: Config):
        super().__init__(config)
        D = 2 * config.H
        self.look = SelfAttention(MultiHeadAttention(D, config.num_heads), D, config.join)
        self.output = Linear(self.look.D_out, config.K)

    def states(self, batch: Any) -> Tensor:
        """(1)-(4): the batch -> u (B, T, 4H or 2H)"""
        hs = super().states(batch)                                                  # (1) (2)
        u, _ = self.look(hs, padding_mask(batch.lengths, hs.shape[1]))              # (3) (4)
        return u


Model = BiLSTMSelfAttention
