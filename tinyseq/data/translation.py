"""English and French: sentences from Tatoeba, and thirty pairs of our own."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines
from tinyseq.data.parts import Parts, partition
from tinyseq.data.words import cleaned

MEMBER = "fra.txt"
PREFIXES = ("i am ", "i m ", "you are ", "you re ", "he is ", "he s ", "she is ", "she s ",
            "we are ", "we re ", "they are ", "they re ")
"""How a sentence must begin to be in the small set of section 9.3. The blank at the end of each matters: without it
"you re" also admits "you really ..." and "you read ...", 53 pairs in all."""


@dataclass(frozen=True)
class Pair:
    source: str     # English, but for from_french
    target: str     # French


def fra_eng(most_words: int = 10) -> Parts[Pair]:
    """Pairs with at most `most_words` words, cut at blanks, on both sides.

    For 10: 114,967 pairs (79,132 English sentences) to train, 6,354 (4,395) to validate, 6,398 (4,397) to test: 5 %
    and 5 % of the English sentences, drawn by the digest of parts.py with seed 0. Sentences that differ in case and
    punctuation alone count as one, so no English sentence of the test, however it is written, was trained on, and
    each stands there with every French translation that the file lists. A French sentence may stand in two parts
    under different English ones: 9 % of the test pairs have one that was trained on.
    """
    pairs = [pair for pair in read_fra_eng(find("fra-eng"))
             if max(len(pair.source.split()), len(pair.target.split())) <= most_words]
    return partition(pairs, lambda pair: _words(pair.source), 0.05, 0.05)


def from_french(parts: Parts[Pair]) -> Parts[Pair]:
    """The pairs turned round, each part without those whose French stands in a part before: the parts keep English
    sentences apart, and here it is the French ones that must be new."""
    known: set[str] = set()
    turned = []
    for part in parts:
        turned.append([Pair(pair.target, pair.source) for pair in part if _words(pair.target) not in known])
        known.update(_words(pair.target) for pair in part)
    return Parts(*turned)


def _words(sentence: str) -> str:
    """What of a sentence counts where it is to be new: not its case, not its punctuation."""
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def read_fra_eng(path: Path) -> list[Pair]:
    """Every different pair of the archive's fra.txt, in its order: `english TAB french`, cleaned as in words.py.

    Raises ValueError for a malformed line, with its number.
    """
    pairs = []
    for number, line in numbered_lines(path, MEMBER):
        sides = [cleaned(side) for side in line.split("\t")]
        if len(sides) != 2 or not all(sides):
            raise malformed(path, number, line, "an English sentence, a tab and a French sentence", MEMBER)
        pairs.append(Pair(*sides))
    return list(dict.fromkeys(pairs))


def book_form(text: str) -> str:
    """The normal form of section 9.3: lower case; . ! ? stand alone; every other sign that is no letter or digit is a
    blank, so that "I'm" becomes "i m". Single blanks."""
    apart = re.sub(r"([.!?])", r" \1", text.lower())
    return " ".join(re.sub(r"[^\w.!?]|_", " ", apart).split())


def book_pairs(pairs: Iterable[Pair], prefixes: tuple[str, ...] = PREFIXES) -> list[Pair]:
    """The pairs, in book_form, of fewer than 10 words on both sides whose English begins with one of the prefixes."""
    begun = [(source, pair.target) for pair in pairs if (source := book_form(pair.source)).startswith(prefixes)]
    normal = [Pair(source, book_form(target)) for source, target in begun]
    return [pair for pair in normal if max(len(pair.source.split()), len(pair.target.split())) < 10]


# Masculine singular, feminine singular, masculine plural.
_ADJECTIVES = {
    "tall": ("grand", "grande", "grands"),
    "strong": ("fort", "forte", "forts"),
    "curious": ("curieux", "curieuse", "curieux"),
    "polite": ("poli", "polie", "polis"),
    "calm": ("calme", "calme", "calmes"),
}
_SUBJECTS = (("I am", "je suis", 0), ("you are", "tu es", 0), ("he is", "il est", 0),
             ("she is", "elle est", 1), ("we are", "nous sommes", 2), ("they are", "ils sont", 2))


def thirty_pairs() -> list[Pair]:
    """Pronoun, to be, adjective: six times five sentences of our own, "she is tall" -> "elle est grande".

    The French adjective agrees with its subject; I, you (one person), we and they are taken as masculine, so that each
    English sentence has one French one. There is no test part: the thirty are to be learned by heart.
    """
    return [Pair(f"{english} {adjective}", f"{french} {forms[agreement]}")
            for adjective, forms in _ADJECTIVES.items() for english, french, agreement in _SUBJECTS]
