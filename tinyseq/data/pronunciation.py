"""Spelling -> sounds: the CMU pronouncing dictionary."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines
from tinyseq.data.parts import Parts, partition

PHONES = tuple("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
               .split())
"""The 39 phones of the dictionary: ARPAbet without stress."""


@dataclass(frozen=True)
class Pronounced:
    """A word and every way in which it is listed to be said; any of them is right."""
    word: str
    pronunciations: tuple[tuple[str, ...], ...]


def cmudict() -> Parts[Pronounced]:
    """The words of letters a-z, without stress: 103,394 to train, 2,350 to validate, 11,749 to test.

    The split is by word, so all variants of a word lie in one part: 10 % to test, 2 % to validate, drawn by the digest
    of parts.py with seed 0.
    """
    words = [entry for entry in read_cmudict(find("cmudict")) if re.fullmatch("[a-z]+", entry.word)]
    return partition(words, lambda entry: entry.word, validation=0.02, test=0.1)


def read_cmudict(path: Path) -> list[Pronounced]:
    """Every word of a dictionary in CMU's format, in its order, stress removed.

        word PH ON EMES         an optional "# remark" may end the line
        word(2) PH ON EMES      another way to say the same word

    Two ways that differed in stress alone count once. Raises ValueError for a malformed line, with its number.
    """
    said: dict[str, dict[tuple[str, ...], None]] = {}
    for number, line in numbered_lines(path):
        word, *phones = line.partition(" #")[0].split() or [""]
        sounds = tuple(phone.rstrip("012") for phone in phones)
        if not sounds or not set(sounds) <= set(PHONES):
            raise malformed(path, number, line, "a word and its phones, such as 'read R EH1 D'")
        said.setdefault(re.sub(r"\(\d+\)$", "", word), {})[sounds] = None
    return [Pronounced(word, tuple(ways)) for word, ways in said.items()]
