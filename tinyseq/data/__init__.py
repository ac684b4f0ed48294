"""Where texts and series come from, and how they become batches of arrays.

    vocabulary.py   CharVocabulary: text <-> integer ids
    text.py         load_corpus: Tiny Shakespeare, Python's own documentation, or a file; the held-out tail
    batches.py      RandomWindows, Streams, whole_stream: ids -> inputs and targets
    counting.py     what n-gram counts reach, the bar for a language model
    series.py       noisy sine, sunspots, Seattle's weather; windows and the baselines to beat
    sources.py      the table of data sets: address, size, checksum, licence
    fetch.py        find a file of that table: in TINYSEQ_DATA, in the cache, or at its address
    download.py     one file over the network, with a limit on the wait

Everything here stays on the host: ids and series are NumPy arrays whatever the backend is.
"""
from tinyseq.data.batches import RandomWindows, Streams, whole_stream
from tinyseq.data.counting import counting
from tinyseq.data.fetch import DataUnavailable, fetch, find, status
from tinyseq.data.series import (
    NOISE_FLOOR,
    forecasting_split,
    linear_least_squares,
    noisy_sine,
    persistence,
    seattle_weather,
    sunspots,
    windows,
)
from tinyseq.data.sources import SOURCES
from tinyseq.data.text import Corpus, load_corpus, split
from tinyseq.data.vocabulary import CharVocabulary

__all__ = ["NOISE_FLOOR", "SOURCES", "CharVocabulary", "Corpus", "DataUnavailable", "RandomWindows",
           "Streams", "counting", "fetch", "find", "forecasting_split", "linear_least_squares", "load_corpus",
           "noisy_sine", "persistence", "seattle_weather", "split", "status", "sunspots",
           "whole_stream", "windows"]
