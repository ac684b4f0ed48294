"""The transformer as an encoder-decoder, which translates or pronounces (chapter 9.4, on the tasks of 8.4 and 9.3).

    (1) h^0_s = dropout(E[source_s] + p_s)                                  (B, C)      p_s: the position of step s
    (2) h^l   = block_l(h^{l-1}),   l = 1 .. num_layers                     (B, Tk, C)  each symbol sees all the others
    (3) x^0_t = dropout(E'[id_{t-1}] + p_t)                                 (B, C)      id_{-1} is SOS
    (4) x^l   = block'_l(x^{l-1}, norm(h^L))                                (B, Tq, C)  causal, and looks at the source
    (5) P(id_t | ids before it, source) = softmax(dropout(norm(x^L_t)) W_y + b_y)                           (B, V)

The corpus names the task: fra-eng, from-french, book-pairs and thirty-pairs are translated (the recurrent model is
translator), cmudict is pronounced (g2p_seq2seq). Nothing is carried from step to step but what the blocks have read,
their caches. The blocks: layers/transformer/block.py and decoder_block.py; both halves: layers/seq2seq/transformer.py;
data and measures: training/pairs.py. Vaswani et al. 2017; pre-norm: Xiong et al. 2020; for pronunciation Wu et al.
2021.
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.layers.seq2seq import Seq2Seq, transformer_encoder_decoder


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V_source: int = 6400               # symbols of the source; the data decide
    V_target: int = 9500               # symbols of the target; the data decide
    sos: int = 2                       # the id that the decoder reads first; the data decide
    eos: int = 3                       # and the one that it says last; the data decide
    C: int = 128                       # width of both halves
    num_layers: int = 3                # blocks of each half
    num_heads: int = 4
    FF: int | None = None              # of the layer inside a block; None: 4 C, or 8 C / 3 with a gate
    positions: str | None = "sinusoidal"    # or "rotary", "alibi", None
    norm: str = "pre"                  # or "post"
    activation: str = "relu"           # or "gelu", "gelu_tanh", "swiglu"
    bias: bool = True                  # in attention, the feed-forward layers and the norms
    dropout: float = 0.1               # of (1) and (3), inside the blocks, and before W_y


TINY = Config(V_source=4, V_target=5, sos=1, eos=2, C=4, num_layers=1, num_heads=2, FF=4, dropout=0.0)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 10_000, "batch": 64, "seq_len": 20, "lr": 0.0015, "beta2": 0.98, "warmup": 500,
              "evaluate_every": 1000},
    "long": {"steps": 25_000, "batch": 64, "seq_len": 20, "lr": 0.001, "beta2": 0.98, "warmup": 1000,
             "evaluate_every": 2500, "C": 256, "dropout": 0.2},
    # The book has no such model. The sizes and the rate are those of its transformer in 9.4.
    "book": {"steps": 22_500, "batch": 32, "seq_len": 20, "lr": 0.0001, "warmup": 4000, "clip_norm": 5.0,
             "evaluate_every": 2250, "C": 512, "num_layers": 12, "num_heads": 8, "FF": 2048, "bias": False,
             "positions": "rotary", "activation": "swiglu"},
}
BY_CORPUS: dict[str, dict[str, dict[str, Any]]] = {
    "cmudict": {"quick": {"steps": 32_000, "seq_len": 24, "lr": 0.002, "warmup": 1000, "evaluate_every": 4000},
                "long": {"steps": 50_000, "seq_len": 24, "lr": 0.002, "evaluate_every": 5000, "C": 128, "dropout": 0.1},
                "book": {"seq_len": 24}},
    "thirty-pairs": {name: {"steps": 300, "batch": 30, "lr": 0.002, "warmup": 30, "evaluate_every": 100, "C": 64,
                            "num_layers": 2, "dropout": 0.0} for name in ("quick", "long")},
}


class Seq2SeqTransformer(Seq2Seq):
    """Equations (1)-(5). Call, weights and errors: as Seq2Seq; attention weights have an axis for the heads."""

    task = "pairs"

    def __init__(self, config: Config):
        halves = transformer_encoder_decoder(config, config.V_source, config.V_target)
        super().__init__(*halves, config.sos, config.eos)


Model = Seq2SeqTransformer
