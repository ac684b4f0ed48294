"""Beam search: at each step the `width` likeliest beginnings go on, so that a word may turn out well later.

For each source, with m = width - the number of its answers that are complete:

    (1) every beam and every symbol v make a candidate, ln P(beam, v) = ln P(beam) + ln softmax(y)_v
    (2) the m likeliest candidates are kept
    (3) those that end in EOS are complete and leave the search; the others are the beams of the next step

until m = 0 or the longest allowed length is reached, where what is left is cut off. Sutskever et al. 2014, section 3.2.
The answers are then ordered by score: equation (2) of hypothesis.py. With width 1 this is greedy search. With a width
of at least V^max_length nothing is ever dropped, and the first answer is the best there is.
"""
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from tinyseq.backend import host
from tinyseq.decoding.hypothesis import Hypothesis, check_search, length_normalised, log_probabilities, searching

np = host.np


class Beam(NamedTuple):
    """The beginning of an answer, which a row of the model's state belongs to."""
    sentence: int                                          # the number of its source
    ids: tuple[int, ...]
    log_probability: float


def beam_search(model: Any, source: Sequence[Any], width: int, max_length: int,
                length_penalty: float = 0.0) -> list[list[Hypothesis]]:
    """For each source its answers, at most `width`, of at most `max_length` symbols (EOS counted), best score first.

    model             .start(B, source) -> state, .step(ids (B,), state) -> logits (B, V), state, state.select(rows),
                      .sos and .eos: a Seq2Seq
    source            B sentences, each a sequence of ids
    length_penalty    alpha of equation (2) of hypothesis.py; at 0 a score is ln P

    All beams of all sentences are one batch. Dropout is off. An answer that was cut off is scored like the others; its
    ids do not end in EOS. For where the model looked, see Seq2Seq.attention_map.
    Raises ValueError for a width or max_length below 1, a negative length_penalty, no source and an empty one."""
    check_search(source, max_length)
    if width < 1:
        raise ValueError(f"the beam's width is at least 1; got {width}")
    if not length_penalty >= 0:
        raise ValueError(f"length_penalty is 0 (none) or above; got {length_penalty}")
    with searching(model):
        complete = _complete(model, source, width, max_length)
    return [sorted((_scored(beam, length_penalty) for beam in beams), key=lambda found: -found.score)
            for beams in complete]


def _complete(model: Any, source: Sequence[Any], width: int, max_length: int) -> list[list[Beam]]:
    """The answers of each source, in the order in which they were completed."""
    B = len(source)
    state = model.start(B, source)
    beams = [Beam(sentence, (), 0.0) for sentence in range(B)]
    complete: list[list[Beam]] = [[] for _ in range(B)]
    for length in range(1, max_length + 1):
        last = np.array([beam.ids[-1] if beam.ids else model.sos for beam in beams])
        logits, state = model.step(last, state)
        going_on = []                                      # (row of the state, beam)
        for row, beam in _kept(beams, log_probabilities(logits), [width - len(found) for found in complete]):
            if beam.ids[-1] == model.eos or length == max_length:
                complete[beam.sentence].append(beam)                                # (3)
            else:
                going_on.append((row, beam))
        if not going_on:
            break
        beams = [beam for _, beam in going_on]
        state = state.select(np.array([row for row, _ in going_on]))
    return complete


def _kept(beams: list[Beam], log_p: Any, m: list[int]) -> Iterator[tuple[int, Beam]]:
    """(1) and (2): of each sentence's candidates the m[sentence] likeliest, each with the row that it goes on from.

    log_p (rows, V), a row for each beam; the beams of a sentence stand together."""
    V = log_p.shape[1]
    candidates = log_p + np.array([beam.log_probability for beam in beams])[:, None]            # (1)
    for sentence, group in groupby(range(len(beams)), key=lambda row: beams[row].sentence):
        rows = list(group)
        for place in likeliest(candidates[rows].reshape(-1), m[sentence]):                      # (2)
            row, symbol = rows[place // V], int(place % V)
            yield row, Beam(sentence, (*beams[row].ids, symbol), float(candidates[row, symbol]))


def likeliest(log_p: Any, m: int) -> Any:
    """The places of the m largest of log_p (n,), largest first, of equal ones the first; those of -inf are left out."""
    if m < len(log_p):
        border = np.partition(log_p, -m)[-m]
        places = np.flatnonzero(log_p >= border)           # m, or more where some equal the border
    else:
        places = np.arange(len(log_p))
    places = places[log_p[places] > -np.inf]
    return places[np.argsort(-log_p[places], kind="stable")][:m]


def _scored(beam: Beam, alpha: float) -> Hypothesis:
    return Hypothesis(list(beam.ids), beam.log_probability,
                      length_normalised(beam.log_probability, len(beam.ids), alpha))
