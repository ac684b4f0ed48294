"""Beam search for a language model: it has no source, but a text to go on from."""
from typing import Any

from tinyseq.backend import host
from tinyseq.decoding.beam import beam_search
from tinyseq.decoding.hypothesis import Hypothesis

np = host.np
NEVER = -1                                                 # an id that no symbol has


def continue_by_beam(model: Any, prompt_ids: Any, width: int, length: int, stop: int | None = None,
                     length_penalty: float = 0.0) -> list[Hypothesis]:
    """The likeliest ways, at most `width`, to go on from a prompt: the best score first.

    model         .start(B) -> state, .step(ids (B,), state) -> logits (B, V), state, and state.select(rows)
    prompt_ids    a list or an array, at least one id; the model reads it first
    length        how many symbols to write, or fewer where the symbol `stop` comes up, which is part of the result

    The likeliest text is a dull one: it repeats itself (Holtzman et al. 2020). generate() draws instead. Raises
    ValueError for an empty prompt, and as beam_search."""
    if not len(prompt_ids):
        raise ValueError("a prompt has at least one symbol: the model needs something to write on from")
    prompted = _Prompted(model, prompt_ids, NEVER if stop is None else stop)
    return beam_search(prompted, [prompt_ids], width, length, length_penalty)[0]


class _Prompted:
    """A language model in the form that a search wants: its source is the prompt, whose last symbol stands for SOS."""

    def __init__(self, model: Any, prompt_ids: Any, stop: int):
        self.model, self.step = model, model.step
        self.eval, self.train = model.eval, model.train
        self.training = model.training
        self.sos, self.eos = prompt_ids[-1], stop

    def start(self, B: int, source: Any) -> Any:
        state = self.model.start(B)
        for symbol in source[0][:-1]:
            _, state = self.step(np.array([symbol]), state)
        return state
