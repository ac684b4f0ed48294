"""From a model's expectations to a text.

    distribution.py   temperature, top-k, top-p: which symbols may come next, and how likely
    generate.py       one symbol after the other
"""
from tinyseq.decoding.distribution import distribution
from tinyseq.decoding.generate import generate, stream

__all__ = ["distribution", "generate", "stream"]
