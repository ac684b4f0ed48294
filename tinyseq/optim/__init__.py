"""Optimisers, each written out in full in a file of its own; gradient clipping; learning-rate schedules."""
from tinyseq.optim import schedules
from tinyseq.optim.adam import Adam
from tinyseq.optim.adamw import AdamW
from tinyseq.optim.clip import clip_norm, clip_value
from tinyseq.optim.rmsprop import RMSprop
from tinyseq.optim.sgd import SGD
from tinyseq.optim.sparse_adam import SparseAdam

__all__ = ["SGD", "Adam", "AdamW", "RMSprop", "SparseAdam", "clip_norm", "clip_value", "schedules"]
