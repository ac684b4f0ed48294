"""Sentences whose words carry tags: parts of speech (UD English EWT) and named entities (WNUT-17)."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines
from tinyseq.data.parts import Parts

UPOS = ("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
        "SYM", "VERB", "X")
"""The 17 universal parts of speech."""

ENTITIES = ("corporation", "creative-work", "group", "location", "person", "product")
"""The six kinds of entity of WNUT-17."""


@dataclass(frozen=True)
class Tagged:
    """A sentence of T words, and T tags."""
    words: tuple[str, ...]
    tags: tuple[str, ...]


def ud_english_ewt() -> Parts[Tagged]:
    """The treebank's own parts: 12,544 sentences (204,577 words) to train, 2,001 (25,147) to validate, 2,077 (25,094)
    to test, with universal parts of speech."""
    return Parts(*(read_conllu(find("ud-english-ewt", f"en_ewt-ud-{part}.conllu"))
                   for part in ("train", "dev", "test")))


def wnut17() -> Parts[Tagged]:
    """The shared task's own parts: 3,394 sentences (62,730 tokens, 1,975 entities) to train, 1,009 (15,733, 836) to
    validate, 1,287 (23,394, 1,079) to test. Tags are O, B-kind and I-kind."""
    return Parts(*(read_entities(find("wnut17", file))
                   for file in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")))


def read_conllu(path: Path) -> list[Tagged]:
    """Forms (column 2) and universal parts of speech (column 4) of a file in CoNLL-U, gzipped or not.

    Remarks (#) are passed over, and so are the lines that are no words of the sentence: a multiword token 3-4, which
    repeats the words 3 and 4 as written, and an empty node 5.1, which stands nowhere in the text.
    Raises ValueError for a malformed line, with its number.
    """
    sentences = []
    for rows in _blocks(path):
        words: list[tuple[str, str]] = []
        for number, line in rows:
            columns = line.split("\t")
            if line.startswith("#") or (len(columns) == 10 and re.fullmatch(r"\d+[-.]\d+", columns[0])):
                continue
            if len(columns) != 10 or columns[0] != str(len(words) + 1) or not columns[1] or columns[3] not in UPOS:
                raise malformed(path, number, line, f"word {len(words) + 1} of its sentence: 10 columns split by tabs, "
                                                    "the number first, one of the 17 parts of speech fourth")
            words.append((columns[1], columns[3]))
        if words:
            sentences.append(Tagged(*zip(*words, strict=True)))
    return sentences


def read_entities(path: Path) -> list[Tagged]:
    """`token TAB tag` lines, sentences divided by lines that are empty or blank. Tags: O, B-kind, I-kind.

    Raises ValueError, with the line's number, for a malformed line, an unknown tag, and an I-kind that goes on with no
    entity of that kind.
    """
    known = {"O"} | {f"{place}-{kind}" for place in "BI" for kind in ENTITIES}
    sentences = []
    for rows in _blocks(path):
        words: list[tuple[str, str]] = []
        for number, line in rows:
            columns = line.split("\t")
            if len(columns) != 2 or not columns[0].strip() or columns[1] not in known:
                raise malformed(path, number, line, "a token, a tab and one of the tags O, B-kind and I-kind, kind "
                                                    f"being {', '.join(ENTITIES)}")
            token, tag = columns
            if tag[0] == "I" and (not words or words[-1][1][1:] != tag[1:]):
                raise malformed(path, number, line, f"B{tag[1:]}, since no entity of this kind goes on here")
            words.append((token, tag))
        sentences.append(Tagged(*zip(*words, strict=True)))
    return sentences


def _blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """The numbered lines between blank ones."""
    rows: list[tuple[int, str]] = []
    for number, line in numbered_lines(path):
        if line.strip():
            rows.append((number, line))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows
