"""The transformer that reads characters, with rotary positions, SwiGLU and pre-norm (chapter 9.4).

    (1) e_t = E_{id_t},  or E_{id_t} P                                              (B, C)    see below
    (2) x_t = dropout(e_t)                                                          (B, C)
    (3) u^l = x^{l-1} + dropout(attention(norm(x^{l-1})))                           (B, T, C) causal, l = 1 .. layers
    (4) x^l = u^l + dropout((silu(n W_1) * (n W_3)) W_2),   n = norm(u^l)           (B, T, C)
    (5) y_t = norm(x^L_t) W_hy + b_y,   P(id_{t+1} | id_1..id_t) = softmax(y_t)     (B, V)

    embedding    E and P of (1)
    "plain"      E (V, C), no P
    "narrow"     E (V, r), P (r, C): with r below C fewer weights, where V is large (Lan et al. 2020, section 3.1)
    "widened"    E (V, 4C), P (4C, C): the book's, which it calls adaptive. E P is a table (V, C) and nothing more, so
                 the model can say what it could say before; its way through the weights is another

Rotary positions turn the queries and keys of (3), one frequency for each pair of channels (the book has one for all);
alibi lowers their scores. Sinusoidal and learned ones are added in (2), and None has none. Blocks, cache, and what a
text longer than `context` means for each kind: layers/transformer/stack.py.

Vaswani et al. 2017; Su et al. 2021 (rotary); Shazeer 2020 (SwiGLU); Xiong et al. 2020 (pre-norm).
"""
from dataclasses import dataclass
from typing import Any

from tinyseq.autograd import Tensor
from tinyseq.layers import Embedding, LanguageModel, Linear, Transformer, TransformerState, reach


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    C: int = 128                       # width
    num_layers: int = 4
    num_heads: int = 4
    FF: int | None = None              # of the layer inside (4); None: 8 C / 3, or 4 C without a gate
    context: int = 64                  # how many steps a step sees, itself among them
    positions: str | None = "rotary"   # or "alibi", "sinusoidal", "learned", None
    norm: str = "pre"                  # or "post"
    activation: str = "swiglu"         # or "gelu", "gelu_tanh", "relu"
    bias: bool = False                 # in attention, the feed-forward layers and the norms
    embedding: str = "plain"           # or "narrow", "widened"
    r: int = 16                        # width of the narrow table
    dropout: float = 0.0


TINY = Config(V=5, C=4, num_layers=1, num_heads=2, context=3)

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 2000, "batch": 16, "seq_len": 64, "optimiser": "adamw", "lr": 3e-3, "lr_end": 1e-4,
              "warmup": 100, "beta2": 0.99, "weight_decay": 0.1, "decayed": "matrices"},
    "long": {"context": 128, "C": 192, "num_heads": 6, "dropout": 0.1, "steps": 5000, "batch": 32, "seq_len": 128,
             "optimiser": "adamw", "lr": 2e-3, "lr_end": 1e-4, "warmup": 200, "beta2": 0.99, "weight_decay": 0.1,
             "decayed": "matrices"},
    # An epoch is a window of 256 at every place of the text once; 100 of them, in batches of 32.
    "book": {"context": 256, "C": 512, "num_layers": 12, "num_heads": 8, "FF": 2048, "embedding": "widened",
             "dropout": 0.1, "steps": 3_484_800, "batch": 32, "seq_len": 256, "batches": "windows", "lr": 1e-4,
             "warmup": 4000, "clip_norm": 5.0, "evaluate_every": 34_848},
}
WIDTHS = {"plain": lambda config: config.C, "narrow": lambda config: config.r, "widened": lambda config: 4 * config.C}


class CharTransformer(LanguageModel):
    """Equations (1)-(5).

    Made with  config.
    Weights    E; P where there is one, without a bias; the stack's; W_hy and b_y of the output.
    Call       ids (B, T), state or None -> logits (B, T, V), state
    Raises     ValueError for an embedding that is none, and as Transformer."""

    task = "characters"

    def __init__(self, config: Config):
        if config.embedding not in WIDTHS:
            raise ValueError(f"embedding is one of {', '.join(WIDTHS)}; got {config.embedding!r}")
        width = WIDTHS[config.embedding](config)
        self.E = Embedding(config.V, width)
        self.P = None if config.embedding == "plain" else Linear(width, config.C, bias=False)
        self.stack = Transformer(config.C, config.num_layers, config.num_heads, config.norm, config.activation,
                                 FF=config.FF, dropout=config.dropout, bias=config.bias,
                                 **reach(config.positions, config.context))
        self.output = Linear(config.C, config.V)

    def embedded(self, ids: Any) -> Tensor:
        """(1)  ids (B, T) -> e (B, T, C)"""
        e = self.E(ids)
        return e if self.P is None else self.P(e)

    def __call__(self, ids: Any, state: TransformerState | None = None) -> tuple[Tensor, TransformerState]:
        hs, state = self.stack(self.embedded(ids), state)                           # (2)-(4)
        return self.output(hs), state                                               # (5)


Model = CharTransformer
