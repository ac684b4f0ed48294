"""From spelling to sounds, letter by letter and phone by phone, with attention (chapters 7.4 and 8.4).

    (1) h_1..h_Tk    = BiLSTM(E[letters])                           (B, Tk, H)     [forward; backward]
    (2) s_t          = LSTM(E'[phone_{t-1}], s_{t-1})               (B, H)         s_{-1} from the encoder's last state
    (3) c_t, alpha_t = attention(s_t, h_1..h_Tk)                    (B, H), (B, Tk)
    (4) P(phone_t | phones before it, word) = softmax(tanh([c_t; s_t] W_c) W_y + b_y)                          (B, V)

The encoder may know the whole word: the word is given. The decoder knows the phones before the one that it is to say,
and no other. The book's program looks at future inputs, and at those of all other examples of the batch.

`encoder`, `attention`, `decoder` and `output` choose (1)-(4): the names are explained in layers/seq2seq/build.py;
attention="none" leaves s_{-1} alone to carry the word. Data and measure: training/pronunciation.py. Luong et al. 2015;
for this task Toshniwal and Livescu 2016.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers.seq2seq import Seq2Seq, encoder_decoder


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V_source: int = 27                 # letters and padding; the data decide
    V_target: int = 42                 # phones and PAD, SOS, EOS; the data decide
    sos: int = 1                       # the id that the decoder reads first; the data decide
    eos: int = 2                       # and the one that it says last; the data decide
    C: int = 64                        # of a symbol's row, on both sides
    H: int = 256                       # of the encoder's states, both directions together, and of the decoder's
    cell: str = "lstm"                 # or "gru", "rnn"
    num_layers: int = 1                # of both stacks
    bidirectional: bool = True         # the encoder
    encoder: str = "recurrent"         # or "self_attentive": h_1..h_Tk look at each other before the decoder does
    attention: str = "general"         # or "none", "additive", "dot", "concat", "local_monotonic", ...
    decoder: str = "luong"             # or "bahdanau", "input_feeding"
    output: str = "tanh"               # or "context": W_y c_t
    dropout: float = 0.2               # of the rows, between layers, and before W_y


TINY = Config(V_source=4, V_target=5, C=2, H=4, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 8000, "batch": 128, "seq_len": 24, "lr": 0.003, "warmup": 200, "evaluate_every": 1000},
    "long": {"steps": 30_000, "batch": 128, "seq_len": 24, "lr": 0.003, "warmup": 200, "evaluate_every": 3000},
    # The rates of chapter 8.4, counted in the dictionary's batches.
    "book": {"steps": 21_500, "batch": 256, "seq_len": 24, "lr": 0.01, "schedule": "exponential", "decay_every": 430,
             "decay_factor": 0.95, "clip_norm": None, "clip_value": 5.0, "evaluate_every": 2150, "dropout": 0.3},
}


class G2PSeq2Seq(Seq2Seq):
    """Equations (1)-(4). Call, weights and errors: as Seq2Seq."""

    task = "pronunciation"

    def __init__(self, config: Config):
        super().__init__(*encoder_decoder(config, config.V_source, config.V_target), config.sos, config.eos)


Model = G2PSeq2Seq
