"""Words, characters, phones, tags or labels, and their ids."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

from tinyseq.backend import host
from tinyseq.data.vocabulary import checked_ids

np = host.np

PAD, UNK, SOS, EOS = SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")


class Vocabulary:
    """V symbols, numbered 0 .. V-1: first the special ones that were asked for, then the ordinary ones.

        PAD   fills short sequences of a batch          UNK   stands for every symbol that is not listed
        SOS   what a decoder reads before its first     EOS   what it says when it has finished

    The special symbols take the ids 0, 1 ... in this order, whatever the data. They are not symbols of a text: the
    word "<eos>" in somebody's sentence is unknown, not an end.

    Made with   Vocabulary(symbols, specials), or Vocabulary.of(sequences, specials, min_count)
    Call        encode(sequence) -> ids (T,)    decode(ids (T,)) -> symbols    len() -> V
                .symbols (id -> symbol)   .pad .unk .sos .eos (ids)   .saved, Vocabulary.restored(saved)
    Raises      ValueError for a symbol or an id that it does not know, and for a special one that it has not
    """

    def __init__(self, symbols: Iterable[str], specials: Iterable[str] = ()):
        ordinary, asked = tuple(symbols), tuple(specials)
        if unheard := [special for special in asked if special not in SPECIALS]:
            raise ValueError(f"{unheard[0]!r} is no special symbol; they are {', '.join(SPECIALS)}")
        if not ordinary:
            raise ValueError("a vocabulary needs at least one ordinary symbol; it was given none")
        self._ids: dict[str, int] = {}
        self.specials = tuple(special for special in SPECIALS if special in asked)
        self.symbols = self.specials + ordinary
        for i, symbol in enumerate(ordinary, len(self.specials)):
            if self._ids.setdefault(symbol, i) != i:
                raise ValueError(f"a vocabulary lists each symbol once; {symbol!r} was given more than once")

    @classmethod
    def of(cls, sequences: Iterable[Iterable[str]], specials: Iterable[str] = (), min_count: int = 1) -> Self:
        """The symbols that occur min_count times or more, the most frequent first, ties in alphabetical order.

        Give it the training part alone: a word that only the examination has must be unknown.
        Raises ValueError for min_count above 1 without UNK: nothing would stand for the symbols left out.
        """
        specials = tuple(specials)
        if min_count < 1 or (min_count > 1 and UNK not in specials):
            raise ValueError(f"min_count must be 1 or more, and above 1 only with {UNK} among the special symbols, "
                             f"which stands for those left out; it is {min_count}, with {specials}")
        counts = Counter(symbol for sequence in sequences for symbol in sequence)
        kept = [symbol for symbol, count in counts.items() if count >= min_count]
        if not kept:
            raise ValueError(f"a vocabulary cannot be made: none of {len(counts)} different symbols occurs {min_count} "
                             "times or more")
        return cls(sorted(kept, key=lambda symbol: (-counts[symbol], symbol)), specials)

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, symbol: str) -> bool:
        """Whether an ordinary symbol is listed."""
        return symbol in self._ids

    def __repr__(self) -> str:
        shown = ", ".join(self.symbols[:8]) + (", ..." if len(self) > 8 else "")
        return f"Vocabulary(V={len(self)}: {shown})"

    @property
    def pad(self) -> int:
        return self._special(PAD)

    @property
    def unk(self) -> int:
        return self._special(UNK)

    @property
    def sos(self) -> int:
        return self._special(SOS)

    @property
    def eos(self) -> int:
        return self._special(EOS)

    def encode(self, sequence: Sequence[str], sos: bool = False, eos: bool = False) -> host.np.ndarray:
        """T symbols -> ids (T,), int64; with sos and eos, (T + 2,), the sequence between its two ends.

        A symbol that is not listed becomes UNK. Raises ValueError where there is no UNK, and for one string where
        the symbols are words: split it first.
        """
        if isinstance(sequence, str) and any(len(symbol) > 1 for symbol in self._ids):
            raise ValueError(f"the symbols of this vocabulary are words, and encode was given one string, "
                             f"{sequence[:30]!r}; split it into words")
        unknown = self.unk if UNK in self.specials else -1
        ids = np.fromiter((self._ids.get(symbol, unknown) for symbol in sequence), np.int64)
        if ids.size and ids.min() < 0:
            place = int(ids.argmin())                                      # the first -1
            raise ValueError(f"symbol {sequence[place]!r} at place {place} is not among the {len(self)} of this "
                             f"vocabulary, {', '.join(self.symbols[:8])}, ...; it did not occur in the training part")
        begin, end = [self.sos] if sos else [], [self.eos] if eos else []
        return np.concatenate([begin, ids, end]).astype(np.int64)

    def decode(self, ids: Any) -> list[str]:
        """ids (T,) -> symbols: PAD and SOS are left out and the first EOS ends the sequence."""
        symbols = []
        for i in checked_ids(ids, len(self)).tolist():
            special = self.symbols[i] if i < len(self.specials) else None
            if special == EOS:
                break
            if special not in (PAD, SOS):
                symbols.append(self.symbols[i])
        return symbols

    @property
    def saved(self) -> dict[str, list[str]]:
        """All that is needed to make it again, for a run's config.json."""
        return {"specials": list(self.specials), "symbols": list(self.symbols[len(self.specials):])}

    @classmethod
    def restored(cls, saved: dict[str, list[str]]) -> Self:
        """The vocabulary whose .saved this is. Raises ValueError where it is none."""
        if not isinstance(saved, dict) or set(saved) != {"specials", "symbols"}:
            raise ValueError(f"a saved vocabulary has the fields specials and symbols; this one is {saved!r:.60}")
        return cls(saved["symbols"], saved["specials"])

    def _special(self, symbol: str) -> int:
        if symbol not in self.specials:
            raise ValueError(f"this vocabulary has no {symbol}; make it with {symbol} among its special symbols")
        return self.specials.index(symbol)
