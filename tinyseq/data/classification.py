"""Texts with one label each: spam, sentiment, the language of a surname."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines
from tinyseq.data.parts import Parts, partition, shuffled
from tinyseq.data.sources import SOURCES

SPLITS = 5     # of rt-polarity


@dataclass(frozen=True)
class Labelled:
    text: str
    label: str


def sms_spam() -> Parts[Labelled]:
    """Text messages, "ham" or "spam": 4,127 to train, 516 to validate, 516 to test.

    Messages that differ in case and blanks alone are one message: 5,159 of the file's 5,574 are left, of which
    642 are spam. Split 80/10/10 by the digest of parts.py with seed 0.
    """
    return partition(read_sms_spam(find("sms-spam")), lambda item: _key(item.text), validation=0.1, test=0.1)


def read_sms_spam(path: Path) -> list[Labelled]:
    """The different messages of a file of `ham|spam TAB text`, the first of each kept, in their order.

    Raises ValueError for a malformed line, with its number.
    """
    messages: dict[str, Labelled] = {}
    for number, line in numbered_lines(path):
        label, _, text = line.partition("\t")
        if label not in ("ham", "spam") or not text.strip():
            raise malformed(path, number, line, "ham or spam, a tab and a message")
        messages.setdefault(_key(text), Labelled(text, label))
    return list(messages.values())


def rt_polarity(split: int = 0) -> Parts[Labelled]:
    """Sentences of film reviews, "pos" or "neg" (Pang and Lee 2005): five fixed splits, 0 to 4.

    The 10,662 sentences, all different, fall into tenths by the digest of parts.py with seed 0. Split k tests on
    tenth k, validates on tenth k + 5 and trains on the eight others (8,530 sentences, or one or two fewer): no sentence
    is tested twice. Raises ValueError for another number.
    """
    if split not in range(SPLITS):
        raise ValueError(f"rt-polarity has the splits 0 to {SPLITS - 1}; it was asked for {split}")
    items = read_rt_polarity(find("rt-polarity"))
    tenth = {key: i % 10 for i, key in enumerate(shuffled(item.text for item in items))}
    parts: Parts[Labelled] = Parts([], [], [])
    for item in items:
        part = {split: parts.test, split + SPLITS: parts.validation}.get(tenth[item.text], parts.train)
        part.append(item)
    return parts


def read_rt_polarity(path: Path) -> list[Labelled]:
    """The different sentences of the archive's rt-polarity.pos and .neg, one a line, tokenised, in lower case.

    Raises ValueError for a blank line and a sentence that stands in both files, with the line's number.
    """
    items: dict[str, Labelled] = {}
    for label in ("pos", "neg"):
        member = f"sentence_polarity/rt-polarity.{label}"
        for number, line in numbered_lines(path, member):
            text = " ".join(line.split())
            if not text or items.get(text, Labelled(text, label)).label != label:
                raise malformed(path, number, line, "a sentence that does not stand in the other file", member)
            items[text] = Labelled(text, label)
    return list(items.values())


def language_names() -> Parts[Labelled]:
    """Surnames and their languages: 13,579 to train, 1,697 to validate, 1,697 to test.

    The 20,050 lines hold 17,442 names, whatever their case, and each is kept once. The 469 that stand under several
    languages (Abel under five) have no one right answer and are left out of all parts;
    with them go all Scottish names but one. Split 80/10/10 by the digest of parts.py with seed 0.
    """
    paths = {file.path.removesuffix(".txt"): find("language-names", file.path)
             for file in SOURCES["language-names"].files}
    return partition(read_names(paths), lambda item: _key(item.text), validation=0.1, test=0.1)


def read_names(paths: Mapping[str, Path]) -> list[Labelled]:
    """The names that stand under one language alone, from one file a language, one name a line.

    Raises ValueError for a line that is no name, with its number.
    """
    languages: dict[str, list[Labelled]] = defaultdict(list)
    for language, path in paths.items():
        for number, line in numbered_lines(path):
            name = " ".join(line.split())
            if not name or not all(sign.isalpha() or sign in " '-/" for sign in name):
                raise malformed(path, number, line, "a surname: letters, blanks, apostrophes, hyphens")
            languages[_key(name)].append(Labelled(name, language))
    return [found[0] for found in languages.values() if len({item.label for item in found}) == 1]


def _key(text: str) -> str:
    """What two texts share that differ in case and blanks alone."""
    return " ".join(text.casefold().split())
