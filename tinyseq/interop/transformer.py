"""Transformer blocks. PyTorch calls an encoder's TransformerEncoderLayer, a decoder's TransformerDecoderLayer.

    self_attn         attention          linear1    feed_forward.into          norm1, norm2, ...    norm_1, norm_2, ...
    multihead_attn    cross              linear2    feed_forward.back

Each part is converted as it is by itself (attention.py, simple.py, norm.py). norm="pre" is PyTorch's norm_first=True.
Whether a step sees what follows it is no matter of weights: PyTorch is given a mask for it, at each call.
"""
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseq.interop import attention, norm, simple
from tinyseq.layers import TransformerBlock, TransformerDecoderBlock

Arrays = dict[str, Any]
Block = TransformerBlock | TransformerDecoderBlock


class _Part(NamedTuple):
    """A part of a block: its name here, its name there, and the conversions of such a layer."""
    ours: str
    theirs: str
    ours_from: Callable[[Any, Arrays], Arrays]
    theirs_from: Callable[[Any, Arrays], Arrays]


def block_from(block: Block, theirs: Arrays) -> Arrays:
    """nn.TransformerEncoderLayer -> TransformerBlock, nn.TransformerDecoderLayer -> TransformerDecoderBlock."""
    found: Arrays = {}
    for part in _parts(block):
        inside = _inside(part.theirs, theirs)
        found |= _below(part.ours, part.ours_from(_layer(block, part.ours), inside))
    return found


def block_to(block: Block, ours: Arrays) -> Arrays:
    """TransformerBlock -> nn.TransformerEncoderLayer, TransformerDecoderBlock -> nn.TransformerDecoderLayer."""
    found: Arrays = {}
    for part in _parts(block):
        inside = _inside(part.ours, ours)
        found |= _below(part.theirs, part.theirs_from(_layer(block, part.ours), inside))
    return found


def _parts(block: Block) -> list[_Part]:
    _check_options(block)
    heads, lines, norms = ((attention.attention_from, attention.attention_to), (simple.linear_from, simple.linear_to),
                           (norm.layer_norm_from, norm.layer_norm_to))
    parts = [_Part("attention", "self_attn", *heads), _Part("feed_forward.into", "linear1", *lines),
             _Part("feed_forward.back", "linear2", *lines), _Part("norm_1", "norm1", *norms),
             _Part("norm_2", "norm2", *norms)]
    if isinstance(block, TransformerDecoderBlock):
        parts += [_Part("cross", "multihead_attn", *heads), _Part("norm_3", "norm3", *norms)]
    return parts


def _layer(block: Block, path: str) -> Any:
    layer: Any = block
    for name in path.split("."):
        layer = getattr(layer, name)
    return layer


def _inside(name: str, arrays: Arrays) -> Arrays:
    """Those whose path begins with this name, without it."""
    return {path.removeprefix(name + "."): a for path, a in arrays.items() if path.startswith(name + ".")}


def _below(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}.{path}": a for path, a in arrays.items()}


def _check_options(block: Block) -> None:
    activation, positions = block.feed_forward.activation, block.attention.positions
    if activation not in ("relu", "gelu"):
        raise ValueError(f"PyTorch's transformer layers have the activations relu and gelu; this block has "
                         f"{activation}")
    if positions is not None:
        raise ValueError(f"PyTorch's transformer layers have no positions inside; this block has {positions} ones")
