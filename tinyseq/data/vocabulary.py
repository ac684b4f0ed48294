"""Characters and their ids."""
from __future__ import annotations

from typing import Any

from tinyseq.backend import host

np = host.np


class CharVocabulary:
    """A fixed set of V characters, numbered 0 .. V-1 in the order given.

    Made with   CharVocabulary(symbols), a string of distinct characters, or CharVocabulary.of(text)
    Call        encode(text) -> ids (T,)     decode(ids (T,)) -> text     len() -> V     .symbols
    Raises      ValueError for a character or an id that it does not know
    """

    def __init__(self, symbols: str):
        if not symbols:
            raise ValueError("a vocabulary needs at least one character; it was given none")
        if len(set(symbols)) < len(symbols):
            repeated = next(symbol for symbol in symbols if symbols.count(symbol) > 1)
            raise ValueError(f"a vocabulary lists each character once; {repeated!r} was given more than once")
        self.symbols = symbols
        self._codes = _code_points(symbols)                                # (V,), id -> code point
        # code point -> id, -1 where there is none; the last entry stands for everything above the largest.
        self._ids = np.full(int(self._codes.max()) + 2, -1, dtype=np.int64)
        self._ids[self._codes] = np.arange(len(symbols))

    @classmethod
    def of(cls, text: str) -> CharVocabulary:
        """The distinct characters of a text, sorted by code point."""
        if not text:
            raise ValueError("a vocabulary cannot be made of an empty text")
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.symbols)

    def __repr__(self) -> str:
        return f"CharVocabulary({self.symbols!r})"

    def encode(self, text: str) -> host.np.ndarray:
        """Text of T characters -> ids (T,), int64.  One table look-up for the whole text, no loop over it."""
        ids = self._ids[np.minimum(_code_points(text), len(self._ids) - 1)]
        if ids.size and ids.min() < 0:
            raise ValueError(self._unknown(text, int(ids.argmin())))       # argmin: the first -1
        return ids

    def decode(self, ids) -> str:
        """ids (T,) -> text of T characters."""
        return self._codes[checked_ids(ids, len(self))].tobytes().decode("utf-32-le", "surrogatepass")

    def _unknown(self, text: str, position: int) -> str:
        before, after = text[max(0, position - 10):position], text[position + 1:position + 11]
        return (f"character {text[position]!r} at position {position}, between {before!r} and {after!r}, is "
                f"not among the {len(self)} that are known, {_shortened(self.symbols)!r}; leave it out, or "
                "train on a text that holds it")


def checked_ids(ids: Any, V: int) -> host.np.ndarray:
    """ids (T,) as int64; ValueError where they are no row of integers from 0 to V - 1."""
    ids = np.asarray(ids)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise ValueError("decode takes one row of integer ids (T,); it was given an array of shape "
                         f"{ids.shape} and type {ids.dtype}")
    if ids.size and not 0 <= ids.min() <= ids.max() < V:
        wrong = ids[(ids < 0) | (ids >= V)][0]
        raise ValueError(f"id {wrong} is outside this vocabulary, whose ids are 0 to {V - 1}")
    return ids.astype(np.int64)


def _code_points(text: str) -> host.np.ndarray:
    # "surrogatepass", because undecodable bytes of a command line reach Python as lone surrogates.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _shortened(symbols: str, most: int = 100) -> str:
    return symbols if len(symbols) <= most else symbols[:most] + "..."
