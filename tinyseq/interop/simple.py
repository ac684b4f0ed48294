"""Layers with one weight. PyTorch's Linear computes x W^T + b, so its weight (K, D) is our W (D, K) transposed."""
from typing import Any

from tinyseq.layers import Embedding, Linear

Arrays = dict[str, Any]


def linear_from(layer: Linear, theirs: Arrays) -> Arrays:
    """nn.Linear -> Linear."""
    ours = {"W": theirs["weight"].T}
    return ours if layer.b is None else {**ours, "b": theirs["bias"]}


def linear_to(layer: Linear, ours: Arrays) -> Arrays:
    """Linear -> nn.Linear."""
    theirs = {"weight": ours["W"].T}
    return theirs if layer.b is None else {**theirs, "bias": ours["b"]}


def embedding_from(layer: Embedding, theirs: Arrays) -> Arrays:
    """nn.Embedding -> Embedding."""
    return {"W": theirs["weight"]}


def embedding_to(layer: Embedding, ours: Arrays) -> Arrays:
    """Embedding -> nn.Embedding."""
    return {"weight": ours["W"]}
