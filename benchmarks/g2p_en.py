"""What the GRU encoder-decoder of the package g2p-en reaches on cmudict, and how many words it says in a second.

    pip install --no-deps g2p-en
    python benchmarks/g2p_en.py                        20,000 words -> results/g2p_en.json
    python benchmarks/g2p_en.py --words 2000           fewer, printed only

The words are those of the letters a to z, drawn by a digest, so that they are the same for ever. Stress is left out of
both sides; any listed pronunciation is right. The package was made from this dictionary, so these are words that the
network was trained on, most of them: what is shown is that it runs here as it does there, not how well it generalises.
"""
import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

from tinyseq.data import Pronounced, cmudict, shuffled
from tinyseq.decoding import greedy
from tinyseq.files import write_atomically
from tinyseq.interop import g2p_en
from tinyseq.training import default_threads
from tinyseq.training.answering import equally_long
from tinyseq.training.parallel import one_blas_thread_each
from tinyseq.training.pronunciation import phone_error, word_error

PATH = Path(__file__).parent / "results" / "g2p_en.json"
WORDS = 20_000
LONGEST = 20                           # phones, as in the package
RUNS = 3                               # of which the fastest counts: other programs may have held a core


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--words", type=int, default=WORDS, metavar="N")
    args = options.parse_args()
    try:
        model = g2p_en.load()
    except ValueError as error:
        options.error(str(error))
    found = measured(model, drawn(args.words))
    print(json.dumps(found, indent=1))
    if args.words == WORDS:
        write_atomically(PATH, (json.dumps(found, indent=1) + "\n").encode())


def drawn(n: int) -> list[Pronounced]:
    """The first n words of the dictionary in the order of a digest."""
    entries = {entry.word: entry for part in cmudict() for entry in part}
    return [entries[word] for word in shuffled(entries)[:n]]


def measured(model: Any, entries: list[Pronounced]) -> dict[str, Any]:
    """Word and phone error without stress, and words a second on one thread."""
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        said = pronounced(model, [entry.word for entry in entries])
        seconds.append(time.perf_counter() - begin)
    plain = [[phone.rstrip("012") for phone in phones] for phones in said]
    return {"words": len(entries), "word error": word_error(plain, entries), "phone error": phone_error(plain, entries),
            "words a second": round(len(entries) / min(seconds)), "parameters": model.count(), "threads": 1,
            "cores": default_threads(), "machine": platform.machine(), "python": platform.python_version()}


def pronounced(model: Any, words: list[str]) -> list[list[str]]:
    """The phones of each word, words of one length side by side."""
    said: list[list[str]] = [[] for _ in words]
    with one_blas_thread_each():
        for rows in equally_long(words):
            answers = greedy(model, [model.letters(words[row]) for row in rows], LONGEST)
            for row, answer in zip(rows, answers, strict=True):
                said[row] = model.phones(answer.ids)
    return said


if __name__ == "__main__":
    main()
