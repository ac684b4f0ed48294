"""Attention: a query fetches a mixture of values, by how well it agrees with their keys."""
from tinyseq.layers.attention.attention import Attention, Memory
from tinyseq.layers.attention.cache import KeyValueCache
from tinyseq.layers.attention.local import LocalAttention, PredictedCentre
from tinyseq.layers.attention.masks import causal_mask, padding_mask
from tinyseq.layers.attention.multihead import MultiHeadAttention
from tinyseq.layers.attention.scores import AdditiveAttention, ConcatAttention, DotAttention, GeneralAttention

__all__ = ["AdditiveAttention", "Attention", "ConcatAttention", "DotAttention", "GeneralAttention", "KeyValueCache",
           "LocalAttention", "Memory", "MultiHeadAttention", "PredictedCentre", "causal_mask", "padding_mask"]
