"""Ops that are one step to the engine and several equations to the reader, each with its twin of smaller ops.

What is written by hand for speed has a slow twin of the same arguments (DESIGN.md, section 3). A trace has the twin
called instead, so that every gate, score and mean becomes a row. The parts of a transformer block choose
their own twin.
"""
from collections.abc import Callable
from typing import Any

from tinyseq.backend import xp
from tinyseq.layers.attention import MultiHeadAttention
from tinyseq.layers.attention.masks import causal_mask
from tinyseq.layers.module import Module
from tinyseq.layers.recurrent.gru import gru_unrolled
from tinyseq.layers.recurrent.gru_cudnn import gru_cudnn_unrolled
from tinyseq.layers.recurrent.gru_cudnn_varied import gru_cudnn_varied_unrolled
from tinyseq.layers.recurrent.gru_varied import gru_varied_unrolled
from tinyseq.layers.recurrent.lstm import lstm_unrolled
from tinyseq.layers.recurrent.lstm_varied import lstm_varied_unrolled
from tinyseq.layers.recurrent.rnn import rnn_unrolled
from tinyseq.layers.recurrent.rnn_varied import rnn_varied_unrolled
from tinyseq.layers.transformer import FeedForward
from tinyseq.ops import attention_composed, layer_norm_composed
from tinyseq.ops.crf import crf_log_partition_composed


def _attention(query: Any, keys: Any, values: Any, mask: Any = None, bias: Any = None, weights: bool = True) -> Any:
    """ops.attention from smaller ops, with the same choice of results."""
    y, alpha = attention_composed(query, keys, values, mask=mask, bias=bias)
    return (y, alpha) if weights else y


def _lean_attention(query: Any, keys: Any, values: Any, mask: Any = None, causal: bool = False,
                    window: int | None = None, before: int = 0, slopes: Any = None, block: int | None = None) -> Any:
    """ops.lean_attention by the whole matrix of scores."""
    Tq, Tk = query.shape[-2], keys.shape[-2]
    seen = causal_mask(Tq, window, before, Tk)[0] if causal else None               # (Tq, Tk)
    mask = seen if mask is None else mask if seen is None else mask & seen
    distance = xp.abs(xp.arange(before, before + Tq)[:, None] - xp.arange(Tk)).astype(query.dtype)
    return attention_composed(query, keys, values, mask=mask, bias=None if slopes is None else -slopes * distance)[0]


TWINS: dict[str, Callable[..., Any]] = {
    "rnn_sequence": rnn_unrolled, "lstm_sequence": lstm_unrolled, "gru_sequence": gru_unrolled,
    "gru_cudnn_sequence": gru_cudnn_unrolled, "rnn_varied_sequence": rnn_varied_unrolled,
    "lstm_varied_sequence": lstm_varied_unrolled, "gru_varied_sequence": gru_varied_unrolled,
    "gru_cudnn_varied_sequence": gru_cudnn_varied_unrolled, "attention": _attention,
    "lean_attention": _lean_attention, "layer_norm": layer_norm_composed,
    "crf_log_partition": crf_log_partition_composed,
}


def by_tape(model: Module) -> Module:
    """The model, whose attention and feed-forward layers are made of ops for each equation from now on."""
    for layer in model.modules():
        if isinstance(layer, MultiHeadAttention | FeedForward):
            layer.method = "by_tape"
    return model
