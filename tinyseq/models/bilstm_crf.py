"""The bidirectional LSTM with a conditional random field as its last layer, for named entities (chapters 8.1 and 8.2).

    (1) x_t = dropout([E[w_t]; c_{w_t}])                          word and spelling     (B, T, C + F)
    (2) h_1..h_T = BiLSTM(x_1..x_T)                                                     (B, T, 2H)
    (3) s_t = dropout(h_t) W + b                                                        (B, T, K)
    (4) score(y) = a_{y_1} + sum_t s_{t,y_t} + sum_{t>1} W'_{y_{t-1},y_t} + b'_{y_T}    (B,)
    (5) P(y_1..y_T | the sentence) = e^score(y) / sum over all y of e^score(y)

(1)-(3) are those of the page bilstm_tagger. The tags of an entity hang together, B-person I-person: W' (K, K) learns
which tag follows which, and (5) is trained and decoded over whole sequences. The CRF: layers/crf.py and ops/crf.py;
data and measure: training/tagging.py. Lafferty, McCallum and Pereira 2001; Huang, Xu and Yu 2015; Lample et al. 2016.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.autograd import Tensor, no_grad
from tinyseq.layers import CRF, RecurrentTagger


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 4500                      # words; the data decide
    A: int = 120                       # letters; the data decide
    K: int = 13                        # tags; the data decide
    C: int = 64                        # of a word's row
    D: int = 16                        # of a letter's row
    F: int = 64                        # features of the spelling
    H: int = 64                        # units, in each direction
    num_layers: int = 1
    dropout: float = 0.3


TINY = Config(V=5, A=4, K=3, C=2, D=2, F=2, H=3, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 300, "batch": 16, "seq_len": 60, "lr": 0.008, "warmup": 100, "evaluate_every": 20},
    "long": {"steps": 600, "batch": 16, "seq_len": 60, "lr": 0.005, "warmup": 100, "evaluate_every": 20, "H": 128},
    "book": {"steps": 5350, "batch": 32, "seq_len": 180, "lr": 0.01, "schedule": "exponential", "decay_every": 107,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 107, "H": 256,
             "dropout": 0.3},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    "ud-english-ewt": {"quick": {"steps": 1600, "batch": 32, "lr": 0.004, "evaluate_every": 400, "H": 128,
                                 "dropout": 0.5},
                       "long": {"steps": 6000, "batch": 32, "lr": 0.004, "evaluate_every": 400, "dropout": 0.5}},
}


class BiLSTMCRF(RecurrentTagger):
    """Equations (1)-(5). Call: a batch -> scores (B, T, K), those of (3)."""

    task = "entities"

    def __init__(self, config: Config):
        super().__init__(config)
        self.crf = CRF(config.K)

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(all tags of a sentence), and the number of words:  L = sum_b -ln P(y_b)  (6)"""
        return self.crf(self(batch), batch.tags, batch.lengths).sum(), int(batch.lengths.sum())     # (6)

    def predict(self, batch: Any, allowed: Any = None, bonus: Any = 0.0) -> Any:
        """The likeliest sequences of tags: an array (B, T), -1 behind a sentence's end. allowed: as in layers.viterbi.
        bonus: added to the scores of each step, (K,). Keeps no graph."""
        with no_grad():
            return self.crf.decode(self(batch) + bonus, batch.lengths, allowed)


Model = BiLSTMCRF
