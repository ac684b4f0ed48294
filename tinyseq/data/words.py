"""A sentence as words, and back."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

PLAIN = str.maketrans({"’": "'", "‘": "'", "‐": "-", "\u200b": None, "\u00ad": None})   # invisible ones vanish
TOKEN = re.compile(r"""
    \d+(?:[.,:]\d+)*                                                    # 1,000  2:30
  | (?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu)'(?=\w)          # French elision: l'ami -> l' ami
  | (?:(?<=\w)-)?[^\W\d_]+(?:'[^\W\d_]+)*                               # don't   aujourd'hui   as-tu -> as -tu
  | \S                                                                  # any other sign stands alone
""", re.VERBOSE)


def cleaned(text: str) -> str:
    """The text with characters composed (Unicode's NFC), one form of apostrophe and hyphen, and single blanks
    (French sets a no-break space before "!" and "?")."""
    return " ".join(unicodedata.normalize("NFC", text).translate(PLAIN).split())


def tokens(text: str) -> list[str]:
    """The words and signs of a text, in lower case.

        "J'ai 2 amis, as-tu..."  ->  j' ai 2 amis , as -tu . . .

    A word is a run of letters, with apostrophes inside; a number a run of digits, with . , : inside. French elisions
    are words of their own; a hyphen inside a compound begins the next word; any other sign stands alone.
    """
    return TOKEN.findall(cleaned(text).lower())


def joined(words: Sequence[str]) -> str:
    """Tokens as a line to read: no blank after an elision, before a hyphen's part, a full stop or a comma."""
    text = " ".join(words)
    return re.sub(r" (?=[.,]|-\w)|(?<=\w') (?=\w)", "", text)
