"""Corpora: one long text each."""
from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tinyseq.backend import host
from tinyseq.data.fetch import DataUnavailable, find


@dataclass(frozen=True)
class Corpus:
    name: str       # "shakespeare", "pydoc" or the file's path
    text: str
    note: str       # one line for the reader: which text this is and why it was taken


def load_corpus(spec: str = "auto") -> Corpus:
    """The corpus that a word or a path names.

    "shakespeare"   Tiny Shakespeare (Karpathy 2015), from TINYSEQ_DATA, the cache or its address
    "pydoc"         the documentation that comes with Python; always there
    "auto"          Tiny Shakespeare where it can be had, else pydoc; the note says which, and why
    anything else   the path of a text file in UTF-8 (./pydoc for a file of that name)

    Raises ValueError for a file that is missing, empty or no text; DataUnavailable (a ValueError) for Tiny
    Shakespeare asked for by name where it cannot be had.
    """
    if spec == "shakespeare":
        return _shakespeare_or_say_what_else()
    if spec == "pydoc":
        return _pydoc("the documentation that comes with Python")
    if spec == "auto":
        return _shakespeare_or_pydoc()
    return _from_file(Path(spec))


def split(ids, validation: float = 0.1) -> tuple[host.np.ndarray, host.np.ndarray]:
    """ids (N,) -> the text to train on and its held-out tail, the last `validation` of it (2 ids or more).

    Held out in one piece: neighbouring windows share their text, so a random choice of windows would let the
    model see most of what it is examined on.
    """
    if not 0 < validation < 1:
        raise ValueError(f"the held-out share must lie between 0 and 1; it is {validation}")
    ids = host.np.asarray(ids)
    cut = int(len(ids) * (1 - validation))
    if len(ids) - cut < 2:
        raise ValueError(f"the text is too short: of its {len(ids)} characters {len(ids) - cut} would be "
                         "held out for validation and one prediction needs 2; give a longer text")
    return ids[:cut], ids[cut:]


def _shakespeare() -> Corpus:
    path = find("tinyshakespeare")
    return Corpus("shakespeare", path.read_text(encoding="utf-8"), f"corpus: Tiny Shakespeare, from {path}")


def _shakespeare_or_say_what_else() -> Corpus:
    try:
        return _shakespeare()
    except DataUnavailable as error:
        remedy = f"{error.remedy}, or take the text that comes with Python: --corpus pydoc"
        raise DataUnavailable(error.tried, remedy) from error


def _shakespeare_or_pydoc() -> Corpus:
    try:
        return _shakespeare()
    except DataUnavailable as error:
        return _pydoc(f"the documentation that comes with Python, because {error.tried}")


def _pydoc(why: str) -> Corpus:
    from pydoc_data.topics import topics

    # The topics repeat one another (a chapter and its sections are topics of their own). Each paragraph is
    # taken once, or the held-out tail would hold text that was trained on.
    pages = "\n\n".join(topics[topic] for topic in sorted(topics))
    paragraphs = (part.strip("\n").rstrip() for part in pages.split("\n\n"))
    text = "\n\n".join(dict.fromkeys(filter(None, paragraphs))) + "\n"
    return Corpus("pydoc", text, f"corpus: pydoc ({sys.version_info.major}.{sys.version_info.minor}), {why}")


def _from_file(path: Path) -> Corpus:
    try:
        if path.is_dir():
            raise ValueError(f"the corpus {path} is a folder; give one text file")
        content = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}; --corpus takes auto, shakespeare, pydoc or the path of a "
                         "text file") from None
    except OSError as error:
        raise ValueError(f"the corpus {path} cannot be read ({error.strerror}); give another") from error
    if not content:
        raise ValueError(f"the corpus {path} is empty; give a file with text in it")
    if b"\0" in content:
        raise ValueError(f"the corpus {path} is not a text file: byte {content.index(0)} is zero; "
                         "give a text file in UTF-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the corpus {path} is not text in UTF-8: byte {error.start} is "
                         f"{content[error.start]:#04x}; save it as UTF-8 and try again") from None
    return Corpus(str(path), text, f"corpus: {path}")
