"""Mistakes by what they return: each known wrong answer has left a few numbers for two fixed cases.

A fingerprint is a number for each result in each case: its entries, weighed and summed. That is enough to know a
mistake again, and it is not the mistake's code, let alone the solution's: both stay outside of the package. The files
are made by notebooks/exercises/make.py from the wrong answers that lie beside the solutions, and from every small
change of a solution (a term left out, a factor twice, another array, another axis).
"""
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tinyseq.backend import host

np = host.np

FOLDER = Path(__file__).parent / "fingerprints"
SEEDS = (101, 102)                       # of the cases
Results = dict[str, Any]                 # symbol -> array
Marks = dict[str, list[float]]           # symbol -> its number in each case


def mark(x: Any) -> float:
    """The sum of x cos(angle) over fixed angles, which depend on the shape as well."""
    places = np.indices(x.shape).reshape(x.ndim, -1) if x.ndim else np.zeros((1, 1))
    angles = 1 + x.ndim + (places * (1.4 + np.arange(len(places)))[:, None]).sum(axis=0)
    values = np.where(np.isfinite(x), x.astype("float64"), 1e6).reshape(-1)
    return float(f"{values @ np.cos(angles) + 0.1 * x.size:.8g}")


def marks(results: list[Results], symbols: Iterable[str]) -> Marks:
    """Of each result its mark in each case."""
    return {symbol: [mark(one[symbol]) for one in results] for symbol in symbols}


def explained(id: str, results: list[Results], rights: list[Results], wrong: list[str]) -> list[str]:
    """What is wrong, in words, by the known mistakes that return these wrong results; [] if none is known.

    results    of the cases of SEEDS, and `rights` what they should be. One mistake that explains all of `wrong` is
               enough, and two are tried next: of each result one or the other, or what they do to it added up; then
               one for each result, which touches no other."""
    found, right = (np.array(list(marks(one, wrong).values())) for one in (results, rights))  # (symbols, cases)
    able = [(words, np.array([left.get(symbol, right[i]) for i, symbol in enumerate(wrong)]))
            for words, left in known(id) if set(left) <= set(wrong)]
    if not able:
        return []
    left = np.stack([one for _, one in able])                                   # (mistakes, symbols, cases)
    alone = alike(left, found).all(axis=2)                                      # (mistakes, symbols)
    if alone.all(axis=1).any():
        return [able[int(alone.all(axis=1).argmax())][0]]
    for i, one in enumerate(left):
        together = alone | alone[i] | alike(left + one - right, found).all(axis=2)
        together[i] = False                                # a mistake is not made twice
        if together.all(axis=1).any():
            return [able[i][0], able[int(together.all(axis=1).argmax())][0]]
    touched = (~alike(left, right).all(axis=2)).sum(axis=1)                     # (mistakes,) how many results
    single = alone & (touched == 1)[:, None]
    return [able[int(one)][0] for one in single.argmax(axis=0)] if single.any(axis=0).all() else []


@cache
def known(id: str) -> list[tuple[str, Marks]]:
    """The known mistakes of an exercise: (in words, the marks of the results that are wrong)."""
    path = FOLDER / f"{id}.json"
    return [(words, left) for words, left in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def alike(one: Any, other: Any) -> Any:
    """Which marks are of the same numbers."""
    return np.isclose(one, other, rtol=1e-6, atol=1e-7)
