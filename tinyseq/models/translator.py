"""Translation from English to French, or back, word by word, with attention (chapters 7.4, 8.4 and 9.3).

    (1) h_1..h_Tk    = BiGRU(E[English words])                      (B, Tk, H)     [forward; backward]
    (2) s_t          = GRU(E'[word_{t-1}], s_{t-1})                 (B, H)         s_{-1} from the encoder's last state
    (3) c_t, alpha_t = attention(s_t, h_1..h_Tk)                    (B, H), (B, Tk)
    (4) P(word_t | words before it, sentence) = softmax(tanh([c_t; s_t] W_c) W_y + b_y)                        (B, V)

attention="none" has s_t in place of tanh([c_t; s_t] W_c), so the whole sentence must fit into s_{-1}: what that costs
grows with the sentence (benchmarks/translation.py). decoder="bahdanau" scores with s_{t-1} and reads c_t in (2):
layers/seq2seq/bahdanau.py; the names of all parts are in layers/seq2seq/build.py. encoder="self_attentive" lets the
h_s look at each other first (layers/seq2seq/self_attentive.py). The corpus says what is translated: fra-eng from
English, from-french to it. Data and measure: training/translation.py. Cho et al. 2014; Sutskever et al. 2014; Bahdanau
et al. 2015; Luong et al. 2015.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers.seq2seq import Seq2Seq, encoder_decoder


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V_source: int = 6400               # English words; the data decide
    V_target: int = 9500               # French words; the data decide
    sos: int = 2                       # the id that the decoder reads first; the data decide
    eos: int = 3                       # and the one that it says last; the data decide
    C: int = 128                       # of a word's row, on both sides
    H: int = 256                       # of the encoder's states, both directions together, and of the decoder's
    cell: str = "gru"                  # or "lstm", "rnn"
    num_layers: int = 1                # of both stacks
    bidirectional: bool = True         # the encoder
    encoder: str = "recurrent"         # or "self_attentive": h_1..h_Tk look at each other before the decoder does
    attention: str = "general"         # or "none", "additive", "dot", "concat", "local_monotonic", ...
    decoder: str = "luong"             # or "bahdanau", "input_feeding"
    output: str = "tanh"               # or "context": W_y c_t
    dropout: float = 0.2               # of the rows, between layers, and before W_y


TINY = Config(V_source=4, V_target=6, C=2, H=4, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 3000, "batch": 128, "seq_len": 20, "lr": 0.003, "warmup": 200, "evaluate_every": 500},
    "long": {"steps": 10_000, "batch": 128, "seq_len": 20, "lr": 0.003, "warmup": 200, "evaluate_every": 1000,
             "dropout": 0.3},
    # The rates of chapter 8.4, counted in this corpus' batches.
    "book": {"steps": 22_500, "batch": 256, "seq_len": 20, "lr": 0.01, "schedule": "exponential", "decay_every": 450,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 2250, "dropout": 0.3},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    "thirty-pairs": {name: {"steps": 300, "batch": 30, "warmup": 0, "evaluate_every": 100, "C": 32, "H": 64,
                            "dropout": 0.0} for name in ("quick", "long")},
}


class Translator(Seq2Seq):
    """Equations (1)-(4). Call, weights and errors: as Seq2Seq."""

    task = "translation"

    def __init__(self, config: Config):
        super().__init__(*encoder_decoder(config, config.V_source, config.V_target), config.sos, config.eos)


Model = Translator
