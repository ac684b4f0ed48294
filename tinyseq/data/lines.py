"""The lines of a data file with their numbers, and the error that names one of them."""
from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

MOST_SHOWN = 60     # characters of a bad line that an error repeats


def numbered_lines(path: Path, member: str | None = None) -> Iterator[tuple[int, str]]:
    """(1, first line), (2, second line) ... of a text file in UTF-8, without their ends (LF or CR LF).

    A path that ends in .gz is unpacked on the way; `member` names a file inside a zip archive.

    Raises ValueError for a file that is missing, damaged, empty, or not in UTF-8 (with the number of the line).
    """
    path = Path(path)
    content = _content(path, member)
    if not content.strip():
        raise ValueError(f"{_named(path, member)} is empty; put the whole file there")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        number = content[:error.start].count(b"\n") + 1
        raise ValueError(f"{_named(path, member)}, line {number}: byte {content[error.start]:#04x} is not UTF-8; save "
                         "the file as UTF-8") from None
    # Not splitlines(), which also cuts at characters that occur inside sentences, such as U+2028.
    return ((number, line.removesuffix("\r")) for number, line in enumerate(text.removesuffix("\n").split("\n"), 1))


def malformed(path: Path, number: int, came: str, expected: str, member: str | None = None) -> ValueError:
    """The error for a row that is not as it should be: the file, the line, what came and what was expected."""
    shown = came if len(came) <= MOST_SHOWN else came[:MOST_SHOWN] + "..."
    return ValueError(f"{_named(path, member)}, line {number}: expected {expected}; it has {shown!r}")


def _content(path: Path, member: str | None) -> bytes:
    try:
        if member is not None:
            with zipfile.ZipFile(path) as archive:
                return archive.read(member)
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except KeyError:
        raise ValueError(f"{path} holds no file {member}; put the archive there that has it") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error}); put the file there") from None
    except Exception as error:      # zlib, zipfile and EOFError share no class
        raise ValueError(f"{path} is damaged ({error}); delete it and fetch it again") from None


def _named(path: Path, member: str | None) -> str:
    return str(path) if member is None else f"{path}, {member}"
