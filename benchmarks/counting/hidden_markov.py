"""A hidden Markov model that tags words, by counting (Rabiner 1989; Brants 2000, with bigrams in place of trigrams).

    (1) P(words, tags) = P(y_1 | start) prod_{t>1} P(y_t | y_{t-1}) prod_t P(w_t | y_t) P(end | y_T)
    (2) P(y | x) = (n_xy + P(y)) / (n_x + 1)                            of a tag after a tag
    (3) P(w | y) ~ P(y | w) / P(y),      P(y | w) = n_wy / n_w          of a word that training had
    (4) P(y | suffix of k letters) = (n_sy + P(y | suffix of k-1 letters)) / (n_s + 1)

(3) is Bayes' rule; the P(w) that it leaves out is the same for all tags. A word that training never had takes (4) in
place of P(y | w), with its longest suffix that the rare words of the training part had: new words look like rare ones.
The best sequence is found by layers.viterbi.
"""
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tinyseq.backend import host, to_device, to_host
from tinyseq.data import Tagged
from tinyseq.layers import viterbi
from tinyseq.training.spans import which_may_follow

np = host.np

RARE = 10              # a word that occurs so often at most teaches what unknown words are like
LETTERS = 10           # of a suffix, at most
LEAST = 1e-6           # the least P(y | w), so that its logarithm is finite


class HiddenMarkovModel:
    """Made with tagged sentences; call: words (T,) -> tags (T,). Of B-kind, I-kind and O only what makes sense."""

    def __init__(self, sentences: Sequence[Tagged]):
        self.tags = sorted({tag for s in sentences for tag in s.tags})
        self.allowed = which_may_follow(self.tags) if "O" in self.tags else None
        number = {tag: k for k, tag in enumerate(self.tags)}
        K = len(self.tags)
        follows = np.zeros((K + 1, K + 1))                             # last row: the start; last column: the end
        self.of_word: dict[str, Any] = defaultdict(lambda: np.zeros(K))
        for s in sentences:
            path = [K, *(number[tag] for tag in s.tags), K]
            np.add.at(follows, (path[:-1], path[1:]), 1)
            for word, tag in zip(s.words, s.tags, strict=True):
                self.of_word[word][number[tag]] += 1
        prior = follows.sum(axis=0) / follows.sum()
        self.follows = np.log((follows + prior) / (follows.sum(axis=1, keepdims=True) + 1))             # (2)
        self.prior = prior[:K] / prior[:K].sum()
        self.of_suffix = _suffixes(self.of_word, K)

    def __call__(self, words: Sequence[str]) -> list[str]:
        scores = np.log(np.stack([self.given(word, t == 0) for t, word in enumerate(words)]) / self.prior)  # (3)
        between, first, last = map(to_device, (self.follows[:-1, :-1], self.follows[-1, :-1], self.follows[:-1, -1]))
        found = to_host(viterbi(to_device(scores[None]), between, first, last, np.array([len(words)]), self.allowed))
        return [self.tags[k] for k in found[0]]

    def given(self, word: str, is_first: bool) -> Any:
        """P(y | w), (K,). The first word of a sentence may be one that training had in small letters."""
        form = word if word in self.of_word or not is_first else word.lower()
        p = self.of_word[form] if form in self.of_word else self._by_suffix(word)
        return np.maximum(p / p.sum(), LEAST)

    def _by_suffix(self, word: str) -> Any:
        p = self.prior
        for suffix in _endings(word):
            n = self.of_suffix.get(suffix)
            if n is None:
                break
            p = (n + p) / (n.sum() + 1)                                                                 # (4)
        return p


def _suffixes(of_word: dict[str, Any], K: int) -> dict[str, Any]:
    """n_sy of all suffixes of rare words, (K,) each."""
    counts: dict[str, Any] = defaultdict(lambda: np.zeros(K))
    for word, n in of_word.items():
        if n.sum() <= RARE:
            for suffix in _endings(word):
                counts[suffix] += n
    return dict(counts)


def _endings(word: str) -> list[str]:
    """The suffixes from the shortest on: first whether the word has a capital or a digit, which are kept apart."""
    kind = ("A" if word[0].isupper() else "a") + ("0" if any(sign.isdigit() for sign in word) else "")
    return [kind + "-" + word[len(word) - k:].lower() for k in range(min(LETTERS, len(word)) + 1)]
