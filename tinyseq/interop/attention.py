"""Multi-head attention. PyTorch keeps the three projections in one matrix, one below the other:

    in_proj_weight (3C, C) = [W_q^T; W_k^T; W_v^T]          in_proj_bias (3C,) = [b_q; b_k; b_v]
    out_proj.weight (C, C) = W_o^T                          out_proj.bias (C,) = b_o
"""
from typing import Any

from tinyseq.backend import host
from tinyseq.layers import MultiHeadAttention

Arrays = dict[str, Any]


def attention_from(layer: MultiHeadAttention, theirs: Arrays) -> Arrays:
    """nn.MultiheadAttention -> MultiHeadAttention."""
    W_q, W_k, W_v = host.np.split(theirs["in_proj_weight"], 3)
    ours = {"W_q": W_q.T, "W_k": W_k.T, "W_v": W_v.T, "W_o": theirs["out_proj.weight"].T}
    if layer.b_q is None:
        return ours
    b_q, b_k, b_v = host.np.split(theirs["in_proj_bias"], 3)
    return {**ours, "b_q": b_q, "b_k": b_k, "b_v": b_v, "b_o": theirs["out_proj.bias"]}


def attention_to(layer: MultiHeadAttention, ours: Arrays) -> Arrays:
    """MultiHeadAttention -> nn.MultiheadAttention."""
    theirs = {"in_proj_weight": host.np.concatenate([ours["W_q"].T, ours["W_k"].T, ours["W_v"].T]),
              "out_proj.weight": ours["W_o"].T}
    if layer.b_q is None:
        return theirs
    return {**theirs, "in_proj_bias": host.np.concatenate([ours["b_q"], ours["b_k"], ours["b_v"]]),
            "out_proj.bias": ours["b_o"]}
