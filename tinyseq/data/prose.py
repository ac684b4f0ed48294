"""A whole text as words, signs and line ends, and back: what a word model reads and writes."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Self

from tinyseq.backend import host
from tinyseq.data.symbols import UNK, Vocabulary

WORD = re.compile(r"""
    \n                                             # a line end is a word: verse ends its lines where it likes
  | -{2,}                                          # a dash
  | ['’]?\w+(?:['’-]\w+)*['’]?                     # o'er  'tis  i'  well-a-day  Romeo
  | \S                                             # any other sign stands alone
""", re.VERBOSE)
CLOSING = re.compile(r"[.,:;!?)\]]|-{2,}|\n")      # no blank stands before these
OPENING = re.compile(r"[(\[]|-{2,}|\n")            # nor after these


def words_of(text: str) -> list[str]:
    """The words of a text in order, capitals as they are, line ends included.

        "'Tis gone:\\nnow, well-a-day!"  ->  'Tis gone : \\n now , well-a-day !

    A word is a run of letters and digits, with apostrophes and hyphens inside and an apostrophe at either end; a
    run of hyphens is a dash; any other sign stands alone. Blanks are lost."""
    return WORD.findall(text)


def written(sequence: Iterable[str]) -> str:
    """Words as a text to read: blanks between them, but not before a full stop or after a line end. What it gives for
    the first words is what it begins with for all of them."""
    text, before = "", "\n"
    for word in sequence:
        text += ("" if CLOSING.fullmatch(word) or OPENING.fullmatch(before) else " ") + word
        before = word
    return text


class WordVocabulary:
    """The V words of a text and their ids; UNK, id 0, stands for every word that is not listed.

    Made with   WordVocabulary(vocabulary), or WordVocabulary.of(words, min_count)
    Call        ids(words) -> (T,), UNK for those not listed;  encode(text) -> ids (T,);  decode(ids (T,)) -> text
                len() -> V    .symbols: the listed words    .unk: its id    .saved, WordVocabulary.restored(saved)
    Raises      ValueError in encode for a word, in decode for an id that it does not know"""

    def __init__(self, vocabulary: Vocabulary):
        self._vocabulary = vocabulary
        self.unk = vocabulary.unk
        self.symbols = vocabulary.symbols[len(vocabulary.specials):]

    @classmethod
    def of(cls, sequence: list[str], min_count: int) -> Self:
        """The words that occur min_count times or more, the most frequent first."""
        return cls(Vocabulary.of([sequence], [UNK], min_count))

    def __len__(self) -> int:
        return len(self._vocabulary)

    def __contains__(self, word: str) -> bool:
        return word in self._vocabulary

    def ids(self, sequence: list[str]) -> host.np.ndarray:
        """T words -> ids (T,), for a text to learn from or to measure."""
        return self._vocabulary.encode(sequence)

    def encode(self, text: str) -> host.np.ndarray:
        """Text of T words -> ids (T,), for what a user asks for by name: every word must be listed."""
        sequence = words_of(text)
        for place, word in enumerate(sequence):
            if word not in self:
                raise ValueError(f"word {word!r} at place {place} is not among the {len(self.symbols)} that are known, "
                                 f"capitals as they are; leave it out, or train on a text that holds it more often")
        return self.ids(sequence)

    def decode(self, ids: Any) -> str:
        """ids (T,) -> text."""
        return written(self._vocabulary.decode(ids))

    @property
    def saved(self) -> dict[str, list[str]]:
        """All that is needed to make it again, for a run's config.json."""
        return self._vocabulary.saved

    @classmethod
    def restored(cls, saved: dict[str, list[str]]) -> Self:
        """The vocabulary whose .saved this is."""
        return cls(Vocabulary.restored(saved))
