"""Where texts and series come from, and how they become batches of arrays.

    vocabulary.py       CharVocabulary: text <-> integer ids
    symbols.py          Vocabulary: words, phones, tags <-> ids, with PAD, UNK, SOS, EOS where they are asked for
    words.py            a sentence as words, and back
    wordpieces.py       WordPieces: a text as the pieces of a pretrained network
    prose.py            a whole text as words and line ends, and back; WordVocabulary
    text.py             load_corpus: Tiny Shakespeare, Python's own documentation, or a file; the held-out tail
    batches.py          RandomWindows, Streams, whole_stream: ids -> inputs and targets
    buckets.py          Buckets, padded, Rows: sequences of similar length -> padded batches
    counting.py         what n-gram counts reach, the bar for a language model
    series.py           noisy sine, sunspots, Seattle's weather; windows and the baselines to beat
    pronunciation.py    cmudict: spelling -> phones
    translation.py      English -> French: Tatoeba's sentences, and thirty pairs of our own
    tagging.py          UD English EWT (parts of speech), WNUT-17 (named entities)
    classification.py   SMS spam, rt-polarity, surnames and their languages
    long_memory.py      the adding problem, copy memory
    vowels.py           Japanese vowels: series of vectors, nine speakers
    images.py           MNIST, Fashion-MNIST, CIFAR-10; their formats: idx.py, cifar.py
    parts.py            Parts(train, validation, test), drawn by digest
    lines.py            numbered lines, and the error for a malformed one
    sources.py          the table of data sets: address, size, checksum, licence
    fetch.py            find a file of that table: in TINYSEQ_DATA, in the cache, or at its address
    download.py         one file over the network, with a limit on the wait

Everything here stays on the host: ids and series are NumPy arrays whatever the backend is. A data set's function,
such as cmudict(), finds its files, checks them and splits them; its reader, such as read_cmudict(path), takes any file
of that format.
"""
from tinyseq.data.batches import RandomWindows, Streams, whole_stream
from tinyseq.data.buckets import Buckets, Rows, padded
from tinyseq.data.classification import (
    Labelled,
    language_names,
    read_names,
    read_rt_polarity,
    read_sms_spam,
    rt_polarity,
    sms_spam,
)
from tinyseq.data.counting import counting, interpolated
from tinyseq.data.fetch import DataUnavailable, fetch, find, status
from tinyseq.data.images import ImageParts, Images, cifar10, fashion_mnist, mnist
from tinyseq.data.long_memory import ADDING_BASELINE, adding, copying, copying_baseline
from tinyseq.data.parts import Parts, partition, shuffled
from tinyseq.data.pronunciation import PHONES, Pronounced, cmudict, read_cmudict
from tinyseq.data.prose import WordVocabulary, words_of, written
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
from tinyseq.data.symbols import EOS, PAD, SOS, SPECIALS, UNK, Vocabulary
from tinyseq.data.tagging import ENTITIES, UPOS, Tagged, read_conllu, read_entities, ud_english_ewt, wnut17
from tinyseq.data.text import Corpus, load_corpus, split
from tinyseq.data.translation import (
    PREFIXES,
    Pair,
    book_form,
    book_pairs,
    fra_eng,
    from_french,
    read_fra_eng,
    thirty_pairs,
)
from tinyseq.data.vocabulary import CharVocabulary
from tinyseq.data.vowels import Series, japanese_vowels, read_ts
from tinyseq.data.wordpieces import WordPieces
from tinyseq.data.words import cleaned, joined, tokens

__all__ = ["ADDING_BASELINE", "ENTITIES", "EOS", "NOISE_FLOOR", "PAD", "PHONES", "PREFIXES", "SOS", "SOURCES",
           "SPECIALS", "UNK", "UPOS", "Buckets", "CharVocabulary", "Corpus", "DataUnavailable", "ImageParts", "Images",
           "Labelled", "Pair", "Parts", "Pronounced", "RandomWindows", "Rows", "Series", "Streams", "Tagged",
           "Vocabulary", "WordPieces", "WordVocabulary", "adding", "book_form", "book_pairs", "cifar10", "cleaned",
           "cmudict", "copying", "copying_baseline", "counting", "fashion_mnist", "fetch", "find", "forecasting_split",
           "fra_eng", "from_french", "interpolated", "japanese_vowels", "joined", "language_names",
           "linear_least_squares", "load_corpus", "mnist", "noisy_sine", "padded", "partition", "persistence",
           "read_cmudict", "read_conllu", "read_entities", "read_fra_eng", "read_names", "read_rt_polarity",
           "read_sms_spam", "read_ts", "rt_polarity", "seattle_weather", "shuffled", "sms_spam", "split", "status",
           "sunspots", "thirty_pairs", "tokens", "ud_english_ewt", "whole_stream", "windows", "wnut17", "words_of",
           "written"]
