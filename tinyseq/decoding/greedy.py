"""Greedy search: at each step the likeliest symbol. It never looks back, so one tempting word can spoil a sentence."""
from collections.abc import Sequence
from typing import Any

from tinyseq.backend import host
from tinyseq.decoding.hypothesis import Hypothesis, check_search, log_probabilities, searching

np = host.np


def greedy(model: Any, source: Sequence[Any], max_length: int) -> list[Hypothesis]:
    """For each source an answer of at most `max_length` symbols, EOS counted.

    model       .start(B, source) -> state, .step(ids (B,), state) -> logits (B, V), state, state.select(rows), .sos
                and .eos: a Seq2Seq
    source      B sentences, each a sequence of ids

    All sentences are searched at once; those that have ended leave the batch. Dropout is off. Scores are not
    normalised: alpha = 0. Raises ValueError for max_length below 1, no source and an empty one."""
    check_search(source, max_length)
    with searching(model):
        return _found(model, source, max_length)


def _found(model: Any, source: Sequence[Any], max_length: int) -> list[Hypothesis]:
    B = len(source)
    state = model.start(B, source)
    ids: list[list[int]] = [[] for _ in range(B)]
    totals = np.zeros(B)
    rows, last = np.arange(B), np.full(B, model.sos)       # the sentences that go on, and their last symbols
    for _ in range(max_length):
        logits, state = model.step(last, state)
        log_p = log_probabilities(logits)                  # (rows, V)
        last = log_p.argmax(axis=-1)
        totals[rows] += log_p.max(axis=-1)
        for row, symbol in zip(rows, last, strict=True):
            ids[row].append(int(symbol))
        going_on = np.flatnonzero(last != model.eos)
        if not len(going_on):
            break
        if len(going_on) < len(rows):
            rows, last, state = rows[going_on], last[going_on], state.select(going_on)
    return [Hypothesis(sentence, float(total), float(total)) for sentence, total in zip(ids, totals, strict=True)]
