"""From a model's expectations to a text.

    distribution.py   temperature, top-k, top-p: which symbols may come next, and how likely
    generate.py       one symbol after the other, drawn
    hypothesis.py     what a search finds, and its score
    greedy.py         the likeliest symbol at each step
    beam.py           several beginnings at once
    prompted.py       the same for a language model, after a prompt
"""
from tinyseq.decoding.beam import beam_search
from tinyseq.decoding.distribution import distribution
from tinyseq.decoding.generate import generate, stream, until
from tinyseq.decoding.greedy import greedy
from tinyseq.decoding.hypothesis import Hypothesis
from tinyseq.decoding.prompted import continue_by_beam

__all__ = ["Hypothesis", "beam_search", "continue_by_beam", "distribution", "generate", "greedy", "stream", "until"]
