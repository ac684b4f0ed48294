"""Layers with one weight. PyTorch's weights go from output to input, ours from input to output:

    Linear    weight (K, D) = W^T
    Conv1d    weight (C_out, C_in/groups, k),       W (C_in/groups, k, C_out)
    Conv2d    weight (C_out, C_in/groups, kh, kw),  W (C_in/groups, kh, kw, C_out)
"""
from typing import Any

from tinyseq.backend import host
from tinyseq.layers import Conv1d, Conv2d, Embedding, Linear

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


def conv_from(layer: Conv1d | Conv2d, theirs: Arrays) -> Arrays:
    """nn.Conv1d, nn.Conv2d -> ours of the same name."""
    ours = {"W": host.np.moveaxis(theirs["weight"], 0, -1)}
    return ours if layer.b is None else {**ours, "b": theirs["bias"]}


def conv_to(layer: Conv1d | Conv2d, ours: Arrays) -> Arrays:
    """Conv1d, Conv2d -> PyTorch's of the same name."""
    theirs = {"weight": host.np.moveaxis(ours["W"], -1, 0)}
    return theirs if layer.b is None else {**theirs, "bias": ours["b"]}
