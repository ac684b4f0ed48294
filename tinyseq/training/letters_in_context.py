"""Pronunciation by counting: what each letter says between its neighbours.

First letters are aligned with phones, in order; each letter says no phone, one, or two (x says K S):

    (1) P(phones | letters) = max over alignments prod_i P(s_i | letter_i),   s_1 s_2 .. = the phones
    (2) P(s | letter) = n(letter says s) / n(letter)      counted in the best alignments, which (1) finds; ROUNDS times

This is expectation maximisation with the best alignment in place of all of them ("hard" EM). It begins with every phone
at the letters whose place in the word is its own, where the word is stretched over its phones.

Then a letter says what it said most often in training between the same neighbours, as many on both sides as training
has seen (3). A wider context that changes nothing is not kept (Daelemans and van den Bosch 1997). Alignment by EM:
Black, Lenzo and Pagel 1998.
"""
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tinyseq.backend import host
from tinyseq.data import PHONES, Pronounced, padded

np = host.np

Symbols = tuple[str, ...]
ROUNDS = 5
WIDTHS = ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4))      # letters on the left and right
WIDEST = 4
EDGE = "#"             # stands before and behind each word
N = len(PHONES)
SAYINGS = 1 + N + N * N                # nothing, one phone, two phones: 0, 1 + a, 1 + N + a N + b
LEAST = 1e-9           # of a saying that was never counted: poor, but a word that needs it can be aligned


class LettersInContext:
    """Made with the words of a training part; call: a word -> its phones."""

    def __init__(self, entries: Sequence[Pronounced]):
        self.says: dict[tuple[int, str], Symbols] = {}
        pairs = [(entry.word, phones) for entry in entries for phones in entry.pronunciations]
        aligned = [(word, sayings) for (word, _), sayings in zip(pairs, alignments(pairs), strict=True)]
        for width in range(len(WIDTHS)):
            counts = Counter((_context(window, width), said) for word, sayings in aligned
                             for window, said in zip(_windows(word), sayings, strict=True))
            best: dict[str, tuple[int, Symbols]] = {}
            for (context, said), n in counts.items():
                best[context] = max(best.get(context, (0, ())), (n, said))
            self.says.update({(width, context): said for context, (_, said) in best.items()
                              if said != self._said(_window(context, width), width)})

    def __call__(self, word: str) -> Symbols:
        return tuple(phone for window in _windows(word) for phone in self._said(window, len(WIDTHS)) or ())

    def _said(self, window: str, widths: int) -> Symbols | None:
        """(3), of the first widths alone; None for a letter that training never had."""
        contexts = ((width, _context(window, width)) for width in reversed(range(widths)))
        return next((self.says[context] for context in contexts if context in self.says), None)


def _windows(word: str) -> Iterator[str]:
    """Each letter with WIDEST neighbours on both sides."""
    whole = EDGE * WIDEST + word + EDGE * WIDEST
    return (whole[i:i + 2 * WIDEST + 1] for i in range(len(word)))


def _context(window: str, width: int) -> str:
    """The part of a window that this width looks at."""
    left, right = WIDTHS[width]
    return window[WIDEST - left:WIDEST + 1 + right]


def _window(context: str, width: int) -> str:
    """A window with this context in it."""
    left, right = WIDTHS[width]
    return EDGE * (WIDEST - left) + context + EDGE * (WIDEST - right)


# Alignment --------------------------------------------------------------------------------------------------

def alignments(pairs: Sequence[tuple[str, Symbols]]) -> list[list[Symbols]]:
    """What each letter of each pair says. A pair with more than two phones a letter has no alignment: it is left
    silent."""
    groups = _of_one_length(pairs)                         # words of L letters at once
    sayings = [_stretched(letters, phones) for _, letters, phones in groups]
    for _ in range(ROUNDS):
        n = np.zeros((26, SAYINGS))
        for (_, letters, _), said in zip(groups, sayings, strict=True):
            np.add.at(n, (letters, said), 1)
        p = n / np.maximum(n.sum(axis=1, keepdims=True), 1)                                            # (2)
        log_p = np.log(np.maximum(p, LEAST)).astype(np.float32)
        sayings = [_best(letters, phones, log_p) for _, letters, phones in groups]
    found: list[list[Symbols]] = [[] for _ in pairs]
    for (rows, _, _), of_group in zip(groups, sayings, strict=True):
        for row, said in zip(rows, of_group, strict=True):
            found[row] = [_phones(s) for s in said]
    return found


def _best(letters: Any, phones: Any, log_p: Any) -> Any:
    """The sayings (B, L) of the best alignments. score[j]: of the letters so far, which say the first j phones; how
    many phones each letter says leads back from the end."""
    (B, L), M = letters.shape, phones.shape[1]
    by_count = np.zeros((3, B, M + 1), np.int32)           # the last none, one or two of the first j phones, as sayings
    by_count[1, :, 1:] = 1 + phones
    by_count[2, :, 2:] = 1 + N + phones[:, :-1] * N + phones[:, 1:]
    by_count = np.maximum(by_count, 0)                     # behind a word's end, where nothing leads back
    score = np.full((B, M + 1), -np.inf, np.float32)
    score[:, 0] = 0
    chosen = np.zeros((L, B, M + 1), np.int8)
    for i in range(L):
        ways = np.full((3, B, M + 1), -np.inf, np.float32)
        for k in range(3):
            ways[k, :, k:] = score[:, :M + 1 - k] + log_p[letters[:, i, None], by_count[k, :, k:]]
        chosen[i], score = ways.argmax(axis=0), ways.max(axis=0)
    rows, left = np.arange(B), (phones >= 0).sum(axis=1)
    sayings = np.zeros((B, L), np.int32)
    for i in reversed(range(L)):
        k = chosen[i, rows, left]
        sayings[:, i] = by_count[k, rows, left]
        left = left - k
    return sayings


def _stretched(letters: Any, phones: Any) -> Any:
    """Sayings (B, L) to begin with: the phone whose place in its word is the letter's."""
    L, counts = letters.shape[1], (phones >= 0).sum(axis=1)[:, None]
    return 1 + np.take_along_axis(phones, np.arange(L) * counts // L, axis=1)


def _phones(saying: int) -> Symbols:
    if saying <= N:
        return (PHONES[saying - 1],) if saying else ()
    first, second = divmod(int(saying) - 1 - N, N)
    return PHONES[first], PHONES[second]


def _of_one_length(pairs: Sequence[tuple[str, Symbols]]) -> list[tuple[list[int], Any, Any]]:
    """For each L the pairs whose words have L letters: which they are, letters (B, L), phones (B, M), -1 behind."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, (word, _) in enumerate(pairs):
        rows_of[len(word)].append(row)
    number = {phone: n for n, phone in enumerate(PHONES)}
    letters = {L: np.array([[ord(letter) - ord("a") for letter in pairs[row][0]] for row in rows])
               for L, rows in rows_of.items()}
    return [(rows, letters[L], padded([[number[phone] for phone in pairs[row][1]] for row in rows], -1)[0])
            for L, rows in rows_of.items()]
