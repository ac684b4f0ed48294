"""Find a file of the table in sources.py: in the reader's data folder, in the cache, or at its address."""
from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from tinyseq.data.sources import SOURCES, File, Source, source_named
from tinyseq.files import write_atomically

ARCHIVE_LIMIT = 16 * 2**20   # bytes; no archive of the table is nearly as large
PATIENCE = 5.0   # seconds until a host that cannot be reached is given up; download.py has the rule


class DataUnavailable(ValueError):
    """A data set is neither here nor to be had; .tried and .remedy are the two halves of the message."""

    def __init__(self, tried: str, remedy: str):
        super().__init__(f"{tried}; {remedy}")
        self.tried, self.remedy = tried, remedy


class Standing(NamedTuple):
    """One line of `tinyseq data list`."""
    source: Source
    file: File
    where: str      # "data folder", "cache", "damaged" or "not here"
    path: Path | None


def find(name: str, file: str | None = None, patience: float = PATIENCE) -> Path:
    """The path of a data set's file; `file` may be left out where the set has only one.

    Looks for <name>/<file> in the folder TINYSEQ_DATA, then in the cache (TINYSEQ_CACHE, or tinyseq in
    XDG_CACHE_HOME, or ~/.cache/tinyseq), then fetches it from its address into the cache. In the folders a copy
    <file>.gz does as well, and its path is returned. The sha256 of the content is checked wherever it is found.

    Raises ValueError for an unknown name or file and for a copy whose checksum is wrong, DataUnavailable (a
    ValueError) where it cannot be had.
    """
    source = source_named(name)
    entry = source.file(file)
    for _, path in _places(source, entry):
        if path.is_file():
            _check(path, entry)
            return path
    return _into_cache(source, entry, patience)


def fetch(name: str, patience: float = PATIENCE) -> list[Path]:
    """Every file of a data set, from wherever find() has it: the work of `tinyseq data fetch NAME`."""
    return [find(name, file.path, patience) for file in source_named(name).files]


def status() -> list[Standing]:
    """Where each file of the table is on this machine. Fetches nothing."""
    return [_standing(source, file) for source in SOURCES.values() for file in source.files]


def _standing(source: Source, file: File) -> Standing:
    for where, path in _places(source, file):
        if path.is_file():
            return Standing(source, file, where if _checksum(path, file) == file.sha256 else "damaged", path)
    return Standing(source, file, "not here", None)


def _places(source: Source, file: File) -> list[tuple[str, Path]]:
    """Where the file may be, in the order in which it is looked for."""
    folder = _data_folder()
    folders = [("data folder", folder)] if folder else []
    return [(where, below / source.name / name) for where, below in [*folders, ("cache", _cache_folder())]
            for name in (file.path, f"{file.path}.gz")]


def _data_folder() -> Path | None:
    folder = os.environ.get("TINYSEQ_DATA")
    return Path(folder).expanduser() if folder else None


def _cache_folder() -> Path:
    if folder := os.environ.get("TINYSEQ_CACHE"):
        return Path(folder).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tinyseq"


def _check(path: Path, file: File) -> None:
    found = _checksum(path, file)
    if found != file.sha256:
        what = f"its sha256 begins {found[:12]}" if found else "it does not unpack"
        raise ValueError(f"{path} is not the file it should be: {what}, expected was "
                         f"sha256 {file.sha256[:12]}; delete or rename it and it will be fetched again")


def _checksum(path: Path, file: File) -> str:
    """The sha256 of the file's content, "" for a gzipped copy that does not unpack."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); make it readable or delete it") from None
    if path.name == f"{file.path}.gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return ""
    return hashlib.sha256(content).hexdigest()


def _into_cache(source: Source, file: File, patience: float) -> Path:
    """Download the file, or the archive that holds it, and with it all others that the archive holds."""
    from tinyseq.data.download import DownloadFailed, download

    folder = _cache_folder() / source.name
    try:
        came = download(file.url, file.bytes if file.member is None else ARCHIVE_LIMIT, patience)
        contents = {entry: came if entry.member is None else _unzipped(came, entry.member)
                    for entry in source.files if entry.url == file.url}
        for entry, content in contents.items():
            if len(content) < entry.bytes:
                raise DownloadFailed(f"the transfer broke off after {len(content)} of {entry.bytes} bytes")
            found = hashlib.sha256(content).hexdigest()
            if found != entry.sha256:
                raise DownloadFailed(f"another file is there now: sha256 {found[:12]}, not {entry.sha256[:12]}")
        folder.mkdir(parents=True, exist_ok=True)
        for entry, content in contents.items():
            write_atomically(folder / entry.path, content)
    except DownloadFailed as error:
        raise _unavailable(source, file, f"could not be fetched from {file.url} ({error})") from error
    except OSError as error:
        raise DataUnavailable(f"{source.name}/{file.path} was fetched but could not be written to "
                              f"{folder} ({error.strerror})",
                              "set TINYSEQ_CACHE to a folder that can be written") from error
    return folder / file.path


def _unzipped(archive: bytes, member: str) -> bytes:
    from tinyseq.data.download import DownloadFailed

    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(member)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise DownloadFailed(f"what came is no zip archive with {member} in it ({error})") from None


def _unavailable(source: Source, file: File, why: str) -> DataUnavailable:
    item = f"{source.name}/{file.path}"
    folder = _data_folder()
    looked = "TINYSEQ_DATA is not set" if folder is None else f"not in TINYSEQ_DATA={folder}"
    return DataUnavailable(
        f"{item} is not here ({looked}, not in the cache {_cache_folder()}) and {why}",
        f"set TINYSEQ_DATA to a folder that holds {item}, or run `tinyseq data fetch {source.name}` where "
        "there is a network")
