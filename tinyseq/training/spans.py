"""Entities in a sentence: runs of words, written by one tag a word (B-kind begins, I-kind goes on, O is none)."""
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tinyseq.backend import host

np = host.np


class Span(NamedTuple):
    """The words start .. end-1 are an entity of this kind."""
    start: int
    end: int
    kind: str


def spans(tags: Sequence[str]) -> set[Span]:
    """The entities of a sentence. An I-kind that goes on with nothing begins an entity, as CoNLL's evaluation has it
    (Tjong Kim Sang and De Meulder 2003)."""
    found, start, kind = set(), 0, ""
    for t, tag in enumerate([*tags, "O"]):
        goes_on = tag == f"I-{kind}"
        if kind and not goes_on:
            found.add(Span(start, t, kind))
        if not goes_on:
            start, kind = t, "" if tag == "O" else tag[2:]
    return found


def entity_f1(predicted: Iterable[Sequence[str]], right: Iterable[Sequence[str]]) -> float:
    """F1 = 2 |predicted and right| / (|predicted| + |right|) over entities, exact in both ends and kind. An entity that
    is found in part counts for nothing. 0 where there is none."""
    both = total = 0
    for ours, theirs in zip(predicted, right, strict=True):
        one, other = spans(ours), spans(theirs)
        both += len(one & other)
        total += len(one) + len(other)
    return 2 * both / total if total else 0.0


def accuracy(predicted: Iterable[Sequence[str]], right: Iterable[Sequence[str]]) -> float:
    """The part of the words whose tag is right."""
    pairs = [(a, b) for ours, theirs in zip(predicted, right, strict=True) for a, b in zip(ours, theirs, strict=True)]
    return sum(a == b for a, b in pairs) / len(pairs)


def which_may_follow(tags: Sequence[str]) -> Any:
    """For decoding, booleans (K + 1, K): I-kind only after B-kind or I-kind of the same kind, and never first (the last
    row); everything else anywhere."""
    before = [*tags, "O"]
    return np.array([[not tag.startswith("I-") or last[2:] == tag[2:] for tag in tags] for last in before])
