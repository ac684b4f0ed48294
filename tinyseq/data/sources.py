"""The table of data sets: what there is, where it comes from, and the checksum that every copy must have."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    path: str       # below the data set's folder
    url: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Source:
    name: str       # also the name of its folder
    description: str
    licence: str
    files: tuple[File, ...]

    def file(self, path: str | None = None) -> File:
        """The file of this path; without one, the only file. ValueError where that is none or several."""
        wanted = [file for file in self.files if path in (None, file.path)]
        if len(wanted) != 1:
            known = ", ".join(file.path for file in self.files)
            raise ValueError(f"the data set {self.name} has the files {known}; it was asked for "
                             f"{path or 'one without saying which'}")
        return wanted[0]


_TABLE = (
    Source("tinyshakespeare", "a million characters of Shakespeare (Karpathy 2015)", "public domain", (
        File("input.txt",
             "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
             1_115_394, "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"),
    )),
    Source("timeseries", "yearly sunspots, Seattle's daily weather (SIDC, NOAA)", "public domain", (
        # The file that the statsmodels package ships, at the tag of one release so that it stays the same.
        File("sunspots.csv",
             "https://raw.githubusercontent.com/statsmodels/statsmodels/v0.14.5/"
             "statsmodels/datasets/sunspots/sunspots.csv",
             2_944, "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"),
        File("seattle-weather.csv",
             "https://raw.githubusercontent.com/vega/vega-datasets/main/data/seattle-weather.csv",
             47_838, "62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b"),
    )),
)

SOURCES = {source.name: source for source in _TABLE}


def source_named(name: str) -> Source:
    """The source of this name; ValueError that lists the names where there is none."""
    if name not in SOURCES:
        raise ValueError(f"there is no data set {name!r}; there are {', '.join(SOURCES)}")
    return SOURCES[name]
