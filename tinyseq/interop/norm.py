"""Normalisation. PyTorch calls gamma and beta weight and bias; its batch norm also counts its batches.

That count, num_batches_tracked, serves PyTorch only where momentum=None; here momentum is always a number, so it is
read past on the way in and is 0 on the way out.
"""
from typing import Any

from tinyseq.backend import host
from tinyseq.layers import LayerNorm, RMSNorm
from tinyseq.layers.norm import BatchNorm

Arrays = dict[str, Any]


def layer_norm_from(layer: LayerNorm, theirs: Arrays) -> Arrays:
    """nn.LayerNorm -> LayerNorm."""
    ours = {"gamma": theirs["weight"]}
    return ours if layer.beta is None else {**ours, "beta": theirs["bias"]}


def layer_norm_to(layer: LayerNorm, ours: Arrays) -> Arrays:
    """LayerNorm -> nn.LayerNorm."""
    theirs = {"weight": ours["gamma"]}
    return theirs if layer.beta is None else {**theirs, "bias": ours["beta"]}


def rms_norm_from(layer: RMSNorm, theirs: Arrays) -> Arrays:
    """nn.RMSNorm -> RMSNorm."""
    return {"gamma": theirs["weight"]}


def rms_norm_to(layer: RMSNorm, ours: Arrays) -> Arrays:
    """RMSNorm -> nn.RMSNorm."""
    return {"weight": ours["gamma"]}


def batch_norm_from(layer: BatchNorm, theirs: Arrays) -> Arrays:
    """nn.BatchNorm1d, nn.BatchNorm2d -> ours of the same name."""
    return {"gamma": theirs["weight"], "beta": theirs["bias"], "running_mean": theirs["running_mean"],
            "running_variance": theirs["running_var"]}


def batch_norm_to(layer: BatchNorm, ours: Arrays) -> Arrays:
    """BatchNorm1d, BatchNorm2d -> PyTorch's of the same name."""
    return {"weight": ours["gamma"], "bias": ours["beta"], "running_mean": ours["running_mean"],
            "running_var": ours["running_variance"], "num_batches_tracked": host.np.array(0)}
