"""Series of vectors with one label each: nine speakers say two Japanese vowels (Kudo, Toyama and Shimbo 1999)."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tinyseq.backend import host
from tinyseq.data.fetch import find
from tinyseq.data.lines import malformed, numbered_lines
from tinyseq.data.parts import Parts

np = host.np

CHANNELS = 12
VALIDATION = 3     # series of each speaker


@dataclass(frozen=True)
class Series:
    values: host.np.ndarray     # (T, 12), T from 7 to 29
    label: str                  # the speaker, "1" to "9"


def japanese_vowels() -> Parts[Series]:
    """243 series to train, 27 to validate, 370 to test.

    The test part is the authors'. Of their 270 series to train, 30 a speaker, the last 3 of each speaker validate.
    """
    given = read_ts(find("japanese-vowels", "JapaneseVowels_TRAIN.ts"))
    left = Counter(series.label for series in given)
    parts: Parts[Series] = Parts([], [], read_ts(find("japanese-vowels", "JapaneseVowels_TEST.ts")))
    for series in given:
        (parts.validation if left[series.label] <= VALIDATION else parts.train).append(series)
        left[series.label] -= 1
    return parts


def read_ts(path: Path) -> list[Series]:
    """The series of a .ts file: after the line @data one a line, 12 channels split by colons, their values by commas,
    the speaker last. Raises ValueError for a malformed line, with its number."""
    items, begun = [], False
    for number, line in numbered_lines(path):
        if begun and line.strip():
            items.append(_series(path, number, line))
        begun = begun or line.strip().lower() == "@data"
    if not items:
        raise ValueError(f"{path} has no series after a line @data; put a .ts file there")
    return items


def _series(path: Path, number: int, line: str) -> Series:
    *channels, label = line.strip().split(":")
    expected = f"{CHANNELS} channels of equally many finite numbers, and a speaker from 1 to 9"
    try:
        values = np.array([[float(value) for value in channel.split(",")] for channel in channels])
    except ValueError:      # no number, or channels of different lengths
        raise malformed(path, number, line, expected) from None
    if len(channels) != CHANNELS or not np.isfinite(values).all() or label not in tuple("123456789"):
        raise malformed(path, number, line, expected)
    return Series(values.T, label)                                         # (T, 12)
