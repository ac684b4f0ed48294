"""miniGPT, a decoder-only transformer that reads characters (chapter 9.5).

    (1) x_t      = dropout(E_{id_t} + P_t)                                          (B, C)    positions are learned
    (2) u^l      = x^{l-1} + dropout(attention(norm(x^{l-1})))                      (B, T, C) causal; l = 1 .. layers
    (3) x^l      = u^l + dropout(GELU(norm(u^l) W_1 + b_1) W_2 + b_2)               (B, T, C)
    (4) y_t      = norm(x^L_t) W_hy,   P(id_{t+1} | id_1..id_t) = softmax(y_t)      (B, V)

Tied, W_hy is E^T (Press and Wolf 2017). Weights begin as N(0, 0.02^2), those that lead back into the sum, W_o and W_2,
as N(0, 0.02^2 / (2 num_layers)), so that the sum of all blocks begins no larger than one; biases begin at 0. Weight
decay is for the linear weights (the book) or for all matrices (nanoGPT), never for biases and norms: the recipe's
`decayed`. The blocks, the cache, and what happens past `context` characters: layers/transformer/stack.py.

Radford et al. 2018 and 2019 (GPT, GPT-2); the quick recipe's sizes, rates and weights are those of nanoGPT's for a CPU.
"""
import math
from dataclasses import dataclass

from tinyseq import ops
from tinyseq.autograd import Tensor
from tinyseq.backend import normal
from tinyseq.layers import LanguageModel, Parameter, Table, Transformer, TransformerState


@dataclass(frozen=True)
class Config:
    """The sizes."""
    V: int = 65                        # characters; the corpus decides
    C: int = 128                       # width
    num_layers: int = 4
    num_heads: int = 4
    context: int = 64                  # positions
    activation: str = "gelu"           # or "gelu_tanh", "relu", "swiglu"
    bias: bool = False                 # in attention, the feed-forward layers and the norms
    tied: bool = True                  # whether W_hy is E^T
    dropout: float = 0.0


TINY = Config(V=5, C=4, num_layers=1, num_heads=2, context=3, bias=True)

PRESETS = {
    "quick": {"steps": 2000, "batch": 12, "seq_len": 64, "batches": "windows", "optimiser": "adamw", "lr": 1e-3,
              "lr_end": 1e-4, "warmup": 100, "beta2": 0.99, "weight_decay": 0.1, "decayed": "matrices"},
    "long": {"context": 128, "C": 192, "num_heads": 6, "steps": 5000, "batch": 32, "seq_len": 128,
             "batches": "windows", "optimiser": "adamw", "lr": 1e-3, "lr_end": 1e-4, "warmup": 100, "beta2": 0.99,
             "weight_decay": 0.1, "decayed": "matrices", "dropout": 0.1},
    "book": {"C": 512, "num_layers": 8, "num_heads": 8, "context": 128, "bias": True, "tied": False, "dropout": 0.1,
             "steps": 1_742_600, "batch": 64, "seq_len": 128, "batches": "windows", "optimiser": "adamw", "lr": 3e-4,
             "schedule": "constant", "weight_decay": 0.1, "decayed": "linear", "clip_norm": 0.5,
             "evaluate_every": 17_426},
}


class MiniGPT(LanguageModel):
    """Equations (1)-(4).

    Made with  config.
    Weights    E (V, C); the stack's; untied, W_hy (C, V).
    Call       ids (B, T), state or None -> logits (B, T, V), state"""

    task = "characters"

    def __init__(self, config: Config):
        V, C, L = config.V, config.C, config.num_layers
        self.E = Table(normal((V, C), 0.02))
        self.stack = Transformer(C, L, config.num_heads, activation=config.activation, dropout=config.dropout,
                                 bias=config.bias, positions="learned", context=config.context)
        self.W_hy = None if config.tied else Parameter(normal((C, V), 0.02))
        for name, p in self.stack.named_parameters():
            if p.ndim == 2:
                back_into_the_sum = name.endswith(("W_o", "back.W"))
                p.data = normal(p.shape, 0.02 / (math.sqrt(2 * L) if back_into_the_sum else 1))
            elif not name.endswith("gamma"):
                p.data = normal(p.shape, 0.0)

    def __call__(self, ids, state: TransformerState | None = None) -> tuple[Tensor, TransformerState]:
        hs, state = self.stack(ops.gather(self.E, ids), state)                      # (1)-(3)
        return hs @ (self.E.T if self.W_hy is None else self.W_hy), state           # (4)


Model = MiniGPT
