"""Beam search as the techniques note has it."""
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import host
from tinyseq.decoding import beam_search
from tinyseq.errata.specimen import Row, specimen

np = host.np

LENGTH = 6                               # symbols of the answer that the chain should give, its end among them


class Chain:
    """It can end at once, with probability 0.4, or say five words, each nearly sure, and end. Its state: words said."""

    sos, eos, training = 0, 1, False

    def eval(self) -> None:
        """There is nothing to switch."""

    def train(self) -> None:
        """There is nothing to switch."""

    def start(self, B: int, source: Any) -> Any:
        return Said(np.zeros(B, int))

    def step(self, ids: Any, state: "Said") -> Any:
        """Symbols: 0 the beginning, 1 the end, 2 a word."""
        ends = np.where(state.words == 0, 0.4, np.where(state.words < LENGTH - 1, 0.15, 0.99))
        p = np.stack([np.full(len(ends), 1e-9), ends, 1 - ends], axis=1)
        return tensor(np.log(p)), Said(state.words + 1)


class Said:
    """How many words each beam has said."""

    def __init__(self, words: Any):
        self.words = words

    def select(self, rows: Any) -> "Said":
        return Said(self.words[rows])


@specimen("silence-wins", "techniques", "decoding/hypothesis.py")
def silence_wins() -> list[Row]:
    """Beams are compared by the product of all their probabilities, long ones with short ones.

    Book    keep the k sequences of the largest cumulative probability
    Wrong   Each further symbol makes the product smaller, so an answer that ends at once beats one that says something:
            0.4 against 0.6 x 0.85^4, which is 0.31 before its end. And products of small numbers run out of digits:
            100 symbols of 0.3 are 0 in float32.
    Cure    sums of logarithms, divided by a power of the length (Wu et al. 2016): length_penalty"""
    lengths = [len(beam_search(Chain(), [[0]], 4, 10, length_penalty=alpha)[0][0].ids) for alpha in (0.0, 1.0)]
    p = np.full(100, 0.3, "float32")
    return [Row("symbols of the best answer, its end among them", *lengths),
            Row("score of 100 symbols of 0.3", float(p.prod()), float(np.log(p).sum()))]
